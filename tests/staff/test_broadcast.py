"""/siaran, at the admin's door."""

import json

from bot.sandbox import Person
from bot.sandbox.files import Upload
from bot.sandbox.pictures import DOT
from bot.store import sessions
from tests.conftest import ADMIN, OTHER_UNIT, UNIT, wib
from tests.staff.conftest import Office, told


def got(person: Person, text: str) -> int:
    return sum(text in (m.text or m.raw.get("caption", "")) for m in person.received)


async def drafted(office: Office, text: str, *buttons: str) -> str:
    await office.say(office.admin, "/siaran")
    await office.say(office.admin, text)
    for button in buttons:
        await office.tap(office.admin, button)
    return told(office.admin)


async def test_a_broadcast_goes_to_all_who_joined_and_tells_the_outcome(office: Office) -> None:
    office.rig.phone(7).block()
    await office.rig.settle()
    preview = await drafted(office, "Rapat & <b>senam</b> besok.", "Semua")
    assert "7 orang" in preview
    assert "8 orang lain belum bergabung" in preview
    assert office.admin.received[-2].text == "Rapat & <b>senam</b> besok."
    assert office.admin.last.labels[:3] == ["Kirim", "Jadwalkan", "Batal"]
    await office.tap(office.admin, "Kirim")
    assert office.admin.last.labels == ["Hentikan"]
    await office.rig.hand.look()
    await office.rig.hand.look()
    assert [got(office.rig.phone(n), "senam") for n in range(1, 8)] == [1] * 6 + [0]
    outcome = told(office.admin)
    assert "Siaran selesai" in outcome
    for line in ("Terkirim: 6", "Memblokir: 1", "Gagal: 0", "Ditunda: 0", "Kedaluwarsa: 0", "Belum bergabung: 8"):
        assert line in outcome
    assert office.admin.last.labels == ["Daftar nama", "Ralat"]
    assert (f"telegram:{ADMIN}", "broadcast") in await office.audited()


async def test_a_second_tap_on_kirim_sends_nothing_twice(office: Office) -> None:
    await drafted(office, "Sekali saja.", "Semua")
    message = office.admin.last
    data = next(b["callback_data"] for b in message.buttons if b["text"] == "Kirim")
    office.admin.press_data(data, message)
    office.admin.press_data(data, message)
    await office.rig.settle()
    await office.rig.hand.look()
    assert await office.rig.one("SELECT count(*) FROM broadcast") == 1
    assert got(office.rig.phone(1), "Sekali") == 1
    assert any("tidak berlaku" in toast for toast in office.admin.toasts)


async def test_batal_and_old_buttons_send_nothing(office: Office) -> None:
    await drafted(office, "Tidak jadi.", "Semua")
    old = office.admin.last
    assert "tidak dikirim" in await office.tap(office.admin, "Batal")
    office.admin.tap("Kirim", old)
    await office.rig.settle()
    assert await office.rig.one("SELECT count(*) FROM broadcast") == 0


async def test_another_command_drops_a_draft_and_says_so(office: Office) -> None:
    await drafted(office, "Rapat besok.", "Semua")
    since = len(office.admin.received)
    await office.say(office.admin, "/status")
    said = [message.text for message in office.admin.received[since:]]
    assert said[0] == "Baik, siaran ini tidak dikirim."
    assert len(said) == 2
    assert "Baik, siaran" not in await office.say(office.admin, "/status")


async def test_a_draft_replaced_in_the_preview_is_what_goes(office: Office) -> None:
    await drafted(office, "Yang lama.", "Semua")
    old = office.admin.last
    await office.say(office.admin, "Yang baru.")
    office.admin.tap("Kirim", old)
    await office.rig.settle()
    assert await office.rig.one("SELECT count(*) FROM broadcast") == 0
    await office.tap(office.admin, "Kirim")
    await office.rig.hand.look()
    assert got(office.rig.phone(1), "Yang baru.") == 1
    assert got(office.rig.phone(1), "Yang lama.") == 0


async def test_units_are_chosen_by_name_and_added_up(office: Office) -> None:
    assert "0 orang" in await drafted(office, "Halo.", "Perangkat daerah", OTHER_UNIT)
    assert "Kirim" not in office.admin.last.labels
    await office.tap(office.admin, "Tambah perangkat daerah")
    preview = await office.tap(office.admin, UNIT)
    assert f"{OTHER_UNIT}; {UNIT}" in preview
    assert "7 orang" in preview
    await office.tap(office.admin, "Kirim")
    audience = json.loads(await office.rig.one("SELECT audience FROM broadcast"))
    assert audience["kind"] == "units"


