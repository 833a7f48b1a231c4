"""What the preview says before [Kirim]: who, when, and the names that may be named."""

from bot.sandbox.faults import Fault
from tests.conftest import ADMIN
from tests.staff.conftest import Office, told
from tests.staff.test_broadcast import drafted, got
from tests.staff.test_broadcast_followed import listed, passed


async def test_the_first_names_are_shown_and_all_in_a_document(office: Office) -> None:
    preview = await drafted(office, "Halo.", "Semua")
    assert "Antara lain: Orang Ke1; Orang Ke2; Orang Ke3; Orang Ke4; Orang Ke5; dan 2 orang lagi." in preview
    await office.tap(office.admin, "Daftar nama")
    names = listed(office)
    assert "Penerima siaran (7 orang)" in names
    assert "7. Orang Ke7 — Dinas Kesehatan" in names
    assert (f"telegram:{ADMIN}", "broadcast_names") in await office.audited()


async def test_who_has_not_answered_is_a_number(office: Office) -> None:
    await office.rig.go("2025-11-17 13:00")
    preview = await drafted(office, "Mohon dijawab.", "Belum menjawab")
    assert "7 orang" in preview
    assert "Orang Ke" not in preview
    assert "Nama mereka tidak ditampilkan" in preview
    assert "Daftar nama" not in office.admin.last.labels
    key = next(b["callback_data"] for b in office.admin.last.buttons if b["text"] == "Kirim").split(":")[1]
    await office.forge(office.admin, f"bnames:{key}")
    assert "Orang Ke" not in listed(office)


async def test_only_those_are_named_whose_notice_said_so(office: Office) -> None:
    # The settings are frozen once they are read; here the city wants names from now on.
    object.__setattr__(office.rig.config.privacy, "names_unanswered", True)
    await office.rig.join(8, office.session)
    await office.rig.go("2025-11-17 13:00")
    preview = await drafted(office, "Mohon dijawab.", "Belum menjawab")
    assert "8 orang" in preview
    assert "Antara lain: Orang Ke8; dan 7 orang lagi." in preview


async def test_outside_the_hours_it_says_when_it_will_go(office: Office) -> None:
    await office.rig.go("2025-11-14 19:00")
    preview = await drafted(office, "Senin saja.", "Semua")
    assert "mulai terkirim Senin, 17 November 2025 pukul" in preview
    assert "mulai terkirim" not in await office.tap(office.admin, "Mendesak")
    await office.tap(office.admin, "Batal")
    assert "mulai terkirim Senin" in told(office.admin)
    await office.rig.go("2025-11-14 21:00")
    await office.tap(office.admin, "Mendesak")
    assert "mulai terkirim Sabtu, 15 November 2025 pukul 06.30 WIB" in told(office.admin)
    await office.tap(office.admin, "Ya")
    await office.tap(office.admin, "Kirim")
    await passed(office)
    assert got(office.rig.phone(1), "Senin saja.") == 0
    await office.rig.go("2025-11-15 06:31")
    assert got(office.rig.phone(1), "Senin saja.") == 1


async def test_a_reminder_by_hand_takes_the_place_of_one_on_its_way_out(office: Office) -> None:
    """The automatic one is with the outbox, and Telegram is away: whoever gets the one by hand gets no other."""
    office.rig.box.faults.plan(
        Fault.STATUS_BEFORE, "sendMessage", times=7, when=lambda _, raw: int(raw["chat_id"]) != ADMIN, status=500
    )
    await office.rig.go("2025-11-14 13:15")
    waiting = "SELECT count(*) FROM outbox WHERE state = 'waiting' AND template = 'touch'"
    assert await office.rig.one(waiting) == 7
    await office.say(office.admin, "/sesi")
    await office.tap(office.admin, "17 Nov Ning Ita Sinar ASN")
    await office.tap(office.admin, "Pengingat sesi")
    await office.tap(office.admin, "Kirim")
    before = [len(office.rig.phone(n).received) for n in range(1, 8)]
    await office.rig.go("2025-11-14 13:30")
    await passed(office)
    after = [len(office.rig.phone(n).received) for n in range(1, 8)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1] * 7
