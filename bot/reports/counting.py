"""A week of the whole city: counted for each unit, and published with what would tell of few people left out."""

import sqlite3
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TypeVar

from bot.domain.suppression import Cell, Hidden, covered, hide, too_few
from bot.reports.figures import WeeklyFigures
from bot.store import figures as queries
from bot.store import sessions
from bot.store.figures import Participation, Promises, Touches
from messages.library import Library

T = TypeVar("T", Touches, Promises)


@dataclass(frozen=True, slots=True)
class Item:
    """One quiz item as answered in a week."""

    item: str
    value: str
    answers: int
    right: int
    people: int


@dataclass(frozen=True, slots=True)
class Counted:
    """A week of one unit, nothing hidden: never shown as it is."""

    part: Participation
    touches: Touches
    promises: Promises
    quiz_people: int
    items: tuple[Item, ...]

    @property
    def quiz_answers(self) -> int:
        return sum(item.answers for item in self.items)

    @property
    def quiz_right(self) -> int:
        return sum(item.right for item in self.items)


@dataclass(frozen=True, slots=True)
class Week:
    """A week of all units that there are, and who took part in the city."""

    units: dict[int, Counted]
    city: Participation


def count(db: sqlite3.Connection, start: datetime, end: datetime) -> Week:
    """Count all units from `start` until `end` (UTC), in the transaction of the caller."""
    parts, city = queries.participation(db, end)
    touches, promises = queries.touches(db, start, end), queries.promises(db, start, end)
    people = queries.quiz_people(db, start, end)
    items: dict[int, list[Item]] = {}
    for row in queries.quiz_items(db, start, end):
        item = Item(row["item"], row["value"], row["answers"], row["correct_answers"], row["people"])
        items.setdefault(row["unit_id"], []).append(item)
    return Week(
        {
            unit_id: Counted(
                parts.get(unit_id, Participation()),
                touches.get(unit_id, Touches()),
                promises.get(unit_id, Promises()),
                people.get(unit_id, 0),
                tuple(items.get(unit_id, ())),
            )
            for unit_id, _ in sessions.units(db)
        },
        city,
    )


def publication(week: Week, name: str, minimum_group: int, library: Library) -> dict[int | None, WeeklyFigures]:
    """Return what is shown of a week, by unit (None: the city): decided for all of them together."""

    def hidden(cell: Callable[[Counted], Cell], also: Collection[int] = ()) -> Hidden[int]:
        return hide({unit_id: cell(counted) for unit_id, counted in week.units.items()}, minimum_group, also)

    answered = hidden(_answered)
    # A unit that covers another does so in every result: what it did of one kind bounds what it answered.
    covering = {
        unit_id for unit_id in answered.parts if not too_few(week.units[unit_id].touches.answered_people, minimum_group)
    }
    quiz, made, kept = hidden(_quiz, covering), hidden(_made, covering), hidden(_kept, covering)
    # Sent less waiting would tell of the answered: where that is hidden, so is this.
    waiting = hide(
        {unit_id: _waiting(counted, unit_id in answered.parts) for unit_id, counted in week.units.items()},
        minimum_group,
        answered.parts,
    )
    if not answered.total and not _room_to_wait(week, answered.parts, waiting.parts, minimum_group):
        waiting = Hidden(waiting.parts, True)

    def row(unit_id: int | None, counted: Counted) -> WeeklyFigures:
        def shown(rule: Hidden[int]) -> bool:
            return not (rule.total if unit_id is None else unit_id in rule.parts)

        touches, promises = counted.touches, counted.promises
        average, hardest, value = _results(counted, minimum_group, library) if shown(quiz) else (None, None, None)
        return WeeklyFigures(
            week=name,
            unit=None,
            invited=counted.part.invited,
            joined=counted.part.joined,
            sent=touches.sent,
            answered=touches.answered if shown(answered) else None,
            quiz_average=average,
            hardest_item=hardest,
            hardest_value=value,
            commitments_made=promises.made if shown(made) else None,
            commitments_kept=promises.kept if shown(kept) else None,
            waiting=touches.waiting_people if shown(waiting) and shown(answered) else None,
        )

    of_all: dict[int | None, WeeklyFigures] = {None: row(None, _sum(week))}
    return of_all | {unit_id: row(unit_id, counted) for unit_id, counted in week.units.items()}


