"""The outbox: everything the bot says that must not be lost. One row a message."""

import json
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from bot.clock import to_text

_REPLY = re.compile(r"(u[0-9]+):[0-9]+")


class Lane(IntEnum):
    """Who overtakes whom: answers that somebody waits for, then notices, touches, bulk."""

    PEOPLE = 0
    NOTICE = 1
    TOUCH = 2
    BULK = 3


@dataclass(frozen=True)
class Row:
    id: int
    dedupe_key: str
    lane: Lane
    telegram_id: int
    template: str
    facts: dict[str, Any]
    expires_at: str | None
    attempts: int
    ambiguous: int
    broadcast_id: int | None


def put(
    db: sqlite3.Connection,
    now: datetime,
    telegram_id: int,
    template: str,
    facts: dict[str, Any],
    *,
    key: str,
    lane: Lane,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
    broadcast_id: int | None = None,
) -> bool:
    """Queue a message; returns False when one of the same `key` was queued before (then nothing happens)."""
    cursor = db.execute(
        "INSERT INTO outbox (dedupe_key, lane, telegram_id, template, facts, created_at, not_before,"
        " expires_at, state, broadcast_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?)"
        " ON CONFLICT (dedupe_key) DO NOTHING",
        (
            key,
            int(lane),
            telegram_id,
            template,
            json.dumps(facts, ensure_ascii=False),
            to_text(now),
            to_text(not_before or now),
            to_text(expires_at) if expires_at else None,
            broadcast_id,
        ),
    )
    return cursor.rowcount == 1


def put_anew(
    db: sqlite3.Connection,
    now: datetime,
    telegram_id: int,
    template: str,
    facts: dict[str, Any],
    *,
    key: str,
    lane: Lane,
    expires_at: datetime | None = None,
    broadcast_id: int | None = None,
) -> bool:
    """Queue a message; a row of the same key that came to nothing is used again, and keeps what it counted.

    Returns False when one of the same key waits, is under way or has arrived (then nothing happens).
    """
    more: dict[str, Any] = {"key": key, "lane": lane, "expires_at": expires_at, "broadcast_id": broadcast_id}
    if put(db, now, telegram_id, template, facts, **more):
        return True
    return (
        db.execute(
            "UPDATE outbox SET state = 'waiting', telegram_id = ?, facts = ?, created_at = ?, not_before = ?,"
            " expires_at = ?, attempts = 0, finished_at = NULL, error = NULL"
            " WHERE dedupe_key = ? AND state IN ('cancelled', 'failed', 'expired')",
            (
                telegram_id,
                json.dumps(facts, ensure_ascii=False),
                to_text(now),
                to_text(now),
                to_text(expires_at) if expires_at else None,
                key,
            ),
        ).rowcount
        == 1
    )


def lease(
    db: sqlite3.Connection, now: datetime, lanes: tuple[Lane, Lane], limit: int, busy: Iterable[int]
) -> list[Row]:
    """Take up to `limit` rows of the lanes (first to last) that may go now, at most one a chat, none to a
    chat that is busy; what a chat was to hear first goes first."""
    rows: list[Row] = []
    taken = set(busy)
    text = to_text(now)
    for lane in range(lanes[0], lanes[1] + 1):
        for found in db.execute(
            "SELECT * FROM outbox WHERE state = 'waiting' AND lane = ? AND not_before <= ?"
            # Read as far as needed: however many rows a busy chat has, they hide nobody else's.
            " ORDER BY not_before, id",
            (lane, text),
        ):
            if len(rows) >= limit:
                break
            if found["telegram_id"] in taken:
                continue
            taken.add(found["telegram_id"])
            rows.append(_row(found))
    db.executemany("UPDATE outbox SET state = 'leased' WHERE id = ?", [(row.id,) for row in rows])
    return rows


