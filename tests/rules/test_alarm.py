"""An alarm is told once, then at doubling intervals, and once when it is over, whatever comes and goes."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.alarm import FIRST_INTERVAL, Alarm, Say, interval, step

START = datetime(2025, 11, 17, 1, 0, tzinfo=UTC)
# Minutes until the next look, whether there is trouble, whether it may be told.
LOOKS = st.lists(
    st.tuples(st.integers(1, 300), st.sampled_from([True, True, False]), st.sampled_from([True, True, False])),
    max_size=60,
)
Told = list[tuple[datetime, Say]]


def run(looks: list[tuple[int, bool, bool]]) -> tuple[Told, Alarm | None, datetime]:
    now, alarm, told = START, None, []
    for minutes, trouble, may_tell in looks:
        now += timedelta(minutes=minutes)
        alarm, say = step(alarm, trouble, now, may_tell)
        assert may_tell or say is None
        if say:
            told.append((now, say))
    return told, alarm, now


@given(LOOKS)
def test_nothing_is_told_twice_within_its_interval_and_ends_alternate_with_beginnings(looks) -> None:
    told, _alarm, _now = run(looks)
    troubles = [(at, say) for at, say in told if say is not Say.OVER]
    assert all(later - earlier >= FIRST_INTERVAL for (earlier, _), (later, _) in pairwise(troubles))
    ends = [at for at, say in told if say is Say.OVER]
    between = [sum(first < at < last for at, _ in told) for first, last in pairwise(ends)]
    # Two ends with nothing between them are those of two troubles that could not be told while they lasted.
    for (first, last), others in zip(pairwise(ends), between, strict=True):
        assert others or last - first >= FIRST_INTERVAL
    for (_, earlier), (_, later) in pairwise(told):
        assert later is not Say.STILL or earlier is not Say.OVER
        assert later is not Say.BEGUN or earlier is Say.OVER


@given(LOOKS)
def test_everything_that_was_told_is_told_to_be_over_once(looks) -> None:
    told, alarm, now = run(looks)
    ended = []
    for hours in range(1, 3000):
        alarm, say = step(alarm, False, now + timedelta(hours=hours), True)
        ended += [say] if say else []
        if alarm is None:
            break
    assert alarm is None or interval(alarm.told) > timedelta(hours=1000)
    assert all(say is Say.OVER for say in ended)
    assert len(ended) <= 1
    if told and told[-1][1] is not Say.OVER:
        assert ended == [Say.OVER]


@given(st.integers(1, 4000))
def test_what_lasts_is_told_at_doubling_intervals(minutes: int) -> None:
    told, alarm, now = run([(5, True, True)] * minutes)
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(told)]
    assert [say for _, say in told] == [Say.BEGUN] + [Say.STILL] * len(gaps)
    # Looks come every five minutes, and so do the whole hours.
    assert gaps == [FIRST_INTERVAL * 2**n for n in range(len(gaps))]
    _, say = step(alarm, False, now, True)
    assert say is Say.OVER


@given(LOOKS.filter(lambda looks: any(trouble for _, trouble, _ in looks)))
def test_what_could_not_be_told_is_told_once_afterwards(looks) -> None:
    told, alarm, now = run([(minutes, trouble, False) for minutes, trouble, _ in looks])
    assert told == []
    assert alarm is not None
    since = alarm.since
    alarm, say = step(alarm, False, now + timedelta(minutes=1), True)
    assert say is Say.OVER
    assert alarm is not None
    assert alarm.since == since <= now
    assert step(alarm, False, now + timedelta(minutes=2), True)[1] is None


def test_a_clock_that_was_set_back_silences_no_alarm() -> None:
    alarm, say = step(None, True, START, True)
    assert say is Say.BEGUN
    back = START - timedelta(days=400)
    alarm, say = step(alarm, True, back, True)
    assert say is None
    assert step(alarm, True, back + FIRST_INTERVAL, True)[1] is Say.STILL
