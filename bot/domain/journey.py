"""Journeys: steps with times relative to an anchor, and the instants that follow from them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Literal

from bot.domain.calendar import WorkCalendar

Unit = Literal["wd", "d", "h", "m", "s"]
_OFFSET = re.compile(r"([+-]?)([0-9]{1,4})(wd|d|h|m|s)(?: ([01][0-9]|2[0-3]):([0-5][0-9]))?")
_EXACT = {"h": 3600, "m": 60, "s": 1}


class Kind(StrEnum):
    REMINDER = "reminder"
    PREQUIZ = "prequiz"
    REACTION = "reaction"
    REFLECTION = "reflection"
    COMMITMENT = "commitment"
    QUIZ = "quiz"
    FOLLOWUP = "followup"
    SELFCHECK = "selfcheck"
    POSTQUIZ = "postquiz"
    RECAP = "recap"


QUIZZES = frozenset({Kind.PREQUIZ, Kind.QUIZ, Kind.POSTQUIZ})
LATER_BY = timedelta(days=7)
ANCHORS = ("start", "end", "checkin", "joined")


@dataclass(frozen=True)
class Offset:
    """A length of time as journeys write it: `+3wd`, `+10d`, `0d 07:00`, `+2h`, `+20s`."""

    count: int
    unit: Unit
    at: time | None = None

    @property
    def exact(self) -> bool:
        """Whether it is a plain length (hours, minutes, seconds), not a day and an hour."""
        return self.unit in _EXACT

    def length(self) -> timedelta:
        """Return an exact offset's length; raises KeyError for one in days."""
        return timedelta(seconds=self.count * _EXACT[self.unit])


@dataclass(frozen=True)
class Step:
    id: str
    kind: Kind
    anchor: str
    offset: Offset
    expires: Offset | None = None
    remind_after: Offset | None = None
    content: str | None = None


@dataclass(frozen=True)
class Journey:
    id: str
    title: str
    steps: tuple[Step, ...]
    coach: bool = False
    """Whether it asks leaders to act as coach: the commitment is worded for that."""

    def step(self, step_id: str) -> Step:
        """Return the step of that id; raises KeyError."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)

    def first_reflection(self) -> str | None:
        """Return the id of the reflection that quotes what was said, if there is one."""
        return next((step.id for step in self.steps if step.kind is Kind.REFLECTION), None)


def parse_offset(text: str) -> Offset:
    """Read an offset; raises ValueError that says what would be right."""
    match = _OFFSET.fullmatch(text.strip())
    if not match:
        raise ValueError(f'{text!r} is no offset; write such as "-1wd", "+10d", "0d 07:00", "+2h", "+20s"')
    sign, digits, unit, hour, minute = match.groups()
    if hour is not None and unit not in ("wd", "d"):
        raise ValueError(f'{text!r}: a time of day goes only with days ("d") or working days ("wd")')
    count = int(digits) * (-1 if sign == "-" else 1)
    at = time(int(hour), int(minute)) if hour is not None else None
    return Offset(count, unit, at)  # type: ignore[arg-type]


def resolve(offset: Offset, anchor: datetime, calendar: WorkCalendar, preferred: time | None) -> datetime:
    """Return the instant (UTC) that lies `offset` from `anchor`.

    Lengths are exact. Days and working days mean the person's hour, or the time the offset names; a date
    that lies ahead and falls on a day off moves to the next working day.
    """
    if offset.exact:
        return anchor + offset.length()
    day = calendar.local_day(anchor)
    if offset.unit == "wd":
        day = calendar.add_workdays(day, offset.count)
    else:
        day += timedelta(days=offset.count)
        if offset.count > 0:
            day = calendar.workday_from(day)
    return calendar.at(day, offset.at) if offset.at else calendar.hour(day, preferred)


@dataclass(frozen=True)
class Times:
    """The anchors of one participant; None where it has not come (yet). All aware, UTC."""

    start: datetime
    end: datetime
    joined: datetime
    checkin: datetime | None = None
    answered: Mapping[str, datetime] | None = None

    def anchor(self, name: str) -> datetime | None:
        """Return the anchor's instant; raises KeyError for a name that the grammar does not know."""
        if name.startswith("answered:"):
            return (self.answered or {}).get(name.removeprefix("answered:"))
        if name not in ANCHORS:
            raise KeyError(name)
        moment: datetime | None = getattr(self, name)
        return moment


