"""Assembles store, messages, handlers, scheduler and delivery into a running bot."""

import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from telegram.ext import ExtBot
from telegram.request import BaseRequest, HTTPXRequest

from bot.calendars import Calendars
from bot.clock import Clock
from bot.config import Config
from bot.delivery import unrecorded
from bot.delivery.compose import Composer, Maker
from bot.delivery.pacing import Pacer
from bot.delivery.worker import Delivery
from bot.intake.handling import App, application_over, handling
from bot.intake.lanes import Lanes
from bot.intake.receiving import Receiver
from bot.making.broadcasts import BroadcastMakers
from bot.making.city_book import CityBook
from bot.making.drawing import Drawing
from bot.making.impact import ImpactMakers
from bot.making.imports import ImportMakers
from bot.making.own import OwnMakers
from bot.making.sessions import SessionMakers
from bot.making.summaries import SummaryMakers
from bot.making.told import ToldWeeks
from bot.reports.impact.counting import ImpactCount
from bot.reports.weekly import Weekly
from bot.store import facts
from bot.store.database import Store
from bot.store.planning import Rules
from bot.telegram_request import AiohttpRequest
from bot.trial import Means, Trials
from handlers import wiring
from handlers.door import House
from messages.library import Library, load_library
from messages.texts import Texts
from scheduler.alarms import Alarms
from scheduler.housekeeping import Housekeeping
from scheduler.release import Gate
from scheduler.summaries import Summaries
from scheduler.timetable import Timetable

CONNECTIONS = 16


@dataclass
class Sinar:
    """The assembled bot; `bot/running.py` lets it run, the demo and the tests turn its parts by hand."""

    config: Config
    clock: Clock
    store: Store
    library: Library
    bot: ExtBot[None]
    app: App
    lanes: Lanes
    receiver: Receiver
    delivery: Delivery
    timetable: Timetable
    reach: Callable[[int], BaseRequest]
    trials: Trials
    texts: Texts
    city_book: CityBook
    username: str | None = None


@asynccontextmanager
async def assemble(
    config: Config, token: str, clock: Clock, reach: Callable[[int], BaseRequest] | None = None
) -> AsyncIterator[Sinar]:
    """Open the store and put the parts together; nothing runs yet, nothing is sent.

    `reach` makes the way to Telegram for so many connections; without it, it is HTTPS.
    Raises StoreError, ContentError.
    """
    # Lengths come as timedelta, never as bare seconds that are about to change their meaning.
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    library = load_library(config.content.path)
    calendars = Calendars(config)
    zone = config.schedule.zone
    texts = Texts(library.folder, zone)
    rules = Rules(library.journeys, calendars, config.schedule.touches_per_day, config.programme.later_half)
    weekly = Weekly(library, zone, config.privacy.minimum_group)
    reach = reach or _REACH[config.telegram.http_client]
    bot = _bot(config, token, reach)
    app = application_over(bot)
    async with Store(config.storage.path) as store:
        names = _Names(config, await store.read(lambda db: facts.fact(db, facts.BOT_USERNAME)))
        count = ImpactCount(library, calendars, weekly)
        drawing = Drawing()
        told = ToldWeeks(store, clock, weekly, zone)
        city_book = CityBook(store, told, drawing)
        house = House(store, clock, config, rules, library, weekly, names.current, city_book.is_ready)
        makers: Mapping[str, Maker] = {
            **OwnMakers(store, clock, library, texts, zone).makers(),
            **SummaryMakers(store, clock, config, library, texts, weekly, drawing, told, city_book).makers(),
            **SessionMakers(store, zone, names.current, drawing).makers(),
            **ImportMakers(store, clock, config, texts, drawing).makers(),
            **ImpactMakers(store, clock, config, texts, count, drawing).makers(),
            **BroadcastMakers(store, clock, config, texts).makers(),
        }
        pacer = Pacer(config.telegram.messages_per_second, time.monotonic)
        delivery = Delivery(
            bot,
            store,
            Composer(store, texts, library, clock, makers),
            clock,
            pacer,
            unrecorded.place(config.storage.path),
        )
        trials = Trials(Means(config, clock, store, library, texts, bot, pacer, names.current))
        lanes = Lanes(store, clock, handling(app, store, clock, trials.take))
        summaries = Summaries(calendars, weekly, tuple(config.access.admins), config.schedule.weekly_summary)
        timetable = Timetable(
            store,
            clock,
            Gate(rules, library),
            summaries,
            Housekeeping(
                store,
                calendars,
                config.storage.backup_dir,
                config.storage.backups_kept,
                config.storage.backup_public_key,
                timedelta(days=config.privacy.retention_days),
            ),
            config.schedule.look_every_seconds,
            Alarms(
                store,
                calendars,
                tuple(config.access.admins),
                summaries,
                config.storage.backup_dir,
                config.content.path,
            ),
            city_book.make_ahead,
        )
        wiring.install(app, house, bot)
        sinar = Sinar(
            config,
            clock,
            store,
            library,
            bot,
            app,
            lanes,
            Receiver(store, clock, lanes),
            delivery,
            timetable,
            reach,
            trials,
            texts,
            city_book,
        )
        names.owner = sinar
        try:
            yield sinar
        finally:
            await trials.close()


def _bot(config: Config, token: str, reach: Callable[[int], BaseRequest]) -> ExtBot[None]:
    base = config.telegram.api_base_url
    return ExtBot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=reach(CONNECTIONS),
        get_updates_request=reach(1),
    )


def _over_aiohttp(connections: int) -> BaseRequest:
    return AiohttpRequest(
        connections,
        connect_timeout=5.0,
        read_timeout=15.0,
        write_timeout=15.0,
        pool_timeout=15.0,
        media_write_timeout=30.0,
    )


def _over_httpx(connections: int) -> BaseRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=5.0,
        read_timeout=15.0,
        write_timeout=15.0,
        pool_timeout=15.0,
        media_write_timeout=30.0,
    )


_REACH = {"aiohttp": _over_aiohttp, "httpx": _over_httpx}


class _Names:
    """The bot's name for links: the settings', else what getMe said now or the last time."""

    def __init__(self, config: Config, remembered: str | None) -> None:
        self._configured = config.telegram.bot_username
        self._remembered = remembered
        self.owner: Sinar | None = None

    def current(self) -> str | None:
        """Return the name without @, or None while it is not known."""
        seen = self.owner.username if self.owner else None
        return self._configured or seen or self._remembered
