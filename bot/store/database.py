"""The SQLite file: opening it, bringing it up to date, and the one writer."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import aiosqlite

from bot.private import touch_private
from bot.store.turns import Line, hop, read_together, to_the_end, write_together

T = TypeVar("T")
BUSY_TIMEOUT_MS = 5000
HURRIED_TIMEOUT_MS = 200

# What comes of the machine or of others who use the file, and passes (result codes of SQLite).
_PASSING = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
    )
)
_DAMAGE = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB))


def passes(error: BaseException) -> bool:
    """Whether an error is the machine's or a foreign lock's, and not that of the work that met it."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING


def is_damage(error: BaseException) -> bool:
    """Whether an error says that the file itself is damaged."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


class StoreError(Exception):
    """The database cannot be used; the message says why and what to do."""


def migrations() -> list[tuple[int, str]]:
    """Return the shipped migrations in order: number and SQL.

    Raises StoreError when the numbers have a gap (a file was lost or misnamed).
    """
    folder = resources.files("bot.store") / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    numbered = [(int(name.split("_")[0]), (folder / name).read_text(encoding="utf-8")) for name in names]
    if [number for number, _ in numbered] != list(range(1, len(numbered) + 1)):
        raise StoreError(f"the migrations are not numbered one after the other: {names}")
    return numbered


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open the file with the settings that every connection of Sinar has; autocommit until BEGIN.

    Raises StoreError when it cannot be opened.
    """
    try:
        db = sqlite3.connect(
            path.resolve().as_uri() + ("?mode=ro" if read_only else ""),
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        db.row_factory = sqlite3.Row
        db.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA secure_delete = ON")
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot be opened: {error}") from error
    return db


def prepare(path: Path) -> None:
    """Make the folder (0700) and the file (0600) if missing and bring the schema up to date.

    Before a migration changes an existing file, a copy named `<file>.before-<number>` is made beside it.
    Raises StoreError for a file that a newer program wrote, or one that is no Sinar database.
    """
    path = path.resolve()
    try:
        touch_private(path)
        with closing(connect(path)) as db:
            _refuse_foreign(db, path)
            if db.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                db.execute("PRAGMA journal_mode = WAL")
            _migrate(db, path)
        for file in path.parent.glob(path.name + "*"):
            file.chmod(0o600)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{path}: cannot be used as database: {error}") from error


def _refuse_foreign(db: sqlite3.Connection, path: Path) -> None:
    have, known = int(db.execute("PRAGMA user_version").fetchone()[0]), len(migrations())
    if have > known:
        raise StoreError(
            f"{path} was written by a newer Sinar (schema {have}, this program knows {known}): "
            "install that version, or restore a backup"
        )
    tables, ours = db.execute(
        "SELECT count(*), coalesce(sum(name IN ('account', 'outbox', 'touchpoint')), 0) FROM sqlite_master"
    ).fetchone()
    # Other programs number their schemas in the same place.
    if tables and (have == 0 or ours < 3):
        raise StoreError(f"{path} is a database, but not one of Sinar's: choose another [storage] path")


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    steps = migrations()
    have = int(db.execute("PRAGMA user_version").fetchone()[0])
    if 0 < have < len(steps):
        _copy_before(db, path, have)
    for number, sql in steps[have:]:
        run_migration(db, number, sql)


def run_migration(db: sqlite3.Connection, number: int, sql: str) -> None:
    """Run one migration and note its number, in one transaction.

    Raises sqlite3.Error when a statement fails; nothing of it is kept then.
    """
    db.execute("BEGIN EXCLUSIVE")
    try:
        # Two processes may start at once: whoever comes second finds the work done.
        if int(db.execute("PRAGMA user_version").fetchone()[0]) < number:
            for statement in _statements(sql):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number:d}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def _statements(sql: str) -> list[str]:
    # executescript() would commit before it runs; so the script is cut where SQLite says a statement ends.
    statements, current = [], ""
    for line in sql.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    # A statement that is cut off is run too, and refused: it must not be lost in silence.
    return [*statements, current] if current.strip() else statements


