"""One person's whole way through the default journey, at the doors."""

import json
import random
from datetime import datetime, timedelta

from bot.demo.cast import Habit, Member
from tests.conftest import WIB, Rig, wib


def member(rig: Rig, number: int, **habit: float) -> Member:
    items = rig.sinar.library.items.values()
    key = {item.question: item.correct for item in items}
    return Member(
        rig.phone(number), Habit(**habit), random.Random(number), lambda question: key.get(question.split(" ", 1)[1])
    )


async def live(rig: Rig, members: list[Member], until: str) -> None:
    """Let time pass; everybody answers at once whatever comes."""
    end = wib(until)
    while rig.clock.now() < end:
        planned = await rig.hand.next_moment()
        step = min(end, rig.clock.now() + timedelta(hours=6))
        await rig.hand.move(planned if planned is not None and planned < step else step)
        while [who for who in members if who.act()]:
            await rig.settle()


async def test_joining_by_the_sessions_link(rig: Rig) -> None:
    await rig.add_people(6)
    session = await rig.add_session()
    person = await rig.join(1, session)
    assert "Anda sudah bergabung" in person.last.text
    assert await rig.one("SELECT count(*) FROM account WHERE joined_at IS NOT NULL") == 1


async def test_an_eager_person_answers_every_step(rig: Rig) -> None:
    await rig.add_people(6)
    session = await rig.add_session()
    await rig.join(1, session)
    eager = member(rig, 1, knows=1.0)
    await live(rig, [eager], "2025-12-20 12:00")
    tally = await rig.summary_of(session)
    assert tally["sent"] == sum(tally[key] for key in ("sent", "planned", "deferred", "cancelled", "expired"))
    # All but the recap, which asks nothing.
    assert tally["answered"] == tally["sent"] - 1 == 11
    assert tally["late"] == tally["skipped"] == 0


async def test_every_answer_is_in_the_own_data_word_for_word_and_once(rig: Rig) -> None:
    await rig.add_people(6)
    session = await rig.add_session()
    await rig.join(1, session)
    eager = member(rig, 1)
    await live(rig, [eager], "2025-12-20 12:00")
    eager.person.send("catatan <b>tanpa</b> pertanyaan & tanda")
    await rig.settle()
    eager.person.send("/dataku")
    await rig.settle()
    document = next(
        m for m in reversed(eager.person.received) if m.raw.get("document", {}).get("file_name", "").endswith(".json")
    )
    body = rig.box.world.files.by_id(document.raw["document"]["file_id"]).body
    texts = [row["text"] for row in json.loads(body)["jawaban"]]
    assert sorted(texts) == sorted([*eager.said, "catatan <b>tanpa</b> pertanyaan & tanda"])


async def test_a_silent_person_gets_one_touch_a_day_in_hours_and_one_reminder(rig: Rig) -> None:
    await rig.add_people(6)
    session = await rig.add_session()
    person = await rig.join(1, session)
    joined = len(person.received)
    await rig.run_until("2025-12-24 12:00")
    unasked = [datetime.fromtimestamp(message.date, WIB) for message in person.received[joined:]]
    days = [moment.date() for moment in unasked]
    notices = {wib("2025-11-14 13:15").astimezone(WIB).date(), wib("2025-11-17 06:45").astimezone(WIB).date()}
    assert all(day.weekday() < 5 for day in days)
    doubled = {day for day in days if days.count(day) > 1}
    assert doubled <= notices
    reminded = await rig.one("SELECT count(*) FROM touchpoint WHERE reminded_at IS NOT NULL")
    assert reminded == 7
    tally = await rig.summary_of(session)
    assert tally["answered"] == 0
    assert tally["sent"] == 9
    assert tally["cancelled"] == 2


async def test_a_double_tap_counts_once(rig: Rig) -> None:
    await rig.add_people(6)
    session = await rig.add_session()
    person = await rig.join(1, session)
    await rig.go("2025-11-17 13:00")
    message = person.last
    data = next(button["callback_data"] for button in message.buttons if button["text"] == "4")
    person.press_data(data, message)
    person.press_data(data, message)
    await rig.settle()
    assert [tuple(row) for row in await rig.rows("SELECT score FROM reaction")] == [(4,)]
    assert "4" not in message.labels


async def test_words_before_the_tap_are_an_answer(rig: Rig) -> None:
    await rig.add_people(6)
    session = await rig.add_session()
    await rig.join(1, session)
    eager = member(rig, 1)
    await live(rig, [eager], "2025-11-26 12:00")
    await rig.go("2025-11-27 12:15")
    eager.person.send("Sudah saya coba dua kali.")
    await rig.settle()
    assert eager.person.last.labels == ["Sudah", "Belum", "Berubah"]
    eager.person.tap("Belum")
    await rig.settle()
    row = (await rig.rows("SELECT answered_at IS NOT NULL FROM touchpoint WHERE step = 'tindak-lanjut-pertama'"))[0]
    assert tuple(row) == (1,)
    assert await rig.one("SELECT outcome FROM commitment_check") == "not_yet"


async def test_writing_first_begins_a_commitment(rig: Rig) -> None:
    await rig.add_people(6)
    session = await rig.add_session()
    person = await rig.join(1, session)
    await rig.go("2025-11-17 13:00")
    await rig.go("2025-11-18 12:15")
    person.send("antrean panjang")
    await rig.settle()
    assert "Lewati" not in person.last.labels
    person.tap("Adaptif")
    await rig.settle()
    person.send("menawarkan nomor antrean")
    await rig.settle()
    assert "Ketika antrean panjang, saya akan menawarkan nomor antrean." in person.last.text
    person.tap("Ya")
    await rig.settle()
    assert await rig.one("SELECT state FROM commitment") == "made"
