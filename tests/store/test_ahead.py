"""A week published beside the writer is the same as one published in the writer's own transaction."""

import asyncio
import random
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import to_text
from bot.reports import ahead
from bot.reports.weekly import Publication, Weekly, WeekNotOver
from bot.store import facts, figures
from bot.store.database import Store, connect, prepare
from tests.figures.cities import LIBRARY, WIB, City, plant

NOW = datetime(2025, 12, 1, tzinfo=UTC)
PUBLISHED = ("weekly", "weekly_open", "impact")


@pytest.fixture
def planted(path: Path) -> City:
    """A random city, large enough that something is shown and something hidden."""
    prepare(path)
    with closing(connect(path)) as db:
        db.execute("BEGIN")
        made = plant(db, random.Random(5), 4, 2, (4, 18))
        db.execute("COMMIT")
    return made


@pytest.fixture
def weekly() -> Weekly:
    return Weekly(LIBRARY, WIB, 5)


def kept(db: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    return {table: [tuple(row) for row in db.execute(f"SELECT * FROM {table}")] for table in PUBLISHED}


async def test_ahead_and_at_once_are_the_same(planted: City, path: Path, weekly: Weekly) -> None:
    with closing(connect(path)) as db:
        db.execute("BEGIN")
        for week in planted.weeks:
            weekly.frozen(db, planted.now, week, None)
        at_once = kept(db)
        db.execute("ROLLBACK")
        assert not any(kept(db).values())
    async with Store(path) as store:
        await ahead.publish(store, weekly, planted.now, planted.weeks)
        assert await store.read(kept) == at_once
        assert all(at_once.values())
        # Once is once.
        await ahead.publish(store, weekly, planted.now + timedelta(days=1), planted.weeks)
        assert await store.read(kept) == at_once


async def test_nobodys_write_waits_while_a_week_is_counted(
    planted: City, path: Path, weekly: Weekly, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, counted = threading.Event(), Weekly.ready

    def slow(self: Weekly, db: sqlite3.Connection, now: datetime, week: str) -> Publication | None:
        found = counted(self, db, now, week)
        # It goes on only when somebody has written meanwhile: else it would end in an error, and nothing be kept.
        assert written.wait(5)
        return found

    monkeypatch.setattr(Weekly, "ready", slow)
    async with Store(path) as store:
        publishing = asyncio.create_task(ahead.publish(store, weekly, planted.now, planted.weeks[:1]))
        await store.write(lambda db: facts.set_fact(db, "meanwhile", "x", NOW))
        written.set()
        await publishing
        assert await store.read(lambda db: figures.is_published(db, planted.weeks[0]))


async def test_what_is_being_written_as_a_week_ends_belongs_to_it(
    planted: City, path: Path, weekly: Weekly, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting, counted, seen = threading.Event(), Weekly.ready, []

    def noted(self: Weekly, db: sqlite3.Connection, now: datetime, week: str) -> Publication | None:
        counting.set()
        seen.append(facts.fact(db, "at the last moment"))
        return counted(self, db, now, week)

    def late(db: sqlite3.Connection) -> None:
        assert not counting.wait(0.3), "it is counted without what is being written"
        facts.set_fact(db, "at the last moment", "x", NOW)

    monkeypatch.setattr(Weekly, "ready", noted)
    async with Store(path) as store:
        await asyncio.gather(store.write(late), ahead.publish(store, weekly, planted.now, planted.weeks[:1]))
    assert seen == ["x"]


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO unit (name) VALUES ('Dinas Baru')",
        "UPDATE session SET cancelled_at = '2025' WHERE id = 1",
        "UPDATE session SET title = 'Lain' WHERE id = 1",
        "INSERT OR REPLACE INTO impact (session_id, cells, counted_at) VALUES (1, '{\"minimum\": 7}', '2025')",
    ],
)
def test_what_stands_on_something_that_changed_is_not_kept(
    planted: City, path: Path, weekly: Weekly, change: str
) -> None:
    week = planted.weeks[0]
    with closing(connect(path)) as db:
        db.execute("UPDATE session SET end_at = ?, cancelled_at = NULL", (to_text(planted.now - timedelta(days=9)),))
        found = weekly.ready(db, planted.now, week)
        assert found is not None
        db.execute(change)
        assert not weekly.keep(db, planted.now, found)
        assert not figures.is_published(db, week)
        again = weekly.ready(db, planted.now, week)
        assert again is not None
        assert weekly.keep(db, planted.now, again)
        # Somebody else was first: theirs stands.
        before = kept(db)
        assert weekly.keep(db, planted.now, found)
        assert kept(db) == before


async def test_what_changes_each_time_is_counted_where_it_is_written(
    planted: City, path: Path, weekly: Weekly, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, tries = Weekly.ready, []
    async with Store(path) as store:
        with closing(connect(path)) as other:

            def disturbed(self: Weekly, db: sqlite3.Connection, now: datetime, week: str) -> Publication | None:
                found = counted(self, db, now, week)
                tries.append(week)
                if len(tries) <= ahead.TRIES:
                    other.execute("INSERT INTO unit (name) VALUES (?)", (f"Dinas Baru {len(tries)}",))
                return found

            monkeypatch.setattr(Weekly, "ready", disturbed)
            await ahead.publish(store, weekly, planted.now, planted.weeks[:1])
        units = await store.read(lambda db: set(figures.published(db, planted.weeks[:1], [None, *range(1, 20)])))
    assert len(tries) == ahead.TRIES + 1
    # The city and all units, the newest too.
    assert len(units) == 1 + len(planted.units) + ahead.TRIES


async def test_a_week_that_goes_on_is_not_published(planted: City, path: Path, weekly: Weekly) -> None:
    async with Store(path) as store:
        with pytest.raises(WeekNotOver):
            await ahead.publish(store, weekly, planted.now - timedelta(days=2), planted.weeks[-1:])
        assert not any((await store.read(kept)).values())
