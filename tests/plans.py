"""How SQLite goes about each statement that the program issues: none may walk through a big table.

The file is never analysed, so a plan follows from the schema and the statement alone and is the same in an empty
database as after five years. Every statement is explained when it is seen first, whichever test causes it.
"""

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ROOMS = tuple(str(ROOT / room) for room in ("bot", "handlers", "scheduler", "messages"))
# Tables that grow with the people or the years.
BIG = frozenset(
    {"person", "account", "invitation", "roster_change", "session_invited", "attendance", "participant", "touch"}
    | {"touchpoint", "decision", "question", "shown", "answer", "reaction", "selfcheck", "quiz_item", "poll"}
    | {"commitment", "commitment_check", "supporter", "supporter_share", "reflection_share", "incoming", "outbox"}
    | {"broadcast_target", "weekly", "weekly_open", "audit", "fact", "conversation"}
)
# Some hundreds of rows after five years; of "wrong_try" those of two days.
SMALL = frozenset(
    {"unit", "session", "session_unit", "session_message", "coordinator", "roster_import", "broadcast", "impact"}
    | {"alarm", "move", "rectification", "wrong_try"}
)
# Where everybody is meant, or the whole file; none of it is a command's wait or a look's.
ALLOWED = {
    "bot/store/audiences.py:chosen": "a broadcast to all is for all: once, as it is confirmed",
    "bot/store/audiences.py:_known": "counts through an index; the roster has one row a person, however many years",
    "bot/store/incoming.py:forget_old": "at night, and what it finds it deletes",
    "bot/store/erasure.py:retire": "at night, and what it finds it deletes",
    "bot/store/backup.py:_rows": "a backup counts all rows, at night and beside the running bot",
    "bot/store/figures.py:participation": "once a week everybody is counted, whatever the number of sessions",
    "bot/store/sessions.py:unit_sizes": "how many people each unit has: an index is counted through",
    "bot/store/roster.py:_delete": "an import undone, by hand and once, asks whether what it made is needed still",
    "bot/demo/figures.py:_weeks": "of the demo's own small file",
    "bot/demo/page/state.py:_outbox": "of the demo's own small file",
    "bot/store/tombstones.py:_erased_chats": "a restore looks through the whole file for whom it must erase again",
    "bot/store/tombstones.py:_erased_people": "a restore looks through the whole file for whom it must erase again",
    "bot/store/roster.py:everybody": "an import compares the file with everybody",
}
_NAMED = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)(?:\s+(?:AS\s+)?(\w+))?", re.IGNORECASE)
_COMMA = re.compile(r",\s*(\w+)\s+(?:AS\s+)?(\w+)", re.IGNORECASE)
# An automatic index is made by a walk through the table, for this one statement.
_SCAN = re.compile(r"(?:SCAN|SEARCH(?= \w+ USING AUTOMATIC)) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")
# All that is older than a moment: years of it, where the index does not leave out what is done with.
_OLDER = re.compile(r"SEARCH (\w+) USING (?:COVERING )?INDEX (\w+) \(\w+<\?\)")
_READS = re.compile(r"\s*(?:SELECT|WITH|UPDATE|DELETE|INSERT|REPLACE)\b", re.IGNORECASE)


class Plans:
    """Collects, for each place in the program, the statements that walk through a big table."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.scans: dict[str, list[str]] = {}
        """By the place ("bot/store/outbox.py:lease"), what is scanned."""

    def wrong(self) -> dict[str, list[str]]:
        """Return the scans that no exception names."""
        return {place: found for place, found in self.scans.items() if place not in ALLOWED}

    def look(self, db: sqlite3.Connection, sql: str, given: Any, place: str) -> None:
        """Explain a statement that was not seen before."""
        if sql in self.seen or not _READS.match(sql):
            return
        self.seen.add(sql)
        found = scans(db, sql, given)
        if found:
            self.scans.setdefault(place, []).extend(found)


def scans(db: sqlite3.Connection, sql: str, given: Any = ()) -> list[str]:
    """Return the steps of the statement's plan that walk through a whole big table or its index, or all of its past."""
    cursor = sqlite3.Cursor(db)
    cursor.row_factory = None
    try:
        steps = [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {sql}", given)]
    finally:
        cursor.close()
    names = {alias or table: table for table, alias in _NAMED.findall(sql)} | {
        table: table for table, _ in _NAMED.findall(sql)
    }
    names |= {alias: table for table, alias in _COMMA.findall(sql) if table in BIG}
    found = []
    for step in steps:
        walked = _SCAN.match(step) or _OLDER.match(step)
        if walked and names.get(walked[1], walked[1]) in BIG and not _partial(db, walked[2]):
            found.append(f"{step} ({names.get(walked[1], walked[1])})")
    return found


def _partial(db: sqlite3.Connection, index: str | None) -> bool:
    """Whether the index holds only those few rows that its condition names."""
    if index is None:
        return False
    cursor = sqlite3.Cursor(db)
    cursor.row_factory = None
    row = cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = ?", (index,)).fetchone()
    return row is not None and row[0] is not None and " WHERE " in row[0]


@contextmanager
def watched() -> Iterator[Plans]:
    """Look at every statement that the program issues in this process, until the block ends."""
    plans, opened = Plans(), sqlite3.connect

    class Watched(sqlite3.Connection):
        def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
            _look(self, sql, given[0] if given else ())
            return super().execute(sql, *given)

        def executemany(self, sql: str, given: Any) -> sqlite3.Cursor:
            rows = list(given)
            if rows:
                _look(self, sql, rows[0])
            return super().executemany(sql, rows)

    def _look(db: sqlite3.Connection, sql: str, given: Any) -> None:
        if sql not in plans.seen:
            code = sys._getframe(2).f_code
            if code.co_filename.startswith(ROOMS):
                place = code.co_qualname.split(".<locals>")[0]
                plans.look(db, sql, given, f"{Path(code.co_filename).relative_to(ROOT)}:{place}")

    def connect(*given: Any, **named: Any) -> sqlite3.Connection:
        made: sqlite3.Connection = opened(*given, **({"factory": Watched} | named))
        return made

    sqlite3.connect = connect  # type: ignore[assignment]
    try:
        yield plans
    finally:
        sqlite3.connect = opened
