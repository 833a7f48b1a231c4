"""Queries behind a session's impact report. Counts and scores without names: no free text, nobody's identity.

Results are those of the session's own participants who take part still: guests are counted apart, and who has
withdrawn is not evaluated. Every query walks one session's participants, never the whole history.
"""

import json
import sqlite3
from datetime import datetime
from typing import Any

from bot.clock import to_text

_MEMBER = """
    WITH member AS (
        SELECT c.id, coalesce(i.unit_id, p.unit_id) AS unit_id, c.checked_in_at FROM participant c
        JOIN person p ON p.id = c.person_id
        JOIN account a ON a.person_id = c.person_id AND a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL
        LEFT JOIN session_invited i ON i.session_id = c.session_id AND i.person_id = c.person_id
        WHERE c.session_id = :session AND c.guest = 0
    )
"""
_INVITED = """
    SELECT person_id, unit_id FROM session_invited WHERE session_id = :session
    UNION
    SELECT p.id, p.unit_id FROM session s JOIN session_unit su ON su.session_id = s.id
    JOIN person p ON p.unit_id = su.unit_id AND p.gone_at IS NULL
    WHERE s.id = :session AND s.invited_frozen_at IS NULL
"""


def attendance(db: sqlite3.Connection, session_id: int) -> dict[str, int]:
    """Return people invited, of these joined and attended (checked in), and guests."""
    row = db.execute(
        f"WITH invited AS ({_INVITED}) SELECT count(*) AS invited,"  # noqa: S608 - a constant
        " coalesce(sum(a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL), 0) AS joined,"
        " coalesce(sum(c.checked_in_at IS NOT NULL), 0) AS attended,"
        " (SELECT count(*) FROM participant WHERE session_id = :session AND guest = 1) AS guests"
        " FROM invited i LEFT JOIN account a ON a.person_id = i.person_id"
        " LEFT JOIN participant c ON c.session_id = :session AND c.person_id = i.person_id AND c.guest = 0",
        {"session": session_id},
    ).fetchone()
    return {key: int(row[key]) for key in row.keys()}  # noqa: SIM118 - a Row iterates over values


def attendance_by_unit(db: sqlite3.Connection, session_id: int) -> list[sqlite3.Row]:
    """Return for each invited unit (unit_id, name): people invited and of these joined, by name."""
    return db.execute(
        f"WITH invited AS ({_INVITED}) SELECT u.id AS unit_id, u.name, count(*) AS invited,"  # noqa: S608 - a constant
        " coalesce(sum(a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL), 0) AS joined"
        " FROM invited i JOIN unit u ON u.id = i.unit_id LEFT JOIN account a ON a.person_id = i.person_id"
        " GROUP BY u.id ORDER BY u.name",
        {"session": session_id},
    ).fetchall()


def people_who(db: sqlite3.Connection, session_id: int) -> dict[str, int]:
    """Return how many people reflected, finished a quiz after the session, made a commitment, and say now that
    they kept it."""
    row = _of_members(
        db,
        session_id,
        "SELECT coalesce(sum(EXISTS (SELECT 1 FROM touchpoint t WHERE t.participant_id = m.id"
        " AND t.kind = 'reflection' AND t.answered_at IS NOT NULL)), 0) AS reflected,"
        " coalesce(sum(EXISTS (SELECT 1 FROM touchpoint t WHERE t.participant_id = m.id"
        " AND t.kind IN ('quiz', 'postquiz') AND t.answered_at IS NOT NULL)), 0) AS quizzed,"
        " coalesce(sum(EXISTS (SELECT 1 FROM commitment k WHERE k.participant_id = m.id"
        " AND k.state <> 'draft')), 0) AS committed,"
        " coalesce(sum(EXISTS (SELECT 1 FROM commitment k WHERE k.participant_id = m.id"
        " AND k.state = 'kept')), 0) AS kept FROM member m",
    ).fetchone()
    return {key: int(row[key]) for key in row.keys()}  # noqa: SIM118 - a Row iterates over values


def reactions(db: sqlite3.Connection, session_id: int) -> list[int]:
    """Return how many people gave each reaction, from 1 to 5."""
    counts = [0] * 5
    for row in _of_members(
        db,
        session_id,
        "SELECT r.score, count(DISTINCT m.id) AS people FROM member m"
        " JOIN touchpoint t ON t.participant_id = m.id JOIN reaction r ON r.touchpoint_id = t.id GROUP BY r.score",
    ):
        counts[row["score"] - 1] = int(row["people"])
    return counts


