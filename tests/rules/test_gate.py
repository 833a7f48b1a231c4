"""The gate of restraint, for anything that may wait for a person."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import WorkCalendar
from bot.domain.gate import Action, Reader, Reminder, Source, Verdict, Waiting, decide
from tests.conftest import wib
from tests.rules.test_calendar import CITY, WIB, calendars, clock_times, moments

MONDAY_NOON = wib("2025-11-17 12:15")


def reader(**more: object) -> Reader:
    facts: dict[str, object] = {
        "calendar": CITY,
        "preferred": None,
        "paused_until": None,
        "touches_today": 0,
        "cap": 1,
        "next_touch_today": None,
    }
    return Reader(**(facts | more))  # type: ignore[arg-type]


def touch(key: int, *, due: datetime = MONDAY_NOON, until: datetime | None = None, **more: object) -> Waiting:
    source = more.pop("source", Source.JOURNEY)
    together = more.pop("together", (key, due))
    return Waiting(key, source, together, due, until, **more)  # type: ignore[arg-type]


@st.composite
def waitings(draw: st.DrawFn, now: datetime) -> list[Waiting]:
    around = st.integers(-72, 72).map(lambda hours: now + timedelta(hours=hours))
    past = st.integers(0, 72).map(lambda hours: now - timedelta(hours=hours))
    made = []
    for key in range(draw(st.integers(0, 7))):
        due = draw(past)
        source = draw(st.sampled_from(Source))
        asked = draw(st.booleans())
        made.append(
            Waiting(
                key,
                source,
                (draw(st.integers(1, 2)), due) if source is Source.JOURNEY else (key, due),
                due,
                draw(st.none() | around),
                notice=asked or draw(st.booleans()),
                asked_for=asked,
            )
        )
    return made


@st.composite
def situations(draw: st.DrawFn) -> tuple[datetime, Reader, list[Waiting], list[Reminder]]:
    now = draw(moments)
    near = st.integers(-30, 30).map(lambda hours: now + timedelta(hours=hours))
    return (
        now,
        Reader(
            calendar=draw(calendars()),
            preferred=draw(st.none() | clock_times),
            paused_until=draw(st.none() | near),
            touches_today=draw(st.integers(0, 3)),
            cap=draw(st.integers(1, 3)),
            next_touch_today=draw(st.none() | near),
        ),
        draw(waitings(now)),
        [Reminder(100 + n, draw(st.none() | near)) for n in range(draw(st.integers(0, 3)))],
    )


def released(verdicts: list[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if verdict.action is Action.RELEASE]


def touches(verdicts: list[Verdict]) -> list[Verdict]:
    return [verdict for verdict in released(verdicts) if not verdict.notice]


@given(situations())
def test_everything_that_waits_is_judged_once(case: tuple[datetime, Reader, list[Waiting], list[Reminder]]) -> None:
    now, who, waiting, reminders = case
    verdicts = decide(now, who, waiting, reminders)
    assert sorted(key for verdict in verdicts for key in verdict.keys) == sorted(item.key for item in waiting)
    told = [key for verdict in verdicts for key in verdict.reminders]
    still_open = [item.key for item in reminders if item.until is None or item.until > now]
    assert sorted(told) == sorted(still_open)


@given(situations())
def test_never_more_touches_than_the_cap_leaves_room_for(
    case: tuple[datetime, Reader, list[Waiting], list[Reminder]],
) -> None:
    now, who, waiting, reminders = case
    found = touches(decide(now, who, waiting, reminders))
    assert len(found) <= max(0, who.cap - who.touches_today)


@given(situations())
def test_no_touch_when_closed_or_paused(case: tuple[datetime, Reader, list[Waiting], list[Reminder]]) -> None:
    now, who, waiting, reminders = case
    paused = who.paused_until is not None and now < who.paused_until
    if who.calendar.closed(now) or paused:
        verdicts = decide(now, who, waiting, reminders)
        assert touches(verdicts) == []
        rule = "paused" if paused else who.calendar.closed(now)
        deferred = [v for v in verdicts if v.action is Action.DEFER and v.rule != "notice_hours"]
        assert {verdict.rule for verdict in deferred} <= {rule}


@given(situations())
def test_notices_keep_their_hours_unless_asked_for(
    case: tuple[datetime, Reader, list[Waiting], list[Reminder]],
) -> None:
    now, who, waiting, reminders = case
    asked = {item.key for item in waiting if item.asked_for}
    for verdict in released(decide(now, who, waiting, reminders)):
        if verdict.notice and not asked & set(verdict.keys):
            assert time(6, 30) <= now.astimezone(WIB).time() <= time(20)


@given(situations())
def test_what_was_asked_for_goes_now(case: tuple[datetime, Reader, list[Waiting], list[Reminder]]) -> None:
    now, who, waiting, reminders = case
    let_through = {key for verdict in released(decide(now, who, waiting, reminders)) for key in verdict.keys}
    for item in waiting:
        if item.asked_for and (item.until is None or item.until > now):
            assert item.key in let_through


@given(situations())
def test_what_is_put_off_is_put_off_to_when_it_may_go(
    case: tuple[datetime, Reader, list[Waiting], list[Reminder]],
) -> None:
    now, who, waiting, reminders = case
    for verdict in decide(now, who, waiting, reminders):
        if verdict.action is not Action.DEFER:
            continue
        assert verdict.until is not None
        assert verdict.until > now
        if verdict.rule == "notice_hours":
            assert who.calendar.notice_open(verdict.until) == verdict.until
        elif verdict.rule != "with_the_touch":
            assert who.calendar.closed(verdict.until) is None
            assert verdict.rule != "paused" or who.paused_until is None or verdict.until >= who.paused_until


@given(situations())
def test_what_is_past_its_time_expires_and_nothing_else_does(
    case: tuple[datetime, Reader, list[Waiting], list[Reminder]],
) -> None:
    now, who, waiting, reminders = case
    verdicts = decide(now, who, waiting, reminders)
    expired = {key for verdict in verdicts if verdict.action is Action.EXPIRE for key in verdict.keys}
    assert expired == {item.key for item in waiting if item.until is not None and item.until <= now}


@given(situations())
def test_the_order_is_journeys_first_and_soonest_to_expire_first(
    case: tuple[datetime, Reader, list[Waiting], list[Reminder]],
) -> None:
    now, who, waiting, reminders = case
    by_key = {item.key: item for item in waiting}
    order = []
    for verdict in decide(now, who, waiting, reminders):
        items = [by_key[key] for key in verdict.keys]
        if verdict.action is Action.EXPIRE or not items or items[0].notice:
            continue
        until = min(item.until or datetime.max.replace(tzinfo=UTC) for item in items)
        order.append((items[0].source is Source.BROADCAST, until, verdict.action is not Action.RELEASE))
    for first, second in pairwise(order):
        assert first[:2] <= second[:2]
        assert not (first[2] and not second[2])


@given(situations())
def test_steps_due_together_share_one_verdict(case: tuple[datetime, Reader, list[Waiting], list[Reminder]]) -> None:
    now, who, waiting, reminders = case
    verdict_of = {key: number for number, v in enumerate(decide(now, who, waiting, reminders)) for key in v.keys}
    live = [item for item in waiting if not item.notice and (item.until is None or item.until > now)]
    for one in live:
        for other in live:
            same = one.source is other.source and one.together == other.together
            assert (verdict_of[one.key] == verdict_of[other.key]) == same


@given(situations())
def test_one_line_of_reminders_at_most_and_under_the_first_journey_touch(
    case: tuple[datetime, Reader, list[Waiting], list[Reminder]],
) -> None:
    now, who, waiting, reminders = case
    verdicts = decide(now, who, waiting, reminders)
    with_lines = [verdict for verdict in verdicts if verdict.reminders]
    assert len(with_lines) <= 1
    journey_touches = [v for v in touches(verdicts) if v.keys and v.source is Source.JOURNEY]
    if with_lines and journey_touches:
        assert with_lines[0] is journey_touches[0]


def test_a_reminder_waits_for_the_touch_that_is_still_to_come_today() -> None:
    later = wib("2025-11-17 15:00")
    (verdict,) = decide(MONDAY_NOON, reader(next_touch_today=later), [], [Reminder(1, None)])
    assert (verdict.action, verdict.rule, verdict.until) == (Action.DEFER, "with_the_touch", later)


def test_a_reminder_alone_is_a_touch_and_takes_the_days_room() -> None:
    (verdict,) = decide(MONDAY_NOON, reader(), [], [Reminder(1, None), Reminder(2, None)])
    assert (verdict.action, verdict.keys, verdict.reminders) == (Action.RELEASE, (), (1, 2))
    (verdict,) = decide(MONDAY_NOON, reader(touches_today=1), [], [Reminder(1, None)])
    assert (verdict.action, verdict.rule, verdict.until) == (Action.DEFER, "cap", wib("2025-11-18 12:15"))


def test_a_reminder_of_what_is_closed_is_no_reminder() -> None:
    assert decide(MONDAY_NOON, reader(), [], [Reminder(1, MONDAY_NOON)]) == []


def test_the_rest_of_two_sessions_comes_the_next_working_day() -> None:
    friday = wib("2025-11-21 13:15")
    soon, late = friday + timedelta(days=2), friday + timedelta(days=9)
    first, second = decide(
        friday, reader(preferred=time(8)), [touch(1, due=friday, until=late), touch(2, due=friday, until=soon)]
    )
    assert (first.action, first.keys) == (Action.RELEASE, (2,))
    assert (second.action, second.keys, second.until) == (Action.DEFER, (1,), wib("2025-11-24 08:00"))


def test_a_journey_goes_before_a_broadcast_that_expires_sooner() -> None:
    broadcast = touch(-1, until=MONDAY_NOON + timedelta(hours=1), source=Source.BROADCAST)
    first, second = decide(MONDAY_NOON, reader(), [broadcast, touch(1)])
    assert (first.action, first.source) == (Action.RELEASE, Source.JOURNEY)
    assert (second.action, second.rule, second.source) == (Action.DEFER, "cap", Source.BROADCAST)


def test_a_notice_does_not_count_and_goes_on_a_day_off() -> None:
    sunday = wib("2025-11-16 10:00")
    notice, put_off = decide(sunday, reader(touches_today=1), [touch(1, due=sunday, notice=True), touch(2, due=sunday)])
    assert (notice.action, notice.notice, notice.keys) == (Action.RELEASE, True, (1,))
    assert (put_off.action, put_off.rule, put_off.until) == (Action.DEFER, "day_off", wib("2025-11-17 12:15"))


def test_a_notice_at_night_waits_for_the_morning_and_what_was_asked_for_does_not() -> None:
    night = wib("2025-11-17 22:00")
    waits, goes = decide(
        night, reader(), [touch(1, due=night, notice=True), touch(2, due=night, notice=True, asked_for=True)]
    )
    assert (waits.action, waits.until) == (Action.DEFER, wib("2025-11-18 06:30"))
    assert (goes.action, goes.keys) == (Action.RELEASE, (2,))


def test_a_pause_ends_at_the_persons_hour() -> None:
    until = wib("2025-11-22 00:00")
    (verdict,) = decide(MONDAY_NOON, reader(paused_until=until, preferred=time(10)), [touch(1)], [])
    assert (verdict.rule, verdict.until) == ("paused", wib("2025-11-24 10:00"))


def test_a_calendar_of_six_days_lets_through_what_the_city_holds_back() -> None:
    saturday = wib("2025-11-22 12:15")
    six = WorkCalendar(WIB, frozenset(range(6)))
    assert decide(saturday, reader(calendar=six), [touch(1, due=saturday)])[0].action is Action.RELEASE
    assert decide(saturday, reader(), [touch(1, due=saturday)])[0].action is Action.DEFER
