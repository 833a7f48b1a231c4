"""The pace of sending: bulk evenly spaced, no saved burst, slower after a 429 and faster again; answers first.

Lengths are seconds of monotonic time. None of Telegram's figures is promised, so the pace listens.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

SLOWER = 0.75
FASTER_BY = 1.0
# After a 429 the pace is soon near the one that was refused, and feels its way on from there.
NEARLY = 0.9
FASTER_EVERY = 3.0
FEELING_EVERY = 60.0
SLOWEST = 1.0
LATENESS = 0.005  # seconds that a timer may wake too late without slowing the pace
KEPT_FOR_ANSWERS = 2  # a second, above the pace of bulk
# A second as it may be counted at the other end, where messages arrive up to this much nearer to each other.
SECOND = 1.03
# The longest that an answer waits for room beside bulk, and bulk beside answers.
ANSWER_WAITS = 0.1
BULK_WAITS = 1.0


@dataclass(frozen=True)
class Leaving:
    """A message on its way: when it left (monotonic seconds), and how many had left in the second before it."""

    at: float
    before: int


class Pacer:
    """Hands out the moments at which messages may leave."""

    def __init__(self, per_second: float, monotonic: Callable[[], float]) -> None:
        self.turn_to(per_second)
        self._monotonic = monotonic
        self._next = 0.0
        self._halted_until = 0.0
        self._last_change = 0.0
        self._left: deque[float] = deque()
        self._answers_waiting = 0
        # First come, first served: a lock wakes its waiters in their order, timers in whichever they happen to end.
        self._turns = asyncio.Lock()

    @property
    def rate(self) -> float:
        """Messages a second at which it sends now."""
        return self._rate

    def turn_to(self, per_second: float) -> None:
        """Send at another pace from now on; a 429 slows it down as before."""
        # Up to `_soon` it is fast again soon after a 429; beyond, it feels its way on.
        self._wanted = self._rate = self._soon = per_second

    @property
    def halted(self) -> float:
        """Seconds until bulk may go again; 0 when nothing holds it."""
        return max(0.0, self._halted_until - self._monotonic())

    async def turn(self, weight: int = 1) -> bool:
        """Wait for the next moment at which a bulk message may leave; an album weighs as many as it has pieces.

        Who asked first leaves first. Returns False as soon as a halt stands in the way: whoever waits gives the
        row back, so that its chat is free for answers, and no herd leaves when the halt ends.
        """
        if self.halted:
            # Not first behind those who sleep until their own moment.
            return False
        async with self._turns:
            return await self._wait_for_moment(weight)

    async def _wait_for_moment(self, weight: int) -> bool:
        while not self.halted:
            now = self._monotonic()
            early = self._next - now
            # Room for one, also for an album: its weight is in the spacing, and all would wait with it for more room.
            room = min(self._until_room(now, 1 + self._answers_waiting), early + BULK_WAITS)
            if early <= 0 and room <= 0:
                self._speed_up(now)
                # A moment that was not used is lost: counting on from it would save up a burst. Only what a
                # timer is late by is made good.
                from_when = self._next if -early <= LATENESS else now
                self._next = from_when + weight / self._rate
                self._left.extend([now] * weight)
                return True
            await asyncio.sleep(max(early, room))
        return False

    async def answer(self) -> None:
        """Let an answer leave: at once, unless bulk has just filled the second; then bulk makes room for it first."""
        latest = self._monotonic() + ANSWER_WAITS
        self._answers_waiting += 1
        try:
            while (wait := self._beside_bulk(latest)) > 0:  # noqa: ASYNC110 - nobody tells when a second is over
                await asyncio.sleep(wait)
        finally:
            self._answers_waiting -= 1
        self._left.append(self._monotonic())

    def leaving(self) -> Leaving:
        """Return what `halt` wants to know of a message that was let go and leaves now."""
        now = self._monotonic()
        self._forget(now)
        return Leaving(now, len(self._left) - 1)

    def halt(self, seconds: float, left: Leaving, *, bulk: bool = True) -> None:
        """Telegram refused (429) what left so: no bulk for so many seconds, and then more slowly.

        An answer that is refused in a quiet second slows nothing: it met a limit of its chat, not of the pace.
        """
        now = self._monotonic()
        busy = left.before >= self._rate / 2
        # Several sends that were under way report one and the same limit; it counts once.
        if left.at >= self._halted_until and (bulk or busy):
            if busy:
                # So many went through in a second.
                self._soon = NEARLY * min(self._rate, left.before)
            slower = min(self._rate * SLOWER, self._soon)
            self._rate = max(min(SLOWEST, self._wanted), slower)
        self._halted_until = max(self._halted_until, now + seconds)
        self._last_change = max(self._halted_until, now)

    def _beside_bulk(self, latest: float) -> float:
        now = self._monotonic()
        bulk_goes = self._next > now - SECOND
        return min(self._until_room(now, 1), latest - now) if bulk_goes else 0.0

    def _until_room(self, now: float, count: int) -> float:
        """Seconds until so many more would still be within what may leave in a second."""
        self._forget(now)
        over = len(self._left) + count - (int(self._rate) + KEPT_FOR_ANSWERS)
        if over <= 0 or not self._left:
            return 0.0
        return self._left[min(over, len(self._left)) - 1] + SECOND - now

    def _forget(self, now: float) -> None:
        while self._left and self._left[0] <= now - SECOND:
            self._left.popleft()

    def _speed_up(self, now: float) -> None:
        every = FASTER_EVERY if self._rate < self._soon else FEELING_EVERY
        if self._rate < self._wanted and now - self._last_change >= every:
            faster = self._rate + FASTER_BY
            self._rate = min(self._wanted, self._soon if self._rate < self._soon < faster else faster)
            self._last_change = now
