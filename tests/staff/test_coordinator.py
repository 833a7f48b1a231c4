"""The coordinator's way, at the door."""

import io

import openpyxl
import pytest

from bot.store import sessions
from tests.conftest import ADMIN, OTHER_UNIT, UNIT, wib
from tests.staff.conftest import COORDINATOR, Office, document, told


async def answer(office: Office, number: int) -> None:
    person = office.rig.phone(number)
    person.send(f"Saya menyapa tamu lebih dulu, kata orang {number}.")
    await office.rig.settle()


async def a_week_later(office: Office, answering: int = 5) -> None:
    """The session is held, some answer their first reflection, and Monday comes."""
    await office.rig.go("2025-11-17 13:00")
    for number in range(1, answering + 1):
        await answer(office, number)
    await office.rig.run_until("2025-11-24 07:30")


async def test_the_monday_summary_is_a_picture_with_what_to_do(office: Office) -> None:
    await a_week_later(office)
    await office.rig.go("2025-11-24 08:00")
    message = office.coordinator.last
    assert "photo" in message.raw
    caption = message.raw["caption"]
    assert "Ringkasan Dinas Kesehatan" in caption
    assert "Bergabung 7 dari 12 orang" in caption
    assert "Orang Ke8" in caption
    assert message.labels == ["Ingatkan semua", "Unduh XLSX", "Per sesi"]
    assert "Ringkasan Kota Mojokerto" in told(office.admin)
    assert office.admin.last.labels == []


async def test_a_past_week_looks_the_same_each_time(office: Office) -> None:
    await a_week_later(office)
    first = await office.say(office.coordinator, "/ringkasan 2025-W47")
    await answer(office, 6)
    await answer(office, 7)
    for same in ("2025-w47", "17 November 2025", "Rabu, 19 Nov"):
        assert await office.say(office.coordinator, f"/ringkasan {same}") == first


async def test_names_are_shown_in_the_first_two_summaries_only(office: Office) -> None:
    await office.rig.go("2025-12-16 09:00")
    assert "Orang Ke8" in await office.say(office.coordinator, "/ringkasan 2025-W48")
    later = await office.say(office.coordinator, "/ringkasan 2025-W50")
    assert "Orang Ke8" not in later
    assert "Belum bergabung: 5 orang" in later


async def test_a_caption_of_many_names_stays_within_telegrams_length(office: Office) -> None:
    await office.rig.add_people(300, first=100)
    await office.rig.go("2025-11-24 09:00")
    caption = await office.say(office.coordinator, "/ringkasan")
    assert len(caption.encode("utf-16-le")) // 2 <= 1024
    assert "orang lagi" in caption


async def test_few_who_answered_give_no_number_of_the_others(office: Office) -> None:
    await a_week_later(office, answering=2)
    await office.rig.go("2025-11-24 08:00")
    assert "Belum menjawab: jumlahnya tidak ditampilkan." in told(office.coordinator)


async def test_a_week_that_is_not_over_or_none_is_refused_with_an_example(office: Office) -> None:
    for week in ("2025-W46", "2025-W99", "9999-W52", "besok"):
        said = await office.say(office.coordinator, f"/ringkasan {week}")
        assert "/ringkasan 2025-W45" in said


async def test_a_city_command_shows_the_city_or_a_unit_by_name(office: Office) -> None:
    await office.rig.go("2025-11-24 09:00")
    assert "Kota Mojokerto" in await office.say(office.admin, "/ringkasan")
    assert "Ringkasan Satpol PP" in await office.say(office.admin, "/ringkasan 2025-W47 satpol pp")
    assert office.admin.last.labels == ["Ingatkan semua", "Unduh XLSX", "Per sesi"]
    assert "Dinas Kesehatan" in await office.say(office.admin, "/ringkasan dinas kesehat")


