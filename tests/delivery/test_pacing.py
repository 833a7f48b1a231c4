"""The pace of bulk sending, on a clock that passes only while somebody sleeps."""

import asyncio
import heapq
import itertools
import math
import random
from dataclasses import dataclass
from itertools import pairwise

import pytest

from bot.delivery.pacing import ANSWER_WAITS, Pacer
from tests.bench.stub import Limit


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
        end, _, waiting = heapq.heappop(self._sleepers)
        self.seconds = max(self.seconds, end)
        waiting.set_result(None)
        return True


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr("bot.delivery.pacing.asyncio.sleep", made.sleep)
    return made


REAL_SLEEP = asyncio.sleep


async def let_pass(time: Time, tasks: list[asyncio.Task[None]], *, until: float = math.inf) -> None:
    """Let time pass, from one sleeper's end to the next, until the tasks are done or it is later than `until`."""
    while not all(task.done() for task in tasks) and time.seconds <= until:
        for _ in range(4):
            await REAL_SLEEP(0)
        time.pass_on()


async def leave(time: Time, pacer: Pacer, count: int, *, at_once: int = 8) -> list[float]:
    """Let `count` messages leave, `at_once` of them waiting side by side; return when each left."""
    left: list[float] = []
    numbers = iter(range(count))

    async def worker() -> None:
        for _ in numbers:
            while not await pacer.turn():
                await time.sleep(pacer.halted)
            left.append(time.monotonic())

    await let_pass(time, [asyncio.create_task(worker()) for _ in range(at_once)])
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
    pacer.halt(1, pacer.leaving())
    assert pacer.rate == pytest.approx(37.5)


@pytest.mark.parametrize("at_once", [1, 8])
async def test_messages_leave_evenly_spaced(time: Time, at_once: int) -> None:
    moments = await leave(time, Pacer(28, time.monotonic), 100, at_once=at_once)
    assert min(gaps(moments)) >= 1 / 28 - 1e-9
    assert max(gaps(moments)) <= 1 / 28 + 1e-9


@pytest.mark.parametrize("seed", range(5))
async def test_who_asked_first_leaves_first_however_late_timers_are(time: Time, seed: int) -> None:
    chance = random.Random(seed)
    pacer, left = Pacer(40, time.monotonic), list[int]()

    async def ask(number: int) -> None:
        assert await pacer.turn()
        left.append(number)

    tasks = []
    for number in range(30):
        tasks.append(asyncio.create_task(ask(number)))
        await REAL_SLEEP(0)
        # The loop is busy: the moment of those who wait may come and go before they wake.
        time.seconds += chance.choice((0, 0.001, 0.03, 0.08))
        if chance.random() < 0.4:
            time.pass_on()
    await let_pass(time, tasks)
    assert left == list(range(30))


async def test_who_asks_in_a_halt_hears_it_at_once_however_long_others_wait(time: Time) -> None:
    pacer = Pacer(1, time.monotonic)
    assert await pacer.turn(10)
    waiting = asyncio.create_task(pacer.turn())
    await REAL_SLEEP(0)
    pacer.halt(30, pacer.leaving())
    assert not await asyncio.wait_for(pacer.turn(), 5)
    time.pass_on()
    assert not await waiting


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
    pacer.halt(7, pacer.leaving())
    moments = await leave(time, pacer, 40)
    assert moments[0] >= halted_at + 7
    assert min(gaps(moments)) >= 1 / 20


async def test_a_halt_sends_back_whoever_was_already_waiting(time: Time) -> None:
    pacer = Pacer(1, time.monotonic)
    await leave(time, pacer, 1)
    waiting = asyncio.create_task(pacer.turn())
    await REAL_SLEEP(0)
    halted_at = time.seconds
    pacer.halt(30, pacer.leaving())
    while not waiting.done():
        time.pass_on()
        await REAL_SLEEP(0)
    assert waiting.result() is False
    assert time.seconds < halted_at + 30
    assert pacer.halted > 0


