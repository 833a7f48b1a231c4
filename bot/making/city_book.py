"""The city's workbook: made once a week is told, before anybody asks, and kept until the next is.

It stands on published weeks alone, which never change. So who asks has it at once, however many units the city has.
"""

import asyncio
from dataclasses import dataclass
from functools import partial

from bot.making.drawing import Drawing
from bot.making.told import ToldWeeks
from bot.reports import workbooks
from bot.store import sessions
from bot.store.database import Store


@dataclass(frozen=True)
class _Made:
    weeks: list[str]
    units: list[tuple[int, str]]
    file: bytes


class CityBook:
    """Keeps the newest in memory; after a start it is made when it is first asked for."""

    def __init__(self, store: Store, told: ToldWeeks, drawing: Drawing) -> None:
        self._store = store
        self._told = told
        self._drawing = drawing
        self._made: _Made | None = None
        self._making = asyncio.Lock()

    async def make_ahead(self, week: str) -> None:
        """Make the workbook up to a week that has just been told.

        Left to who asks for it where weeks before it are still to be counted, as after a session that was entered late.
        """
        if not await self._told.uncounted(await self._told.weeks_to(week, None)):
            await self.of(week)

    def is_ready(self, week: str, units: list[tuple[int, str]]) -> bool:
        """Whether the workbook of these units, up to this week, was made already.

        A session that was entered late, before all others, is not seen here: then it is made anew, and nobody is told.
        """
        return self._made is not None and (self._made.weeks[-1], self._made.units) == (week, units)

    async def of(self, week: str) -> bytes:
        """Return the workbook (XLSX) of all units up to a week; made now if it is not there.

        Raises as `ToldWeeks.figures` does.
        """
        # Two who ask at once wait for one.
        async with self._making:
            weeks = await self._told.weeks_to(week, None)
            units = await self._store.read(sessions.units)
            if self._made is not None and (self._made.weeks, self._made.units) == (weeks, units):
                return self._made.file
            figures = await self._told.figures(weeks, [None, *units])
            file = await self._drawing.make(partial(workbooks.aggregates_workbook, figures))
            # An older one, which somebody asked for before the newest week was told, takes nothing's place.
            if self._made is None or self._made.weeks[-1] <= week:
                self._made = _Made(weeks, units, file)
            return file
