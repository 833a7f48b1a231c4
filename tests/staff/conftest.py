"""A unit with people who have joined, its coordinator, and the admin's phone."""

from dataclasses import dataclass
from typing import Any

import pytest

from bot.sandbox import Person
from bot.store.sessions import Session
from tests.conftest import ADMIN, OTHER_UNIT, UNIT, Rig

COORDINATOR = 500


@dataclass
class Office:
    """The rig, and who does what in it."""

    rig: Rig
    session: Session
    admin: Person
    coordinator: Person

    async def say(self, who: Person, text: str) -> str:
        """Send a text; return what the bot said last."""
        who.send(text)
        await self.rig.settle()
        return told(who)

    async def tap(self, who: Person, button: str) -> str:
        """Tap a button; return what the bot said last."""
        who.tap(button)
        await self.rig.settle()
        return told(who)

    async def forge(self, who: Person, data: str) -> str:
        """Send callback data that was never offered."""
        who.press_data(data, who.last)
        await self.rig.settle()
        return told(who)

    async def unit_id(self, name: str = UNIT) -> int:
        return int(await self.rig.one("SELECT id FROM unit WHERE name = ?", name))

    async def audited(self) -> list[tuple[str, str]]:
        rows = await self.rig.rows("SELECT actor, act FROM audit ORDER BY id")
        return [(row["actor"], row["act"]) for row in rows]


def told(who: Person) -> str:
    """What the bot said last: a text or a caption."""
    return str(who.last.text or who.last.raw.get("caption", ""))


def document(who: Person) -> dict[str, Any]:
    """The newest document that the bot sent."""
    return next(dict(m.raw["document"]) for m in reversed(who.received) if "document" in m.raw)


def sheet(*rows: tuple[str, str, str]) -> bytes:
    """A roster of so many rows: number, name and unit."""
    lines = ["NIP;NAMA;JABATAN;UNOR INDUK NAMA", *(f"{number};{name};Staf;{unit}" for number, name, unit in rows)]
    return "\n".join(lines).encode()


async def sent(office: Office, body: bytes, name: str = "pegawai.csv") -> str:
    """Let the admin send a file; return what the bot said last."""
    office.admin.send_document(name, body, "text/csv")
    await office.rig.settle()
    return told(office.admin)


@pytest.fixture
async def office(rig: Rig) -> Office:
    await rig.add_people(12)
    await rig.add_people(3, OTHER_UNIT, first=50)
    session = await rig.add_session()
    coordinator = await rig.coordinator(COORDINATOR)
    for number in range(1, 8):
        await rig.join(number, session)
    return Office(rig, session, rig.phone(ADMIN) if ADMIN not in rig.people else rig.people[ADMIN], coordinator)
