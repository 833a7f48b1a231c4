"""Working days and hours, for any calendar that a unit may have."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendars import Calendars
from bot.config import Config
from bot.domain.calendar import WorkCalendar
from tests.conftest import wib

WIB = ZoneInfo("Asia/Jakarta")
CITY = Calendars(Config()).city

days = st.dates(date(2025, 1, 1), date(2027, 12, 1))
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
clock_times = st.times().map(lambda t: t.replace(microsecond=0))


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    """A unit's own working time: any weekdays, any hours, a handful of holidays."""
    opens, closes = sorted(draw(st.lists(clock_times, min_size=2, max_size=2, unique=True)))
    return WorkCalendar(
        zone=WIB,
        workdays=draw(st.frozensets(st.integers(0, 6), min_size=1)),
        holidays=dict.fromkeys(draw(st.lists(days, max_size=30)), "libur"),
        send_from=opens,
        send_until=closes,
    )


@given(calendars(), days, st.integers(-12, 12))
def test_counting_working_days_lands_on_one_and_skips_no_other(calendar: WorkCalendar, day: date, count: int) -> None:
    landed = calendar.add_workdays(day, count)
    assert calendar.day_off(landed) is None
    if count == 0:
        between = [day + timedelta(n) for n in range((landed - day).days)]
        assert all(calendar.day_off(one) for one in between)
    else:
        low, high = sorted((day, landed))
        inside = [low + timedelta(n) for n in range((high - low).days + 1)]
        assert sum(calendar.day_off(one) is None for one in inside if one != day) == abs(count)


@given(calendars(), moments, st.none() | clock_times)
def test_what_is_put_off_goes_when_it_is_open_and_never_earlier(
    calendar: WorkCalendar, moment: datetime, preferred: time | None
) -> None:
    for opens in (calendar.next_open(moment, preferred), calendar.next_day(moment, preferred)):
        assert calendar.closed(opens) is None
        assert opens >= moment
    assert calendar.local_day(calendar.next_day(moment, preferred)) > calendar.local_day(moment)
    if calendar.closed(moment) is None:
        assert calendar.next_open(moment, preferred) == moment


@given(calendars(), moments, st.none() | clock_times)
def test_the_next_open_moment_leaves_no_working_day_out(
    calendar: WorkCalendar, moment: datetime, preferred: time | None
) -> None:
    opens = calendar.next_open(moment, preferred)
    day = calendar.local_day(moment)
    if moment.astimezone(WIB).time() > calendar.send_until:
        day += timedelta(1)
    while calendar.day_off(day):
        day += timedelta(1)
    assert calendar.local_day(opens) == day


@given(calendars(), days, st.none() | clock_times)
def test_the_persons_hour_is_inside_the_units_hours(calendar: WorkCalendar, day: date, preferred: time | None) -> None:
    local = calendar.hour(day, preferred).astimezone(WIB)
    assert local.date() == day
    assert calendar.send_from <= local.time() <= calendar.send_until
    wanted = preferred or (calendar.friday_time if day.weekday() == 4 else calendar.default_time)
    if calendar.send_from <= wanted <= calendar.send_until:
        assert local.time() == wanted


@given(moments)
def test_notices_keep_to_the_day(moment: datetime) -> None:
    opens = CITY.notice_open(moment)
    local = opens.astimezone(WIB)
    assert time(6, 30) <= local.time() <= time(20)
    assert moment <= opens < moment + timedelta(hours=10, minutes=30, seconds=1)
    if opens != moment:
        assert local.time() == time(6, 30)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2025-11-17", None),
        ("2025-11-15", "day_off"),
        ("2025-12-25", "holiday"),
        ("2025-12-26", "holiday"),
        ("2025-08-18", "holiday"),
        ("2025-12-24", None),
    ],
)
def test_days_off_of_the_city(day: str, expected: str | None) -> None:
    assert CITY.day_off(date.fromisoformat(day)) == expected


@pytest.mark.parametrize(
    ("moment", "rule"),
    [
        ("2025-11-17 06:59:59", "hours"),
        ("2025-11-17 07:00", None),
        ("2025-11-17 17:00", None),
        ("2025-11-17 17:00:01", "hours"),
        ("2025-11-16 12:00", "day_off"),
        ("2025-12-25 12:00", "holiday"),
    ],
)
def test_why_it_is_closed(moment: str, rule: str | None) -> None:
    assert CITY.closed(wib(moment)) == rule


def test_friday_has_its_own_time_unless_a_person_chose_one() -> None:
    friday = date(2025, 11, 21)
    assert CITY.hour(friday) == wib("2025-11-21 13:15")
    assert CITY.hour(friday, time(9)) == wib("2025-11-21 09:00")
    assert CITY.hour(date(2025, 11, 20)) == wib("2025-11-20 12:15")


def test_units_may_differ_and_settings_add_and_remove_holidays() -> None:
    config = Config.model_validate(
        {
            "schedule": {"holidays_extra": ["2025-11-18"], "holidays_removed": ["2025-12-26"]},
            "units": {
                "RSUD dr. Wahidin": {"workdays": ["mon", "sat", "sun"], "send_from": "05:00", "send_until": "22:00"},
                "Satpol PP": {"send_from": "14:00"},
            },
        }
    )
    every = Calendars(config)
    assert every.city.day_off(date(2025, 11, 18)) == "holiday"
    assert every.city.day_off(date(2025, 12, 26)) is None
    hospital = every.of("rsud DR. wahidin")
    assert hospital.day_off(date(2025, 11, 16)) is None
    assert hospital.day_off(date(2025, 11, 19)) == "day_off"
    assert hospital.day_off(date(2025, 11, 18)) == "day_off"
    assert hospital.closed(wib("2025-11-17 21:30")) is None
    guards = every.of("Satpol PP")
    assert guards.workdays == every.city.workdays
    assert guards.hour(date(2025, 11, 17)) == wib("2025-11-17 14:00")
    assert every.of("Dinas yang tak disebut") is every.city
