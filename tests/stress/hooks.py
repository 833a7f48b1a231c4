"""The webhook with Telegram's courier at its worst: each update twice and more, at once, in any order, again later."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from bot.intake.webhook import SECRET_HEADER
from bot.sandbox.updates import Pending
from tests.outside.driver import free_port
from tests.stress.crashes import rehearse
from tests.stress.machines import STRANGERS
from tests.stress.world import City, Row, city

SECRET = "rahasia-webhook"
# How many of those that were taken long ago come once more with each lot.
OLD_ONES = 3


class Courier:
    """Posts what is pending to the bot, instead of the sandbox's own."""

    def __init__(self, world: City, port: int, seed: int) -> None:
        self._world = world
        self._http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={SECRET_HEADER: SECRET}, timeout=20)
        self._chance = random.Random(seed)
        self._taken: list[Pending] = []
        self.repeated = 0

    async def close(self) -> None:
        await self._http.aclose()

    async def run(self) -> None:
        while True:
            # The bot has told the server where to post; from here on this is who does.
            self._world.box.world.webhook = None
            await self._deliver(list(self._world.box.world.updates.pending))
            await asyncio.sleep(0.02)

    async def _deliver(self, pending: list[Pending]) -> None:
        if not pending:
            return
        again = self._chance.sample(self._taken, min(OLD_ONES, len(self._taken)))
        posts = [*pending, *pending, *again]
        self._chance.shuffle(posts)
        taken = [update for update in await asyncio.gather(*map(self._post, posts)) if update is not None]
        for update in pending:
            if update in taken:
                self._world.box.world.updates.drop(update)
                self._taken.append(update)
        self.repeated += len(taken) - len({update.id for update in taken} - {update.id for update in again})

    async def _post(self, update: Pending) -> Pending | None:
        await asyncio.sleep(self._chance.random() * 0.02)
        with suppress(httpx.TransportError):
            answer = await self._http.post("/x", json=update.body)
            return update if answer.status_code == 200 else None
        return None


@asynccontextmanager
async def delivered(world: City, port: int, seed: int) -> AsyncIterator[Courier]:
    """Let the bad courier go round meanwhile."""
    courier = Courier(world, port, seed)
    going = asyncio.create_task(courier.run())
    try:
        yield courier
    finally:
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
        await courier.close()


async def posted_twice(folder: Path, people: int, seed: int = 6) -> Row:
    """Serve people on such a webhook; returns the table's row, which counts the posts too many."""
    row = Row("webhook: posted again, and out of order")
    port = free_port()
    settings = (
        'update_mode = "webhook"',
        'webhook_url = "https://sinar.invalid/x"',
        f'webhook_listen = "127.0.0.1:{port}"',
    )
    async with city(folder, telegram=settings) as world:
        world.more["SINAR_WEBHOOK_SECRET"] = SECRET
        async with delivered(world, port, seed) as courier:
            await rehearse(world)
            world.start()
            walkers = world.newcomers(people)
            # Whose messages overtake each other: each is answered, once.
            stranger = world.box.person(STRANGERS, first_name="Tamu")
            for _ in range(3):
                stranger.send("/bantuan")
            assert await world.walk(walkers, 200)
            assert await world.walk([world.announcer()])
            row.tried = row.survived = courier.repeated
            assert len(stranger.received) == 3
        world.compare(row)
        row.named = world.named()
        assert (row.lost, row.doubled, row.named) == (0, 0, 0), row
        assert row.tried > 20
        assert world.query("SELECT count(*) FROM incoming WHERE state <> 'done'") == [(0,)]
        world.sound()
        assert world.stop() == 0
    return row
