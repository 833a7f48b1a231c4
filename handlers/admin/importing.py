"""/peserta for admins: the dry run of a roster file, [Terapkan], and [Batalkan impor] for a day."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telegram import Update

from bot import clock
from bot.domain.access import Right
from bot.domain.roster import Difference, Refusal, RosterRow, refusal_text
from bot.reports.difference import changed_fields
from bot.roster.wire import from_text, to_text
from bot.store import accounts, imports, roster
from bot.store.roster import Compared, NothingToUndo
from handlers.coordinator.own_units import actor
from handlers.door import Act, BadButton, Doing, House
from messages import toasts

KIND = "import"
REFUSED_SHOWN = 6
NAMES_SHOWN = 5
# A list that is longer than this goes into a document as well, whole.
SHOWN = NAMES_SHOWN


def ask(act: Act) -> None:
    """/peserta: ask for the file."""
    act.reply("admin_import_ask")


@dataclass(frozen=True)
class DryRun:
    """What a file would change as things stood when it was read, and its rows as they are kept."""

    rows: int
    difference: Difference
    kept: str


@dataclass(frozen=True)
class Applying:
    """The rows of a dry run that is to be applied, compared before the transaction."""

    key: int
    rows: Sequence[RosterRow]
    refused: Sequence[Refusal]
    compared: Compared


async def compare(house: House, rows: Sequence[RosterRow], refused: Sequence[Refusal]) -> DryRun:
    """Compare a file with everybody, while others write."""
    return await house.store.read_at_length(
        lambda db: DryRun(len(rows), roster.difference(db, rows, refused), to_text(rows, refused))
    )


async def prepare(house: House, update: Update, args: list[str]) -> Applying | None:
    """Before [Terapkan]: read and compare the rows that wait, while others write; None for any other button."""
    user = update.effective_user
    if args[:1] != ["imapply"] or user is None or user.id not in house.config.access.admins:
        return None
    return await house.store.read_at_length(lambda db: _applying(db, user.id))


def _applying(db: sqlite3.Connection, telegram_id: int) -> Applying | None:
    found = accounts.conversation(db, telegram_id)
    # A dry run of an earlier version keeps its rows elsewhere: it must be made again.
    if found is None or found[0] != KIND or "rows" not in found[1]:
        return None
    rows, refused = from_text(found[1]["rows"])
    return Applying(found[1]["key"], rows, refused, roster.compared(db, rows, refused))


def dry_run(act: Act, name: str, read: DryRun) -> None:
    """Say what the file would change, and keep its rows until [Terapkan]."""
    found = read.difference
    something = bool(read.rows and (found.new or found.changed or found.moved or found.gone))
    if something:
        data = {"key": act.row, "name": name, "rows": read.kept}
        accounts.set_conversation(act.db, act.now, act.telegram_id, KIND, data)
    else:
        accounts.end_conversation(act.db, act.telegram_id)
    if something and _longest(found) > SHOWN:
        # Before the message, so that its buttons stand last.
        act.reply("admin_import_all", key=act.row)
    act.reply(
        "admin_import_dry_run",
        name=name,
        rows=read.rows,
        key=act.row if something else None,
        **_numbers(found),
        **_examples(found),
    )


def apply(act: Act) -> None:
    """[Terapkan]: compared again if anybody of the roster has changed since it was compared."""
    data, ready = _pending(act), act.prepared
    if not isinstance(ready, Applying) or ready.key != data["key"]:
        raise BadButton
    import_id, found = imports.apply(
        act.db, act.now, actor(act), data["name"], ready.rows, ready.refused, ready.compared
    )
    accounts.end_conversation(act.db, act.telegram_id)
    act.reply("admin_import_applied", import_id=import_id, stamp=_stamp(act.now), **_numbers(found))


def cancel(act: Act) -> None:
    """[Batal] under a dry run."""
    _pending(act)
    accounts.end_conversation(act.db, act.telegram_id)
    act.reply("admin_import_cancelled")


def undo_pressed(act: Act) -> None:
    """[Batalkan impor] under an import: only while it is the latest."""
    latest = roster.latest_import(act.db)
    # The number of an import that was taken back is given again: its moment tells the two apart.
    if latest is None or (latest["id"], _stamp(clock.from_text(latest["applied_at"]))) != (act.arg(0), act.arg(1)):
        act.toast = toasts.IMPORT_NOT_THE_LAST
        return
    undo(act)


def undo(act: Act) -> None:
    """/batalkan_impor: put back what the latest import replaced."""
    try:
        undone = imports.undo(act.db, act.now, actor(act))
    except NothingToUndo as error:
        act.reply("admin_import_nothing_to_undo", fault=error.code.value)
        return
    act.reply(
        "admin_import_undone",
        name=undone.file_name,
        removed=undone.removed,
        restored=undone.restored,
        kept=undone.kept,
    )


def _pending(act: Act) -> dict[str, Any]:
    found = accounts.conversation(act.db, act.telegram_id)
    if found is None or found[0] != KIND or found[1]["key"] != act.arg(0):
        raise BadButton
    return found[1]


def _stamp(moment: datetime) -> int:
    return int(moment.timestamp())


def _numbers(found: Difference) -> dict[str, Any]:
    return {
        "new": len(found.new),
        "changed": len(found.changed),
        "moved": len(found.moved),
        "gone": len(found.gone),
        "refused": len(found.refused),
    }


def _longest(found: Difference) -> int:
    lists = (found.new, found.changed, found.moved, found.gone, found.refused)
    return max(len(entries) for entries in lists)


def _examples(found: Difference) -> dict[str, Any]:
    """Return the first of each kind by name; never a NIP, which is not for chats."""
    return {
        "new_names": [row.name for row in found.new[:NAMES_SHOWN]],
        "changes": [
            {"name": change.after.name, "fields": changed_fields(change)} for change in found.changed[:NAMES_SHOWN]
        ],
        "moves": [
            {"name": change.after.name, "before": change.before.unit, "after": change.after.unit}
            for change in found.moved[:NAMES_SHOWN]
        ],
        "gone_names": [person.name for person in found.gone[:NAMES_SHOWN]],
        "refusals": [
            {"row": refusal.row, "name": refusal.name, "reason": refusal_text(refusal.code, refusal.detail)}
            for refusal in found.refused[:REFUSED_SHOWN]
        ],
    }


COMMANDS: dict[str, tuple[Right, Doing]] = {
    "peserta": (Right.ADMIN, ask),
    "batalkan_impor": (Right.ADMIN, undo),
}
BUTTONS: dict[str, tuple[Right, Doing]] = {
    "imapply": (Right.ADMIN, apply),
    "imcancel": (Right.ADMIN, cancel),
    "imundo": (Right.ADMIN, undo_pressed),
}
