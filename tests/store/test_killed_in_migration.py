"""kill -9 while a file of the first schema is brought up to date: old, new or a whole step between; then it goes on."""

import os
import random
import signal
import time
from contextlib import closing
from pathlib import Path

from bot.store.database import connect, migrations, prepare, run_migration

KILLS = 50


def of_the_first_schema(path: Path) -> None:
    with closing(connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        run_migration(db, *migrations()[0])
        db.execute("INSERT INTO fact (name, value, at) VALUES ('penanda', '1', '2025-11-17T08:00:00.000000+00:00')")


def tables(path: Path) -> set[str]:
    with closing(connect(path)) as db:
        return {row[0] for row in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}


def prepared_and_killed(path: Path, seconds: float) -> None:
    child = os.fork()
    if child == 0:
        prepare(path)
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_fifty_kills_leave_no_schema_between(tmp_path: Path) -> None:
    whole = tmp_path / "whole.db"
    of_the_first_schema(whole)
    begun = time.monotonic()
    prepare(whole)
    length, chance, seen = time.monotonic() - begun, random.Random(25), set()
    for number in range(KILLS):
        path = tmp_path / f"{number}.db"
        of_the_first_schema(path)
        prepared_and_killed(path, chance.uniform(0, length))
        with closing(connect(path)) as db:
            seen.add(db.execute("PRAGMA user_version").fetchone()[0])
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        prepare(path)
        assert tables(path) == tables(whole)
        with closing(connect(path)) as db:
            assert db.execute("SELECT value FROM fact WHERE name = 'penanda'").fetchone()[0] == "1"
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert seen <= set(range(1, len(migrations()) + 1))
    assert len(seen) > 1