async def test_a_shorter_halt_does_not_end_a_longer_one(time: Time) -> None:
    pacer = Pacer(20, time.monotonic)
    began = time.seconds
    pacer.halt(30, pacer.leaving())
    pacer.halt(2, pacer.leaving())
    assert (await leave(time, pacer, 1))[0] >= began + 30


async def test_the_rate_falls_once_for_one_limit_and_rises_again(time: Time) -> None:
    pacer = Pacer(28, time.monotonic)
    await leave(time, pacer, 3)
    for _ in range(8):
        pacer.halt(3, pacer.leaving())
    assert pacer.rate == 21
    await leave(time, pacer, 1)
    assert pacer.rate == 21
    began = time.seconds
    while pacer.rate < 28:
        await leave(time, pacer, 1)
        assert time.seconds < began + 210
    await leave(time, pacer, 100)
    assert pacer.rate == 28


async def test_it_never_falls_to_a_standstill(time: Time) -> None:
    pacer = Pacer(28, time.monotonic)
    for _ in range(60):
        pacer.halt(2, pacer.leaving())
        await leave(time, pacer, 1)
    assert pacer.rate >= 1
    assert len(await leave(time, pacer, 20)) == 20


@dataclass
class Seen:
    """What a broadcast came to: seconds, 429s, the longest that an answer waited before it left."""

    seconds: float = 0.0
    refused: int = 0
    longest: float = 0.0


async def broadcast(time: Time, pacer: Pacer, limit: Limit, messages: int, *, jitter: float, seed: int) -> Seen:
    """Send to so many, 60 ms away, while somebody is answered about each second, as the way out does it."""
    chance, began, seen = random.Random(seed), time.seconds, Seen()
    numbers = iter(range(messages))
    answers: set[asyncio.Task[None]] = set()

    async def arrives(*, bulk: bool) -> int:
        left = pacer.leaving()
        await time.sleep(0.03 + chance.uniform(0, jitter))
        wait = limit.refuses(time.monotonic())
        await time.sleep(0.03)
        if wait:
            seen.refused += 1
            pacer.halt(wait, left, bulk=bulk)
        return wait

    async def bulk() -> None:
        for _ in numbers:
            while True:
                if not await pacer.turn():
                    await time.sleep(pacer.halted)
                elif not await arrives(bulk=True):
                    break

    async def answer() -> None:
        await time.sleep(chance.uniform(0.005, 0.05))
        while True:
            asked = time.monotonic()
            await pacer.answer()
            seen.longest = max(seen.longest, time.monotonic() - asked)
            if not (wait := await arrives(bulk=False)):
                return
            await time.sleep(wait)

    async def people() -> None:
        while True:
            await time.sleep(chance.uniform(0.98, 1.03))
            task = asyncio.create_task(answer())
            answers.add(task)
            task.add_done_callback(answers.discard)

    asking = asyncio.create_task(people())
    await let_pass(time, [asyncio.create_task(bulk()) for _ in range(8)])
    seen.seconds = time.seconds - began
    for task in (asking, *answers):
        task.cancel()
    return seen


@pytest.mark.parametrize("seed", range(3))
async def test_a_city_is_told_within_the_limit_while_people_are_answered(time: Time, seed: int) -> None:
    seen = await broadcast(time, Pacer(28, time.monotonic), Limit("both", 30), 4000, jitter=0.02, seed=seed)
    assert seen.refused == 0
    assert seen.seconds <= 1.02 * 4000 / 28
    assert seen.longest <= ANSWER_WAITS


@pytest.mark.parametrize("kind", ["bucket", "window"])
@pytest.mark.parametrize("seed", range(5))
async def test_the_pace_settles_below_what_a_server_allows(time: Time, kind: str, seed: int) -> None:
    seen = await broadcast(time, Pacer(28, time.monotonic), Limit(kind, 20), 600, jitter=0.01, seed=seed)
    assert seen.refused <= 15
    assert seen.seconds <= 1.35 * 600 / 20


