"""Makers of a session's impact report for admins: the picture, the workbook, the two pages."""

from collections.abc import Callable, Mapping
from functools import partial

from bot.clock import Clock
from bot.config import Config
from bot.delivery.compose import Maker
from bot.delivery.gather import Dropped
from bot.reports import ahead
from bot.reports.drawing import Drawing
from bot.reports.impact.counting import ImpactCount
from bot.reports.impact.figures import Impact
from bot.reports.impact.pages import impact_pdf, impact_png
from bot.reports.impact.words import caption_lines, gain_missing
from bot.store import sessions
from bot.store.database import Store
from bot.store.outbox import Row
from messages.keyboards_staff import impact as buttons
from messages.outgoing import Outgoing
from messages.texts import CAPTION_LIMIT, Texts, clip


class ImpactMakers:
    """What of a session's results admins get. `drawing` is the thread that all of them share."""

    def __init__(
        self, store: Store, clock: Clock, config: Config, texts: Texts, count: ImpactCount, drawing: Drawing
    ) -> None:
        self._store = store
        self._clock = clock
        self._admins = config.access.admins
        self._zone = config.schedule.zone
        self._texts = texts
        self._count = count
        self._drawing = drawing

    def makers(self) -> Mapping[str, Maker]:
        """Return the makers by the template they stand for."""
        return {"impact": self._picture, "impact_xlsx": self._workbook, "impact_pdf": self._pages}

    async def _picture(self, row: Row) -> Outgoing | Dropped:
        impact = await self._counted(row)
        if isinstance(impact, Dropped):
            return impact
        if not impact.anything():
            facts = {"title": impact.title, "minimum_group": impact.minimum_group, "gain": gain_missing(impact)}
            return Outgoing("text", self._texts.render("impact_waits", facts))
        png = await self._drawing.make(partial(impact_png, impact, self._zone))
        caption = self._texts.render("impact", {"words": clip("\n".join(caption_lines(impact)), CAPTION_LIMIT)})
        return Outgoing(
            "photo", caption, buttons(row.facts), file=png, file_name=f"dampak-sesi-{impact.session_id}.png"
        )

    async def _workbook(self, row: Row) -> Outgoing | Dropped:
        # Only now: a start does not wait for what makes workbooks.
        from bot.reports.impact.workbook import impact_workbook

        return await self._document(row, impact_workbook, "impact_xlsx", "xlsx")

    async def _pages(self, row: Row) -> Outgoing | Dropped:
        return await self._document(row, impact_pdf, "impact_pdf", "pdf")

    async def _document(
        self, row: Row, make: Callable[..., bytes], template: str, extension: str
    ) -> Outgoing | Dropped:
        impact = await self._counted(row)
        if isinstance(impact, Dropped):
            return impact
        body = await self._drawing.make(partial(make, impact, self._zone))
        caption = self._texts.render(template, {"title": impact.title})
        return Outgoing("document", caption, file=body, file_name=f"dampak-sesi-{impact.session_id}.{extension}")

    async def _counted(self, row: Row) -> Impact | Dropped:
        if row.telegram_id not in self._admins:
            return Dropped("no right to it any more")
        session = await self._store.read(lambda db: sessions.get(db, row.facts["session_id"]))
        now = self._clock.now()
        # Then the count finds all weeks published, and only reads.
        await ahead.publish(self._store, self._count.weekly, now, self._count.weeks(now, session))
        return await self._store.read(lambda db: self._count.count(db, now, session))
