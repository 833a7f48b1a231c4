"""When each step of a journey is due, for whom, and until when."""

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.calendar import WorkCalendar
from bot.domain.journey import (
    ANCHORS,
    Kind,
    Offset,
    Step,
    Times,
    continues,
    due,
    faults,
    parse_offset,
    resolve,
)
from tests.conftest import wib
from tests.rules.test_calendar import CITY, WIB, calendars, clock_times, moments

START, END = wib("2025-11-17 08:00"), wib("2025-11-17 11:00")
LONG_BEFORE = wib("2025-11-01 09:00")
JOINED_BEFORE = Times(START, END, LONG_BEFORE)
# What DESIGN.md shows of the grammar: a sign or none, digits, a unit, and for days a time of day.
GRAMMAR = re.compile(r"[+-]?[0-9]{1,4}(wd|d)( ([01][0-9]|2[0-3]):[0-5][0-9])?|[+-]?[0-9]{1,4}[hms]")


def step(kind: Kind, offset: str, anchor: str = "end", expires: str | None = None, step_id: str = "x") -> Step:
    return Step(step_id, kind, anchor, parse_offset(offset), parse_offset(expires) if expires else None)


# The grammar ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-1wd", Offset(-1, "wd")),
        ("+3wd", Offset(3, "wd")),
        ("+10d", Offset(10, "d")),
        ("0d 07:00", Offset(0, "d", time(7))),
        ("+3wd 09:30", Offset(3, "wd", time(9, 30))),
        ("+2h", Offset(2, "h")),
        ("+20s", Offset(20, "s")),
        ("+0s", Offset(0, "s")),
    ],
)
def test_what_the_design_shows_is_read(text: str, expected: Offset) -> None:
    assert parse_offset(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "3", "wd", "+wd", "3 wd", "+3w", "+1.5h", "++1d", "+-1d", "0d 7:00", "0d 24:00", "0d 07:60", "0d07:00"),
        *("0d  07:00", "+2h 07:00", "+20s 07:00", "+3WD", "+3wd,", "1d 07:00:00", "+٣d", "+12345d", "besok"),
        "0d 07.00",
    ],
)
def test_nothing_else_is_read_and_the_refusal_shows_what_would_be(text: str) -> None:
    with pytest.raises(ValueError, match=r"(such as|only with days)"):
        parse_offset(text)


@given(st.from_regex(GRAMMAR, fullmatch=True))
def test_whatever_the_grammar_makes_is_read(text: str) -> None:
    offset = parse_offset(text)
    assert abs(offset.count) == int(re.findall(r"[0-9]+", text)[0])
    assert offset.exact == (offset.unit in "hms")


@given(st.text(alphabet="+-0123456789wdhms :.", max_size=10))
def test_whatever_is_read_is_of_the_grammar(text: str) -> None:
    try:
        parse_offset(text)
    except ValueError:
        assert not GRAMMAR.fullmatch(text.strip())
    else:
        assert GRAMMAR.fullmatch(text.strip())


# Times ------------------------------------------------------------------------------------------------


@given(calendars(), moments, st.integers(0, 60), st.sampled_from(["d", "wd"]), st.none() | clock_times)
def test_days_ahead_are_working_days_at_the_persons_hour(
    calendar: WorkCalendar, anchor: datetime, count: int, unit: str, preferred: time | None
) -> None:
    assume(unit == "wd" or count > 0)
    at = resolve(Offset(count, unit), anchor, calendar, preferred)  # type: ignore[arg-type]
    local = at.astimezone(WIB)
    assert calendar.closed(at) is None
    assert at == calendar.hour(local.date(), preferred)
    assert local.date() >= calendar.local_day(anchor) + timedelta(count if unit == "d" else 0)


@given(calendars(), moments, st.integers(1, 30))
def test_working_days_back_are_working_days(calendar: WorkCalendar, anchor: datetime, count: int) -> None:
    at = resolve(Offset(-count, "wd"), anchor, calendar, None)
    assert calendar.closed(at) is None
    assert calendar.local_day(at) < calendar.local_day(anchor)


@given(calendars(), moments, st.integers(0, 9999), st.sampled_from([("h", 3600), ("m", 60), ("s", 1)]))
def test_lengths_are_exact(calendar: WorkCalendar, anchor: datetime, count: int, unit: tuple[str, int]) -> None:
    offset = parse_offset(f"+{count}{unit[0]}")
    assert resolve(offset, anchor, calendar, None) - anchor == timedelta(seconds=count * unit[1])


@given(calendars(), moments, clock_times, st.none() | clock_times)
def test_a_time_that_is_named_is_kept(
    calendar: WorkCalendar, anchor: datetime, at: time, preferred: time | None
) -> None:
    assert resolve(Offset(0, "d", at), anchor, calendar, preferred).astimezone(WIB) == datetime.combine(
        calendar.local_day(anchor), at, WIB
    )


