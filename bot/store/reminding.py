"""Reminders by hand: of a unit's open steps, and of a session in the place of the automatic ones."""

import sqlite3
from datetime import datetime, timedelta

from bot.clock import from_text, to_text
from bot.store import facts, ledger
from bot.store.planning import HORIZON

ONE_DAY = timedelta(days=1)
BY_HAND = "asked_by_coordinator"
REPLACED = "replaced_by_hand"
# A step (t, of session s) that was sent and waits for its person. A reaction rides on its reflection, and a pre-quiz
# has lost its sense once the session runs. What was begun stays open as long as its person likes; but once the
# session's journey is over (it ended before :since) nobody is asked for it any more.
OPEN = (
    "t.state = 'sent' AND t.answered_at IS NULL AND t.skipped_at IS NULL AND t.closed_at IS NULL"
    " AND t.kind NOT IN ('reminder', 'reaction', 'recap') AND s.cancelled_at IS NULL AND s.end_at > :since"
    " AND (t.kind <> 'prequiz' OR s.start_at > :now)"
)


def remind_unit(db: sqlite3.Connection, now: datetime, unit_id: int) -> int | None:
    """Have the gate judge a reminder of each open step of the unit's people now.

    Returns how many people that is about, or None when it was asked for less than a day ago. Beside the
    reminder that comes by itself a step has one by hand; who is done, or has asked to be shown it later, is
    left alone.
    """
    name = f"reminded_unit:{unit_id}"
    known = facts.fact_with_time(db, name)
    if known is not None and now - ONE_DAY < from_text(known[1]) <= now:
        return None
    rows = db.execute(
        # What stands open has an index of its own, which the planner leaves for that of all steps of all years.
        "SELECT t.id, t.person_id FROM person p"  # noqa: S608 - a constant within
        " CROSS JOIN account a ON a.person_id = p.id AND a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL"
        " AND a.reachable = 1"
        " CROSS JOIN touchpoint t INDEXED BY touchpoint_open ON t.person_id = p.id"
        " CROSS JOIN session s ON s.id = t.session_id"
        f" WHERE p.unit_id = :unit AND p.gone_at IS NULL AND {OPEN}"
        " AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.touchpoint_id = t.id AND d.rule = :rule)"
        " AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.telegram_id = a.telegram_id AND o.state = 'waiting'"
        " AND o.dedupe_key GLOB 'again:' || t.id || ':*')",
        {"unit": unit_id, "now": to_text(now), "since": to_text(now - HORIZON), "rule": BY_HAND},
    ).fetchall()
    ids = [row["id"] for row in rows]
    db.executemany("UPDATE touchpoint SET remind_at = ? WHERE id = ?", [(to_text(now), one) for one in ids])
    ledger.decide_all(db, now, ids, "reminder asked for", BY_HAND)
    if rows:
        facts.set_fact(db, name, str(len(rows)), now)
    return len({row["person_id"] for row in rows})


def replace_session_reminders(db: sqlite3.Connection, now: datetime, session_id: int) -> None:
    """Cancel the session's automatic reminders that are not on the wire: one by hand takes their place."""
    rows = db.execute(
        "SELECT id, state, touch_id FROM touchpoint WHERE session_id = ? AND kind = 'reminder'"
        " AND state IN ('planned', 'deferred', 'released')",
        (session_id,),
    ).fetchall()
    ids = [row["id"] for row in rows if row["state"] != "released" or ledger.call_back(db, now, row["touch_id"])]
    ledger.close_unsent(db, now, ids, "cancelled", REPLACED)


def give_session_reminders_back(db: sqlite3.Connection, now: datetime, session_id: int, broadcast_id: int) -> None:
    """Put the automatic reminders back for those whom a stopped reminder by hand did not reach."""
    for row in db.execute(
        "SELECT t.id, t.due_at FROM touchpoint t WHERE t.session_id = ? AND t.kind = 'reminder'"
        " AND t.state = 'cancelled' AND t.reason = ? AND t.due_at > ? AND t.person_id IN"
        " (SELECT person_id FROM broadcast_target WHERE broadcast_id = ? AND state = 'stopped')",
        (session_id, REPLACED, to_text(now), broadcast_id),
    ).fetchall():
        db.execute(
            "UPDATE touchpoint SET state = 'planned', reason = 'replanned', look_at = due_at WHERE id = ?",
            (row["id"],),
        )
        ledger.decide(db, now, row["id"], "planned", "replanned", from_text(row["due_at"]))
