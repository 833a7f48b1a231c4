"""Queries behind a session's impact report. Counts and scores without names: no free text, nobody's identity.

Results are those of the session's own participants who take part still, in the unit they were invited with: guests
are counted apart, and who has withdrawn is not evaluated. Results are of what was done before :until and may be
counted beside the weeks (see bot/reports/impact/opening.py). Every query walks one session's participants, never the
whole history.
"""

import json
import sqlite3
from datetime import datetime
from typing import Any

from bot.clock import to_text


def _open(kind: str, at: str, also: str = "") -> str:
    return (
        "EXISTS (SELECT 1 FROM weekly_open o WHERE o.session_id = :session AND o.unit_id = m.unit_id"  # noqa: S608 - constants
        f" AND o.kind = '{kind}' AND {at} >= o.begins AND {at} < o.ends{also})"
    )


# A plus or CROSS JOIN keeps the planner from walking an index over all sessions.
# Of a step: answered in its week or later, or before it was sent, which stands in no week. Of a quiz: each item.
_MEMBER = f"""
    WITH member AS (
        SELECT c.id, p.unit_id FROM participant c
        JOIN person p ON p.id = c.person_id
        JOIN account a ON a.person_id = c.person_id AND a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL
        LEFT JOIN session_invited i ON i.session_id = c.session_id AND i.person_id = c.person_id
        WHERE c.session_id = :session AND c.guest = 0 AND coalesce(i.unit_id, p.unit_id) = p.unit_id
    ), done AS (
        SELECT t.id, t.participant_id, t.kind FROM member m JOIN touchpoint t ON t.participant_id = m.id
        WHERE t.answered_at < :until AND t.kind NOT IN ('prequiz', 'quiz', 'postquiz') AND (t.state = 'answered_early'
            OR {_open("answered", "t.sent_at", " AND t.answered_at < o.ends")} OR {_open("late", "t.sent_at")})
    ), quizzed AS (
        SELECT m.id AS member_id, m.unit_id, t.kind, t.step, t.answered_at AS whole_at, q.* FROM member m
        CROSS JOIN touchpoint t ON t.participant_id = m.id CROSS JOIN quiz_item q ON q.touchpoint_id = t.id
        WHERE q.answered_at < :until AND {_open("quiz", "q.answered_at")}
    ), whole AS (
        SELECT z.member_id, z.unit_id, z.kind, z.step, z.whole_at, count(*) AS items, sum(z.correct) AS correct
        FROM quizzed z WHERE z.whole_at < :until GROUP BY +z.touchpoint_id
        HAVING count(*) = (SELECT count(*) FROM quiz_item q WHERE q.touchpoint_id = z.touchpoint_id)
    )
"""  # noqa: S608 - constants
_INVITED = """
    SELECT person_id, unit_id FROM session_invited WHERE session_id = :session
    UNION
    SELECT p.id, p.unit_id FROM session s JOIN session_unit su ON su.session_id = s.id
    JOIN person p ON p.unit_id = su.unit_id AND p.gone_at IS NULL
    WHERE s.id = :session AND s.invited_frozen_at IS NULL
"""


def attendance(db: sqlite3.Connection, session_id: int) -> dict[str, int]:
    """Return people invited, of these joined and attended (by code, by list or by hand), and guests."""
    row = db.execute(
        f"WITH invited AS ({_INVITED}) SELECT count(*) AS invited,"  # noqa: S608 - a constant
        " coalesce(sum(a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL), 0) AS joined,"
        " coalesce(sum(c.checked_in_at IS NOT NULL OR (c.id IS NULL AND m.present = 1)), 0)"
        " AS attended,"
        " (SELECT count(*) FROM participant WHERE session_id = :session AND guest = 1) AS guests"
        " FROM invited i LEFT JOIN account a ON a.person_id = i.person_id"
        " LEFT JOIN participant c ON c.session_id = :session AND c.person_id = i.person_id"
        " LEFT JOIN attendance m ON m.session_id = :session AND m.person_id = i.person_id",
        {"session": session_id},
    ).fetchone()
    return {key: int(row[key]) for key in row.keys()}  # noqa: SIM118 - a Row iterates over values


def attendance_by_unit(db: sqlite3.Connection, session_id: int) -> list[sqlite3.Row]:
    """Return for each invited unit (unit_id, name): people invited and of these joined, by name."""
    return db.execute(
        f"WITH invited AS ({_INVITED}) SELECT u.id AS unit_id, u.name, count(*) AS invited,"  # noqa: S608 - a constant
        " coalesce(sum(a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL), 0) AS joined"
        " FROM invited i JOIN unit u ON u.id = i.unit_id LEFT JOIN account a ON a.person_id = i.person_id"
        " GROUP BY u.id ORDER BY u.name",
        {"session": session_id},
    ).fetchall()