def anything(db: sqlite3.Connection, now: datetime, lanes: tuple[Lane, Lane]) -> bool:
    """Whether a row of the lanes may go now."""
    found = db.execute(
        "SELECT 1 FROM outbox WHERE state = 'waiting' AND lane BETWEEN ? AND ? AND not_before <= ? LIMIT 1",
        (int(lanes[0]), int(lanes[1]), to_text(now)),
    ).fetchone()
    return found is not None


def next_moment(db: sqlite3.Connection, after: datetime) -> str | None:
    """Return when the next row may go that may not go yet (UTC text), or None."""
    found = db.execute(
        "SELECT min(not_before) FROM outbox WHERE state = 'waiting' AND not_before > ?", (to_text(after),)
    ).fetchone()
    return None if found is None else found[0]


def may_go(db: sqlite3.Connection, now: datetime) -> bool:
    """Whether a row is under way, or waits and may go now."""
    found = db.execute(
        "SELECT EXISTS (SELECT 1 FROM outbox WHERE state IN ('waiting', 'leased')"
        " AND (state = 'leased' OR not_before <= ?))",
        (to_text(now),),
    ).fetchone()
    return bool(found[0])


def on_its_way(db: sqlite3.Connection, template: str) -> bool:
    """Whether a message of this template is still to be sent to anybody."""
    found = db.execute("SELECT 1 FROM outbox WHERE template = ? AND state IN ('waiting', 'leased')", (template,))
    return found.fetchone() is not None


def newest(db: sqlite3.Connection) -> int:
    """Return the highest id in the outbox, 0 when it is empty."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()[0])


def reply_key(trace: str, number: int) -> str:
    """Return the key of the so-many-th answer to an update, of which the log speaks as `trace`."""
    return f"{trace}:{number}"


def note_cause(db: sqlite3.Connection, after: int, trace: str) -> None:
    """Write into the rows queued since row `after` what brought them about, for the log; replies bear it in the key."""
    db.execute(
        "UPDATE outbox SET facts = json_set(facts, '$.cause', :trace)"
        " WHERE id > :after AND dedupe_key NOT GLOB :trace || ':*'",
        {"trace": trace, "after": after},
    )


def trace_of(row: Row) -> str:
    """Return the id under which the log follows a row: that of the update that caused it, else its own."""
    if found := _REPLY.fullmatch(row.dedupe_key):
        return found[1]
    cause = row.facts.get("cause")
    return cause if isinstance(cause, str) else f"o{row.id}"


def void_leases(db: sqlite3.Connection) -> int:
    """At start: what was under way is of unknown outcome, goes once more and is counted. Returns how many."""
    return db.execute("UPDATE outbox SET state = 'waiting', ambiguous = ambiguous + 1 WHERE state = 'leased'").rowcount


def under_way(db: sqlite3.Connection, row_id: int, key: str) -> Row | None:
    """Return the row of this number and key while its send is under way, else None."""
    found = db.execute(
        "SELECT * FROM outbox WHERE id = ? AND dedupe_key = ? AND state = 'leased'", (row_id, key)
    ).fetchone()
    return None if found is None else _row(found)


def clock_went_back(db: sqlite3.Connection, now: datetime) -> int:
    """Free what waits only because the wall clock was set back; what was planned for later stays planned.

    Returns how many rows.
    """
    return db.execute(
        "UPDATE outbox SET not_before = :now WHERE state = 'waiting' AND not_before > :now"
        " AND (not_before = created_at OR attempts > 0)",
        {"now": to_text(now)},
    ).rowcount


def finish(
    db: sqlite3.Connection,
    row: Row,
    now: datetime,
    state: str,
    *,
    message_id: int | None = None,
    error: str | None = None,
    ambiguous: bool = False,
) -> None:
    """Record a row's outcome. A finished answer to a tap or text is erased: the chat has it now."""
    if row.lane is Lane.PEOPLE and state in ("sent", "blocked", "cancelled", "expired"):
        _note_ambiguous(db, now, row.ambiguous + ambiguous)
        db.execute("DELETE FROM outbox WHERE id = ?", (row.id,))
        return
    # An answer that could not be given may hold a person's words; only that it failed is worth keeping.
    facts = "{}" if row.lane is Lane.PEOPLE else json.dumps(row.facts, ensure_ascii=False)
    db.execute(
        "UPDATE outbox SET state = ?, attempts = attempts + 1, ambiguous = ambiguous + ?, message_id = ?,"
        " finished_at = ?, error = ?, facts = ? WHERE id = ?",
        (state, int(ambiguous), message_id, to_text(now), error, facts, row.id),
    )