async def test_ingatkan_semua_reminds_who_is_open_and_never_who_is_done(office: Office) -> None:
    await office.rig.go("2025-11-17 13:00")
    await answer(office, 1)
    await answer(office, 2)
    unit = await office.unit_id()
    before = {number: len(office.rig.phone(number).received) for number in range(1, 8)}
    said = await office.forge(office.coordinator, f"remindall:{unit}:2025-W46")
    assert "untuk 5 orang atau lebih" in said
    assert "24 jam" in await office.say(office.coordinator, "/ingatkan")
    await office.rig.run_until("2025-11-18 13:30")
    reminded = {
        row["person_id"]
        for row in await office.rig.rows("SELECT person_id FROM touchpoint WHERE reminded_at IS NOT NULL")
    }
    assert len(reminded) == 5
    assert all(len(office.rig.phone(number).received) > count for number, count in before.items() if number > 2)
    assert ("telegram:1500", "remind_all") in await office.audited()


async def test_by_hand_a_step_is_reminded_once_beside_the_automatic_reminder(office: Office) -> None:
    await a_week_later(office, answering=0)
    await office.rig.go("2025-11-24 08:00")
    before = {number: len(office.rig.phone(number).received) for number in range(1, 8)}
    assert "untuk 5 orang atau lebih" in await office.tap(office.coordinator, "Ingatkan semua")
    await office.rig.run_until("2025-11-25 18:00")
    assert all(len(office.rig.phone(number).received) > count for number, count in before.items())
    asked = await office.rig.rows("SELECT touchpoint_id FROM decision WHERE rule = 'asked_by_coordinator'")
    assert len(asked) == len({row["touchpoint_id"] for row in asked})


async def test_a_foreign_unit_is_denied_on_every_button(office: Office) -> None:
    other = await office.unit_id(OTHER_UNIT)
    stranger = await office.rig.one("SELECT id FROM person WHERE unit_id = ?", other)
    for data in (
        f"remindall:{other}:2025-W45",
        f"xlsx:{other}:2025-W45",
        f"persession:{other}:2025-W45",
        f"people:{other}:1",
        f"claimed:{other}:1",
        f"invite:{stranger}",
        "session:1",
        "bstop:1",
        "cinvite:1",
        "imundo:1",
    ):
        assert "tidak tersedia" in await office.forge(office.coordinator, data), data
    assert await office.rig.one("SELECT count(*) FROM invitation") == 0
    participant = office.rig.phone(1)
    own = await office.unit_id()
    assert "tidak tersedia" in await office.forge(participant, f"xlsx:{own}:2025-W45")
    assert "tidak tersedia" in await office.say(participant, "/peserta")


async def test_the_workbook_holds_weeks_and_people_and_no_nip(office: Office) -> None:
    await a_week_later(office)
    await office.say(office.coordinator, "/ekspor")
    kept = document(office.coordinator)
    assert kept["file_name"] == "sinar-dinas-kesehatan-2025-W47.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(office.rig.box.world.files.by_id(kept["file_id"]).body))
    assert book.sheetnames == ["Ringkasan", "Peserta"]
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "Orang Ke8" in cells
    assert not any(cell.startswith("19800101") for cell in cells)
    await office.say(office.admin, "/ekspor")
    assert document(office.admin)["file_name"].startswith("sinar-kota-mojokerto")


async def test_a_workbook_holds_a_year_and_an_older_one_is_had_under_its_summary(office: Office) -> None:
    await office.rig.add_session("2023-10-02 08:00", "2023-10-02 11:00")
    for ask, last in (("/ekspor", "2025-W45"), (f"xlsx:{await office.unit_id()}:2024-W45", "2024-W45")):
        await (office.say if ask.startswith("/") else office.forge)(office.coordinator, ask)
        kept = office.rig.box.world.files.by_id(document(office.coordinator)["file_id"])
        rows = list(openpyxl.load_workbook(io.BytesIO(kept.body))["Ringkasan"].values)
        weeks = [str(row[0]) for row in rows if str(row[0]).startswith("20")]
        assert len(weeks) == 52
        assert weeks == sorted(weeks)
        assert weeks[-1] == last