@pytest.mark.parametrize(
    ("offset", "anchor", "expected"),
    [
        ("-1wd", "2025-11-17 08:00", "2025-11-14 13:15"),  # before a Monday: Friday, at Friday's time
        ("-1wd", "2025-11-18 08:00", "2025-11-17 12:15"),
        ("-1wd", "2025-12-29 08:00", "2025-12-24 12:15"),  # over Christmas and its collective leave
        ("0d 06:45", "2025-11-17 08:00", "2025-11-17 06:45"),
        ("+1wd", "2025-11-14 16:00", "2025-11-17 12:15"),
        ("+3wd", "2025-12-22 11:00", "2025-12-29 12:15"),
        ("+7d", "2025-12-18 11:00", "2025-12-29 12:15"),  # Christmas, leave, weekend: on to Monday
        ("+10d", "2025-11-05 11:00", "2025-11-17 12:15"),  # a Saturday moves to Monday
        ("+11d", "2025-11-10 11:00", "2025-11-21 13:15"),
        ("+3wd 09:30", "2025-11-17 08:00", "2025-11-20 09:30"),
        ("+2h", "2025-11-14 16:30", "2025-11-14 18:30"),
    ],
)
def test_times_of_the_shipped_journey(offset: str, anchor: str, expected: str) -> None:
    assert resolve(parse_offset(offset), wib(anchor), CITY, None) == wib(expected)


def test_the_preferred_hour_holds_on_fridays_too_and_gives_way_to_a_named_time() -> None:
    assert resolve(parse_offset("-1wd"), START, CITY, time(9)) == wib("2025-11-14 09:00")
    assert resolve(parse_offset("0d 06:45"), START, CITY, time(9)) == wib("2025-11-17 06:45")
    assert resolve(parse_offset("+1wd"), START, CITY, time(21)) == wib("2025-11-18 17:00")


def test_a_day_is_the_peoples_day() -> None:
    # 23.30 on Monday in Jakarta is still 16.30 of Monday, 01.00 of Tuesday is 18.00 of Monday in UTC.
    late = datetime(2025, 11, 17, 18, 0, tzinfo=UTC)
    assert resolve(parse_offset("+1wd"), late, CITY, None) == wib("2025-11-19 12:15")


# Anchors ----------------------------------------------------------------------------------------------


def test_each_anchor_counts_from_its_own_instant() -> None:
    times = Times(START, END, LONG_BEFORE, wib("2025-11-17 07:40"), {"y": wib("2025-11-20 10:00")})
    for anchor, at in (
        ("start", START),
        ("end", END),
        ("joined", LONG_BEFORE),
        ("checkin", wib("2025-11-17 07:40")),
        ("answered:y", wib("2025-11-20 10:00")),
    ):
        assert due(step(Kind.REFLECTION, "+2h", anchor), times, CITY).at == at + timedelta(hours=2)


@pytest.mark.parametrize("anchor", ["checkin", "answered:y"])
def test_what_hangs_on_what_has_not_come_has_no_time_yet(anchor: str) -> None:
    found = due(step(Kind.REFLECTION, "+2h", anchor), JOINED_BEFORE, CITY)
    assert (found.at, found.until, found.past) == (None, None, None)


def test_an_anchor_that_the_grammar_does_not_know_is_a_defect() -> None:
    with pytest.raises(KeyError):
        JOINED_BEFORE.anchor("begin")


def test_only_what_follows_at_once_from_an_answer_is_part_of_its_touch() -> None:
    assert continues(step(Kind.RECAP, "+0s", "answered:y"))
    assert not continues(step(Kind.RECAP, "+1s", "answered:y"))
    assert not continues(step(Kind.RECAP, "0d", "answered:y"))
    assert not continues(step(Kind.RECAP, "+0s", "end"))


def test_faults_of_a_journey_are_all_named() -> None:
    steps = [
        step(Kind.REACTION, "+2h", step_id="a"),
        step(Kind.REACTION, "+2h", step_id="a"),
        step(Kind.RECAP, "+0s", "answered:b", step_id="c"),
        step(Kind.RECAP, "+0s", "answered:d", step_id="d"),
        step(Kind.RECAP, "+0s", "finish", step_id="e"),
    ]
    found = faults("alur", steps)
    assert len(found) == 4
    for name, text in zip(("'a'", "'b'", "'d'", "'finish'"), found, strict=True):
        assert name in text
    assert faults("alur", [step(Kind.REACTION, "+2h", anchor, step_id=anchor) for anchor in ANCHORS]) == []


