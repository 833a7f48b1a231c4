"""Files from outside, by name and by size; and the files that the bot makes, by who may read them."""

import os
import resource
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.making.summaries import _file_name
from bot.roster.limits import MAX_BYTES
from bot.store import backup, tombstones
from tests.conftest import ADMIN, UNIT, Rig, nip, rigged

PATHS = (
    "../../../../tmp/sinar-was-here.csv",
    "/tmp/sinar-was-here.csv",
    "..\\..\\sinar-was-here.csv",
    "C:\\sinar-was-here.csv",
    "pegawai.csv\x00.png",
    "sinar.db",
    "--config=x.csv",
    "$(touch sinar-was-here).csv",
    "<b>{{7*7}}</b>&.csv",
    "\u202evsc.iawagep",
    "n" * 250 + ".csv",
)


def everything(folder: Path) -> set[Path]:
    return {file.relative_to(folder) for file in folder.rglob("*")}


def here_now() -> set[str]:
    """What stands where the bot runs, and where the tricks point to."""
    return {*os.listdir(), *(name for name in os.listdir("/tmp") if "sinar-was" in name)}


async def test_a_files_name_is_a_word_and_never_a_path(rig: Rig, tmp_path: Path) -> None:
    await rig.add_people(2)
    admin = rig.people[ADMIN]
    before, here = everything(tmp_path), here_now()
    for n, name in enumerate(PATHS):
        lines = ["NIP;NAMA;JABATAN;UNOR INDUK NAMA", f"{nip(10 + n)};Orang Baru;Ahli;{UNIT}"]
        admin.send_document(name, "\n".join(lines).encode(), "text/csv")
        await rig.settle()
        admin.tap("Terapkan")
        await rig.settle()
        assert await rig.one("SELECT count(*) FROM person WHERE nip = ?", nip(10 + n)) == 1, name
    assert [row[0] for row in await rig.rows("SELECT file_name FROM roster_import ORDER BY id")] == list(PATHS)
    assert everything(tmp_path) == before
    assert here_now() == here
    admin.send("/audit")
    await rig.settle()
    assert rig.box.world.refused == []


@pytest.mark.parametrize(
    "unit", ["../../etc/passwd", "/", "..", "\x00", "<b>", "Dinas\\..\\x", "", "CON", "a" * 500, "é"]
)
def test_a_units_name_makes_no_path_of_a_documents_name(unit: str) -> None:
    made = _file_name(unit)
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 0 < len(made) <= 60


@pytest.mark.parametrize("told", ["its true size", "a small size"])
async def test_fifty_megabytes_are_refused_and_cost_no_memory(rig: Rig, told: str) -> None:
    admin = rig.people[ADMIN]
    body = b"NIP;NAMA\n" + bytes(49_990_000 if told == "its true size" else 10_000_000)
    sent = admin.send_document("pegawai.csv", body, "text/csv")
    if told == "a small size":
        # What a client claims: 10 MB that call themselves 1 kB.
        sent.raw["document"]["file_size"] = 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fetched = len(rig.box.world.calls)
    await rig.settle()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert "lebih besar dari 5 MB" in admin.last.text
    assert grown < 50 * 1024 * 1024
    # Telegram would refuse to hand out what is as large as this; it is not even asked.
    methods = [call.method for call in (*rig.box.world.calls[fetched:], *rig.box.world.refused)]
    assert ("getFile" in methods) == (told == "a small size")
    assert len(body) > MAX_BYTES
    assert await rig.one("SELECT count(*) FROM incoming WHERE state = 'aside'") == 0


@pytest.fixture
def _no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_no_umask")
async def test_database_wal_backups_and_tombstones_are_the_owners_alone_under_umask_0(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        await rig.add_people(2)
        await rig.join(1, await rig.add_session())
        await rig.hand.wait(timedelta(days=1))
        rig.phone(1).send("/hapus")
        await rig.settle()
        rig.phone(1).tap("Ya")
        await rig.settle()
        assert shut(tmp_path) >= {"sinar.db", "sinar.db-wal", "sinar.db-shm", "sinar.db.erased", "sinar.db.erased-key"}
        database, folder = rig.config.storage.path, rig.config.storage.backup_dir
    copies = sorted(folder.iterdir())
    assert copies
    backup.restore(copies[-1], database)
    assert tombstones.list_path(database).exists()
    assert shut(tmp_path) >= {copies[-1].name, "sinar.db"}


def shut(folder: Path) -> set[str]:
    """The names of all files, which must be 0600, and their folders 0700."""
    for file in folder.rglob("*"):
        assert stat.S_IMODE(file.stat().st_mode) == (0o700 if file.is_dir() else 0o600), file
    return {file.name for file in folder.rglob("*") if file.is_file()}