async def test_of_more_than_twenty_units_it_is_said_at_once_that_the_workbook_comes(office: Office) -> None:
    before = len(office.admin.received)
    await office.say(office.admin, "/ekspor")
    assert ["document" in message.raw for message in office.admin.received[before:]] == [True]
    names = [(f"Dinas Ke-{number}",) for number in range(19)]
    await office.rig.write(lambda db: db.executemany("INSERT INTO unit (name) VALUES (?)", names).rowcount)
    before = len(office.admin.received)
    await office.say(office.admin, "/ekspor")
    first, second = office.admin.received[before:]
    assert "21 perangkat daerah sedang disusun" in first.text
    assert "document" in second.raw


async def test_the_citys_workbook_is_there_once_the_week_is_told_and_follows_its_units(office: Office) -> None:
    names = [(f"Dinas Ke-{number}",) for number in range(20)]
    await office.rig.write(lambda db: db.executemany("INSERT INTO unit (name) VALUES (?)", names).rowcount)
    await a_week_later(office)
    await office.rig.go("2025-11-24 08:00")
    before = len(office.admin.received)
    await office.say(office.admin, "/ekspor")
    assert ["document" in message.raw for message in office.admin.received[before:]] == [True]
    assert "Dinas Ke-19" in await workbook(office)
    await office.rig.write(lambda db: db.execute("UPDATE unit SET name = 'Dinas Baru' WHERE name = 'Dinas Ke-19'"))
    await office.say(office.admin, "/ekspor")
    found = await workbook(office)
    assert "Dinas Baru" in found
    assert "Dinas Ke-19" not in found


async def test_a_workbook_of_an_older_week_does_not_take_the_newest_ones_place(office: Office) -> None:
    await a_week_later(office)
    await office.rig.go("2025-11-24 08:00")
    book, units = office.rig.sinar.city_book, await office.rig.sinar.store.read(sessions.units)
    assert book.is_ready("2025-W47", units)
    older = await book.of("2025-W46")
    assert book.is_ready("2025-W47", units)
    assert older != await book.of("2025-W47")


async def test_weeks_that_were_never_told_are_not_counted_ahead_but_for_who_asks(office: Office) -> None:
    await office.rig.add_session("2025-06-02 08:00", "2025-06-02 11:00")
    await a_week_later(office)
    await office.rig.go("2025-11-24 08:00")
    units = await office.rig.sinar.store.read(sessions.units)
    assert not office.rig.sinar.city_book.is_ready("2025-W47", units)
    assert await office.rig.one("SELECT count(DISTINCT week) FROM weekly") < 5
    await office.say(office.admin, "/ekspor")
    assert office.rig.sinar.city_book.is_ready("2025-W47", units)
    assert await office.rig.one("SELECT count(DISTINCT week) FROM weekly") > 20


async def test_what_cannot_be_made_ahead_holds_up_no_look_and_is_made_when_asked_for(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_week: str) -> None:
        raise ZeroDivisionError

    office.rig.sinar.timetable.week_told = fail
    await a_week_later(office)
    await office.rig.go("2025-11-24 08:00")
    assert "nothing made ahead week=2025-W47" in caplog.text
    assert "look failed" not in caplog.text
    assert await office.rig.one("SELECT count(*) FROM alarm") == 0
    await office.say(office.admin, "/ekspor")
    assert document(office.admin)["file_name"].startswith("sinar-kota-mojokerto")


async def workbook(office: Office) -> set[str]:
    """Return what stands in the cells of the workbook that the admin got last."""
    kept = office.rig.box.world.files.by_id(document(office.admin)["file_id"])
    return {str(cell) for row in openpyxl.load_workbook(io.BytesIO(kept.body))["Rekap"].values for cell in row}


async def test_per_session_tells_who_takes_part(office: Office) -> None:
    unit = await office.unit_id()
    said = await office.forge(office.coordinator, f"persession:{unit}:2025-W45")
    assert "Diundang 12, bergabung 7, tercatat hadir 0" in said


