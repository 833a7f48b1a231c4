"""Whom a broadcast reaches: the people who have joined, and how many of its audience have not."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.clock import to_text
from bot.store import sessions
from bot.store.accounts import NAMING
from bot.store.broadcasts import Target
from bot.store.reminding import OPEN
from bot.store.sessions import Session

# Who blocked the bot is in the audience: the ledger shall say so.
_JOINED = (
    "SELECT a.telegram_id, a.person_id FROM account a JOIN person p ON p.id = a.person_id AND p.gone_at IS NULL"
    " WHERE a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL"
)


@dataclass(frozen=True)
class Audience:
    """The accounts to write to, and the number of people whom that cannot reach."""

    targets: tuple[Target, ...]
    never_joined: int = 0


def chosen(db: sqlite3.Connection, now: datetime, choice: Mapping[str, Any]) -> Audience:
    """Return whom a choice ("kind", with its "units" or "session") is made of now; raises LookupError for no such."""
    kind = choice.get("kind")
    if kind == "all":
        return everybody(db)
    if kind == "units":
        return of_units(db, choice["units"])
    if kind == "session":
        return of_session(db, sessions.get(db, choice["session"]))
    if kind == "unanswered":
        return unanswered(db, now)
    if kind == "coordinators":
        return coordinators(db)
    raise LookupError(f"no such audience: {kind}")


def names(
    db: sqlite3.Connection, choice: Mapping[str, Any], audience: Audience, *, names_unanswered: bool
) -> list[tuple[str, str]]:
    """Return name and unit of those whom an audience reaches, in the order of the names.

    Of those who have not answered only people are named who agreed to a notice that says so, and none at all
    unless the city wants it.
    """
    kept = choice.get("kind") != "unanswered"
    if not kept and not names_unanswered:
        return []
    chats = [target.telegram_id for target in audience.targets]
    rows = db.execute(
        "SELECT coalesce(p.name, c.name) AS name, u.name AS unit FROM account a"
        " LEFT JOIN person p ON p.id = a.person_id"
        " LEFT JOIN coordinator c ON c.account_id = a.id AND c.state = 'active'"
        " LEFT JOIN unit u ON u.id = coalesce(p.unit_id, c.unit_id)"
        " WHERE a.telegram_id IN (SELECT value FROM json_each(:chats)) AND (:all OR a.notice_version GLOB :named)"
        " GROUP BY a.id ORDER BY name COLLATE NOCASE, a.id",
        {"chats": json.dumps(chats), "all": kept, "named": f"*{NAMING}"},
    )
    return [(row["name"] or "", row["unit"] or "") for row in rows]


def everybody(db: sqlite3.Connection) -> Audience:
    """All who have joined."""
    known = db.execute("SELECT count(*) FROM person WHERE gone_at IS NULL").fetchone()[0]
    return _of_people(db.execute(_JOINED), known)


def of_units(db: sqlite3.Connection, unit_ids: Sequence[int]) -> Audience:
    """Those of some units who have joined."""
    marks = ", ".join("?" * len(unit_ids))
    known = db.execute(
        f"SELECT count(*) FROM person WHERE gone_at IS NULL AND unit_id IN ({marks})",  # noqa: S608 - marks only
        tuple(unit_ids),
    ).fetchone()[0]
    return _of_people(db.execute(f"{_JOINED} AND p.unit_id IN ({marks})", tuple(unit_ids)), known)


def of_session(db: sqlite3.Connection, session: Session) -> Audience:
    """The invited who have joined, and the guests."""
    invited = sessions.invited_with_account(db, session)
    guests = db.execute("SELECT person_id FROM participant WHERE session_id = ?", (session.id,))
    wanted = sorted({*invited, *(int(row[0]) for row in guests)})
    found = db.execute(
        f"{_JOINED} AND a.person_id IN (SELECT value FROM json_each(?))",  # noqa: S608 - a constant
        (json.dumps(wanted),),
    )
    return Audience(_targets(found), sessions.counts(db, session)["invited"] - len(invited))


def unanswered(db: sqlite3.Connection, now: datetime) -> Audience:
    """Those for whom a step that was sent stands open."""
    rows = db.execute(
        f"{_JOINED} AND EXISTS ("  # noqa: S608 - a constant
        f"SELECT 1 FROM touchpoint t JOIN session s ON s.id = t.session_id WHERE t.person_id = a.person_id AND {OPEN})",
        (to_text(now),),
    )
    return Audience(_targets(rows))


def coordinators(db: sqlite3.Connection) -> Audience:
    """All coordinators; one who takes part as well keeps the restraint that people have."""
    rows = db.execute(
        "SELECT DISTINCT a.telegram_id, CASE WHEN a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL"
        " THEN a.person_id END AS person_id FROM coordinator c JOIN account a ON a.id = c.account_id"
        " WHERE c.state = 'active'"
    )
    return Audience(_targets(rows))


def _of_people(rows: sqlite3.Cursor, known: int) -> Audience:
    targets = _targets(rows)
    return Audience(targets, max(0, known - len(targets)))


def _targets(rows: sqlite3.Cursor) -> tuple[Target, ...]:
    return tuple(Target(row["telegram_id"], row["person_id"]) for row in rows)