def selfchecks(db: sqlite3.Connection, session_id: int) -> list[sqlite3.Row]:
    """Return for each value that people rated themselves on: value, people, their mean level (1 to 4)."""
    return _of_members(
        db,
        session_id,
        "SELECT s.value, count(DISTINCT m.id) AS people, avg(s.level) AS mean FROM member m"
        " JOIN touchpoint t ON t.participant_id = m.id JOIN selfcheck s ON s.touchpoint_id = t.id"
        " GROUP BY s.value ORDER BY s.value",
    ).fetchall()


def missed_items(db: sqlite3.Connection, session_id: int) -> list[sqlite3.Row]:
    """Return for each item asked after the session: item, people who answered, and who was wrong the first time."""
    return _of_members(
        db,
        session_id,
        ", first AS (SELECT q.item, m.id, q.correct, min(q.answered_at) FROM member m"
        " JOIN touchpoint t ON t.participant_id = m.id AND t.kind IN ('quiz', 'postquiz')"
        " JOIN quiz_item q ON q.touchpoint_id = t.id AND q.answered_at IS NOT NULL GROUP BY q.item, m.id)"
        " SELECT item, count(*) AS people, sum(1 - correct) AS wrong FROM first GROUP BY item ORDER BY item",
    ).fetchall()


def score_pairs(db: sqlite3.Connection, session_id: int) -> list[sqlite3.Row]:
    """Return for each person with both quizzes whole: unit_id, items, before, after (right answers).

    The first counts only if it was done before the session's end; both must have asked equally many items.
    """
    return _of_members(
        db,
        session_id,
        ", score AS (SELECT t.participant_id, t.kind, count(*) AS items, sum(q.correct) AS correct"
        " FROM session s JOIN touchpoint t ON t.session_id = s.id"
        " AND (t.kind = 'postquiz' OR t.kind = 'prequiz' AND t.answered_at < s.end_at)"
        " JOIN quiz_item q ON q.touchpoint_id = t.id WHERE s.id = :session AND t.answered_at IS NOT NULL"
        # The plus keeps the planner from grouping in the order of an index over all sessions.
        " GROUP BY +t.participant_id, t.kind HAVING count(*) = count(q.answered_at))"
        " SELECT m.unit_id, b.items, b.correct AS before, a.correct AS after FROM member m"
        " JOIN score b ON b.participant_id = m.id AND b.kind = 'prequiz'"
        " JOIN score a ON a.participant_id = m.id AND a.kind = 'postquiz' AND a.items = b.items",
    ).fetchall()


def halves(db: sqlite3.Connection, session_id: int, step: str, until: datetime) -> list[sqlite3.Row]:
    """Return for each person drawn into a half who finished this quiz by `until`: later (0 or 1), items, score."""
    return db.execute(
        _MEMBER + "SELECT c.later, count(*) AS items, sum(q.correct) AS score FROM member m"  # noqa: S608 - a constant
        " JOIN participant c ON c.id = m.id AND c.later IS NOT NULL"
        " JOIN touchpoint t ON t.participant_id = m.id AND t.step = :step AND t.answered_at < :until"
        " JOIN quiz_item q ON q.touchpoint_id = t.id GROUP BY m.id HAVING count(*) = count(q.answered_at)",
        {"session": session_id, "step": step, "until": to_text(until)},
    ).fetchall()


def shown(db: sqlite3.Connection, session_id: int) -> dict[str, Any]:
    """Return the cells as they were last shown; none yet: {}."""
    row = db.execute("SELECT cells FROM impact WHERE session_id = ?", (session_id,)).fetchone()
    if row is None:
        return {}
    cells: dict[str, Any] = json.loads(row["cells"])
    return cells


def show(db: sqlite3.Connection, now: datetime, session_id: int, cells: dict[str, Any]) -> None:
    """Keep the cells that are shown from now on."""
    db.execute(
        "INSERT INTO impact (session_id, cells, counted_at) VALUES (?, ?, ?)"
        " ON CONFLICT (session_id) DO UPDATE SET cells = excluded.cells, counted_at = excluded.counted_at",
        (session_id, json.dumps(cells), to_text(now)),
    )


def _of_members(db: sqlite3.Connection, session_id: int, query: str) -> sqlite3.Cursor:
    return db.execute(_MEMBER + query, {"session": session_id})
