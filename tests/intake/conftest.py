"""The way in alone: a store, lanes whose handler the test gives, and a line that says exactly what it is told to."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from bot.clock import HandClock
from bot.intake import lanes as lanes_module
from bot.intake import polling as polling_module
from bot.intake.lanes import Lanes
from bot.intake.polling import Polling
from bot.intake.receiving import Receiver
from bot.store import incoming
from bot.store.database import Store
from bot.store.incoming import Incoming
from bot.telegram_request import AiohttpRequest

START = datetime(2025, 11, 18, 5, 0, tzinfo=UTC)
PATIENCE = 20.0


def message(update_id: int, chat: int, text: str) -> dict[str, Any]:
    """An update as Telegram sends it."""
    person = {"id": chat, "is_bot": False, "first_name": "Orang"}
    return {
        "update_id": update_id,
        "message": {
            "message_id": update_id,
            "date": 1_763_442_000,
            "chat": {"id": chat, "type": "private", "first_name": "Orang"},
            "from": person,
            "text": text,
        },
    }


Doing = Callable[[int, str], Awaitable[None]]


@asynccontextmanager
async def _patience(awaited: str) -> AsyncIterator[None]:
    """Bound a wait: what does not come in time is a failed assertion."""
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except TimeoutError:
        raise AssertionError(f"not {awaited} after {PATIENCE} s") from None


@dataclass
class Way:
    """`effects` are the texts that took effect, in order; `doing` may fail or hang before that."""

    store: Store
    clock: HandClock
    doing: Doing | None = None
    effects: list[tuple[int, str]] = field(default_factory=list)
    lanes: Lanes = field(init=False)
    receiver: Receiver = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin with empty hands, as a process that starts does."""
        self.lanes = Lanes(self.store, self.clock, self._handle)
        self.receiver = Receiver(self.store, self.clock, self.lanes)

    async def _handle(self, row: Incoming) -> bool:
        update = json.loads(row.raw)
        chat, text = update["message"]["chat"]["id"], update["message"]["text"]
        if self.doing is not None:
            await self.doing(chat, text)

        def work(db: Any) -> None:
            if incoming.is_waiting(db, row.id):
                incoming.done(db, row.id, self.clock.now())
                # The effect stands in the same transaction, so that it is there once or not at all.
                db.execute("INSERT INTO audit (at, actor, act, subject) VALUES ('', ?, 'said', ?)", (str(chat), text))

        await self.store.write(work)
        self.effects.append((chat, text))
        return True

    async def said(self) -> list[tuple[int, str]]:
        """What took effect and was committed, in order."""
        return await self.store.read(
            lambda db: [(int(row[0]), row[1]) for row in db.execute("SELECT actor, subject FROM audit ORDER BY id")]
        )

    async def states(self) -> dict[int, str]:
        """The state of every stored update, by its update_id."""
        return await self.store.read(
            lambda db: {row[0]: row[1] for row in db.execute("SELECT update_id, state FROM incoming ORDER BY id")}
        )

    async def quiet(self) -> None:
        """Wait until nothing is being handled."""
        async with _patience("quiet"):
            while not self.lanes.idle:
                busy = {*self.lanes._workers, self.lanes._settling} - {None}
                await asyncio.wait(busy, timeout=1)

    async def until(self, what: Callable[[], Any]) -> None:
        """Wait until something holds; `what` may be a coroutine function."""
        async with _patience("there"):
            while True:
                found = what()
                if await found if isinstance(found, Awaitable) else found:
                    return
                await asyncio.to_thread(lambda: None)


class Line:
    """Telegram's side of getUpdates, with bodies that no real server would send."""

    def __init__(self) -> None:
        self.updates: list[tuple[int, bytes]] = []
        self.asked: list[dict[str, Any]] = []
        self.refusals: list[tuple[int, bytes]] = []
        self.changed = asyncio.Event()

    def add(self, update: dict[str, Any], raw: bytes | None = None) -> None:
        self.updates.append((update["update_id"], raw or json.dumps(update).encode()))
        self.changed.set()

    def answer(self, given: dict[str, Any]) -> tuple[int, bytes] | None:
        self.asked.append(given)
        if self.refusals:
            return self.refusals.pop(0)
        offset = int(given.get("offset", 0))
        self.updates = [entry for entry in self.updates if entry[0] >= offset]
        found = [raw for _, raw in self.updates[: int(given["limit"])]]
        return (200, b'{"ok": true, "result": [' + b",".join(found) + b"]}") if found else None

    @property
    def pending(self) -> list[int]:
        return [number for number, _ in self.updates]


class _Door(RequestHandler):
    def initialize(self, line: Line) -> None:
        self.line = line

    async def post(self) -> None:
        given = {name: values[0].decode() for name, values in self.request.arguments.items()}
        answer = self.line.answer(given)
        if answer is None:
            self.line.changed.clear()
            try:
                await asyncio.wait_for(self.line.changed.wait(), 0.05)
            except TimeoutError:
                answer = (200, b'{"ok": true, "result": []}')
            else:
                answer = self.line.answer(given) or (200, b'{"ok": true, "result": []}')
        self.set_status(answer[0])
        self.finish(answer[1])

    get = post


@pytest.fixture
async def way(tmp_path: Path) -> AsyncIterator[Way]:
    async with Store(tmp_path / "sinar.db") as store:
        made = Way(store, HandClock(START))
        yield made
        await made.lanes.stop(1)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    made = Line()
    server = HTTPServer(Application([(r"/.*", _Door, {"line": made})], log_function=lambda _: None))
    (made_socket,) = bind_sockets(0, "127.0.0.1")
    server.add_socket(made_socket)
    made.url = f"http://127.0.0.1:{made_socket.getsockname()[1]}"  # type: ignore[attr-defined]
    yield made
    server.stop()
    await server.close_all_connections()


@asynccontextmanager
async def polled(way: Way, line: Line) -> AsyncIterator[asyncio.Task[None]]:
    """Poll the line while the test runs."""
    async with AiohttpRequest(2) as request:
        task = asyncio.create_task(Polling(line.url, request, way.receiver).run())  # type: ignore[attr-defined]
        try:
            yield task
        finally:
            while not task.done():
                task.cancel()
                await asyncio.wait([task], timeout=0.05)


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries are short, and what goes wrong on purpose is not logged."""
    monkeypatch.setattr(polling_module, "LONGEST_PAUSE", 0.01)
    monkeypatch.setattr(lanes_module, "PAUSES", (0.01, 0.01))
    for name in ("bot.intake.lanes", "bot.intake.polling", "bot.intake.webhook", "tornado.access"):
        monkeypatch.setattr(logging.getLogger(name), "disabled", True)
