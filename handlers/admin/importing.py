"""/peserta for admins: the dry run of a roster file, [Terapkan], and [Batalkan impor] for a day."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.clock import from_text
from bot.domain.access import Right
from bot.domain.roster import Difference, Refusal, RosterRow, refusal_text
from bot.reports.difference import changed_fields
from bot.roster.wire import from_lines, to_lines
from bot.store import accounts, imports, roster
from bot.store.roster import NothingToUndo
from handlers.coordinator.own_units import actor
from handlers.door import Act, BadButton, Doing
from messages import toasts

KIND = "import"
REFUSED_SHOWN = 6
NAMES_SHOWN = 5
# A list that is longer than this goes into a document as well, whole.
SHOWN = NAMES_SHOWN


def ask(act: Act) -> None:
    """/peserta: ask for the file."""
    act.reply("admin_import_ask")


def dry_run(act: Act, name: str, rows: Sequence[RosterRow], refused: Sequence[Refusal]) -> None:
    """Say what the file would change, and keep its rows until [Terapkan]."""
    found = roster.difference(act.db, rows, refused)
    something = bool(found.new or found.changed or found.moved or found.gone)
    if something and rows:
        lines = list(to_lines(rows, refused))
        data = {"key": act.row, "name": name, "lines": lines}
        accounts.set_conversation(act.db, act.now, act.telegram_id, KIND, data)
    else:
        accounts.end_conversation(act.db, act.telegram_id)
    if something and rows and _longest(found) > SHOWN:
        # Before the message, so that its buttons stand last.
        act.reply("admin_import_all", key=act.row)
    act.reply(
        "admin_import_dry_run",
        name=name,
        rows=len(rows),
        key=act.row if something and rows else None,
        **_numbers(found),
        **_examples(found),
    )


def apply(act: Act) -> None:
    """[Terapkan]: compared again, for the roster may have changed since the dry run."""
    data = _pending(act)
    rows, refused = from_lines(data["lines"])
    import_id, found = imports.apply(act.db, act.now, actor(act), data["name"], rows, refused)
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
    if latest is None or (latest["id"], _stamp(from_text(latest["applied_at"]))) != (act.arg(0), act.arg(1)):
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
