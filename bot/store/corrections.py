"""[Ralat]: a broadcast's content put right where it was delivered, and for those to whom it is still to go."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.domain.piece import Piece, to_json
from bot.store import outbox
from bot.store.outbox import Lane, Row

TEMPLATE = "broadcast_correction"
STATES = ("queued", "corrected", "blocked", "impossible", "stopped")


def reach(db: sqlite3.Connection, broadcast_id: int) -> dict[str, Any]:
    """Return to how many a correction would go: "delivered", "unreachable" among them, "waiting" for their copy."""
    row = db.execute(
        "SELECT count(*) FILTER (WHERE t.message_ids IS NOT NULL) AS delivered,"
        " count(*) FILTER (WHERE t.message_ids IS NOT NULL AND a.reachable = 0) AS unreachable,"
        " count(*) FILTER (WHERE t.state IN ('planned', 'deferred', 'queued')) AS waiting"
        " FROM broadcast_target t LEFT JOIN account a ON a.telegram_id = t.telegram_id WHERE t.broadcast_id = ?",
        (broadcast_id,),
    ).fetchone()
    return dict(row)


def begin(db: sqlite3.Connection, now: datetime, broadcast_id: int, pieces: Sequence[Piece], changed: int) -> int:
    """Make `pieces` the broadcast's content and queue the edit of piece `changed` in every delivered copy.

    Returns the correction's number. Earlier edits of the same piece that did not go yet are not made.
    """
    db.execute(
        "UPDATE broadcast SET pieces = ?, corrections = corrections + 1, correcting = 1 WHERE id = ?",
        (json.dumps(to_json(pieces), ensure_ascii=False), broadcast_id),
    )
    number = int(db.execute("SELECT corrections FROM broadcast WHERE id = ?", (broadcast_id,)).fetchone()[0])
    outbox.cancel_key(db, f"correct:{broadcast_id}:{changed}:*", now, "superseded")
    db.execute(
        "UPDATE broadcast_target SET correction_state = NULL, correction_reason = NULL WHERE broadcast_id = ?",
        (broadcast_id,),
    )
    db.execute(
        "UPDATE broadcast_target SET correction_state = 'impossible', correction_reason = 'message unknown'"
        " WHERE broadcast_id = ? AND state = 'delivered' AND message_ids IS NULL",
        (broadcast_id,),
    )
    # A copy that is on the wire may have the old content: it is corrected once it has arrived.
    db.execute(
        "UPDATE broadcast_target SET correction_state = 'on_delivery' WHERE broadcast_id = ? AND state = 'queued'"
        " AND telegram_id IN (SELECT telegram_id FROM outbox WHERE broadcast_id = ? AND state = 'leased')",
        (broadcast_id, broadcast_id),
    )
    for row in db.execute(
        "SELECT t.id, t.telegram_id, t.message_ids, coalesce(a.reachable, 1) AS reachable FROM broadcast_target t"
        " LEFT JOIN account a ON a.telegram_id = t.telegram_id"
        " WHERE t.broadcast_id = ? AND t.message_ids IS NOT NULL ORDER BY t.id",
        (broadcast_id,),
    ).fetchall():
        if row["reachable"]:
            _queue(db, now, row, broadcast_id, number, changed)
        else:
            _set(db, row["id"], "blocked", "blocked")
    return number


def on_delivery(db: sqlite3.Connection, now: datetime, broadcast_id: int, telegram_id: int) -> None:
    """Correct a copy that was on the wire when its content was put right."""
    row = db.execute(
        "SELECT t.id, t.telegram_id, t.message_ids, b.corrections, json_array_length(b.pieces) AS pieces"
        " FROM broadcast_target t JOIN broadcast b ON b.id = t.broadcast_id WHERE t.broadcast_id = ?"
        " AND t.telegram_id = ? AND t.correction_state = 'on_delivery' AND t.message_ids IS NOT NULL",
        (broadcast_id, telegram_id),
    ).fetchone()
    if row is not None:
        for piece in range(row["pieces"]):
            _queue(db, now, row, broadcast_id, row["corrections"], piece)


def done(db: sqlite3.Connection, row: Row, state: str, reason: str | None) -> None:
    """Note what became of an edit; does nothing for a row that is none, or of an earlier correction."""
    if row.template == TEMPLATE:
        db.execute(
            "UPDATE broadcast_target SET correction_state = :state, correction_reason = :reason"
            " WHERE broadcast_id = :broadcast AND telegram_id = :telegram AND correction_state = 'queued'"
            " AND (SELECT corrections FROM broadcast WHERE id = :broadcast) = :number",
            {
                "state": state,
                "reason": reason,
                "broadcast": row.facts["broadcast"],
                "telegram": row.telegram_id,
                "number": row.facts["number"],
            },
        )


def stop(db: sqlite3.Connection, now: datetime, broadcast_id: int) -> bool:
    """Let no further copy be edited; returns False when no correction is under way."""
    if not db.execute("UPDATE broadcast SET correcting = 0 WHERE id = ? AND correcting = 1", (broadcast_id,)).rowcount:
        return False
    outbox.cancel_key(db, f"correct:{broadcast_id}:*", now, "stopped")
    db.execute(
        "UPDATE broadcast_target SET correction_state = 'stopped', correction_reason = 'stopped' WHERE broadcast_id = ?"
        " AND correction_state IN ('queued', 'on_delivery') AND telegram_id NOT IN"
        " (SELECT telegram_id FROM outbox WHERE state = 'leased')",
        (broadcast_id,),
    )
    return True


def finish_if_through(db: sqlite3.Connection, broadcast_id: int) -> None:
    """End the correction when no edit waits any more; one to make on delivery waits with the broadcast."""
    db.execute(
        "UPDATE broadcast SET correcting = 0 WHERE id = ? AND correcting = 1 AND NOT EXISTS"
        " (SELECT 1 FROM broadcast_target WHERE broadcast_id = ? AND (correction_state = 'queued'"
        " OR correction_state = 'on_delivery' AND state = 'queued'))",
        (broadcast_id, broadcast_id),
    )


def tally(db: sqlite3.Connection, broadcast_id: int) -> dict[str, int]:
    """Return how many copies the latest correction has in each state; every state is named."""
    found = dict.fromkeys(STATES, 0)
    for row in db.execute(
        "SELECT correction_state AS state, count(*) AS n FROM broadcast_target WHERE broadcast_id = ?"
        " AND correction_state IN ('queued', 'corrected', 'blocked', 'impossible', 'stopped') GROUP BY 1",
        (broadcast_id,),
    ):
        found[row["state"]] = int(row["n"])
    return found


def _queue(db: sqlite3.Connection, now: datetime, row: sqlite3.Row, broadcast_id: int, number: int, piece: int) -> None:
    messages = json.loads(row["message_ids"])
    if piece >= len(messages):
        _set(db, row["id"], "impossible", "message to edit not found")
        return
    _set(db, row["id"], "queued", None)
    facts = {"broadcast": broadcast_id, "number": number, "piece": piece, "message": messages[piece]}
    key = f"correct:{broadcast_id}:{piece}:{number}:{row['telegram_id']}"
    outbox.put(db, now, row["telegram_id"], TEMPLATE, facts, key=key, lane=Lane.BULK)


def _set(db: sqlite3.Connection, target_id: int, state: str, reason: str | None) -> None:
    db.execute(
        "UPDATE broadcast_target SET correction_state = ?, correction_reason = ? WHERE id = ?",
        (state, reason, target_id),
    )
