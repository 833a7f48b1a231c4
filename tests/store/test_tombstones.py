"""Whoever was erased does not come back with a backup: not in the database, nor in what lies beside it."""

import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.clock import to_text
from bot.store import accounts, backup, database, tombstones
from bot.store.database import connect, migrations, prepare
from bot.store.turns import transact
from tests.store.conftest import on_disk
from tests.store.filled import Filled, fill, office

NOW = datetime(2025, 11, 28, 3, 0, tzinfo=UTC)
BEFORE = "2025-11-20T03:00:00.000000+00:00"
OF_THE_SEAT = {("coordinator", name) for name in ("payload_hash", "invited_at", "expires_at", "revoked_at")}


def write(path: Path, work: Callable[[sqlite3.Connection], Any]) -> Any:
    with closing(connect(path)) as db:
        return transact(db, work)


def people(path: Path, count: int = 2) -> list[Filled]:
    """People who agreed before NOW, with a marker in every text column."""
    prepare(path)
    write(path, office)
    made = [write(path, partial(fill, person=n)) for n in range(1, count + 1)]
    # Times are compared as text, so a marker cannot stand there.
    write(path, lambda db: db.execute("UPDATE account SET consented_at = ?", (BEFORE,)))
    write(path, lambda db: db.execute("UPDATE incoming SET received_at = ?", (BEFORE,)))
    return made


def left(path: Path, filled: Filled) -> set[tuple[str, str]]:
    held = on_disk(path)
    return {place for place, marker in filled.texts() if marker.encode() in held} - OF_THE_SEAT


def test_a_restored_backup_is_erased_again(path: Path, tmp_path: Path) -> None:
    gone, stays = people(path)
    backup.backup(path, tmp_path / "yesterday.db")
    write(path, lambda db: tombstones.erase(db, NOW, path, gone.telegram))
    backup.restore(tmp_path / "yesterday.db", path)
    prepare(path)
    assert left(path, gone) == set()
    assert str(gone.telegram).encode() not in on_disk(path)
    with closing(connect(path)) as db:
        kept = [row[0] for row in db.execute("SELECT telegram_id FROM account")]
        assert kept == [stays.telegram]
        assert db.execute("SELECT count(*) FROM person").fetchone()[0] == 2
    assert len(left(path, stays)) > 50


def test_an_old_schemas_backup_is_erased_again(path: Path, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as old:
        old.setattr(database, "migrations", lambda: migrations()[:1])
        prepare(path)
    write(path, office)
    write(
        path,
        lambda db: db.execute(
            "INSERT INTO account (telegram_id, consented_at, notice_version) VALUES (77, ?, 'penanda-versi')", (BEFORE,)
        ),
    )
    with closing(connect(path)) as db:
        db.execute("VACUUM INTO ?", (str(tmp_path / "old.db"),))
    prepare(path)
    path.with_name("sinar.db.before-2").unlink()
    write(path, lambda db: tombstones.erase(db, NOW, path, 77))
    backup.restore(tmp_path / "old.db", path)
    prepare(path)
    assert b"penanda-versi" not in on_disk(path)
    assert [file.name for file in path.parent.iterdir() if "before" in file.name or "partial" in file.name] == []


def test_what_waited_to_be_handled_when_the_backup_was_made(path: Path, tmp_path: Path) -> None:
    (gone,) = people(path, 1)
    write(path, lambda db: db.execute("UPDATE incoming SET state = 'waiting', raw = 'penanda-menunggu'"))
    backup.backup(path, tmp_path / "copy.db")
    write(path, lambda db: db.execute("UPDATE incoming SET state = 'done', raw = NULL"))
    write(path, lambda db: tombstones.erase(db, NOW, path, gone.telegram))
    backup.restore(tmp_path / "copy.db", path)
    assert b"penanda-menunggu" not in on_disk(path)


def test_a_person_who_was_erased_from_another_phone_than_the_copy_knows(path: Path, tmp_path: Path) -> None:
    (gone,) = people(path, 1)
    backup.backup(path, tmp_path / "copy.db")
    write(path, lambda db: db.execute("UPDATE account SET telegram_id = 55"))
    write(path, lambda db: db.execute("UPDATE move SET state = 'done', new_telegram_id = 55"))
    write(path, lambda db: tombstones.erase(db, NOW, path, 55))
    backup.restore(tmp_path / "copy.db", path)
    assert left(path, gone) == set()


def test_whoever_joined_again_stays(path: Path, tmp_path: Path) -> None:
    (gone,) = people(path, 1)
    write(path, lambda db: tombstones.erase(db, NOW, path, gone.telegram))
    later = datetime(2025, 11, 29, 3, 0, tzinfo=UTC)

    def again(db: sqlite3.Connection) -> None:
        account = accounts.consent(db, later, gone.telegram, "2026-11")
        accounts.bind(db, later, account.id, 1, "claimed")

    write(path, again)
    backup.backup(path, tmp_path / "copy.db")
    backup.restore(tmp_path / "copy.db", path)
    with closing(connect(path)) as db:
        found = accounts.account(db, gone.telegram)
    assert found is not None
    assert found.joined_at == to_text(later)


def test_what_is_put_aside_by_a_restore_is_erased_as_well(path: Path, tmp_path: Path) -> None:
    """A restore of a restore: the first one's data lie in `.replaced` of the second."""
    gone, _ = people(path)
    backup.backup(path, tmp_path / "copy.db")
    write(path, lambda db: tombstones.erase(db, NOW, path, gone.telegram))
    path.write_bytes((tmp_path / "copy.db").read_bytes())
    backup.restore(tmp_path / "copy.db", path)
    assert path.with_name("sinar.db.replaced").exists()
    assert left(path, gone) == set()


def test_the_list_says_nothing_without_its_key_and_both_are_private(path: Path) -> None:
    (gone,) = people(path, 1)
    write(path, lambda db: tombstones.erase(db, NOW, path, gone.telegram))
    written = tombstones.list_path(path).read_text()
    assert str(gone.telegram) not in written
    assert "19800101200501" not in written
    assert [len(line.split()[0]) for line in written.splitlines()] == [64, 64]
    for file in (tombstones.list_path(path), tombstones.key_path(path)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    stones = tombstones.read(path)
    assert stones is not None
    assert stones.of_chat(gone.telegram) == to_text(NOW)
    assert stones.of_chat(gone.telegram + 1) is None


def test_a_line_that_was_cut_off_does_no_harm(path: Path) -> None:
    (gone,) = people(path, 1)
    write(path, lambda db: tombstones.erase(db, NOW, path, gone.telegram))
    with tombstones.list_path(path).open("a") as file:
        file.write("abcdef 2025-11")
    stones = tombstones.read(path)
    assert stones is not None
    assert stones.of_chat(gone.telegram) == to_text(NOW)
    assert len(stones.erased) == 2


def test_copies_beside_the_database_age_out(path: Path) -> None:
    prepare(path)
    old, new = path.with_name("sinar.db.replaced"), path.with_name("sinar.db.before-2")
    for file in (old, new):
        file.write_bytes(b"x")
    os.utime(old, (NOW.timestamp() - 15 * 86400,) * 2)
    os.utime(new, (NOW.timestamp() - 13 * 86400,) * 2)
    backup.forget_old_copies(path, NOW, timedelta(days=14))
    assert (old.exists(), new.exists(), path.exists()) == (False, True, True)
