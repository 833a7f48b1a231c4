"""Queries behind the weekly figures. Counts only: no free text, no person's score."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from bot.clock import to_text
from bot.store.accounts import NAMING

T = TypeVar("T")

# People invited to a session that is not cancelled by :until, with the unit they were invited with. Of each person
# the units are stepped through, and one session of each is looked for: how many there were does not matter.
_INVITED = """
    WITH RECURSIVE pair(person_id, unit_id) AS (
        SELECT p.id, (SELECT min(i.unit_id) FROM session_invited i WHERE i.person_id = p.id) FROM person p
        UNION ALL
        SELECT last.person_id, (SELECT min(i.unit_id) FROM session_invited i
            WHERE i.person_id = last.person_id AND i.unit_id > last.unit_id)
        FROM pair last WHERE last.unit_id IS NOT NULL
    ), invited AS (
        SELECT person_id, unit_id FROM pair WHERE unit_id IS NOT NULL AND EXISTS (
            SELECT 1 FROM session_invited i JOIN session s ON s.id = i.session_id
            WHERE i.person_id = pair.person_id AND i.unit_id = pair.unit_id
            AND s.created_at < :until AND (s.cancelled_at IS NULL OR s.cancelled_at >= :until))
        UNION
        SELECT p.id, p.unit_id FROM session s
        JOIN session_unit su ON su.session_id = s.id
        JOIN person p ON p.unit_id = su.unit_id AND p.added_at < :until
            AND (p.gone_at IS NULL OR p.gone_at >= :until)
        WHERE s.invited_frozen_at IS NULL AND s.created_at < :until
            AND (s.cancelled_at IS NULL OR s.cancelled_at >= :until)
    )
