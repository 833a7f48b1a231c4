"""The demo: weeks of made-up people through the real bot in a minute, with no token and no network."""

import asyncio
import gc
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bot.demo import chats, page, telling
from bot.demo.chats import Shown
from bot.demo.figures import Figures, gather_figures
from bot.demo.stage import emptied, open_stage
from bot.demo.story import FULL, Plan, Story, play
from bot.lock import hold
from bot.logs import KeyValueFormatter, RedactingFilter, Redactor
from bot.sandbox import TOKEN

__all__ = ["FULL", "Outcome", "Plan", "main", "main_page", "show"]

FOLDER = Path("build/demo")


@dataclass(frozen=True)
class Outcome:
    """What a demo came to: its figures, the chats that are shown as text, and all that went wrong."""

    figures: Figures
    chats: dict[str, str]
    faults: list[str]
    nip: str
    """Of the civil servant whose chat is shown."""


def main(serve: bool, out: TextIO | None = None, port: int | None = None) -> int:
    """Show everything and return the exit code: 1 when something went otherwise than it should.

    With `serve` the chat page is there from the beginning, and stays after the show until it is told to stop.
    Raises AlreadyRunning while another demo is under way in this folder.
    """
    told = out or sys.stdout
    if not serve:
        return _show_all(told)
    with page.Beside(port) as beside:
        print("\n".join([*telling.page_told(beside.address, beside.trouble), ""]), file=told, flush=True)
        code = _show_all(told)
        print("\n".join(telling.page_ending(beside.address, beside.trouble)), file=told, flush=True)
        if beside.address:
            with suppress(KeyboardInterrupt):
                beside.wait()
    return code or int(beside.trouble is not None)


def main_page(out: TextIO | None = None, port: int | None = None) -> int:
    """Serve the chat page alone until a signal. Raises AlreadyRunning, OSError."""
    told = out or sys.stdout
    page.run(port, lambda address: print("\n".join(telling.page_told(address, None)), file=told, flush=True))
    return 0


def _show_all(told: TextIO) -> int:
    # The sandbox keeps every message: to look through all of them again and again frees nothing.
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    # The store's threads come back from SQLite many times in a transaction: let none wait 5 ms for its turn.
    sys.setswitchinterval(0.0005)
    with hold(FOLDER.with_name("demo.db")):
        outcome = asyncio.run(show(FOLDER, FULL, told))
    print("\n".join(telling.ending(FOLDER, outcome.faults, outcome.nip)), file=told, flush=True)
    return 1 if outcome.faults else 0


async def show(folder: Path, plan: Plan, out: TextIO) -> Outcome:
    """Let a plan happen in `folder`, which is made anew; prints the chats and the figures to `out`."""
    begun = time.monotonic()
    emptied(folder)
    print("\n".join(telling.opening(plan, folder)), file=out, flush=True)
    with _log_kept(folder / "sinar.log") as log:
        async with open_stage(folder, plan.start) as stage:
            progress = telling.Progress(out)
            stage.moved = progress.tell
            story = await play(stage, plan)
            progress.end()
            figures = await gather_figures(stage, story)
            written = {}
            for chat in _shown(story):
                pictures = chats.keep_pictures(stage, chat, folder / "pictures")
                lines = chats.told(stage, chat, pictures)
                written[chat.name] = "\n".join(lines)
                (folder / f"chat-{chat.name}.txt").write_text(written[chat.name] + "\n", "utf-8")
                print("\n".join([*telling.heading(chat.title), *lines]), file=out)
    print("\n".join(telling.figures_told(figures, time.monotonic() - begun)), file=out, flush=True)
    return Outcome(figures, written, [*figures.faults, *log.faults], story.shown.sample.nip)


def _shown(story: Story) -> list[Shown]:
    return [
        Shown("asn", f"The chat of a civil servant: {story.shown.name}", story.shown.person),
        Shown("koordinator", "The chat of the agency's coordinator", story.coordinator),
        Shown("admin", "The chat of the admin at BKPSDM", story.stage.admin),
    ]


class _Log(logging.FileHandler):
    """Warnings go to a file; an error is a fault of the show as well."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8")
        self.setFormatter(KeyValueFormatter())
        self.addFilter(RedactingFilter(Redactor([TOKEN])))
        self.faults: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record down."""
        super().emit(record)
        if record.levelno >= logging.ERROR:
            self.faults.append(f"an error was logged: {record.getMessage()}")


@contextmanager
def _log_kept(path: Path) -> Iterator[_Log]:
    """Send the process's warnings and errors to a file for a while."""
    root = logging.getLogger()
    log, handlers, level = _Log(path), root.handlers[:], root.level
    root.handlers[:] = [log]
    root.setLevel(logging.WARNING)
    try:
        yield log
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        log.close()
