"""What admins and coordinators look up: a unit's sessions, how the bot is doing. Counts only."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bot.clock import to_text
from bot.store import facts

ERRORS_SHOWN = 3
# The newest are found first; people are counted of these alone (CROSS JOIN keeps that order).
_SESSIONS_OF_UNIT = """
    WITH newest AS MATERIALIZED (
        SELECT s.id, s.title, s.start_at, s.invited_frozen_at FROM session s WHERE s.cancelled_at IS NULL AND (EXISTS
            (SELECT 1 FROM session_invited i WHERE i.session_id = s.id AND i.unit_id = :unit)
            OR s.invited_frozen_at IS NULL AND EXISTS (SELECT 1 FROM session_unit su JOIN person p
                ON p.unit_id = su.unit_id AND p.gone_at IS NULL WHERE su.session_id = s.id AND su.unit_id = :unit))
        ORDER BY s.start_at DESC, s.id DESC LIMIT :limit
    ), invited AS (
        SELECT n.id, i.person_id FROM newest n CROSS JOIN session_invited i ON i.session_id = n.id AND i.unit_id = :unit
        UNION ALL
        SELECT n.id, p.id FROM newest n CROSS JOIN session_unit su ON su.session_id = n.id AND su.unit_id = :unit
        CROSS JOIN person p ON p.unit_id = su.unit_id AND p.gone_at IS NULL WHERE n.invited_frozen_at IS NULL
    ), counted AS (
        SELECT i.id, count(*) AS invited, sum(a.id IS NOT NULL) AS joined,
            sum(c.checked_in_at IS NOT NULL OR (c.id IS NULL AND m.present IS 1)) AS attended
        FROM invited i
        LEFT JOIN account a ON a.person_id = i.person_id AND a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL
        LEFT JOIN participant c ON c.session_id = i.id AND c.person_id = i.person_id
        LEFT JOIN attendance m ON m.session_id = i.id AND m.person_id = i.person_id
        GROUP BY i.id
    )
    SELECT n.title, n.start_at, k.invited, k.joined, k.attended FROM newest n JOIN counted k ON k.id = n.id
    ORDER BY n.start_at DESC, n.id DESC
"""


def sessions_of_unit(db: sqlite3.Connection, unit_id: int, limit: int) -> list[sqlite3.Row]:
    """Return the unit's newest sessions: title, start_at, and how many of the unit's people were invited,
    have joined and were checked in."""
    return db.execute(_SESSIONS_OF_UNIT, {"unit": unit_id, "limit": limit}).fetchall()


def first_start(db: sqlite3.Connection, unit_id: int | None) -> str | None:
    """Return when the first session of the unit (or the city) that was not cancelled began (UTC text)."""
    row = db.execute(
        "SELECT min(s.start_at) FROM session s WHERE s.cancelled_at IS NULL AND (:unit IS NULL OR EXISTS"
        " (SELECT 1 FROM session_unit u WHERE u.session_id = s.id AND u.unit_id = :unit))",
        {"unit": unit_id},
    ).fetchone()
    return None if row[0] is None else str(row[0])


@dataclass(frozen=True)
class Standing:
    """How the bot is doing. Instants are UTC text. `later`: rows whose time is yet to come; `errors`: when, what."""

    waiting: int
    later: int
    failed: int
    ambiguous: int
    aside: int
    errors: tuple[tuple[str, str], ...]
    last_look: str | None
    last_backup: str | None
    backup_failed: str | None


def standing(db: sqlite3.Connection, now: datetime) -> Standing:
    """Return how the bot is doing."""
    # Each number by an index of its own: most rows of the outbox were sent, and interest nobody here.
    out = db.execute(
        "SELECT o.waiting, o.later, (SELECT count(*) FROM outbox WHERE state IN ('failed', 'unknown')) AS failed,"
        " (SELECT count(*) FROM outbox WHERE ambiguous > 0) AS ambiguous FROM"
        " (SELECT coalesce(sum(state = 'leased' OR not_before <= :now), 0) AS waiting,"
        " coalesce(sum(state = 'waiting' AND not_before > :now), 0) AS later FROM outbox"
        " WHERE state IN ('waiting', 'leased')) o",
        {"now": to_text(now)},
    ).fetchone()
    errors = db.execute(
        "SELECT finished_at, error FROM outbox WHERE state IN ('failed', 'unknown') AND state = 'failed'"
        " AND error IS NOT NULL"
        " ORDER BY finished_at DESC, id DESC LIMIT ?",
        (ERRORS_SHOWN,),
    ).fetchall()
    aside = db.execute("SELECT count(*) FROM incoming WHERE state = 'aside'").fetchone()[0]
    backup = facts.fact_with_time(db, "last_backup")
    return Standing(
        waiting=int(out["waiting"]),
        later=int(out["later"]),
        failed=int(out["failed"]),
        # Answers are erased once they are sent; of these only the count is kept.
        ambiguous=int(out["ambiguous"]) + int(facts.fact(db, "ambiguous_answers") or 0),
        aside=int(aside),
        errors=tuple((row["finished_at"] or "", row["error"]) for row in errors),
        last_look=facts.fact(db, "last_look"),
        last_backup=backup[1] if backup else None,
        backup_failed=facts.fact(db, "backup_failed"),
    )
