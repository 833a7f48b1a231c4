"""Assembles store, messages, handlers, scheduler and delivery into a running bot."""

import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from telegram import BotCommand, BotCommandScopeAllPrivateChats, Update
from telegram.error import InvalidToken, TelegramError
from telegram.ext import ApplicationBuilder, CallbackContext, ExtBot
from telegram.request import BaseRequest, HTTPXRequest

from bot import health
from bot.broadcast_makers import BroadcastMakers
from bot.calendars import Calendars
from bot.clock import Clock, to_text
from bot.config import Config
from bot.delivery import unrecorded
from bot.delivery.compose import Composer, Maker
from bot.delivery.pacing import Pacer
from bot.delivery.worker import Delivery
from bot.domain.alarm import Alarm
from bot.impact_makers import ImpactMakers
from bot.intake import webhook
from bot.intake.lanes import Handle, Lanes
from bot.intake.polling import PATIENCE, Polling, Refused, TokenRefused
from bot.intake.receiving import Receiver, is_storable
from bot.lock import hold
from bot.makers import StaffMakers
from bot.own_makers import OwnMakers
from bot.reports.drawing import Drawing
from bot.reports.impact.counting import ImpactCount
from bot.reports.weekly import Weekly
from bot.store import alarms, facts, incoming
from bot.store.database import Store, StoreError
from bot.store.incoming import Incoming
from bot.store.planning import Rules
from bot.telegram_request import AiohttpRequest, reason
from bot.trial import Means, Trials
from handlers import wiring
from handlers.door import DONE_ROW, UPDATE_ROW, App, House
from messages.library import Library, load_library
from messages.menus import PARTICIPANT_MENU
from messages.texts import Texts
from scheduler.alarms import TOKEN_REFUSED, Alarms
from scheduler.housekeeping import Housekeeping
from scheduler.release import Gate
from scheduler.summaries import Summaries
from scheduler.timetable import Timetable

log = logging.getLogger(__name__)
# Python's threads take turns: beside a workbook or a plan that a thread makes, the event loop and the store's threads
# wait so long at most for theirs at each hand-over, and not the usual 5 ms.
TURN = 0.0005
STOP_WITHIN = 7.0  # seconds; the contract's ten leave room for the last commit
CONNECTIONS = 16
BOT_USERNAME = "bot_username"
# Errors of the update that is being handled: process_update() itself keeps silent about them.
_ERRORS: ContextVar[list[Exception]] = ContextVar("errors")


@dataclass
class Sinar:
    """The assembled bot. `run` is for the real thing; the demo and the tests turn its parts by hand."""

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
    app = _application(config, token, reach)
    bot: Any = app.bot
    async with Store(config.storage.path) as store:
        names = _Names(config, await store.read(lambda db: facts.fact(db, BOT_USERNAME)))
        house = House(store, clock, config, rules, library, weekly, names.current)
        count = ImpactCount(library, calendars, weekly)
        drawing = Drawing()
        makers: Mapping[str, Maker] = {
            **OwnMakers(store, clock, library, texts, zone).makers(),
            **StaffMakers(store, clock, config, library, texts, weekly, names.current, drawing).makers(),
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
        trials = Trials(
            Means(
                config,
                clock,
                store,
                library,
                texts,
                bot,
                pacer,
                partial(_second_application, bot),
                _handler,
                names.current,
            )
        )
        handle = _handler(app, store, clock, trials.take)
        lanes = Lanes(store, clock, handle, _say_aside)
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
        )
        wiring.install(app, house, bot)
        app.add_error_handler(_remember_error)
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
        )
        names.owner = sinar
        try:
            yield sinar
        finally:
            await trials.close()


def keep_pauses_short() -> None:
    """Set the process up for people who wait: its threads take short turns, and the collector of garbage leaves alone
    what is there for good; looking through all of that stops everything for tenths of a second."""
    sys.setswitchinterval(TURN)
    gc.collect()
    gc.freeze()


