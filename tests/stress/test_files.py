"""Files that cannot be used: a page that is damaged, a newer program's file, a folder that cannot be written."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.sandbox import TOKEN
from bot.store.backup import backup, restore
from tests.outside.driver import PROJECT
from tests.stress.crashes import rehearse
from tests.stress.world import City, city


def spoil(file: Path, table: str) -> None:
    """Overwrite the first page of a table, as a bad disk would."""
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = db.execute("PRAGMA page_size").fetchone()[0]
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    with file.open("r+b") as disk:
        disk.seek((page - 1) * size)
        disk.write(b"\xff" * size)


@pytest.mark.parametrize("table", ["incoming", "outbox", "fact"])
async def test_a_damaged_page_is_said_and_a_backup_helps(tmp_path: Path, table: str) -> None:
    async with city(tmp_path) as world:
        await rehearse(world)
        database = tmp_path / "data/sinar.db"
        backup(database, tmp_path / "copy.db")
        spoil(database, table)
        (walker,) = world.newcomers(1)
        walker.act()
        world.start()
        assert world.process is not None
        assert await asyncio.to_thread(world.process.wait, 30) == 1
        assert "damaged" in world.logged()
        assert "restore" in world.logged()
        restore(tmp_path / "copy.db", database)
        assert await _served(world)
        # The update that met the damage was not counted against anybody.
        assert world.query("SELECT count(*) FROM incoming WHERE state = 'aside'") == [(0,)]


async def _served(world: City) -> bool:
    await world.rise()
    return await world.walk(world.walkers)


async def test_an_old_program_leaves_a_new_file_alone(tmp_path: Path) -> None:
    async with city(tmp_path) as world:
        with closing(sqlite3.connect(tmp_path / "data/sinar.db")) as db:
            db.execute("PRAGMA user_version = 9999")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before = (tmp_path / "data/sinar.db").read_bytes()
        world.start()
        assert world.process is not None
        assert world.process.wait(20) == 1
        assert "newer" in world.logged()
        assert not world.box.world.calls
        assert (tmp_path / "data/sinar.db").read_bytes() == before


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    async with city(tmp_path) as world:
        data = tmp_path / "data"
        for file in (*data.iterdir(), data):
            file.chmod(0o500 if file.is_dir() else 0o400)
        bare = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
        done = await asyncio.to_thread(
            subprocess.run,
            [*bare, sys.executable, "-m", "bot", "run", "--config", str(tmp_path / "config.toml")],
            cwd=PROJECT, env=os.environ | {"SINAR_BOT_TOKEN": TOKEN}, capture_output=True, timeout=30, check=False,
        )  # fmt: skip
        data.chmod(0o700)
        assert done.returncode == 1
        assert "Permission denied" in done.stderr.decode()
        assert "Traceback" not in done.stderr.decode()
        assert not world.box.world.calls
