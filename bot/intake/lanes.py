"""Updates that are stored, handled: those of one chat in order, different chats side by side."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import cast

from bot import logs
from bot.clock import Clock
from bot.logs import OF_PEOPLE
from bot.store import incoming
from bot.store.database import Store, is_damage, passes
from bot.store.incoming import Incoming

log = logging.getLogger(__name__)
# Handles one update; raises what went wrong. Returns whether it marked the update done, in its own transaction: what
# nobody wanted is left to whoever asked.
Handle = Callable[[Incoming], Awaitable[bool]]
# Twice as many as share a commit: while it is made, others are read and handled.
SIDE_BY_SIDE = 64
LONGEST_HANDLING = 30.0  # seconds, monotonic
PAUSES = (0.2, 2.0)  # seconds before the second and the third try


class Lanes:
    """One queue a chat, in order, the chats by turns; a failing update is tried three times, then kept aside."""

    def __init__(self, store: Store, clock: Clock, handle: Handle) -> None:
        self._store = store
        self._clock = clock
        self._handle = handle
        # What waits, by chat; a chat stands in `_ready` while nobody serves it.
        self._queues: dict[int, deque[Incoming]] = {}
        self._ready: deque[int] = deque()
        self._workers: set[asyncio.Task[None]] = set()
        self._unwanted: list[int] = []
        self._settling: asyncio.Task[None] | None = None
        self._stopping = False

    async def unfinished(self) -> list[Incoming]:
        """Return what an earlier run stored and did not finish: to be submitted before anything new is."""
        return await self._store.read(incoming.waiting)

    def submit(self, rows: Iterable[Incoming]) -> None:
        """Hand stored updates over, in the order they came."""
        for row in rows:
            queue = self._queues.get(row.lane)
            if queue is not None:
                queue.append(row)
                continue
            self._queues[row.lane] = deque([row])
            self._ready.append(row.lane)
            if len(self._workers) < SIDE_BY_SIDE:
                self._workers.add(asyncio.create_task(self._work()))

    @property
    def idle(self) -> bool:
        """Whether nothing waits to be handled, or to be marked done."""
        return not self._workers and self._settling is None

    async def stop(self, seconds: float) -> None:
        """Begin nothing new; wait up to `seconds` for what is under way. The rest is stored."""
        self._stopping = True
        if self._workers:
            _, late = await asyncio.wait(self._workers, timeout=seconds)
            for worker in late:
                worker.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._settling is not None:
            # What is not marked is handled again after the start, and then nobody wants it either.
            _, late = await asyncio.wait([self._settling], timeout=seconds)
            for settling in late:
                settling.cancel()

    async def _work(self) -> None:
        try:
            while self._ready and not self._stopping:
                await self._serve_first_of(self._ready.popleft())
        finally:
            # Here and not a turn of the loop later, when `submit` may already have counted on it.
            self._workers.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _serve_first_of(self, lane: int) -> None:
        queue = self._queues[lane]
        try:
            with logs.following(logs.of_update(queue[0].id)):
                await self._serve(queue[0])
        finally:
            queue.popleft()
            if queue:
                self._ready.append(lane)
            else:
                del self._queues[lane]

    async def _serve(self, row: Incoming) -> None:
        attempt = 0
        while attempt < incoming.MOST_ATTEMPTS:
            try:
                async with asyncio.timeout(LONGEST_HANDLING):
                    done = await self._handle(row)
            except Exception as error:
                log.exception("update failed row=%d attempt=%d", row.id, attempt + 1, extra=OF_PEOPLE)
                if is_damage(error) or passes(error):
                    # Not the update's fault, so not counted against it.
                    if self._stopping or is_damage(error):
                        return
                    await asyncio.sleep(PAUSES[-1])
                    continue
                if await self._failed(row, error) or self._stopping:
                    return
                await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
                attempt += 1
            else:
                if not done:
                    self._settle(row.id)
                return

    def _settle(self, row_id: int) -> None:
        """Mark done what nobody wanted; nobody waits for that, so all that come meanwhile are marked at once."""
        self._unwanted.append(row_id)
        if self._settling is None:
            self._settling = asyncio.create_task(self._settle_all())

    async def _settle_all(self) -> None:
        try:
            while self._unwanted:
                row_ids, self._unwanted = self._unwanted, []
                await self._settled(row_ids)
        finally:
            self._settling = None

    async def _settled(self, row_ids: list[int]) -> None:
        now = self._clock.now()
        while True:
            try:
                await self._store.write_quietly(partial(incoming.settle, now=now, row_ids=row_ids))
            except Exception:
                log.exception("what nobody wanted is not marked, trying again count=%d", len(row_ids))
                if self._stopping:
                    return
                await asyncio.sleep(PAUSES[-1])
            else:
                return

    async def _failed(self, row: Incoming, error: Exception) -> bool:
        # The type alone: the text of an error may hold words that a person wrote.
        kind = type(error).__name__
        now = self._clock.now()
        while not self._stopping:
            try:
                last = await self._store.write(lambda db: incoming.failed(db, row.id, now, kind))
            except Exception:
                # The file is locked or full, which is no fault of the update: its chat waits, in order.
                log.exception("failure not recorded, trying again row=%d", row.id)
                await asyncio.sleep(PAUSES[-1])
            else:
                if last:
                    # The admins hear of it by the timetable's next look.
                    log.error("an update was kept aside row=%d error=%s", row.id, kind)
                return last
        return False