@pytest.mark.parametrize("kind", ["bucket", "window"])
async def test_the_pace_settles_also_far_below(time: Time, kind: str) -> None:
    # One answer a second leaves seven for bulk.
    seen = await broadcast(time, Pacer(28, time.monotonic), Limit(kind, 8), 600, jitter=0.01, seed=1)
    assert seen.refused <= 40
    assert seen.seconds <= 1.35 * 600 / 7


@pytest.mark.parametrize("kind", ["bucket", "window"])
async def test_a_long_broadcast_does_not_run_into_the_limit_again_and_again(time: Time, kind: str) -> None:
    seen = await broadcast(time, Pacer(28, time.monotonic), Limit(kind, 20), 4000, jitter=0.01, seed=1)
    assert seen.refused <= 30
    assert seen.seconds <= 1.25 * 4000 / 20


async def test_a_flood_of_answers_does_not_hold_bulk_up_for_ever(time: Time) -> None:
    pacer = Pacer(28, time.monotonic)
    await leave(time, pacer, 28)
    flood = asyncio.gather(*(_answers(time, pacer, 0.02) for _ in range(8)))
    bulk = asyncio.create_task(_turns(pacer, 10))
    began = time.seconds
    await let_pass(time, [bulk], until=began + 11)
    gone = bulk.done()
    bulk.cancel()
    flood.cancel()
    assert gone


async def _turns(pacer: Pacer, count: int) -> None:
    for _ in range(count):
        assert await pacer.turn()


async def _answers(time: Time, pacer: Pacer, every: float) -> None:
    while True:
        await pacer.answer()
        await time.sleep(every)


async def test_answers_alone_never_wait(time: Time) -> None:
    pacer = Pacer(28, time.monotonic)
    for _ in range(200):
        await asyncio.wait_for(pacer.answer(), 1)
    assert time.seconds == 100


async def test_an_album_leaves_as_soon_as_a_single_would(time: Time) -> None:
    pacer = Pacer(28, time.monotonic)
    singles = await leave(time, pacer, 100)
    album = asyncio.create_task(pacer.turn(5))
    while not album.done():
        await REAL_SLEEP(0)
        time.pass_on()
    assert time.seconds - singles[-1] == pytest.approx(1 / 28)


async def test_an_album_does_not_wait_for_singles_to_end(time: Time) -> None:
    pacer = Pacer(28, time.monotonic)
    left: list[int] = []

    async def sends(weight: int, count: int) -> None:
        for _ in range(count):
            assert await pacer.turn(weight)
            left.append(weight)
            await time.sleep(0.06)

    began = time.seconds
    tasks = [asyncio.create_task(sends(1, 40)) for _ in range(7)] + [asyncio.create_task(sends(5, 8))]
    await let_pass(time, tasks)
    assert sum(left) / (time.seconds - began) >= 27
    assert left.index(5) <= 16
    assert len(left) - left[::-1].index(5) < 160


async def test_refusals_in_quiet_seconds_do_not_wear_the_pace_down(time: Time) -> None:
    pacer = Pacer(28, time.monotonic)
    for _ in range(50):
        await leave(time, pacer, 2)
        time.seconds += 30
        assert await pacer.turn()
        pacer.halt(3, pacer.leaving())
        time.seconds += 3
        await leave(time, pacer, 300)
    assert pacer.rate >= 20


async def test_an_answer_that_meets_its_chats_own_limit_slows_no_bulk(time: Time) -> None:
    pacer = Pacer(28, time.monotonic)
    await pacer.answer()
    pacer.halt(5, pacer.leaving(), bulk=False)
    assert pacer.halted == 5
    assert pacer.rate == 28


async def test_a_refusal_never_makes_it_faster(time: Time) -> None:
    pacer = Pacer(0.5, time.monotonic)
    assert await pacer.turn()
    pacer.halt(1, pacer.leaving())
    assert pacer.rate <= 0.5
