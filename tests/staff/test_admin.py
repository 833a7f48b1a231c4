"""The roster, coordinators, sessions and insight, at the admin's door."""

import io
import sqlite3
from typing import Any

import openpyxl
import pytest

from bot.store import facts, outbox
from bot.store.outbox import Lane
from tests.conftest import ADMIN, OTHER_UNIT, UNIT, nip
from tests.staff.conftest import Office, document, sent, sheet, told


def roster(first: int = 50) -> bytes:
    kept = [(nip(n), f"Orang Ke{n}", OTHER_UNIT) for n in range(first, 52)]
    return sheet(*kept, (nip(60), "Orang & Baru", OTHER_UNIT), ("123", "Salah Ketik", OTHER_UNIT))


async def test_a_roster_is_shown_as_a_difference_applied_and_undone(office: Office) -> None:
    await office.say(office.admin, "/peserta")
    said = await sent(office, roster())
    assert "Baru: 1 (Orang & Baru)" in said
    assert "Tidak ada lagi: 1 (Orang Ke52)" in said
    assert "baris 5 (Salah Ketik): NIP terdiri atas 3 digit" in said
    assert office.admin.last.labels == ["Terapkan", "Batal"]
    assert await office.rig.one("SELECT count(*) FROM person") == 15
    await office.tap(office.admin, "Terapkan")
    assert "1 baru" in told(office.admin)
    assert await office.rig.one("SELECT count(*) FROM person") == 16
    assert await office.rig.one("SELECT count(*) FROM person WHERE gone_at IS NOT NULL") == 1
    await office.tap(office.admin, "Batalkan impor")
    assert "dibatalkan" in told(office.admin)
    assert await office.rig.one("SELECT count(*) FROM person WHERE gone_at IS NULL") == 15
    office.admin.tap("Batalkan impor")
    await office.rig.settle()
    assert any("sudah dibatalkan" in toast for toast in office.admin.toasts)
    assert "Tidak ada impor" in await office.say(office.admin, "/batalkan_impor")
    acts = [act for actor, act in await office.audited() if actor == f"telegram:{ADMIN}"]
    assert acts == ["roster_import", "roster_undo"]


async def test_what_changed_is_shown_from_and_to_and_a_long_list_comes_whole(office: Office) -> None:
    changed = [(nip(n), f"=Orang Ke{n}, S.E.", UNIT) for n in range(1, 8)]
    moved = [(nip(n), f"Orang Ke{n}", "Dinas <Baru>") for n in range(8, 13)]
    text = await sent(office, sheet(*changed, *moved, ("12345", "Salah Ketik", UNIT)))
    assert "=Orang Ke1, S.E.: nama Orang Ke1 → =Orang Ke1, S.E." in text
    assert "dan 2 lagi" in text
    assert "Orang Ke8: Dinas Kesehatan → Dinas <Baru>" in text
    assert "baris 14 (Salah Ketik): NIP terdiri atas 5 digit" in text
    assert office.admin.last.labels == ["Terapkan", "Batal"]
    kept = office.rig.box.world.files.by_id(document(office.admin)["file_id"])
    rows = list(openpyxl.load_workbook(io.BytesIO(kept.body)).worksheets[0].values)[1:]
    assert [row[0] for row in rows] == ["Berubah"] * 7 + ["Pindah unit"] * 5 + ["Ditolak"]
    assert rows[0] == ("Berubah", 2, "=Orang Ke1, S.E.", "nama", "Orang Ke1", "=Orang Ke1, S.E.", None)
    assert nip(1) not in str(rows)


async def test_terapkan_works_once_and_batal_forgets(office: Office) -> None:
    await sent(office, roster())
    old = office.admin.last
    await office.tap(office.admin, "Batal")
    office.admin.tap("Terapkan", old)
    await office.rig.settle()
    assert await office.rig.one("SELECT count(*) FROM roster_import") == 0
    await sent(office, roster())
    office.admin.tap("Terapkan")
    office.admin.tap("Terapkan")
    await office.rig.settle()
    assert await office.rig.one("SELECT count(*) FROM roster_import") == 1


async def test_the_same_file_again_changes_nothing_and_offers_nothing(office: Office) -> None:
    body = sheet(*((nip(n), f"Orang Ke{n}", OTHER_UNIT) for n in range(50, 53)))
    assert "Tidak ada perbedaan" in await sent(office, body)
    assert office.admin.last.labels == []


async def test_what_is_no_roster_is_refused_in_words(office: Office) -> None:
    assert "Baris judul kolom" in await sent(office, b"satu;dua\n1;2\n")
    assert "bukan lembar kerja" in await sent(office, b"\x00\x01\x02\x03" * 40, "foto.xlsx")
    assert "5 MB" in await sent(office, b"x" * (5 * 1024 * 1024 + 1))
    none = await sent(office, sheet(("12", "Salah", UNIT)))
    assert "Tidak ada baris yang dapat dipakai" in none
    assert office.admin.last.labels == []


async def test_many_refused_rows_stay_within_a_message(office: Office) -> None:
    rows = [("1990010120200", "N" * 190, f"U{'x' * 190}") for _ in range(40)]
    moved = [(nip(n), f"Orang Ke{n} {'panjang ' * 20}", "Unit " + "lain " * 30) for n in range(1, 13)]
    said = await sent(office, sheet(*rows, *moved))
    assert len(said) <= 4096
    assert "dan 34 lagi" in said
    assert "Terapkan" in office.admin.last.labels


