"""The law's clock: a correction is due 3 x 24 hours after it was asked for (UU 27/2022, Pasal 30), by the clock."""

from datetime import datetime, time, timedelta

from bot.domain.calendar import ONE_DAY, WorkCalendar

DUE = timedelta(hours=72)
HALF_TIME = timedelta(hours=36)
BEFORE_DUE = timedelta(hours=12)
EVENING = time(18, 0)


def due(asked: datetime) -> datetime:
    """Return until when a correction must have been made."""
    return asked + DUE


def reminder(asked: datetime, number: int, calendar: WorkCalendar) -> datetime:
    """Return when the admins are reminded for the `number`th time (from 0).

    At half time, 12 hours before it is due (or the evening before, where that falls into the hours in which no
    notice goes, for the next morning may be too late), when it is due, and then daily.
    """
    if number == 0:
        return asked + HALF_TIME
    if number > 1:
        return due(asked) + (number - 2) * ONE_DAY
    before = due(asked) - BEFORE_DUE
    if calendar.notice_open(before) == before:
        return before
    day = calendar.local_day(before)
    evening = calendar.at(day, EVENING)
    return evening if evening <= before else calendar.at(day - ONE_DAY, EVENING)


def next_reminder(asked: datetime, now: datetime, number: int, calendar: WorkCalendar) -> tuple[int, datetime]:
    """Return number and instant of the first reminder after `now`: what an outage has passed over is not repeated."""
    while (at := reminder(asked, number, calendar)) <= now:
        number += 1
    return number, at
