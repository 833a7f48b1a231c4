"""The roster in the store: who is known, what an import changes, and its undoing within a day.

Every function works on a connection inside a transaction that the caller opened and ends.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.clock import from_text, to_text
from bot.domain.roster import Change, Difference, Known, Refusal, RosterRow, compare, name_key

UNDO_WITHIN = timedelta(hours=24)


class UndoFault(StrEnum):
    """Why there is nothing to undo."""

    NO_IMPORT = "no_import"
    TOO_OLD = "too_old"


class NothingToUndo(LookupError):
    """No import can be undone; `code` says why."""

    def __init__(self, code: UndoFault) -> None:
        self.code = code
        super().__init__(_UNDO_REASONS[code])


_UNDO_REASONS = {
    UndoFault.NO_IMPORT: "There is no import to undo.",
    UndoFault.TOO_OLD: "The last import is older than 24 hours and can no longer be undone.",
}


@dataclass(frozen=True, slots=True)
class UndoResult:
    """What an undo did, in persons; `kept`: new ones that something refers to, now marked gone."""

    import_id: int
    file_name: str
    removed: int
    restored: int
    kept: int


Everybody = list[tuple[int, str, str, str, str, str | None, str | None]]


def everybody(db: sqlite3.Connection) -> Everybody:
    """Return the roster's people, those gone too: id, NIP, name, position, unit, phone, and since when gone."""
    cursor = db.cursor()
    # Plain tuples, which are compared with those of another moment.
    cursor.row_factory = None
    return cursor.execute(
        "SELECT person.id, nip, person.name, position, unit.name, phone, gone_at"
        " FROM person JOIN unit ON unit.id = person.unit_id ORDER BY person.id"
    ).fetchall()


def known(db: sqlite3.Connection) -> dict[str, Known]:
    """Everybody of the roster by NIP, those gone too."""
    return _known(everybody(db))


def _known(people: Everybody) -> dict[str, Known]:
    return {
        nip: Known(person_id, nip, name, position, unit, phone, gone_at is not None)
        for person_id, nip, name, position, unit, phone, gone_at in people
    }


@dataclass(frozen=True)
class Compared:
    """What a file would change, and the roster that it was compared with."""

    people: Everybody
    difference: Difference


def compared(db: sqlite3.Connection, rows: Iterable[RosterRow], refused: Iterable[Refusal] = ()) -> Compared:
    """Compare a file's rows with the store."""
    people = everybody(db)
    return Compared(people, compare(_known(people), rows, refused))


def difference(db: sqlite3.Connection, rows: Iterable[RosterRow], refused: Iterable[Refusal] = ()) -> Difference:
    """Compare a file's rows with the store."""
    return compared(db, rows, refused).difference


def apply(db: sqlite3.Connection, diff: Difference, now: datetime, by: str, file_name: str) -> int:
    """Carry a difference out and return the import's id.

    `diff` must have been taken in the same transaction, else it may speak of what is no longer so.
    """
    moment = to_text(now)
    counts = (len(diff.new), len(diff.changed), len(diff.moved), len(diff.gone), len(diff.refused))
    import_id = _insert(
        db,
        "INSERT INTO roster_import"
        " (applied_at, applied_by, file_name, new, changed, moved, gone, refused)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (moment, by, file_name, *counts),
    )
    units = _Units(db, import_id)
    _add(db, import_id, [(row, units.find_or_add(row.unit)) for row in diff.new], moment)
    for kind, changes in (("changed", diff.changed), ("moved", diff.moved)):
        _update(db, import_id, kind, [(change, units.find_or_add(change.after.unit)) for change in changes])
    gone = [person.person_id for person in diff.gone]
    _record(db, import_id, "gone", gone)
    db.executemany("UPDATE person SET gone_at = ? WHERE id = ?", [(moment, person_id) for person_id in gone])
    return import_id


def undo(db: sqlite3.Connection, now: datetime) -> UndoResult:
    """Put back what the latest import replaced, and forget the import.

    Persons it brought are deleted; those whom something refers to by now are marked gone instead. Raises
    NothingToUndo, a LookupError: there is none, or it is older than 24 hours.
    """
    latest = latest_import(db)
    if latest is None:
        raise NothingToUndo(UndoFault.NO_IMPORT)
    if now - from_text(latest["applied_at"]) > UNDO_WITHIN:
        raise NothingToUndo(UndoFault.TOO_OLD)
    moment = to_text(now)
    removed = restored = kept = 0
    units: list[int] = []
    changes = db.execute(
        "SELECT person_id, kind, before FROM roster_change WHERE import_id = ? ORDER BY id DESC",
        (latest["id"],),
    ).fetchall()
    for change in changes:
        if change["kind"] == _UNIT:
            units.append(json.loads(change["before"])["id"])
        elif change["before"] is not None:
            restored += _restore(db, json.loads(change["before"]))
        elif _delete(db, "DELETE FROM person WHERE id = ?", change["person_id"]):
            removed += 1
        else:
            db.execute("UPDATE person SET gone_at = ? WHERE id = ?", (moment, change["person_id"]))
            kept += 1
    for unit_id in units:
        # Shown figures name their unit by number alone: its number must not pass to another unit.
        _delete(db, "DELETE FROM unit WHERE id = ? AND id NOT IN (SELECT unit_id FROM weekly)", unit_id)
    db.execute("DELETE FROM roster_change WHERE import_id = ?", (latest["id"],))
    # Who imported and who took it back is the audit's to tell; else all is as if the import had never been.
    db.execute("DELETE FROM roster_import WHERE id = ?", (latest["id"],))
    return UndoResult(latest["id"], latest["file_name"], removed, restored, kept)


