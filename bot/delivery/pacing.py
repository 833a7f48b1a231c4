"""The pace of bulk sending: evenly spaced, no saved burst, slower after a 429 and faster again.

Lengths are seconds of monotonic time. None of Telegram's figures is promised, so the pace listens.
"""

import asyncio
from collections.abc import Callable

SLOWER = 0.75
FASTER_BY = 1.0
FASTER_EVERY = 8.0
SLOWEST = 1.0
LATENESS = 0.005  # seconds that a timer may wake too late without slowing the pace


class Pacer:
    """Hands out the moments at which bulk messages may leave."""

    def __init__(self, per_second: float, monotonic: Callable[[], float]) -> None:
        self._wanted = per_second
        self._rate = per_second
        self._monotonic = monotonic
        self._next = 0.0
        self._halted_until = 0.0
        self._last_change = 0.0

    @property
    def rate(self) -> float:
        """Messages a second at which it sends now."""
        return self._rate

    def turn_to(self, per_second: float) -> None:
        """Send at another pace from now on; a 429 slows it down as before."""
        self._wanted = self._rate = per_second

    @property
    def halted(self) -> float:
        """Seconds until bulk may go again; 0 when nothing holds it."""
        return max(0.0, self._halted_until - self._monotonic())

    async def turn(self, weight: int = 1) -> bool:
        """Wait for the next moment at which a bulk message may leave; an album weighs as many as it has pieces.

        Returns False as soon as a halt stands in the way: whoever waits gives the row back, so that its
        chat is free for answers, and no herd leaves when the halt ends.
        """
        while not self.halted:
            now = self._monotonic()
            wait = self._next - now
            if wait <= 0:
                self._speed_up(now)
                # A moment that was not used is lost: counting on from it would save up a burst. Only what a
                # timer is late by is made good.
                from_when = self._next if -wait <= LATENESS else now
                self._next = from_when + weight / self._rate
                return True
            await asyncio.sleep(wait)
        return False

    def halt(self, seconds: float) -> None:
        """Telegram said 429: nothing leaves for that long, and then more slowly."""
        now = self._monotonic()
        self._halted_until = max(self._halted_until, now + seconds)
        if now - self._last_change >= 1:
            # Several sends that were under way report one and the same limit; it counts once.
            self._rate = max(SLOWEST, self._rate * SLOWER)
        self._last_change = max(self._halted_until, now)

    def _speed_up(self, now: float) -> None:
        if self._rate < self._wanted and now - self._last_change >= FASTER_EVERY:
            self._rate = min(self._wanted, self._rate + FASTER_BY)
            self._last_change = now