def nothing(week: str, unit: str | None) -> WeeklyFigures:
    """Return the figures of a week in which a unit did not exist."""
    return WeeklyFigures(
        week=week, unit=unit, invited=0, joined=0, sent=0, answered=None, quiz_average=None, hardest_item=None,
        hardest_value=None, commitments_made=None, commitments_kept=None,
    )  # fmt: skip


def _answered(counted: Counted) -> Cell:
    touches = counted.touches
    return Cell(touches.answered_people, touches.answered, touches.sent)


def _waiting(counted: Counted, answered_hidden: bool) -> Cell:
    # Everybody who waits has a step open, and how many are open is said wherever `answered` is.
    touches = counted.touches
    most = touches.sent if answered_hidden else touches.sent - touches.answered
    return Cell(touches.waiting_people, touches.waiting_people, most)


def _room_to_wait(week: Week, unanswered: Collection[int], hidden: Collection[int], minimum_group: int) -> bool:
    """Whether those who wait stay hidden where the city's answers say how many the hidden units can be together."""
    alone = [_waiting(week.units[unit_id], False) for unit_id in hidden if unit_id not in unanswered]
    together = [_waiting(week.units[unit_id], False) for unit_id in unanswered]
    waiting, room = sum(cell.value for cell in together), sum(cell.most for cell in together)
    return not alone or covered([*alone, Cell(waiting, waiting, room)], minimum_group)


def _quiz(counted: Counted) -> Cell:
    # An average is as good as the right answers behind it to one who knows how many were asked.
    return Cell(counted.quiz_people, counted.quiz_right, max(counted.quiz_answers, counted.touches.quizzes))


def _made(counted: Counted) -> Cell:
    promises = counted.promises
    return _promised(counted, promises.made_people, promises.made, counted.touches.commitments)


def _kept(counted: Counted) -> Cell:
    promises = counted.promises
    return _promised(counted, promises.reported_people, promises.kept, counted.touches.followups)


def _promised(counted: Counted, people: int, value: int, asked: int) -> Cell:
    """Where nobody was asked in the week and nobody came late, that there is none is in the timetable."""
    return Cell(people, value, max(value, asked, counted.part.joined) if asked or people else 0)


def _results(counted: Counted, minimum_group: int, library: Library) -> tuple[float | None, str | None, str | None]:
    average = round(100 * counted.quiz_right / counted.quiz_answers, 1)
    enough = [item for item in counted.items if not too_few(item.people, minimum_group)]
    if not enough:
        return average, None, None
    hardest = min(enough, key=lambda item: (item.right / item.answers, item.item))
    value = library.values.get(hardest.value)
    return average, hardest.item, value.name if value else None


def _sum(week: Week) -> Counted:
    every = list(week.units.values())
    items: dict[tuple[str, str], Item] = {}
    for one in (item for counted in every for item in counted.items):
        known = items.get((one.item, one.value), Item(one.item, one.value, 0, 0, 0))
        items[one.item, one.value] = Item(
            one.item, one.value, known.answers + one.answers, known.right + one.right, known.people + one.people
        )
    return Counted(
        week.city,
        _added(Touches(), (counted.touches for counted in every)),
        _added(Promises(), (counted.promises for counted in every)),
        sum(counted.quiz_people for counted in every),
        tuple(items[key] for key in sorted(items)),
    )


def _added(start: T, more: Iterable[T]) -> T:
    names = [field.name for field in fields(start)]
    total = dict.fromkeys(names, 0)
    for one in more:
        for name in names:
            total[name] += getattr(one, name)
    return type(start)(**total)
