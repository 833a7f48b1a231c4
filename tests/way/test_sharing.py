"""[Bagikan ke koordinator]: one reflection, on purpose, to the unit's coordinators alone."""

import json

import pytest

from bot.sandbox import Person
from tests.conftest import OTHER_UNIT, Rig

SHARED, PRIVATE = "yang saya bagikan", "yang tetap milik saya"
COORDINATOR, STRANGER = 60, 61


async def reflected(rig: Rig, words: str = SHARED) -> Person:
    await rig.add_people(6)
    await rig.add_people(2, OTHER_UNIT, first=20)
    person = await rig.join(1, await rig.add_session())
    await rig.coordinator(COORDINATOR)
    await rig.coordinator(STRANGER, OTHER_UNIT)
    await rig.go("2025-11-17 13:00")
    person.send(words)
    await rig.settle()
    return person


def heard(rig: Rig, number: int) -> str:
    return "\n".join(message.text for message in rig.phone(number).received)


async def test_only_after_two_taps_and_only_to_the_own_coordinator(rig: Rig) -> None:
    person = await reflected(rig)
    stored = person.last
    person.tap("Bagikan ke koordinator", stored)
    await rig.settle()
    assert SHARED in person.last.text
    assert SHARED not in heard(rig, COORDINATOR)
    question = person.last
    person.tap("Ya", question)
    await rig.settle()
    person.tap("Ya", question)
    await rig.settle()
    assert heard(rig, COORDINATOR).count(SHARED) == 1
    assert "Orang Ke1" in rig.phone(COORDINATOR).last.text
    assert SHARED not in heard(rig, STRANGER)
    # No word waits anywhere but where the writer's own commands read it.
    assert await rig.one("SELECT count(*) FROM outbox WHERE facts LIKE '%' || ? || '%'", SHARED) == 0


async def test_batal_shares_nothing_and_other_answers_stay_private(rig: Rig) -> None:
    person = await reflected(rig, PRIVATE)
    person.tap("Bagikan ke koordinator")
    await rig.settle()
    person.tap("Batal")
    await rig.settle()
    assert PRIVATE not in heard(rig, COORDINATOR)
    assert await rig.one("SELECT count(*) FROM reflection_share") == 0


@pytest.mark.parametrize("verb", ["share", "shareyes"])
async def test_a_forged_tap_shares_nobody_elses_words(rig: Rig, verb: str) -> None:
    await reflected(rig, PRIVATE)
    question = await rig.one("SELECT id FROM question WHERE asks = 'reflection'")
    thief = await rig.join(2, await rig.add_session(start="2025-11-18 08:00", end="2025-11-18 10:00"))
    thief.press_data(f"{verb}:{question}", thief.last)
    await rig.settle()
    rig.phone(COORDINATOR).press_data(f"{verb}:{question}", rig.phone(COORDINATOR).last)
    await rig.settle()
    assert PRIVATE not in heard(rig, 2) + heard(rig, COORDINATOR)
    assert await rig.one("SELECT count(*) FROM reflection_share") == 0


async def test_a_coordinator_who_is_revoked_before_it_goes_does_not_read_it(rig: Rig) -> None:
    person = await reflected(rig)
    person.tap("Bagikan ke koordinator")
    await rig.settle()
    # After 20.00 it waits for the morning.
    await rig.go("2025-11-17 21:00")
    person.tap("Ya")
    await rig.settle()
    await rig.write(lambda db: db.execute("UPDATE coordinator SET state = 'revoked'"))
    await rig.go("2025-11-18 07:00")
    assert SHARED not in heard(rig, COORDINATOR)


async def test_it_stands_in_the_own_data_and_goes_with_it(rig: Rig) -> None:
    person = await reflected(rig)
    person.tap("Bagikan ke koordinator")
    await rig.settle()
    person.tap("Ya")
    await rig.settle()
    person.send("/dataku")
    await rig.settle()
    sent = next(m for m in reversed(person.received) if m.raw.get("document", {}).get("file_name", "").endswith("json"))
    document = json.loads(rig.box.world.files.by_id(sent.raw["document"]["file_id"]).body)
    assert len(document["dibagikan_ke_koordinator"]) == 1
    person.send("/hapus")
    await rig.settle()
    person.tap("Ya")
    await rig.settle()
    assert await rig.one("SELECT count(*) FROM reflection_share") == 0
