"""After [Kirim]: reasons, retries of failures alone, going on after a stop, other admins, taken rights."""

from bot.domain.failures import failure
from bot.sandbox.faults import Fault
from tests.conftest import ADMIN
from tests.staff.conftest import Office, told
from tests.staff.test_broadcast import drafted, got

SECOND_ADMIN = 901


async def sent(office: Office, text: str) -> None:
    await drafted(office, text, "Semua", "Kirim")
    await passed(office)


async def passed(office: Office) -> None:
    await office.rig.hand.look()
    await office.rig.hand.look()


def refuse(office: Office, number: int, words: str) -> None:
    chat = office.rig.phone(number).id
    office.rig.box.faults.plan(
        Fault.STATUS_BEFORE,
        "copyMessage",
        when=lambda _, raw: int(raw["chat_id"]) == chat,
        status=400,
        description=f"Bad Request: {words}",
    )


def listed(office: Office) -> str:
    kept = next(m.raw["document"] for m in reversed(office.admin.received) if "document" in m.raw)
    return office.rig.box.world.files.by_id(kept["file_id"]).body.decode("utf-8-sig")


async def test_each_failure_has_a_reason_and_only_failures_are_retried(office: Office) -> None:
    office.rig.phone(7).block()
    office.rig.phone(6).deactivate()
    await office.rig.settle()
    refuse(office, 1, "message can't be copied")
    refuse(office, 2, "SOMETHING_NEW")
    refuse(office, 3, "SOMETHING_NEW")
    await sent(office, "Sekali.")
    outcome = told(office.admin)
    assert "Terkirim: 2" in outcome
    assert "Memblokir: 2 (di antaranya 1 tanpa akun atau obrolan lagi)" in outcome
    assert "Gagal: 3\n• ditolak Telegram dengan alasan lain: 2\n• jenis kiriman ini tidak dapat disalin: 1" in outcome
    assert office.admin.last.labels == ["Ulangi yang gagal", "Daftar nama", "Ralat"]
    card = office.admin.last
    await office.tap(office.admin, "Daftar nama")
    names = listed(office)
    assert "tidak terkirim kepada 5 orang" in names
    assert "Orang Ke1 — Dinas Kesehatan — jenis kiriman ini tidak dapat disalin" in names
    assert "Orang Ke6 — Dinas Kesehatan — akun Telegram sudah dihapus" in names
    assert "Orang Ke4" not in names
    before = len(office.rig.box.world.refused)
    office.admin.tap("Ulangi yang gagal", card)
    await office.rig.settle()
    await passed(office)
    assert [got(office.rig.phone(n), "Sekali.") for n in range(1, 8)] == [1, 1, 1, 1, 1, 0, 0]
    assert len(office.rig.box.world.refused) == before
    assert "Terkirim: 5" in card.text
    assert "Gagal: 0" in card.text
    acts = [act for _, act in await office.audited()]
    assert acts[-3:] == ["broadcast", "broadcast_names", "broadcast_retry"]


async def test_a_stopped_broadcast_goes_on_to_those_whom_it_had_not_reached(office: Office) -> None:
    await drafted(office, "Besok.", "Semua", "Jadwalkan")
    await office.say(office.admin, "besok 08.00")
    office.rig.box.faults.plan(Fault.STATUS_BEFORE, "copyMessage", times=4)
    await office.rig.go("2025-11-11 08:00")
    assert "Siaran dihentikan" in await office.tap(office.admin, "Hentikan")
    reached = [got(office.rig.phone(n), "Besok.") for n in range(1, 8)]
    assert sum(reached) < 7
    assert f"Dihentikan: {7 - sum(reached)}" in told(office.admin)
    await office.rig.go("2025-11-11 09:00")
    assert [got(office.rig.phone(n), "Besok.") for n in range(1, 8)] == reached
    assert "sedang dikirim" in await office.tap(office.admin, "Lanjutkan")
    await passed(office)
    assert [got(office.rig.phone(n), "Besok.") for n in range(1, 8)] == [1] * 7
    assert "Siaran selesai" in told(office.admin)
    assert (f"telegram:{ADMIN}", "broadcast_resume") in await office.audited()


async def test_any_admin_sees_and_stops_it_and_both_cards_say_so(office: Office) -> None:
    office.rig.config.access.admins.append(SECOND_ADMIN)
    second = office.rig.box.person(SECOND_ADMIN, first_name="Admin Dua")
    second.start()
    await drafted(office, "Besok.", "Semua", "Jadwalkan")
    await office.say(office.admin, "besok 08.00")
    await office.say(second, "/siaran")
    await office.tap(second, "Siaran sebelumnya")
    assert "Siaran dijadwalkan" in await office.tap(second, second.last.labels[0])
    assert "Siaran dihentikan" in await office.tap(second, "Hentikan")
    assert "Siaran dihentikan" in told(office.admin)
    assert (f"telegram:{SECOND_ADMIN}", "broadcast_stop") in await office.audited()


async def test_a_revoked_admins_buttons_and_words_do_nothing(office: Office) -> None:
    await drafted(office, "Nanti.", "Semua", "Jadwalkan")
    preview = next(m for m in reversed(office.admin.received) if "Kirim" in m.labels)
    office.rig.config.access.admins.remove(ADMIN)
    office.admin.tap("Kirim", preview)
    await office.rig.settle()
    await office.say(office.admin, "besok 08.00")
    await office.say(office.admin, "besok 08.00")
    assert await office.rig.one("SELECT count(*) FROM broadcast") == 0
    assert await office.rig.one("SELECT count(*) FROM conversation WHERE kind = 'siaran'") == 0


async def test_kirim_of_a_replaced_draft_says_that_nothing_went(office: Office) -> None:
    await drafted(office, "Lama.", "Semua")
    old = office.admin.last
    await office.say(office.admin, "Baru.")
    office.admin.tap("Kirim", old)
    await office.rig.settle()
    assert office.admin.toasts[-1] == "Draf ini sudah tidak berlaku. Tidak ada yang dikirim."


def test_words_that_nobody_knows_are_another_reason() -> None:
    assert failure(None) == "other"
    assert failure("Bad Request: message to edit not found") == "deleted"
