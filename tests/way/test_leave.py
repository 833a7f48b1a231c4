"""Leave, not just pause; and the offer to slow down (promise 7), at the doors."""

from datetime import date
from typing import Any

import pytest

from bot.clock import to_text
from bot.store import sessions, touches
from tests.conftest import Rig, wib


async def in_the_first_reflection(rig: Rig) -> Any:
    await rig.add_people(6)
    session = await rig.add_session()
    person = await rig.join(1, session)
    await rig.run_until("2025-11-17 13:00")
    return person


async def instant(rig: Rig, step: str, column: str = "due_at") -> Any:
    return await rig.one(f"SELECT {column} FROM touchpoint WHERE step = ? AND person_id = 1", step)


async def say(rig: Rig, person: Any, text: str) -> str:
    person.send(text)
    await rig.settle()
    return str(person.last.text)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("24-11-2025", "24 November 2025"),
        ("24/11/2025", "24 November 2025"),
        ("24 Nov 2025", "24 November 2025"),
        ("24 nov", "24 November 2025"),
        ("sampai 24 Nov", "24 November 2025"),
        ("sampai 24 November 2025", "24 November 2025"),
        ("7", "24 November 2025"),
        ("7 hari", "24 November 2025"),
        ("31-02-2026", "Sampai tanggal berapa"),
        ("16-11-2025", "Sampai tanggal berapa"),
        ("91", "Sampai tanggal berapa"),
        ("", "Sampai tanggal berapa"),
        ("entah", "Sampai tanggal berapa"),
    ],
)
async def test_a_date_as_people_write_it(rig: Rig, words: str, told: str) -> None:
    person = await in_the_first_reflection(rig)
    assert told in await say(rig, person, f"/jeda {words}".strip())


async def test_the_journey_shifts_by_the_working_days_of_the_leave(rig: Rig) -> None:
    person = await in_the_first_reflection(rig)
    await say(rig, person, "/jeda 24-11-2025")
    assert await instant(rig, "komitmen") == to_text(wib("2025-11-25 12:15"))
    assert await instant(rig, "kuis-a") == to_text(wib("2025-11-27 12:15"))
    assert await instant(rig, "refleksi-nilai") == to_text(wib("2025-12-01 12:15"))
    # What is open waits as well: it was to close on Thursday, a working week later it does.
    assert await instant(rig, "refleksi-pertama", "closes_at") == to_text(wib("2025-11-27 12:15"))
    assert await instant(rig, "refleksi-pertama", "remind_at") == to_text(wib("2025-11-25 12:15"))
    rules = await rig.rows("SELECT DISTINCT rule FROM decision WHERE rule IN ('shifted', 'paused')")
    assert {row[0] for row in rules} == {"shifted", "paused"}


async def test_nothing_comes_in_the_leave_then_one_card_then_one_touch_a_day(rig: Rig) -> None:
    person = await in_the_first_reflection(rig)
    await say(rig, person, "/jeda 24-11-2025")
    count = len(person.received)
    await rig.run_until("2025-11-24 12:00")
    assert len(person.received) == count
    await rig.run_until("2025-11-24 20:00")
    assert len(person.received) == count + 1
    assert "Selamat datang kembali" in person.last.text
    assert person.last.labels == ["Refleksi"]
    await rig.run_until("2025-11-25 20:00")
    assert len(person.received) == count + 2
    counted = await rig.rows("SELECT day FROM touch WHERE counts = 1 ORDER BY id")
    assert [row[0] for row in counted] == ["2025-11-14", "2025-11-17", "2025-11-24", "2025-11-25"]


async def test_the_card_shows_what_waits(rig: Rig) -> None:
    person = await in_the_first_reflection(rig)
    await say(rig, person, "/jeda 24-11-2025")
    await rig.run_until("2025-11-24 13:00")
    person.tap("Refleksi")
    await rig.settle()
    assert "Sesuai permintaan Anda" in person.last.text
    await say(rig, person, "ini jawaban saya")
    assert await rig.one("SELECT answered_at IS NOT NULL FROM touchpoint WHERE step = 'refleksi-pertama'")
    assert await rig.one("SELECT late FROM touchpoint WHERE step = 'refleksi-pertama'") == 0


async def test_steps_of_one_name_are_told_apart_on_the_card(rig: Rig) -> None:
    person = await in_the_first_reflection(rig)
    await rig.add_session(title="Pelayanan Prima")
    await rig.run_until("2025-11-18 13:00")
    await say(rig, person, "/jeda 2")
    await rig.run_until("2025-11-20 13:00")
    labels = person.last.labels
    assert [label for label in labels if label.startswith("Refleksi")] == ["Refleksi 1", "Refleksi 2"]
    assert "Refleksi 2, Pelayanan Prima" in person.last.text
    assert len(labels) == len(set(labels))


