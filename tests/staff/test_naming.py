"""Names of people who have not answered: only where the city says so, and of those who agreed to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.config import Privacy
from tests.conftest import ADMIN, Rig, rigged
from tests.staff.conftest import Office


@pytest.fixture
async def naming(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path, privacy=Privacy(names_unanswered=True)) as rig:
        yield rig


async def a_week(rig: Rig, *, answering: int, joining: int = 9, older: int = 0) -> Office:
    """People join, some of them (the last `older`) by a notice from before the switch; the week passes."""
    await rig.add_people(12)
    session = await rig.add_session()
    coordinator = await rig.coordinator(500)
    for number in range(1, joining + 1):
        await rig.join(number, session)

    def before_the_switch(db: object) -> None:
        db.execute("UPDATE account SET notice_version = '2026-11' WHERE telegram_id > ?", (1000 + joining - older,))  # type: ignore[attr-defined]

    await rig.write(before_the_switch)
    await rig.go("2025-11-17 13:00")
    for number in range(1, answering + 1):
        rig.phone(number).send(f"Saya mendengarkan dahulu {number}.")
        await rig.settle()
    await rig.run_until("2025-11-24 07:30")
    return Office(rig, session, rig.people[ADMIN], coordinator)


async def test_who_agreed_is_named_with_the_number_of_all(naming: Rig) -> None:
    office = await a_week(naming, answering=5, joining=9)
    caption = await office.say(office.coordinator, "/ringkasan")
    assert "Belum menjawab: Orang Ke1; Orang Ke2" in caption
    assert "(seluruhnya 9 orang)" in caption
    naming.phone(1).send("/privasi")
    await naming.settle()
    assert "nama yang belum menjawab" in naming.phone(1).last.text


async def test_who_agreed_before_the_switch_is_not_named_nor_pointed_at(naming: Rig) -> None:
    office = await a_week(naming, answering=5, joining=9, older=2)
    caption = await office.say(office.coordinator, "/ringkasan")
    line = next(line for line in caption.splitlines() if line.startswith("Belum menjawab"))
    assert "Orang Ke7" in line
    assert "Orang Ke8" not in line
    assert "seluruhnya" not in line
    naming.phone(9).send("/privasi")
    await naming.settle()
    assert "nama yang belum menjawab" not in naming.phone(9).last.text


async def test_a_notice_read_before_the_switch_is_what_was_agreed_to(naming: Rig) -> None:
    await naming.add_people(1)
    session = await naming.add_session()
    person = naming.phone(1)
    person.start(session.payload)
    await naming.settle()
    assert "nama yang belum menjawab" in person.last.text
    person.press_data(f"agree:{session.payload}", person.last)
    await naming.settle()
    assert await naming.one("SELECT notice_version FROM account WHERE telegram_id = 1001") == "2026-11"


async def test_without_the_switch_nobody_is_named(rig: Rig) -> None:
    office = await a_week(rig, answering=5, joining=9)
    await rig.write(lambda db: db.execute("UPDATE account SET notice_version = '2026-11+names'"))
    caption = await office.say(office.coordinator, "/ringkasan")
    line = next(line for line in caption.splitlines() if line.startswith("Belum menjawab"))
    assert line == "Belum menjawab: 9 orang."
