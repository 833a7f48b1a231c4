"""The way out: leases rows, sends them within Telegram's limits, records what became of them.

Two loops, so that answers to people never wait behind bulk: the people's lane sends at once; the rest
goes at the pacer's pace. At most 16 rows are leased and not yet recorded, so a crash leaves at most 16 of unknown
outcome. Half of them are kept for people, who may take the others as well while no bulk goes. What was sent is
recorded and what goes next is leased in one commit.
"""

import asyncio
import contextlib
import logging
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

from telegram import Bot

from bot import logs
from bot.clock import Clock
from bot.delivery import unrecorded
from bot.delivery.calls import Outcome, Report, answers
from bot.delivery.compose import Composer
from bot.delivery.gather import Dropped
from bot.delivery.pacing import Pacer
from bot.delivery.record import PEOPLE_BACKOFF, Result, expire, is_expired, record
from bot.delivery.uploads import Uploads
from bot.logs import OF_PEOPLE
from bot.store import outbox
from bot.store.database import Store
from bot.store.outbox import Lane, Row

log = logging.getLogger(__name__)
PEOPLE_LANES = (Lane.PEOPLE, Lane.PEOPLE)
BULK_LANES = (Lane.NOTICE, Lane.BULK)
MOST_UNDER_WAY = 16
MOST_BULK = 8
LONGEST_WAIT = 1.0  # seconds between two looks when nothing wakes a loop
AGAIN = (Outcome.LIMITED, Outcome.NOT_SENT, Outcome.UNKNOWN)
EXPIRED = Dropped("expired")
GIVEN_BACK = Dropped("given back")


@dataclass(eq=False)
class _Door:
    """One of the two loops: its lanes, how many rows it may have leased, what is under way, and what wakes it."""

    lanes: tuple[Lane, Lane]
    paced: bool
    most: int
    leased: int = 0
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)


