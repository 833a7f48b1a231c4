"""Through `run`, from outside, over 32 days of wall clock: in time, in order, word for word."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.roster.sample import AGENCY, sample_people, sample_workbook
from bot.sandbox import Stored
from tests.conftest import ADMIN, WIB, wib
from tests.outside.driver import LIBRARIES, Outside, outside

pytestmark = [
    pytest.mark.skipif(not LIBRARIES, reason="needs libfaketime: apt-get install faketime"),
    pytest.mark.timeout(240),
]
PROGRAM = re.compile(r"\{\{|\{%|\bNone\b|Traceback|undefined|<[a-z/]|null|Error\b")
ENGLISH = re.compile(r"\b(the|your|please|error|failed|message|answer|and|is not|click)\b", re.IGNORECASE)
PEOPLE = 12


async def add_session(world: Outside) -> dict[str, Any]:
    found: dict[str, Any] = await world.command(
        "session", "add", "--title", "Ning Ita Sinar ASN", "--place", "Ruang Sabha Mandala Madya",
        "--start", "2025-11-17T08:00", "--end", "2025-11-17T11:00", "--unit", AGENCY,
        "--message", "Melayani dengan hati.",
    )  # fmt: skip
    return found


async def join_everybody(world: Outside, payload: str) -> list[str]:
    """Import the roster, let people join by the session's link; returns their NIPs."""
    nips = [person.nip for person in sample_people(PEOPLE)]
    for number in range(1, PEOPLE - 1):
        world.member(number, answers=1.0 if number < 9 else 0.0)
    for act in ("start", "Setuju", "nip", "Ya"):
        for number, member in world.members.items():
            if act == "start":
                member.person.start(payload)
            elif act == "nip":
                member.person.send(nips[number - 1])
            else:
                member.person.tap(act)
        await world.settle()
    return nips


async def prepared(world: Outside, folder: Path) -> tuple[dict[str, Any], list[str], Any]:
    (folder / "roster.xlsx").write_bytes(sample_workbook(PEOPLE, bad_rows=1))
    dry = await world.command("roster", "import", str(folder / "roster.xlsx"))
    assert (dry["new"], len(dry["refused"])) == (PEOPLE, 1)
    await world.command("roster", "import", str(folder / "roster.xlsx"), "--apply")
    session = await add_session(world)
    invitation = await world.command("coordinator", "invite", "--unit", AGENCY)
    world.start()
    coordinator = world.box.person(500, first_name="Koordinator")
    world.box.person(ADMIN, first_name="Admin").start()
    coordinator.start(invitation["payload"])
    await world.settle()
    coordinator.tap("Setuju")
    await world.settle()
    return session, await join_everybody(world, session["payload"]), coordinator


def said_by_the_bot(world: Outside) -> list[Stored]:
    people = [500, ADMIN, *(1000 + number for number in world.members)]
    return [message for person in people for message in world.box.person(person).received]


def own_data(world: Outside, number: int) -> list[str]:
    person = world.members[number].person
    document = next(
        m for m in reversed(person.received) if m.raw.get("document", {}).get("file_name", "").endswith(".json")
    )
    body = world.box.world.files.by_id(document.raw["document"]["file_id"]).body
    return [row["text"] for row in json.loads(body)["jawaban"]]


async def live_on(world: Outside, days: int) -> None:
    monday = wib("2025-11-17 00:00")
    for day in range(days):
        date = (monday + timedelta(days=day)).astimezone(WIB).date()
        for clock_time in ("06:50", "08:02", "13:17") if date.weekday() == 0 else ("13:17",):
            moment = wib(f"{date} {clock_time}")
            if moment > world.now():
                await world.jump(moment)
                await world.answer_all()


async def test_thirty_two_days_of_wall_clock(tmp_path: Path) -> None:
    async with outside(tmp_path, "2025-11-13 09:00") as world:
        session, nips, coordinator = await prepared(world, tmp_path)
        await world.jump(wib("2025-11-14 13:16"))
        await world.answer_all()
        await live_on(world, 32)

        assert [(r.method, r.description) for r in world.box.world.refused] == []
        pictures = [m for m in coordinator.received if m.raw.get("photo")]
        assert [datetime.fromtimestamp(m.date, WIB).strftime("%a %d") for m in pictures] == [
            "Mon 17", "Mon 24", "Mon 01", "Mon 08", "Mon 15",
        ]  # fmt: skip
        for message in said_by_the_bot(world):
            assert not PROGRAM.search(message.text), message.text
            assert not ENGLISH.search(message.text), message.text
        for nip in nips[:10]:
            _check_touches((await world.command("trace", nip))["touches"])
        for number in range(1, 9):
            world.members[number].person.send("/dataku")
        await world.settle()
        for number in range(1, 9):
            assert sorted(own_data(world, number)) == sorted(world.members[number].said)
        shown = await world.command("session", "show", str(session["id"]))
        touches = shown["touchpoints"]
        states = ("planned", "deferred", "sent", "answered_early", "expired", "cancelled")
        assert sum(touches[state] for state in states) == 10 * 12
        assert touches["answered"] == 8 * 11
        assert (shown["invited"], shown["joined"], shown["state"]) == (PEOPLE, 10, "over")
        summary = await world.command("summary", "--week", "2025-W47", "--unit", AGENCY)
        assert (summary["invited"], summary["joined"]) == (PEOPLE, 10)
        assert (summary["sent"], summary["answered"]) == (10 * 4, 8 * 4)
        assert summary["commitments"] == {"made": 8, "kept": None}
        assert world.stop() == 0


def _check_touches(touches: list[dict[str, Any]]) -> None:
    counted = {t["released"] for t in touches if t["released"] and not t["step"].startswith("kabar")}
    days = [datetime.fromisoformat(released).date() for released in counted]
    assert len(days) == len(set(days))
    for released in counted:
        moment = datetime.fromisoformat(released)
        assert moment.weekday() < 5
        assert 7 <= moment.hour < 17
