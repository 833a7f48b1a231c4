"""The real bot with a clock that is moved by hand: what the demo shows and the tests drive."""

import asyncio
import contextlib
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from bot.application import Sinar
from bot.clock import HandClock, to_text
from bot.running import connect, poll
from bot.store import incoming, outbox

MOST_SECONDS = 60.0


class ByHand:
    """Runs an assembled bot's intake and delivery; the timetable looks only when it is told to."""

    def __init__(self, sinar: Sinar, clock: HandClock) -> None:
        self.sinar = sinar
        self.clock = clock
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await connect(self.sinar, asyncio.Event())
        await self.sinar.trials.look()
        self.sinar.lanes.submit(await self.sinar.lanes.unfinished())
        self._tasks = [
            asyncio.create_task(self.sinar.delivery.run()),
            asyncio.create_task(poll(self.sinar)),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sending, polling = self._tasks
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        await self.sinar.lanes.stop(5)
        await self.sinar.trials.close()
        self.sinar.delivery.stop()
        await asyncio.wait_for(sending, MOST_SECONDS)
        await self.sinar.app.shutdown()

    async def look(self) -> None:
        """Let the timetable look once, and wait until everything it caused has been sent."""
        await self.sinar.timetable.look()
        await self.sinar.trials.look()
        await self.quiet()

    async def move(self, moment: datetime) -> None:
        """Set the clock, and look until nothing more is due at that instant."""
        self.clock.set(moment)
        await self.look()
        await self.look()

    async def wait(self, length: timedelta) -> None:
        """Move the clock on by `length`."""
        await self.move(self.clock.now() + length)

    async def next_moment(self) -> datetime | None:
        """Return the next instant at which something is planned, or None."""
        now = to_text(self.clock.now())
        found = await self.sinar.store.read(
            lambda db: db.execute(
                "SELECT min(at) FROM (SELECT min(look_at) AS at FROM touchpoint WHERE look_at > :now"
                " UNION ALL SELECT min(remind_at) FROM touchpoint WHERE remind_at > :now"
                " UNION ALL SELECT min(not_before) FROM outbox WHERE state = 'waiting' AND not_before > :now"
                " UNION ALL SELECT min(look_at) FROM broadcast_target WHERE look_at > :now)",
                {"now": now},
            ).fetchone()
        )
        return datetime.fromisoformat(found[0]) if found and found[0] else None

    async def quiet(self) -> None:
        """Wait until no update waits to be handled and no message that may go now waits to be sent.

        Raises TimeoutError after a minute.
        """
        async with asyncio.timeout(MOST_SECONDS):
            while not await self._still():
                for task in self._tasks:
                    if task.done():
                        task.result()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.sinar.delivery.moved.wait(), 0.02)

    async def _still(self) -> bool:
        self.sinar.delivery.moved.clear()
        if not self.sinar.lanes.idle or not self.sinar.delivery.idle:
            return False
        now = self.clock.now()
        waiting = await self.sinar.store.read(lambda db: outbox.may_go(db, now) or incoming.anything_waits(db))
        if waiting:
            self.sinar.delivery.wake()
        still = await self.sinar.trials.still()
        return still and not waiting and self.sinar.lanes.idle and self.sinar.delivery.idle
