"""Makers of a session's link as a picture and as a poster for the hall."""

from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from zoneinfo import ZoneInfo

from bot.delivery.compose import Maker
from bot.delivery.gather import Dropped
from bot.domain.links import deep_link
from bot.making.drawing import Drawing
from bot.reports import pictures
from bot.store import sessions
from bot.store.database import Store
from bot.store.outbox import Row
from bot.store.sessions import Session
from messages import formats
from messages.outgoing import Outgoing


class SessionMakers:
    """The code of a session's link, alone and on a poster."""

    def __init__(self, store: Store, zone: ZoneInfo, bot_username: Callable[[], str | None], drawing: Drawing) -> None:
        self._store = store
        self._zone = zone
        self._bot_username = bot_username
        self._drawing = drawing

    def makers(self) -> Mapping[str, Maker]:
        """Return the makers by the template they stand for."""
        return {"session_qr": self._qr, "session_poster": self._poster}

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
        when = formats.span(session.start, session.end, self._zone)
        pdf = await self._drawing.make(partial(pictures.poster_pdf, session.title, session.place, when, link))
        words = escape(pictures.poster_words(session.title, session.place, when, link), quote=False)
        return Outgoing("document", words, file=pdf, file_name=f"poster-sesi-{session.id}.pdf")

    async def _session(self, row: Row) -> tuple[Session, str | None]:
        session = await self._store.read(lambda db: sessions.get(db, row.facts["session_id"]))
        return session, deep_link(self._bot_username(), session.payload)
