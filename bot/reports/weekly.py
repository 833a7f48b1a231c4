"""The weekly figures of a unit or the city: counted once, hidden where few people stand behind them."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.reports.counting import count, nothing, publication
from bot.reports.figures import WeeklyFigures
from bot.reports.impact.publishing import publish_impacts
from bot.store import figures as queries
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
        return self.frozen_of(db, now, week, (unit,))[0]

    def frozen_of(
        self, db: sqlite3.Connection, now: datetime, week: str, units: Iterable[tuple[int, str] | None]
    ) -> list[WeeklyFigures]:
        """Return a week's figures of several units, read once; raises as `frozen` does."""
        start, end = bounds(week, self._zone)
        if now < end:
            raise WeekNotOver(f"{week} is not over yet")
        known = queries.published(db, week)
        if None not in known:
            known = {unit_id: asdict(figures) for unit_id, figures in self._count(db, week).items()}
            queries.publish(db, now, week, known)
            publish_impacts(db, now, (start, end), known, self._library, self.minimum_group)
        return [_read(known, week, unit) for unit in units]

    def published(
        self, db: sqlite3.Connection, week: str, units: Iterable[tuple[int, str] | None]
    ) -> list[WeeklyFigures] | None:
        """Return a week's figures of several units if they were published; only reads."""
        known = queries.published(db, week)
        return [_read(known, week, unit) for unit in units] if None in known else None

    def peek(self, db: sqlite3.Connection, week: str, unit: tuple[int, str] | None) -> WeeklyFigures:
        """Return a week's figures as published, or as they would be now; nothing is kept."""
        known = queries.published(db, week)
        if None not in known:
            known = {unit_id: asdict(figures) for unit_id, figures in self._count(db, week).items()}
        return _read(known, week, unit)

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


def _read(known: Mapping[int | None, Mapping[str, Any]], week: str, unit: tuple[int, str] | None) -> WeeklyFigures:
    unit_id, name = unit or (None, None)
    figures = known.get(unit_id)
    # A unit that came into being after the week was told had nobody in it then.
    return nothing(week, name) if figures is None else WeeklyFigures(**{**figures, "unit": name})
