"""A thread of its own for pictures and workbooks, which are made one at a time off the event loop.

What makes them keeps much memory for each thread that it ran in, so it is always the same one.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Drawing:
    """Makes one thing after the other, in the order asked for."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="drawing")

    async def make(self, work: Callable[[], T]) -> T:
        """Run `work`; returns its result or raises its error."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
