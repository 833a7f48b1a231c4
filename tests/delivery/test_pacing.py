"""The pace of bulk sending, on a clock that passes only while somebody sleeps."""

import asyncio
import heapq
import itertools
from itertools import pairwise

import pytest

from bot.delivery.pacing import Pacer


class Time:
    """Monotonic seconds that jump to the next sleeper's end."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.seconds + max(seconds, 0), next(self._numbers), waiting))
        await waiting

    def pass_on(self) -> bool:
        """Wake the next sleeper; False if nobody sleeps."""
        if not self._sleepers:
            return False
        self.seconds, _, waiting = heapq.heappop(self._sleepers)
        waiting.set_result(None)
        return True


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr("bot.delivery.pacing.asyncio.sleep", made.sleep)
    return made


REAL_SLEEP = asyncio.sleep


async def leave(time: Time, pacer: Pacer, count: int, *, at_once: int = 8) -> list[float]:
    """Let `count` messages leave, `at_once` of them waiting side by side; return when each left."""
    left: list[float] = []
    numbers = iter(range(count))

    async def worker() -> None:
        for _ in numbers:
            while not await pacer.turn():
                await time.sleep(pacer.halted)
            left.append(time.monotonic())

    workers = [asyncio.create_task(worker()) for _ in range(at_once)]
    while not all(task.done() for task in workers):
        for _ in range(3 * at_once):
            await REAL_SLEEP(0)
        time.pass_on()
    return left


def gaps(moments: list[float]) -> list[float]:
    return [second - first for first, second in pairwise(moments)]


async def test_an_album_weighs_as_much_as_its_pieces(time: Time) -> None:
    pacer = Pacer(10, time.monotonic)
    assert await pacer.turn(5)
    then = time.monotonic()
    following = asyncio.create_task(pacer.turn())
    while not following.done():
        await REAL_SLEEP(0)
        time.pass_on()
    assert time.monotonic() - then == pytest.approx(0.5)


async def test_another_pace_holds_from_then_on(time: Time) -> None:
    pacer = Pacer(10, time.monotonic)
    assert gaps(await leave(time, pacer, 4)) == pytest.approx([0.1] * 3)
    pacer.turn_to(50)
    assert gaps(await leave(time, pacer, 6))[1:] == pytest.approx([0.02] * 4)
    pacer.halt(1)
    assert pacer.rate == pytest.approx(37.5)


@pytest.mark.parametrize("at_once", [1, 8])
async def test_messages_leave_evenly_spaced(time: Time, at_once: int) -> None:
    moments = await leave(time, Pacer(28, time.monotonic), 100, at_once=at_once)
    assert min(gaps(moments)) >= 1 / 28 - 1e-9
    assert max(gaps(moments)) <= 1 / 28 + 1e-9


async def test_idle_time_saves_up_no_burst(time: Time) -> None:
    pacer = Pacer(28, time.monotonic)
    await leave(time, pacer, 5)
    time.seconds += 3600
    moments = await leave(time, pacer, 60)
    assert min(gaps(moments)) >= 1 / 28 - 1e-9


async def test_a_timer_that_wakes_late_does_not_slow_the_pace(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    async def late(seconds: float) -> None:
        await time.sleep(seconds)
        time.seconds += 0.002

    monkeypatch.setattr("bot.delivery.pacing.asyncio.sleep", late)
    moments = await leave(time, Pacer(28, time.monotonic), 57, at_once=1)
    assert moments[-1] - moments[0] == pytest.approx(2, abs=0.01)
    assert min(gaps(moments)) >= 1 / 28 - 0.005


async def test_no_second_holds_more_than_the_rate(time: Time) -> None:
    pacer = Pacer(28, time.monotonic)
    moments = []
    for pause in (0.0, 0.3, 5.0, 0.01):
        time.seconds += pause
        moments += await leave(time, pacer, 40)
    for begin in moments:
        assert sum(begin <= moment < begin + 1 - 1e-6 for moment in moments) <= 28


async def test_nothing_leaves_while_halted_and_no_herd_after_it(time: Time) -> None:
    pacer = Pacer(20, time.monotonic)
    await leave(time, pacer, 10)
    halted_at = time.seconds
    pacer.halt(7)
    moments = await leave(time, pacer, 40)
    assert moments[0] >= halted_at + 7
    assert min(gaps(moments)) >= 1 / 20


async def test_a_halt_sends_back_whoever_was_already_waiting(time: Time) -> None:
    pacer = Pacer(1, time.monotonic)
    await leave(time, pacer, 1)
    waiting = asyncio.create_task(pacer.turn())
    await REAL_SLEEP(0)
    halted_at = time.seconds
    pacer.halt(30)
    while not waiting.done():
        time.pass_on()
        await REAL_SLEEP(0)
    assert waiting.result() is False
    assert time.seconds < halted_at + 30
    assert pacer.halted > 0


async def test_a_shorter_halt_does_not_end_a_longer_one(time: Time) -> None:
    pacer = Pacer(20, time.monotonic)
    began = time.seconds
    pacer.halt(30)
    pacer.halt(2)
    assert (await leave(time, pacer, 1))[0] >= began + 30


async def test_the_rate_falls_once_for_one_limit_and_rises_again(time: Time) -> None:
    pacer = Pacer(28, time.monotonic)
    await leave(time, pacer, 3)
    for _ in range(8):
        pacer.halt(3)
    assert pacer.rate == 21
    await leave(time, pacer, 1)
    assert pacer.rate == 21
    began = time.seconds
    while pacer.rate < 28:
        await leave(time, pacer, 1)
        assert time.seconds < began + 120
    await leave(time, pacer, 100)
    assert pacer.rate == 28


async def test_it_never_falls_to_a_standstill(time: Time) -> None:
    pacer = Pacer(28, time.monotonic)
    for _ in range(60):
        pacer.halt(2)
        await leave(time, pacer, 1)
    assert pacer.rate >= 1
    assert len(await leave(time, pacer, 20)) == 20
