"""The bot as a real process, seen from outside: its command line, Telegram's stand-in, and a wall clock that jumps.

The clock is moved with libfaketime (Debian: faketime): wall time jumps, monotonic time goes on as it is.
"""

import asyncio
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.demo.cast import Habit, Member
from bot.sandbox import TOKEN, Person, Sandbox
from messages.library import load_library
from scheduler.timetable import LAST_LOOK
from tests.conftest import ADMIN, wib

PROJECT = Path(__file__).parents[2]
LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


def free_port() -> int:
    """Return a port of the loopback at which nobody listens just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Outside:
    """A folder with config.toml, a sandbox, and one `python -m bot run` at a time."""

    folder: Path
    box: Sandbox
    offset: float = 0.0
    process: subprocess.Popen[bytes] | None = None
    members: dict[int, Member] = field(default_factory=dict)
    kills: int = 0
    # Without the library, whose every look at a clock reads a file: for tests of many messages.
    true_clock: bool = False

    @property
    def _environment(self) -> dict[str, str]:
        if self.true_clock:
            return os.environ | {"SINAR_BOT_TOKEN": TOKEN, "PYTHONWARNINGS": "error"}
        return os.environ | {
            "SINAR_BOT_TOKEN": TOKEN,
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self.folder / "clock"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Else each wait with a timeout asks the clock; threads that take turns do so a thousand times a second.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "PYTHONWARNINGS": "error",
        }

    def set_clock(self, moment: datetime) -> None:
        """Let the wall clock jump to `moment`, here, in the sandbox and in the running bot."""
        self.offset = moment.timestamp() - time.time()
        self._write_clock()

    def _write_clock(self) -> None:
        partial = self.folder / "clock.new"
        partial.write_text(f"{self.offset:+.3f}\n")
        partial.replace(self.folder / "clock")

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self.offset, UTC)

    async def command(self, *words: str, code: int = 0) -> Any:
        """Run a command of the contract with --json; returns its document."""
        # Beside the loop: it may ask Telegram's stand-in, which answers there.
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "bot", *words, "--config", str(self.folder / "config.toml"), "--json"],
            cwd=PROJECT,
            env=self._environment,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stderr.decode()
        return json.loads(done.stdout) if done.stdout else None

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run", "--config", str(self.folder / "config.toml")],
                cwd=PROJECT,
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.kills += 1

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read the database as a stranger would, beside the running bot."""
        db = sqlite3.connect(f"file:{self.folder}/data/sinar.db?mode=ro", uri=True)
        try:
            return db.execute(sql, values).fetchall()
        finally:
            db.close()

    async def until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        """Wait for a condition; fails when the bot ended or it does not come about."""
        end = time.monotonic() + seconds
        while not condition():
            assert self.process is not None
            assert self.process.poll() is None, self.logged()[-3000:]
            assert time.monotonic() < end, self.logged()[-3000:]
            await asyncio.sleep(0.02)

    def logged(self) -> str:
        """Return all that the bot has logged so far."""
        return (self.folder / "log").read_text()

    def noted_since(self, fact: str, moment: datetime) -> bool:
        """Whether the bot has noted a fact, by its own clock, at `moment` or later."""
        found = self.query("SELECT at FROM fact WHERE name = ?", fact)
        return bool(found) and datetime.fromisoformat(found[0][0]) >= moment

    def _quiet(self) -> bool:
        now = self.now().isoformat(timespec="microseconds")
        waiting = self.query(
            "SELECT (SELECT count(*) FROM outbox WHERE state = 'leased' OR state = 'waiting' AND not_before <= ?)"
            " + (SELECT count(*) FROM incoming WHERE state = 'waiting')",
            now,
        )[0][0]
        return waiting == 0 and not self.box.world.updates.pending

    async def settle(self, seconds: float = 30) -> None:
        """Wait until the bot has looked since now, and nothing is under way; fails after so many seconds."""
        since = self.now()
        await self.until(lambda: self.noted_since(LAST_LOOK, since) and self._quiet(), seconds)

    async def jump(self, moment: datetime) -> None:
        self.set_clock(moment)
        await self.settle()

    async def answer_all(self) -> None:
        """Everybody answers what came, until nobody has anything left to do."""
        for _ in range(200):
            acted = [member for member in self.members.values() if member.act()]
            if not acted:
                return
            await self.settle()
        raise AssertionError("people never came to an end")

    def member(self, number: int, **habit: float) -> Member:
        key = {item.question: item.correct for item in load_library().items.values()}
        person: Person = self.box.person(1000 + number, first_name=f"Orang {number}")
        made = Member(
            person, Habit(**habit), random.Random(number), lambda question: key.get(question.split(" ", 1)[1])
        )
        self.members[number] = made
        return made


@asynccontextmanager
async def outside(folder: Path, start: str | None, per_second: int = 500, **settings: str) -> AsyncIterator[Outside]:
    """A fresh folder, a sandbox, and the clock at `start` (local time; None: as it is); `run` is not started yet."""
    made: Outside | None = None
    async with Sandbox(token=TOKEN, now=lambda: time.time() + (made.offset if made else 0.0)) as box:
        made = Outside(folder, box, true_clock=start is None)
        if start is not None:
            made.set_clock(wib(start))
        lines = [f'[telegram]\napi_base_url = "{box.api_base_url}"\nmessages_per_second = {per_second}\n']
        lines.append(f'[storage]\npath = "data/sinar.db"\nbackup_dir = "backups"\n[access]\nadmins = [{ADMIN}]\n')
        lines.append("[schedule]\nlook_every_seconds = 0.1\n")
        lines += [f"{key} = {value}\n" for key, value in settings.items()]
        (folder / "config.toml").write_text("".join(lines))
        try:
            yield made
        finally:
            if made.process is not None and made.process.poll() is None:
                made.process.kill()
                made.process.wait()
