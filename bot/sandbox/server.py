"""The HTTP side: the Bot API's addresses over one world, and the sandbox that starts and stops it."""

import socket
import time
from types import TracebackType
from typing import Any, Self

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from bot.sandbox import control, endpoints
from bot.sandbox.box import TOKEN, Box
from bot.sandbox.hooking import Courier
from bot.sandbox.refusal import Now

_LARGEST_BODY = 80_000_000
_HOST = "127.0.0.1"


class Sandbox(Box):
    """A Bot API server on 127.0.0.1: `async with Sandbox() as box`, then `box.api_base_url`."""

    def __init__(self, token: str = TOKEN, now: Now = time.time, port: int = 0) -> None:
        super().__init__(token, now)
        self._port = port
        self._server: HTTPServer | None = None
        self.courier = Courier(self.world)

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
