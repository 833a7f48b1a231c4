"""Import, then undo: the whole dump of the database is what it was, but for the audit."""

import sqlite3

from bot.domain.roster import RosterRow
from bot.store import imports
from tests.conftest import OTHER_UNIT, UNIT, Rig, nip
from tests.staff.conftest import Office, sent, sheet, told


def row(number: int, unit: str, name: str | None = None, position: str = "Staf") -> RosterRow:
    return RosterRow(number, nip(number), name or f"Orang Ke{number}", position, unit)


# New ones, one in a unit that nobody had; one changed, one moved; the rest of the unit gone.
ROWS = [
    row(1, UNIT, position="Kepala"),
    row(2, OTHER_UNIT),
    row(3, UNIT),
    row(8, UNIT),
    row(80, UNIT),
    row(81, "Dinas Baru"),
]


async def dump(rig: Rig) -> list[str]:
    """Every line of the dump but the audit's; the connection sees what is committed."""
    path = rig.config.storage.path
    await rig.settle()
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return [line for line in db.iterdump() if not line.startswith('INSERT INTO "audit"')]


async def applied(rig: Rig) -> None:
    await rig.write(lambda db: imports.apply(db, rig.clock.now(), "cli", "pegawai.xlsx", ROWS, []))


async def undone(rig: Rig) -> None:
    await rig.write(lambda db: imports.undo(db, rig.clock.now(), "cli"))


def without(lines: list[str], *tables: str) -> list[str]:
    return [line for line in lines if not any(line.startswith(f'INSERT INTO "{table}"') for table in tables)]


async def test_the_dump_is_the_same_byte_for_byte(office: Office) -> None:
    await office.rig.hand.look()
    before = await dump(office.rig)
    await applied(office.rig)
    assert await dump(office.rig) != before
    await undone(office.rig)
    await office.rig.hand.look()
    assert await dump(office.rig) == before
    assert await office.audited() == [("cli", "roster_import"), ("cli", "roster_undo")]


async def test_touches_of_those_who_are_gone_stop_and_come_back(office: Office) -> None:
    """A look in between writes down decisions, which are history; the plan itself is as it was."""
    await office.rig.hand.look()
    before = await dump(office.rig)
    planned = await plan(office)
    await applied(office.rig)
    await office.rig.hand.look()
    stopped = await office.rig.rows(
        "SELECT DISTINCT p.nip, t.reason FROM touchpoint t JOIN person p ON p.id = t.person_id"
        " WHERE t.state = 'cancelled'"
    )
    assert {found["nip"]: found["reason"] for found in stopped} == {
        nip(2): "not_invited",
        **{nip(number): "gone" for number in range(4, 8)},
    }
    tally = await office.rig.summary_of(office.session)
    assert tally["planned"] + tally["cancelled"] == len(planned)
    await undone(office.rig)
    await office.rig.hand.look()
    after = await dump(office.rig)
    assert await plan(office) == planned
    assert without(after, "decision", "touchpoint") == without(before, "decision", "touchpoint")


async def plan(office: Office) -> list[tuple[object, ...]]:
    rows = await office.rig.rows(
        "SELECT id, state, due_at, look_at, unsent_until FROM touchpoint WHERE kind <> 'reminder' ORDER BY id"
    )
    return [tuple(found) for found in rows]


async def test_a_begun_session_stops_for_those_who_are_gone(office: Office) -> None:
    await office.rig.run_until("2025-11-17 14:00")
    await applied(office.rig)
    await office.rig.hand.look()
    rows = await office.rig.rows(
        "SELECT DISTINCT t.reason FROM touchpoint t JOIN person p ON p.id = t.person_id"
        " WHERE p.gone_at IS NOT NULL AND t.state IN ('planned', 'deferred', 'cancelled')"
    )
    assert [found["reason"] for found in rows] == ["gone"]
    heard = len(office.rig.phone(5).received)
    await office.rig.run_until("2025-11-19 18:00")
    assert len(office.rig.phone(5).received) == heard
    await office.rig.run_until("2025-11-18 13:00")


async def test_what_only_an_undo_needs_is_erased_in_the_night_after_its_day(office: Office) -> None:
    kept = "SELECT count(*) FROM roster_change"
    await office.rig.hand.look()
    await applied(office.rig)
    await office.rig.run_until("2025-11-11 03:00")
    assert await office.rig.one(kept) > 0
    await office.rig.run_until("2025-11-12 03:00")
    assert await office.rig.one(kept) == 0


async def test_who_joins_in_between_stays(office: Office) -> None:
    await office.rig.hand.look()
    await applied(office.rig)
    await office.rig.hand.look()
    await office.rig.join(8, office.session)
    newcomer = await office.rig.join(80, office.session)
    assert "bergabung" in told(newcomer)
    await undone(office.rig)
    await office.rig.hand.look()
    rows = await office.rig.rows(
        "SELECT p.nip, p.gone_at IS NOT NULL AS gone FROM account a JOIN person p ON p.id = a.person_id"
        " WHERE p.nip IN (?, ?) ORDER BY p.id",
        nip(8),
        nip(80),
    )
    assert [(found["nip"], found["gone"]) for found in rows] == [(nip(8), 0), (nip(80), 1)]
    assert await office.rig.one("SELECT count(*) FROM unit") == 2


async def test_an_old_undo_button_does_not_undo_a_later_import(office: Office) -> None:
    body = sheet((nip(50), "Nama Lain", OTHER_UNIT))
    await sent(office, body)
    await office.tap(office.admin, "Terapkan")
    old = office.admin.last
    await office.tap(office.admin, "Batalkan impor")
    await office.rig.go("2025-11-10 10:00")
    await sent(office, body)
    await office.tap(office.admin, "Terapkan")
    assert await office.rig.one("SELECT count(*) FROM roster_import") == 1
    office.admin.tap("Batalkan impor", old)
    await office.rig.settle()
    assert await office.rig.one("SELECT count(*) FROM roster_import") == 1
    await office.tap(office.admin, "Batalkan impor")
    assert await office.rig.one("SELECT count(*) FROM roster_import") == 0
