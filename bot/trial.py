"""Coba sebagai peserta: a second, small house for one admin, whose clock runs a day in a minute.

It has a database file of its own beside the real one, so nothing in it can touch a figure; the rules, handlers,
templates and the way out are the real ones. The real database says alone which trials run: a start after a
crash takes them up again, and a file that belongs to none is erased.
"""

import asyncio
import contextlib
import json
import logging
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from telegram.ext import ExtBot

from bot.calendars import Calendars
from bot.clock import Clock
from bot.config import Config
from bot.delivery.compose import Composer
from bot.delivery.gather import Dropped
from bot.delivery.pacing import Pacer
from bot.delivery.worker import Delivery
from bot.intake.handling import application_over, handling
from bot.intake.lanes import Handle
from bot.making.own import OwnMakers
from bot.reports.weekly import Weekly
from bot.store import accounts, incoming, outbox, quizzes, trials
from bot.store.database import Store
from bot.store.incoming import Incoming
from bot.store.outbox import Lane, Row
from bot.store.planning import Rules
from bot.store.trials import Running
from handlers import wiring
from handlers.door import House
from messages.library import Library
from messages.outgoing import Button, Outgoing
from messages.texts import Texts
from scheduler.release import Gate
from scheduler.summaries import Summaries
from scheduler.timetable import Timetable

log = logging.getLogger(__name__)
FASTER = 1440
LOOK_SECONDS, IDLE_SECONDS = 0.25, 1.0
LASTS = timedelta(days=40)
ARRIVES, BEGINS, ENDS = time(7, 30), time(8), time(11)
# Stands before the data of every button of a trial, so that no button of the real house is taken for one.
MARK = "~"
NAME, UNIT, TITLE = "Peserta Contoh", "Perangkat Daerah Contoh", "Sesi Percobaan"
# A participant's commands that are about the journey; all others stay with the real house.
COMMANDS = frozenset({"progres", "riwayat", "lanjut", "jeda", "pengaturan"})


@dataclass(frozen=True)
class FastClock:
    """A clock that stood at `first` when the real one stood at `begun`, and runs 1440 times as fast."""

    real: Clock
    begun: datetime
    first: datetime

    def now(self) -> datetime:
        """Return the present instant of the trial, aware, in UTC."""
        return self.first + (self.real.now() - self.begun) * FASTER


class _MarkedComposer(Composer):
    """Marks the buttons of whatever is composed."""

    async def compose(self, row: Row) -> tuple[Outgoing | Dropped, dict[str, Any]]:
        """Return the message of a row with its buttons marked."""
        out, facts = await super().compose(row)
        if isinstance(out, Outgoing):
            out = replace(out, rows=tuple(tuple(_marked(button) for button in line) for line in out.rows))
        return out, facts


def _marked(button: Button) -> Button:
    return button if button.data is None else replace(button, data=MARK + button.data)


@dataclass
class Trial:
    """One admin's small house while it stands."""

    running: Running
    store: Store
    clock: FastClock
    delivery: Delivery
    timetable: Timetable
    handle: Handle
    stack: AsyncExitStack
    sending: asyncio.Task[None]

    async def close(self) -> None:
        """Stop sending and close the file."""
        self.delivery.stop()
        await asyncio.gather(self.sending, return_exceptions=True)
        await self.stack.aclose()


@dataclass(frozen=True)
class Means:
    """What a trial shares with the real house."""

    config: Config
    clock: Clock
    store: Store
    library: Library
    texts: Texts
    bot: ExtBot[None]
    pacer: Pacer
    bot_username: Callable[[], str | None]


