"""Makers of a week's summary and of its workbook, for coordinators and admins.

Everything is read as it is sent; figures are the frozen ones, so that a week looks the same each time.
"""

import sqlite3
from collections.abc import Mapping
from functools import partial
from typing import Any

from bot.clock import Clock
from bot.config import Config
from bot.delivery.compose import Maker
from bot.delivery.gather import NO_RIGHT, Dropped
from bot.domain.suppression import too_few
from bot.making.city_book import CityBook
from bot.making.drawing import Drawing
from bot.making.told import ToldWeeks
from bot.reports import ahead, pictures, workbooks
from bot.reports.caption import ToDo, summary_caption
from bot.reports.figures import PersonRow, SummaryPicture, WeeklyFigures
from bot.reports.weekly import ONE_WEEK, Weekly, bounds, week_before
from bot.reports.words import CITY
from bot.store import accounts, figures, sessions
from bot.store.database import Store
from bot.store.outbox import Row
from messages.keyboards_staff import summary
from messages.library import Library
from messages.outgoing import Outgoing
from messages.texts import Texts

ALL_RIGHT = 100.0


class SummaryMakers:
    """A unit's weeks for its coordinators; the city's and all units' for admins."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        config: Config,
        library: Library,
        texts: Texts,
        weekly: Weekly,
        drawing: Drawing,
        told: ToldWeeks,
        city_book: CityBook,
    ) -> None:
        self._store = store
        self._clock = clock
        self._config = config
        self._library = library
        self._texts = texts
        self._weekly = weekly
        self._drawing = drawing
        self._told = told
        self._city_book = city_book

    def makers(self) -> Mapping[str, Maker]:
        """Return the makers by the template they stand for."""
        return {
            "summary": self._summary,
            "summary_xlsx": self._workbook,
        }

    async def _summary(self, row: Row) -> Outgoing | Dropped:
        week, unit_id = row.facts["week"], row.facts["unit_id"]
        allowed = await self._store.read(lambda db: self._unit_of(db, row.telegram_id, unit_id))
        if isinstance(allowed, Dropped):
            return allowed
        await ahead.publish(self._store, self._weekly, self._clock.now(), [week_before(week), week])
        found = await self._store.read(lambda db: self._summed_up(db, row.telegram_id, week, unit_id))
        if isinstance(found, Dropped):
            return found
        picture, todo = found
        return await self._drawing.make(partial(summary_message, self._texts, picture, todo, row.facts))

    def _summed_up(
        self, db: sqlite3.Connection, telegram_id: int, week: str, unit_id: int | None
    ) -> tuple[SummaryPicture, ToDo] | Dropped:
        unit = self._unit_of(db, telegram_id, unit_id)
        if isinstance(unit, Dropped):
            return unit
        before, counted = self._weekly.published(db, [week_before(week), week], [unit])
        hardest = self._library.items.get(counted.hardest_item or "")
        picture = SummaryPicture(
            figures=counted,
            before=before if before.invited or before.sent else None,
            # Where all were right, none was the hardest.
            hardest_text=hardest.question if hardest and counted.quiz_average != ALL_RIGHT else None,
            title=unit[1] if unit else CITY,
            minimum_group=self._weekly.minimum_group,
        )
        return picture, self._to_do(db, counted, week, unit_id)

    def _to_do(self, db: sqlite3.Connection, counted: WeeklyFigures, week: str, unit_id: int | None) -> ToDo:
        if unit_id is None:
            return ToDo(max(0, counted.invited - counted.joined))
        start, end = bounds(week, self._config.schedule.zone)
        missing = [row["name"] for row in figures.not_joined(db, unit_id)]
        # To invite by name makes sense while a session is near: until its second summary.
        near = figures.has_sessions(db, unit_id, start - ONE_WEEK)
        named = self._config.privacy.names_unanswered
        waiting = figures.waiting_by_consent(db, unit_id, start, end) if named else []
        others = (counted.waiting or 0) - len(waiting)
        return ToDo(
            missing_total=len(missing),
            missing=tuple(missing) if near else (),
            unanswered=tuple(name for name, still in waiting if still),
            # Beside the names the number would point at the few who did not agree to be named.
            number=not waiting or others == 0 or not too_few(others, self._weekly.minimum_group),
        )

    async def _workbook(self, row: Row) -> Outgoing | Dropped:
        week, unit_id = row.facts["week"], row.facts["unit_id"]
        unit = await self._store.read(lambda db: self._unit_of(db, row.telegram_id, unit_id))
        if isinstance(unit, Dropped):
            return unit
        name = unit[1] if unit else CITY
        book = await self._book(week, unit) if unit else await self._city_book.of(week)
        caption = self._texts.render("summary_xlsx", {"unit": name, "week": week})
        return Outgoing("document", caption, file=book, file_name=f"sinar-{_file_name(name)}-{week}.xlsx")

    async def _book(self, week: str, unit: tuple[int, str]) -> bytes:
        unit_id, name = unit
        figures_by_week = await self._told.figures(await self._told.weeks_to(week, unit_id), [unit])
        members = await self._store.read(lambda db: _people(db, unit_id))
        make = partial(workbooks.summary_workbook, figures_by_week, members, name, f"Ringkasan {name}")
        return await self._drawing.make(make)

    def _unit_of(
        self, db: sqlite3.Connection, telegram_id: int, unit_id: int | None
    ) -> tuple[int, str] | Dropped | None:
        """Return the unit (None: the city) if it is the reader's to see as things stand now."""
        admin = telegram_id in self._config.access.admins
        if unit_id is None:
            return None if admin else NO_RIGHT
        visible = dict(sessions.units(db) if admin else accounts.coordinated_units(db, telegram_id))
        return (unit_id, visible[unit_id]) if unit_id in visible else NO_RIGHT


def summary_message(texts: Texts, picture: SummaryPicture, todo: ToDo, facts: Mapping[str, Any]) -> Outgoing:
    """Draw a week's summary, its words in the caption; takes some hundredths of a second."""
    png = pictures.summary_png(picture)
    name = f"ringkasan-{picture.figures.week}.png"
    return Outgoing("photo", summary_caption(texts, picture, todo), summary(dict(facts)), file=png, file_name=name)


def _people(db: sqlite3.Connection, unit_id: int) -> list[PersonRow]:
    return [
        PersonRow(row["name"], row["position"], bool(row["joined"]), bool(row["checked_in"]))
        for row in figures.members(db, unit_id)
    ]


def _file_name(unit: str) -> str:
    kept = "".join(c if c.isalnum() and c.isascii() else "-" for c in unit.casefold())
    return "-".join(part for part in kept.split("-") if part)[:60] or "unit"
