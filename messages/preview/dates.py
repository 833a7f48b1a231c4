"""When a journey's touches come to somebody who answers each within the hour: by the bot's own rules and its gate."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bot.domain.calendar import WorkCalendar
from bot.domain.gate import Action, Reader, Source, Verdict, Waiting, decide
from bot.domain.journey import QUIZZES, Due, Journey, Kind, Step, Times, continues, due, resolve

ANSWERS_AFTER = timedelta(hours=1)
JOINS_BEFORE = timedelta(days=7)
# Nobody is put off for so long; a calendar without working days would be.
_MOST_LOOKS = 1_000


@dataclass(frozen=True)
class Moment:
    """What comes at one instant: steps, or (without any) the reminder of what was not answered."""

    at: datetime
    steps: tuple[Step, ...]
    counts: bool
    """Whether it is the day's touch; a notice is not."""
    rule: str
    """The rule that let it through, or the one that had put it off."""
    unanswered: tuple[Step, ...] = ()
    """Earlier steps of which this reminds whoever has not answered them."""


@dataclass
class _Walk:
    journey: Journey
    start: datetime
    end: datetime
    calendar: WorkCalendar
    answered: dict[str, datetime] = field(default_factory=dict)
    deferred: dict[int, tuple[datetime, str]] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    touches: dict[date, int] = field(default_factory=dict)

    def moments(self) -> Iterator[Moment]:
        for _ in range(_MOST_LOOKS):
            planned = {key: found for key, found in self._planned().items() if found.at is not None}
            if not planned:
                return
            looks = {key: self._look_at(key, found) for key, found in planned.items()}
            now = min(looks.values())
            waiting = [self._waiting(key, planned[key]) for key, at in sorted(looks.items()) if at <= now]
            for verdict in decide(now, self._reader(now), waiting):
                yield from self._carried_out(now, verdict)

    def _planned(self) -> dict[int, Due]:
        times = Times(self.start, self.end, self.start - JOINS_BEFORE, self.start, self.answered)
        steps = enumerate(self.journey.steps)
        return {key: due(step, times, self.calendar) for key, step in steps if key not in self.done}

    def _look_at(self, key: int, found: Due) -> datetime:
        at = found.at or self.start
        return max(at, self.deferred[key][0]) if key in self.deferred else at

    def _waiting(self, key: int, found: Due) -> Waiting:
        step, at = self.journey.steps[key], found.at or self.start
        follows = continues(step)
        asked = follows or (found.notice and step.kind is Kind.PREQUIZ)
        return Waiting(key, Source.JOURNEY, (0, at), at, found.until, found.notice or follows, asked)

    def _reader(self, now: datetime) -> Reader:
        return Reader(self.calendar, None, None, self.touches.get(self.calendar.local_day(now), 0), cap=1)

    def _carried_out(self, now: datetime, verdict: Verdict) -> Iterator[Moment]:
        if verdict.action is Action.DEFER:
            self.deferred |= dict.fromkeys(verdict.keys, (verdict.until or now, verdict.rule))
            return
        self.done |= set(verdict.keys)
        if verdict.action is Action.EXPIRE:
            return
        steps = tuple(self.journey.steps[key] for key in verdict.keys)
        for step in steps:
            self.answered[step.id] = now + ANSWERS_AFTER
        if not verdict.notice:
            day = self.calendar.local_day(now)
            self.touches[day] = self.touches.get(day, 0) + 1
        put_off = [self.deferred[key][1] for key in verdict.keys if key in self.deferred]
        yield Moment(now, steps, not verdict.notice, put_off[0] if put_off else verdict.rule)


def moments(journey: Journey, start: datetime, end: datetime, calendar: WorkCalendar) -> list[Moment]:
    """Return what comes when, in time order, with the reminders of what was left unanswered. Instants are UTC."""
    found = list(_Walk(journey, start, end, calendar).moments())
    for moment in list(found):
        for step in moment.steps:
            _remind(found, step, moment.at, calendar)
    return sorted(found, key=lambda moment: moment.at)


def closes(step: Step, at: datetime, calendar: WorkCalendar) -> datetime | None:
    """Return until when a step that was sent at `at` waits for its answer."""
    return resolve(step.expires, at, calendar, None) if step.expires else None


def _remind(found: list[Moment], step: Step, sent: datetime, calendar: WorkCalendar) -> None:
    if step.remind_after is None:
        return
    at, until = resolve(step.remind_after, sent, calendar, None), closes(step, sent, calendar)
    while until is None or at < until:
        day = calendar.local_day(at)
        same = [i for i, moment in enumerate(found) if moment.counts and calendar.local_day(moment.at) == day]
        if not same:
            found.append(Moment(at, (), counts=True, rule="reminder", unanswered=(step,)))
            return
        moment = found[same[0]]
        if not moment.steps or any(step.kind not in QUIZZES for step in moment.steps):
            found[same[0]] = replace(moment, unanswered=(*moment.unanswered, step))
            return
        at = calendar.next_day(at)
