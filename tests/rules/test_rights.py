"""The law's clock for corrections: 72 hours, and reminders that come in time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain import rights
from bot.domain.calendar import WorkCalendar
from tests.conftest import WIB

CALENDAR = WorkCalendar(WIB)
ASKED = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


@given(ASKED)
def test_a_reminder_reaches_the_admins_before_the_time_is_over(asked: datetime) -> None:
    due = rights.due(asked)
    assert due - asked == timedelta(days=3)
    half, before, at_due, day_after = (rights.reminder(asked, number, CALENDAR) for number in range(4))
    assert half == asked + timedelta(hours=36)
    assert half <= CALENDAR.notice_open(half) < due
    assert half < before < due - timedelta(hours=11)
    assert CALENDAR.notice_open(before) == before
    assert (at_due, day_after) == (due, due + timedelta(days=1))


@given(ASKED, st.integers(0, 1000), st.integers(0, 5))
def test_what_an_outage_passed_over_is_one_reminder(asked: datetime, hours: int, behind: int) -> None:
    now = asked + timedelta(hours=hours)
    number, at = rights.next_reminder(asked, now, behind, CALENDAR)
    assert number >= behind
    assert at > now
    assert number == behind or rights.reminder(asked, number - 1, CALENDAR) <= now
