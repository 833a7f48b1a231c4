"""What a person has done on the way, for the own cards of progress and recap; counts and choices, no words."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True)
class Quizzed:
    """Items answered, and how many of them were right."""

    asked: int
    right: int


def newest_participant(db: sqlite3.Connection, person_id: int) -> sqlite3.Row | None:
    """Return the participant row of the session that the person joined last, or None."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM participant WHERE person_id = ? ORDER BY joined_at DESC, id DESC LIMIT 1", (person_id,)
    ).fetchone()
    return row


def steps(db: sqlite3.Connection, participant_id: int) -> tuple[int, int]:
    """Return how many steps ask for something, and how many of them are answered or skipped."""
    found = db.execute(
        "SELECT count(*) AS total, coalesce(sum(answered_at IS NOT NULL OR skipped_at IS NOT NULL), 0) AS done"
        " FROM touchpoint WHERE participant_id = ? AND kind NOT IN ('reminder', 'recap')"
        " AND NOT (state = 'cancelled')",
        (participant_id,),
    ).fetchone()
    return found["total"], found["done"]


def quizzed_by_value(db: sqlite3.Connection, person_id: int) -> dict[str, Quizzed]:
    """Return what the person answered of each value, over all sessions."""
    return {
        row["value"]: Quizzed(row["n"], row["good"])
        for row in db.execute(
            "SELECT value, count(*) AS n, sum(correct) AS good FROM quiz_item"
            " WHERE person_id = ? AND answered_at IS NOT NULL GROUP BY value",
            (person_id,),
        )
    }


def quizzed(db: sqlite3.Connection, participant_id: int) -> Quizzed:
    """Return what a participant answered in the quizzes of this session."""
    found = db.execute(
        "SELECT count(*) AS n, coalesce(sum(q.correct), 0) AS good FROM quiz_item q"
        " JOIN touchpoint t ON t.id = q.touchpoint_id WHERE t.participant_id = ? AND q.answered_at IS NOT NULL",
        (participant_id,),
    ).fetchone()
    return Quizzed(found["n"], found["good"])


def reflected(db: sqlite3.Connection, participant_id: int) -> tuple[int, str | None]:
    """Return the number of reflections answered, and when the participant answered anything last."""
    found = db.execute(
        "SELECT coalesce(sum(kind = 'reflection'), 0), max(answered_at) FROM touchpoint"
        " WHERE participant_id = ? AND answered_at IS NOT NULL",
        (participant_id,),
    ).fetchone()
    return found[0], found[1]
