"""In a group the bot is silent: not a word, not a row, whoever speaks and whatever is pressed."""

import pytest

from bot.sandbox import Person
from handlers.wiring import commands
from tests.attacks.test_buttons import world
from tests.conftest import ADMIN, Rig, nip


async def everybody(rig: Rig) -> list[Person]:
    """A participant in the middle of a journey, a coordinator, an admin, a stranger."""
    await rig.add_people(3)
    session = await rig.add_session()
    participant, boss, stranger = await rig.join(1, session), await rig.coordinator(500), rig.phone(9)
    await rig.go("2025-11-17 13:30")
    return [participant, boss, rig.people[ADMIN], stranger]


@pytest.mark.parametrize("number", [-500, -100500])
async def test_a_group_gets_no_message_and_leaves_no_row(rig: Rig, number: int) -> None:
    people = await everybody(rig)
    group = rig.box.group(number, "Dinas")
    before = await world(rig)
    said, came = len(rig.box.world.calls), await rig.one("SELECT count(*) FROM incoming")
    for person in people:
        for name in sorted(commands()):
            person.send(f"/{name} {nip(1)}", group=group)
        person.send("/start abc", group=group)
    await rig.settle()
    assert await rig.one("SELECT count(*) FROM incoming") >= came + len(people) * len(commands())
    assert [message for message in group.chat.visible() if message.from_bot] == []
    assert {name for name, rows in (await world(rig)).items() if rows != before[name]} == set()
    assert {call.method for call in rig.box.world.calls[said:]} <= {"getUpdates"}
    assert await rig.one("SELECT count(*) FROM incoming WHERE state <> 'done'") == 0
