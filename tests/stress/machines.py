"""Bad machines as data: what is done to a bot that serves people, and what undoes it."""

import asyncio
import itertools
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox import Fault, Person
from tests.stress.crashes import rehearse
from tests.stress.world import City, Row, city

# Longer than the five seconds for which SQLite itself waits for a lock.
LOCKED_SECONDS = 10.0
SLOW_SEND = 0.3
STRANGERS = 500_000
STRANGERS_AT_ONCE = 6
WAITS_AND_GOES = (
    "SELECT EXISTS (SELECT 1 FROM outbox WHERE state = 'waiting' AND attempts > 0)"
    " AND EXISTS (SELECT 1 FROM outbox WHERE state = 'leased')"
)
Harm = Callable[[City, random.Random], Awaitable[None]]


def _limit(world: City, kind: int, soft: int) -> None:
    with suppress(ProcessLookupError):
        assert world.process is not None
        resource.prlimit(world.process.pid, kind, (soft, resource.RLIM_INFINITY))


def _pages(pid: int) -> int:
    """How much address space a process has now, in pages."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0])


async def full_disk(world: City, chance: random.Random) -> None:
    """From some byte on nothing can be written for a while: which write meets it is chance."""
    log = world.folder / "data/sinar.db-wal"
    _limit(world, resource.RLIMIT_FSIZE, log.stat().st_size + chance.choice((0, 0, 2000, 20_000)))
    await asyncio.sleep(0.8)
    _limit(world, resource.RLIMIT_FSIZE, resource.RLIM_INFINITY)


async def little_memory(world: City, chance: random.Random) -> None:
    """The bot gets no further memory for a while."""
    assert world.process is not None
    with suppress(FileNotFoundError):
        pages = _pages(world.process.pid)
        _limit(world, resource.RLIMIT_AS, pages * resource.getpagesize() + chance.choice((0, 2**18, 2**20)))
        await asyncio.sleep(0.8)
        _limit(world, resource.RLIMIT_AS, resource.RLIM_INFINITY)


class Shell:
    """Somebody's sqlite shell, and strangers who ask for help while it stands in a transaction.

    When it begins, an answer to one of them waits to be sent again and another one is on its way, so that what
    must be stored to go on and what must be stored to remember both meet the lock.
    """

    def __init__(self, world: City) -> None:
        self._world = world
        first = STRANGERS + len(world.walkers) * 10
        self._strangers = [world.box.person(first + number, first_name="Tamu") for number in range(STRANGERS_AT_ONCE)]
        self._asked: Counter[int] = Counter()
        self._heard = {person.id: len(person.received) for person in self._strangers}
        self._db = sqlite3.connect(world.folder / "data/sinar.db", isolation_level=None)

    def ask(self) -> None:
        """Let each stranger who has all answers ask once more."""
        for person in self._strangers:
            if len(person.received) - self._heard[person.id] >= self._asked[person.id]:
                person.send("/bantuan")
                self._asked[person.id] += 1

    async def begin(self) -> None:
        """Take the lock at such a moment."""
        faults, passing = self._world.box.faults, itertools.count()
        faults.latency = lambda method: SLOW_SEND if method == "sendMessage" else 0.0
        plan = faults.plan(
            Fault.STATUS_BEFORE, "sendMessage", times=None, status=502, when=lambda *_: next(passing) % 2 == 0
        )
        try:
            for _ in range(5000):
                self.ask()
                if await self._stands_across():
                    return
                await asyncio.sleep(0.005)
        finally:
            plan.cancel()
            faults.latency = 0.0
        raise AssertionError("no moment came at which a message waits and another is on its way")

    async def _stands_across(self) -> bool:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        if self._db.execute(WAITS_AND_GOES).fetchone()[0]:
            return True
        self._db.execute("ROLLBACK")
        return False

    async def hold(self, seconds: float) -> None:
        """Stand there so long; what is said meanwhile stays with Telegram."""
        before = _pending(self._world)
        for person in self._strangers[:2]:
            person.send("/bantuan")
            self._asked[person.id] += 1
        asked = _pending(self._world) - before
        for _ in range(int(seconds / 0.05)):
            if self._world.dead:
                break
            await asyncio.sleep(0.05)
        assert asked <= _pending(self._world), "confirmed, but not stored"

    def leave(self) -> None:
        self._db.close()

    async def answered(self) -> None:
        """Hold what the strangers were told against what they asked: all of it, once."""
        await self._world.until(lambda: all(self._missing(person) <= 0 for person in self._strangers))
        assert {person.id: self._missing(person) for person in self._strangers} == dict.fromkeys(self._heard, 0)

    def _missing(self, person: Person) -> int:
        return self._asked[person.id] - (len(person.received) - self._heard[person.id])


def _pending(world: City) -> set[int]:
    return {update.id for update in world.box.world.updates.pending}


async def locked(world: City, _chance: random.Random) -> None:
    """A shell holds the database for ten seconds: all goes on by itself, and nothing was confirmed unsaved."""
    shell = Shell(world)
    await shell.begin()
    await shell.hold(LOCKED_SECONDS)
    shell.leave()
    assert not world.dead, world.logged()[-5000:]
    await shell.answered()


async def told_to_stop_while_locked(world: City, chance: random.Random) -> None:
    """SIGTERM while a shell holds the database, and goes on doing so until after the end."""
    shell = Shell(world)
    await shell.begin()
    holding = asyncio.create_task(shell.hold(30))
    await asyncio.sleep(0.3 + chance.random())
    ending = asyncio.create_task(_end(world))
    await holding
    shell.leave()
    await ending
    await world.rise()
    await shell.answered()


async def told_to_stop_while_it_starts(world: City, chance: random.Random) -> None:
    """SIGTERM in the first second."""
    await _end(world)
    before = len(world.box.world.calls)
    world.start()
    await asyncio.sleep(chance.random() * 0.6)
    # Before the program has looked at signals at all, the system ends it; it has done nothing then.
    silent = len(world.box.world.calls) == before
    await _end(world, *((0, -signal.SIGTERM) if silent else (0,)))
    await world.rise()


async def told_to_stop_while_telegram_is_silent(world: City, _chance: random.Random) -> None:
    """SIGTERM while the first call is not answered, which it would be let wait for fifteen seconds."""
    await _end(world)
    plan = world.box.faults.plan(Fault.HANG_BEFORE, "getMe")
    world.start()
    await world.until(lambda: plan.hits > 0)
    await _end(world)
    await world.rise()


async def read_only(world: City, chance: random.Random) -> None:
    """The files can be read and not written for a while, as when the system has taken the disk back."""
    files = [world.folder / "data" / name for name in ("sinar.db", "sinar.db-wal")]
    assert _fixed("+i", *files)
    stranger = world.box.person(STRANGERS - 1 - len(world.walkers), first_name="Tamu")
    try:
        heard, before = len(stranger.received), _pending(world)
        stranger.send("/bantuan")
        asked = _pending(world) - before
        await asyncio.sleep(0.5 + chance.random())
        assert asked <= _pending(world), "confirmed, but not stored"
    finally:
        assert _fixed("-i", *files)
    await world.until(lambda: len(stranger.received) > heard)
    assert len(stranger.received) == heard + 1


def can_be_read_only() -> bool:
    """Whether this account and file system can take the right to write away from who holds a file open."""
    with tempfile.NamedTemporaryFile() as probe:
        able = _fixed("+i", Path(probe.name))
        _fixed("-i", Path(probe.name))
    return able


def _fixed(change: str, *files: Path) -> bool:
    if shutil.which("chattr") is None:
        return False
    return subprocess.run(["chattr", change, *map(str, files)], capture_output=True, check=False).returncode == 0


async def _end(world: City, *codes: int) -> None:
    assert world.process is not None
    world.process.send_signal(signal.SIGTERM)
    since = time.monotonic()
    while world.process.poll() is None:
        assert time.monotonic() - since < 10, world.logged()[-5000:]
        await asyncio.sleep(0.02)
    assert world.process.poll() in (codes or (0,)), world.logged()[-3000:]
    world.sound()


async def told_to_stop(world: City, _chance: random.Random) -> None:
    """SIGTERM in the middle of everything: over within ten seconds, and another bot is started."""
    await _end(world)
    assert not world.leased()
    await world.rise()


async def power_cut(world: City, chance: random.Random) -> None:
    """What a disk holds at that instant, with half a page more in the log, opens sound."""
    assert world.process is not None
    copy = world.folder / "cut"
    copy.mkdir(exist_ok=True)
    # Stopped, so that both files are of one instant.
    os.kill(world.process.pid, signal.SIGSTOP)
    try:
        for name in ("sinar.db", "sinar.db-wal"):
            if (world.folder / "data" / name).exists():
                shutil.copyfile(world.folder / "data" / name, copy / name)
    finally:
        os.kill(world.process.pid, signal.SIGCONT)
    with (copy / "sinar.db-wal").open("ab") as log:
        log.write(chance.randbytes(2048))
    with closing(sqlite3.connect(copy / "sinar.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        assert db.execute("SELECT count(*) FROM person").fetchone()[0] > 0
    shutil.rmtree(copy)


@dataclass(frozen=True)
class Machine:
    """A fault of the machine, and how often it comes; a `mortal` one may end the process."""

    name: str
    harm: Harm
    few: int
    many: int
    mortal: bool = False


MACHINES = (
    Machine("full disk", full_disk, 4, 60),
    Machine("database locked by a shell", locked, 1, 8),
    Machine("SIGTERM", told_to_stop, 4, 50),
    Machine("SIGTERM while a shell holds the database", told_to_stop_while_locked, 1, 8),
    Machine("SIGTERM in the first second", told_to_stop_while_it_starts, 3, 25),
    Machine("SIGTERM before Telegram has answered at all", told_to_stop_while_telegram_is_silent, 1, 4),
    Machine("database turned read-only", read_only, 1, 20),
    Machine("power cut: file and log copied", power_cut, 10, 200),
    Machine("no more memory", little_memory, 3, 40, mortal=True),
)


async def endure(folder: Path, machine: Machine, times: int, seed: int = 3) -> Row:
    """Let people be served while the machine fails so many times; returns the table's row."""
    chance = random.Random(seed)
    row = Row(machine.name)
    async with city(folder) as world:
        await rehearse(world)
        await world.rise()
        while row.tried < times:
            walkers = world.newcomers(2)
            serving = asyncio.create_task(world.walk(walkers, 120))
            while row.tried < times and not serving.done():
                await asyncio.sleep(0.1 + chance.random() * 0.5)
                if world.dead or serving.done():
                    break
                row.tried += 1
                await machine.harm(world, chance)
                row.survived += not world.dead
            while not await serving:
                if world.dead:
                    assert machine.mortal, world.logged()[-5000:]
                    world.sound()
                    await world.rise()
                serving = asyncio.create_task(world.walk(walkers, 120))
        assert await world.walk(world.walkers)
        world.sound()
        world.compare(row)
        row.named = world.named()
        assert row.lost == 0
        assert row.doubled <= row.named
        assert row.named == 0 or machine.mortal
        assert world.query("SELECT count(*) FROM incoming WHERE state <> 'done'") == [(0,)]
        assert world.stop() == 0
    return row
