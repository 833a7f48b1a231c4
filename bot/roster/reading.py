"""Reads a roster or an attendance list that came from outside, in a process with limits on memory and time."""

import asyncio
import json
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

from bot.domain.attendance import Listed
from bot.domain.roster import Refusal, RosterRow
from bot.roster.errors import FileFault, RosterFileError
from bot.roster.limits import MAX_BYTES, SECONDS
from bot.roster.wire import from_lines, list_from_lines

_CHECKOUT = Path(__file__).resolve().parents[2]
_COMMAND = (sys.executable, "-m", "bot.roster.child")
# Nothing of the bot's environment, which holds its secrets, reaches the process that opens a stranger's file.
_ENVIRONMENT = {"PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"}


def read_roster(
    source: Path | bytes, today: date, *, seconds: float = SECONDS
) -> tuple[list[RosterRow], list[Refusal]]:
    """Read a file for the command line; `today` is the date where the people are.

    Returns valid rows and refused ones. Raises RosterFileError if the whole file is refused, OSError if it
    cannot be opened.
    """
    request = _request(source if isinstance(source, bytes) else _load(source), today)
    late = threading.Event()
    # The command is fixed; the file reaches it through a pipe.
    with subprocess.Popen(  # noqa: S603 - a fixed command, no words of others
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_CHECKOUT,
        env=_ENVIRONMENT,
    ) as process:

        def end() -> None:
            late.set()
            process.kill()

        limit = threading.Timer(seconds, end)
        limit.start()
        try:
            output, _ = process.communicate(request)
        finally:
            limit.cancel()
            process.kill()
    if late.is_set():
        raise RosterFileError(FileFault.TOO_MUCH_WORK)
    return _answer(output, process.returncode)


async def read_roster_async(
    source: Path | bytes, today: date, *, seconds: float = SECONDS
) -> tuple[list[RosterRow], list[Refusal]]:
    """Do as `read_roster` does beside a running event loop; a cancelled call leaves no process behind."""
    data = source if isinstance(source, bytes) else await asyncio.to_thread(_load, source)
    output, returncode = await _ask_child(_request(data, today), seconds)
    return await asyncio.to_thread(_answer, output, returncode)


async def read_list_async(data: bytes, today: date, *, seconds: float = SECONDS) -> tuple[list[Listed], list[Refusal]]:
    """Read an attendance list beside a running event loop, as `read_roster_async` does a roster."""
    output, returncode = await _ask_child(_request(data, today, attendance=True), seconds)
    return await asyncio.to_thread(lambda: list_from_lines(_lines(output, returncode)))


async def _ask_child(request: bytes, seconds: float) -> tuple[bytes, int | None]:
    process = await asyncio.create_subprocess_exec(
        *_COMMAND,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=_CHECKOUT,
        env=_ENVIRONMENT,
    )
    try:
        async with asyncio.timeout(seconds):
            output, _ = await process.communicate(request)
    except TimeoutError as error:
        raise RosterFileError(FileFault.TOO_MUCH_WORK) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return output, process.returncode


def _load(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _request(data: bytes, today: date, *, attendance: bool = False) -> bytes:
    if len(data) > MAX_BYTES:
        raise RosterFileError(FileFault.TOO_LARGE)
    return json.dumps({"today": today.isoformat(), "list": attendance}).encode() + b"\n" + data


def _answer(output: bytes, returncode: int | None) -> tuple[list[RosterRow], list[Refusal]]:
    return from_lines(_lines(output, returncode))


def _lines(output: bytes, returncode: int | None) -> list[bytes]:
    """Raise RosterFileError for a process that its limits ended, RuntimeError for a defect of ours."""
    if returncode is not None and returncode < 0:
        raise RosterFileError(FileFault.TOO_MUCH_WORK)
    if returncode:
        raise RuntimeError(f"the roster reader ended with status {returncode}")
    return output.splitlines()
