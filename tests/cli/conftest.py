"""The command line as people call it: `python -m bot` in a process of its own, on a real database in tmp_path."""

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.roster.sample import AGENCY, sample_people, sample_workbook
from bot.sandbox import TOKEN, Sandbox
from bot.store.database import connect, prepare

CHECKOUT = Path(__file__).resolve().parents[2]
PEOPLE = 6
UNIT = AGENCY
NIP = sample_people(PEOPLE)[0].nip


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)


class Office:
    """A folder with settings, in which commands are called."""

    def __init__(self, folder: Path, api_base_url: str) -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self.database = folder / "data" / "sinar.db"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("SINAR_")}
        self.settings(f'[telegram]\napi_base_url = "{api_base_url}"\n[access]\nadmins = [7]\n')

    def settings(self, text: str) -> None:
        self.config.write_text(text, encoding="utf-8")

    async def call(self, *arguments: str, config: bool = True, umask: int = -1, **environment: str) -> Done:
        where = ("--config", str(self.config)) if config else ()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            *where,
            cwd=CHECKOUT,
            env=self.environment | environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            umask=umask,
        )
        out, err = await process.communicate()
        return Done(process.returncode or 0, out.decode(), err.decode())

    async def json(self, *arguments: str, **environment: str) -> Any:
        """Call a command that must succeed, with --json, and return its document."""
        done = await self.call(*arguments, "--json", **environment)
        assert done.code == 0, done.err
        assert done.err == ""
        return done.json

    async def refused(self, *arguments: str, **environment: str) -> str:
        """Call a command that must be refused, and return what stands on stderr."""
        done = await self.call(*arguments, "--json", **environment)
        assert (done.code, done.out) == (1, ""), (done.out, done.err)
        assert "Traceback" not in done.err
        assert done.err.startswith("error: ")
        return done.err

    async def usage(self, *arguments: str) -> str:
        """Call a command that cannot be understood, and return what stands on stderr."""
        done = await self.call(*arguments, "--json")
        assert (done.code, done.out) == (2, "")
        return done.err

    @contextmanager
    def db(self) -> Iterator[sqlite3.Connection]:
        prepare(self.database)
        with closing(connect(self.database)) as db:
            yield db

    def bytes(self) -> bytes:
        """Return all that stands on the disk of the database."""
        return b"".join(file.read_bytes() for file in self.database.parent.glob("sinar.db*"))

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.db() as db:
            return [tuple(row) for row in db.execute(statement)]

    async def import_sample(self) -> None:
        """Bring PEOPLE made-up people of one unit in."""
        file = self.folder / "pegawai.xlsx"
        file.write_bytes(sample_workbook(PEOPLE, bad_rows=0))
        await self.json("roster", "import", str(file), "--apply")

    async def add_session(self, *more: str, start: str = "2030-11-18T08:00", end: str = "2030-11-18T11:00") -> Any:
        return await self.json(
            "session", "add", "--title", "Sinar", "--place", "Pendopo", "--start", start, "--end", end,
            "--unit", UNIT, *more,
        )  # fmt: skip


def spoil(file: Path, old: str, new: str) -> None:
    """Put a fault into a file."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox(TOKEN) as box:
        yield box


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office whose Telegram nobody answers for (the discard port)."""
    return Office(tmp_path, "http://127.0.0.1:9")


@pytest.fixture
def online(tmp_path: Path, box: Sandbox) -> Office:
    """An office whose Telegram is the sandbox; the token is in the environment."""
    office = Office(tmp_path, box.api_base_url)
    office.environment["SINAR_BOT_TOKEN"] = TOKEN
    return office
