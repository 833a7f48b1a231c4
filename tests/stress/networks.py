"""Bad networks as data: what the way to Telegram does, and how often it may cost a message twice."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bot.sandbox import Fault
from tests.stress.crashes import rehearse
from tests.stress.world import City, Row, city

SENDS = ("sendMessage", "sendPoll", "copyMessage")
EVERY = 3
Trouble = Callable[[City, int], AbstractContextManager[Callable[[], int]]]


@contextmanager
def planned(
    world: City, times: int, fault: Fault, methods: tuple[str, ...], **more: object
) -> Iterator[Callable[[], int]]:
    """Let each third call of these methods fail; yields how many have.

    No message meets it twice: of a second unknown outcome the bot promises that it is named, not that it arrives.
    """
    passing, spared = itertools.count(1), set[str]()

    def meets(_method: str, raw: dict[str, Any]) -> bool:
        message = repr(raw) if "chat_id" in raw else ""
        if message in spared or next(passing) % EVERY:
            return False
        if message:
            spared.add(message)
        return True

    plan = world.box.faults.plan(
        fault,
        methods,
        times=times,
        when=meets,
        **more,  # type: ignore[arg-type]
    )
    yield lambda: plan.hits
    plan.cancel()


@contextmanager
def repeated(world: City, times: int) -> Iterator[Callable[[], int]]:
    """Telegram forgets that updates were confirmed, and brings them again."""
    updates, seen = world.box.world.updates, [0]
    confirm = updates.confirm

    def forget(offset: int) -> None:
        before = [update for update in updates.pending if update.id < offset]
        if before and seen[0] < times:
            seen[0] += 1
            return
        confirm(offset)

    updates.confirm = forget  # type: ignore[method-assign]
    yield lambda: seen[0]
    updates.confirm = confirm  # type: ignore[method-assign]


@dataclass(frozen=True)
class Network:
    """A fault of the way to Telegram; `acts`: the server did what was asked, so that it may come twice."""

    name: str
    trouble: Trouble
    acts: bool = False
    slow: bool = False


def _sends(name: str, fault: Fault, *, slow: bool = False, methods: tuple[str, ...] = SENDS, **more: object) -> Network:
    return Network(name, partial(planned, fault=fault, methods=methods, **more), fault.acts, slow)


FETCH = ("getUpdates",)
# What every day's tests take: one of each kind that differs in the bot.
FEW = ("reset after the server acted", "half an answer", "502", "getUpdates: 409", "getUpdates repeats itself")
NETWORKS = (
    _sends("reset before the server acted", Fault.RESET_BEFORE),
    _sends("reset after the server acted", Fault.RESET_AFTER),
    _sends("half an answer", Fault.HALF_AFTER),
    _sends("HTML instead of JSON, not done", Fault.HTML_BEFORE),
    _sends("HTML instead of JSON, done", Fault.HTML_AFTER),
    _sends("500", Fault.STATUS_BEFORE, status=500),
    _sends("502", Fault.STATUS_BEFORE, status=502),
    _sends("429, wait 2 s", Fault.STATUS_BEFORE, status=429, retry_after=2),
    _sends("no answer, not done", Fault.HANG_BEFORE, slow=True),
    _sends("no answer, done", Fault.HANG_AFTER, slow=True),
    _sends("getUpdates: reset", Fault.RESET_AFTER, methods=FETCH),
    _sends("getUpdates: half an answer", Fault.HALF_AFTER, methods=FETCH),
    _sends("getUpdates: HTML", Fault.HTML_AFTER, methods=FETCH),
    _sends("getUpdates: 409", Fault.STATUS_BEFORE, methods=FETCH, status=409),
    _sends("getUpdates: 429", Fault.STATUS_BEFORE, methods=FETCH, status=429, retry_after=1),
    Network("getUpdates repeats itself", repeated),
    _sends("taps: reset", Fault.RESET_AFTER, methods=("answerCallbackQuery",)),
)


async def on_bad_lines(folder: Path, networks: list[Network], times: int, people: int) -> list[Row]:
    """Serve people on each of these networks, one after the other; returns a row for each."""
    rows = []
    async with city(folder) as world:
        await rehearse(world)
        await world.rise()
        for network in networks:
            row = Row(network.name)
            before = world.named()
            walkers = world.newcomers(people)
            with network.trouble(world, times) as hits:
                assert await world.walk(walkers, 280), world.logged()[-3000:]
                row.tried = row.survived = hits()
            assert row.tried > 0, network.name
            world.compare(row, walkers)
            row.named = world.named() - before
            assert row.lost == 0
            # A server that did nothing costs no double; one that acted one for each failure at most, each named.
            assert row.doubled <= row.named <= row.tried
            assert network.acts or row.doubled == 0
            rows.append(row)
        world.sound()
        assert world.query("SELECT count(*) FROM incoming WHERE state <> 'done'") == [(0,)]
        assert world.stop() == 0
    return rows
