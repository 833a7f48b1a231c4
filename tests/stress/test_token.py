"""Telegram refuses the token while the bot runs: for a moment, or for good."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.sandbox import Fault
from tests.conftest import ADMIN
from tests.stress.crashes import rehearse
from tests.stress.world import City, Row, city

AWHILE = 5.0
LONG = 120.0


async def _refused(world: City, seconds: float) -> tuple[int, list[float]]:
    """Let every call be refused for so long or until the bot ends; returns how many were, and when sends were."""
    sends: list[float] = []
    loop = asyncio.get_running_loop()

    def meets(method: str, _raw: object) -> bool:
        if method.startswith("send"):
            sends.append(loop.time())
        return True

    plan = world.box.faults.plan(Fault.STATUS_BEFORE, None, times=None, when=meets, status=401)
    began = loop.time()
    for _ in range(int(seconds / 0.05)):
        if world.dead:
            break
        await asyncio.sleep(0.05)
    plan.cancel()
    return plan.hits, [moment - began for moment in sends]


async def test_a_token_that_is_refused_for_a_moment(tmp_path: Path, table: Callable[[Row], None]) -> None:
    """It stops sending, asks again, and goes on by itself."""
    async with city(tmp_path) as world:
        await rehearse(world)
        await world.rise()
        walkers = world.newcomers(3)
        serving = asyncio.create_task(world.walk(walkers, 120))
        await asyncio.sleep(0.3)
        tried, sends = await _refused(world, AWHILE)
        # What was under way when the first was refused; after it nothing was tried.
        assert 0 < len(sends) <= 16
        assert max(sends) - min(sends) < 1
        assert await serving
        assert await world.walk([world.announcer()])
        assert "check SINAR_BOT_TOKEN" in world.logged()
        row = Row("401 for a moment", tried, tried)
        await _whole(world, row)
        table(row)


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_token_that_is_refused_for_good(tmp_path: Path, table: Callable[[Row], None]) -> None:
    """It ends, says what to do, and forgets nothing; with the right token all goes on and the admin is told."""
    async with city(tmp_path) as world:
        await rehearse(world)
        await world.rise()
        walkers = world.newcomers(3)
        serving = asyncio.create_task(world.walk(walkers, 300))
        await asyncio.sleep(0.3)
        tried, sends = await _refused(world, LONG)
        assert not await serving
        assert world.process is not None
        assert world.process.poll() == 1
        assert 0 < len(sends) <= 16
        assert "refused reason=Telegram refuses the token: check SINAR_BOT_TOKEN" in world.logged()
        assert "Traceback" not in world.logged()
        world.sound()
        assert not world.leased()
        await world.rise()
        assert await world.walk(walkers)
        row = Row("401 for good", tried, tried)
        await _whole(world, row)
        admin = world.box.person(ADMIN)
        await world.until(lambda: any("token" in message.text.lower() for message in admin.received))
        table(row)


async def _whole(world: City, row: Row) -> None:
    world.compare(row)
    row.named = world.named()
    assert (row.lost, row.doubled, row.named) == (0, 0, 0)
    assert world.query("SELECT count(*) FROM incoming WHERE state <> 'done'") == [(0,)]
    world.sound()
    assert world.stop() == 0