class Trials:
    """All trials that run; brought into line with the real database at every look."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._trials: dict[int, Trial] = {}
        self._looking = asyncio.Lock()
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Look until `stop` is called; a trial that fails harms nobody else."""
        while not self._stop.is_set():
            try:
                await self.look()
            except Exception:
                log.exception("look at the trials failed, trying again")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), LOOK_SECONDS if self._trials else IDLE_SECONDS)

    def stop(self) -> None:
        """Let `run` return."""
        self._stop.set()

    async def close(self) -> None:
        """Close all files; what runs goes on after the next start."""
        async with self._looking:
            while self._trials:
                await self._trials.popitem()[1].close()

    async def look(self) -> None:
        """Begin, go on with and end trials, as the real database and the clock say."""
        async with self._looking:
            wanted = {found.telegram_id: found for found in await self._means.store.read(trials.running)}
            for telegram_id, found in list(wanted.items()):
                if self._over(found):
                    await self._means.store.write(partial(self._end, found=found))
                    del wanted[telegram_id]
            for telegram_id, trial in list(self._trials.items()):
                if wanted.get(telegram_id) != trial.running:
                    del self._trials[telegram_id]
                    await trial.close()
            self._erase_all_but(set(wanted))
            for telegram_id, found in wanted.items():
                if telegram_id not in self._trials:
                    self._trials[telegram_id] = await self._open(found)
                await self._trials[telegram_id].timetable.look()

    def running(self, telegram_id: int) -> Trial | None:
        """Return the trial of this admin."""
        return self._trials.get(telegram_id)

    async def take(self, row: Incoming) -> bool:
        """Handle an update that belongs to a trial; returns False for one that is the real house's."""
        trial = self._trials.get(row.lane)
        if trial is None:
            return False
        update = json.loads(row.raw)
        if not await self._belongs(trial, update):
            return False
        tapped = update.get("callback_query")
        if tapped:
            tapped["data"] = tapped["data"].removeprefix(MARK)
        await trial.store.write(lambda db: trials.keep(db, trial.clock.now(), row))
        if not await trial.handle(replace(row, raw=json.dumps(update))):
            await trial.store.write(partial(incoming.settle, now=trial.clock.now(), row_ids=[row.id]))
        return True

    async def _belongs(self, trial: Trial, update: dict[str, Any]) -> bool:
        if tapped := update.get("callback_query"):
            return str(tapped.get("data", "")).startswith(MARK)
        if vote := update.get("poll_answer"):
            poll = str(vote["poll_id"])
            return await trial.store.read(lambda db: quizzes.by_poll(db, poll)) is not None
        if edited := update.get("edited_message"):
            return bool(edited["date"] >= int(trial.running.begun.timestamp()))
        message = update.get("message")
        if message is None or message["chat"]["type"] != "private" or "document" in message:
            return False
        text = str(message.get("text", ""))
        if text.startswith("/"):
            return text.split(maxsplit=1)[0][1:].partition("@")[0].lower() in COMMANDS
        # Whoever drafts a broadcast meanwhile goes on with that.
        telegram_id = trial.running.telegram_id
        return await self._means.store.read(lambda db: accounts.conversation(db, telegram_id)) is None

    async def still(self) -> bool:
        """Whether nothing that may go now waits to be sent in any trial."""
        for trial in list(self._trials.values()):
            waits = await trial.store.read(partial(outbox.may_go, now=trial.clock.now()))
            if waits or not trial.delivery.idle:
                trial.delivery.wake()
                return False
        return True

    def _over(self, found: Running) -> bool:
        means = self._means
        known = found.telegram_id in means.config.access.admins and found.journey in means.library.journeys
        return not known or (means.clock.now() - found.begun) * FASTER > LASTS

    def _end(self, db: sqlite3.Connection, found: Running) -> None:
        if trials.end(db, found.telegram_id) and found.telegram_id in self._means.config.access.admins:
            key = f"trial_over:{found.telegram_id}:{found.begun.isoformat()}"
            outbox.put(db, self._means.clock.now(), found.telegram_id, "trial_over", {}, key=key, lane=Lane.PEOPLE)

    def _path(self, telegram_id: int) -> Path:
        real = self._means.store.path
        return real.with_name(f"{real.name}.trial-{telegram_id}")

    def _erase_all_but(self, telegram_ids: set[int]) -> None:
        real = self._means.store.path
        kept = {self._path(telegram_id).name for telegram_id in telegram_ids}
        for file in real.parent.glob(f"{real.name}.trial-*"):
            # Beside each file lie those of its log.
            if not any(file.name == name or file.name.startswith((f"{name}-", f"{name}.")) for name in kept):
                file.unlink(missing_ok=True)

    async def _open(self, found: Running) -> Trial:
        means = self._means
        admins_none = means.config.access.model_copy(update={"admins": []})
        config = means.config.model_copy(update={"access": admins_none})
        calendars = Calendars(config)
        city = calendars.city
        day = city.workday_from(city.local_day(found.begun))
        clock = FastClock(means.clock, found.begun, city.at(day, ARRIVES))
        stack = AsyncExitStack()
        store = await stack.enter_async_context(Store(self._path(found.telegram_id)))
        rules = Rules(means.library.journeys, calendars, config.schedule.touches_per_day)
        weekly = Weekly(means.library, city.zone, config.privacy.minimum_group)
        fill = partial(
            trials.fill,
            now=clock.first,
            rules=rules,
            trial=found,
            name=NAME,
            unit=UNIT,
            title=TITLE,
            start=city.at(day, BEGINS),
            end=city.at(day, ENDS),
        )
        await store.write(fill)
        # Never shut down, for that would close the bot as well.
        app = application_over(means.bot)
        wiring.install(app, House(store, clock, config, rules, means.library, weekly, means.bot_username), means.bot)
        makers = OwnMakers(store, clock, means.library, means.texts, city.zone).makers()
        composer = _MarkedComposer(store, means.texts, means.library, clock, makers)
        delivery = Delivery(means.bot, store, composer, clock, means.pacer)
        timetable = Timetable(
            store,
            clock,
            Gate(rules, means.library),
            Summaries(calendars, weekly, (), config.schedule.weekly_summary),
            None,
            LOOK_SECONDS,
        )
        handle = handling(app, store, clock)
        await app.initialize()
        return Trial(found, store, clock, delivery, timetable, handle, stack, asyncio.create_task(delivery.run()))
