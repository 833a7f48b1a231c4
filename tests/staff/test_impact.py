"""[Laporan dampak], at the admin's door."""

import io
import random
from datetime import timedelta
from typing import Any

import openpyxl

from bot.demo.cast import Habit, Member
from tests.conftest import ADMIN, UNIT, Rig, wib
from tests.staff.conftest import Office, document, told

SECRET = "rahasia-yang-ditulis"


async def lived(office: Office, until: str) -> None:
    """Five people answer on the first days and the last; they know nothing before the session and all after it."""
    rig = office.rig
    right = {item.question: item.correct for item in rig.sinar.library.items.values()}

    def choice(question: str) -> int:
        correct = right[question.split(" ", 1)[1]]
        return correct if rig.clock.now() > wib("2025-11-17 08:00") else (correct + 1) % 4

    members = [Member(rig.phone(n), Habit(knows=1.0), random.Random(n), choice) for n in range(1, 6)]
    end = wib(until)
    while rig.clock.now() < end:
        planned = await rig.hand.next_moment()
        await rig.hand.move(end if planned is None else min(end, max(planned, rig.clock.now() + timedelta(hours=3))))
        at_work = rig.clock.now() < wib("2025-11-17 18:00") or rig.clock.now() > wib("2025-12-17 07:00")
        for member in members:
            member.habit = Habit(answers=float(at_work), knows=1.0)
        while [who for who in members if who.act()]:
            await rig.settle()


async def opened(office: Office) -> str:
    await office.say(office.admin, "/sesi")
    await office.tap(office.admin, "17 Nov Ning Ita Sinar ASN")
    card = next(m for m in reversed(office.admin.received) if "Sentuhan" in (m.text or ""))
    assert "Laporan dampak" in card.labels
    office.admin.tap("Laporan dampak", card)
    await office.rig.settle()
    return told(office.admin)


def body(rig: Rig, found: dict[str, Any]) -> bytes:
    return bytes(rig.box.world.files.by_id(found["file_id"]).body)


async def test_an_admin_gets_the_picture_the_workbook_and_the_two_pages(office: Office) -> None:
    await lived(office, "2025-12-22 09:00")
    said = await opened(office)
    assert "photo" in office.admin.last.raw
    assert "Pengetahuan naik rata-rata 3 dari 3 butir" in said
    assert "n = 5)" in said
    assert "Diundang 12, hadir 0, bergabung 7 (58%); tamu 0." in said
    assert "merefleksikan 5, mengerjakan kuis 5, berkomitmen <5, menepati <5" in said
    assert "Keikutsertaan bukan kinerja" in said
    assert office.admin.last.labels == ["Unduh XLSX", "Unduh PDF"]
    picture = office.admin.last
    office.admin.tap("Unduh XLSX", picture)
    await office.rig.settle()
    found = document(office.admin)
    assert found["file_name"] == f"dampak-sesi-{office.session.id}.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(body(office.rig, found)), data_only=True)
    assert [book["Corong"][f"B{row}"].value for row in range(5, 12)] == [12, 0, 7, 5, 5, "<5", "<5"]
    assert [book["Pengetahuan"][f"B{row}"].value for row in range(5, 10)] == [5, 3, 0, 3, 3]
    office.admin.tap("Unduh PDF", picture)
    await office.rig.settle()
    found = document(office.admin)
    assert found["file_name"] == f"dampak-sesi-{office.session.id}.pdf"
    assert body(office.rig, found).startswith(b"%PDF-")
    acts = [act for actor, act in await office.audited() if actor == f"telegram:{ADMIN}"]
    assert acts == ["impact", "impact_xlsx", "impact_pdf"]
    assert "mengunduh laporan dampak (PDF)" in await office.say(office.admin, "/audit")


async def test_before_there_is_enough_it_says_what_is_missing_and_from_when(office: Office) -> None:
    assert "tersedia setelah sesi selesai, Senin, 17 November 2025 pukul 11.00 WIB" in await opened(office)
    await office.rig.go("2025-11-17 13:00")
    for number in range(1, 5):
        office.rig.phone(number).send(SECRET)
        await office.rig.settle()
    said = await opened(office)
    assert "belum dapat dibuat" in said
    assert "Belum ada 5 peserta" in said
    assert "mulai Rabu, 17 Desember 2025" in said
    office.rig.phone(5).send(SECRET)
    await office.rig.settle()
    # Results move on Mondays alone.
    assert "belum dapat dibuat" in await opened(office)
    await office.rig.go("2025-11-24 09:00")
    said = await opened(office)
    assert "Hasil sampai Minggu, 23 November 2025: merefleksikan 5, mengerjakan kuis <5" in said
    assert "Perubahan pengetahuan: mulai Rabu, 17 Desember 2025" in said


async def test_no_name_and_no_word_of_anybody_is_in_it(office: Office) -> None:
    await office.rig.go("2025-11-17 13:00")
    for number in range(1, 8):
        office.rig.phone(number).send(SECRET)
        await office.rig.settle()
    await office.rig.go("2025-11-24 09:00")
    said = await opened(office)
    office.admin.tap("Unduh XLSX")
    await office.rig.settle()
    book = openpyxl.load_workbook(io.BytesIO(body(office.rig, document(office.admin))))
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    kept = await office.rig.one("SELECT cells FROM impact")
    for text in (said, kept, *cells):
        assert SECRET not in text
        assert "Orang Ke" not in text


async def test_nobody_but_an_admin_gets_it(office: Office) -> None:
    await office.rig.go("2025-11-17 13:00")
    for number in range(1, 8):
        office.rig.phone(number).send(SECRET)
        await office.rig.settle()
    for who in (office.coordinator, office.rig.phone(1)):
        count = len(who.received)
        for verb in ("impact", "impactx", "impactp"):
            await office.forge(who, f"{verb}:{office.session.id}")
        assert not any("photo" in m.raw or "document" in m.raw for m in who.received[count:])
    for data in ("impact:999", "impactx:999", "impact", "impactp:-1", "impact:x"):
        await office.forge(office.admin, data)
    assert await office.rig.one("SELECT count(*) FROM incoming WHERE state = 'aside'") == 0
    assert not await office.rig.rows("SELECT 1 FROM audit WHERE act LIKE 'impact%'")


async def test_a_cancelled_session_has_none(office: Office) -> None:
    await office.rig.write(lambda db: db.execute("UPDATE session SET cancelled_at = start_at"))
    assert "dibatalkan" in await office.forge(office.admin, f"impact:{office.session.id}")
    assert UNIT not in told(office.admin)
