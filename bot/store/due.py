"""What is due at a look of the timetable, and for whom."""

import sqlite3
from datetime import datetime

from bot.clock import to_text
from bot.store import touches


def anything(db: sqlite3.Connection, now: datetime) -> bool:
    """Whether a session must be planned anew or has begun, or a step is over that nobody touched."""
    text = to_text(now)
    found = db.execute(
        "SELECT EXISTS (SELECT 1 FROM session WHERE replan > 0)"  # noqa: S608 - a constant
        " OR EXISTS (SELECT 1 FROM session WHERE invited_frozen_at IS NULL AND start_at <= ?)"
        f" OR EXISTS (SELECT 1 FROM touchpoint WHERE {touches.CLOSING} AND closes_at <= ?)",
        (text, text),
    ).fetchone()
    return bool(found[0])


def people(db: sqlite3.Connection, now: datetime, limit: int) -> list[int]:
    """Return people (ids) for whom something must be looked at now."""
    text = to_text(now)
    found = db.execute(
        "SELECT person_id FROM touchpoint WHERE look_at <= ? UNION"
        " SELECT person_id FROM touchpoint WHERE remind_at <= ? UNION"
        " SELECT t.person_id FROM broadcast_target t JOIN broadcast b ON b.id = t.broadcast_id"
        " WHERE t.look_at <= ? AND t.person_id IS NOT NULL AND b.state = 'running' UNION"
        " SELECT person_id FROM account WHERE paused_until <= ? AND person_id IS NOT NULL LIMIT ?",
        (text, text, text, text, limit),
    )
    return [int(row[0]) for row in found]


def steps(db: sqlite3.Connection, now: datetime, person_id: int) -> list[sqlite3.Row]:
    """Return the person's touchpoints that the gate must judge now."""
    return db.execute(
        "SELECT * FROM touchpoint WHERE person_id = ? AND look_at <= ? "
        " AND state IN ('planned', 'deferred') ORDER BY id",
        (person_id, to_text(now)),
    ).fetchall()


def reminders(db: sqlite3.Connection, now: datetime, person_id: int) -> list[sqlite3.Row]:
    """Return the person's touchpoints that are open and to be reminded of, the oldest first."""
    return db.execute(
        "SELECT * FROM touchpoint WHERE person_id = ? AND remind_at <= ? AND state = 'sent'"
        " AND answered_at IS NULL AND skipped_at IS NULL AND closed_at IS NULL ORDER BY sent_at, id",
        (person_id, to_text(now)),
    ).fetchall()


def targets(db: sqlite3.Connection, now: datetime, person_id: int) -> list[sqlite3.Row]:
    """Return the person's copies of running broadcasts that the gate must judge now."""
    return db.execute(
        "SELECT t.*, b.urgent, b.session_id, b.start_at, json_array_length(b.messages) AS weight"
        " FROM broadcast_target t"
        " JOIN broadcast b ON b.id = t.broadcast_id WHERE t.person_id = ? AND t.look_at <= ?"
        " AND b.state = 'running' ORDER BY t.id",
        (person_id, to_text(now)),
    ).fetchall()


def next_touch(db: sqlite3.Connection, now: datetime, person_id: int, before: datetime) -> str | None:
    """Return when the person's next touch is due that is no notice and comes before an instant, or None."""
    found: str | None = db.execute(
        "SELECT min(look_at) FROM touchpoint WHERE person_id = ? AND notice = 0 AND look_at > ? AND look_at < ?",
        (person_id, to_text(now), to_text(before)),
    ).fetchone()[0]
    return found
