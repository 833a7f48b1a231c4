"""Makers of what a person gets of the own: progress and recap pictures, voice notes, /dataku."""

import asyncio
from collections.abc import Mapping
from functools import partial
from html import escape
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.delivery.compose import Maker
from bot.delivery.gather import Dropped
from bot.making.cards import progress_card, recap_card
from bot.making.drawing import Drawing
from bot.making.own_data import as_json, as_page
from bot.reports import pictures
from bot.reports.figures import RecapCard
from bot.store import owndata
from bot.store.database import Store
from bot.store.outbox import Row
from messages.library import Library
from messages.outgoing import Outgoing
from messages.texts import CAPTION_LIMIT, Texts, clip


class OwnMakers:
    """What only its owner sees."""

    def __init__(self, store: Store, clock: Clock, library: Library, texts: Texts, zone: ZoneInfo) -> None:
        self._store = store
        self._clock = clock
        self._library = library
        self._texts = texts
        self._zone = zone
        # Nobody waits for Monday's pictures with an own one.
        self._drawing = Drawing()

    def makers(self) -> Mapping[str, Maker]:
        """Return the makers by the template they stand for."""
        return {
            "progress": self._progress,
            "recap": self._recap,
            "voice_again": self._voice,
            "dataku_json": self._json,
            "dataku_readable": self._readable,
        }

    async def _progress(self, row: Row) -> Outgoing | Dropped:
        today = self._clock.now().astimezone(self._zone).date()
        card = await self._store.read(lambda db: progress_card(db, self._library, row.facts["person_id"], today))
        if card is None:
            return Outgoing("text", self._texts.render("progress_none", {}))
        png = await self._drawing.make(partial(pictures.progress_png, card))
        return Outgoing("photo", _caption(pictures.progress_words(card)), file=png, file_name="progres.png")

    async def _recap(self, row: Row) -> Outgoing | Dropped:
        facts = row.facts
        card = await self._store.read(
            lambda db: recap_card(db, self._library, facts["person_id"], facts["session_id"], self._zone)
        )
        return await self._drawing.make(partial(recap_message, card))

    async def _voice(self, row: Row) -> Outgoing | Dropped:
        return Outgoing("voice", file_id=row.facts["file_id"])

    async def _json(self, row: Row) -> Outgoing | Dropped:
        document = await self._store.read(lambda db: owndata.document(db, row.telegram_id))
        body = await asyncio.to_thread(as_json, document)
        return Outgoing("document", file=body, file_name="data-saya.json")

    async def _readable(self, row: Row) -> Outgoing | Dropped:
        document = await self._store.read(lambda db: owndata.document(db, row.telegram_id))
        page = await asyncio.to_thread(as_page, document)
        return Outgoing("document", file=page, file_name="data-saya.html")


def recap_message(card: RecapCard) -> Outgoing:
    """Draw the recap card, its words beside it; takes some hundredths of a second."""
    png = pictures.recap_png(card)
    return Outgoing("photo", _caption(pictures.recap_words(card)), file=png, file_name="kartu-ringkas.png")


def _caption(words: str) -> str:
    return clip(escape(words, quote=False), CAPTION_LIMIT)