class Delivery:
    """Runs until told to stop; then finishes what is under way."""

    def __init__(
        self,
        bot: Bot,
        store: Store,
        composer: Composer,
        clock: Clock,
        pacer: Pacer,
        unrecorded_at: Path | None = None,
    ) -> None:
        """`unrecorded_at` is the file for outcomes that the store does not take before the end."""
        self._bot = bot
        self._store = store
        self._composer = composer
        self._clock = clock
        self.pacer = pacer
        self._busy: set[int] = set()
        self._people = _Door(PEOPLE_LANES, paced=False, most=MOST_UNDER_WAY)
        self._bulk = _Door(BULK_LANES, paced=True, most=MOST_BULK)
        self._doors = (self._people, self._bulk)
        # Who leases has it alone: two who did so at once might take more than may be under way.
        self._leasing = asyncio.Lock()
        self._before_their_moment: set[asyncio.Task[Any]] = set()
        self._uploads = Uploads()
        self._results: asyncio.Queue[Result] = asyncio.Queue()
        self._recording: list[Result] = []
        self._unrecorded_at = unrecorded_at
        self._stopping = False
        self._last_look = clock.now()
        # Set whenever something was recorded; for those who wait until all is quiet.
        self.moved = asyncio.Event()
        # Set when Telegram refuses the token: nothing leaves until whoever heeds it calls `go_on`.
        self.refused = asyncio.Event()
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
            while any(door.leased for door in self._doors):
                # The last rows may have been leased while it was told to stop.
                await asyncio.wait([task for door in self._doors for task in door.tasks] or [recorder], timeout=0.05)
                await self._results.join()
        finally:
            recorder.cancel()
            await asyncio.gather(recorder, return_exceptions=True)
            self._keep_unrecorded()

    def _keep_unrecorded(self) -> None:
        results = list(self._recording)
        while not self._results.empty():
            results.append(self._results.get_nowait())
        if self._unrecorded_at is None or not results:
            return
        try:
            unrecorded.keep(self._unrecorded_at, results)
        except OSError:
            log.exception("outcomes not kept count=%d", len(results))

    async def _void_leases(self) -> None:
        while not self._stopping:
            try:
                await self._store.write(self._begin)
            except sqlite3.Error:
                # Somebody else holds the file, or the disk is full: that passes, and nothing may go before it.
                log.exception("leases not voided, trying again")
                await asyncio.sleep(LONGEST_WAIT)
            else:
                if self._unrecorded_at is not None:
                    with contextlib.suppress(OSError):
                        self._unrecorded_at.unlink(missing_ok=True)
                return

    def _begin(self, db: sqlite3.Connection) -> None:
        if self._unrecorded_at is not None:
            unrecorded.take_up(db, self._clock.now(), self._unrecorded_at)
        outbox.void_leases(db)
        outbox.clock_went_back(db, self._clock.now())

    def stop(self) -> None:
        """Lease nothing more; `run` returns when what is with the network is recorded and the rest given back."""
        self._stopping = True
        for task in self._before_their_moment:
            task.cancel()
        self.wake()

    def go_on(self) -> None:
        """Send again: Telegram takes the token."""
        self.refused.clear()
        self.wake()

    @property
    def idle(self) -> bool:
        """Whether nothing is under way and nothing waits to be recorded."""
        return not any(door.tasks for door in self._doors) and self._results.empty() and not self._busy

    async def _serve(self, door: _Door) -> None:
        while not self._stopping:
            door.wake.clear()
            try:
                await self._lease(door)
            except sqlite3.Error:
                # A full disk or a foreign lock must not end the process: the rows wait, and the next look asks again.
                log.exception("nothing leased, trying again")
            # Whatever may change what there is to lease (a write, a chat that is free again) wakes the door.
            await self._wait(door)

    def _room(self, door: _Door, freed: int = 0, freed_in_all: int = 0) -> int:
        """How many rows a door may lease once so many of its own, and of all, are recorded."""
        if self._stopping or self.refused.is_set() or (door.paced and self.pacer.halted):
            return 0
        under_way = sum(each.leased for each in self._doors)
        return max(0, min(door.most - door.leased + freed, MOST_UNDER_WAY - under_way + freed_in_all))

    async def _lease(self, door: _Door) -> None:
        async with self._leasing:
            now, busy, room = self._clock.now(), set(self._busy), self._room(door)
            went_back, self._last_look = now < self._last_look, now
            if went_back:
                await self._store.write_quietly(partial(outbox.clock_went_back, now=now))
            # Most looks find nothing; they are made on the reading connection and cost the writer no commit.
            if room <= 0 or not await self._store.read(lambda db: outbox.anything(db, now, door.lanes)):
                return
            self._begin_all(
                door, await self._store.write_quietly(lambda db: outbox.lease(db, now, door.lanes, room, busy))
            )

    def _begin_all(self, door: _Door, rows: list[Row]) -> None:
        door.leased += len(rows)
        for row in rows:
            self._busy.add(row.telegram_id)
            task = asyncio.create_task(self._follow(row, door))
            door.tasks.add(task)
            task.add_done_callback(door.tasks.discard)

    async def _wait(self, door: _Door) -> None:
        try:
            halt = self.pacer.halted if door.paced else 0.0
            await asyncio.wait_for(door.wake.wait(), min(halt, LONGEST_WAIT) or LONGEST_WAIT)
        except TimeoutError:
            return

    async def _follow(self, row: Row, door: _Door) -> None:
        with logs.following(outbox.trace_of(row)):
            await self._handle(row, door)

    async def _handle(self, row: Row, door: _Door) -> None:
        try:
            may = await self._may_leave(row, door)
            result = await self._attempt(row) if may else Result(row, GIVEN_BACK, row.facts)
        except Exception as error:
            log.exception("message not made id=%d template=%s", row.id, row.template, extra=OF_PEOPLE)
            result = Result(row, Report(Outcome.DEFECT, error=type(error).__name__), row.facts)
        # Whoever is cancelled here records nothing: the row stays leased, and the next start counts it.
        await self._results.put(result)

    async def _may_leave(self, row: Row, door: _Door) -> bool:
        if door.paced:
            return await self._turn(row.facts.get("weight", 1))
        await self.pacer.answer()
        return True

    async def _turn(self, weight: int) -> bool:
        """Wait for the pacer; False when the row is to be given back, also because of `stop`: a slow pace, or albums,
        would hold up the end for longer than a process has."""
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._before_their_moment.add(task)
        try:
            return not self._stopping and await self.pacer.turn(weight)
        except asyncio.CancelledError:
            if not self._stopping:
                raise
            task.uncancel()
            return False
        finally:
            self._before_their_moment.discard(task)

    async def _attempt(self, row: Row) -> Result:
        if is_expired(row, self._clock.now()):
            return Result(row, EXPIRED, row.facts)
        out, facts = await self._composer.compose(row)
        if isinstance(out, Dropped):
            return Result(row, out, facts)
        if row.ambiguous and not await answers(self._bot):
            # The one retry of a send of unknown outcome is not spent on a line that is down.
            return Result(row, Report(Outcome.NOT_SENT, error="Telegram does not answer"), facts)
        left = self.pacer.leaving()
        report = await self._uploads.send(self._bot, row.telegram_id, out)
        if report.outcome is Outcome.SENT:
            log.info("sent row=%d template=%s lane=%s", row.id, row.template, row.lane.name.lower())
        elif report.outcome is Outcome.LIMITED:
            log.warning("limited retry_after=%.1f lane=%s", report.retry_after, row.lane.name)
            self.pacer.halt(report.retry_after, left, bulk=self._door_of(row).paced)
        elif report.outcome is Outcome.REFUSED:
            self.refused.set()
        else:
            log.warning("not delivered id=%d outcome=%s error=%s", row.id, report.outcome.value, report.error)
        return Result(row, report, facts)

    async def _record_all(self) -> None:
        # Whatever has come in since the last commit is recorded in one.
        while True:
            results = [await self._results.get()]
            while not self._results.empty():
                results.append(self._results.get_nowait())
            self._recording = results
            await self._record(results)
            self._recording = []
            for _ in results:
                self._results.task_done()
            self.moved.set()

    async def _record(self, results: list[Result]) -> None:
        while True:
            try:
                async with self._leasing:
                    await self._record_and_lease(results)
            except Exception:
                # A full disk or a foreign lock: what was sent must not be forgotten, so this waits.
                log.exception("outcomes not recorded, trying again count=%d", len(results))
                await asyncio.sleep(LONGEST_WAIT)
            else:
                return

    async def _record_and_lease(self, results: list[Result]) -> None:
        now = self._clock.now()
        freed = Counter(self._door_of(result.row).paced for result in results)
        people, bulk = (self._room(door, freed[door.paced], freed.total()) for door in self._doors)
        busy = self._busy - {result.row.telegram_id for result in results}
        leased = await self._store.write_quietly(
            partial(_write_and_lease, now=now, results=results, people=people, bulk=bulk, busy=busy)
        )
        for result in results:
            self._busy.discard(result.row.telegram_id)
            self._door_of(result.row).leased -= 1
        for door, rows in zip(self._doors, leased, strict=True):
            self._begin_all(door, rows)
        if now < self._last_look:
            self.wake()
        for result in results:
            self._look_again_soon(result)

    def _look_again_soon(self, result: Result) -> None:
        """Somebody waits for an answer that did not go: its next try is not left to the next look."""
        door, report = self._door_of(result.row), result.report
        if door.paced or isinstance(report, Dropped) or report.outcome not in AGAIN:
            return
        wait = max(report.retry_after, PEOPLE_BACKOFF[min(result.row.attempts, len(PEOPLE_BACKOFF) - 1)])
        asyncio.get_running_loop().call_later(wait, door.wake.set)

    def _door_of(self, row: Row) -> _Door:
        return self._people if row.lane is Lane.PEOPLE else self._bulk


def _write_and_lease(
    db: sqlite3.Connection, now: datetime, results: list[Result], people: int, bulk: int, busy: set[int]
) -> tuple[list[Row], list[Row]]:
    """Record outcomes, and lease up to so many rows of each kind, people's first."""
    for result in results:
        if result.report == EXPIRED:
            expire(db, now, result.row)
        elif result.report == GIVEN_BACK:
            outbox.release(db, [result.row])
        else:
            record(db, now, result)
    first = outbox.lease(db, now, PEOPLE_LANES, people, busy) if people else []
    bulk = min(bulk, MOST_UNDER_WAY - len(busy) - len(first))
    taken = busy | {row.telegram_id for row in first}
    return first, outbox.lease(db, now, BULK_LANES, bulk, taken) if bulk > 0 else []
