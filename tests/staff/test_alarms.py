"""Whatever goes wrong, each admin hears of it once, again at doubling intervals, and once when it is well."""

import os
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import ContentPlace
from bot.running import note_refused_token
from bot.sandbox import Fault, Person
from messages.library import SHIPPED
from tests.conftest import ADMIN, Rig, rigged
from tests.staff.conftest import told

MARKER = "rahasia-hati-5512"


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path) as made:
        watch(made)
        yield made


def watch(rig: Rig, *, listens: bool = False) -> None:
    """Let the clock that is moved by hand measure lengths as well; the poller really waits, so it is left out."""
    alarms = rig.sinar.timetable.alarms
    assert alarms is not None
    alarms.monotonic = lambda: rig.clock.now().timestamp()
    alarms.listens = listens
    alarms.hear()


def heard(admin: Person) -> list[str]:
    """The headings of the alarms that the admin got, in order."""
    texts = [str(message.text or "") for message in admin.received]
    assert MARKER not in "".join(texts)
    return [text.split("\n")[0] for text in texts if text.startswith(("Perlu perhatian", "Masih perlu", "Sudah pulih"))]


async def for_minutes(rig: Rig, minutes: int) -> None:
    for _ in range(minutes // 5):
        await rig.hand.wait(timedelta(minutes=5))


async def test_little_disk_is_told_once_then_at_doubling_intervals_and_once_when_well(rig: Rig) -> None:
    admin, alarms = rig.people[ADMIN], rig.sinar.timetable.alarms
    assert alarms is not None
    alarms.free = lambda _place: 40 * 2**20
    await for_minutes(rig, 55)
    name = "ruang penyimpanan server hampir habis"
    assert heard(admin) == [f"Perlu perhatian: {name}"]
    assert "40 MiB" in told(admin)
    assert "menambah ruang" in told(admin)
    await for_minutes(rig, 15)
    assert heard(admin)[1:] == [f"Masih perlu perhatian: {name}"]
    await for_minutes(rig, 110)
    assert len(heard(admin)) == 2
    await for_minutes(rig, 10)
    assert len(heard(admin)) == 3
    admin.send("/status")
    await rig.settle()
    assert f"{name}, sejak Senin, 10 November 2025" in told(admin)
    alarms.free = lambda _place: 40 * 2**30
    await for_minutes(rig, 30)
    assert heard(admin)[3:] == [f"Sudah pulih: {name}"]
    admin.send("/status")
    await rig.settle()
    assert name not in told(admin)


async def test_nights_are_quiet_and_what_passed_in_one_is_told_in_the_morning(rig: Rig) -> None:
    admin, alarms = rig.people[ADMIN], rig.sinar.timetable.alarms
    assert alarms is not None
    await rig.go("2025-11-10 23:00")
    alarms.free = lambda _place: 0
    await for_minutes(rig, 30)
    alarms.free = lambda _place: 2**40
    await rig.go("2025-11-11 06:20")
    assert heard(admin) == []
    await rig.go("2025-11-11 06:35")
    assert heard(admin) == ["Sudah pulih: ruang penyimpanan server hampir habis"]
    assert "23.05 WIB" in told(admin)


async def test_a_backup_that_fails_and_one_that_works_again(tmp_path: Path, rig: Rig) -> None:
    admin, folder = rig.people[ADMIN], rig.config.storage.backup_dir
    if folder.exists():
        shutil.rmtree(folder)
    folder.write_text("no folder")
    await rig.go("2025-11-11 02:05")
    await rig.go("2025-11-11 06:35")
    assert heard(admin) == ["Perlu perhatian: cadangan gagal dibuat"]
    folder.unlink()
    await rig.go("2025-11-12 02:05")
    await rig.go("2025-11-12 06:35")
    # Overnight the interval has passed, but nothing is told twice for that: it is well.
    assert heard(admin)[1:] == ["Sudah pulih: cadangan gagal dibuat"]


async def test_backups_that_vanish_or_grow_old(rig: Rig) -> None:
    admin, folder = rig.people[ADMIN], rig.config.storage.backup_dir
    await rig.go("2025-11-11 02:05")
    made = next(folder.iterdir())
    made.rename(folder / "sinar-20251101-020000.db")
    await rig.go("2025-11-11 07:00")
    assert heard(admin) == ["Perlu perhatian: tidak ada cadangan baru"]
    assert "10 hari" in told(admin)
    (folder / "sinar-20251101-020000.db").rename(made)
    await rig.go("2025-11-11 07:10")
    assert heard(admin)[1:] == ["Sudah pulih: tidak ada cadangan baru"]


async def test_an_update_kept_aside(rig: Rig) -> None:
    admin = rig.people[ADMIN]

    def poison(db: object) -> None:
        db.execute(  # type: ignore[attr-defined]
            "INSERT INTO incoming (update_id, received_at, lane, raw, state, attempts, error, handled_at)"
            " VALUES (1, ?, 77, ?, 'aside', 3, 'ValueError', ?)",
            (at, f'{{"text": "{MARKER}"}}', at),
        )

    at = "2025-11-10T02:00:00.000000+00:00"
    await rig.write(poison)
    await for_minutes(rig, 30)
    assert heard(admin) == ["Perlu perhatian: kiriman tidak dapat diproses"]
    await rig.run_until("2025-11-11 10:00")
    assert heard(admin)[-1] == "Sudah pulih: kiriman tidak dapat diproses"


async def test_a_silent_poller_is_told_and_an_answer_ends_it(rig: Rig) -> None:
    watch(rig, listens=True)
    admin = rig.people[ADMIN]
    await rig.hand.look()
    await for_minutes(rig, 5)
    assert heard(admin) == []
    await for_minutes(rig, 10)
    assert heard(admin) == ["Perlu perhatian: bot tidak menerima kiriman dari Telegram"]
    admin.send("/status")
    await rig.settle()
    await rig.hand.look()
    assert heard(admin)[1:] == ["Sudah pulih: bot tidak menerima kiriman dari Telegram"]


async def test_while_telegram_is_away_nothing_piles_up_and_afterwards_it_is_said_since_when(rig: Rig) -> None:
    watch(rig, listens=True)
    admin = rig.people[ADMIN]
    await rig.hand.look()
    away = rig.box.faults.plan(Fault.RESET_BEFORE, ["sendMessage", "getMe"], times=None)
    await for_minutes(rig, 300)
    assert heard(admin) == []
    assert await rig.one("SELECT count(*) FROM outbox WHERE state = 'waiting'") == 1
    away.cancel()
    rig.sinar.timetable.alarms.hear()  # type: ignore[union-attr]
    await rig.hand.look()
    assert heard(admin) == ["Sudah pulih: bot tidak menerima kiriman dari Telegram"]
    assert "Berlangsung dari Senin, 10 November 2025" in told(admin)
    watch(rig)
    await for_minutes(rig, 60)
    assert len(heard(admin)) == 1


async def test_a_queue_that_stands_still(rig: Rig) -> None:
    admin = rig.people[ADMIN]
    other = rig.phone(5)
    other.start()
    await rig.settle()
    rig.box.faults.plan(
        Fault.STATUS_BEFORE, times=None, status=502, when=lambda _m, raw: str(raw.get("chat_id")) == "1005"
    )
    other.send("/bantuan")
    await rig.box.settled()
    await for_minutes(rig, 10)
    assert heard(admin) == []
    await for_minutes(rig, 35)
    assert heard(admin) == ["Perlu perhatian: pesan tertahan di kotak keluar"]
    rig.box.faults.clear()
    await for_minutes(rig, 10)
    assert heard(admin)[1:] == ["Sudah pulih: pesan tertahan di kotak keluar"]


async def test_a_summary_that_did_not_arrive_and_is_sent_by_hand(rig: Rig) -> None:
    await rig.add_people(2)
    session = await rig.add_session()
    await rig.join(1, session)
    admin = rig.people[ADMIN]
    await rig.go("2025-11-24 07:55")
    away = rig.box.faults.plan(Fault.RESET_BEFORE, ["sendPhoto", "sendMessage"], times=None)
    await rig.go("2025-11-24 08:01")
    await rig.go("2025-11-26 12:00")
    away.cancel()
    await rig.go("2025-11-26 12:20")
    await for_minutes(rig, 15)
    assert heard(admin) == ["Perlu perhatian: ringkasan mingguan tidak terkirim"]
    assert "--week 2025-W47 --send" in told(admin)
    assert await rig.write(
        lambda db: rig.sinar.timetable.summaries.queue(db, rig.clock.now(), "2025-W47")
    ) == 1  # fmt: skip
    await for_minutes(rig, 10)
    assert heard(admin)[1:] == ["Sudah pulih: ringkasan mingguan tidak terkirim"]


async def test_looks_that_fail(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    admin, timetable = rig.people[ADMIN], rig.sinar.timetable

    def broken(*_: object) -> None:
        raise ValueError(MARKER)

    with monkeypatch.context() as patched:
        patched.setattr("scheduler.broadcasting.advance", broken)
        for _ in range(4):
            rig.clock.advance(timedelta(minutes=2))
            with pytest.raises(ValueError, match=MARKER):
                await timetable.look()
            await rig.hand.quiet()
    assert heard(admin) == ["Perlu perhatian: jadwal bot tidak berjalan"]
    await for_minutes(rig, 5)
    assert heard(admin)[1:] == ["Sudah pulih: jadwal bot tidak berjalan"]


async def test_a_refused_token_is_told_when_it_is_taken_again_also_after_a_restart(tmp_path: Path) -> None:
    async with rigged(tmp_path / "a") as rig:
        await note_refused_token(rig.sinar)
        await note_refused_token(rig.sinar)
    async with rigged(tmp_path / "a", "2025-11-10 13:00") as rig:
        watch(rig)
        await rig.hand.look()
        assert heard(rig.people[ADMIN]) == ["Sudah pulih: token bot ditolak Telegram"]
        assert "09.00 WIB sampai Senin, 10 November 2025" in told(rig.people[ADMIN])


async def test_alarms_survive_a_restart(tmp_path: Path) -> None:
    for start, expected in (("2025-11-10 09:00", 1), ("2025-11-10 09:30", 0), ("2025-11-10 11:00", 1)):
        async with rigged(tmp_path / "a", start) as rig:
            watch(rig)
            rig.sinar.timetable.alarms.free = lambda _place: 0  # type: ignore[union-attr]
            await rig.hand.look()
            assert len(heard(rig.people[ADMIN])) == expected, start


async def test_content_that_cannot_be_read_any_more(tmp_path: Path, rig: Rig) -> None:
    folder = tmp_path / "content"
    shutil.copytree(SHIPPED, folder)
    alarms, admin = rig.sinar.timetable.alarms, rig.people[ADMIN]
    assert alarms is not None
    assert rig.config.content == ContentPlace()
    alarms.content = folder
    await for_minutes(rig, 5)
    for name, broken in (("values.toml", "[["), ("templates/joined.j2", "{% if %}")):
        kept = (folder / name).read_text("utf-8")
        (folder / name).write_text(broken)
        await for_minutes(rig, 150)
        assert "erlu perhatian: isi pesan tidak dapat dibaca" in heard(admin)[-1]
        assert name.split("/")[-1] in next(
            m.text for m in reversed(admin.received) if "content check" in (m.text or "")
        )
        (folder / name).write_text(kept)
        os.utime(folder / name)
        await for_minutes(rig, 5)
        assert heard(admin)[-1] == "Sudah pulih: isi pesan tidak dapat dibaca"