async def test_what_was_put_off_is_shown_by_the_card_and_counts_no_second_touch(rig: Rig) -> None:
    person = await in_the_first_reflection(rig)
    await rig.write(lambda db: touches.begin(db, rig.clock.now(), 1, date(2025, 11, 18), "broadcast", counts=True))
    await rig.run_until("2025-11-18 13:00")
    await say(rig, person, "/jeda 2")
    await rig.run_until("2025-11-20 13:00")
    assert "Komitmen" in person.last.labels
    person.tap("Komitmen")
    await rig.settle()
    await rig.hand.look()
    assert "Nilai mana yang ingin Anda wujudkan" in person.last.text
    day = await rig.rows("SELECT count(*) FROM touch WHERE counts = 1 AND day = '2025-11-20'")
    assert day[0][0] == 1


async def test_coming_back_early_takes_the_shift_back(rig: Rig) -> None:
    person = await in_the_first_reflection(rig)
    await say(rig, person, "/jeda 24-11-2025")
    await rig.run_until("2025-11-19 10:00")
    assert "Selamat datang kembali" in await say(rig, person, "/lanjut")
    assert await instant(rig, "komitmen") == to_text(wib("2025-11-20 12:15"))
    assert await instant(rig, "refleksi-pertama", "closes_at") == to_text(wib("2025-11-24 12:15"))
    count = len(person.received)
    await rig.run_until("2025-11-19 20:00")
    assert len(person.received) == count
    await rig.run_until("2025-11-20 20:00")
    assert len(person.received) == count + 1


async def test_a_leave_that_is_made_longer_is_counted_once(rig: Rig) -> None:
    person = await in_the_first_reflection(rig)
    await say(rig, person, "/jeda 24-11-2025")
    await say(rig, person, "/jeda 1-12-2025")
    assert await instant(rig, "komitmen") == to_text(wib("2025-12-02 12:15"))
    assert await instant(rig, "refleksi-pertama", "closes_at") == to_text(wib("2025-12-04 12:15"))


async def test_a_leave_before_a_session_shifts_nothing_of_it(rig: Rig) -> None:
    await rig.add_people(6)
    session = await rig.add_session()
    person = await rig.join(1, session)
    await say(rig, person, "/jeda 14-11-2025")
    await rig.run_until("2025-11-14 16:00")
    assert await instant(rig, "refleksi-pertama") == to_text(wib("2025-11-17 13:00"))
    assert await instant(rig, "komitmen") == to_text(wib("2025-11-18 12:15"))


async def test_a_session_that_moves_in_a_leave_is_planned_around_it(rig: Rig) -> None:
    await rig.add_people(6)
    session = await rig.add_session("2025-11-12 08:00", "2025-11-12 11:00")
    person = await rig.join(1, session)
    await say(rig, person, "/jeda 24-11-2025")
    # The session falls into the leave: its journey begins with the return.
    assert await instant(rig, "refleksi-pertama") == to_text(wib("2025-11-24 13:00"))
    await rig.write(lambda db: sessions.move(db, session.id, wib("2025-11-26 08:00"), wib("2025-11-26 11:00")))
    await rig.hand.look()
    assert await instant(rig, "refleksi-pertama") == to_text(wib("2025-11-26 13:00"))
    assert await instant(rig, "komitmen") == to_text(wib("2025-11-27 12:15"))


async def test_after_three_untouched_touches_slowing_down_is_offered_once(rig: Rig) -> None:
    person = await in_the_first_reflection(rig)
    await rig.run_until("2025-11-24 11:00")
    assert not [message for message in person.received if "Lebih jarang" in message.labels]
    await rig.run_until("2025-11-24 13:00")
    offer = person.last
    assert offer.labels[-3:] == ["Lebih jarang", "Tetap seperti ini", "Jeda dulu"]
    assert "paling banyak satu dalam tujuh hari" in offer.text
    assert await rig.one("SELECT count(*) FROM touch WHERE counts = 1 AND day = '2025-11-24'") == 1
    await rig.run_until("2025-12-20 13:00")
    assert len([message for message in person.received if "Lebih jarang" in message.labels]) == 1


async def test_the_slow_pace_and_the_way_back(rig: Rig) -> None:
    person = await in_the_first_reflection(rig)
    await rig.run_until("2025-11-24 13:00")
    person.tap("Lebih jarang")
    await rig.settle()
    assert person.last.labels == ["Kembali seperti biasa"]
    await rig.run_until("2025-12-16 13:00")
    days = [row[0] for row in await rig.rows("SELECT day FROM touch WHERE counts = 1 AND day >= '2025-11-24'")]
    assert days == ["2025-11-24", "2025-12-01", "2025-12-08", "2025-12-15"][: len(days)]
    assert len(days) >= 2
    assert "lebih jarang" in await say(rig, person, "/pengaturan")
    person.tap("Kembali seperti biasa")
    await rig.settle()
    await say(rig, person, "/pengaturan")
    assert "seperti biasa" in person.last.text
    assert person.last.labels == []
