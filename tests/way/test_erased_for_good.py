"""/hapus in the running bot: not a word is left on the disk or in the logs, and no backup brings one back."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.store import backup
from bot.store.sessions import Session
from tests.conftest import Rig, nip, rigged
from tests.leaks import PLANTED as MARK


def held(folder: Path) -> list[str]:
    """Return the files below the folder in which the marker stands."""
    return [file.name for file in sorted(folder.rglob("*")) if file.is_file() and MARK.encode() in file.read_bytes()]


async def write_everywhere(rig: Rig) -> Session:
    """One person who writes the marker wherever words are taken."""
    await rig.add_people(6)
    session = await rig.add_session()
    person = await rig.join(1, session)
    person.send(f"{MARK}-catatan")
    await rig.settle()
    person.send(f"/perbaiki {MARK}-perbaikan")
    await rig.settle()
    await rig.go("2025-11-17 13:00")
    first = person.send(f"{MARK}-refleksi")
    await rig.settle()
    person.edit(first, f"{MARK}-refleksi yang diubah")
    person.send_voice()
    await rig.settle()
    await rig.go("2025-11-18 12:15")
    person.tap(person.last.labels[0])
    await rig.settle()
    for words in ("ketika", "tindakan"):
        person.send(f"{MARK}-{words}")
        await rig.settle()
    person.tap("Ya")
    await rig.settle()
    return session


async def erase(rig: Rig) -> None:
    person = rig.phone(1)
    person.send("/hapus")
    await rig.settle()
    person.tap("Ya")
    await rig.settle()
    assert "sudah dihapus" in person.last.text


async def test_a_marker_is_nowhere_after_hapus(rig: Rig, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    session = await write_everywhere(rig)
    assert held(tmp_path / "data") != []
    await erase(rig)
    # Nobody empties the log here: the bot has done it itself.
    assert held(tmp_path / "data") == []
    assert MARK not in caplog.text
    await rig.hand.look()
    number = str(rig.phone(1).id)
    for table in [row[0] for row in await rig.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]:
        for row in await rig.rows(f"SELECT * FROM {table}"):
            assert number not in [str(value) for value in tuple(row)], table
    assert await rig.one("SELECT count(*) FROM person WHERE nip = ?", nip(1)) == 1
    await rig.join(1, session)
    assert await rig.one("SELECT count(*) FROM account WHERE joined_at IS NOT NULL") == 1


async def test_a_log_that_a_crash_left_full_is_emptied_at_the_next_look(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ended_before_it() -> bool:
        return False

    await write_everywhere(rig)
    with monkeypatch.context() as crash:
        crash.setattr(rig.sinar.store, "checkpoint", ended_before_it)
        await erase(rig)
        assert held(tmp_path / "data") != []
    await rig.hand.look()
    assert held(tmp_path / "data") == []


async def test_yesterdays_backup_does_not_bring_it_back(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        session = await write_everywhere(rig)
        await rig.join(2, session)
        rig.phone(2).send("yang lain tetap ada")
        await rig.settle()
        await rig.hand.wait(timedelta(days=1))
        database, folder = rig.config.storage.path, rig.config.storage.backup_dir
        assert MARK.encode() in sorted(folder.iterdir())[-1].read_bytes()
        await erase(rig)
    backup.restore(sorted(folder.iterdir())[-1], database)
    assert held(database.parent) == []
    async with rigged(tmp_path, start="2025-11-20 09:00") as rig:
        assert held(database.parent) == []
        assert [row[0] for row in await rig.rows("SELECT text FROM answer")] == ["yang lain tetap ada"]
        await rig.join(1, session)
        assert await rig.one("SELECT count(*) FROM account WHERE joined_at IS NOT NULL") == 2


async def test_whoever_withdrew_is_erased_for_good_as_well(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        await write_everywhere(rig)
        rig.phone(1).send("/berhenti")
        await rig.settle()
        backup.backup(rig.config.storage.path, tmp_path / "copy.db")
        await rig.hand.wait(timedelta(days=31))
        assert held(tmp_path / "data") == []
        database = rig.config.storage.path
    backup.restore(tmp_path / "copy.db", database)
    assert held(tmp_path / "data") == []
