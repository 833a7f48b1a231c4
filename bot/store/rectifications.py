"""Corrections that people asked for (/perbaiki): dated tasks for the admins.

The wish is the one word of a person that others may read, for it is addressed to them: it is looked up as the
message to the admins is sent, stands in /dataku, and is erased when the task is done.
"""

import sqlite3
from datetime import datetime

from bot.clock import to_text


def add(
    db: sqlite3.Connection, now: datetime, person_id: int, telegram_id: int, wish: str, due: datetime, remind: datetime
) -> int:
    """Keep a task; returns its number."""
    cursor = db.execute(
        "INSERT INTO rectification (person_id, telegram_id, wish, asked_at, due_at, remind_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (person_id, telegram_id, wish, to_text(now), to_text(due), to_text(remind)),
    )
    return cursor.lastrowid or 0


def get(db: sqlite3.Connection, task: int) -> sqlite3.Row | None:
    """Return the task with the person's name, unit and present chat (`told_at`), or None."""
    row: sqlite3.Row | None = db.execute(
        "SELECT r.*, p.name, u.name AS unit, coalesce(a.telegram_id, r.telegram_id) AS told_at FROM rectification r"
        " JOIN person p ON p.id = r.person_id JOIN unit u ON u.id = p.unit_id"
        " LEFT JOIN account a ON a.person_id = p.id WHERE r.id = ?",
        (task,),
    ).fetchone()
    return row


def open_ones(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return the tasks that are not done, the first due first: id, due_at."""
    return db.execute("SELECT id, due_at FROM rectification WHERE done_at IS NULL ORDER BY due_at, id").fetchall()


def to_remind(db: sqlite3.Connection, now: datetime) -> list[sqlite3.Row]:
    """Return the open tasks whose reminder is due."""
    return db.execute(
        "SELECT id, asked_at, reminded FROM rectification WHERE done_at IS NULL AND remind_at <= ? ORDER BY id",
        (to_text(now),),
    ).fetchall()


def reminded(db: sqlite3.Connection, task: int, number: int, next_at: datetime) -> None:
    """Note how many reminders are behind the task, and when the next one goes."""
    db.execute("UPDATE rectification SET reminded = ?, remind_at = ? WHERE id = ?", (number, to_text(next_at), task))


def close(db: sqlite3.Connection, now: datetime, task: int, admin: int, outcome: str) -> bool:
    """Close a task as "done" or "refused" and erase the wish; returns False when it was closed before."""
    return (
        db.execute(
            "UPDATE rectification SET done_at = ?, done_by = ?, outcome = ?, wish = NULL, remind_at = NULL"
            " WHERE id = ? AND done_at IS NULL",
            (to_text(now), admin, outcome, task),
        ).rowcount
        == 1
    )
