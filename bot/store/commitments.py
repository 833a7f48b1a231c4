"""Commitments: the value, the state, and what became of them. The words are in bot/store/answers.py."""

import sqlite3
from datetime import datetime

from bot.clock import to_text


def draft(db: sqlite3.Connection, touchpoint: sqlite3.Row) -> sqlite3.Row:
    """Return the commitment of a commitment's touchpoint; begins an empty one if there is none."""
    db.execute(
        "INSERT INTO commitment (touchpoint_id, participant_id, person_id, state) VALUES (?, ?, ?, 'draft')"
        " ON CONFLICT (touchpoint_id) DO NOTHING",
        (touchpoint["id"], touchpoint["participant_id"], touchpoint["person_id"]),
    )
    row: sqlite3.Row = db.execute("SELECT * FROM commitment WHERE touchpoint_id = ?", (touchpoint["id"],)).fetchone()
    return row


def choose_value(db: sqlite3.Connection, commitment_id: int, value: str) -> None:
    """Note the value that the commitment is about."""
    db.execute("UPDATE commitment SET value = ? WHERE id = ?", (value, commitment_id))


def made(db: sqlite3.Connection, now: datetime, commitment_id: int) -> bool:
    """Note that the person confirmed the sentence read back; returns False when that was known."""
    return (
        db.execute(
            "UPDATE commitment SET state = 'made', made_at = ? WHERE id = ? AND state = 'draft'",
            (to_text(now), commitment_id),
        ).rowcount
        == 1
    )


def of_touchpoint(db: sqlite3.Connection, touchpoint_id: int) -> sqlite3.Row | None:
    """Return the commitment begun at a touchpoint, or None."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM commitment WHERE touchpoint_id = ?", (touchpoint_id,)
    ).fetchone()
    return row


def of_participant(db: sqlite3.Connection, participant_id: int) -> sqlite3.Row | None:
    """Return the newest commitment a participant has made, or None."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM commitment WHERE participant_id = ? AND state <> 'draft' ORDER BY made_at DESC, id DESC LIMIT 1",
        (participant_id,),
    ).fetchone()
    return row


def of_person(db: sqlite3.Connection, person_id: int) -> list[sqlite3.Row]:
    """Return all commitments that a person has made, the newest first."""
    return db.execute(
        "SELECT * FROM commitment WHERE person_id = ? AND state <> 'draft' ORDER BY made_at DESC", (person_id,)
    ).fetchall()


def check(db: sqlite3.Connection, now: datetime, touchpoint_id: int, commitment_id: int, outcome: str) -> None:
    """Keep what the person says became of the commitment: kept, not_yet, changed."""
    db.execute(
        "INSERT INTO commitment_check (touchpoint_id, commitment_id, outcome, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (touchpoint_id) DO UPDATE SET outcome = excluded.outcome, at = excluded.at",
        (touchpoint_id, commitment_id, outcome, to_text(now)),
    )
    db.execute("UPDATE commitment SET state = ? WHERE id = ?", (outcome, commitment_id))


def checked(db: sqlite3.Connection, touchpoint_id: int) -> sqlite3.Row | None:
    """Return what was said at a follow-up, or None."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM commitment_check WHERE touchpoint_id = ?", (touchpoint_id,)
    ).fetchone()
    return row
