"""Updates as they came from Telegram, kept until they are handled."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import to_text

# update_id is sequential only while updates flow; after a silent week it starts anywhere (Bot API, Update).
SAME_ID_MEANS_SAME_UPDATE = timedelta(hours=48)
MOST_ATTEMPTS = 3
_DONE = "UPDATE incoming SET state = 'done', raw = NULL, error = NULL, handled_at = ? WHERE id"


@dataclass(frozen=True)
class Incoming:
    """An update that is stored and not yet handled; `lane` is the chat or user whose order it keeps."""

    id: int
    lane: int
    raw: str
    attempts: int
    update_id: int = 0


def keep(db: sqlite3.Connection, now: datetime, updates: list[tuple[int, int, str]]) -> list[Incoming]:
    """Store a batch of (update_id, lane, raw JSON); returns those that were not known already."""
    # Of one that came twice in a batch, the first.
    new = {update_id: (lane, raw) for update_id, lane, raw in reversed(updates)}
    # A clock that was set back must not make a repeated update look new: later rows count as well.
    known = db.execute(
        "SELECT update_id FROM incoming WHERE received_at >= ? AND update_id IN (SELECT value FROM json_each(?))",
        (to_text(now - SAME_ID_MEANS_SAME_UPDATE), json.dumps(list(new))),
    )
    for row in known.fetchall():
        new.pop(row["update_id"], None)
    return _insert(db, now, [(number, *new.pop(number)) for number, _, _ in updates if number in new])


def _insert(db: sqlite3.Connection, now: datetime, updates: list[tuple[int, int, str]]) -> list[Incoming]:
    if not updates:
        return []
    # A batch in one statement: each statement gives the interpreter's lock away, and waits to have it back.
    stamp = to_text(now)
    places = ", ".join(["(?, ?, ?, ?, 'waiting')"] * len(updates))
    into = f"INSERT INTO incoming (update_id, received_at, lane, raw, state) VALUES {places} RETURNING update_id, id"  # noqa: S608 - question marks alone
    ids = dict(
        db.execute(into, [value for number, lane, raw in updates for value in (number, stamp, lane, raw)]).fetchall()
    )
    return [Incoming(ids[number], lane, raw, 0, number) for number, lane, raw in updates]


def waiting(db: sqlite3.Connection) -> list[Incoming]:
    """Return all that is stored and not handled, in the order it came."""
    return [
        Incoming(row["id"], row["lane"], row["raw"], row["attempts"], row["update_id"])
        for row in db.execute("SELECT * FROM incoming WHERE state = 'waiting' ORDER BY id")
    ]


def anything_waits(db: sqlite3.Connection) -> bool:
    """Whether an update is stored and not handled."""
    return bool(db.execute("SELECT EXISTS (SELECT 1 FROM incoming WHERE state = 'waiting')").fetchone()[0])


def is_waiting(db: sqlite3.Connection, row_id: int) -> bool:
    """Whether the update has still to be handled."""
    found = db.execute("SELECT state FROM incoming WHERE id = ?", (row_id,)).fetchone()
    return found is not None and found["state"] == "waiting"


def settle(db: sqlite3.Connection, now: datetime, row_ids: Sequence[int]) -> None:
    """Mark updates handled that nobody wanted, unless they are settled otherwise, and erase what they held."""
    which = "IN (SELECT value FROM json_each(?)) AND state = 'waiting'"
    db.execute(f"{_DONE} {which}", (to_text(now), json.dumps(list(row_ids))))


def done(db: sqlite3.Connection, row_id: int, now: datetime) -> None:
    """Mark an update handled and erase what it held."""
    db.execute(f"{_DONE} = ?", (to_text(now), row_id))


def forget_whose(db: sqlite3.Connection, row_id: int) -> None:
    """Keep no longer whose update this was: its sender is erased by it."""
    db.execute("UPDATE incoming SET lane = 0 WHERE id = ?", (row_id,))


def failed(db: sqlite3.Connection, row_id: int, now: datetime, error: str) -> bool:
    """Count a failed try; after the third the update is kept aside. Returns whether it was the last."""
    row = db.execute(
        "UPDATE incoming SET attempts = attempts + 1, error = ? WHERE id = ? RETURNING attempts",
        (error, row_id),
    ).fetchone()
    last = row is not None and row["attempts"] >= MOST_ATTEMPTS
    if last:
        db.execute("UPDATE incoming SET state = 'aside', handled_at = ? WHERE id = ?", (to_text(now), row_id))
    return last


def unreadable(db: sqlite3.Connection, row_id: int, now: datetime) -> None:
    """Keep a stored update aside at once that no try can read."""
    db.execute(
        "UPDATE incoming SET state = 'aside', attempts = 1, error = 'Unreadable', handled_at = ? WHERE id = ?",
        (to_text(now), row_id),
    )


def aside(db: sqlite3.Connection, update_id: int, now: datetime, raw: str, error: str) -> None:
    """Keep an update that cannot even be read, so that it can be stepped over."""
    db.execute(
        "INSERT INTO incoming (update_id, received_at, lane, raw, state, attempts, error, handled_at)"
        " VALUES (?, ?, 0, ?, 'aside', 1, ?, ?)",
        (update_id, to_text(now), raw, error, to_text(now)),
    )


def forget_old(db: sqlite3.Connection, now: datetime) -> None:
    """Drop handled updates after 48 hours and those kept aside after 7 days."""
    db.execute(
        "DELETE FROM incoming WHERE state = 'done' AND received_at < ?",
        (to_text(now - SAME_ID_MEANS_SAME_UPDATE),),
    )
    db.execute("DELETE FROM incoming WHERE state = 'aside' AND received_at < ?", (to_text(now - timedelta(days=7)),))
