"""A copy equals its original, is private and checked; what is not sound is never put back."""

import errno
import fcntl
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest
from pyrage import x25519

from bot.store import backup
from bot.store.database import Store, StoreError, connect, prepare
from bot.store.turns import transact
from tests.store.filled import fill, office, tables


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as db:
        return {table: [tuple(row) for row in db.execute(f"SELECT * FROM {table}")] for table in tables(db)}


def everybody(db: sqlite3.Connection) -> None:
    office(db)
    for person in range(1, 30):
        fill(db, person)


@pytest.fixture
def full(path: Path) -> Path:
    prepare(path)
    with closing(connect(path)) as db:
        transact(db, everybody)
    return path


def test_a_backup_put_back_is_the_same(full: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copies" / "copy.db"
    before = content(full)
    assert backup.backup(full, copy) == copy.stat().st_size
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(connect(full)) as db:
        db.execute("DELETE FROM answer")
    later = content(full)
    backup.restore(copy, full)
    assert content(full) == before
    assert content(full.with_name("sinar.db.replaced")) == later
    assert stat.S_IMODE(full.stat().st_mode) == 0o600
    prepare(full)
    assert content(full) == before


async def test_a_backup_of_a_running_bot_holds_every_commit(path: Path, tmp_path: Path) -> None:
    async with Store(path) as store:
        await store.write(office)
        await store.write(lambda db: fill(db, 1))
        assert path.with_name("sinar.db-wal").stat().st_size > 0
        backup.backup(path, tmp_path / "copy.db")
    assert content(tmp_path / "copy.db") == content(path)


def test_restoring_where_nothing_stood(full: Path, tmp_path: Path) -> None:
    backup.backup(full, tmp_path / "copy.db")
    target = tmp_path / "new" / "sinar.db"
    backup.restore(tmp_path / "copy.db", target)
    assert content(target) == content(full)


def damaged(whole: bytes, how: str) -> bytes:
    middle = len(whole) // 2
    return {
        "empty": b"",
        "cut": whole[:middle],
        "words": b"bukan basis data " * 500,
        "holes": whole[:8192] + bytes(len(whole) - 8192),
        # One digit of one NIP: only the comparison of the table with its index shows it.
        "digit": whole.replace(b"198001012005011005", b"198001012005012005", 1),
        "noise": whole[:4096] + b"\xa5" * 40_000 + whole[44_096:],
    }[how]


@pytest.mark.parametrize("how", ["empty", "cut", "words", "holes", "digit", "noise"])
def test_a_damaged_copy_is_refused_and_the_database_left_alone(full: Path, tmp_path: Path, how: str) -> None:
    copy = tmp_path / "copy.db"
    backup.backup(full, copy)
    copy.write_bytes(damaged(copy.read_bytes(), how))
    before = content(full)
    with pytest.raises(StoreError):
        backup.restore(copy, full)
    assert content(full) == before
    assert not full.with_name("sinar.db.replaced").exists()


def test_a_newer_programs_copy_is_refused(full: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    backup.backup(full, copy)
    with closing(sqlite3.connect(copy)) as db:
        db.execute("PRAGMA user_version = 999")
    with pytest.raises(StoreError, match="999"):
        backup.restore(copy, full)


def test_a_missing_copy_is_refused(full: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such file"):
        backup.restore(tmp_path / "gone.db", full)


def test_a_damaged_database_can_be_replaced(full: Path, tmp_path: Path) -> None:
    """Just then a backup is needed."""
    copy, before = tmp_path / "copy.db", content(full)
    backup.backup(full, copy)
    full.write_bytes(b"rusak " * 2000)
    full.with_name("sinar.db-wal").write_bytes(b"sisa " * 100)
    backup.restore(copy, full)
    assert content(full) == before
    assert full.with_name("sinar.db.replaced").read_bytes() == b"rusak " * 2000


def test_a_backup_that_cannot_be_made_leaves_nothing_and_keeps_the_old_one(full: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    backup.backup(full, copy)
    old = copy.read_bytes()
    whole = full.read_bytes()
    full.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
    with pytest.raises(StoreError):
        backup.backup(full, copy)
    assert copy.read_bytes() == old
    assert [file.name for file in tmp_path.iterdir() if "partial" in file.name] == []


def test_the_nights_keep_the_newest_and_touch_no_other_file(full: Path, tmp_path: Path) -> None:
    folder, night = tmp_path / "nights", datetime(2025, 11, 28, 2, 0)  # noqa: DTZ001 - only its digits matter
    folder.mkdir()
    (folder / "catatan.txt").write_text("tetap")
    made = [backup.nightly(full, folder, night + timedelta(days=n), keep=3) for n in range(6)]
    assert sorted(file.name for file in folder.iterdir()) == ["catatan.txt", *(file.name for file in made[-3:])]
    assert content(made[-1]) == content(full)


def test_the_copy_has_as_many_rows_as_the_original_at_that_instant(full: Path, tmp_path: Path) -> None:
    """Somebody writes all the while; each copy is one instant's."""
    stop = threading.Event()

    def write() -> None:
        with closing(connect(full)) as db:
            number = 0
            while not stop.is_set():
                number += 1
                transact(db, lambda db, n=number: _both(db, n))

    with closing(connect(full)) as db:
        db.execute("DELETE FROM audit")
        db.execute("DELETE FROM wrong_try")
    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(5):
            backup.backup(full, tmp_path / f"copy-{n}.db")
    finally:
        stop.set()
        writer.join()
    for n in range(5):
        found = content(tmp_path / f"copy-{n}.db")
        assert len(found["audit"]) == len(found["wrong_try"])


def _both(db: sqlite3.Connection, number: int) -> None:
    db.execute("INSERT INTO audit (at, actor, act, subject) VALUES ('2025', 'cli', 'x', ?)", (str(number),))
    db.execute("INSERT INTO wrong_try (telegram_id, session_id, at) VALUES (1, 1, '2025')")


def test_a_copy_that_lost_a_row_is_no_backup(full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = backup._copy

    def lossy(database: Path, target: Path) -> dict[str, int]:
        counted = whole(database, target)
        with closing(sqlite3.connect(target)) as db, db:
            db.execute("DELETE FROM answer WHERE id = 3")
        return counted

    monkeypatch.setattr(backup, "_copy", lossy)
    with pytest.raises(StoreError, match="number of rows in answer"):
        backup.backup(full, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_encrypted_nights_hold_nothing_in_clear_and_count_with_the_plain_ones(full: Path, tmp_path: Path) -> None:
    folder, night = tmp_path / "nights", datetime(2025, 11, 28, 2, 0)  # noqa: DTZ001 - only its digits matter
    pair = x25519.Identity.generate()
    folder.mkdir()
    kept = ["catatan.txt", "sinar-20251101-020000.db.txt", "sinar-salinan.db", "sinar-20259901-020000.db"]
    for name in kept:
        (folder / name).write_text("tetap")
    # What a power cut left of an earlier night.
    (folder / "sinar-20251127-020000.db.age.partial").write_text("setengah")
    plain = [backup.nightly(full, folder, night + timedelta(days=n), keep=3) for n in range(2)]
    sealed = [backup.nightly(full, folder, night + timedelta(days=2 + n), 3, str(pair.to_public())) for n in range(2)]
    assert sorted(file.name for file in folder.iterdir()) == sorted([*kept, plain[1].name, *(s.name for s in sealed)])
    held = sealed[0].read_bytes()
    assert held.startswith(b"age-encryption.org/v1\n")
    assert b"tanda-" not in held
    assert stat.S_IMODE(sealed[0].stat().st_mode) == 0o600
    identity = tmp_path / "identity.txt"
    identity.write_text(f"{pair}\n")
    before = content(full)
    backup.restore(sealed[1], full, identity)
    assert content(full) == before


def refusal(database: Path, target: Path, key: str | None) -> str | None:
    """Make a backup; returns why there is none."""
    try:
        backup.backup(database, target, key)
    except StoreError as error:
        return str(error)
    return None


@pytest.mark.parametrize("sealed", [False, True])
def test_a_night_leaves_a_copy_alone_that_somebody_is_just_making(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed: bool
) -> None:
    folder, night = tmp_path / "nights", datetime(2025, 11, 28, 2, 0)  # noqa: DTZ001 - only its digits matter
    key = str(x25519.Identity.generate().to_public()) if sealed else None
    by_hand = folder / "sinar-20251128-015959.db"
    checked, nights = backup._check, []

    def meanwhile(copy: Path, **more: Any) -> None:
        # As the bot does that was started anew and has missed its night.
        if not nights:
            nights.append(folder / "sinar-20251128-020000.db")
            assert backup.nightly(full, folder, night, keep=3) == nights[0]
        checked(copy, **more)

    monkeypatch.setattr(backup, "_check", meanwhile)
    assert refusal(full, by_hand, key) is None
    assert sorted(folder.iterdir()) == [by_hand, *nights]


@pytest.mark.parametrize("sealed", [False, True])
def test_two_who_make_the_same_copy_at_once_do_not_spoil_it(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed: bool
) -> None:
    target, identity = tmp_path / "copies" / "copy.db", x25519.Identity.generate()
    key = str(identity.to_public()) if sealed else None
    (tmp_path / "identity.txt").write_text(f"{identity}\n")
    before, checked, second = content(full), backup._check, []

    def meanwhile(copy: Path, **more: Any) -> None:
        if not second:
            second.append(copy)
            backup.backup(full, target, key)
        checked(copy, **more)

    with monkeypatch.context() as patched:
        patched.setattr(backup, "_check", meanwhile)
        assert refusal(full, target, key) is None
    assert list(target.parent.iterdir()) == [target]
    backup.restore(target, full, tmp_path / "identity.txt")
    assert content(full) == before


@pytest.mark.parametrize(
    "end", ["partial", "sealing", "0a1b2c3d.partial", "0a1b2c3d.sealing", "0a1b2c3d.partial-journal"]
)
def test_what_a_power_cut_left_is_dropped_whoever_may_read_it(full: Path, tmp_path: Path, end: str) -> None:
    folder, night = tmp_path / "nights", datetime(2025, 11, 28, 2, 0)  # noqa: DTZ001 - only its digits matter
    folder.mkdir()
    elsewhere = tmp_path / "elsewhere.db"
    elsewhere.write_text("tetap")
    by_hand, of_a_night = folder / f"copy.db.{end}", folder / f"sinar-20251127-020000.db.age.{end}"
    kept = folder / f"copy.db_{end}"
    # It cannot be removed like a file, and hides nothing behind it.
    (folder / f"sinar-20251101-020000.db.{end}").mkdir()
    by_hand.write_text("setengah")
    by_hand.chmod(0o444)
    # A name that leads elsewhere goes, and what it leads to stays as it is.
    of_a_night.symlink_to(elsewhere)
    kept.touch()
    backup.backup(full, folder / "copy.db")
    assert stat.S_IMODE((folder / "copy.db").stat().st_mode) == 0o600
    made = backup.nightly(full, folder, night, keep=3)
    assert sorted(file for file in folder.iterdir() if file.is_file()) == sorted([folder / "copy.db", kept, made])
    assert elsewhere.read_text() == "tetap"


def test_a_folder_that_cannot_be_locked_takes_backups_all_the_same(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, night = tmp_path / "nights", datetime(2025, 11, 28, 2, 0)  # noqa: DTZ001 - only its digits matter
    folder.mkdir()
    (folder / "sinar-20251127-020000.db.partial").write_text("setengah")

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    made = backup.nightly(full, folder, night, keep=3)
    assert list(folder.iterdir()) == [made]
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors


def test_an_encrypted_backup_that_fails_leaves_nothing_in_clear(
    full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pyrage, "encrypt_io", full_disk)
    with pytest.raises(StoreError, match="No space left"):
        backup.backup(full, tmp_path / "copies" / "copy.db", str(x25519.Identity.generate().to_public()))
    assert list((tmp_path / "copies").iterdir()) == []


def test_no_copy_outlives_the_days_of_the_notice_also_when_no_new_one_can_be_made(full: Path, tmp_path: Path) -> None:
    folder, night = tmp_path / "nights", datetime(2025, 11, 28, 2, 0, 5)  # noqa: DTZ001 - only its digits matter
    made = [backup.nightly(full, folder, night + timedelta(days=n), keep=14) for n in range(3)]
    (folder / "salinan-tangan.db").touch()
    for failed in range(3, 17):
        now = night + timedelta(days=failed, seconds=-3)
        backup.forget_aged(folder, now, timedelta(days=14))
        oldest = [copy.made for copy in backup.copies(folder)]
        assert all(now - at < timedelta(days=14) for at in oldest)
    assert len(made) == 3
    assert [file.name for file in folder.iterdir()] == ["salinan-tangan.db"]
