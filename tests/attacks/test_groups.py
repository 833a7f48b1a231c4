"""In a group the bot is silent: not a word, not a row, whoever speaks and whatever is pressed."""

from typing import Any

import pytest

from bot.sandbox import Person
from bot.sandbox.refusal import Upload
from handlers.wiring import BUTTONS, commands
from tests.attacks.test_buttons import world
from tests.conftest import ADMIN, UNIT, Rig, nip


async def everybody(rig: Rig) -> list[Person]:
    """A participant in the middle of a journey, a coordinator, an admin, a stranger."""
    await rig.add_people(3)
    session = await rig.add_session()
    participant, boss, stranger = await rig.join(1, session), await rig.coordinator(500), rig.phone(9)
    await rig.go("2025-11-17 13:30")
    return [participant, boss, rig.people[ADMIN], stranger]


def overheard(rig: Rig, number: int, person: Person) -> None:
    """What the bot gets of a group where BotFather's privacy mode is off: words, an edit, a roster."""
    roster = f"NIP;NAMA;JABATAN;UNOR INDUK NAMA\n{nip(50)};Orang Baru;Ahli;{UNIT}".encode()
    document = rig.box.world.files.keep("document", Upload("pegawai.csv", roster, "text/csv")).shown
    chat = {"id": number, "type": "supergroup" if number < -(10**5) else "group", "title": "Dinas"}
    heard: tuple[tuple[str, dict[str, Any]], ...] = (
        ("message", {"text": nip(1)}),
        ("message", {"document": document}),
        ("edited_message", {"text": "Saya menulis ini.", "edit_date": int(rig.clock.now().timestamp())}),
    )
    for n, (kind, content) in enumerate(heard):
        when = int(rig.clock.now().timestamp())
        body = {"message_id": 9_000 + n, "date": when, "chat": chat, "from": person.user, **content}
        rig.box.world.updates.add(kind, body, number, 3600)


@pytest.mark.parametrize("number", [-500, -100500])
async def test_a_group_gets_no_message_and_leaves_no_row(rig: Rig, number: int) -> None:
    people = await everybody(rig)
    group = rig.box.group(number, "Dinas")
    await rig.sinar.bot.send_message(number, "Apa pun")
    (spot,) = group.chat.visible()
    before, came = await world(rig), await rig.one("SELECT count(*) FROM incoming")
    said = len(rig.box.world.calls)
    for person in people:
        for name in sorted(commands()):
            person.send(f"/{name} {nip(1)}", group=group)
        for verb in sorted(BUTTONS):
            person.press_data(f"{verb}:1:1:yes", spot)
        overheard(rig, number, person)
        await rig.settle()
    acts = len(commands()) + len(BUTTONS) + 3
    assert await rig.one("SELECT count(*) FROM incoming") == came + len(people) * acts
    assert [message for message in group.chat.visible() if message.from_bot] == [spot]
    assert {name for name, rows in (await world(rig)).items() if rows != before[name]} == set()
    assert {call.method for call in rig.box.world.calls[said:]} <= {"getUpdates"}
    assert await rig.one("SELECT count(*) FROM incoming WHERE state <> 'done'") == 0
