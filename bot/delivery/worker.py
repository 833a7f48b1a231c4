"""The way out: leases rows, sends them within Telegram's limits, records what became of them.

Two loops, so that answers to people never wait behind bulk: the people's lane sends at once; the rest
goes at the pacer's pace. At most 16 sends are under way, so a crash leaves at most 16 of unknown outcome.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from telegram import Bot

from bot.clock import Clock
from bot.delivery.calls import Outcome, Report, answers, send
from bot.delivery.compose import Composer
from bot.delivery.gather import Dropped
from bot.delivery.pacing import Pacer
from bot.delivery.record import Result, expire, is_expired, record
from bot.logs import OF_PEOPLE
from bot.store import outbox
from bot.store.database import Store
from bot.store.outbox import Lane, Row

log = logging.getLogger(__name__)
PEOPLE_LANES = (Lane.PEOPLE, Lane.PEOPLE)
BULK_LANES = (Lane.NOTICE, Lane.BULK)
IN_FLIGHT_EACH = 8
LONGEST_WAIT = 1.0  # seconds between two looks when nothing wakes a loop
EXPIRED = Dropped("expired")
GIVEN_BACK = Dropped("given back")


@dataclass
class _Door:
    """One of the two loops: its lanes, what is under way, and what wakes it."""

    lanes: tuple[Lane, Lane]
    paced: bool
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Delivery:
    """Runs until told to stop; then finishes what is under way."""

    def __init__(self, bot: Bot, store: Store, composer: Composer, clock: Clock, pacer: Pacer) -> None:
        self._bot = bot
        self._store = store
        self._composer = composer
        self._clock = clock
        self._pacer = pacer
        self._busy: set[int] = set()
        self._doors = (_Door(PEOPLE_LANES, paced=False), _Door(BULK_LANES, paced=True))
        self._results: asyncio.Queue[Result] = asyncio.Queue()
        self._stopping = False
        self._last_look = clock.now()
        # Set whenever something was recorded; for those who wait until all is quiet.
        self.moved = asyncio.Event()
        self.on_refused_token: Callable[[], None] | None = None
        store.after_write(self.wake)

    def wake(self) -> None:
        """Look for rows now: something was written, or the clock was moved."""
        for door in self._doors:
            door.wake.set()

    async def run(self) -> None:
        """Send until `stop` is called; raises only what is a defect of the program."""
        await self._void_leases()
        recorder = asyncio.create_task(self._record_all())
        try:
            await asyncio.gather(*(self._serve(door) for door in self._doors))
            for door in self._doors:
                if door.tasks:
                    await asyncio.gather(*door.tasks)
            await self._results.join()
        finally:
            recorder.cancel()
            await asyncio.gather(recorder, return_exceptions=True)

    async def _void_leases(self) -> None:
        while not self._stopping:
            try:
                await self._store.write(self._begin)
            except sqlite3.Error:
                # Somebody else holds the file, or the disk is full: that passes, and nothing may go before it.
                log.exception("leases not voided, trying again")
                await asyncio.sleep(LONGEST_WAIT)
            else:
                return

    def _begin(self, db: sqlite3.Connection) -> None:
        outbox.void_leases(db)
        outbox.clock_went_back(db, self._clock.now())

    def stop(self) -> None:
        """Lease nothing more; `run` returns when what is under way has been recorded."""
        self._stopping = True
        self.wake()

    @property
    def idle(self) -> bool:
        """Whether nothing is under way and nothing waits to be recorded."""
        return not any(door.tasks for door in self._doors) and self._results.empty() and not self._busy

    async def _serve(self, door: _Door) -> None:
        while not self._stopping:
            door.wake.clear()
            room = 0 if door.paced and self._pacer.halted else IN_FLIGHT_EACH - len(door.tasks)
            rows = await self._lease_if_possible(door, room) if room > 0 else []
            for row in rows:
                self._busy.add(row.telegram_id)
                task = asyncio.create_task(self._handle(row, door))
                door.tasks.add(task)
                task.add_done_callback(door.tasks.discard)
            # Whatever may change what there is to lease (a write, a chat that is free again) wakes the door.
            await self._wait(door)

    async def _lease_if_possible(self, door: _Door, room: int) -> list[Row]:
        try:
            return await self._lease(door, room)
        except sqlite3.Error:
            # A full disk or a foreign lock must not end the process: the rows wait, and the next look asks again.
            log.exception("nothing leased, trying again")
            return []

    async def _lease(self, door: _Door, room: int) -> list[Row]:
        now, busy = self._clock.now(), set(self._busy)
        went_back, self._last_look = now < self._last_look, now
        if went_back:
            await self._store.write_quietly(partial(outbox.clock_went_back, now=now))
        # Most looks find nothing; they are made on the reading connection and cost the writer no commit.
        if not await self._store.read(lambda db: outbox.anything(db, now, door.lanes)):
            return []
        return await self._store.write_quietly(lambda db: outbox.lease(db, now, door.lanes, room, busy))

    async def _wait(self, door: _Door) -> None:
        try:
            halt = self._pacer.halted if door.paced else 0.0
            await asyncio.wait_for(door.wake.wait(), min(halt, LONGEST_WAIT) or LONGEST_WAIT)
        except TimeoutError:
            return

    async def _handle(self, row: Row, door: _Door) -> None:
        try:
            if door.paced and not await self._pacer.turn(row.facts.get("weight", 1)):
                result = Result(row, GIVEN_BACK, row.facts)
            else:
                result = await self._attempt(row)
        except Exception as error:
            log.exception("message not made id=%d template=%s", row.id, row.template, extra=OF_PEOPLE)
            result = Result(row, Report(Outcome.DEFECT, error=type(error).__name__), row.facts)
        # Whoever is cancelled here records nothing: the row stays leased, and the next start counts it.
        await self._results.put(result)

    async def _attempt(self, row: Row) -> Result:
        if is_expired(row, self._clock.now()):
            return Result(row, EXPIRED, row.facts)
        out, facts = await self._composer.compose(row)
        if isinstance(out, Dropped):
            return Result(row, out, facts)
        if row.ambiguous and not await answers(self._bot):
            # The one retry of a send of unknown outcome is not spent on a line that is down.
            return Result(row, Report(Outcome.NOT_SENT, error="Telegram does not answer"), facts)
        report = await send(self._bot, row.telegram_id, out)
        if report.outcome is Outcome.LIMITED:
            log.warning("limited retry_after=%.1f lane=%s", report.retry_after, row.lane.name)
            self._pacer.halt(report.retry_after)
        elif report.outcome is Outcome.REFUSED and self.on_refused_token:
            self.on_refused_token()
        elif report.outcome is not Outcome.SENT:
            log.warning("not delivered id=%d outcome=%s error=%s", row.id, report.outcome.value, report.error)
        return Result(row, report, facts)

    async def _record_all(self) -> None:
        # Whatever has come in since the last commit is recorded in one.
        while True:
            results = [await self._results.get()]
            while not self._results.empty():
                results.append(self._results.get_nowait())
            await self._record(results)
            for result in results:
                self._busy.discard(result.row.telegram_id)
                self._results.task_done()
            self.moved.set()
            self.wake()

    async def _record(self, results: list[Result]) -> None:
        while True:
            now = self._clock.now()
            try:
                await self._store.write_quietly(partial(_write, now=now, results=results))
            except Exception:
                # A full disk or a foreign lock: what was sent must not be forgotten, so this waits.
                log.exception("outcomes not recorded, trying again count=%d", len(results))
                await asyncio.sleep(LONGEST_WAIT)
            else:
                return


def _write(db: sqlite3.Connection, now: datetime, results: list[Result]) -> None:
    for result in results:
        if result.report == EXPIRED:
            expire(db, now, result.row)
        elif result.report == GIVEN_BACK:
            outbox.release(db, [result.row])
        else:
            record(db, now, result)