"""


@dataclass(frozen=True, slots=True)
class Participation:
    """How many people were invited by an instant, and how many of them had joined."""

    invited: int = 0
    joined: int = 0


@dataclass(frozen=True, slots=True)
class Touches:
    """Steps delivered in a time, and what came of them by its end; a skipped step counts as done."""

    sent: int = 0
    answered: int = 0
    answered_people: int = 0
    waiting_people: int = 0
    """Recap cards ask nothing, so nobody waits with one."""
    quizzes: int = 0
    commitments: int = 0
    followups: int = 0


@dataclass(frozen=True, slots=True)
class Promises:
    """Commitments made in a time, and what was reported of commitments in it."""

    made: int = 0
    made_people: int = 0
    kept: int = 0
    reported_people: int = 0


def participation(db: sqlite3.Connection, until: datetime) -> tuple[dict[int, Participation], Participation]:
    """Return who takes part, by unit and in the city, where a person of two units counts once."""
    rows = db.execute(
        f"{_INVITED}, standing AS (SELECT i.unit_id, i.person_id,"  # noqa: S608 - a constant
        " coalesce(a.joined_at < :until AND (a.withdrawn_at IS NULL OR a.withdrawn_at >= :until), 0) AS joined"
        " FROM invited i LEFT JOIN account a ON a.person_id = i.person_id)"
        " SELECT unit_id, count(*) AS invited, sum(joined) AS joined FROM standing GROUP BY unit_id"
        " UNION ALL SELECT NULL, count(*), coalesce(sum(joined), 0) FROM"
        " (SELECT DISTINCT person_id, joined FROM standing)",
        {"until": to_text(until)},
    ).fetchall()
    found = {row["unit_id"]: Participation(row["invited"], row["joined"]) for row in rows}
    return found, found.pop(None)


def touches(db: sqlite3.Connection, start: datetime, end: datetime) -> dict[int, Touches]:
    """Return what was delivered from `start` until `end` and what came of it, by unit."""
    done = "(t.answered_at IS NOT NULL AND t.answered_at < :end)"
    skipped = "(t.skipped_at IS NOT NULL AND t.skipped_at < :end)"
    return _by_unit(
        db,
        Touches,
        "SELECT p.unit_id, count(*) AS sent,"  # noqa: S608 - constants
        f" sum({done}) AS answered, count(DISTINCT CASE WHEN {done} THEN t.person_id END) AS answered_people,"
        f" count(DISTINCT CASE WHEN t.kind <> 'recap' AND NOT {done} AND NOT {skipped} THEN t.person_id END)"
        " AS waiting_people,"
        " sum(t.kind IN ('prequiz', 'quiz', 'postquiz')) AS quizzes,"
        " sum(t.kind = 'commitment') AS commitments, sum(t.kind = 'followup') AS followups"
        " FROM touchpoint t JOIN person p ON p.id = t.person_id"
        " WHERE t.sent_at >= :start AND t.sent_at < :end AND t.state = 'sent' AND t.kind <> 'reminder'"
        " GROUP BY p.unit_id",
        start,
        end,
    )


def promises(db: sqlite3.Connection, start: datetime, end: datetime) -> dict[int, Promises]:
    """Return the commitments made in the time and kept (as reported in it), by unit."""
    return _by_unit(
        db,
        Promises,
        "SELECT unit_id, sum(made) AS made, count(DISTINCT CASE WHEN made THEN person_id END) AS made_people,"
        " sum(kept) AS kept, count(DISTINCT CASE WHEN NOT made THEN person_id END) AS reported_people FROM ("
        " SELECT p.unit_id, c.person_id, 1 AS made, 0 AS kept FROM commitment c JOIN person p ON p.id = c.person_id"
        " WHERE c.made_at >= :start AND c.made_at < :end UNION ALL"
        " SELECT p.unit_id, c.person_id, 0, k.outcome = 'kept' FROM commitment_check k"
        " JOIN commitment c ON c.id = k.commitment_id JOIN person p ON p.id = c.person_id"
        " WHERE k.at >= :start AND k.at < :end) GROUP BY unit_id",
        start,
        end,
    )


def quiz_people(db: sqlite3.Connection, start: datetime, end: datetime) -> dict[int, int]:
    """Return how many people answered a quiz item in the time, by unit."""
    rows = db.execute(
        "SELECT p.unit_id, count(DISTINCT q.person_id) FROM quiz_item q JOIN person p ON p.id = q.person_id"
        " WHERE q.answered_at >= ? AND q.answered_at < ? GROUP BY p.unit_id",
        (to_text(start), to_text(end)),
    )
    return {row[0]: row[1] for row in rows}


def quiz_items(db: sqlite3.Connection, start: datetime, end: datetime) -> list[sqlite3.Row]:
    """Return for each unit and quiz item answered in the time: unit_id, item, value, answers, right ones, people."""
    return db.execute(
        "SELECT p.unit_id, q.item, q.value, count(*) AS answers, sum(q.correct) AS correct_answers,"
        " count(DISTINCT q.person_id) AS people FROM quiz_item q JOIN person p ON p.id = q.person_id"
        " WHERE q.answered_at >= ? AND q.answered_at < ?"
        " GROUP BY p.unit_id, q.item, q.value ORDER BY q.item",
        (to_text(start), to_text(end)),
    ).fetchall()


def _by_unit(db: sqlite3.Connection, kind: type[T], sql: str, start: datetime, end: datetime) -> dict[int, T]:
    rows = db.execute(sql, {"start": to_text(start), "end": to_text(end)}).fetchall()
    return {row["unit_id"]: kind(**{key: row[key] for key in row.keys() if key != "unit_id"}) for row in rows}  # noqa: SIM118 - a Row iterates over values


def has_sessions(db: sqlite3.Connection, unit_id: int | None, since: datetime) -> bool:
    """Whether the unit (or the city) has a session, not cancelled, that ends after `since`."""
    found = db.execute(
        "SELECT 1 FROM session s WHERE s.cancelled_at IS NULL AND s.end_at >= :since AND (:unit IS NULL OR EXISTS"
        " (SELECT 1 FROM session_unit su WHERE su.session_id = s.id AND su.unit_id = :unit)) LIMIT 1",
        {"unit": unit_id, "since": to_text(since)},
    ).fetchone()
    return found is not None


def not_joined(db: sqlite3.Connection, unit_id: int) -> list[sqlite3.Row]:
    """Return the people (name, nip, position) of a unit who have not joined, by name."""
    return db.execute(
        "SELECT p.id, p.nip, p.name, p.position FROM person p LEFT JOIN account a ON a.person_id = p.id"
        " AND a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL"
        " WHERE p.unit_id = ? AND p.gone_at IS NULL AND a.id IS NULL ORDER BY p.name",
        (unit_id,),
    ).fetchall()


def waiting_by_consent(db: sqlite3.Connection, unit_id: int, start: datetime, end: datetime) -> list[tuple[str, bool]]:
    """Return who had, at the week's end, not answered what came in it, and whether that is so still, by name.

    Only people who agreed to a notice that says that they are named.
    """
    rows = db.execute(
        "SELECT p.name, max(t.answered_at IS NULL AND t.skipped_at IS NULL) AS still FROM touchpoint t"
        " JOIN person p ON p.id = t.person_id AND p.unit_id = :unit AND p.gone_at IS NULL"
        " JOIN account a ON a.person_id = p.id AND a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL"
        " AND a.notice_version GLOB '*' || :naming"
        " WHERE t.sent_at >= :start AND t.sent_at < :end AND t.state = 'sent' AND t.kind NOT IN ('reminder', 'recap')"
        " AND (t.answered_at IS NULL OR t.answered_at >= :end) AND (t.skipped_at IS NULL OR t.skipped_at >= :end)"
        " GROUP BY p.id ORDER BY p.name, p.id",
        {"unit": unit_id, "naming": NAMING, "start": to_text(start), "end": to_text(end)},
    )
    return [(row["name"], bool(row["still"])) for row in rows]


def members(db: sqlite3.Connection, unit_id: int) -> list[sqlite3.Row]:
    """Return the people of a unit with whether they have joined and whether they ever checked in."""
    return db.execute(
        "SELECT p.name, p.position, a.id IS NOT NULL AS joined, EXISTS (SELECT 1 FROM participant c"
        " WHERE c.person_id = p.id AND c.checked_in_at IS NOT NULL) AS checked_in"
        " FROM person p LEFT JOIN account a ON a.person_id = p.id AND a.joined_at IS NOT NULL"
        " AND a.withdrawn_at IS NULL WHERE p.unit_id = ? AND p.gone_at IS NULL ORDER BY p.name",
        (unit_id,),
    ).fetchall()


def is_published(db: sqlite3.Connection, week: str) -> bool:
    """Whether a week's figures have been shown."""
    return db.execute("SELECT 1 FROM weekly WHERE week = ? AND unit_id = 0", (week,)).fetchone() is not None


def published(
    db: sqlite3.Connection, weeks: Iterable[str], units: Iterable[int | None]
) -> dict[tuple[str, int | None], dict[str, Any]]:
    """Return the figures of these weeks as they were first shown, by week and unit (None: the city)."""
    rows = db.execute(
        "SELECT week, unit_id, figures FROM weekly WHERE week IN (SELECT value FROM json_each(:weeks))"
        " AND unit_id IN (SELECT value FROM json_each(:units))",
        {"weeks": json.dumps(list(weeks)), "units": json.dumps([unit or 0 for unit in units])},
    )
    return {(row["week"], row["unit_id"] or None): json.loads(row["figures"]) for row in rows}


def publish(db: sqlite3.Connection, now: datetime, week: str, figures: Mapping[int | None, Mapping[str, Any]]) -> None:
    """Keep a week's figures, of the city and all units at once, so that they are the same each time they are shown."""
    db.executemany(
        "INSERT OR REPLACE INTO weekly (week, unit_id, figures, frozen_at) VALUES (?, ?, ?, ?)",
        [(week, unit_id or 0, json.dumps(known), to_text(now)) for unit_id, known in figures.items()],
    )
