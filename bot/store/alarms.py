"""The alarms as they stand, and the facts in the store that they are judged by."""

import sqlite3
from datetime import datetime, timedelta

from bot.clock import from_text, to_text
from bot.domain.alarm import Alarm

# By then an outbox row has been tried for more than six minutes (the steps of bot/delivery/record.py).
MANY_TRIES = 6
ALARM = "alarm"


def get(db: sqlite3.Connection, kind: str) -> Alarm | None:
    """Return the alarm of this kind, or None."""
    row = db.execute("SELECT * FROM alarm WHERE kind = ?", (kind,)).fetchone()
    if row is None:
        return None
    return Alarm(from_text(row["since"]), row["told"], _at(row["told_at"]), _at(row["ended_at"]), bool(row["owed"]))


def keep(db: sqlite3.Connection, kind: str, alarm: Alarm | None) -> None:
    """Keep the alarm of this kind as it now stands; None drops it."""
    if alarm is None:
        db.execute("DELETE FROM alarm WHERE kind = ?", (kind,))
        return
    told_at, ended_at = (to_text(at) if at else None for at in (alarm.told_at, alarm.ended_at))
    db.execute(
        "INSERT INTO alarm (kind, since, told, told_at, ended_at, owed) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (kind) DO UPDATE SET since = excluded.since, told = excluded.told, told_at = excluded.told_at,"
        " ended_at = excluded.ended_at, owed = excluded.owed",
        (kind, to_text(alarm.since), alarm.told, told_at, ended_at, int(alarm.owed)),
    )


def open_ones(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return kind and begin (UTC text) of each trouble that lasts, the oldest first."""
    rows = db.execute("SELECT kind, since FROM alarm WHERE ended_at IS NULL ORDER BY since, kind")
    return [(row["kind"], row["since"]) for row in rows]


def stalled(db: sqlite3.Connection, now: datetime, patience: timedelta) -> int:
    """Return how many messages wait too long; 0 while the queue moves.

    Notices and answers must go within `patience`; bulk may take longer as long as anything of it goes. The alarms'
    own messages do not count.
    """
    names = {"limit": to_text(now - patience), "tries": MANY_TRIES, "alarm": ALARM}
    waiting = (
        "state IN ('waiting', 'leased') AND template <> :alarm"
        " AND (attempts >= :tries OR attempts = 0 AND not_before < :limit)"
    )
    urgent, all_of_them = db.execute(
        f"SELECT coalesce(sum(lane <= 1), 0), count(*) FROM outbox WHERE {waiting}",  # noqa: S608 - a constant
        names,
    ).fetchone()
    moves = db.execute("SELECT 1 FROM outbox WHERE finished_at >= :limit LIMIT 1", names).fetchone()
    return int(all_of_them) if urgent or not moves else 0


def kept_aside(db: sqlite3.Connection, since: datetime) -> int:
    """Return how many updates were kept aside since then."""
    row = db.execute(
        "SELECT count(*) FROM incoming WHERE state = 'aside' AND handled_at >= ?", (to_text(since),)
    ).fetchone()
    return int(row[0])


def undelivered(db: sqlite3.Connection, pattern: str) -> int:
    """Return how many messages whose key matches the GLOB pattern came to nothing for a reason of ours."""
    row = db.execute(
        "SELECT count(*) FROM outbox WHERE dedupe_key GLOB ? AND state IN ('expired', 'failed')", (pattern,)
    ).fetchone()
    return int(row[0])


def _at(text: str | None) -> datetime | None:
    return from_text(text) if text else None
