"""When admins hear of a trouble: once, then at doubling intervals, and once when it is well again."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

FIRST_INTERVAL = timedelta(hours=1)
# 2 ** 12 hours is half a year; beyond it nothing is gained by counting on.
MOST_DOUBLINGS = 12


class Say(Enum):
    """What is to be told: it has begun, it still lasts, it is over."""

    BEGUN = "begun"
    STILL = "still"
    OVER = "over"


@dataclass(frozen=True)
class Alarm:
    """A trouble that is open, or was until lately.

    `told` counts the tellings that the interval grows with; `owed`: its end is still to be told.
    """

    since: datetime
    told: int = 0
    told_at: datetime | None = None
    ended_at: datetime | None = None
    owed: bool = False

    @property
    def open(self) -> bool:
        """Whether the trouble lasts."""
        return self.ended_at is None

    def rests(self, now: datetime) -> bool:
        """Whether the interval since the last telling is still running."""
        return self.told_at is not None and now - self.told_at < interval(self.told)


def interval(told: int) -> timedelta:
    """Return how long nothing is told again after so many tellings."""
    return FIRST_INTERVAL * (1 << min(max(0, told - 1), MOST_DOUBLINGS))


def step(alarm: Alarm | None, trouble: bool, now: datetime, may_tell: bool) -> tuple[Alarm | None, Say | None]:
    """Return the alarm after a look at `now`, and what is to be told.

    `may_tell` is false at night and while an earlier word still waits to be sent: then nothing is lost, it is told
    later. A trouble that ends before it could be told is told once, as over. One that comes and goes is told no more
    often than one that stays: the interval runs on through its well times, and starts anew only after a whole one.
    """
    if alarm is None:
        return _tell(Alarm(now), now, may_tell) if trouble else (None, None)
    alarm = _not_from_the_future(alarm, now)
    if trouble:
        return _tell(_again(alarm, now), now, may_tell)
    ended = alarm if alarm.ended_at else replace(alarm, ended_at=now)
    if ended.owed or ended.told == 0:
        if not may_tell:
            return ended, None
        # Never told while it lasted: this is its one word, and the interval begins with it.
        first = ended.told == 0
        return replace(ended, owed=False, told=max(1, ended.told), told_at=now if first else ended.told_at), Say.OVER
    return (ended, None) if ended.rests(now) else (None, None)


def _tell(alarm: Alarm, now: datetime, may_tell: bool) -> tuple[Alarm, Say | None]:
    if not may_tell or alarm.rests(now):
        return alarm, None
    say = Say.STILL if alarm.owed else Say.BEGUN
    return replace(alarm, told=alarm.told + 1, told_at=now, owed=True), say


def _again(alarm: Alarm, now: datetime) -> Alarm:
    """A trouble that had ended is back: the same one while its end was never told, else a new one."""
    if alarm.open:
        return alarm
    same = alarm.owed or alarm.told == 0
    return replace(alarm, ended_at=None, since=alarm.since if same else now)


def _not_from_the_future(alarm: Alarm, now: datetime) -> Alarm:
    """After the clock was set back the interval begins now: it must not last until the old time comes again."""
    if alarm.told_at is not None and alarm.told_at > now:
        alarm = replace(alarm, told_at=now)
    return replace(alarm, since=min(alarm.since, now))
