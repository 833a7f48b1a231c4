"""Imports in the store: applied whole, undone without a trace."""

import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.clock import to_text
from bot.domain.roster import Difference, Refusal, RefusalCode, RosterRow
from bot.store import imports, roster
from bot.store.roster import NothingToUndo, UndoFault
from tests.roster.files import nip

NOW = datetime(2025, 11, 17, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)


def row(count: int, unit: str = "Dinas Kesehatan", **changes: str | None) -> RosterRow:
    facts: dict[str, str | None] = {"name": f"Orang {count}", "position": "Analis", "phone": None}
    return RosterRow(count + 1, nip(count), unit=unit, **(facts | changes))  # type: ignore[arg-type]


def load(db: sqlite3.Connection, rows: list[RosterRow], now: datetime = NOW) -> Difference:
    diff = roster.difference(db, rows)
    roster.apply(db, diff, now, "admin:7", "pegawai.xlsx")
    return diff


def dump(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    tables = ("unit", "person", "roster_change", "roster_import")
    return [tuple(line) for table in tables for line in db.execute(f"SELECT * FROM {table} ORDER BY id")]


def join(db: sqlite3.Connection, count: int) -> None:
    db.execute(
        "INSERT INTO account (telegram_id, person_id, consented_at, notice_version) VALUES (?, ?, ?, '1')",
        (1000 + count, person_id(db, count), to_text(NOW)),
    )


def person_id(db: sqlite3.Connection, count: int) -> int:
    return int(db.execute("SELECT id FROM person WHERE nip = ?", (nip(count),)).fetchone()[0])


def test_a_first_import(db: sqlite3.Connection) -> None:
    refused = [Refusal(9, RefusalCode.NIP_MISSING)]
    diff = roster.difference(db, [row(1, phone="6281200000001"), row(2, "dinas  KESEHATAN"), row(3, "BPBD")], refused)
    import_id = roster.apply(db, diff, NOW, "admin:7", "pegawai.xlsx")
    done = dict(db.execute("SELECT * FROM roster_import WHERE id = ?", (import_id,)).fetchone())
    assert done == {
        "id": import_id,
        "applied_at": to_text(NOW),
        "applied_by": "admin:7",
        "file_name": "pegawai.xlsx",
        "new": 3,
        "changed": 0,
        "moved": 0,
        "gone": 0,
        "refused": 1,
        "undone_at": None,
    }
    assert [unit["name"] for unit in db.execute("SELECT name FROM unit")] == ["Dinas Kesehatan", "BPBD"]
    known = roster.known(db)
    assert known[nip(1)].phone == "6281200000001"
    assert known[nip(2)].unit == "Dinas Kesehatan"
    assert roster.difference(db, [row(1), row(2), row(3, "bpbd")]) == Difference()


def test_every_kind_of_change(db: sqlite3.Connection) -> None:
    load(db, [row(1, phone="6281"), row(2), row(3), row(4, "BPBD")])
    diff = load(db, [row(1, position="Kepala"), row(2, "Inspektorat"), row(5)], LATER)
    assert (len(diff.new), len(diff.changed), len(diff.moved), len(diff.gone)) == (1, 1, 1, 1)
    known = roster.known(db)
    assert (known[nip(1)].position, known[nip(1)].phone) == ("Kepala", "6281")
    assert known[nip(2)].unit == "Inspektorat"
    assert [known[nip(count)].gone for count in (1, 2, 3, 4, 5)] == [False, False, True, False, False]


def test_who_comes_back_keeps_the_row(db: sqlite3.Connection) -> None:
    load(db, [row(1), row(2)])
    before = person_id(db, 2)
    load(db, [row(1)])
    load(db, [row(1), row(2, "BPBD", name="Nama Baru")], LATER)
    again = roster.known(db)[nip(2)]
    assert (again.person_id, again.name, again.unit, again.gone) == (before, "Nama Baru", "BPBD", False)
    roster.undo(db, LATER)
    assert roster.known(db)[nip(2)].gone


def test_undoing_leaves_no_trace(db: sqlite3.Connection) -> None:
    load(db, [row(1, phone="6281"), row(2), row(3), row(4, "BPBD")])
    before = dump(db)
    load(db, [row(1, position="Kepala"), row(2, "Inspektorat"), row(5, "Unit Baru"), row(6)], LATER)
    assert dump(db) != before
    result = roster.undo(db, LATER + timedelta(hours=23))
    assert (result.removed, result.restored, result.kept) == (2, 3, 0)
    assert result.file_name == "pegawai.xlsx"
    assert dump(db) == before


def test_imports_are_undone_one_after_the_other(db: sqlite3.Connection) -> None:
    states = [dump(db)]
    for rows in ([row(1), row(2)], [row(2, "BPBD")], [row(1, name="Lain"), row(3, "BPBD")]):
        load(db, rows)
        states.append(dump(db))
    for state in reversed(states[:-1]):
        roster.undo(db, LATER)
        assert dump(db) == state
    with pytest.raises(NothingToUndo) as raised:
        roster.undo(db, LATER)
    assert raised.value.code is UndoFault.NO_IMPORT


def test_after_a_day_there_is_no_undo(db: sqlite3.Connection) -> None:
    load(db, [row(1)])
    roster.forget_changes(db, NOW + timedelta(hours=24))
    with pytest.raises(LookupError, match="24 hours"):
        roster.undo(db, NOW + timedelta(hours=24, seconds=1))
    assert roster.forget_changes(db, NOW + timedelta(hours=24, seconds=1)) == 2
    assert roster.known(db)[nip(1)]


def test_who_has_joined_meanwhile_is_kept_as_gone(db: sqlite3.Connection) -> None:
    load(db, [row(1), row(2), row(3, "BPBD")])
    join(db, 2)
    result = roster.undo(db, LATER)
    assert (result.removed, result.restored, result.kept) == (2, 0, 1)
    known = roster.known(db)
    assert list(known) == [nip(2)]
    assert known[nip(2)].gone
    assert [unit["name"] for unit in db.execute("SELECT name FROM unit")] == ["Dinas Kesehatan"]
    assert db.in_transaction


def test_who_was_deleted_meanwhile_stays_deleted(db: sqlite3.Connection) -> None:
    load(db, [row(1), row(2)])
    load(db, [row(1, name="Lain"), row(2)])
    db.execute("DELETE FROM person WHERE nip = ?", (nip(1),))
    assert roster.undo(db, LATER).restored == 0
    assert list(roster.known(db)) == [nip(2)]


def test_a_unit_that_figures_were_shown_of_is_kept(db: sqlite3.Connection) -> None:
    load(db, [row(1, "BPBD"), row(2)])
    unit_id = db.execute("SELECT id FROM unit WHERE name = 'bpbd'").fetchone()[0]
    db.execute("INSERT INTO weekly VALUES ('2025-W46', ?, '{}', ?)", (unit_id, to_text(NOW)))
    roster.undo(db, LATER)
    assert [unit["name"] for unit in db.execute("SELECT name FROM unit")] == ["BPBD"]


def test_twenty_thousand_people(db: sqlite3.Connection) -> None:
    rows = [row(count, f"Unit {count % 35}") for count in range(20_000)]
    diff = load(db, rows)
    assert len(diff.new) == 20_000
    assert roster.undo(db, LATER).removed == 20_000
    assert dump(db) == []


rosters = st.lists(
    st.builds(
        row,
        st.integers(1, 8),
        st.sampled_from(["A", "a ", "B", "C"]),
        name=st.sampled_from(["Budi", "Siti"]),
        phone=st.sampled_from([None, "6281200000001"]),
    ),
    max_size=10,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(rosters, min_size=1, max_size=4))
def test_any_imports_apply_once_and_undo_to_what_was(db: sqlite3.Connection, steps: list[list[RosterRow]]) -> None:
    db.execute("SAVEPOINT example")
    states = []
    for rows in steps:
        states.append(dump(db))
        load(db, rows)
        again = roster.difference(db, rows)
        assert (again.new, again.changed, again.moved, again.gone) == ((), (), (), ())
    for state in reversed(states):
        roster.undo(db, LATER)
        assert dump(db) == state
    db.execute("ROLLBACK TO example")
    db.execute("RELEASE example")


def test_who_changed_after_the_comparison_is_compared_again(db: sqlite3.Connection) -> None:
    load(db, [row(1), row(2), row(3)])
    rows = [row(1, position="Kepala"), row(2), row(3)]
    before = roster.compared(db, rows)
    assert [change.after.nip for change in before.difference.changed] == [nip(1)]
    # Meanwhile the second has got another name.
    db.execute("UPDATE person SET name = 'Lain' WHERE nip = ?", (nip(2),))
    _, found = imports.apply(db, LATER, "admin:7", "pegawai.xlsx", rows, [], before)
    assert [change.after.nip for change in found.changed] == [nip(1), nip(2)]
    assert roster.known(db)[nip(2)].name == "Orang 2"
    assert [json.loads(line["before"])["name"] for line in db.execute(CHANGES)][-1] == "Lain"


def test_a_comparison_that_still_holds_is_carried_out(db: sqlite3.Connection) -> None:
    load(db, [row(1), row(2)])
    rows = [row(1, "BPBD"), row(3)]
    before = roster.compared(db, rows)
    _, found = imports.apply(db, LATER, "admin:7", "pegawai.xlsx", rows, [], before)
    assert found is before.difference
    assert roster.difference(db, rows) == Difference()


CHANGES = "SELECT before FROM roster_change WHERE kind = 'changed' ORDER BY id"
