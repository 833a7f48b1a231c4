"""The weekly summary: when it is due, that it catches up, and that it goes once."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendars import Calendars
from bot.clock import to_text
from bot.config import Config
from bot.reports.weekly import Weekly, bounds, last_week
from bot.store import accounts, facts, sessions
from bot.store.database import migrations, run_migration
from messages.library import load_library
from scheduler.summaries import Summaries
from tests.conftest import wib

WIB = ZoneInfo("Asia/Jakarta")
ADMINS = (900, 901)
CALENDARS = Calendars(Config())
SUMMARIES = Summaries(CALENDARS, Weekly(load_library(), WIB, 5), ADMINS, "mon 08:00")


@pytest.mark.parametrize(
    ("now", "day", "week"),
    [
        ("2025-11-24 08:00", "2025-11-24", "2025-W47"),
        ("2025-11-24 07:59:59", "2025-11-17", "2025-W46"),
        ("2025-11-30 23:00", "2025-11-24", "2025-W47"),
        # Monday, 18 August 2025 was made a collective leave.
        ("2025-08-18 12:00", "2025-08-11", "2025-W32"),
        ("2025-08-19 07:59", "2025-08-11", "2025-W32"),
        ("2025-08-19 08:00", "2025-08-19", "2025-W33"),
        # The new year's Monday before belongs to the old year's weeks.
        ("2026-01-05 08:00", "2026-01-05", "2026-W01"),
        ("2025-12-29 08:00", "2025-12-29", "2025-W52"),
        # Two Mondays inside one long holiday: the newest week is told on the day after it.
        ("2025-04-08 08:00", "2025-04-08", "2025-W14"),
        ("2025-04-07 12:00", "2025-03-24", "2025-W12"),
    ],
)
def test_when_it_is_due(now: str, day: str, week: str) -> None:
    found = SUMMARIES.due(wib(now))
    assert found is not None
    assert (found[0].isoformat(), found[1]) == (day, week)


@settings(max_examples=200, deadline=None)
@given(st.datetimes(datetime(2025, 2, 1), datetime(2027, 12, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_it_is_about_a_whole_week_and_due_on_a_working_day(now: datetime) -> None:
    found = SUMMARIES.due(now)
    assert found is not None
    day, week = found
    assert CALENDARS.city.day_off(day) is None
    assert bounds(week, WIB)[1] <= CALENDARS.city.at(day, datetime.min.time().replace(hour=8)) <= now
    assert now - bounds(week, WIB)[1] < timedelta(days=21)


def test_another_time_may_be_set() -> None:
    friday = Summaries(CALENDARS, SUMMARIES.weekly, ADMINS, "fri 15:30")
    assert friday.due(wib("2025-11-21 15:29")) == friday.due(wib("2025-11-14 15:30"))
    found = friday.due(wib("2025-11-21 15:30"))
    assert found is not None
    assert found[1] == last_week(wib("2025-11-21 15:30"), WIB)


# With a store ------------------------------------------------------------------------------------------


def begin(db: sqlite3.Connection, planned: str = "2025-11-10 09:00") -> None:
    """Two units with a session; a coordinator each, of whom one has not accepted yet."""
    for number, name in ((1, "Dinas Kesehatan"), (2, "Satpol PP"), (3, "Tanpa sesi")):
        db.execute("INSERT INTO unit (id, name) VALUES (?, ?)", (number, name))
        coordinator, _ = accounts.invite_coordinator(db, wib(planned), number)
        if number != 2:
            account = accounts.consent(db, wib(planned), 100 + number, "1")
            accounts.accept_coordinator(db, wib(planned), coordinator, account.id, "Koordinator")
    start = wib("2025-11-17 08:00")
    sessions.add(
        db, wib(planned), title="Sesi", place="Aula", start=start, end=start + timedelta(hours=3), unit_ids=[1, 2],
        journey="default", messages=[],
    )  # fmt: skip


def told(db: sqlite3.Connection) -> list[tuple[int, str, int | None]]:
    rows = db.execute("SELECT telegram_id, facts FROM outbox WHERE template = 'summary' ORDER BY id").fetchall()
    return [(row["telegram_id"], *json.loads(row["facts"]).values()) for row in rows]


def look(db: sqlite3.Connection, *moments: str) -> list[tuple[int, str, int | None]]:
    before = len(told(db))
    for moment in moments:
        SUMMARIES.look(db, wib(moment))
    return told(db)[before:]


EVERYBODY = [101, 900, 901]


def test_it_goes_to_coordinators_with_a_session_and_to_admins(db: sqlite3.Connection) -> None:
    begin(db)
    assert look(db, "2025-11-24 07:59:59") != []
    assert look(db, "2025-11-24 08:00") == [(101, "2025-W47", 1), (900, "2025-W47", None), (901, "2025-W47", None)]


def test_it_goes_once_however_often_is_looked(db: sqlite3.Connection) -> None:
    begin(db)
    assert [who for who, *_ in look(db, *["2025-11-24 08:00"] * 3, "2025-11-24 08:05", "2025-11-28 12:00")] == EVERYBODY
    assert len({row[0] for row in db.execute("SELECT dedupe_key FROM outbox")}) == 3


def test_after_an_outage_the_newest_one_is_caught_up(db: sqlite3.Connection) -> None:
    begin(db)
    look(db, "2025-11-24 08:00")
    assert {week for _, week, _ in look(db, "2025-12-10 13:00", "2025-12-10 13:01")} == {"2025-W49"}
    assert {week for _, week, _ in look(db, "2025-12-15 08:00")} == {"2025-W50"}


def test_caught_up_in_the_night_it_waits_for_the_morning(db: sqlite3.Connection) -> None:
    begin(db)
    look(db, "2025-11-24 08:00")
    assert look(db, "2025-12-01 23:00", "2025-12-02 06:29") == []
    assert {week for _, week, _ in look(db, "2025-12-02 06:30")} == {"2025-W48"}


def test_a_monday_off_is_told_the_next_working_day(db: sqlite3.Connection) -> None:
    begin(db)
    db.execute("UPDATE session SET end_at = ?", (to_text(wib("2026-02-01 11:00")),))
    look(db, "2026-02-09 08:00")
    # 16 February is collective leave, the 17th the lunar new year.
    assert look(db, "2026-02-16 08:00", "2026-02-17 12:00", "2026-02-18 07:59") == []
    assert {week for _, week, _ in look(db, "2026-02-18 08:00")} == {"2026-W07"}


def test_before_the_first_session_there_is_nothing_to_tell(db: sqlite3.Connection) -> None:
    begin(db, planned="2025-11-24 09:00")
    assert look(db, "2025-11-24 10:00", "2025-11-30 10:00") == []
    assert [who for who, *_ in look(db, "2025-12-01 08:00")] == EVERYBODY


def test_long_after_the_last_session_there_is_nothing_to_act_on(db: sqlite3.Connection) -> None:
    begin(db)
    assert look(db, "2026-03-02 08:00") == []


def test_a_clock_set_back_repeats_nothing(db: sqlite3.Connection) -> None:
    begin(db)
    look(db, "2025-12-01 08:00")
    assert look(db, "2025-11-24 08:00", "2025-12-01 08:00") == []
    assert [who for who, *_ in look(db, "2025-12-08 08:00")] == EVERYBODY


def test_who_was_revoked_or_has_left_hears_nothing(db: sqlite3.Connection) -> None:
    begin(db)
    accounts.revoke_coordinator(db, wib("2025-11-20 09:00"), 1)
    assert [who for who, *_ in look(db, "2025-11-24 08:00")] == [900, 901]


def test_the_figures_told_are_frozen_with_the_telling(db: sqlite3.Connection) -> None:
    begin(db)
    look(db, "2025-11-24 08:00")
    frozen = {(row["week"], row["unit_id"]) for row in db.execute("SELECT week, unit_id FROM weekly")}
    assert frozen == {("2025-W47", unit) for unit in (0, 1, 2, 3)}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 24 * 12), min_size=3, max_size=30))
def test_no_week_is_told_twice_and_none_goes_at_night(gaps: list[int]) -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = sqlite3.Row
    for number, sql in migrations():
        run_migration(db, number, sql)
    begin(db)
    now = wib("2025-11-17 00:00")
    for gap in gaps:
        now += timedelta(hours=gap)
        before = len(told(db))
        SUMMARIES.look(db, now)
        if len(told(db)) > before:
            assert CALENDARS.city.notice_open(now) == now
    found = told(db)
    assert len(found) == len(set(found))
    assert [week for _, week, _ in found] == sorted(week for _, week, _ in found)
    db.close()


def test_what_the_last_summary_was_about_is_remembered(db: sqlite3.Connection) -> None:
    begin(db)
    look(db, "2025-11-24 08:00")
    assert facts.fact(db, "summary_week") == "2025-W47"