# Who joins when ---------------------------------------------------------------------------------------


@given(
    st.sampled_from([kind for kind in Kind if kind not in (Kind.REMINDER, Kind.PREQUIZ)]),
    st.sampled_from(["start", "end"]),
    st.sampled_from(["-1wd", "+2h", "+1wd", "+3wd", "+7d", "+30d"]),
    st.integers(-40 * 24 * 60, 60 * 24 * 60),
)
def test_late_joiners_get_no_past_step_and_every_later_one(kind: Kind, anchor: str, offset: str, minutes: int) -> None:
    joined = END + timedelta(minutes=minutes)
    found = due(step(kind, offset, anchor, "+3wd"), Times(START, END, joined), CITY)
    assert found.at is not None
    assert (found.past == "joined_late") == (found.at <= joined)
    assert not found.notice


PREQUIZ = step(Kind.PREQUIZ, "-1wd", "start")


def test_prequiz_of_who_joined_before_is_a_touch_until_the_start() -> None:
    found = due(PREQUIZ, JOINED_BEFORE, CITY)
    assert found.at == wib("2025-11-14 13:15")
    assert (found.until, found.notice, found.past) == (START, False, None)


def test_prequiz_of_who_joins_in_the_hall_comes_at_once() -> None:
    joined = wib("2025-11-17 07:30")
    found = due(PREQUIZ, Times(START, END, joined), CITY)
    assert (found.at, found.until, found.notice, found.past) == (joined, START, True, None)


@pytest.mark.parametrize("joined", [START, START + timedelta(minutes=1), END])
def test_prequiz_is_not_for_who_joins_once_it_has_begun(joined: datetime) -> None:
    assert due(PREQUIZ, Times(START, END, joined), CITY).past == "joined_late"


@given(st.integers(-30 * 24 * 60, 3 * 24 * 60))
def test_prequiz_never_goes_after_the_start(minutes: int) -> None:
    found = due(PREQUIZ, Times(START, END, START + timedelta(minutes=minutes)), CITY)
    assert found.until is not None
    assert found.until <= START
    assert found.past == "joined_late" or (found.at is not None and found.at < found.until)


@pytest.mark.parametrize("offset", ["-1wd", "0d 06:45"])
def test_reminders_go_as_notices_until_the_start(offset: str) -> None:
    found = due(step(Kind.REMINDER, offset, "start"), JOINED_BEFORE, CITY)
    assert found.notice
    assert found.until == START
    assert found.past is None


def test_a_session_that_begins_before_the_mornings_reminder_has_none() -> None:
    start = wib("2025-11-17 06:30")
    found = due(step(Kind.REMINDER, "0d 06:45", "start"), Times(start, END, LONG_BEFORE), CITY)
    assert found.at is not None
    assert found.until == start < found.at


def test_what_follows_the_start_is_not_ended_by_it() -> None:
    found = due(step(Kind.REFLECTION, "0d 12:15", "start"), JOINED_BEFORE, CITY)
    assert (found.at, found.until) == (wib("2025-11-17 12:15"), None)


def test_reminder_before_the_joining_is_not_repeated() -> None:
    joined = wib("2025-11-15 10:00")
    assert due(step(Kind.REMINDER, "-1wd", "start"), Times(START, END, joined), CITY).past == "joined_late"
    assert due(step(Kind.REMINDER, "0d 06:45", "start"), Times(START, END, joined), CITY).past is None


def test_moved_earlier_the_reminder_is_still_theirs_and_due_at_once() -> None:
    # Planned for Wednesday 17.00; on Tuesday at 15.00 it is moved to Wednesday 13.00, and then to Tuesday 16.00.
    reminder = step(Kind.REMINDER, "-1wd", "start")
    for start in ("2025-11-19 13:00", "2025-11-18 16:00"):
        times = Times(wib(start), wib(start) + timedelta(hours=2), LONG_BEFORE)
        found = due(reminder, times, CITY)
        assert found.at is not None
        assert found.at <= wib("2025-11-18 15:00") < wib(start) == found.until
        assert found.past is None


@given(st.dates(date(2025, 2, 1), date(2027, 10, 1)), clock_times, st.sampled_from(list(Kind)))
def test_expiry_is_after_the_due_time(day: date, at: time, kind: Kind) -> None:
    end = datetime.combine(day, at, WIB).astimezone(UTC)
    for offset in ("+2h", "+1wd", "+10d"):
        for expires in ("+1wd", "+3wd", "+2h", "+20s"):
            found = due(step(kind, offset, "end", expires), Times(end - timedelta(hours=3), end, LONG_BEFORE), CITY)
            if found.past is None and found.at is not None and kind is not Kind.PREQUIZ:
                assert found.until is not None
                assert found.until > found.at