def _copy_before(db: sqlite3.Connection, path: Path, have: int) -> None:
    copy = path.with_name(f"{path.name}.before-{have + 1}")
    copy.unlink(missing_ok=True)
    touch_private(copy)
    db.execute("VACUUM INTO ?", (str(copy),))


def _read_once(path: Path, work: Callable[[sqlite3.Connection], T]) -> T:
    """Run `work` in a snapshot of its own, on a connection that lasts no longer."""
    with closing(connect(path, read_only=True)) as db:
        db.execute("BEGIN")
        try:
            return work(db)
        except StopIteration as error:
            # A future takes none: who waits for it, and whoever comes after, would wait for ever.
            raise RuntimeError("a reading ended as an iterator does") from error


class Store:
    """The running bot's hold on the file: one writer connection, one for reading, and one for a long reading at a time.

    A write is one function that runs whole in the writer's thread, is committed before it returns, and is not
    interrupted by the cancellation of whoever awaits it. Writes that wait at the same time share a commit.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._writes = Line(write_together)
        self._reads = Line(read_together)
        self._long_read = asyncio.Lock()
        self._after_write: list[Callable[[], None]] = []
        # Set when the file shows itself damaged: nothing that is written to it can be relied on any more.
        self.damaged = asyncio.Event()

    async def __aenter__(self) -> Self:
        prepare(self.path)
        self._writer = await aiosqlite.Connection(lambda: connect(self.path), iter_chunk_size=64)
        self._reader = await aiosqlite.Connection(lambda: connect(self.path), iter_chunk_size=64)
        await hop(self._reader, lambda db: db.execute("PRAGMA query_only = ON"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async with self._long_read, self._writes.lock, self._reads.lock:
            await self._reader.close()
            await self._writer.close()

    def after_write(self, wake: Callable[[], None]) -> None:
        """Have `wake` called after each committed write (never inside the transaction)."""
        self._after_write.append(wake)

    async def write(self, work: Callable[[sqlite3.Connection], T], *, alone: bool = False) -> T:
        """Run `work` in one transaction; raises whatever it raises, then nothing is kept.

        `alone`: it takes longer than others' writes, which then do not wait for a commit that they share with it.
        """
        result = await self._whole(self._writes.turn(self._writer, work, alone=alone))
        for wake in self._after_write:
            wake()
        return result

    async def write_quietly(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Like `write`, but wakes nobody: for those who would only wake themselves."""
        return await self._whole(self._writes.turn(self._writer, work))

    async def checkpoint(self) -> bool:
        """Move what the write-ahead log holds into the file and empty the log, as after an erasure.

        Returns False when another process reads just now and the log could not be emptied.
        """
        return await to_the_end(self._checkpoint())

    async def hurry(self) -> None:
        """Wait for a foreign lock only for an instant from now on: the process is to end."""
        await hop(self._writer, lambda db: db.execute(f"PRAGMA busy_timeout = {HURRIED_TIMEOUT_MS}"))

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on the reading connection, in one snapshot, beside the writer."""
        return await self._whole(self._reads.turn(self._reader, work))

    async def read_at_length(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run what takes its time in one snapshot, on a connection of its own: neither writes nor reads wait for it.

        `work` may make temporary tables, which end with it.
        """
        return await self._whole(to_the_end(self._read_alone(work)))

    async def _read_alone(self, work: Callable[[sqlite3.Connection], T]) -> T:
        async with self._long_read:
            return await asyncio.to_thread(_read_once, self.path, work)

    async def _whole(self, turn: Coroutine[Any, Any, T]) -> T:
        try:
            return await turn
        except sqlite3.Error as error:
            if is_damage(error):
                self.damaged.set()
            raise

    async def _checkpoint(self) -> bool:
        # A reader's snapshot would keep the log alive; so nobody of ours reads meanwhile. The long reading is waited
        # for first: while it lasts the others go on.
        async with self._long_read, self._writes.lock, self._reads.lock:
            row = await hop(self._writer, lambda db: db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())
        return not row[0]
