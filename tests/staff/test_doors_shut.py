"""Every button and every command, by everybody who has no right to it: nothing changes, nobody's name is told.

Buttons and commands are taken from the code, so that a new one is tried by itself. The ids are those of
another unit: its world is made first, so that its session, unit, people, accounts, touches, coordinator,
broadcast and import all have the lowest ones.
"""

import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from bot.sandbox import Person
from bot.store import accounts, sessions
from handlers import admin as admin_handlers
from handlers.wiring import BUTTONS, commands
from messages.keyboards_people import MOVE_LABEL
from tests.conftest import ADMIN, OTHER_UNIT, UNIT, Rig, nip

MARKER = "rahasia-hati-7391"
WRITER, COLLEAGUE, BOSS = 1, 2, 20
# What ends the own account comes last, for it would make all that follows a stranger's.
LAST = ("eraseask", "erase", "hapus", "berhenti")
# Arrivals and answers; who may get which of these is what the second look is for.
PASSING = frozenset({"incoming", "outbox"})


@dataclass
class City:
    """Two units; the first is whose doors are tried."""

    rig: Rig
    admin: Person
    key: int

    async def try_everything(self, who: Person, *, thoroughly: bool = False) -> None:
        """Press every verb and type every command, with ids, a NIP and a unit of the first unit's world."""
        spot = who.last
        for number, data in enumerate(self._buttons(thoroughly)):
            who.press_data(data, spot)
            if number % 100 == 99:
                await self.rig.settle()
        await self.rig.settle()
        words = ("", f" {nip(WRITER)}", f" {UNIT}") if thoroughly else (f" {nip(WRITER)}",)
        for name in sorted(commands(), key=lambda name: (name in LAST, name)):
            for said in words:
                who.send(f"/{name}{said}")
        await self.rig.settle()

    def _buttons(self, thoroughly: bool) -> Iterable[str]:
        for verb in sorted(BUTTONS, key=lambda verb: (verb in LAST, verb)):
            yield f"{verb}:1:1:yes"
            if thoroughly:
                yield f"{verb}:{self.key}:1:yes"
                yield f"{verb}:1:2025-W46"

    async def world(self) -> dict[str, list[str]]:
        """All that is stored, but for what comes and goes."""

        def read(db: Any) -> dict[str, list[str]]:
            names = [row["name"] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            return {
                name: [repr(dict(row)) for row in db.execute(f"SELECT * FROM {name}")]
                for name in sorted(names)
                if name not in PASSING
            }

        return await self.rig.sinar.store.read(read)

    async def changed(self, before: dict[str, list[str]]) -> dict[str, list[str]]:
        """What is not as it was, by table: rows that came or went."""
        after = await self.world()
        return {
            table: sorted(set(rows) ^ set(before[table]))
            for table, rows in after.items()
            if set(rows) != set(before[table])
        }


def heard(who: Person, since: int) -> str:
    """All that the bot said to somebody after the first `since` messages: texts, captions, buttons, pop-ups."""
    news = [m for m in who.received if m.raw["message_id"] > since]
    return "\n".join([*(str(m.raw) for m in news), *who.toasts])


def newest(who: Person) -> int:
    return max((m.raw["message_id"] for m in who.chat), default=0)


def names_told(words: str) -> set[str]:
    """The first unit's people and its name, as far as they stand in what was said."""
    return set(re.findall(r"Orang Ke\d\b", words)) | ({UNIT} if UNIT in words else set())


@pytest.fixture
async def city(rig: Rig) -> City:
    """A unit whose people have written, promised, and are being moved; an admin in the middle of things."""
    await rig.add_people(6)
    session = await rig.add_session()
    await rig.coordinator(BOSS)
    writer = await rig.join(WRITER, session)
    await rig.join(COLLEAGUE, session)
    await rig.add_people(3, OTHER_UNIT, first=50)
    other = await rig.add_session(units=(OTHER_UNIT,), title="Sesi lain")
    await rig.join(50, other)
    await rig.go("2025-11-17 13:30")
    writer.send(f"Saya menulis {MARKER} pertama.")
    await rig.run_until("2025-11-18 13:00")
    writer.tap("Kompeten")
    await rig.settle()
    for words in (f"Ketika {MARKER} kedua", f"menyapa {MARKER} ketiga"):
        writer.send(words)
        await rig.settle()
    writer.tap("Ya")
    await rig.settle()
    thief = rig.phone(60)
    thief.start(session.payload)
    await rig.settle()
    thief.tap("Setuju")
    await rig.settle()
    thief.send(nip(COLLEAGUE))
    await rig.settle()
    thief.tap(MOVE_LABEL)
    await rig.settle()
    admin = rig.people[ADMIN]
    admin.send("/siaran")
    admin.send("Siaran untuk semua")
    await rig.settle()
    admin.tap("Semua")
    await rig.settle()
    admin.tap("Kirim")
    await rig.settle()
    lines = ["NIP;NAMA;JABATAN;UNOR INDUK NAMA", *(f"{nip(n)};Orang Ke{n};Ahli;{UNIT}" for n in range(1, 7))]
    admin.send_document("pegawai.csv", "\n".join(lines).encode(), "text/csv")
    await rig.settle()
    admin.tap("Terapkan")
    await rig.settle()
    admin.press_data(f"attend:{session.id}", admin.last)
    await rig.settle()
    await rig.run_until("2025-11-18 14:00")
    found = await rig.sinar.store.read(lambda db: accounts.conversation(db, ADMIN))
    assert found is not None
    return City(rig, admin, found[1]["key"])


async def stranger(city: City) -> Person:
    person = city.rig.phone(70)
    person.start()
    await city.rig.settle()
    return person


async def member_of_another_unit(city: City) -> Person:
    return city.rig.phone(50)


async def coordinator_of_another_unit(city: City) -> Person:
    return await city.rig.coordinator(71, OTHER_UNIT)


async def revoked_coordinator(city: City) -> Person:
    person = await city.rig.coordinator(72)
    number = await city.rig.one("SELECT max(id) FROM coordinator")
    await city.rig.write(lambda db: accounts.revoke_coordinator(db, city.rig.clock.now(), number))
    return person


async def removed_admin(city: City) -> Person:
    """Somebody who was an admin, in the middle of taking attendance; and a participant of nothing."""
    person = city.rig.phone(73)
    person.start()
    await city.rig.settle()
    return person


async def invited_and_not_agreed(city: City) -> Person:
    """A coordinator's link was opened; [Setuju] was not pressed."""
    rig = city.rig

    def work(db: Any) -> str:
        return accounts.invite_coordinator(db, rig.clock.now(), sessions.unit_id(db, OTHER_UNIT))[1]

    person = rig.phone(74)
    person.start(await rig.write(work))
    await rig.settle()
    return person


OUTSIDERS = (
    stranger,
    member_of_another_unit,
    coordinator_of_another_unit,
    revoked_coordinator,
    removed_admin,
    invited_and_not_agreed,
)


async def test_no_button_and_no_command_opens_another_units_door(city: City) -> None:
    for role in OUTSIDERS:
        who, name = await role(city), role.__name__
        others = {person: newest(person) for person in city.rig.people.values() if person is not who}
        since, before = newest(who), await city.world()
        seats = await city.rig.rows(
            "SELECT c.id FROM coordinator c JOIN account a ON a.id = c.account_id WHERE a.telegram_id = ?", who.id
        )
        # Who has a right of the own gets further inside.
        await city.try_everything(who, thoroughly=role in (member_of_another_unit, coordinator_of_another_unit))
        changed = await city.changed(before)
        foreign = {
            table: [row for row in rows if not own(row, table, who, [seat[0] for seat in seats])]
            for table, rows in changed.items()
        }
        assert {table: rows for table, rows in foreign.items() if rows} == {}, name
        words = heard(who, since)
        assert names_told(words) == set(), name
        assert MARKER not in words, name
        assert len(words.splitlines()) > len(commands()), name
        assert {person.id for person, seen in others.items() if newest(person) > seen} <= TOLD_OF_A_CORRECTION, name


# /perbaiki is a wish that the admins are told of; it is the one word that reaches somebody else.
TOLD_OF_A_CORRECTION = {ADMIN}


def own(row: str, table: str, who: Person, seats: list[int]) -> bool:
    """Whether a row is one's own, or of the unit that one coordinates or belongs to (the second one)."""
    if str(who.id) in row:
        return table != "audit" or ("unit:1" not in row and "person:1" not in row)
    people = {1050: (7,), 1071: (7, 8, 9)}.get(who.id, ())
    if any(f"'person_id': {person}," in row or f"'person_id': {person}}}" in row for person in people):
        return True
    # The own seat is given up with the own account.
    if table == "coordinator":
        return any(row.startswith(f"{{'id': {seat},") for seat in seats)
    return table in ("decision", "weekly", "fact", "shown") and "'unit_id': 1," not in row and bool(people)


@pytest.mark.parametrize("kind", sorted(admin_handlers.CONVERSATIONS))
async def test_a_conversation_begun_as_admin_ends_with_the_right(city: City, kind: str) -> None:
    who = await removed_admin(city)
    data = {"key": 1, "session": 1, "stage": "title", "query": "", "lines": None, "review": False, "messages": []}
    now = city.rig.clock.now()
    await city.rig.write(lambda db: accounts.set_conversation(db, now, who.id, kind, data | {"group": None}))
    since, before = newest(who), await city.world()
    who.send("Orang")
    await city.rig.settle()
    assert names_told(heard(who, since)) == set()
    assert {table: len(rows) for table, rows in (await city.changed(before)).items()} == {"conversation": 1}


async def test_what_somebody_wrote_reaches_the_writer_alone(city: City) -> None:
    """Also those who have every right use everything: their own unit, the whole city."""
    rig = city.rig
    for who in (city.admin, rig.phone(BOSS), rig.phone(COLLEAGUE), rig.phone(60)):
        await city.try_everything(who)
    await rig.run_until("2025-11-24 09:00")
    writer = rig.phone(WRITER)
    assert MARKER in str([m.raw for m in writer.chat])
    for person in rig.people.values():
        if person is not writer:
            assert MARKER not in str([m.raw for m in person.chat]), person.id
            assert MARKER not in str(person.toasts)
            for body in documents(rig, person):
                assert MARKER.encode() not in body, person.id


def documents(rig: Rig, who: Person) -> Iterable[bytes]:
    """What the documents hold that the bot has sent to somebody; of workbooks, each part."""
    for message in who.received:
        if "document" in message.raw:
            body = rig.box.world.files.by_id(message.raw["document"]["file_id"]).body
            yield body
            if zipfile.is_zipfile(io.BytesIO(body)):
                with zipfile.ZipFile(io.BytesIO(body)) as parts:
                    yield from (parts.read(name) for name in parts.namelist())
