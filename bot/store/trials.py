"""Journeys that admins try out: in the real file only that one runs; everything else is in a file of its own."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bot.clock import from_text, to_text
from bot.store import accounts, facts, planning, sessions
from bot.store.incoming import Incoming
from bot.store.planning import Rules

_PREFIX = "trial:"
_NIP = "000000000000000000"


@dataclass(frozen=True)
class Running:
    """One admin's trial, as the real file knows it."""

    telegram_id: int
    journey: str
    begun: datetime


def begin(db: sqlite3.Connection, now: datetime, telegram_id: int, journey: str) -> None:
    """Note that an admin tries out a journey from now on."""
    facts.set_fact(db, f"{_PREFIX}{telegram_id}", json.dumps({"journey": journey, "begun": to_text(now)}), now)


def end(db: sqlite3.Connection, telegram_id: int) -> bool:
    """Note that it is over; returns False when none was running."""
    return db.execute("DELETE FROM fact WHERE name = ?", (f"{_PREFIX}{telegram_id}",)).rowcount == 1


def running(db: sqlite3.Connection) -> list[Running]:
    """Return all trials that run."""
    found = []
    for row in db.execute("SELECT name, value FROM fact WHERE name GLOB ?", (f"{_PREFIX}*",)):
        kept = json.loads(row["value"])
        found.append(Running(int(row["name"].removeprefix(_PREFIX)), kept["journey"], from_text(kept["begun"])))
    return found


def is_running(db: sqlite3.Connection, telegram_id: int) -> bool:
    """Whether this admin tries out a journey now."""
    return facts.fact(db, f"{_PREFIX}{telegram_id}") is not None


def fill(
    db: sqlite3.Connection,
    now: datetime,
    rules: Rules,
    trial: Running,
    *,
    name: str,
    unit: str,
    title: str,
    start: datetime,
    end: datetime,
) -> None:
    """Make the one person and the one session of a trial's own file; does nothing where they are."""
    if db.execute("SELECT EXISTS (SELECT 1 FROM session)").fetchone()[0]:
        return
    unit_id = db.execute("INSERT INTO unit (name) VALUES (?)", (unit,)).lastrowid or 0
    person_id = (
        db.execute(
            "INSERT INTO person (nip, name, position, unit_id, added_at) VALUES (?, ?, '', ?, ?)",
            (_NIP, name, unit_id, to_text(now)),
        ).lastrowid
        or 0
    )
    sessions.add(
        db, now, title=title, place=unit, start=start, end=end, unit_ids=[unit_id], journey=trial.journey, messages=[]
    )
    account = accounts.consent(db, now, trial.telegram_id, "trial")
    accounts.bind(db, now, account.id, person_id, "verified")
    planning.plan_person(db, now, rules, person_id)


def keep(db: sqlite3.Connection, now: datetime, row: Incoming) -> None:
    """Keep an update in a trial's own file under its number in the real one: it is handled there once."""
    db.execute(
        "INSERT INTO incoming (id, update_id, received_at, lane, state) VALUES (?, ?, ?, ?, 'waiting')"
        " ON CONFLICT (id) DO NOTHING",
        (row.id, row.id, to_text(now), row.lane),
    )
