"""Pictures and workbooks are made off the event loop, one at a time."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Drawing:
    """One place for all makers of what takes long to make."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def make(self, making: Callable[[], T]) -> T:
        """Wait for the turn, and return what `making` makes in a thread."""
        async with self._lock:
            return await asyncio.to_thread(making)
