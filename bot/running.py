"""Runs the assembled bot: reaches Telegram, opens the way in, heeds damage and refusals, ends within ten seconds."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import uvloop
from telegram import BotCommand, BotCommandScopeAllPrivateChats
from telegram.error import InvalidToken, TelegramError

from bot import health
from bot.application import Sinar, assemble
from bot.clock import Clock, to_text
from bot.config import Config
from bot.domain.alarm import Alarm
from bot.intake import webhook
from bot.intake.polling import PATIENCE, Polling, Refused, TokenRefused
from bot.lock import hold
from bot.store import alarms, facts
from bot.store.database import Store, StoreError
from bot.telegram_request import reason
from messages.menus import PARTICIPANT_MENU
from scheduler.alarms import TOKEN_REFUSED

log = logging.getLogger(__name__)
T = TypeVar("T")
# Python's threads take turns: beside a workbook or a plan that a thread makes, the event loop and the store's threads
# wait so long at most for theirs at each hand-over, and not the usual 5 ms.
TURN = 0.0005
# What python-telegram-bot makes of an update, and what goes away with it, is hundreds of objects: looked through after
# each few of them, as Python does by itself, it costs a third of all time.
COLLECT_AFTER = (10_000, 20, 20)
STOP_WITHIN = 7.0  # seconds; the contract's ten leave room for the last commit


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


def to_its_end(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` on an event loop of its own: uvloop's, which takes a tenth less for each update and message."""
    _hold_standard_descriptors()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def _hold_standard_descriptors() -> None:
    """Open those of stdin, stdout and stderr that whoever started this process closed: a socket would take their
    numbers, and uvloop ends the process hard when it closes one of these."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest number that is free.
            os.open(os.devnull, os.O_RDWR)


def keep_pauses_short() -> None:
    """Set the process up for people who wait: its threads take short turns, and the collector of garbage comes seldom
    and leaves alone what is there for good; looking through all of that stops everything for tenths of a second."""
    sys.setswitchinterval(TURN)
    gc.set_threshold(*COLLECT_AFTER)
    gc.collect()
    gc.freeze()


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
            partial(facts.set_fact, name=facts.BOT_USERNAME, value=sinar.bot.username, now=sinar.clock.now())
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
    # What an admin in a trial had sent before a crash finds that trial open again.
    await sinar.trials.look()
    unfinished = await sinar.lanes.unfinished()
    way_in, server = _open_way_in(sinar, secret)
    # Before the first new one can come in: nothing is awaited in between.
    sinar.lanes.submit(unfinished)
    parts = {asyncio.create_task(part) for part in (sinar.delivery.run(), sinar.timetable.run(), sinar.trials.run())}
    damage = asyncio.create_task(_heed_damage(sinar.store))
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