@dataclass(frozen=True)
class Due:
    """When a step is due and until when it makes sense unsent; both None while its anchor has not come.

    `past` names the rule by which the step is not for this participant any more. `notice` is set for
    what goes when it is asked for and does not count as a touch.
    """

    at: datetime | None
    until: datetime | None
    notice: bool = False
    past: str | None = None


def due(step: Step, times: Times, calendar: WorkCalendar, preferred: time | None = None) -> Due:
    """Apply the journey's rules to one step of one participant (PRODUCT: the ASN's way, 2 and 3)."""
    anchor = times.anchor(step.anchor)
    if anchor is None:
        return Due(None, None)
    at = resolve(step.offset, anchor, calendar, preferred)
    until = resolve(step.expires, at, calendar, preferred) if step.expires else None
    early = step.kind is Kind.REMINDER and step.offset.count <= 0
    if step.anchor == "start" and (at < times.start or early):
        # What prepares for the session is worth nothing once it has begun.
        until = min(until, times.start) if until else times.start
    if step.kind is Kind.REMINDER:
        return _late_notice(at, until, times)
    if step.kind is Kind.PREQUIZ:
        return _prequiz(at, until, times)
    if step.anchor in ("start", "end") and at <= times.joined:
        return Due(at, until, past="joined_late")
    return Due(at, until)


def _late_notice(at: datetime, until: datetime | None, times: Times) -> Due:
    if until is not None and until <= times.joined:
        return Due(at, until, notice=True, past="joined_late")
    if at <= times.joined:
        # They have just been told the date and the place, by the answer to their joining.
        return Due(at, until, notice=True, past="joined_late")
    return Due(at, until, notice=True)


def _prequiz(at: datetime, until: datetime | None, times: Times) -> Due:
    latest = min(until, times.start) if until else times.start
    if times.joined >= latest:
        return Due(at, latest, past="joined_late")
    if at <= times.joined:
        return Due(times.joined, latest, notice=True)
    return Due(at, latest)


def continues(step: Step) -> bool:
    """Whether the step follows at once from the person's own answer, so that it is part of that touch."""
    return step.anchor.startswith("answered:") and step.offset.exact and step.offset.count == 0


def starts_later(step: Step, journey: Journey) -> bool:
    """Whether the step waits a week for the half that starts later: all that hangs on the end but the first quiz.

    That quiz is what the halves are compared by, so it comes to both at the same time.
    """
    first = next((known.id for known in journey.steps if known.kind is Kind.QUIZ), None)
    return step.anchor == "end" and step.id != first


def faults(journey_id: str, steps: Iterable[Step]) -> list[str]:
    """Return what is wrong with the steps taken together: doubled ids, unknown or circular anchors."""
    found, seen = [], set[str]()
    for step in steps:
        if step.id in seen:
            found.append(f"{journey_id}: step {step.id!r} stands twice; give each step an id of its own")
        name = step.anchor.removeprefix("answered:")
        if step.anchor.startswith("answered:"):
            if name not in seen:
                found.append(f"{journey_id}: step {step.id!r} hangs on {name!r}, which no earlier step is")
        elif step.anchor not in ANCHORS:
            known = ", ".join(ANCHORS)
            found.append(f"{journey_id}: step {step.id!r}: unknown anchor {step.anchor!r}; one of {known}")
        seen.add(step.id)
    return found