async def test_a_session_and_the_coordinators_can_be_the_audience(office: Office) -> None:
    preview = await drafted(office, "Untuk peserta sesi.", "Sesi", "17 Nov Ning Ita Sinar ASN")
    assert "7 orang" in preview
    await drafted(office, "Untuk koordinator.", "Koordinator")
    await office.tap(office.admin, "Kirim")
    await office.rig.hand.look()
    assert got(office.coordinator, "Untuk koordinator.") == 1
    assert got(office.rig.phone(1), "Untuk koordinator.") == 0


async def test_belum_menjawab_leaves_out_who_is_done(office: Office) -> None:
    await office.rig.go("2025-11-17 13:00")
    office.rig.phone(1).send("Saya belajar mendengar.")
    office.rig.phone(2).tap("Lewati")
    await office.rig.settle()
    assert "5 orang" in await drafted(office, "Mohon dijawab.", "Belum menjawab")


async def test_a_broadcast_of_the_day_waits_behind_a_touch_unless_it_is_urgent(office: Office) -> None:
    await office.rig.go("2025-11-17 13:00")
    await drafted(office, "Bisa menunggu.", "Semua", "Kirim")
    await office.rig.hand.look()
    assert got(office.rig.phone(1), "Bisa menunggu.") == 0
    assert "Ditunda: 7" in told(office.admin)
    await drafted(office, "Segera.", "Semua")
    assert "mendesak?" in await office.tap(office.admin, "Mendesak")
    assert "Mendesak: dikirim" in await office.tap(office.admin, "Ya")
    await office.tap(office.admin, "Kirim")
    await office.rig.hand.look()
    assert got(office.rig.phone(1), "Segera.") == 1
    assert (f"telegram:{ADMIN}", "broadcast_urgent") in await office.audited()


async def test_a_broadcast_is_scheduled_in_words_and_goes_then(office: Office) -> None:
    await drafted(office, "Besok pagi.", "Semua", "Jadwalkan")
    assert "belum terbaca" in await office.say(office.admin, "kapan-kapan")
    assert "sudah lewat" in await office.say(office.admin, "hari ini 07.00")
    said = await office.say(office.admin, "besok 08.00")
    assert "Selasa, 11 November 2025 pukul 08.00 WIB" in said
    assert office.admin.last.labels == ["Hentikan"]
    await office.rig.go("2025-11-10 16:00")
    assert got(office.rig.phone(1), "Besok pagi.") == 0
    await office.rig.go("2025-11-11 08:00")
    assert got(office.rig.phone(1), "Besok pagi.") == 1
    await office.rig.hand.look()
    assert "Siaran selesai" in told(office.admin)


async def test_hentikan_stops_what_has_not_gone(office: Office) -> None:
    await drafted(office, "Besok.", "Semua", "Jadwalkan")
    await office.say(office.admin, "besok 08.00")
    assert "Siaran dihentikan" in await office.tap(office.admin, "Hentikan")
    assert "Dihentikan: 7" in told(office.admin)
    assert office.admin.last.labels == ["Lanjutkan"]
    await office.rig.go("2025-11-11 09:00")
    assert got(office.rig.phone(1), "Besok.") == 0


async def test_an_album_is_one_broadcast(office: Office) -> None:
    await office.say(office.admin, "/siaran")
    for number in range(3):
        kept = office.rig.box.world.files.keep("photo", Upload("photo", DOT, "image/jpeg"))
        caption = {"caption": "Tiga foto"} if number == 0 else {}
        office.admin._say({"photo": kept.shown, "media_group_id": "42"} | caption)
    await office.rig.settle()
    assert told(office.admin) == "Kepada siapa siaran ini dikirim?"
    await office.tap(office.admin, "Semua")
    await office.tap(office.admin, "Kirim")
    before = len(office.rig.phone(1).received)
    await office.rig.hand.look()
    assert len(office.rig.phone(1).received) == before + 3


async def test_a_document_in_a_draft_is_no_roster(office: Office) -> None:
    await office.say(office.admin, "/siaran")
    office.admin.send_document("undangan.csv", b"NIP;NAMA\n", caption="Undangan")
    await office.rig.settle()
    await office.tap(office.admin, "Semua")
    await office.tap(office.admin, "Kirim")
    await office.rig.hand.look()
    assert office.rig.phone(1).last.raw["document"]["file_name"] == "undangan.csv"


