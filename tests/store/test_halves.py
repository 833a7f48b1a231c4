"""The random half that starts a week later: off as shipped; on, drawn once, and its steps follow the session still."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.calendars import Calendars
from bot.clock import from_text, to_text
from bot.config import Config
from bot.store import ledger, sessions
from bot.store.database import migrations, run_migration
from bot.store.planning import Rules, replan
from messages.library import load_library

NOW = datetime(2025, 11, 10, 2, tzinfo=UTC)
START = datetime(2025, 11, 17, 1, tzinfo=UTC)
LIBRARY = load_library()
PEOPLE = 40


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.row_factory = sqlite3.Row
    for number, sql in migrations():
        run_migration(made, number, sql)
    made.execute("INSERT INTO unit (id, name) VALUES (1, 'BPBD')")
    for person in range(1, PEOPLE + 1):
        made.execute(
            "INSERT INTO person (id, nip, name, position, unit_id, added_at) VALUES (?, ?, 'Nama', 'Staf', 1, '2025')",
            (person, f"{person:018d}"),
        )
        made.execute(
            "INSERT INTO account (telegram_id, person_id, consented_at, notice_version, joined_at)"
            " VALUES (?, ?, '2025', '1', ?)",
            (9000 + person, person, to_text(NOW)),
        )
    yield made
    made.close()


def planned(db: sqlite3.Connection, *, later_half: bool, start: datetime = START) -> dict[int, dict[str, Any]]:
    """Plan the session anew; return each participant's due times by step, with the half."""
    rules = Rules(LIBRARY.journeys, Calendars(Config()), 1, later_half)
    known = sessions.every(db)
    if not known:
        sessions.add(
            db, NOW, title="A", place="B", start=start, end=start + timedelta(hours=3), unit_ids=[1],
            journey="default", messages=[],
        )  # fmt: skip
    elif known[0].start != start:
        sessions.move(db, known[0].id, start, start + timedelta(hours=3))
    session = sessions.every(db)[0]
    replan(db, NOW, rules, session)
    return {
        row["id"]: {"later": row["later"]}
        | {
            touch["step"]: touch["due_at"] and from_text(touch["due_at"])
            for touch in db.execute("SELECT step, due_at FROM touchpoint WHERE participant_id = ?", (row["id"],))
        }
        for row in ledger.participants(db, session.id)
    }


def test_off_as_shipped_nobody_waits(db: sqlite3.Connection) -> None:
    plan = planned(db, later_half=Config().programme.later_half)
    assert {who["later"] for who in plan.values()} == {None}
    assert len({who["refleksi-pertama"] for who in plan.values()}) == 1


def test_half_starts_a_week_later_but_for_the_first_quiz(db: sqlite3.Connection) -> None:
    plan = planned(db, later_half=True).values()
    usual, later = ([who for who in plan if who["later"] == half] for half in (0, 1))
    assert min(len(usual), len(later)) > 5
    for step in ("kesan", "refleksi-pertama"):
        assert {who[step] for who in later} == {who[step] + timedelta(days=7) for who in usual}
    assert {who["kuis-a"] for who in later} == {who["kuis-a"] for who in usual}
    assert {who["kuis-awal"] for who in later} == {who["kuis-awal"] for who in usual}


def test_the_half_is_drawn_once_and_its_anchors_move_with_the_session(db: sqlite3.Connection) -> None:
    before = planned(db, later_half=True)
    after = planned(db, later_half=True, start=START + timedelta(days=1))
    assert {who: plan["later"] for who, plan in after.items()} == {who: plan["later"] for who, plan in before.items()}
    assert all(after[who]["kesan"] == before[who]["kesan"] + timedelta(days=1) for who in before)
    # Turned off, whoever waits goes on waiting: no touch jumps.
    assert planned(db, later_half=False, start=START + timedelta(days=1)) == after
