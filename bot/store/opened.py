"""Which session's part stands behind each unit's week, and which of these parts impact reports may count."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from bot.clock import to_text


@dataclass(frozen=True, slots=True)
class Part:
    """What people of one unit did in a week with one session's steps, of one kind of result."""

    kind: str
    unit_id: int
    session_id: int
    people: int
    value: int
    asked: int
    guests: int
    """1 where guests are among them."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A part that impact reports may count."""

    session_id: int
    kind: str
    unit_id: int
    alone: bool = True
    """Whether the unit's own figure is shown, or known only together with other units'."""


def parts(db: sqlite3.Connection, start: datetime, end: datetime) -> list[Part]:
    """Return all parts of a week, also those of people who were asked and did nothing."""
    sent = "t.sent_at >= :start AND t.sent_at < :end AND t.state = 'sent'"
    rows = db.execute(
        "SELECT e.kind, p.unit_id, c.session_id, count(DISTINCT CASE WHEN e.done THEN p.id END) AS people,"  # noqa: S608 - constants
        " sum(e.value) AS value, sum(e.asked) AS asked, max(c.guest) AS guests FROM ("
        " SELECT 'answered' AS kind, t.participant_id, coalesce(t.answered_at < :end, 0) AS done,"
        " coalesce(t.answered_at < :end, 0) AS value, 1 AS asked FROM touchpoint t"
        f" WHERE {sent} AND t.kind <> 'reminder'"
        " UNION ALL SELECT CASE t.kind WHEN 'commitment' THEN 'made' WHEN 'followup' THEN 'kept' ELSE 'quiz' END,"
        f" t.participant_id, 0, 0, 1 FROM touchpoint t WHERE {sent}"
        " AND t.kind IN ('prequiz', 'quiz', 'postquiz', 'commitment', 'followup')"
        " UNION ALL SELECT 'quiz', t.participant_id, 1, q.correct, 1 FROM quiz_item q"
        " JOIN touchpoint t ON t.id = q.touchpoint_id WHERE q.answered_at >= :start AND q.answered_at < :end"
        " UNION ALL SELECT 'made', k.participant_id, 1, 1, 0 FROM commitment k"
        " WHERE k.made_at >= :start AND k.made_at < :end"
        " UNION ALL SELECT 'kept', k.participant_id, 1, h.outcome = 'kept', 0 FROM commitment_check h"
        " JOIN commitment k ON k.id = h.commitment_id WHERE h.at >= :start AND h.at < :end"
        ") e JOIN participant c ON c.id = e.participant_id JOIN person p ON p.id = c.person_id"
        " GROUP BY e.kind, p.unit_id, c.session_id",
        {"start": to_text(start), "end": to_text(end)},
    )
    return [Part(*row) for row in rows]


def keep(db: sqlite3.Connection, start: datetime, end: datetime, found: Iterable[Opened]) -> None:
    """Keep what of a week may be counted."""
    db.executemany(
        "INSERT OR IGNORE INTO weekly_open (session_id, kind, unit_id, begins, ends, alone) VALUES (?, ?, ?, ?, ?, ?)",
        _rows(start, end, found),
    )


@contextmanager
def as_if_kept(
    db: sqlite3.Connection, start: datetime, end: datetime, found: Iterable[Opened], session_ids: Collection[int]
) -> Iterator[None]:
    """Let queries about these sessions find what may be counted of a week as if it were kept already.

    Until the block ends a temporary table stands before the kept one, under its name.
    """
    db.execute(
        "CREATE TEMPORARY TABLE weekly_open (session_id INTEGER, kind TEXT, unit_id INTEGER, begins TEXT, ends TEXT,"
        " alone INTEGER, PRIMARY KEY (session_id, kind, unit_id, begins)) STRICT, WITHOUT ROWID"
    )
    try:
        db.executemany(
            "INSERT INTO temp.weekly_open (session_id, kind, unit_id, begins, ends, alone)"
            " SELECT session_id, kind, unit_id, begins, ends, alone FROM main.weekly_open WHERE session_id = ?",
            [(session_id,) for session_id in session_ids],
        )
        keep(db, start, end, found)
        yield
    finally:
        db.execute("DROP TABLE temp.weekly_open")


def _rows(start: datetime, end: datetime, found: Iterable[Opened]) -> list[tuple[int, str, int, str, str, int]]:
    begins, ends = to_text(start), to_text(end)
    return [(one.session_id, one.kind, one.unit_id, begins, ends, int(one.alone)) for one in found]