def latest_import(db: sqlite3.Connection) -> sqlite3.Row | None:
    """Return the latest import (id, applied_at, file_name), or None."""
    found: sqlite3.Row | None = db.execute(
        "SELECT id, applied_at, file_name FROM roster_import WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return found


def forget_changes(db: sqlite3.Connection, now: datetime) -> int:
    """Erase what only an undo needs, once its day is over; returns the number of rows."""
    return db.execute(
        "DELETE FROM roster_change WHERE import_id IN (SELECT id FROM roster_import WHERE applied_at < ?)",
        (to_text(now - UNDO_WITHIN),),
    ).rowcount


_UNIT = "unit"


class _Units:
    """Units by name as the rules compare names; records the ones that an import adds."""

    def __init__(self, db: sqlite3.Connection, import_id: int) -> None:
        self._db = db
        self._import_id = import_id
        self._ids = {name_key(row["name"]): int(row["id"]) for row in db.execute("SELECT id, name FROM unit")}

    def find_or_add(self, name: str) -> int:
        """Return the unit's id; the first spelling is kept."""
        key = name_key(name)
        if key not in self._ids:
            unit_id = _insert(self._db, "INSERT INTO unit (name) VALUES (?)", (" ".join(name.split()),))
            self._ids[key] = unit_id
            self._db.execute(
                "INSERT INTO roster_change (import_id, kind, before) VALUES (?, ?, ?)",
                (self._import_id, _UNIT, json.dumps({"id": unit_id})),
            )
        return self._ids[key]


def _add(db: sqlite3.Connection, import_id: int, rows: Sequence[tuple[RosterRow, int]], moment: str) -> None:
    """Insert people, each with the unit's id, or bring back those who had gone."""
    gone = dict(db.execute("SELECT nip, id FROM person WHERE gone_at IS NOT NULL").fetchall())
    _record(db, import_id, "new", [gone[row.nip] for row, _ in rows if row.nip in gone])
    db.executemany(
        "UPDATE person SET name = ?, position = ?, unit_id = ?, phone = ?, gone_at = NULL WHERE id = ?",
        [(row.name, row.position, unit_id, row.phone, gone[row.nip]) for row, unit_id in rows if row.nip in gone],
    )
    added = [(row, unit_id) for row, unit_id in rows if row.nip not in gone]
    db.executemany(
        "INSERT INTO person (nip, name, position, unit_id, phone, added_at) VALUES (?, ?, ?, ?, ?, ?)",
        [(row.nip, row.name, row.position, unit_id, row.phone, moment) for row, unit_id in added],
    )
    db.executemany(
        "INSERT INTO roster_change (import_id, person_id, kind) SELECT ?, id, 'new' FROM person WHERE nip = ?",
        [(import_id, row.nip) for row, _ in added],
    )


def _update(db: sqlite3.Connection, import_id: int, kind: str, changes: Sequence[tuple[Change, int]]) -> None:
    _record(db, import_id, kind, [change.before.person_id for change, _ in changes])
    db.executemany(
        "UPDATE person SET name = ?, position = ?, unit_id = ?, phone = ? WHERE id = ?",
        [
            (change.after.name, change.after.position, unit_id, change.after.phone, change.before.person_id)
            for change, unit_id in changes
        ],
    )


def _record(db: sqlite3.Connection, import_id: int, kind: str, person_ids: Iterable[int]) -> None:
    """Keep people's rows as they are now, for an undo."""
    db.executemany(
        "INSERT INTO roster_change (import_id, person_id, kind, before) SELECT ?, id, ?, json_object('id', id,"
        " 'nip', nip, 'name', name, 'position', position, 'unit_id', unit_id, 'phone', phone, 'added_at', added_at,"
        " 'gone_at', gone_at) FROM person WHERE id = ?",
        [(import_id, kind, person_id) for person_id in person_ids],
    )


def _restore(db: sqlite3.Connection, before: dict[str, object]) -> int:
    """Write a person's row back; one who was deleted meanwhile stays deleted."""
    return db.execute(
        "UPDATE person SET nip = :nip, name = :name, position = :position, unit_id = :unit_id,"
        " phone = :phone, added_at = :added_at, gone_at = :gone_at WHERE id = :id",
        before,
    ).rowcount


def _delete(db: sqlite3.Connection, statement: str, row_id: int) -> bool:
    """Delete a row unless something refers to it."""
    try:
        with _savepoint(db):
            db.execute(statement, (row_id,))
    except sqlite3.IntegrityError:
        return False
    return True


@contextmanager
def _savepoint(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("SAVEPOINT roster")
    try:
        yield
    except sqlite3.Error:
        db.execute("ROLLBACK TO roster")
        raise
    finally:
        db.execute("RELEASE roster")


def _insert(db: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> int:
    row_id = db.execute(statement, values).lastrowid
    assert row_id is not None
    return row_id
