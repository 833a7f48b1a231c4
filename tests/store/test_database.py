"""Opening, migrating and writing the file, also when something goes wrong."""

import asyncio
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.store import database
from bot.store.database import Store, StoreError, connect, migrations, prepare, run_migration
from bot.store.turns import transact
from tests.store.filled import office


def schema(path: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return [tuple(row) for row in db.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name")]


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask_zero() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def two_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a later version of the program will ship."""
    more = "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;\nINSERT INTO later (id) VALUES (7);\n"
    shipped = [*migrations(), (len(migrations()) + 1, more)]
    monkeypatch.setattr(database, "migrations", lambda: shipped)


# Migrations -------------------------------------------------------------------------------------------


def test_a_fresh_file_gets_the_whole_schema(path: Path) -> None:
    prepare(path)
    assert version(path) == len(migrations())
    with closing(connect(path)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert db.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert db.execute("PRAGMA secure_delete").fetchone()[0] == 1
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_preparing_again_changes_nothing(path: Path) -> None:
    prepare(path)
    before = schema(path)
    prepare(path)
    assert schema(path) == before
    assert [file.name for file in path.parent.iterdir() if "before" in file.name] == []


@pytest.mark.usefixtures("two_migrations")
def test_an_upgrade_keeps_what_is_there_and_a_copy_of_the_old_file(path: Path) -> None:
    with pytest.MonkeyPatch.context() as old:
        old.setattr(database, "migrations", lambda: migrations()[:1])
        prepare(path)
    latest = len(migrations()) + 1
    with closing(connect(path)) as db:
        office(db)
    before = schema(path)
    prepare(path)
    assert version(path) == latest
    with closing(connect(path)) as db:
        assert db.execute("SELECT id FROM later").fetchone()[0] == 7
        assert db.execute("SELECT title FROM session").fetchone()[0] == "Sesi"
    copy = path.with_name("sinar.db.before-2")
    assert schema(copy) == before
    assert version(copy) == 1
    assert mode(copy) == 0o600
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT title FROM session").fetchone()[0] == "Sesi"


@pytest.mark.parametrize(
    "broken",
    [
        "CREATE TABLE later (id INTEGER);\nCREATE TABLE later (id INTEGER);\n",
        "CREATE TABLE later (id INTEGER);\nUPDATE session SET title = 'x';\nINSERT INTO nowhere VALUES (1);\n",
        "CREATE TABLE later (id INTEGER);\nCREATE TABLE cut_off (id INTEGER",
        "CREATE TABLE later (id INTEGER);\nINSERT INTO session_unit VALUES (9, 9);\n",
    ],
)
def test_a_migration_that_breaks_leaves_the_old_file(path: Path, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(path)
    with closing(connect(path)) as db:
        office(db)
    before, number = schema(path), len(migrations())
    shipped = [*migrations(), (number + 1, broken)]
    monkeypatch.setattr(database, "migrations", lambda: shipped)
    with pytest.raises(StoreError, match=r"sinar\.db"):
        prepare(path)
    assert schema(path) == before
    assert version(path) == number
    with closing(connect(path)) as db:
        assert db.execute("SELECT title FROM session").fetchone()[0] == "Sesi"


def test_two_who_start_at_once_migrate_once(path: Path) -> None:
    prepare(path)
    with closing(connect(path)) as one, closing(connect(path)) as other:
        for db in (one, other):
            run_migration(db, len(migrations()) + 1, "CREATE TABLE later (id INTEGER);")
        assert other.execute("SELECT count(*) FROM later").fetchone()[0] == 0


@pytest.mark.parametrize("newer", [1, 900])
def test_a_newer_programs_file_is_refused_and_left_as_it_is(path: Path, newer: int) -> None:
    prepare(path)
    number = len(migrations()) + newer
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {number:d}")
    with pytest.raises(StoreError, match=rf"newer Sinar.*{number}"):
        prepare(path)
    assert version(path) == number


@pytest.mark.parametrize("number", [0, 1])
def test_another_programs_database_is_refused_and_left_as_it_is(path: Path, number: int) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")
        db.execute(f"PRAGMA user_version = {number:d}")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not one of Sinar's"):
        prepare(path)
    assert path.read_bytes() == before


def test_what_is_no_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"surat edaran " * 1000)
    with pytest.raises(StoreError, match="not a database"):
        prepare(path)
    assert path.read_bytes() == b"surat edaran " * 1000


def test_a_folder_in_its_place_is_refused(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StoreError):
        prepare(path)


@pytest.mark.usefixtures("umask_zero")
async def test_files_and_folders_are_the_operators_alone(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "sinar.db"
    async with Store(path) as store:
        await store.write(office)
        files = list(path.parent.iterdir())
        assert {"sinar.db", "sinar.db-wal", "sinar.db-shm"} == {file.name for file in files}
        assert {file.name: oct(mode(file)) for file in files if mode(file) != 0o600} == {}
        assert [oct(mode(folder)) for folder in (tmp_path / "a", tmp_path / "a" / "b")] == ["0o700", "0o700"]


def test_a_file_that_others_could_read_is_closed_to_them(path: Path) -> None:
    prepare(path)
    path.chmod(0o644)
    prepare(path)
    assert mode(path) == 0o600


# Writing ----------------------------------------------------------------------------------------------


def units(db: sqlite3.Connection) -> list[str]:
    return [row[0] for row in db.execute("SELECT name FROM unit ORDER BY id")]


def add(db: sqlite3.Connection, *names: str) -> None:
    for name in names:
        db.execute("INSERT INTO unit (name) VALUES (?)", (name,))


async def test_a_write_is_kept_whole_or_not_at_all(store: Store) -> None:
    def half(db: sqlite3.Connection) -> None:
        add(db, "Satu", "Dua")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.write(half)
    assert await store.read(units) == []
    await store.write(lambda db: add(db, "Tiga"))
    assert await store.read(units) == ["Tiga"]


async def test_whoever_waits_is_woken_after_the_commit_and_not_for_a_failure(store: Store, path: Path) -> None:
    seen: list[list[str]] = []

    def look() -> None:
        with closing(sqlite3.connect(path)) as db:
            seen.append([row[0] for row in db.execute("SELECT name FROM unit")])

    store.after_write(look)
    await store.write(lambda db: add(db, "Satu"))
    with pytest.raises(sqlite3.IntegrityError):
        await store.write(lambda db: add(db, "satu"))
    await store.write_quietly(lambda db: add(db, "Dua"))
    assert seen == [["Satu"]]


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("times", [1, 3])
async def test_a_cancelled_write_goes_to_its_end_however_often_it_is_cancelled(
    store: Store, times: int, alone: bool
) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def slow(db: sqlite3.Connection) -> None:
        add(db, "Satu")
        entered.set()
        assert go_on.wait(20)
        add(db, "Dua")

    writing = asyncio.create_task(store.write(slow, alone=alone))
    await asyncio.to_thread(entered.wait, 20)
    for _ in range(times):
        writing.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
        assert not writing.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await store.read(units) == ["Satu", "Dua"]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("beside", [0, 1])
async def test_a_write_that_ends_as_an_iterator_does_holds_up_nobody(store: Store, beside: int) -> None:
    """A future takes no StopIteration: who waits for one that does not come waits for ever."""
    ends = store.write(lambda _: next(iter(())))
    others = [store.write(lambda db: add(db, "Satu")) for _ in range(beside)]
    found = await asyncio.gather(ends, *others, return_exceptions=True)
    assert isinstance(found[0], RuntimeError)
    await store.write(lambda db: add(db, "Dua"))
    assert (await store.read(units))[-1] == "Dua"


async def test_a_cancelled_write_that_fails_undoes_itself_and_says_that_it_was_cancelled(store: Store) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def slow(db: sqlite3.Connection) -> None:
        add(db, "Satu")
        entered.set()
        assert go_on.wait(20)
        raise ZeroDivisionError

    writing = asyncio.create_task(store.write(slow))
    await asyncio.to_thread(entered.wait, 20)
    writing.cancel()
    asyncio.get_running_loop().call_soon(go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert await store.read(units) == []
    await store.write(lambda db: add(db, "Tiga"))
    assert await store.read(units) == ["Tiga"]


async def test_writes_never_interleave_and_a_reader_sees_whole_ones(store: Store) -> None:
    inside = 0

    def write(number: int) -> None:
        async def one() -> None:
            def work(db: sqlite3.Connection) -> None:
                nonlocal inside
                inside += 1
                assert inside == 1
                count = db.execute("SELECT count(*) FROM unit").fetchone()[0]
                assert count == 2 * len({name.split("-")[0] for name in units(db)})
                add(db, f"{number}-a", f"{number}-b")
                inside -= 1

            await store.write(work)

        tasks.append(asyncio.create_task(one()))

    tasks: list[asyncio.Task[None]] = []
    for number in range(40):
        write(number)
        if number % 5 == 0:
            await asyncio.sleep(0)
            tasks[-1].cancel()
    seen = []
    while not all(task.done() for task in tasks):
        seen.append(len(await store.read(units)))
    await asyncio.gather(*tasks, return_exceptions=True)
    assert all(count % 2 == 0 for count in seen)
    names = await store.read(units)
    for first, second in zip(names[::2], names[1::2], strict=True):
        assert first.split("-")[0] == second.split("-")[0]
    assert len(names) >= 2 * 32


async def test_writes_that_wait_together_share_a_commit_and_one_that_fails_undoes_itself_alone(store: Store) -> None:
    commits: list[int] = []

    def fail(db: sqlite3.Connection) -> None:
        add(db, "Dua")
        raise ZeroDivisionError

    def note(db: sqlite3.Connection) -> None:
        add(db, "Tiga")
        db.set_trace_callback(lambda sql: commits.append(1) if sql == "COMMIT" else None)

    works = [lambda db: add(db, "Nol"), note, fail, lambda db: add(db, "Empat")]
    done = await asyncio.gather(*(store.write(work) for work in works), return_exceptions=True)
    assert [type(one) for one in done] == [type(None), type(None), ZeroDivisionError, type(None)]
    assert await store.read(units) == ["Nol", "Tiga", "Empat"]
    assert len(commits) == 1


async def test_what_takes_its_time_shares_a_commit_with_nobody_and_is_not_put_off(store: Store) -> None:
    statements: list[str] = []
    await store.write(lambda db: db.set_trace_callback(statements.append))
    statements.clear()

    async def many(who: str, count: int) -> None:
        for number in range(count):
            await store.write(lambda db, name=f"{who}-{number}": add(db, name))  # type: ignore[misc]

    # The next small one of each is there before the last commit is over: none leaves a gap for the slow one.
    small = [asyncio.create_task(many(str(who), 5)) for who in range(3)]
    while statements.count("COMMIT") < 1:  # noqa: ASYNC110 - the store tells nobody of a statement
        await asyncio.sleep(0)
    await store.write(lambda db: add(db, "Lama"), alone=True)
    await asyncio.gather(*small)
    names = await store.read(units)
    assert 3 <= names.index("Lama") <= 9
    assert statements.count("COMMIT") == 6


async def test_a_shared_commit_that_cannot_be_made_fails_everybody_who_shares_it(store: Store) -> None:
    def whole_undone(db: sqlite3.Connection) -> None:
        # As SQLite does by itself when the disk is full.
        db.execute("ROLLBACK")
        raise sqlite3.OperationalError("database or disk is full")

    await store.write(lambda db: add(db, "Satu"))
    works = [lambda db: add(db, "Dua"), whole_undone, lambda db: add(db, "Tiga")]
    done = await asyncio.gather(*(store.write(work) for work in works), return_exceptions=True)
    assert [type(one) for one in done] == [sqlite3.OperationalError] * 3
    assert await store.read(units) == ["Satu"]
    await store.write(lambda db: add(db, "Empat"))
    assert await store.read(units) == ["Satu", "Empat"]


async def test_the_reader_cannot_write(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await store.read(lambda db: add(db, "Satu"))
    assert await store.read(units) == []


async def test_a_file_that_is_locked_fails_the_write_and_serves_the_next(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    async with Store(path) as store:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                await store.write(lambda db: add(db, "Satu"))
            # Reading goes on beside whoever holds the file.
            assert await store.read(units) == []
            other.execute("COMMIT")
        await store.write(lambda db: add(db, "Dua"))
        assert await store.read(units) == ["Dua"]


async def test_a_short_lock_is_waited_for(store: Store, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        tried = threading.Event()
        await store.write(lambda db: db.set_trace_callback(lambda _statement: tried.set()))
        tried.clear()
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(store.write(lambda db: add(db, "Satu")))
        assert await asyncio.to_thread(tried.wait, 10)
        await store.read(units)
        other.execute("COMMIT")
        (outcome,) = await asyncio.gather(writing, return_exceptions=True)
    assert not isinstance(outcome, Exception)
    assert await store.read(units) == ["Satu"]


def test_an_error_at_the_commit_undoes_the_transaction(db: sqlite3.Connection) -> None:
    def work(db: sqlite3.Connection) -> None:
        db.execute("PRAGMA defer_foreign_keys = ON")
        db.execute("INSERT INTO session_unit VALUES (9, 9)")

    with pytest.raises(sqlite3.IntegrityError):
        transact(db, work)
    assert not db.in_transaction
    assert db.execute("SELECT count(*) FROM session_unit").fetchone()[0] == 0


async def test_what_was_written_is_there_for_the_next_who_opens_the_file(path: Path) -> None:
    async with Store(path) as store:
        await store.write(lambda db: add(db, "Satu"))
    async with Store(path) as store:
        assert await store.read(units) == ["Satu"]


async def test_the_log_is_empty_after_a_checkpoint_also_while_people_read(store: Store, path: Path) -> None:
    await store.write(lambda db: add(db, *(f"Unit {n}" for n in range(200))))
    assert path.with_name("sinar.db-wal").stat().st_size > 0
    reads = [asyncio.create_task(store.read(units)) for _ in range(20)]
    await store.checkpoint()
    assert path.with_name("sinar.db-wal").stat().st_size == 0
    assert {len(names) for names in await asyncio.gather(*reads)} == {200}


async def test_a_long_reading_holds_up_neither_writes_nor_reads_and_sees_one_moment(store: Store) -> None:
    go_on, begun = threading.Event(), threading.Event()

    def at_length(db: sqlite3.Connection) -> tuple[list[str], list[str]]:
        before = units(db)
        begun.set()
        assert go_on.wait(10)
        return before, units(db)

    await store.write(lambda db: add(db, "Satu"))
    reading = asyncio.create_task(store.read_at_length(at_length))
    assert await asyncio.to_thread(begun.wait, 10)
    await store.write(lambda db: add(db, "Dua"))
    assert await store.read(units) == ["Satu", "Dua"]
    go_on.set()
    assert await reading == (["Satu"], ["Satu"])
    assert await store.read_at_length(units) == ["Satu", "Dua"]


async def test_a_long_reading_cannot_write_but_for_tables_that_end_with_it(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await store.read_at_length(lambda db: add(db, "Satu"))

    def of_its_own(db: sqlite3.Connection) -> list[str]:
        db.execute("CREATE TEMPORARY TABLE unit (id INTEGER PRIMARY KEY, name TEXT)")
        db.execute("INSERT INTO unit (name) VALUES ('Nol')")
        return units(db)

    assert await store.read_at_length(of_its_own) == ["Nol"]
    assert await store.read_at_length(units) == []


async def test_the_log_is_emptied_after_a_long_reading(store: Store, path: Path) -> None:
    go_on, begun = threading.Event(), threading.Event()

    def at_length(db: sqlite3.Connection) -> list[str]:
        names = units(db)
        begun.set()
        assert go_on.wait(10)
        return names

    await store.write(lambda db: add(db, "Satu"))
    reading = asyncio.create_task(store.read_at_length(at_length))
    assert await asyncio.to_thread(begun.wait, 10)
    emptying = asyncio.create_task(store.checkpoint())
    # Nobody waits for the one who waits for the long reading.
    await store.write(lambda db: add(db, "Dua"))
    go_on.set()
    assert await reading == ["Satu"]
    assert await emptying
    assert path.with_name("sinar.db-wal").stat().st_size == 0


@pytest.mark.timeout(20)
async def test_a_long_reading_that_ends_as_an_iterator_does_holds_up_no_other(store: Store) -> None:
    with pytest.raises(RuntimeError):
        await store.read_at_length(lambda _: next(iter(())))
    assert await store.read_at_length(units) == []


@pytest.mark.timeout(20)
async def test_what_a_lone_write_raises_is_told_to_nobody_else(store: Store) -> None:
    def cancelled(_db: sqlite3.Connection) -> None:
        raise asyncio.CancelledError

    async def later() -> None:
        await store.write(lambda db: add(db, "Satu"))

    alone = asyncio.create_task(store.write(cancelled))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(later()) for _ in range(2)]
    found = await asyncio.gather(alone, *others, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert sorted(type(each).__name__ for each in found[1:]) == ["IntegrityError", "NoneType"]
