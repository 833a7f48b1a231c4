"""Broadcasts and their ledger: one target an account, in exactly one state."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.clock import to_text
from bot.domain.piece import Piece, to_json

TARGET_STATES = ("planned", "deferred", "queued", "delivered", "blocked", "failed", "expired", "stopped")
# Why a target counts as delivered, or was stopped, without anybody knowing whether the copy arrived.
UNCERTAIN = "uncertain"
MAYBE = "maybe"


@dataclass(frozen=True)
class Target:
    """Whom a broadcast goes to; `person_id` is None for a coordinator or admin who is no participant."""

    telegram_id: int
    person_id: int | None


def create(
    db: sqlite3.Connection,
    now: datetime,
    admin: int,
    messages: list[int],
    audience: str,
    targets: Iterable[Target],
    *,
    start: datetime,
    never_joined: int,
    urgent: bool = False,
    session_id: int | None = None,
    pieces: Sequence[Piece] = (),
) -> int:
    """Keep a confirmed broadcast of the admin's own messages (ids in the admin's chat); returns its id."""
    state = "running" if start <= now else "scheduled"
    broadcast_id = (
        db.execute(
            "INSERT INTO broadcast (admin_telegram_id, messages, audience, session_id, urgent, never_joined, state,"
            " created_at, start_at, pieces) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                admin,
                json.dumps(messages),
                audience,
                session_id,
                int(urgent),
                never_joined,
                state,
                to_text(now),
                to_text(start),
                json.dumps(to_json(pieces), ensure_ascii=False),
            ),
        ).lastrowid
        or 0
    )
    db.executemany(
        "INSERT OR IGNORE INTO broadcast_target (broadcast_id, telegram_id, person_id, state, look_at, reason)"
        " VALUES (?, ?, ?, 'planned', ?, 'planned')",
        [(broadcast_id, target.telegram_id, target.person_id, to_text(start)) for target in targets],
    )
    return broadcast_id


def get(db: sqlite3.Connection, broadcast_id: int) -> sqlite3.Row | None:
    """Return a broadcast, or None."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()
    return row


def received(db: sqlite3.Connection, broadcast_id: int, telegram_id: int) -> sqlite3.Row | None:
    """Return a broadcast (with the target's person_id) if it is for this chat, else None."""
    row: sqlite3.Row | None = db.execute(
        "SELECT b.*, t.person_id FROM broadcast b JOIN broadcast_target t ON t.broadcast_id = b.id"
        " WHERE b.id = ? AND t.telegram_id = ?",
        (broadcast_id, telegram_id),
    ).fetchone()
    return row