def retry(db: sqlite3.Connection, row: Row, not_before: datetime, error: str, *, ambiguous: bool) -> None:
    """Put a row back to be tried again from `not_before` on."""
    db.execute(
        "UPDATE outbox SET state = 'waiting', attempts = attempts + 1, ambiguous = ambiguous + ?,"
        " not_before = ?, error = ? WHERE id = ?",
        (int(ambiguous), to_text(not_before), error, row.id),
    )


def release(db: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Give rows back that were leased but never handed to the network."""
    db.executemany("UPDATE outbox SET state = 'waiting' WHERE id = ? AND state = 'leased'", [(row.id,) for row in rows])


def held_key(touchpoint_id: int) -> str:
    """Return the key of a message that is held until an earlier step of its touch is done."""
    return f"held:{touchpoint_id}"


def let_go(db: sqlite3.Connection, touchpoint_id: int, now: datetime) -> bool:
    """Send a held message now; returns False when none is held (any more)."""
    return (
        db.execute(
            "UPDATE outbox SET not_before = ?, lane = ? WHERE dedupe_key = ? AND state = 'waiting'",
            (to_text(now), int(Lane.PEOPLE), held_key(touchpoint_id)),
        ).rowcount
        == 1
    )


def cancel_for(db: sqlite3.Connection, telegram_id: int, now: datetime, reason: str) -> int:
    """Cancel all that still waits for this chat; returns how many rows."""
    return db.execute(
        "UPDATE outbox SET state = 'cancelled', finished_at = ?, error = ? WHERE telegram_id = ? AND state = 'waiting'",
        (to_text(now), reason, telegram_id),
    ).rowcount


def waits(db: sqlite3.Connection, pattern: str) -> bool:
    """Whether a row whose key matches the GLOB pattern is still to go or under way."""
    found = db.execute(
        "SELECT 1 FROM outbox WHERE dedupe_key GLOB ? AND state IN ('waiting', 'leased') LIMIT 1", (pattern,)
    ).fetchone()
    return found is not None


def cancel_key(db: sqlite3.Connection, pattern: str, now: datetime, reason: str) -> int:
    """Cancel waiting rows whose key matches the GLOB pattern; returns how many."""
    return db.execute(
        "UPDATE outbox SET state = 'cancelled', finished_at = ?, error = ?"
        " WHERE dedupe_key GLOB ? AND state = 'waiting'",
        (to_text(now), reason, pattern),
    ).rowcount


def _note_ambiguous(db: sqlite3.Connection, now: datetime, count: int) -> None:
    if count:
        db.execute(
            "INSERT INTO fact (name, value, at) VALUES ('ambiguous_answers', ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + excluded.value, at = excluded.at",
            (str(count), to_text(now)),
        )


def _row(found: sqlite3.Row) -> Row:
    return Row(
        id=found["id"],
        dedupe_key=found["dedupe_key"],
        lane=Lane(found["lane"]),
        telegram_id=found["telegram_id"],
        template=found["template"],
        facts=json.loads(found["facts"]),
        expires_at=found["expires_at"],
        attempts=found["attempts"],
        ambiguous=found["ambiguous"],
        broadcast_id=found["broadcast_id"],
    )
