"""Copies of the database: made in one step while the bot runs, checked, private, encrypted, and put back."""

import re
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot import sealing
from bot.private import touch_private
from bot.store import half_made, tombstones
from bot.store.database import StoreError, connect, migrations, prepare
from bot.store.turns import transact

STAMP = "%Y%m%d-%H%M%S"
SEALED = ".age"
_OWN = re.compile(r"sinar-([0-9]{8}-[0-9]{6})\.db(?:\.age)?")


@dataclass(frozen=True)
class Copy:
    """A backup that the nights made; `made` is the local time that its name bears, naive."""

    file: Path
    made: datetime

    @property
    def sealed(self) -> bool:
        """Whether it is encrypted."""
        return self.file.suffix == SEALED


def backup(database: Path, target: Path, public_key: str | None = None) -> int:
    """Write a checked copy of the database to `target` (0600), encrypted if a key is given; returns its bytes.

    The plain copy that is checked and then encrypted stands beside `target` (0600) for as long, and is removed
    whatever happens; one that a power cut left is removed by the next backup of that name, or the next night.
    Raises StoreError when the copy cannot be made or is not sound; nothing is left at `target` then.
    """
    try:
        half_made.forget(target.parent, re.compile(re.escape(target.name)))
        with half_made.making(target) as made:
            _check(made.plain, rows=_copy(database, made.plain))
            if public_key is None:
                made.plain.replace(target)
            else:
                sealing.seal(made.plain, made.sealing, public_key)
                made.sealing.replace(target)
    except (OSError, sqlite3.Error, sealing.SealingError) as error:
        raise StoreError(f"no backup at {target}: {error}") from error
    return target.stat().st_size


def nightly(database: Path, folder: Path, now: datetime, keep: int, public_key: str | None = None) -> Path:
    """Make the night's backup in `folder` and drop all but the newest `keep`; returns its path.

    `now` is local. What the nights made, plain or encrypted, is known by its name; nothing else is touched.
    """
    target = folder / f"sinar-{now.strftime(STAMP)}.db{SEALED if public_key else ''}"
    half_made.forget(folder, _OWN)
    backup(database, target, public_key)
    for old in copies(folder)[:-keep]:
        old.file.unlink(missing_ok=True)
    return target


def copies(folder: Path) -> list[Copy]:
    """Return what the nights made in the folder, oldest first."""
    found = []
    for file in folder.glob("sinar-*"):
        match = _OWN.fullmatch(file.name)
        with suppress(ValueError):
            if match and file.is_file():
                found.append(Copy(file, datetime.strptime(match[1], STAMP)))  # noqa: DTZ007 - local, as in the name
    return sorted(found, key=lambda copy: (copy.made, copy.file.name))


def forget_aged(folder: Path, now: datetime, age: timedelta) -> None:
    """Drop what the nights made longer than `age` ago, also when no newer one could be made. `now` is local.

    The privacy notice says after how many days the last copy of an erased answer is gone; a night that fails
    must not make that untrue.
    """
    for copy in copies(folder):
        # By days: at the same hour of the last night, seconds decide nothing.
        if copy.made.date() <= (now - age).date():
            copy.file.unlink(missing_ok=True)


def _copy(database: Path, target: Path) -> dict[str, int]:
    """Copy the database as it stands at one instant; returns how many rows each table had at that instant."""
    with closing(connect(database)) as source, closing(sqlite3.connect(target, isolation_level=None)) as copy:
        # Counted and copied in one snapshot: what the running bot writes meanwhile is in neither.
        source.execute("BEGIN")
        try:
            counted = _rows(source)
            source.backup(copy)
        finally:
            source.execute("ROLLBACK")
        # One file must hold all; the bot turns the log on again where it is put back.
        copy.execute("PRAGMA journal_mode = DELETE")
    return counted


