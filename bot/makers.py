"""Makers of what coordinators and admins get: summaries, workbooks, a session's code.

Everything is read as it is sent; figures are the frozen ones, so that a week looks the same each time.
"""

import sqlite3
from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from typing import Any

from bot.clock import Clock, from_text
from bot.config import Config
from bot.delivery.compose import Maker
from bot.delivery.gather import Dropped
from bot.domain.suppression import too_few
from bot.reports import ahead, pictures, workbooks
from bot.reports.caption import ToDo, summary_caption
from bot.reports.difference import difference_workbook
from bot.reports.drawing import Drawing
from bot.reports.figures import PersonRow, SummaryPicture, WeeklyFigures
from bot.reports.weekly import ONE_WEEK, Weekly, bounds, monday_of, week_before, week_of
from bot.roster import wire
from bot.store import accounts, figures, overview, roster, sessions
from bot.store.database import Store
from bot.store.outbox import Row
from bot.store.sessions import Session
from messages import formats
from messages.keyboards_staff import summary
from messages.library import Library
from messages.outgoing import Outgoing
from messages.texts import Texts

CITY = "Kota Mojokerto"
ALL_RIGHT = 100.0
# A workbook's weeks at most: a year. An older one is had by [Unduh XLSX] under one of its summaries.
MOST_WEEKS = 52
NO_RIGHT = Dropped("no right to it any more")


class StaffMakers:
    """What only people with rights see."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        config: Config,
        library: Library,
        texts: Texts,
        weekly: Weekly,
        bot_username: Callable[[], str | None],
        drawing: Drawing,
    ) -> None:
        self._store = store
        self._clock = clock
        self._config = config
        self._library = library
        self._texts = texts
        self._weekly = weekly
        self._bot_username = bot_username
        self._drawing = drawing

    def makers(self) -> Mapping[str, Maker]:
        """Return the makers by the template they stand for."""
        return {
            "summary": self._summary,
            "summary_xlsx": self._workbook,
            "admin_import_all": self._difference,
            "session_qr": self._qr,
            "session_poster": self._poster,
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
        weeks = await self._weeks(week, unit_id)
        # Only a week that was never told is counted; all others are read where they are kept, at once.
        await ahead.publish(self._store, self._weekly, self._clock.now(), weeks)
        counted = await self._store.read_at_length(lambda db: self._told(db, weeks, unit))
        members = await self._store.read(lambda db: _people(db, unit_id)) if unit_id is not None else []
        title = f"Ringkasan {name}"
        book = await self._drawing.make(
            partial(workbooks.summary_workbook, counted, members, name, title)
            if unit
            else partial(workbooks.aggregates_workbook, counted)
        )
        caption = self._texts.render("summary_xlsx", {"unit": name, "week": week})
        return Outgoing("document", caption, file=book, file_name=f"sinar-{_file_name(name)}-{week}.xlsx")

    async def _weeks(self, last: str, unit_id: int | None) -> list[str]:
        first = await self._store.read(lambda db: overview.first_start(db, unit_id))
        if first is None:
            return [last]
        monday = monday_of(week_of(from_text(first).astimezone(self._config.schedule.zone).date()))
        count = min(max(1, (monday_of(last) - monday) // ONE_WEEK + 1), MOST_WEEKS)
        return [week_of(monday_of(last) - number * ONE_WEEK) for number in reversed(range(count))]

    def _told(self, db: sqlite3.Connection, weeks: list[str], unit: tuple[int, str] | None) -> list[WeeklyFigures]:
        return self._weekly.published(db, weeks, [unit] if unit else [None, *sessions.units(db)])

    async def _qr(self, row: Row) -> Outgoing | Dropped:
        session, link = await self._session(row)
        if link is None:
            return Dropped("the bot's name is not known")
        png = await self._drawing.make(partial(pictures.qr_png, link, session.title))
        words = escape(pictures.qr_words(link, session.title), quote=False)
        return Outgoing("photo", words, file=png, file_name=f"qr-sesi-{session.id}.png")

    async def _poster(self, row: Row) -> Outgoing | Dropped:
        session, link = await self._session(row)
        if link is None:
            return Dropped("the bot's name is not known")
        when = formats.span(session.start, session.end, self._config.schedule.zone)
        pdf = await self._drawing.make(partial(pictures.poster_pdf, session.title, session.place, when, link))
        words = escape(pictures.poster_words(session.title, session.place, when, link), quote=False)
        return Outgoing("document", words, file=pdf, file_name=f"poster-sesi-{session.id}.pdf")

    async def _difference(self, row: Row) -> Outgoing | Dropped:
        """What an import would do, whole: as long as its dry run waits for a decision."""
        if row.telegram_id not in self._config.access.admins:
            return NO_RIGHT
        waiting = await self._store.read(lambda db: accounts.conversation(db, row.telegram_id))
        if waiting is None or waiting[0] != "import" or waiting[1]["key"] != row.facts["key"]:
            return Dropped("the dry run is over")
        kept = waiting[1].get("rows")
        if kept is None:
            return Dropped("the dry run is of an earlier version")
        found = await self._store.read_at_length(lambda db: roster.difference(db, *wire.from_text(kept)))
        book = await self._drawing.make(partial(difference_workbook, found, self._clock.now()))
        return Outgoing("document", self._texts.render(row.template, {}), file=book, file_name="perbedaan-pegawai.xlsx")

    async def _session(self, row: Row) -> tuple[Session, str | None]:
        session = await self._store.read(lambda db: sessions.get(db, row.facts["session_id"]))
        name = self._bot_username()
        return session, f"https://t.me/{name}?start={session.payload}" if name else None

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