async def test_an_invitation_is_made_by_a_tap_and_lets_that_person_in(office: Office) -> None:
    await office.say(office.coordinator, "/peserta")
    people = next(m for m in office.coordinator.received if "Bergabung 7 dari 12" in (m.text or ""))
    assert "Orang Ke8" in people.text
    office.coordinator.tap("Undang: Orang Ke8", people)
    await office.rig.settle()
    said = told(office.coordinator)
    payload = said.split("start=")[1].split()[0]
    guest = office.rig.phone(8)
    guest.start(payload)
    await office.rig.settle()
    guest.tap("Setuju")
    await office.rig.settle()
    guest.tap("Ya")
    await office.rig.settle()
    assert await office.rig.one("SELECT standing FROM account WHERE telegram_id = ?", guest.id) == "verified"
    assert payload not in str(await office.rig.rows("SELECT facts FROM outbox"))


async def test_bukan_dia_sets_a_claimed_account_loose(office: Office) -> None:
    await office.say(office.coordinator, "/peserta")
    assert "belum dipastikan" in told(office.coordinator)
    await office.tap(office.coordinator, "Bukan dia: Orang Ke3")
    row = (await office.rig.rows("SELECT * FROM account WHERE telegram_id = 1003"))[0]
    assert row["person_id"] is None
    assert row["joined_at"] is None
    assert "dilepas" in told(office.rig.phone(3))
    open_steps = await office.rig.one(
        "SELECT count(*) FROM touchpoint t JOIN person p ON p.id = t.person_id"
        " WHERE p.name = 'Orang Ke3' AND t.state IN ('planned', 'deferred', 'released')"
    )
    assert open_steps == 0
    count = len(office.rig.phone(3).received)
    await office.rig.run_until("2025-11-18 18:00")
    assert len(office.rig.phone(3).received) == count
    assert ("telegram:1500", "not_them") in await office.audited()


async def test_a_revoked_coordinator_gets_no_summary_that_was_queued(office: Office) -> None:
    await a_week_later(office)
    await office.say(office.admin, "/koordinator")
    await office.tap(office.admin, f"Cabut: Orang {COORDINATOR} – {UNIT}")
    await office.tap(office.admin, "Ya")
    assert "berakhir" in told(office.coordinator)
    count = len(office.coordinator.received)
    await office.rig.go("2025-11-24 08:00")
    assert len(office.coordinator.received) == count
    assert "tidak tersedia" in await office.say(office.coordinator, "/ringkasan")
    assert (f"telegram:{ADMIN}", "coordinator_revoke") in await office.audited()
    assert wib("2025-11-24 08:00") == office.rig.clock.now()


async def test_how_many_wait_is_no_number_that_moves_with_each_answer(office: Office) -> None:
    await office.rig.go("2025-11-17 13:00")
    for number in range(1, 6):
        await answer(office, number)
    said = await office.say(office.coordinator, "/ingatkan")
    assert "untuk kurang dari 5 orang" in said
    assert "untuk 2" not in said
    card = await office.forge(office.admin, f"session:{office.session.id}")
    cards = [m.text for m in office.admin.received if "Direncanakan" in (m.text or "")]
    assert len(cards) == 1, card
    assert "dijawab" not in cards[0]


async def test_the_city_less_a_unit_tells_nothing_of_the_other(office: Office) -> None:
    both = await office.rig.add_session("2025-11-18 08:00", "2025-11-18 11:00", units=(UNIT, OTHER_UNIT))
    for number in (50, 51):
        await office.rig.join(number, both)
    await office.rig.go("2025-11-18 13:15")
    for number in (*range(1, 7), 50, 51):
        await answer(office, number)
    await office.rig.run_until("2025-11-24 07:30")
    large = await office.say(office.admin, f"/ringkasan 2025-W47 {UNIT}")
    small = await office.say(office.admin, f"/ringkasan 2025-W47 {OTHER_UNIT}")
    city = await office.say(office.admin, "/ringkasan 2025-W47")
    assert "Menjawab 6 dari" in large or "Menjawab 7 dari" in large
    for hidden in (small, city):
        assert "Menjawab: belum ada, atau tidak ditampilkan" in hidden
        assert "Belum menjawab: jumlahnya tidak ditampilkan" in hidden
    assert "Bergabung 2 dari 3 orang" in small
