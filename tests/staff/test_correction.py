"""[Ralat]: what was delivered is edited in place, what is still to go goes corrected."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bot.sandbox import Person
from bot.sandbox.faults import Fault
from bot.sandbox.files import Upload
from bot.sandbox.pictures import DOT
from tests.conftest import ADMIN
from tests.staff.conftest import Office, told
from tests.staff.test_broadcast import drafted, got
from tests.staff.test_broadcast_followed import passed, sent

BOLD = [{"type": "bold", "offset": 0, "length": 5}]


def photo(office: Office) -> list[dict[str, Any]]:
    shown = office.rig.box.world.files.keep("photo", Upload("photo", DOT, "image/jpeg")).shown
    assert isinstance(shown, list)
    return shown


async def says(office: Office, **content: Any) -> None:
    office.admin._say(content)
    await office.rig.settle()


async def album(office: Office, order: tuple[int, ...] = (0, 1, 2)) -> list[list[dict[str, Any]]]:
    """Three photos, the second with a caption; their updates come in `order`."""
    photos = [photo(office) for _ in range(3)]
    captions: list[dict[str, Any]] = [{}, {"caption": "Kedua dari tiga", "caption_entities": BOLD}, {}]
    posts = [
        office.rig.box.world.post(
            office.admin._chat, {"photo": shown, "media_group_id": "42"} | caption, office.admin.user
        )
        for shown, caption in zip(photos, captions, strict=True)
    ]
    for number in order:
        office.rig.box.world.report("message", posts[number])
    await office.rig.settle()
    return photos


def pictures(person: Person) -> list[tuple[str, str, str]]:
    """The photos a person got: which, with what caption, in which album."""
    return [
        (m.raw["photo"][-1]["file_unique_id"], m.raw.get("caption", ""), m.raw.get("media_group_id", ""))
        for m in person.received
        if "photo" in m.raw and "Ringkasan" not in m.text
    ]


async def until(office: Office, what: Callable[[], Awaitable[object]], wanted: object) -> None:
    """Wait for something while sends are under way, asked whenever the server saw a change."""
    async with asyncio.timeout(10):
        while await what() != wanted:
            await office.rig.box.world.bell.heard(0.02)


async def asked(office: Office, words: str) -> bool:
    return words in told(office.admin)


async def touched_today(office: Office, but: tuple[int, int]) -> None:
    """All have had their touch of the day but two, so that the next broadcast waits for the others."""
    await sent(office, "Kiriman pertama.")
    await office.rig.write(
        lambda db: db.execute(
            "DELETE FROM touch WHERE person_id IN (SELECT person_id FROM account WHERE telegram_id IN (?, ?))", but
        )
    )


async def test_a_text_is_corrected_in_place_with_its_formatting(office: Office) -> None:
    await sent(office, "Rapat pukul 08.00.")
    copy = office.rig.phone(1).last
    office.rig.phone(2).last.deleted = True
    office.rig.phone(3).block()
    await office.rig.settle()
    assert "tulisan yang benar" in await office.tap(office.admin, "Ralat")
    await says(office, text="Rapat pukul 09.00.", entities=BOLD)
    assert office.admin.received[-2].raw["entities"] == BOLD
    assert "Diubah di obrolan 6 orang" in told(office.admin)
    assert "1 orang memblokir" in told(office.admin)
    await office.tap(office.admin, "Kirim")
    await passed(office)
    assert (copy.text, copy.raw["entities"], copy.edits) == ("Rapat pukul 09.00.", BOLD, 1)
    assert [got(office.rig.phone(n), "Rapat") for n in range(1, 8)] == [1, 0, 1, 1, 1, 1, 1]
    assert office.rig.phone(3).last.text == "Rapat pukul 08.00."
    card = told(office.admin)
    assert "Ralat selesai" in card
    assert "Diperbaiki: 5 dari 7" in card
    assert "Memblokir: 1\nTidak dapat diperbaiki: 1\n• pesannya sudah dihapus di obrolan penerima: 1" in card
    assert (f"telegram:{ADMIN}", "broadcast_correct") in await office.audited()


async def test_a_second_ralat_and_a_replaced_correction(office: Office) -> None:
    await sent(office, "Satu.")
    await office.tap(office.admin, "Ralat")
    await office.say(office.admin, "Dua.")
    old = office.admin.last
    await office.say(office.admin, "Tiga.")
    office.admin.tap("Kirim", old)
    await office.rig.settle()
    assert "Tidak ada yang diubah" in office.admin.toasts[-1]
    await office.tap(office.admin, "Kirim")
    await passed(office)
    assert office.rig.phone(1).last.text == "Tiga."
    await office.tap(office.admin, "Ralat")
    await office.say(office.admin, "Empat.")
    await office.tap(office.admin, "Kirim")
    await passed(office)
    assert [office.rig.phone(n).last.text for n in range(1, 8)] == ["Empat."] * 7
    assert "Ralat ke-2 selesai" in told(office.admin)
    assert await office.rig.one("SELECT count(*) FROM audit WHERE act = 'broadcast_correct'") == 2


async def test_who_had_not_got_it_gets_the_corrected_one(office: Office) -> None:
    await touched_today(office, but=(1001, 1002))
    await drafted(office, "Lama.", "Semua", "Kirim")
    await passed(office)
    assert [got(office.rig.phone(n), "Lama.") for n in (1, 2, 3)] == [1, 1, 0]
    await office.tap(office.admin, "Ralat")
    await office.say(office.admin, "Baru.")
    assert "5 orang yang belum menerimanya mendapat yang sudah diralat" in told(office.admin)
    await office.tap(office.admin, "Kirim")
    await office.rig.go("2025-11-11 13:00")
    await passed(office)
    assert [got(office.rig.phone(n), "Baru.") for n in range(1, 8)] == [1] * 7
    assert [got(office.rig.phone(n), "Lama.") for n in range(1, 8)] == [0] * 7


async def test_a_copy_that_was_on_the_wire_is_corrected_once_it_has_arrived(office: Office) -> None:
    await drafted(office, "Lama.", "Semua", "Kirim")
    office.rig.box.faults.latency = lambda method: 1.5 if method == "copyMessage" else 0.0
    looking = asyncio.create_task(office.rig.hand.look())
    leased = "SELECT count(*) FROM outbox WHERE state = 'leased' AND template = 'broadcast_copy'"
    await until(office, lambda: office.rig.one(leased), 7)
    office.admin.press_data(f"bfix:{await office.rig.one('SELECT max(id) FROM broadcast')}", office.admin.last)
    await until(office, lambda: asked(office, "tulisan yang benar"), True)
    office.admin.send("Baru.")
    await until(office, lambda: asked(office, "Begini siaran"), True)
    office.admin.tap("Kirim")
    await looking
    office.rig.box.faults.clear()
    await passed(office)
    assert [office.rig.phone(n).last.text for n in range(1, 8)] == ["Baru."] * 7
    assert "Diperbaiki: 7 dari 7" in told(office.admin)


async def test_a_photo_gets_another_caption_and_then_another_photo(office: Office) -> None:
    await office.say(office.admin, "/siaran")
    await says(office, photo=photo(office), caption="Undangan lama")
    await office.tap(office.admin, "Semua")
    await office.tap(office.admin, "Kirim")
    await passed(office)
    copy = office.rig.phone(1).last
    first = copy.raw["photo"]
    await office.tap(office.admin, "Ralat")
    await says(office, text="Undangan baru", entities=BOLD)
    await office.tap(office.admin, "Kirim")
    await passed(office)
    assert (copy.raw["photo"], copy.raw["caption"], copy.raw["caption_entities"]) == (first, "Undangan baru", BOLD)
    await office.tap(office.admin, "Ralat")
    second = photo(office)
    await says(office, photo=second, caption="Gambar baru")
    await office.tap(office.admin, "Kirim")
    await passed(office)
    assert (copy.raw["photo"][-1], copy.raw["caption"]) == (second[-1], "Gambar baru")
    assert "caption_entities" not in copy.raw


async def test_a_text_cannot_become_a_photo(office: Office) -> None:
    await sent(office, "Teks.")
    await office.tap(office.admin, "Ralat")
    await says(office, photo=photo(office))
    assert "tidak dapat menggantikan" in told(office.admin)
    assert "tidak diubah" in await office.tap(office.admin, "Batal")
    assert office.rig.phone(1).last.edits == 0


async def test_a_document_that_replaces_one_is_no_roster(office: Office) -> None:
    await office.say(office.admin, "/siaran")
    office.admin.send_document("undangan.csv", b"NIP;NAMA\n")
    await office.rig.settle()
    await office.tap(office.admin, "Semua")
    await office.tap(office.admin, "Kirim")
    await passed(office)
    await office.tap(office.admin, "Ralat")
    office.admin.send_document("undangan-2.csv", b"NIP;NAMA;UNIT\n", caption="Yang benar")
    await office.rig.settle()
    await office.tap(office.admin, "Kirim")
    await passed(office)
    copy = office.rig.phone(1).last
    assert (copy.raw["document"]["file_name"], copy.raw["caption"]) == ("undangan-2.csv", "Yang benar")


async def test_ralat_is_stopped_and_said_so(office: Office) -> None:
    await sent(office, "Satu.")
    await office.tap(office.admin, "Ralat")
    await office.say(office.admin, "Dua.")
    office.rig.box.faults.plan(
        Fault.STATUS_BEFORE, "editMessageText", times=7, when=lambda _, raw: raw["text"] == "Dua."
    )
    await office.tap(office.admin, "Kirim")
    assert "Ralat sedang berjalan" in told(office.admin)
    await office.tap(office.admin, "Hentikan")
    assert "Ralat dihentikan" in told(office.admin)
    assert "Tidak diperbaiki karena dihentikan: 7" in told(office.admin)
    await office.rig.go("2025-11-10 10:00")
    assert office.rig.phone(1).last.text == "Satu."


async def test_an_album_keeps_order_captions_and_its_being_one(office: Office) -> None:
    await office.say(office.admin, "/siaran")
    photos = await album(office, order=(2, 0, 1))
    await office.tap(office.admin, "Semua")
    await office.tap(office.admin, "Kirim")
    await passed(office)
    wanted = [
        (shown[-1]["file_unique_id"], caption)
        for shown, caption in zip(photos, ("", "Kedua dari tiga", ""), strict=True)
    ]
    got_album = pictures(office.rig.phone(1))
    assert [one[:2] for one in got_album] == wanted
    assert len({one[2] for one in got_album}) == 1
    assert got_album[0][2]
    assert office.rig.phone(1).received[-2].raw["caption_entities"] == BOLD
    ids = await office.rig.one("SELECT message_ids FROM broadcast_target ORDER BY id")
    assert len(ids.split(",")) == 3


async def test_an_album_piece_is_corrected_also_for_those_who_get_it_later(office: Office) -> None:
    await touched_today(office, but=(1001, 1001))
    await office.say(office.admin, "/siaran")
    photos = await album(office)
    await office.tap(office.admin, "Semua")
    await office.tap(office.admin, "Kirim")
    await passed(office)
    assert "Kiriman ke berapa" in await office.tap(office.admin, "Ralat")
    await office.tap(office.admin, "Kiriman ke-3")
    await office.say(office.admin, "Keterangan ketiga")
    await office.tap(office.admin, "Kirim")
    await office.rig.go("2025-11-11 13:00")
    await passed(office)
    captions = ["", "Kedua dari tiga", "Keterangan ketiga"]
    for number in (1, 2):
        shown = pictures(office.rig.phone(number))
        assert [one[:2] for one in shown] == [
            (p[-1]["file_unique_id"], c) for p, c in zip(photos, captions, strict=True)
        ]
        assert len({one[2] for one in shown}) == 1


async def test_an_album_that_replaces_a_draft_is_shown_once_and_whole(office: Office) -> None:
    await drafted(office, "Teks.", "Semua")
    old = office.admin.last
    before = len(office.admin.received)
    await album(office, order=(1, 2, 0))
    assert len(office.admin.received) == before
    await office.rig.go("2025-11-10 09:01")
    assert len(office.admin.received) == before + 4
    assert [one[1] for one in pictures(office.admin)][-3:] == ["", "Kedua dari tiga", ""]
    office.admin.tap("Kirim", old)
    await office.rig.settle()
    assert await office.rig.one("SELECT count(*) FROM broadcast") == 0
    await office.tap(office.admin, "Kirim")
    await passed(office)
    assert len(pictures(office.rig.phone(1))) == 3
