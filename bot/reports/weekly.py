"""The weekly figures of a unit or the city: counted once, hidden where few people stand behind them."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.reports.counting import count, nothing, publication
from bot.reports.figures import WeeklyFigures
from bot.reports.impact.publishing import Impacts, keep_impacts, next_impacts, still_so
from bot.store import figures as queries
from bot.store import sessions
from messages.library import Library

ONE_WEEK = timedelta(days=7)


class WeekNotOver(ValueError):
    """The week is not over yet, so that its figures would still change."""


def week_of(day: date) -> str:
    """Return the ISO week of a local date as "2025-W47"."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(week: str) -> date:
    """Return the Monday of "2025-W47"; raises ValueError for what is no ISO week."""
    year, _, number = week.partition("-W")
    if not (year.isdigit() and number.isdigit() and len(year) == 4 and len(number) == 2):
        raise ValueError(f'{week!r} is no ISO week; write such as "2025-W47"')
    return date.fromisocalendar(int(year), int(number), 1)


def last_week(now: datetime, zone: ZoneInfo) -> str:
    """Return the last whole ISO week before `now`."""
    return week_of(now.astimezone(zone).date() - ONE_WEEK)


def week_before(week: str) -> str:
    """Return the ISO week before this one."""
    return week_of(monday_of(week) - ONE_WEEK)


def bounds(week: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the instants (UTC) at which a week begins and ends in `zone`."""
    monday = monday_of(week)
    begin = datetime.combine(monday, time(), zone)
    return begin.astimezone(UTC), datetime.combine(monday + ONE_WEEK, time(), zone).astimezone(UTC)


@dataclass(frozen=True)
class Publication:
    """A week of all units and the city, worked out and not kept yet, with what that stands on."""

    week: str
    units: tuple[tuple[int, str], ...]
    figures: Mapping[int | None, Mapping[str, Any]]
    impacts: Impacts


class Weekly:
    """Publishes weeks: counts and hides all units and the city at once, and what sessions' impact reports say from
    then on, and keeps that. All methods are called inside a transaction that others opened."""

    def __init__(self, library: Library, zone: ZoneInfo, minimum_group: int) -> None:
        self._library = library
        self._zone = zone
        self.minimum_group = minimum_group

    def frozen(self, db: sqlite3.Connection, now: datetime, week: str, unit: tuple[int, str] | None) -> WeeklyFigures:
        """Return a week's figures, kept from the first time they were asked for, of whatever unit.

        Raises WeekNotOver for a week that has not ended, ValueError for what is no week.
        """
        publication = self.ready(db, now, week)
        if publication is not None:
            self.keep(db, now, publication)
        return self.published(db, [week], [unit])[0]

    def ready(self, db: sqlite3.Connection, now: datetime, week: str) -> Publication | None:
        """Work out a week's publication; only reads. None when it was published already; raises as `frozen` does."""
        start, end = bounds(week, self._zone)
        if now < end:
            raise WeekNotOver(f"{week} is not over yet")
        if queries.is_published(db, week):
            return None
        figures = {unit_id: asdict(counted) for unit_id, counted in self._count(db, week).items()}
        impacts = next_impacts(db, (start, end), figures, self._library, self.minimum_group)
        return Publication(week, tuple(sessions.units(db)), figures, impacts)

    def keep(self, db: sqlite3.Connection, now: datetime, publication: Publication) -> bool:
        """Publish what `ready` worked out, perhaps in an earlier snapshot.

        Its figures are those of that moment, as if it had been published then. Returns False, and keeps nothing,
        where what it would change, or whom it names, has changed since: then it must be worked out again.
        """
        week = publication.week
        if queries.is_published(db, week):
            return True
        days = bounds(week, self._zone)
        if tuple(sessions.units(db)) != publication.units or not still_so(db, days, publication.impacts):
            return False
        queries.publish(db, now, week, publication.figures)
        keep_impacts(db, now, days, publication.impacts)
        return True

    def unpublished(self, db: sqlite3.Connection, weeks: Iterable[str]) -> list[str]:
        """Return those of the weeks that were not published, in the order given."""
        return [week for week in weeks if not queries.is_published(db, week)]

    def published(
        self, db: sqlite3.Connection, weeks: Sequence[str], units: Sequence[tuple[int, str] | None]
    ) -> list[WeeklyFigures]:
        """Return the figures of weeks that were published, of several units: week by week, each in the units' order."""
        known = queries.published(db, weeks, [unit[0] if unit else None for unit in units])
        return [_read(known.get((week, unit[0] if unit else None)), week, unit) for week in weeks for unit in units]

    def peek(self, db: sqlite3.Connection, week: str, unit: tuple[int, str] | None) -> WeeklyFigures:
        """Return a week's figures as published, or as they would be now; nothing is kept."""
        if queries.is_published(db, week):
            return self.published(db, [week], [unit])[0]
        counted = self._count(db, week).get(unit[0] if unit else None)
        return _read(asdict(counted) if counted else None, week, unit)

    def _count(self, db: sqlite3.Connection, week: str) -> dict[int | None, WeeklyFigures]:
        start, end = bounds(week, self._zone)
        return publication(count(db, start, end), week, self.minimum_group, self._library)


def as_contract(figures: WeeklyFigures) -> dict[str, Any]:
    """Return the figures under the keys that scripts rely on."""
    return {
        "week": figures.week,
        "unit": figures.unit,
        "invited": figures.invited,
        "joined": figures.joined,
        "sent": figures.sent,
        "answered": figures.answered,
        "quiz_average": figures.quiz_average,
        "hardest_item": figures.hardest_item,
        "commitments": {"made": figures.commitments_made, "kept": figures.commitments_kept},
    }


def _read(figures: Mapping[str, Any] | None, week: str, unit: tuple[int, str] | None) -> WeeklyFigures:
    name = unit[1] if unit else None
    # A unit that came into being after the week was told had nobody in it then.
    return nothing(week, name) if figures is None else WeeklyFigures(**{**figures, "unit": name})
