"""Who was there: by a list that is sent, and by hand; absentees get no reaction and no first reflection."""

import io

import openpyxl
import pytest

from tests.conftest import ADMIN, OTHER_UNIT, nip
from tests.staff.conftest import Office, document, sent, told


@pytest.fixture
async def held(office: Office) -> Office:
    """The session of the morning, half an hour after it began."""
    await office.rig.go("2025-11-17 08:30")
    return office


async def marked(office: Office) -> dict[int, int]:
    rows = await office.rig.rows("SELECT person_id, present FROM attendance ORDER BY person_id")
    return {row["person_id"]: row["present"] for row in rows}


async def steps(office: Office, number: int) -> dict[str, str]:
    rows = await office.rig.rows(
        "SELECT t.kind, t.state FROM touchpoint t JOIN person p ON p.id = t.person_id WHERE p.nip = ?"
        " AND t.kind IN ('reaction', 'reflection') ORDER BY t.id DESC",
        nip(number),
    )
    # Of the reflections the first one counts.
    return {row["kind"]: row["state"] for row in rows}


async def test_a_list_is_shown_first_then_applied_and_absentees_are_spared(held: Office) -> None:
    admin = held.admin
    await held.forge(admin, f"attend:{held.session.id}")
    assert "Hadir 0, tidak hadir 0, belum ditandai 12" in told(admin)
    lines = ["DAFTAR HADIR", "NO;NIP;NAMA;KEHADIRAN"]
    lines += [f"{n};{nip(n)};Orang Ke{n};Hadir" for n in (1, 2, 9)]
    lines += [f"4;{nip(3)};Orang Ke3;Izin", f"5;{nip(4)};Orang Ke4;mungkin", "6;1980;Salah Ketik;Hadir"]
    lines += [f"7;{nip(50)};Orang Ke50;Hadir", f"8;{nip(77)};Tak Dikenal;Hadir", f"9;{nip(1)};Orang Ke1;hadir"]
    lines += [f"10;{nip(5)};Orang Ke5;Hadir", f"11;{nip(5)};Orang Ke5;Sakit", ";Mojokerto, 17 November 2025;;"]
    said = await sent(held, "\n".join(lines).encode())
    assert "Akan ditandai hadir: 3" in said
    assert "Akan ditandai tidak hadir: 1" in said
    assert "Ditolak: 6" in said
    assert "baris 7 (Orang Ke4): Isi kolom kehadiran “mungkin” belum terbaca" in said
    assert "baris 8 (Salah Ketik): NIP terdiri atas 4 digit" in said
    assert f"baris 9 (Orang Ke50): Orang Ke50 ({OTHER_UNIT}) tidak diundang" in said
    assert "baris 10 (Tak Dikenal): NIP ini tidak ada dalam data pegawai" in said
    assert "baris 12 (Orang Ke5): NIP yang sama ada di baris 13" in said
    assert await marked(held) == {}
    said = await held.tap(admin, "Terapkan")
    assert "3 ditandai hadir, 1 ditandai tidak hadir, 6 baris dilewati" in said
    assert list((await marked(held)).values()) == [1, 1, 0, 1]
    assert (f"telegram:{ADMIN}", "attendance_list") in await held.audited()
    await held.rig.run_until("2025-11-17 14:00")
    assert await steps(held, 1) == {"reaction": "sent", "reflection": "sent"}
    assert await steps(held, 3) == {"reaction": "cancelled", "reflection": "cancelled"}
    assert await steps(held, 6) == {"reaction": "sent", "reflection": "sent"}


async def test_the_rest_is_absent_only_where_it_is_said_so(held: Office) -> None:
    held.rig.phone(7).start(held.session.payload)
    await held.rig.settle()
    await held.forge(held.admin, f"attend:{held.session.id}")
    book = openpyxl.Workbook()
    assert book.active is not None
    for number in (1, 2, 3):
        book.active.append([nip(number)])
    stream = io.BytesIO()
    book.save(stream)
    said = await sent(held, stream.getvalue(), "hadir.xlsx")
    assert "Akan ditandai hadir: 3" in said
    assert "belum ditandai: 8" in said
    old = held.admin.last
    assert old.labels == ["Terapkan", "Terapkan, yang lain tidak hadir", "Batal"]
    await held.tap(held.admin, "Terapkan, yang lain tidak hadir")
    assert "hadir 4, tidak hadir 8, belum ditandai 0" in told(held.admin)
    held.admin.tap("Terapkan", old)
    await held.rig.settle()
    assert len(await marked(held)) == 11
    card = next(m.text for m in [*await _card(held)] if "Sentuhan" in (m.text or ""))
    assert "hadir 4, tamu 0, tidak hadir 8" in card


async def _card(office: Office) -> list[object]:
    await office.tap(office.admin, "Kartu sesi")
    return list(reversed(office.admin.received))  # type: ignore[arg-type]