def restore(backup_file: Path, database: Path, identity_file: Path | None = None) -> None:
    """Put a backup in the database's place; what stood there is kept beside it as `.replaced`.

    An encrypted one is opened with the identity in `identity_file`, into a file (0600) beside the database that
    takes its place or is removed.

    Whoever was erased since the backup is erased from it again before it takes its place. What is put aside is
    the city's way back from a wrong restore, so it is kept; but it is erased in the same way, and the nights'
    work drops it when its time as a backup is over (`forget_old_copies`). Only a damaged file, which nobody can
    erase from, is put aside as it is.
    Raises StoreError when the backup is missing, cannot be opened, is not sound, or is of a newer program.
    """
    if not backup_file.is_file():
        raise StoreError(f"{backup_file}: no such file")
    partial = database.with_name(database.name + ".partial")
    replaced = database.with_name(database.name + ".replaced")
    try:
        half_made.drop(partial)
        touch_private(partial)
        if sealing.is_sealed(backup_file):
            sealing.unseal(backup_file, partial, identity_file)
        else:
            shutil.copyfile(backup_file, partial)
        _check(partial, named=backup_file)
        stones = tombstones.read(database)
        if stones is not None:
            _erase_again(partial, stones)
        if database.exists():
            # A damaged file cannot be checkpointed; it is put aside as it is.
            with suppress(sqlite3.Error, StoreError), closing(connect(database)) as db:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.replace(replaced)
        for leftover in half_made.LOGS:
            beside = database.with_name(database.name + leftover)
            if beside.exists():
                # What could not be checkpointed belongs to the file that was put aside, not to the new one.
                beside.replace(database.with_name(f"{database.name}.replaced{leftover}"))
        partial.replace(database)
        if stones is not None and replaced.exists():
            with suppress(sqlite3.Error, StoreError):
                _erase_again(replaced, stones)
    except sealing.SealingError as error:
        raise StoreError(str(error)) from None
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{backup_file}: not restored: {error}") from error
    finally:
        half_made.drop(partial)


def forget_old_copies(database: Path, now: datetime, age: timedelta) -> None:
    """Drop what restores and upgrades left beside the database and was last written longer than `age` ago."""
    for pattern in (".replaced*", ".before-*"):
        for file in database.parent.glob(database.name + pattern):
            if file.stat().st_mtime < (now - age).timestamp():
                file.unlink(missing_ok=True)


def _erase_again(copy: Path, stones: tombstones.Tombstones) -> None:
    """Erase in a copy whoever was erased since; the copy is brought up to date first, to know all tables."""
    try:
        prepare(copy)
        with closing(connect(copy)) as db:
            transact(db, lambda writer: tombstones.apply(writer, stones))
            # One file must hold all and nothing more; the bot turns its log on again.
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            db.execute("PRAGMA journal_mode = DELETE")
    finally:
        logs = (copy.with_name(copy.name + end) for end in half_made.LOGS)
        for leftover in (*copy.parent.glob(copy.name + ".before-*"), *logs):
            leftover.unlink(missing_ok=True)


def _check(path: Path, *, rows: dict[str, int] | None = None, named: Path | None = None) -> None:
    """Raise StoreError unless the file is sound, of a schema that is known, and has `rows` in each table."""
    name = named or path
    try:
        with closing(connect(path, read_only=True)) as db:
            verdict = db.execute("PRAGMA integrity_check").fetchone()[0]
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            found = _rows(db)
    except (sqlite3.Error, StoreError) as error:
        raise StoreError(f"{name}: not a sound database: {error}") from error
    if verdict != "ok":
        raise StoreError(f"{name}: not sound: {verdict}")
    if not 0 < version <= len(migrations()):
        raise StoreError(f"{name}: schema {version} is not one that this program knows")
    if rows is not None and rows != found:
        differ = ", ".join(sorted(table for table in rows.keys() | found if rows.get(table) != found.get(table)))
        raise StoreError(f"{name}: the copy has not the original's number of rows in {differ}")


def _rows(db: sqlite3.Connection) -> dict[str, int]:
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {table: int(db.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]) for table in tables}  # noqa: S608 - its own tables