def active(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return the broadcasts that are scheduled or running, or are being corrected."""
    return db.execute(
        "SELECT * FROM broadcast WHERE state IN ('scheduled', 'running') UNION"
        " SELECT * FROM broadcast WHERE correcting = 1 ORDER BY id"
    ).fetchall()


def latest(db: sqlite3.Connection, limit: int) -> list[sqlite3.Row]:
    """Return the newest broadcasts, the newest first."""
    return db.execute("SELECT * FROM broadcast ORDER BY id DESC LIMIT ?", (limit,)).fetchall()


def tally(db: sqlite3.Connection, broadcast_id: int) -> dict[str, int]:
    """Return how many targets are in each state; every state is named."""
    found = dict.fromkeys(TARGET_STATES, 0)
    for row in db.execute(
        "SELECT state, count(*) AS n FROM broadcast_target WHERE broadcast_id = ? GROUP BY state", (broadcast_id,)
    ):
        found[row["state"]] = int(row["n"])
    return found


def due_role_targets(db: sqlite3.Connection, now: datetime) -> list[sqlite3.Row]:
    """Return due targets that are no participants (coordinators, admins), with the broadcast's start."""
    return db.execute(
        "SELECT t.*, b.start_at, json_array_length(b.messages) AS weight"
        " FROM broadcast_target t JOIN broadcast b ON b.id = t.broadcast_id"
        " WHERE t.look_at IS NOT NULL AND t.look_at <= ? AND t.person_id IS NULL AND b.state = 'running'"
        " ORDER BY t.id",
        (to_text(now),),
    ).fetchall()


def set_target(
    db: sqlite3.Connection, target_id: int, state: str, reason: str, look_at: datetime | None = None
) -> None:
    """Move a target to a state, by a rule."""
    db.execute(
        "UPDATE broadcast_target SET state = ?, reason = ?, look_at = ? WHERE id = ?",
        (state, reason, to_text(look_at) if look_at else None, target_id),
    )


def put_back(db: sqlite3.Connection, now: datetime, broadcast_id: int, telegram_id: int) -> bool:
    """Give a participant's copy that was not sent within the hours back to the gate; False for any other.

    The gate ends it when the broadcast's own time is over; the row of the outbox is used again.
    """
    given = db.execute(
        "UPDATE broadcast_target SET state = 'deferred', reason = 'not_delivered', look_at = ?"
        " WHERE broadcast_id = ? AND telegram_id = ? AND state = 'queued' AND person_id IS NOT NULL AND EXISTS"
        " (SELECT 1 FROM broadcast b WHERE b.id = broadcast_id AND b.state = 'running' AND b.urgent = 0"
        " AND b.session_id IS NULL)",
        (to_text(now), broadcast_id, telegram_id),
    ).rowcount
    return bool(given)


def target_done(
    db: sqlite3.Connection,
    broadcast_id: int | None,
    telegram_id: int,
    state: str,
    reason: str | None,
    message_ids: Sequence[int] = (),
) -> None:
    """Note what became of a queued target; does nothing for a row that is of no broadcast."""
    if broadcast_id is not None:
        if state != "delivered":
            _give_touches_back(db, broadcast_id, telegram_id)
        db.execute(
            "UPDATE broadcast_target SET state = ?, reason = ?, look_at = NULL, message_ids = ?"
            " WHERE broadcast_id = ? AND telegram_id = ? AND state = 'queued'",
            (state, reason or state, json.dumps(list(message_ids)) if message_ids else None, broadcast_id, telegram_id),
        )


def _give_touches_back(db: sqlite3.Connection, broadcast_id: int, telegram_id: int | None) -> None:
    """A copy that nobody received does not count as its day's touch; one on the wire does until it is known."""
    # The gate opens the touch and queues the copy at one and the same instant.
    rows = db.execute(
        "SELECT t.person_id, o.created_at FROM broadcast_target t JOIN outbox o ON o.broadcast_id = t.broadcast_id"
        " AND o.telegram_id = t.telegram_id WHERE t.broadcast_id = ? AND t.state = 'queued' AND t.person_id IS NOT NULL"
        " AND (t.telegram_id = ? OR ? IS NULL AND o.state <> 'leased')",
        (broadcast_id, telegram_id, telegram_id),
    ).fetchall()
    db.executemany(
        "UPDATE touch SET counts = 0 WHERE source = 'broadcast' AND person_id = ? AND released_at = ?",
        [(row["person_id"], row["created_at"]) for row in rows],
    )


def drop_blocked(db: sqlite3.Connection, telegram_id: int) -> None:
    """Whoever blocked the bot gets nothing of what was still waiting."""
    db.execute(
        "UPDATE broadcast_target SET state = 'blocked', reason = 'blocked', look_at = NULL"
        " WHERE telegram_id = ? AND state IN ('planned', 'deferred', 'queued')",
        (telegram_id,),
    )
    db.execute(
        "UPDATE broadcast_target SET correction_state = 'blocked', correction_reason = 'blocked'"
        " WHERE telegram_id = ? AND correction_state IN ('queued', 'on_delivery')",
        (telegram_id,),
    )


def stop(db: sqlite3.Connection, now: datetime, broadcast_id: int) -> bool:
    """Stop a broadcast: what is not with Telegram yet does not go. Returns False when it was over."""
    stopped = db.execute(
        "UPDATE broadcast SET state = 'stopped', ended_at = ? WHERE id = ? AND state IN ('scheduled', 'running')",
        (to_text(now), broadcast_id),
    ).rowcount
    if not stopped:
        return False
    db.execute(
        "UPDATE outbox SET state = 'cancelled', finished_at = ?, error = 'stopped'"
        " WHERE broadcast_id = ? AND state = 'waiting'",
        (to_text(now), broadcast_id),
    )
    _give_touches_back(db, broadcast_id, None)
    # A copy that was under way at a crash and waits for its one retry may have arrived.
    db.execute(
        "UPDATE broadcast_target SET state = 'stopped', reason = 'maybe', look_at = NULL WHERE broadcast_id = ?"
        " AND state = 'queued' AND telegram_id IN"
        " (SELECT telegram_id FROM outbox WHERE broadcast_id = ? AND state = 'cancelled' AND ambiguous > 0)",
        (broadcast_id, broadcast_id),
    )
    db.execute(
        "UPDATE broadcast_target SET state = 'stopped', reason = 'stopped', look_at = NULL WHERE broadcast_id = ?"
        " AND (state IN ('planned', 'deferred') OR (state = 'queued' AND telegram_id NOT IN"
        " (SELECT telegram_id FROM outbox WHERE broadcast_id = ? AND state = 'leased')))",
        (broadcast_id, broadcast_id),
    )
    return True


def reopen(db: sqlite3.Connection, now: datetime, broadcast_id: int, states: Sequence[str]) -> int:
    """Let a broadcast that is over go on to those in `states`; returns to how many.

    Their copies have their whole time again; one that may have arrived before stays counted as ambiguous.
    """
    marks = ", ".join("?" * len(states))
    count = db.execute(
        "UPDATE broadcast_target SET state = 'planned', reason = 'planned', look_at = ?"  # noqa: S608 - marks only
        f" WHERE broadcast_id = ? AND state IN ({marks})"
        # What was stopped because its person left, or is gone, stays so.
        " AND (state <> 'stopped' OR reason IN ('stopped', 'maybe'))"
        " AND EXISTS (SELECT 1 FROM broadcast b WHERE b.id = broadcast_id AND b.state IN ('stopped', 'done'))",
        (to_text(now), broadcast_id, *states),
    ).rowcount
    if count:
        db.execute(
            "UPDATE broadcast SET state = 'running', start_at = ?, ended_at = NULL WHERE id = ?",
            (to_text(now), broadcast_id),
        )
    return count


def finish_if_through(db: sqlite3.Connection, now: datetime, broadcast_id: int) -> bool:
    """End a running broadcast of which nothing waits any more; returns whether it ended now."""
    tallied = tally(db, broadcast_id)
    if tallied["planned"] or tallied["deferred"] or tallied["queued"]:
        return False
    return (
        db.execute(
            "UPDATE broadcast SET state = 'done', ended_at = ? WHERE id = ? AND state = 'running'",
            (to_text(now), broadcast_id),
        ).rowcount
        == 1
    )


def begin_scheduled(db: sqlite3.Connection, now: datetime) -> None:
    """Start the scheduled broadcasts whose time has come."""
    db.execute("UPDATE broadcast SET state = 'running' WHERE state = 'scheduled' AND start_at <= ?", (to_text(now),))


def set_progress_message(db: sqlite3.Connection, broadcast_id: int, message_id: int) -> None:
    """Remember the message in the admin's chat that shows the progress."""
    db.execute("UPDATE broadcast SET progress_message_id = ? WHERE id = ?", (message_id, broadcast_id))


def set_progress_shown(db: sqlite3.Connection, broadcast_id: int, shown: str) -> None:
    """Remember what the progress message says, so that it is edited only when that changes."""
    db.execute("UPDATE broadcast SET progress_shown = ? WHERE id = ?", (shown, broadcast_id))