async def run(config: Config, token: str, clock: Clock, *, secret: str | None = None) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code. Says on the log why it refuses.

    Raises AlreadyRunning, StoreError, ContentError.
    """
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    with hold(config.storage.path):
        try:
            async with assemble(config, token, clock) as sinar, _health_shown(sinar):
                keep_pauses_short()
                # Else each would be compiled as it is first said, while everybody waits.
                compiling = asyncio.create_task(asyncio.to_thread(sinar.texts.compile_all))
                try:
                    return await _serve(sinar, stop, secret)
                finally:
                    await asyncio.gather(compiling, return_exceptions=True)
                    with contextlib.suppress(TelegramError, RuntimeError):
                        await sinar.app.shutdown()
        except Refused as refusal:
            log.error("refused reason=%s", refusal)
            return 1


@asynccontextmanager
async def _health_shown(sinar: Sinar) -> AsyncIterator[None]:
    """Answer at the address of [health], if there is one, also while Telegram is not reached yet. Raises Refused."""
    listen = sinar.config.health.listen
    if listen is None:
        yield
        return
    with _listening("[health] listen", listen):
        server = health.serve(listen, sinar.store, sinar.clock, sinar.config.schedule.look_every_seconds)
    try:
        yield
    finally:
        server.stop()
        await server.close_all_connections()


@contextlib.contextmanager
def _listening(setting: str, address: str) -> Iterator[None]:
    """Say which setting is at fault where nobody can listen at its address."""
    try:
        yield
    except OSError as error:
        raise Refused(
            f"{setting} = {address}: nobody can listen there ({error.strerror}): stop what holds it, or choose another"
        ) from error


async def connect(sinar: Sinar, stop: asyncio.Event) -> bool:
    """Reach Telegram (getMe) and set the menus; waits while Telegram is away.

    Returns False when told to stop meanwhile. Raises Refused for a token that Telegram does not take.
    """
    pause = 1.0
    while not stop.is_set():
        try:
            await sinar.app.initialize()
        except InvalidToken:
            await note_refused_token(sinar)
            raise TokenRefused from None
        except TelegramError as error:
            log.warning("telegram not reached reason=%s", reason(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
            pause = min(30.0, pause * 2)
            continue
        sinar.username = sinar.bot.username
        await sinar.store.write(
            partial(facts.set_fact, name=BOT_USERNAME, value=sinar.bot.username, now=sinar.clock.now())
        )
        await sinar.store.write(lambda db: facts.drop_fact(db, TOKEN_REFUSED))
        await _set_menus(sinar)
        return True
    return False


async def note_refused_token(sinar: Sinar) -> None:
    """Open the alarm: nobody can be told now, so it is told when a token is taken again, with since when."""
    now = sinar.clock.now()

    def work(db: sqlite3.Connection) -> None:
        if facts.fact(db, TOKEN_REFUSED) is None:
            facts.set_fact(db, TOKEN_REFUSED, to_text(now), now)
        if alarms.get(db, "token") is None:
            alarms.keep(db, "token", Alarm(now))

    await sinar.store.write(work)


async def _serve(sinar: Sinar, stop: asyncio.Event, secret: str | None) -> int:
    stopping = asyncio.create_task(stop.wait())
    if not await _connected(sinar, stop, stopping):
        return 0
    way_in, server = _open_way_in(sinar, secret)
    parts = {asyncio.create_task(part) for part in (sinar.delivery.run(), sinar.timetable.run(), sinar.trials.run())}
    damage = asyncio.create_task(_heed_damage(sinar.store))
    # What an admin in a trial had sent before a crash finds that trial open again.
    await sinar.trials.look()
    await sinar.lanes.resume()
    log.info("running as=@%s database=%s", sinar.username, sinar.config.storage.path)
    code = 0
    refusal = asyncio.create_task(_heed_refusals(sinar))
    done, _ = await asyncio.wait({stopping, damage, refusal, way_in, *parts}, return_when=asyncio.FIRST_COMPLETED)
    for task in done - {stopping}:
        error = task.exception()
        code = 1
        if isinstance(error, Refused | StoreError):
            log.error("refused reason=%s", error)
            if isinstance(error, TokenRefused):
                await note_refused_token(sinar)
        else:
            log.critical("a part of the bot ended", exc_info=error)
    await _close(sinar, way_in, parts, server)
    for watch in (stopping, damage, refusal):
        watch.cancel()
    return code


async def _connected(sinar: Sinar, stop: asyncio.Event, stopping: asyncio.Task[Any]) -> bool:
    """Connect, but wait for no answer of Telegram's once the process is told to stop."""
    connecting = asyncio.create_task(connect(sinar, stop))
    await asyncio.wait({connecting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not connecting.done():
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        return False
    return await connecting


async def _heed_damage(store: Store) -> None:
    await store.damaged.wait()
    raise StoreError(
        f"{store.path} is damaged, nothing more is written: put a backup back with `restore FILE`, then start again"
    )


async def _heed_refusals(sinar: Sinar) -> None:
    """While a send was refused for its token, ask getMe: one refusal may be Telegram's mistake.

    Raises TokenRefused when it is refused for a minute.
    """
    while True:
        await sinar.delivery.refused.wait()
        log.error("the token is refused, nothing is sent until it is taken: check SINAR_BOT_TOKEN")
        await _until_taken(sinar)
        log.warning("the token is taken again")
        sinar.delivery.go_on()


async def _until_taken(sinar: Sinar) -> None:
    since, pause = time.monotonic(), 0.5
    while True:
        try:
            await sinar.bot.get_me()
        except InvalidToken:
            if time.monotonic() - since > PATIENCE:
                raise TokenRefused from None
        except TelegramError as error:
            log.warning("telegram not reached reason=%s", reason(error))
        else:
            return
        await asyncio.sleep(pause)
        pause = min(15.0, pause * 2)


def _open_way_in(sinar: Sinar, secret: str | None) -> tuple[asyncio.Task[None], Any]:
    telegram = sinar.config.telegram
    if telegram.update_mode == "webhook":
        with _listening("[telegram] webhook_listen", telegram.webhook_listen):
            server = webhook.serve(telegram.webhook_listen, sinar.receiver, secret or "")
        alarms = sinar.timetable.alarms
        announcing = webhook.announce(
            sinar.bot, telegram.webhook_url or "", secret or "", alarms.hear if alarms else None
        )
        return asyncio.create_task(announcing), server
    return asyncio.create_task(poll(sinar)), None


async def poll(sinar: Sinar) -> None:
    """Fetch updates until cancelled; raises Refused when going on is useless."""
    with contextlib.suppress(TelegramError):
        await sinar.bot.delete_webhook()
    alarms = sinar.timetable.alarms
    async with sinar.reach(2) as request:
        await Polling(sinar.bot.base_url, request, sinar.receiver, alarms.hear if alarms else None).run()


async def _close(sinar: Sinar, way_in: asyncio.Task[None], parts: set[asyncio.Task[None]], server: Any) -> None:
    end = time.monotonic() + STOP_WITHIN
    # Nobody waits out a foreign lock any more, else each of those who wait would take its five seconds.
    hurrying = asyncio.create_task(sinar.store.hurry())
    if server is not None:
        server.stop()
    way_in.cancel()
    await asyncio.gather(way_in, return_exceptions=True)
    await sinar.lanes.stop(STOP_WITHIN / 2)
    sinar.timetable.stop()
    sinar.trials.stop()
    sinar.delivery.stop()
    _, late = await asyncio.wait(parts, timeout=max(0.5, end - time.monotonic()))
    for task in late:
        task.cancel()
    await asyncio.gather(hurrying, *parts, return_exceptions=True)
    log.info("stopped")


async def _set_menus(sinar: Sinar) -> None:
    """Show everybody the participants' commands; who has a role gets its menu on taking it up."""
    commands = [BotCommand(command, description) for command, description in PARTICIPANT_MENU.items()]
    try:
        await sinar.bot.set_my_commands(commands, scope=BotCommandScopeAllPrivateChats())
    except TelegramError as error:
        log.warning("menus not set reason=%s", error.message)


def _application(config: Config, token: str, reach: Callable[[int], BaseRequest]) -> App:
    base = config.telegram.api_base_url
    bot: ExtBot[None] = ExtBot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=reach(CONNECTIONS),
        get_updates_request=reach(1),
    )
    # No updater: polling is our own, so that an update is stored before it is confirmed. No job queue: the
    # timetable asks the store.
    return ApplicationBuilder().bot(bot).updater(None).job_queue(None).build()


def _second_application(bot: ExtBot[None]) -> App:
    """Handlers of their own over the same bot; never shut down, for that would close the bot as well."""
    app: App = ApplicationBuilder().bot(bot).updater(None).job_queue(None).build()
    app.add_error_handler(_remember_error)
    return app


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


def _handler(
    app: App, store: Store, clock: Clock, elsewhere: Callable[[Incoming], Awaitable[bool]] | None = None
) -> Handle:
    async def handle(row: Incoming) -> None:
        if elsewhere is not None and await elsewhere(row):
            await store.write(partial(_settle, row_id=row.id, clock=clock))
            return
        given = json.loads(row.raw)
        try:
            update = Update.de_json(given, app.bot) if is_storable(row.raw, given) else None
        except Exception as error:
            # Of another shape than Telegram's: trying again would only hold up its chat.
            log.warning("update cannot be read row=%d kind=%s", row.id, type(error).__name__)
            update = None
        if update is None:
            await store.write(lambda db: incoming.unreadable(db, row.id, clock.now()))
            return
        errors: list[Exception] = []
        marks = (UPDATE_ROW.set(row.id), _ERRORS.set(errors))
        try:
            await app.process_update(update)
        finally:
            UPDATE_ROW.reset(marks[0])
            _ERRORS.reset(marks[1])
        if errors:
            raise errors[0]
        if DONE_ROW.get() != row.id:
            # Whatever no handler wanted is done as well.
            await store.write(partial(_settle, row_id=row.id, clock=clock))

    return handle


def _settle(db: sqlite3.Connection, row_id: int, clock: Clock) -> None:
    if incoming.is_waiting(db, row_id):
        incoming.done(db, row_id, clock.now())


async def _remember_error(_update: object, context: CallbackContext[Any, Any, Any, Any]) -> None:
    if context.error is not None:
        _ERRORS.get().append(context.error)


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


def _say_aside(row_id: int, kind: str) -> None:
    # The admins hear of it by the timetable's next look.
    log.error("an update was kept aside row=%d error=%s", row_id, kind)
