"""`roster`, `invite`, `trace`, `coordinator`: who is who."""

import sqlite3
from pathlib import Path
from typing import Any

from bot.cli.context import ACTOR, Context, find_unit
from bot.cli.output import Refused, Result, fields, table
from bot.domain.nip import clean_nip, nip_fault
from bot.domain.roster import Difference, compare, settle
from bot.roster.errors import RosterFileError
from bot.roster.reading import read_roster
from bot.store import accounts, facts, imports, ledger, people, roster
from bot.store.people import Person


def import_roster(context: Context) -> Result:
    """Compare a file with the roster, and with --apply carry the difference out."""
    path, applied = Path(context.given.file), bool(context.given.apply)
    today = context.now.astimezone(context.config.schedule.zone).date()
    try:
        rows, refused = read_roster(path, today)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or error}; name the roster's XLSX, XLS, ODS or CSV file") from None
    except RosterFileError as error:
        return _imported(Difference(), applied=False, code=1, faults=[f"{path}: {error}"])

    def apply(db: sqlite3.Connection) -> Difference:
        return imports.apply(db, context.now, ACTOR, path.name, rows, refused)[1]

    if not settle(rows)[0]:
        fault = f"{path}: no row can be taken over; mend the rows named and bring the file in again"
        return _imported(compare({}, rows, refused), applied=False, code=1, faults=[fault])
    if applied:
        return _imported(context.write(apply), applied=True)
    with context.database() as db:
        return _imported(roster.difference(db, rows, refused), applied=False)


def _imported(found: Difference, *, applied: bool, code: int = 0, faults: list[str] | None = None) -> Result:
    numbers = {name: len(getattr(found, name)) for name in ("new", "changed", "moved", "gone")}
    refused = [{"row": refusal.row, "reason": refusal.reason} for refusal in found.refused]
    lines = fields(numbers | {"refused": len(refused)})
    lines += [f"  row {refusal['row']}: {refusal['reason']}" for refusal in refused]
    if not code:
        hint = "applied; `roster undo` takes it back for 24 hours" if applied else "nothing is changed yet: add --apply"
        lines.append(hint)
    return Result(numbers | {"refused": refused, "applied": applied}, lines, code, faults or [])


def undo_roster(context: Context) -> Result:
    """Put back what the latest import replaced."""

    def work(db: sqlite3.Connection) -> roster.UndoResult:
        return imports.undo(db, context.now, ACTOR)

    try:
        undone = context.write(work)
    except roster.NothingToUndo as error:
        raise Refused(str(error)) from None
    document = {
        "import": undone.import_id,
        "file": undone.file_name,
        "removed": undone.removed,
        "restored": undone.restored,
        "kept": undone.kept,
    }
    return Result(document, fields(document))


def invite(context: Context) -> Result:
    """Make a personal link, shown once; it voids the earlier one."""

    def work(db: sqlite3.Connection) -> tuple[str, Person, bool]:
        person = _person(context, db)
        if person.gone:
            raise Refused(f"{person.name} is no longer in the roster: import a roster that holds this NIP")
        bound = accounts.account_of_person(db, person.id)
        facts.audit(db, context.now, ACTOR, "invite", f"person:{person.id}")
        return accounts.invite(db, context.now, person.id), person, bound is not None and bound.active

    payload, person, joined = context.write(work)
    link = context.link(payload)
    document = {"link": link, "payload": payload, "name": person.name, "unit": person.unit, "joined": joined}
    return Result(document, [*fields(document), "shown once; an earlier link of this person is void now"])


def trace(context: Context) -> Result:
    """List every touch of a person: planned, deferred by which rule, sent, answered; no word of an answer."""
    with context.database() as db:
        touches = [_touch(context, row) for row in ledger.trace(db, _person(context, db).id)]
    rows = [[touch[name] for name in ("due", "state", "step", "session", "released", "reason")] for touch in touches]
    headings = ("due", "state", "step", "session", "released", "reason")
    return Result({"touches": touches}, table(headings, rows, "nothing is planned for this person"))


def _touch(context: Context, row: sqlite3.Row) -> dict[str, Any]:
    return {
        "step": row["step"],
        "session": row["session_id"],
        # With the outbox, but not yet at Telegram: the ledger counts it as planned.
        "state": "planned" if row["state"] == "released" else row["state"],
        "due": context.shown(row["due_at"]),
        "released": context.shown(row["released_at"]),
        "reason": row["reason"],
        "session_title": row["session"],
        "sent": context.shown(row["sent_at"]),
        "answered": context.shown(row["answered_at"]),
        "skipped": context.shown(row["skipped_at"]),
        "late": bool(row["late"]),
    }


def _person(context: Context, db: sqlite3.Connection) -> Person:
    nip = clean_nip(context.given.nip)
    person = people.by_nip(db, nip)
    if person is None:
        today = context.now.astimezone(context.config.schedule.zone).date()
        fault = nip_fault(nip, today)
        form = f" (its form is wrong: {fault.value.replace('_', ' ')})" if fault else ""
        raise Refused(f"no person with the NIP {nip!r} in the roster{form}; check the 18 digits or import the roster")
    return person


def invite_coordinator(context: Context) -> Result:
    """Make a coordinator's one-time link, shown once."""

    def work(db: sqlite3.Connection) -> tuple[int, str, str]:
        unit_id, unit = find_unit(db, context.given.unit)
        coordinator, payload = accounts.invite_coordinator(db, context.now, unit_id)
        facts.audit(db, context.now, ACTOR, "coordinator_invite", f"coordinator:{coordinator}")
        return coordinator, payload, unit

    coordinator, payload, unit = context.write(work)
    document = {"link": context.link(payload), "payload": payload, "id": coordinator, "unit": unit}
    return Result(document, [*fields(document), "shown once; good for 14 days and for one person"])


def list_coordinators(context: Context) -> Result:
    """List all coordinators and open links."""
    with context.database() as db:
        found = [{name: row[name] for name in ("id", "unit", "name", "state")} for row in accounts.coordinators(db)]
    rows = [list(row.values()) for row in found]
    return Result({"coordinators": found}, table(("id", "unit", "name", "state"), rows, "no coordinators yet"))


def revoke_coordinator(context: Context) -> Result:
    """Take a coordinator's right, or an open link, away."""
    wanted = context.given.id

    def work(db: sqlite3.Connection) -> None:
        if all(row["id"] != wanted for row in accounts.coordinators(db)):
            raise Refused(f"no coordinator has the id {wanted}; see `coordinator list`")
        if not accounts.revoke_coordinator(db, context.now, wanted):
            raise Refused(f"coordinator {wanted} is revoked already")
        facts.audit(db, context.now, ACTOR, "coordinator_revoke", f"coordinator:{wanted}")

    context.write(work)
    return Result({"id": wanted, "state": "revoked"}, [f"coordinator {wanted} revoked"])
