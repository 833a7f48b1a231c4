"""Bad machines as data: what is done to a bot that serves people, and what undoes it."""

import asyncio
import os
import random
import resource
import shutil
import signal
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.stress.crashes import rehearse
from tests.stress.world import City, Row, city

# Longer than the five seconds for which SQLite itself waits for a lock.
LOCKED_SECONDS = 6.0
WAITS = "SELECT EXISTS (SELECT 1 FROM outbox WHERE state = 'waiting' AND not_before <= ?)"
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


async def locked(world: City, _chance: random.Random) -> None:
    """Somebody's sqlite shell stands in a transaction, begun while a message waits to be sent."""
    with closing(sqlite3.connect(world.folder / "data/sinar.db", isolation_level=None)) as shell:
        shell.execute("PRAGMA busy_timeout = 10000")
        for _ in range(5000):
            shell.execute("BEGIN IMMEDIATE")
            if shell.execute(WAITS, (world.now().isoformat(timespec="microseconds"),)).fetchone()[0]:
                await asyncio.sleep(LOCKED_SECONDS)
                shell.execute("ROLLBACK")
                return
            shell.execute("ROLLBACK")
            await asyncio.sleep(0.001)


async def told_to_stop(world: City, _chance: random.Random) -> None:
    """SIGTERM in the middle of everything: over within ten seconds, and another bot is started."""
    assert world.process is not None
    world.process.send_signal(signal.SIGTERM)
    since = time.monotonic()
    while world.process.poll() is None:
        assert time.monotonic() - since < 10
        await asyncio.sleep(0.02)
    assert world.process.poll() == 0, (world.folder / "log").read_text()[-3000:]
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
    Machine("database locked by a shell", locked, 1, 10),
    Machine("SIGTERM", told_to_stop, 4, 50),
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
                    assert machine.mortal, (world.folder / "log").read_text()[-5000:]
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
