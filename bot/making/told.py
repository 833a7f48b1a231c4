"""The weeks that a workbook tells of, up to one: as they were first shown."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.clock import Clock, from_text
from bot.reports import ahead
from bot.reports.figures import WeeklyFigures
from bot.reports.weekly import ONE_WEEK, Weekly, monday_of, week_of
from bot.store import overview
from bot.store.database import Store

# A workbook's weeks at most: a year. An older one is had by [Unduh XLSX] under one of its summaries.
MOST_WEEKS = 52


class ToldWeeks:
    """Reads published weeks; one that was never told is counted first."""

    def __init__(self, store: Store, clock: Clock, weekly: Weekly, zone: ZoneInfo) -> None:
        self._store = store
        self._clock = clock
        self._weekly = weekly
        self._zone = zone

    async def weeks_to(self, last: str, unit_id: int | None) -> list[str]:
        """Return the weeks since the first session of the unit (None: of the city), at most a year of them."""
        first = await self._store.read(lambda db: overview.first_start(db, unit_id))
        if first is None:
            return [last]
        monday = monday_of(week_of(from_text(first).astimezone(self._zone).date()))
        count = min(max(1, (monday_of(last) - monday) // ONE_WEEK + 1), MOST_WEEKS)
        return [week_of(monday_of(last) - number * ONE_WEEK) for number in reversed(range(count))]

    async def uncounted(self, weeks: Sequence[str]) -> list[str]:
        """Return those of the weeks that were never told."""
        return await self._store.read(lambda db: self._weekly.unpublished(db, weeks))

    async def figures(self, weeks: Sequence[str], units: Sequence[tuple[int, str] | None]) -> list[WeeklyFigures]:
        """Return the figures of the units (None: the city), week by week.

        Raises WeekNotOver for a week that has not ended, ValueError for what is no week.
        """
        # Only a week that was never told is counted; all others are read where they are kept, at once.
        await ahead.publish(self._store, self._weekly, self._clock.now(), weeks)
        return await self._store.read_at_length(lambda db: self._weekly.published(db, weeks, units))
