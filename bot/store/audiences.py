"""Whom a broadcast reaches: the people who have joined, and how many of its audience have not.

Before it is sent only numbers and a few names are asked for; the accounts themselves are read as it is confirmed.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.clock import to_text
from bot.store import sessions
from bot.store.accounts import NAMING
from bot.store.broadcasts import Target
from bot.store.planning import HORIZON
from bot.store.reminding import OPEN

# Of an account "a" and its person "p". Who blocked the bot is in the audience: the ledger shall say so.
_TAKES_PART = "a.person_id IS NOT NULL AND a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL"
# A CROSS JOIN keeps the planner from turning the order round.
_JOINED = f"FROM person p CROSS JOIN account a ON a.person_id = p.id AND {_TAKES_PART} WHERE p.gone_at IS NULL"
_NOT_GONE = "a.person_id NOT IN (SELECT id FROM person WHERE gone_at IS NOT NULL)"
# Those for whom a step that was sent stands open.
_WAITING = f"SELECT DISTINCT t.person_id FROM session s CROSS JOIN touchpoint t ON t.session_id = s.id WHERE {OPEN}"  # noqa: S608 - constants
_WHO = {
    "all": _JOINED,
    "units": f"{_JOINED} AND p.unit_id IN (SELECT value FROM json_each(:units))",  # noqa: S608 - constants
    # The invited and the guests.
    "session": f"{_JOINED} AND p.id IN (SELECT person_id FROM session_invited WHERE session_id = :session"  # noqa: S608 - constants
    " UNION SELECT person_id FROM participant WHERE session_id = :session"
    " UNION SELECT m.id FROM session s JOIN session_unit su ON su.session_id = s.id"
    " JOIN person m ON m.unit_id = su.unit_id WHERE s.id = :session AND s.invited_frozen_at IS NULL)",
    "unanswered": f"{_JOINED} AND p.id IN ({_WAITING})",
    "coordinators": "FROM coordinator c JOIN account a ON a.id = c.account_id LEFT JOIN person p ON p.id = a.person_id"
    " WHERE c.state = 'active'",
}
# The numbers of the largest, counted within indexes alone; the few who are gone are left out by name.
_COUNTED = {
    "all": f"SELECT count(*) FROM account a INDEXED BY account_taking_part WHERE {_TAKES_PART} AND {_NOT_GONE}",  # noqa: S608 - constants
    "unanswered": f"SELECT count(*) FROM ({_WAITING}) w CROSS JOIN account a INDEXED BY account_taking_part"  # noqa: S608 - constants
    f" ON a.person_id = w.person_id WHERE {_TAKES_PART} AND {_NOT_GONE}",
}
# A coordinator who takes part as well keeps the restraint that people have.
_TARGET = (
    "SELECT DISTINCT a.telegram_id, CASE WHEN a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL THEN a.person_id END"
)


@dataclass(frozen=True)
class Audience:
    """The accounts to write to, and the number of people whom that cannot reach."""

    targets: tuple[Target, ...]
    never_joined: int = 0


@dataclass(frozen=True)
class Size:
    """How many accounts an audience is, and how many people it cannot reach."""

    accounts: int
    never_joined: int = 0


def chosen(db: sqlite3.Connection, now: datetime, choice: Mapping[str, Any]) -> Audience:
    """Return whom a choice ("kind", with its "units" or "session") is made of now; raises LookupError for no such."""
    given = _given(db, now, choice)
    rows = db.execute(f"{_TARGET} {_WHO[choice['kind']]}", given)
    targets = tuple(Target(*row) for row in rows)
    return Audience(targets, _never_joined(db, choice, given, len(targets)))


def size(db: sqlite3.Connection, now: datetime, choice: Mapping[str, Any]) -> Size:
    """Return how many a choice is made of now; raises LookupError for no such choice."""
    given = _given(db, now, choice)
    counted = _COUNTED.get(choice["kind"]) or f"SELECT count(DISTINCT a.id) {_WHO[choice['kind']]}"
    accounts = int(db.execute(counted, given).fetchone()[0])
    return Size(accounts, _never_joined(db, choice, given, accounts))


def names(
    db: sqlite3.Connection,
    now: datetime,
    choice: Mapping[str, Any],
    *,
    names_unanswered: bool,
    limit: int | None = None,
) -> list[tuple[str, str]]:
    """Return name and unit of those whom an audience reaches, in the order of the names; at most `limit`.

    Of those who have not answered only people are named who agreed to a notice that says so, and none at all
    unless the city wants it. Raises LookupError for no such choice.
    """
    given = _given(db, now, choice) | {"limit": -1 if limit is None else limit}
    who = _WHO[choice["kind"]]
    if choice["kind"] == "coordinators":
        rows = db.execute(
            "SELECT coalesce(p.name, c.name) AS name, (SELECT name FROM unit"  # noqa: S608 - a constant
            f" WHERE id = coalesce(p.unit_id, c.unit_id)) {who}"
            " GROUP BY a.id ORDER BY name COLLATE NOCASE LIMIT :limit",
            given,
        )
        return [(name or "", unit or "") for name, unit in rows]
    if choice["kind"] == "unanswered":
        if not names_unanswered:
            return []
        who += f" AND a.notice_version GLOB '*{NAMING}'"
    rows = db.execute(
        f"SELECT p.name, (SELECT name FROM unit WHERE id = p.unit_id) {who}"  # noqa: S608 - constants
        " ORDER BY p.name COLLATE NOCASE, p.id LIMIT :limit",
        given,
    )
    return [(name, unit) for name, unit in rows]


def _given(db: sqlite3.Connection, now: datetime, choice: Mapping[str, Any]) -> dict[str, Any]:
    kind = choice.get("kind")
    if kind not in _WHO:
        raise LookupError(f"no such audience: {kind}")
    if kind == "session":
        return {"session": sessions.get(db, choice["session"]).id}
    if kind == "units":
        return {"units": json.dumps(list(choice["units"]))}
    return {"now": to_text(now), "since": to_text(now - HORIZON)} if kind == "unanswered" else {}


def _never_joined(db: sqlite3.Connection, choice: Mapping[str, Any], given: Mapping[str, Any], joined: int) -> int:
    if choice["kind"] == "session":
        counted = sessions.counts(db, sessions.get(db, given["session"]))
        return counted["invited"] - counted["joined"]
    if choice["kind"] == "units":
        known = db.execute(
            "SELECT count(*) FROM person WHERE gone_at IS NULL AND unit_id IN (SELECT value FROM json_each(:units))",
            given,
        ).fetchone()[0]
        return max(0, int(known) - joined)
    return max(0, _known(db) - joined) if choice["kind"] == "all" else 0


def _known(db: sqlite3.Connection) -> int:
    """Count the roster's people: all, less the few who are gone."""
    everybody, gone = db.execute(
        "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM person WHERE gone_at IS NOT NULL)"
    ).fetchone()
    return int(everybody) - int(gone)