async def test_the_sessions_reminder_by_hand_replaces_the_automatic_ones(office: Office) -> None:
    await office.say(office.admin, "/sesi")
    await office.tap(office.admin, "17 Nov Ning Ita Sinar ASN")
    preview = await office.tap(office.admin, "Pengingat sesi")
    assert "menggantikan pengingat otomatis" in preview
    assert "(nama penerima)" in office.admin.received[-2].text
    await office.tap(office.admin, "Kirim")
    await office.rig.hand.look()
    text = office.rig.phone(1).last.text
    assert "Orang Ke1" in text
    assert "Senin, 17 November 2025, 08.00–11.00 WIB" in text
    rules = await office.rig.rows("SELECT DISTINCT state, reason FROM touchpoint WHERE kind = 'reminder'")
    assert [tuple(row) for row in rules] == [("cancelled", "replaced_by_hand")]
    assert await office.rig.one("SELECT count(*) FROM touch WHERE counts = 1") == 0
    assert (f"telegram:{ADMIN}", "session_reminder") in await office.audited()


async def test_a_stopped_reminder_gives_the_automatic_ones_back(office: Office) -> None:
    await office.say(office.admin, "/sesi")
    await office.tap(office.admin, "17 Nov Ning Ita Sinar ASN")
    await office.tap(office.admin, "Pengingat sesi")
    await office.tap(office.admin, "Jadwalkan")
    assert "sebelum sesi dimulai" in await office.say(office.admin, "17 November 09.00")
    await office.say(office.admin, "16 November 09.00")
    await office.tap(office.admin, "Hentikan")
    rows = await office.rig.rows("SELECT DISTINCT state FROM touchpoint WHERE kind = 'reminder'")
    assert [row["state"] for row in rows] == ["planned"]
    await office.rig.go("2025-11-17 06:45")
    assert "Hari ini" in told(office.rig.phone(1)) or "Ning Ita" in told(office.rig.phone(1))


async def test_a_reminder_of_a_session_that_is_cancelled_meanwhile_does_not_go(office: Office) -> None:
    await office.say(office.admin, "/sesi")
    await office.tap(office.admin, "17 Nov Ning Ita Sinar ASN")
    await office.tap(office.admin, "Pengingat sesi")
    await office.tap(office.admin, "Kirim")
    await office.rig.write(lambda db: sessions.cancel(db, office.rig.clock.now(), office.session.id))
    await office.rig.hand.look()
    await office.rig.hand.look()
    assert got(office.rig.phone(1), "Pengingat:") == 0
    assert "dibatalkan" in told(office.rig.phone(1))
    assert "Siaran selesai" in told(office.admin)
    assert "Dihentikan: 7" in told(office.admin)


async def test_a_notice_to_the_session_cannot_be_turned_into_one_for_all(office: Office) -> None:
    await office.say(office.admin, "/sesi")
    await office.tap(office.admin, "17 Nov Ning Ita Sinar ASN")
    await office.tap(office.admin, "Pengingat sesi")
    key = next(b["callback_data"] for b in office.admin.last.buttons if b["text"] == "Kirim").split(":")[1]
    await office.forge(office.admin, f"baud:{key}:all")
    assert any("tidak berlaku" in toast for toast in office.admin.toasts)
    assert wib("2025-11-10 09:00") == office.rig.clock.now()


async def test_a_copy_says_why_it_came_also_after_a_correction(office: Office) -> None:
    await drafted(office, "Apel besok.", "Semua", "Kirim")
    await office.rig.hand.look()
    await office.rig.hand.look()
    person = office.rig.phone(1)
    assert person.last.labels == ["Mengapa?"]
    await office.tap(office.admin, "Ralat")
    await office.say(office.admin, "Apel lusa.")
    await office.tap(office.admin, "Kirim")
    await office.rig.hand.look()
    await office.rig.hand.look()
    copy = next(m for m in person.received if "Apel lusa" in m.text)
    assert copy.labels == ["Mengapa?"]
    person.tap("Mengapa?", copy)
    await office.rig.settle()
    assert "semua yang bergabung" in person.last.text
    assert "hari dan jam kerja" in person.last.text
    stranger = office.rig.phone(77)
    stranger.start()
    await office.rig.settle()
    stranger.press_data(copy.buttons[0]["callback_data"], stranger.last)
    await office.rig.settle()
    assert "BKPSDM" not in stranger.last.text
