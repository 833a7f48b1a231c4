"""An import of the roster and its undoing, whole: what the chat and the command line both do, with the audit."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from bot.domain.roster import Difference, Refusal, RosterRow
from bot.store import facts, roster, sessions
from bot.store.planning import HORIZON
from bot.store.roster import Compared, UndoResult


def apply(
    db: sqlite3.Connection,
    now: datetime,
    by: str,
    file_name: str,
    rows: Iterable[RosterRow],
    refused: Iterable[Refusal],
    compared: Compared | None = None,
) -> tuple[int, Difference]:
    """Carry a file out, compared as things stand now; the timetable plans anew at its next look.

    `compared` is what came of comparing it a moment before: it is compared again if anybody has changed since.
    Whoever is gone gets nothing more; what is stored of them stays for the retention time.
    """
    sessions.freeze_invited(db, now)
    if compared is None or compared.people != roster.everybody(db):
        compared = roster.compared(db, rows, refused)
    found = compared.difference
    import_id = roster.apply(db, found, now, by, file_name)
    sessions.mark_replan(db, now - HORIZON)
    facts.audit(db, now, by, "roster_import", f"import:{import_id}")
    return import_id, found


def undo(db: sqlite3.Connection, now: datetime, by: str) -> UndoResult:
    """Put back what the latest import replaced, within its day; raises roster.NothingToUndo."""
    sessions.freeze_invited(db, now)
    undone = roster.undo(db, now)
    sessions.mark_replan(db, now - HORIZON)
    facts.audit(db, now, by, "roster_undo", f"import:{undone.import_id}")
    return undone
