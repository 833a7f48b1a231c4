"""Reflections that were shared on purpose: which, with which unit's coordinators, when. The words are in answers.py."""

import sqlite3
from datetime import datetime

from bot.clock import to_text


def share(db: sqlite3.Connection, now: datetime, question: sqlite3.Row, unit_id: int) -> bool:
    """Note that the writer shares the answer to a question with a unit's coordinators; False the second time."""
    return (
        db.execute(
            "INSERT INTO reflection_share (question_id, person_id, unit_id, at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (question_id) DO NOTHING",
            (question["id"], question["person_id"], unit_id, to_text(now)),
        ).rowcount
        == 1
    )


def get(db: sqlite3.Connection, question_id: int) -> sqlite3.Row | None:
    """Return what was shared, or None."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM reflection_share WHERE question_id = ?", (question_id,)
    ).fetchone()
    return row


def readers(db: sqlite3.Connection, unit_id: int) -> list[sqlite3.Row]:
    """Return the active coordinators of a unit: telegram_id and name."""
    return db.execute(
        "SELECT a.telegram_id, max(c.name) AS name FROM coordinator c JOIN account a ON a.id = c.account_id"
        " WHERE c.unit_id = ? AND c.state = 'active' AND a.withdrawn_at IS NULL GROUP BY a.telegram_id ORDER BY 2",
        (unit_id,),
    ).fetchall()