async def test_by_hand_a_person_is_found_marked_and_corrected(held: Office) -> None:
    admin = held.admin
    await held.forge(admin, f"attend:{held.session.id}")
    assert "Halaman 1 dari 2" in told(admin)
    assert "Tidak ada yang cocok" in await held.say(admin, "zzz")
    assert "4 orang cocok" in await held.say(admin, "orang ke1")
    assert "1 orang cocok" in await held.say(admin, nip(4))
    await held.tap(admin, "Orang Ke4")
    assert "belum ditandai" in told(admin)
    await held.tap(admin, "Tidak hadir")
    assert "Kehadiran: tidak hadir" in told(admin)
    assert await held.rig.one("SELECT count(*) FROM participant WHERE absent_at IS NOT NULL") == 1
    await held.tap(admin, "Hadir")
    assert "Kehadiran: hadir" in told(admin)
    assert await held.rig.one("SELECT count(*) FROM participant WHERE checked_in_at IS NOT NULL") == 1
    await held.tap(admin, "Hapus tanda")
    assert await marked(held) == {}
    assert await held.rig.one("SELECT count(checked_in_at) + count(absent_at) FROM participant") == 0
    await held.tap(admin, "‹ Daftar")
    await held.tap(admin, "Selesai")
    admin.tap("Orang Ke4")
    await held.rig.settle()
    assert "sudah tidak berlaku" in admin.toasts[-1]
    assert [act for _, act in await held.audited()] == ["attendance_mark"] * 3


async def test_a_mistaken_absence_is_put_right_in_time_and_not_after_it(held: Office) -> None:
    admin = held.admin
    await held.forge(admin, f"attend:{held.session.id}")
    for number in (1, 2):
        await held.say(admin, nip(number))
        await held.tap(admin, f"Orang Ke{number}")
        await held.tap(admin, "Tidak hadir")
    before = await held.rig.summary_of(held.session)
    await held.rig.run_until("2025-11-17 13:30")
    assert (await steps(held, 1))["reaction"] == "cancelled"
    await held.say(admin, nip(1))
    await held.tap(admin, "✗ Orang Ke1")
    await held.tap(admin, "Hadir")
    await held.rig.hand.look()
    assert await steps(held, 1) == {"reaction": "sent", "reflection": "sent"}
    await held.rig.run_until("2025-12-18 08:00")
    await held.forge(admin, f"attend:{held.session.id}")
    await held.say(admin, nip(2))
    await held.tap(admin, "✗ Orang Ke2")
    await held.tap(admin, "Hadir")
    await held.rig.hand.look()
    assert "sent" not in (await steps(held, 2)).values()
    after = await held.rig.summary_of(held.session)
    states = ("planned", "deferred", "sent", "answered_early", "expired", "cancelled")
    assert sum(before[state] for state in states) == sum(after[state] for state in states)


async def test_marks_wait_for_whoever_joins_later(held: Office) -> None:
    await held.forge(held.admin, f"attend:{held.session.id}")
    await sent(held, f"NIP;HADIR\n{nip(9)};tidak\n{nip(10)};ya\n".encode())
    await held.tap(held.admin, "Terapkan")
    assert (await _counts(held))["attended"] == 1
    await held.rig.go("2025-11-17 11:30")
    for number in (9, 10):
        await held.rig.join(number, held.session)
    assert (await _counts(held))["attended"] == 1
    await held.rig.run_until("2025-11-17 14:00")
    assert (await steps(held, 9))["reaction"] == "cancelled"
    assert (await steps(held, 10))["reaction"] == "sent"


async def _counts(office: Office) -> dict[str, int]:
    from bot.store import sessions

    return await office.rig.sinar.store.read(lambda db: sessions.counts(db, sessions.get(db, office.session.id)))


async def test_who_is_marked_absent_and_scans_the_code_is_there(held: Office) -> None:
    await held.forge(held.admin, f"attend:{held.session.id}")
    await sent(held, f"NIP;HADIR\n{nip(1)};tidak\n".encode())
    await held.tap(held.admin, "Terapkan")
    held.rig.phone(1).start(held.session.payload)
    await held.rig.settle()
    await held.forge(held.admin, f"attend:{held.session.id}")
    assert "Hadir 1, tidak hadir 0" in told(held.admin)


async def test_what_is_no_list_is_refused_and_before_the_start_there_is_none(office: Office) -> None:
    await office.forge(office.admin, f"attend:{office.session.id}")
    assert "setelah sesi dimulai" in office.admin.toasts[-1]
    await office.rig.go("2025-11-17 08:30")
    await office.forge(office.admin, f"attend:{office.session.id}")
    assert "kolom NIP belum ada" in await sent(office, b"satu;dua\nx;y\n")
    assert "bukan lembar kerja" in await sent(office, b"\x00\x01\x02" * 40, "foto.xlsx")
    assert await office.rig.one("SELECT kind FROM conversation") == "hadir"


async def test_the_poster_and_the_code_are_on_the_card(office: Office) -> None:
    await office.forge(office.admin, f"session:{office.session.id}")
    assert "photo" in office.admin.last.raw
    await office.tap(office.admin, "Poster (PDF)")
    assert document(office.admin)["mime_type"] == "application/pdf"
