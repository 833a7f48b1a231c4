"""The HTTP side: the Bot API's addresses over one world, and the sandbox that starts and stops it."""

import asyncio
import socket
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from bot.sandbox import control, endpoints
from bot.sandbox.faults import Faults
from bot.sandbox.hooking import Courier
from bot.sandbox.people import Group, Person
from bot.sandbox.refusal import Json, Now
from bot.sandbox.world import World

TOKEN = "700000001:sandbox-token-that-opens-nothing"  # noqa: S105 - opens nothing, as it says
_LARGEST_BODY = 80_000_000
_HOST = "127.0.0.1"


class Sandbox:
    """A Bot API server on 127.0.0.1: `async with Sandbox() as box`, then `box.api_base_url`."""

    def __init__(self, token: str = TOKEN, now: Now = time.time, port: int = 0) -> None:
        self._base_now = now
        self._port = port
        self._server: HTTPServer | None = None
        self.clock_offset = 0.0
        """Seconds added to what `now` returns."""
        self.world: World = World(token, self.now)
        self.faults = Faults()
        self.courier = Courier(self.world)
        self.people: dict[int, Person] = {}
        self.closing = asyncio.Event()

    def now(self) -> float:
        """Return the world's time, epoch seconds."""
        return self._base_now() + self.clock_offset

    @property
    def api_base_url(self) -> str:
        """What stands before /bot<token>/<method>."""
        return f"http://{_HOST}:{self._port}"

    async def __aenter__(self) -> Self:
        """Listen."""
        self.open_door()
        self.courier.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all waiting calls and stop listening."""
        self.closing.set()
        await self.courier.stop()
        await self.close_door()

    def open_door(self) -> None:
        """Listen, on the same port as before if there was one."""
        routes: list[Any] = [
            *endpoints.routes(self),
            *control.routes(self),
        ]
        application = Application(routes, default_handler_class=endpoints.Nothing, log_function=lambda _: None)
        sockets = bind_sockets(self._port, _HOST, socket.AF_INET)
        self._port = sockets[0].getsockname()[1]
        self._server = HTTPServer(application, max_body_size=_LARGEST_BODY, max_buffer_size=_LARGEST_BODY)
        self._server.add_sockets(sockets)

    async def close_door(self) -> None:
        """Drop all connections; further ones are refused until `open_door`."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()
            await server.close_all_connections()

    def person(
        self,
        user_id: int,
        *,
        first_name: str = "Warga",
        last_name: str | None = None,
        username: str | None = None,
        language_code: str = "id",
    ) -> Person:
        """Return the person with this id; names are taken at the first call."""
        if user_id not in self.people:
            user: Json = {"id": user_id, "is_bot": False, "first_name": first_name}
            more = {"last_name": last_name, "username": username, "language_code": language_code}
            self.people[user_id] = Person(self.world, user | {k: v for k, v in more.items() if v})
        return self.people[user_id]

    def group(self, chat_id: int, title: str = "Grup") -> Group:
        """Return the group with this (negative) id, with the bot as a member."""
        return Group(self.world, chat_id, title)

    async def until(self, predicate: Callable[[], object], timeout: float = 10) -> None:  # noqa: ASYNC109
        """Wait until `predicate` holds, asked at each change; raises TimeoutError."""
        await self.world.bell.until(predicate, timeout, getattr(predicate, "__name__", "the state waited for"))

    async def settled(self, timeout: float = 10) -> None:  # noqa: ASYNC109
        """Wait until the bot has confirmed all updates; raises TimeoutError."""
        await self.world.bell.until(self._quiet, timeout, "confirmation of all updates")

    def _quiet(self) -> bool:
        self.world.updates.expire()
        return not self.world.updates.pending
