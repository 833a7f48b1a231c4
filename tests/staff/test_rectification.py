"""/perbaiki: a dated task with reminders, closed by an admin, told to the person; the wish is erased with it."""

import json

from bot.sandbox import Person
from tests.conftest import wib
from tests.staff.conftest import Office, told

WISH = "nama saya seharusnya Siti tanda-7781"


def tasks(admin: Person) -> list[str]:
    """What the admin was told of corrections."""
    return [text for m in admin.received if "perbaikan data" in (text := str(m.text or "")).split("\n")[0]]


async def asked(office: Office) -> Person:
    person = office.rig.phone(1)
    said = await office.say(person, f"/perbaiki {WISH}")
    assert "Kamis, 13 November 2025" in said
    return person


async def test_done_tells_the_person_and_erases_the_wish(office: Office) -> None:
    person = await asked(office)
    assert len(tasks(office.admin)) == 1
    assert WISH in tasks(office.admin)[0]
    assert "Orang Ke1, Dinas Kesehatan" in tasks(office.admin)[0]
    assert office.admin.last.labels == ["Sudah diperbaiki", "Tidak dapat, alasan…"]
    assert "1 belum selesai" in await office.say(office.admin, "/status")
    shown = await office.rig.rows("SELECT wish, asked_at, due_at FROM rectification")
    assert [row["wish"] for row in shown] == [WISH]
    await office.forge(office.admin, "rectdone:1")
    assert "sudah diperbaiki" in told(person)
    row = dict((await office.rig.rows("SELECT * FROM rectification"))[0])
    assert (row["wish"], row["outcome"], row["done_by"]) == (None, "done", office.admin.id)
    assert "tanda-7781" not in json.dumps([dict(r) for r in await office.rig.rows("SELECT * FROM outbox")])
    before = len(person.received)
    await office.forge(office.admin, "rectdone:1")
    await office.forge(office.admin, "rectno:1")
    await office.rig.run_until("2025-11-16 12:00")
    assert len(tasks(office.admin)) == 1
    assert [text for m in person.received[before:] if "perbaiki" in (text := str(m.text))] == []
    assert (f"telegram:{office.admin.id}", "correction_done") in await office.audited()


async def test_refused_needs_a_reason_which_the_person_reads_and_nobody_keeps(office: Office) -> None:
    person = await asked(office)
    assert "Tulis alasan" in await office.tap(office.admin, "Tidak dapat, alasan…")
    assert "tetap menunggu" in await office.tap(office.admin, "Batal")
    await office.forge(office.admin, "rectno:1")
    assert "1.000 huruf" in await office.say(office.admin, "x" * 1001)
    await office.say(office.admin, "Gelar belum tercatat <di> BKN alasan-3312")
    assert "Gelar belum tercatat <di> BKN alasan-3312" in told(person)
    assert "sudah dikirim kepada Orang Ke1" in told(office.admin)
    tables = ("rectification", "outbox", "conversation", "audit", "incoming")
    held = [dict(row) for table in tables for row in await office.rig.rows(f"SELECT * FROM {table}")]
    assert "alasan-3312" not in str(held)
    assert "tanda-7781" not in str(held)


async def test_the_admins_are_reminded_at_half_time_before_it_is_due_and_then_daily(office: Office) -> None:
    await asked(office)
    at = []
    for moment in (
        "2025-11-11 20:00", "2025-11-12 06:35", "2025-11-12 17:55", "2025-11-12 18:05",
        "2025-11-13 09:05", "2025-11-14 08:55", "2025-11-14 09:05", "2025-11-15 09:05",
    ):  # fmt: skip
        await office.rig.go(moment)
        at.append(len(tasks(office.admin)))
    # Asked on Monday at 09.00: half time is Tuesday 21.00, told in the morning; 12 hours before is at night.
    assert at == [1, 2, 2, 3, 4, 4, 5, 6]
    assert tasks(office.admin)[1].startswith("Pengingat")
    assert "Paling lambat: Kamis, 13 November 2025" in tasks(office.admin)[2]
    assert "sudah lewat" in tasks(office.admin)[-1]
    await office.rig.go("2025-11-25 12:00")
    assert len(tasks(office.admin)) == 7


async def test_at_night_the_admins_sleep_and_an_erased_persons_wish_is_told_to_nobody(office: Office) -> None:
    person, rig = office.rig.phone(1), office.rig
    await rig.go("2025-11-10 22:00")
    await office.say(person, f"/perbaiki {WISH}")
    assert tasks(office.admin) == []
    await office.say(person, "/hapus")
    await office.tap(person, "Ya")
    await rig.go("2025-11-11 07:00")
    assert tasks(office.admin) == []
    assert await rig.one("SELECT count(*) FROM rectification") == 0


async def test_without_words_nothing_is_kept(office: Office) -> None:
    assert "Apa yang perlu diperbaiki" in await office.say(office.rig.phone(1), "/perbaiki")
    assert await office.rig.one("SELECT count(*) FROM rectification") == 0
    assert office.rig.clock.now() == wib("2025-11-10 09:00")
