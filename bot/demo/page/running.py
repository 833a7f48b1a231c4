"""Starts and stops the chat page: alone in this process, or beside the story in a process of its own."""

import asyncio
import errno
import multiprocessing
import multiprocessing.connection
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from tornado.httpserver import HTTPServer

from bot.demo.page.server import HOST, serve
from bot.demo.page.town import Town, open_town
from bot.lock import AlreadyRunning, hold
from bot.running import TURN

FOLDER = Path("build/page")
DEFAULT_PORT = 8765
STARTS_WITHIN = 60.0  # seconds, on a slow machine that is busy with something else
ENDS_WITHIN = 10.0


def run(port: int | None, told: Callable[[str], None], parent: int | None = None) -> None:
    """Serve the page until SIGINT or SIGTERM (or the end of the process behind `parent`); tells its address.

    Without a port it is DEFAULT_PORT, or any free one where that is taken. Raises AlreadyRunning, OSError.
    """
    sys.setswitchinterval(TURN)
    with hold(FOLDER.with_name("page.db")):
        asyncio.run(_run(port, told, parent))


async def _run(port: int | None, told: Callable[[str], None], parent: int | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    if parent is not None:
        loop.add_reader(parent, stop.set)
    async with open_town(FOLDER) as town:
        server, found = _listen(town, port)
        told(f"http://{HOST}:{found}/")
        preparing = asyncio.create_task(town.prepare())
        ending = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait({preparing, ending}, return_when=asyncio.FIRST_COMPLETED)
        if preparing in done:
            preparing.result()
            await ending
        preparing.cancel()
        await asyncio.gather(preparing, return_exceptions=True)
        if parent is not None:
            loop.remove_reader(parent)
        server.stop()
        await server.close_all_connections()


def _listen(town: Town, port: int | None) -> tuple[HTTPServer, int]:
    try:
        return serve(town, DEFAULT_PORT if port is None else port)
    except OSError as error:
        if port is not None or error.errno != errno.EADDRINUSE:
            raise
        return serve(town, 0)


class Beside:
    """The page in a process of its own, so that the story's work does not slow it; gone with this process."""

    def __init__(self, port: int | None) -> None:
        there = multiprocessing.get_context("spawn")
        self._here, self._child_end = there.Pipe(duplex=False)
        self._process = there.Process(target=_in_child, args=(port, self._child_end), name="chat-page", daemon=True)
        self.address: str | None = None
        self.trouble: str | None = None
        """Why there is no page."""

    def __enter__(self) -> Self:
        """Start it, and wait until it says where it is."""
        self._process.start()
        self._child_end.close()
        try:
            found = self._here.recv() if self._here.poll(STARTS_WITHIN) else (None, "it did not start")
        except EOFError:
            found = (None, "it ended while it started")
        self.address, self.trouble = found
        return self

    def wait(self) -> None:
        """Wait until the page ends, by Ctrl+C or a signal of its own."""
        self._process.join()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.is_alive():
            self._process.terminate()
        self._process.join(ENDS_WITHIN)


def _in_child(port: int | None, out: multiprocessing.connection.Connection) -> None:
    parent = multiprocessing.parent_process()
    sentinel = int(parent.sentinel) if parent is not None else None
    try:
        run(port, lambda address: out.send((address, None)), sentinel)
    except AlreadyRunning:
        out.send((None, "it is already served by another demo of this folder; end that one first"))
    except OSError as error:
        out.send((None, str(error)))
