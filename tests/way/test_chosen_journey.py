"""What holds for the default journey holds for the others: one person walks each to its end, at the doors."""

from datetime import timedelta

import pytest

from bot.domain.journey import Journey, Kind
from messages.library import load_library
from tests.conftest import ADMIN, Rig
from tests.way.test_journey import live, member

JOURNEYS = load_library().journeys
CHOSEN = [("singkat", "2025-12-03 12:00"), ("pemimpin", "2025-12-20 12:00")]
SILENT = (Kind.REMINDER, Kind.RECAP)


@pytest.mark.parametrize(("journey", "until"), CHOSEN)
async def test_an_eager_person_answers_every_step(rig: Rig, journey: str, until: str) -> None:
    await rig.add_people(6)
    session = await rig.add_session(journey=journey)
    await rig.join(1, session)
    eager = member(rig, 1, knows=1.0, keeps=1.0)
    await live(rig, [eager], until)
    steps = JOURNEYS[journey].steps
    tally = await rig.summary_of(session)
    asking = sum(step.kind not in SILENT for step in steps)
    assert (tally["answered"], tally["sent"]) == (asking, asking + 1)
    assert tally["late"] == tally["skipped"] == tally["expired"] == tally["planned"] == tally["deferred"] == 0
    assert await rig.one("SELECT count(*) FROM commitment WHERE state = 'kept'") == 1
    # The recap card is the last thing that comes, as a picture that says it in words.
    assert eager.person.last.raw["photo"]
    assert session.title in eager.person.last.text
    asked = await rig.rows("SELECT prompt_id FROM question WHERE asks = 'reflection' ORDER BY id")
    sets = [row[0].split("-")[0] for row in asked]
    assert sets == (["awal", "pemimpin", "pemimpin"] if journey == "pemimpin" else ["awal"])
    # Each day has one touch, notices aside.
    days = await rig.rows("SELECT day, count(*) FROM touch WHERE counts = 1 GROUP BY day")
    assert {count for _, count in days} == {1}


@pytest.mark.parametrize("journey", JOURNEYS)
async def test_a_commitment_says_when_it_will_be_asked_about(rig: Rig, journey: str) -> None:
    await rig.add_people(6)
    session = await rig.add_session(journey=journey)
    await rig.join(1, session)
    eager = member(rig, 1)
    await live(rig, [eager], "2025-11-19 08:00")
    made = [m.text for m in eager.person.received if m.text.startswith("Terima kasih. Komitmen Anda")]
    day = "Senin, 24 November 2025" if journey == "singkat" else "Kamis, 27 November 2025"
    assert made == [f"Terima kasih. Komitmen Anda sudah tersimpan. Hasilnya kami tanyakan sekitar {day}."]
    asked = next(m.text for m in eager.person.received if "Nilai mana" in m.text)
    assert ("bersama tim" in asked) == (journey == "pemimpin")
    cue = next(m.text for m in eager.person.received if "Ketika …" in m.text)
    assert ("anggota tim" in cue) == (journey == "pemimpin")


async def test_nothing_comes_to_a_silent_person_after_the_short_journey(rig: Rig) -> None:
    await rig.add_people(6)
    session = await rig.add_session(journey="singkat")
    await rig.join(1, session)
    await rig.run_until("2025-12-05 12:00", step=timedelta(days=1))
    tally = await rig.summary_of(session)
    assert tally["answered"] == tally["planned"] == tally["deferred"] == 0
    assert await rig.one("SELECT max(sent_at) FROM touchpoint") < "2025-12-02"


async def test_the_card_of_a_session_names_its_journey(rig: Rig) -> None:
    await rig.add_people(6)
    session = await rig.add_session(journey="singkat")
    admin = rig.people[ADMIN]
    admin.send("/sesi")
    await rig.settle()
    admin.tap(next(label for label in admin.last.labels if session.title in label))
    await rig.settle()
    card = next(m for m in reversed(admin.received) if "Sentuhan" in m.text)
    assert "Alur: Alur singkat 7 hari" in card.text
    assert session.title in card.text


@pytest.mark.parametrize("journey", JOURNEYS.values(), ids=JOURNEYS)
def test_each_journey_measures_before_and_after_and_ends_with_the_persons_own_card(journey: Journey) -> None:
    kinds = [step.kind for step in journey.steps]
    assert kinds.count(Kind.PREQUIZ) == kinds.count(Kind.POSTQUIZ) == kinds.count(Kind.COMMITMENT) == 1
    assert {Kind.REACTION, Kind.REFLECTION, Kind.QUIZ, Kind.FOLLOWUP, Kind.SELFCHECK} <= set(kinds)
    assert kinds[-1] is Kind.RECAP


async def test_a_reminder_on_the_day_of_a_quiz_is_a_line_above_its_poll(rig: Rig) -> None:
    await rig.add_people(6)
    session = await rig.add_session(journey="singkat")
    person = await rig.join(1, session)
    await rig.go("2025-11-17 13:00")
    person.tap("Lewati")
    await rig.settle()
    await rig.go("2025-11-18 12:15")
    assert "Nilai mana" in person.last.text
    await rig.go("2025-11-19 12:15")
    poll = person.last.poll
    assert poll is not None
    assert "Masih menunggu jawaban Anda: komitmen" in poll["description"]