async def test_nobody_but_an_admin_brings_in_a_roster(office: Office) -> None:
    office.coordinator.send_document("pegawai.csv", roster(), "text/csv")
    await office.rig.settle()
    assert "Hasil pemeriksaan" not in told(office.coordinator)
    assert await office.rig.one("SELECT count(*) FROM conversation WHERE kind = 'import'") == 0


async def test_a_coordinator_is_invited_listed_and_revoked(office: Office) -> None:
    await office.say(office.admin, "/koordinator")
    await office.tap(office.admin, "Undang")
    said = await office.tap(office.admin, OTHER_UNIT)
    payload = said.split("start=")[1].split()[0]
    office.rig.phone(600).start(payload)
    await office.rig.settle()
    await office.tap(office.rig.phone(600), "Setuju")
    listed = await office.say(office.admin, "/koordinator")
    assert f"{OTHER_UNIT}: Orang 600 (aktif)" in listed
    asked = await office.tap(office.admin, f"Cabut: Orang 600 – {OTHER_UNIT}")
    assert asked.startswith(f"Cabut tugas koordinator {OTHER_UNIT} dari Orang 600?")
    assert "Tidak ada yang dicabut" in await office.tap(office.admin, "Batal")
    assert "tidak tersedia" not in await office.say(office.rig.phone(600), "/peserta")
    await office.tap(office.admin, f"Cabut: Orang 600 – {OTHER_UNIT}")
    await office.tap(office.admin, "Ya")
    assert "bukan lagi koordinator" in told(office.admin)
    assert "tidak tersedia" in await office.say(office.rig.phone(600), "/peserta")
    assert payload not in str(await office.rig.rows("SELECT facts FROM outbox"))


async def test_a_sessions_card_has_numbers_ledger_code_and_poster(office: Office) -> None:
    assert "Ning Ita Sinar ASN" in await office.say(office.admin, "/sesi")
    await office.tap(office.admin, "17 Nov Ning Ita Sinar ASN")
    card = next(m.text for m in office.admin.received if "Sentuhan" in (m.text or ""))
    assert "Diundang 12, bergabung 7, hadir 0, tamu 0" in card
    assert office.session.payload in card
    assert "photo" in office.admin.last.raw
    await office.tap(office.admin, "Poster (PDF)")
    assert document(office.admin)["file_name"] == f"poster-sesi-{office.session.id}.pdf"


async def test_status_audit_and_trace(office: Office) -> None:
    await office.rig.go("2025-11-17 13:00")
    person = office.rig.phone(1)
    person.send("RAHASIA yang tidak boleh terlihat")
    await office.rig.settle()
    status = await office.say(office.admin, "/status")
    assert "Kotak keluar: 0 menunggu, 0 gagal" in status
    assert "Senin, 17 November 2025 pukul 13.00 WIB" in status
    assert "Versi: 0.1.0" in status
    trace = await office.say(office.admin, f"/jejak {nip(1)}")
    assert "refleksi: terkirim" in trace
    assert "dijawab 17 Nov" in trace
    assert "RAHASIA" not in trace
    assert nip(1) not in trace
    audit = await office.say(office.admin, "/audit")
    assert f"Admin {ADMIN} melihat jejak peserta (Orang Ke1)" in audit
    assert "tidak ada dalam data" in await office.say(office.admin, "/jejak 123")
    assert "Ketik NIP" in await office.say(office.admin, "/jejak")


async def test_status_without_a_backup_and_with_errors(office: Office) -> None:
    def failed(db: Any) -> None:
        for number in range(4):
            outbox.put(db, office.rig.clock.now(), 5000, "kept", {}, key=f"x{number}", lane=Lane.BULK)
        db.execute(
            "UPDATE outbox SET state = 'failed', error = 'Bad Request: ' || dedupe_key, finished_at = created_at"
            " WHERE dedupe_key GLOB 'x*'"
        )

    status = await office.say(office.admin, "/status")
    assert "Cadangan terakhir: belum ada. Bot membuatnya sendiri setiap malam." in status
    assert "Tidak ada galat kirim." in status
    await office.rig.write(failed)
    status = await office.say(office.admin, "/status")
    assert "4 gagal" in status
    assert status.count("Bad Request") == 3
    await office.rig.go("2025-11-11 03:00")
    assert "Cadangan terakhir: Selasa, 11 November 2025" in await office.say(office.admin, "/status")


async def test_the_audit_names_who_did_what_and_is_paged(office: Office) -> None:
    await office.say(office.coordinator, "/ekspor")
    for number in range(1, 13):
        await office.rig.write(
            lambda db, n=number: facts.audit(db, office.rig.clock.now(), "cli", "invite", f"person:{n}")
        )
    first = await office.say(office.admin, "/audit")
    assert "13 catatan, halaman 1 dari 2" in first
    assert "Operator (server) membuat tautan pribadi (Orang Ke12)" in first
    await office.tap(office.admin, "Berikutnya ›")
    assert "Orang 500 mengunduh XLSX (Dinas Kesehatan; minggu 2025-W45)" in told(office.admin)
    for sql in (
        "UPDATE audit SET actor = 'x'",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            await office.rig.write(lambda db, sql=sql: db.execute(sql))


async def test_a_long_trace_stays_within_a_message(office: Office) -> None:
    for month in range(1, 6):
        await office.rig.add_session(
            f"2025-11-{10 + month} 13:00", f"2025-11-{10 + month} 15:00", title="Sesi " + "x" * 190
        )
    await office.rig.run_until("2025-11-20 08:00")
    said = await office.say(office.admin, f"/jejak {nip(1)}")
    assert len(said) <= 4096
    assert "lebih lama tidak ditampilkan" in said
