"""Pictures and workbooks are made in one thread, one after the other."""

import asyncio
import threading

import pytest

from bot.making.drawing import Drawing


async def test_one_after_the_other_in_the_order_asked_for_and_always_in_one_thread() -> None:
    drawing, made, threads = Drawing(), [], set()

    def make(number: int) -> int:
        made.append(number)
        threads.add(threading.get_ident())
        return number * 10

    assert await asyncio.gather(*(drawing.make(lambda n=n: make(n)) for n in range(20))) == [n * 10 for n in range(20)]
    assert made == list(range(20))
    assert len(threads) == 1
    assert threads != {threading.get_ident()}


async def test_what_cannot_be_made_says_so_and_the_next_is_made() -> None:
    drawing = Drawing()

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await drawing.make(fail)
    assert await drawing.make(lambda: 1) == 1
