"""What became of a broadcast: the figures that its card shows, and by whom it was not received."""

import json
import sqlite3
from collections import Counter
from typing import Any

from bot.domain.failures import failure
from bot.store import broadcasts, corrections
from bot.store.accounts import NAMING


def figures(db: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    """Return the facts of a broadcast's card, as they stand now."""
    broadcast_id = row["id"]
    tallied = broadcasts.tally(db, broadcast_id)
    corrected = corrections.tally(db, broadcast_id)
    return {
        "broadcast": broadcast_id,
        "tally": tallied,
        "total": sum(tallied.values()),
        "never_joined": row["never_joined"],
        "state": row["state"],
        "reasons": _reasons(db, broadcast_id, "state", "failed", "reason"),
        "closed": _closed(db, broadcast_id),
        "maybe": _because(db, broadcast_id, broadcasts.MAYBE),
        "uncertain": _because(db, broadcast_id, broadcasts.UNCERTAIN),
        "ambiguous": ambiguous(db, broadcast_id),
        "correction": row["corrections"],
        "correcting": bool(row["correcting"]),
        "corrected": corrected,
        "correction_total": sum(corrected.values()),
        "correction_reasons": _reasons(db, broadcast_id, "correction_state", "impossible", "correction_reason"),
        "can_correct": row["pieces"] != "[]" and tallied["delivered"] > 0,
    }


def shown(figures: dict[str, Any]) -> str:
    """Return what of the figures can be seen on the card: an edit that changes nothing is refused."""
    tallied = {state: count for state, count in figures["tally"].items() if state not in ("planned", "queued")}
    return json.dumps(figures | {"tally": tallied})


def ambiguous(db: sqlite3.Connection, broadcast_id: int) -> int:
    """Return how many copies' sends had an outcome that nobody knows: each may have come twice."""
    found = db.execute("SELECT coalesce(sum(ambiguous), 0) FROM outbox WHERE broadcast_id = ?", (broadcast_id,))
    return int(found.fetchone()[0])


def not_received(db: sqlite3.Connection, broadcast_id: int, *, names_unanswered: bool) -> list[dict[str, Any]]:
    """Return name, unit and kind of failure of each target that failed or blocked the bot.

    Of a broadcast to those who have not answered only people are named who agreed to a notice that says so,
    while the city wants names; a name is None for the others.
    """
    return [
        {"name": row["name"] if row["open"] else None, "unit": row["unit"], "kind": failure(row["reason"])}
        for row in db.execute(
            "SELECT coalesce(p.name, c.name) AS name, u.name AS unit, t.reason,"
            " (json_extract(b.audience, '$.kind') <> 'unanswered' OR :may AND a.notice_version GLOB :named) AS open"
            " FROM broadcast_target t JOIN broadcast b ON b.id = t.broadcast_id"
            " LEFT JOIN person p ON p.id = t.person_id"
            " LEFT JOIN account a ON a.telegram_id = t.telegram_id"
            " LEFT JOIN coordinator c ON c.account_id = a.id AND c.state = 'active'"
            " LEFT JOIN unit u ON u.id = coalesce(p.unit_id, c.unit_id)"
            " WHERE t.broadcast_id = :broadcast AND t.state IN ('failed', 'blocked')"
            " GROUP BY t.id ORDER BY t.state DESC, name, t.id",
            {"broadcast": broadcast_id, "may": names_unanswered, "named": f"*{NAMING}"},
        )
    ]


def _reasons(db: sqlite3.Connection, broadcast_id: int, column: str, state: str, reason: str) -> list[tuple[str, int]]:
    counted = Counter[str]()
    for row in db.execute(
        f"SELECT {reason} AS reason, count(*) AS n FROM broadcast_target"  # noqa: S608 - constants of this module
        f" WHERE broadcast_id = ? AND {column} = ? GROUP BY 1",
        (broadcast_id, state),
    ):
        counted[failure(row["reason"])] += int(row["n"])
    return counted.most_common()


def _closed(db: sqlite3.Connection, broadcast_id: int) -> int:
    """Return how many of those who "blocked" the bot have no account at Telegram any more, or no chat."""
    reasons = dict(_reasons(db, broadcast_id, "state", "blocked", "reason"))
    return reasons.get("deactivated", 0) + reasons.get("no_chat", 0)


def _because(db: sqlite3.Connection, broadcast_id: int, reason: str) -> int:
    query = "SELECT count(*) FROM broadcast_target WHERE broadcast_id = ? AND reason = ?"
    return int(db.execute(query, (broadcast_id, reason)).fetchone()[0])