def people_who(db: sqlite3.Connection, session_id: int, until: datetime) -> dict[str, int]:
    """Return how many people reflected, finished a quiz after the session, made a commitment, and said last that
    they kept it."""
    made, said = _open("made", "k.made_at"), _open("kept", "h.at")
    row = _of_members(
        db,
        session_id,
        until,
        "SELECT (SELECT count(DISTINCT participant_id) FROM done WHERE kind = 'reflection') AS reflected,"  # noqa: S608 - constants
        " (SELECT count(DISTINCT member_id) FROM whole WHERE kind IN ('quiz', 'postquiz')) AS quizzed,"
        " (SELECT count(DISTINCT m.id) FROM member m CROSS JOIN commitment k ON k.participant_id = m.id"
        f" WHERE k.made_at < :until AND {made}) AS committed,"
        " (SELECT count(DISTINCT m.id) FROM member m CROSS JOIN commitment k ON k.participant_id = m.id"
        " CROSS JOIN commitment_check h ON h.commitment_id = k.id"
        f" WHERE h.outcome = 'kept' AND h.at < :until AND {said} AND NOT EXISTS (SELECT 1 FROM commitment_check l"
        " WHERE l.commitment_id = k.id AND l.at < :until AND (l.at, l.touchpoint_id) > (h.at, h.touchpoint_id)))"
        " AS kept",
    ).fetchone()
    return {key: int(row[key]) for key in row.keys()}  # noqa: SIM118 - a Row iterates over values


def reactions(db: sqlite3.Connection, session_id: int, until: datetime) -> list[int]:
    """Return how many people gave each reaction, from 1 to 5."""
    counts = [0] * 5
    for row in _of_members(
        db,
        session_id,
        until,
        "SELECT r.score, count(DISTINCT d.participant_id) AS people FROM done d"
        " JOIN reaction r ON r.touchpoint_id = d.id GROUP BY r.score",
    ):
        counts[row["score"] - 1] = int(row["people"])
    return counts


def selfchecks(db: sqlite3.Connection, session_id: int, until: datetime) -> list[sqlite3.Row]:
    """Return for each value that people rated themselves on: value, people, their mean level (1 to 4)."""
    return _of_members(
        db,
        session_id,
        until,
        "SELECT s.value, count(DISTINCT d.participant_id) AS people, avg(s.level) AS mean FROM done d"
        " JOIN selfcheck s ON s.touchpoint_id = d.id GROUP BY s.value ORDER BY s.value",
    ).fetchall()


def missed_items(db: sqlite3.Connection, session_id: int, until: datetime) -> list[sqlite3.Row]:
    """Return for each item of the quizzes after the session: item, people who answered, who was wrong the first time.

    Not of the last one: beside the gain, it would tell what the few did who took that one alone.
    """
    return _of_members(
        db,
        session_id,
        until,
        ", first AS (SELECT item, correct, min(answered_at) FROM quizzed WHERE kind = 'quiz'"
        " GROUP BY item, member_id)"
        " SELECT item, count(*) AS people, sum(1 - correct) AS wrong FROM first GROUP BY item ORDER BY item",
    ).fetchall()


def score_pairs(db: sqlite3.Connection, session_id: int, until: datetime) -> list[sqlite3.Row]:
    """Return for each person with both quizzes whole: unit_id, items, before, after (right answers).

    The first counts only if it was done before the session's end; both must have asked equally many items.
    """
    return _of_members(
        db,
        session_id,
        until,
        "SELECT a.unit_id, b.items, b.correct AS before, a.correct AS after FROM whole a"
        " JOIN session s ON s.id = :session"
        " JOIN whole b ON b.member_id = a.member_id AND b.kind = 'prequiz' AND b.items = a.items"
        " AND b.whole_at < s.end_at WHERE a.kind = 'postquiz'",
    ).fetchall()


def not_alone(db: sqlite3.Connection, session_id: int) -> set[int]:
    """Return the units some of whose quiz answers are counted only together with other units'."""
    rows = db.execute(
        "SELECT DISTINCT unit_id FROM weekly_open WHERE session_id = ? AND kind = 'quiz' AND alone = 0", (session_id,)
    )
    return {row["unit_id"] for row in rows}


def halves(db: sqlite3.Connection, session_id: int, step: str, until: datetime) -> list[sqlite3.Row]:
    """Return for each person drawn into a half who finished this quiz by `until`: later (0 or 1), items, score."""
    return db.execute(
        _MEMBER + "SELECT c.later, w.items, w.correct AS score FROM whole w"  # noqa: S608 - a constant
        " JOIN participant c ON c.id = w.member_id AND c.later IS NOT NULL WHERE w.step = :step",
        {"session": session_id, "step": step, "until": to_text(until)},
    ).fetchall()


def to_tell(db: sqlite3.Connection, since: datetime, until: datetime) -> list[int]:
    """Return the sessions, not cancelled, that ended in this time."""
    rows = db.execute(
        "SELECT id FROM session WHERE end_at >= ? AND end_at < ? AND cancelled_at IS NULL ORDER BY id",
        (to_text(since), to_text(until)),
    )
    return [row["id"] for row in rows]


def shown(db: sqlite3.Connection, session_id: int) -> dict[str, Any]:
    """Return the cells as they were last shown; none yet: {}."""
    row = db.execute("SELECT cells FROM impact WHERE session_id = ?", (session_id,)).fetchone()
    if row is None:
        return {}
    cells: dict[str, Any] = json.loads(row["cells"])
    return cells


def show(db: sqlite3.Connection, now: datetime, session_id: int, cells: dict[str, Any]) -> None:
    """Keep the cells that are shown from now on."""
    db.execute(
        "INSERT INTO impact (session_id, cells, counted_at) VALUES (?, ?, ?)"
        " ON CONFLICT (session_id) DO UPDATE SET cells = excluded.cells, counted_at = excluded.counted_at",
        (session_id, json.dumps(cells), to_text(now)),
    )


def _of_members(db: sqlite3.Connection, session_id: int, until: datetime, query: str) -> sqlite3.Cursor:
    return db.execute(_MEMBER + query, {"session": session_id, "until": to_text(until)})
