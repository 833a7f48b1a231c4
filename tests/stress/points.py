"""The named points at which a process can be told to die: around every write, commit, call and fetch.

A point has a stage and a name, such as "commit bot.intake.receiving.Receiver.receive" or "sent sendMessage":
  write      the transaction's work is done, nothing is committed
  committed  it is committed, and nobody has heard of it
  send       a call is about to leave
  sent       Telegram has answered, and nobody has heard of it
SINAR_CRASH_AT="stage name#3" kills the process with SIGKILL at the third passing of that point in its life;
SINAR_POINTS names a file to which each point passed is added as a line.
"""

import functools
import inspect
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from bot.store import database
from bot.telegram_request import AiohttpRequest

CRASH_AT = "SINAR_CRASH_AT"
POINTS = "SINAR_POINTS"
STAGES = ("write", "committed", "send", "sent")


class _Points:
    def __init__(self, wanted: str, listing: str) -> None:
        self._name, _, number = wanted.partition("#")
        self._left = int(number or 0)
        self._lock = threading.Lock()
        self._listing = open(listing, "a", buffering=1) if listing else None  # noqa: SIM115 - as long as the process

    def passed(self, stage: str, name: str) -> None:
        with self._lock:
            if self._listing is not None:
                self._listing.write(f"{stage} {name}\n")
            if f"{stage} {name}" == self._name:
                self._left -= 1
                if self._left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)


def name_of(work: Callable[..., Any]) -> str:
    """Return what a write is called: the function that asked for it; for an act, the handler that does it."""
    while isinstance(work, functools.partial):
        work = work.func
    doing = inspect.getclosurevars(work).nonlocals.get("doing") if inspect.isfunction(work) else None
    if doing is not None:
        return "act " + name_of(inspect.getclosurevars(doing).nonlocals.get("doing") or doing)
    module, name = getattr(work, "__module__", "?"), getattr(work, "__qualname__", type(work).__name__)
    return f"{module}.{name}".replace(".<locals>", "").replace(".<lambda>", "")


def set_up() -> None:
    """Put the points around writes and calls, if any is asked for."""
    wanted, listing = os.environ.get(CRASH_AT, ""), os.environ.get(POINTS, "")
    if not wanted and not listing:
        return
    points = _Points(wanted, listing)
    write_together, do_request = database.write_together, AiohttpRequest.do_request

    def written(db: Any, jobs: list[Any]) -> None:
        names = [name_of(job.work) for job in jobs]
        last = jobs[-1].work

        def work(connection: Any) -> Any:
            result = last(connection)
            for name in names:
                points.passed("write", name)
            return result

        jobs[-1].work = work
        write_together(db, jobs)
        for name in names:
            points.passed("committed", name)

    async def called(self: Any, url: str, *args: Any, **more: Any) -> Any:
        method = url.rsplit("/", 1)[1]
        points.passed("send", method)
        answer = await do_request(self, url, *args, **more)
        points.passed("sent", method)
        return answer

    database.write_together = written
    AiohttpRequest.do_request = called  # type: ignore[method-assign,assignment]
