"""Old, forged and random buttons, and an account that floods: nothing changes hands, others feel nothing."""

from random import Random
from statistics import median
from time import perf_counter
from typing import Any

import pytest

from bot.sandbox import Person, Stored
from handlers.wiring import BUTTONS
from tests.conftest import ADMIN, Rig, nip
from tests.staff.conftest import Office
from tests.staff.test_broadcast import drafted

PASSING = ("incoming", "outbox")


async def world(rig: Rig) -> dict[str, list[str]]:
    """All that is stored, but for what comes and goes."""

    def read(db: Any) -> dict[str, list[str]]:
        names = [row["name"] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {
            name: sorted(repr(dict(row)) for row in db.execute(f"SELECT * FROM {name}"))
            for name in names
            if name not in PASSING
        }

    return await rig.sinar.store.read(read)


def random_data(chance: Random) -> str:
    """Up to 64 bytes: noise, or a known verb with parts that nobody gave it."""
    part = (
        "1",
        "0",
        "-1",
        "9" * 19,
        "9" * 40,
        "x",
        "",
        "yes",
        "1e3",
        "²",
        "١",
        "\x00",
        "%s",
        "2025-W46",
        "null",
        ";--",
        "é" * 9,
    )
    if chance.random() < 0.3:
        return bytes(chance.randrange(256) for _ in range(chance.randrange(64))).decode("latin-1")[:64]
    parts = [chance.choice([*BUTTONS, ""]), *(chance.choice(part) for _ in range(chance.randrange(5)))]
    return chance.choice([":", ":", ":", "::", ","]).join(parts)[:64]


@pytest.mark.parametrize("presses", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
async def test_random_callback_data_raises_nothing_and_changes_nothing(rig: Rig, presses: int) -> None:
    await rig.add_people(3)
    session = await rig.add_session()
    await rig.join(1, session)
    stranger = rig.phone(9)
    stranger.start()
    await rig.settle()
    before, chance, spot = await world(rig), Random(9), stranger.last
    for n in range(presses):
        stranger.press_data(random_data(chance), spot)
        if n % 100 == 99:
            await rig.settle()
    await rig.settle()
    after = await world(rig)
    assert {name for name in after if after[name] != before[name]} <= {"conversation"}
    assert await rig.one("SELECT count(*) FROM incoming WHERE state <> 'done'") == 0
    assert await rig.one("SELECT count(*) FROM incoming WHERE attempts > 0") == 0


async def collected(office: Office) -> list[tuple[Stored, str]]:
    """Every button that an admin ever got while using everything once."""
    admin = office.admin
    for command in ("/sesi", "/koordinator", "/audit", "/status", "/peserta", "/ringkasan", f"/jejak {nip(1)}"):
        await office.say(admin, command)
        for data in [button["callback_data"] for button in admin.last.buttons if "callback_data" in button][:6]:
            admin.press_data(data, admin.last)
            await office.rig.settle()
    await drafted(office, "Nanti.", "Semua")
    return [
        (message, button["callback_data"])
        for message in admin.received
        for button in message.buttons
        if "callback_data" in button
    ]


async def test_a_revoked_admins_old_buttons_do_nothing(office: Office) -> None:
    old = await collected(office)
    assert len({data.partition(":")[0] for _, data in old}) > 10
    office.rig.config.access.admins.remove(ADMIN)
    before, heard = await world(office.rig), len(office.admin.received)
    for message, data in old:
        office.admin.press_data(data, message)
        await office.rig.settle()
    after = await world(office.rig)
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"conversation"}, changed
    told = "\n".join(message.text for message in office.admin.received[heard:])
    assert "Orang Ke" not in told
    assert "Dinas" not in told


async def answered(rig: Rig, who: Person, flooder: Person | None) -> float:
    """Seconds until one person's command is answered; with a flooder, beside a message of that account."""
    before = len(who.received)
    began = perf_counter()
    if flooder is not None:
        flooder.send("banjir")
    who.send("/bantuan")
    await rig.box.until(lambda: len(who.received) > before, 20)
    return perf_counter() - began


async def test_a_flood_of_one_account_slows_nobody_else(rig: Rig) -> None:
    """Its messages come as fast as others are answered (over 50 a second here), more than a person can send."""
    who, flooder = rig.phone(1), rig.phone(2)
    for person in (who, flooder):
        person.start()
        await rig.settle()
    ratios = []
    for _ in range(3):
        alone = [await answered(rig, who, None) for _ in range(15)]
        beside = [await answered(rig, who, flooder) for _ in range(15)]
        await rig.settle()
        ratios.append(median(beside) / median(alone))
    assert min(ratios) <= 2


@pytest.mark.parametrize("backlog", [150])
async def test_a_backlog_of_one_account_is_not_waited_for(rig: Rig, backlog: int) -> None:
    """Chats are handled side by side: others are answered while most of the backlog still waits."""
    who, flooder = rig.phone(1), rig.phone(2)
    for person in (who, flooder):
        person.start()
        await rig.settle()
    told = len(flooder.received)
    for _ in range(backlog):
        flooder.send("banjir")
    await answered(rig, who, None)
    assert len(flooder.received) - told < backlog / 2
    await rig.settle()
    assert len(flooder.received) - told == backlog
