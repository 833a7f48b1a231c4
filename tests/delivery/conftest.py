"""The way out alone: the real Bot and the sandbox, a store, a clock moved by hand, and short words."""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from telegram.ext import ExtBot
from telegram.request import BaseRequest, HTTPXRequest

from bot.calendars import Calendars
from bot.clock import HandClock, to_text
from bot.config import Config
from bot.delivery.compose import Composer
from bot.delivery.pacing import Pacer
from bot.delivery.worker import Delivery
from bot.sandbox import TOKEN, Person, Sandbox
from bot.store import outbox
from bot.store.database import Store
from bot.store.outbox import Lane, Row
from bot.telegram_request import AiohttpRequest
from messages.library import load_library
from messages.outgoing import Outgoing
from messages.texts import Texts

START = datetime(2025, 11, 18, 5, 0, tzinfo=UTC)
ZONE = Calendars(Config()).city.zone
LIBRARY = load_library()
PATIENCE = 20.0
CLIENTS = ("aiohttp", "httpx")


def client(name: str, connections: int = 4, **timeouts: float) -> BaseRequest:
    """Make one of the two ways to Telegram, with timeouts that a test can wait for."""
    given: dict[str, Any] = {"read_timeout": 5.0, "connect_timeout": 5.0, "pool_timeout": 5.0} | timeouts
    if name == "aiohttp":
        return AiohttpRequest(connections, **given)
    return HTTPXRequest(connection_pool_size=connections, **given)


async def words(row: Row) -> Outgoing:
    """A message that says what its row says."""
    return Outgoing("text", row.facts["words"])


async def broken(_row: Row) -> Outgoing:
    """A message that cannot be made."""
    raise ZeroDivisionError


@dataclass
class Way:
    """The store, the sandbox, the bot, and the deliveries that run or ran on them."""

    box: Sandbox
    store: Store
    clock: HandClock
    bot: ExtBot[None]
    composer: Composer
    per_second: float = 5000.0
    people: dict[int, Person] = field(default_factory=dict)
    delivery: Delivery | None = None
    task: asyncio.Task[None] | None = None

    def person(self, number: int) -> Person:
        """Somebody who has pressed Start."""
        if number not in self.people:
            self.people[number] = self.box.person(number, first_name=f"Orang {number}")
            self.people[number].start()
        return self.people[number]

    async def put(self, number: int, text: str = "halo", **more: Any) -> bool:
        """Queue a message for a person."""
        self.person(number)
        facts = {"words": text} | more.pop("facts", {})
        more = {"key": f"{text}:{number}", "lane": Lane.BULK} | more
        template = more.pop("template", "words")
        return await self.store.write(lambda db: outbox.put(db, self.clock.now(), number, template, facts, **more))

    def run(self) -> None:
        """Start a delivery, as a process that starts does."""
        self.delivery = Delivery(
            self.bot, self.store, self.composer, self.clock, Pacer(self.per_second, time.monotonic)
        )
        self.task = asyncio.create_task(self.delivery.run())

    async def stop(self) -> None:
        """Stop as on SIGTERM."""
        delivery, task = self.delivery, self.task
        self.delivery = self.task = None
        if delivery is not None and task is not None:
            delivery.stop()
            async with self._patience("stopped"):
                await task

    async def kill(self) -> None:
        """Abandon what is under way, recording nothing, as a kill does."""
        assert self.delivery is not None
        assert self.task is not None
        left = {self.task, *(task for door in self.delivery._doors for task in door.tasks)}
        while left:
            # A cancellation may meet a wait just as that ends, and be lost; a kill is not.
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=0.05)
        self.delivery = self.task = None

    async def quiet(self) -> None:
        """Wait until nothing is under way and nothing waits that may go now."""
        assert self.delivery is not None
        async with self._patience("quiet"):
            while not await self._still():
                assert self.task is not None
                if self.task.done():
                    self.task.result()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.delivery.moved.wait(), 0.02)

    @asynccontextmanager
    async def _patience(self, awaited: str) -> AsyncIterator[None]:
        """Bound a wait: what does not come in time is a failed assertion that says how the rows stand."""
        try:
            async with asyncio.timeout(PATIENCE):
                yield
        except TimeoutError:
            raise AssertionError(f"not {awaited} after {PATIENCE} s: {Counter(await self.states())}") from None

    async def _still(self) -> bool:
        assert self.delivery is not None
        self.delivery.moved.clear()
        busy = await self.states("state = 'leased' OR state = 'waiting' AND not_before <= ?", to_text(self.clock.now()))
        return not busy and self.delivery.idle

    async def later(self, **length: float) -> None:
        """Move the clock on and wait until what became due has gone."""
        assert self.delivery is not None
        self.clock.advance(timedelta(**length))
        self.delivery.wake()
        await self.quiet()

    async def states(self, where: str = "1", *values: Any) -> list[str]:
        """Return the states of the outbox's rows, oldest first."""
        return [
            row["state"]
            for row in await self.store.read(
                lambda db: db.execute(f"SELECT state FROM outbox WHERE {where} ORDER BY id", values).fetchall()
            )
        ]

    async def row(self, key: str) -> Any:
        """Return one row of the outbox."""
        return await self.store.read(
            lambda db: db.execute("SELECT * FROM outbox WHERE dedupe_key = ?", (key,)).fetchone()
        )

    def heard(self, number: int) -> list[str]:
        """What the bot has said to a person."""
        return [message.text for message in self.people[number].received]

    def order(self) -> list[int]:
        """The chats to which messages went, in the order in which they were taken."""
        return [int(call.chat_id) for call in self.box.world.calls if call.method == "sendMessage"]  # type: ignore[arg-type]

    async def until(self, what: Callable[[], object]) -> None:
        """Wait until something holds, asked whenever the sandbox saw a change and a little later."""
        async with self._patience("there"):
            while not what():
                await self.box.world.bell.heard(0.02)

    async def under_way(self, count: int) -> None:
        """Wait until so many rows are with the network and none is left that may go."""
        async with self._patience("under way"):
            while (
                Counter(await self.states()).keys() & {"waiting"} or len(await self.states("state = 'leased'")) != count
            ):
                await self.box.world.bell.heard(0.02)


@asynccontextmanager
async def way_out(folder: Path, per_second: float = 5000.0, over: str = "aiohttp") -> AsyncIterator[Way]:
    clock = HandClock(START)
    async with Sandbox(TOKEN, now=lambda: clock.now().timestamp()) as box, Store(folder / "data/sinar.db") as store:
        requests = [client(over, 16, read_timeout=10.0) for _ in range(2)]
        bot: ExtBot[None] = ExtBot(
            TOKEN,
            base_url=f"{box.api_base_url}/bot",
            base_file_url=f"{box.api_base_url}/file/bot",
            request=requests[0],
            get_updates_request=requests[1],
        )
        async with bot:
            texts = Texts(LIBRARY.folder, ZONE)
            composer = Composer(store, texts, LIBRARY, clock, {"words": words, "broken": broken})
            made = Way(box, store, clock, bot, composer, per_second)
            try:
                yield made
            finally:
                box.faults.clear()
                await made.stop()


@pytest.fixture
async def way(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Way]:
    """A way out over aiohttp, or over the client that `over_both` names."""
    async with way_out(tmp_path, over=getattr(request, "param", "aiohttp")) as made:
        yield made


over_both = pytest.mark.parametrize("way", CLIENTS, indirect=True)


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    """What goes wrong here goes wrong on purpose."""
    loggers = [logging.getLogger(name) for name in ("bot.delivery.worker", "telegram")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)
