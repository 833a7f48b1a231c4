"""Small facts of the running bot, and the audit of what people with rights did."""

import sqlite3
from datetime import datetime

from bot.clock import to_text

# The name of the fact that holds the bot's name as getMe said it last.
BOT_USERNAME = "bot_username"


def set_fact(db: sqlite3.Connection, name: str, value: str, now: datetime) -> None:
    """Remember a value under a name, with the time."""
    db.execute(
        "INSERT INTO fact (name, value, at) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at",
        (name, value, to_text(now)),
    )


def fact(db: sqlite3.Connection, name: str) -> str | None:
    """Return the value remembered under the name, or None."""
    row = db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row["value"])


def fact_with_time(db: sqlite3.Connection, name: str) -> tuple[str, str] | None:
    """Return value and instant (UTC text) remembered under the name, or None."""
    row = db.execute("SELECT value, at FROM fact WHERE name = ?", (name,)).fetchone()
    return None if row is None else (str(row["value"]), str(row["at"]))


def drop_fact(db: sqlite3.Connection, name: str) -> None:
    """Forget the value under the name."""
    db.execute("DELETE FROM fact WHERE name = ?", (name,))


def audit(db: sqlite3.Connection, now: datetime, actor: str, act: str, subject: str) -> None:
    """Add a line to the audit: who did what to what. Never a word that a person wrote."""
    db.execute("INSERT INTO audit (at, actor, act, subject) VALUES (?, ?, ?, ?)", (to_text(now), actor, act, subject))


def audited(db: sqlite3.Connection, limit: int, before: int = 0) -> list[sqlite3.Row]:
    """Return lines of the audit, newest first, leaving out the newest `before`."""
    newest = audit_length(db) - before
    return db.execute("SELECT * FROM audit WHERE id <= ? ORDER BY id DESC LIMIT ?", (newest, limit)).fetchall()


def audit_length(db: sqlite3.Connection) -> int:
    """Return how many lines the audit has."""
    # It is only added to, one line after the other: the newest one's number is their count.
    return int(db.execute("SELECT coalesce(max(id), 0) FROM audit").fetchone()[0])


_NAMED = {
    "session": "SELECT title FROM session WHERE id = ?",
    "unit": "SELECT name FROM unit WHERE id = ?",
    "person": "SELECT name FROM person WHERE id = ?",
    "coordinator": "SELECT coalesce(c.name || ', ', '') || u.name FROM coordinator c"
    " JOIN unit u ON u.id = c.unit_id WHERE c.id = ?",
    "telegram": "SELECT coalesce(p.name, (SELECT c.name FROM coordinator c WHERE c.account_id = a.id"
    " AND c.name IS NOT NULL ORDER BY c.id DESC)) FROM account a"
    " LEFT JOIN person p ON p.id = a.person_id WHERE a.telegram_id = ?",
}


def named(db: sqlite3.Connection, kind: str, key: str) -> str | None:
    """Return what an id of the audit is called now, or None: the audit itself holds no name."""
    if kind not in _NAMED or not key.isdigit():
        return None
    row = db.execute(_NAMED[kind], (int(key),)).fetchone()
    return None if row is None else row[0]
