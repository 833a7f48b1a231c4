"""What follows from a message's outcome: written in the same transaction as the outcome itself."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.clock import from_text
from bot.delivery.calls import Outcome, Report
from bot.delivery.gather import Dropped
from bot.store import accounts, broadcasts, corrections, ledger, outbox, quizzes, sessions, touches
from bot.store.outbox import Lane, Row

# Seconds after which a row is tried again, by the number of tries so far; the last one repeats.
BACKOFF = (1, 2, 5, 15, 60, 300)
PEOPLE_BACKOFF = (0.3, 0.7, 1.5, 3, 5, 15, 60)


@dataclass(frozen=True)
class Result:
    """A row, what it became, and the facts that were gathered for it."""

    row: Row
    report: Report | Dropped
    facts: dict[str, Any]


def record(db: sqlite3.Connection, now: datetime, result: Result) -> None:
    """Write the outcome of one row and all that follows from it."""
    row, report = result.row, result.report
    if isinstance(report, Dropped):
        outbox.finish(db, row, now, "cancelled", error=report.reason)
        _never_sent(db, now, row, report.reason)
        broadcasts.target_done(db, row.broadcast_id, row.telegram_id, "stopped", report.reason)
        corrections.done(db, row, "stopped", report.reason)
    elif report.outcome is Outcome.SENT:
        outbox.finish(db, row, now, "sent", message_id=report.message_id)
        _sent(db, now, result, report)
    elif report.outcome is Outcome.BLOCKED:
        _blocked(db, now, row, report)
    elif report.outcome is Outcome.DEFECT:
        outbox.finish(db, row, now, "failed", error=report.error)
        _never_sent(db, now, row, "failed")
        broadcasts.target_done(db, row.broadcast_id, row.telegram_id, "failed", report.error)
        corrections.done(db, row, "impossible", report.error)
    elif report.outcome is Outcome.UNKNOWN and row.ambiguous:
        # One retry of an unknown outcome is the promise; a second unknown is named, not repeated.
        outbox.finish(db, row, now, "unknown", error=report.error, ambiguous=True)
        _sent(db, now, result, report)
    else:
        _again(db, now, row, report)


def expire(db: sqlite3.Connection, now: datetime, row: Row) -> None:
    """End a row that may not go any more; its touchpoints, or its broadcast's copy, go back to the gate."""
    outbox.finish(db, row, now, "expired", error="too late")
    if row.broadcast_id is not None and broadcasts.put_back(db, now, row.broadcast_id, row.telegram_id):
        return
    if row.facts.get("held"):
        ledger.close_unsent(db, now, row.facts["touchpoints"], "expired", "not_asked_for")
        return
    for touchpoint in row.facts.get("touchpoints", []):
        found = ledger.touchpoint(db, touchpoint)
        if found is not None and found["state"] == "released":
            if found["touch_id"] is not None:
                touches.uncount(db, found["touch_id"])
            ledger.defer(db, now, touchpoint, "not_delivered", now)
            # Its session may have moved while it was with the outbox.
            sessions.mark_for_replan(db, found["session_id"])
    broadcasts.target_done(db, row.broadcast_id, row.telegram_id, "expired", "too late")


def is_expired(row: Row, now: datetime) -> bool:
    """Whether the row's time is over."""
    return row.expires_at is not None and from_text(row.expires_at) <= now


def _sent(db: sqlite3.Connection, now: datetime, result: Result, report: Report) -> None:
    row, facts = result.row, result.facts
    for touchpoint in row.facts.get("touchpoints", []):
        touches.sent(db, now, touchpoint)
    lead = facts.get("touchpoint")
    if lead is not None and report.message_id is not None:
        touches.show(db, row.telegram_id, report.message_id, lead, facts.get("question"))
    if facts.get("quiz_item") is not None and (row.ambiguous or report.outcome is Outcome.UNKNOWN):
        quizzes.note_unseen(db, facts["quiz_item"], row.telegram_id)
    if facts.get("quiz_item") is not None and report.poll_id is not None and report.message_id is not None:
        quizzes.asked(db, now, facts["quiz_item"], report.poll_id, row.telegram_id, report.message_id)
    if facts.get("progress_of") is not None and report.message_id is not None:
        broadcasts.set_progress_message(db, facts["progress_of"], report.message_id)
    uncertain = broadcasts.UNCERTAIN if report.outcome is Outcome.UNKNOWN else None
    broadcasts.target_done(db, row.broadcast_id, row.telegram_id, "delivered", uncertain, report.message_ids)
    corrections.done(db, row, "corrected", None)
    if row.broadcast_id is not None:
        corrections.on_delivery(db, now, row.broadcast_id, row.telegram_id)


def _never_sent(db: sqlite3.Connection, now: datetime, row: Row, reason: str) -> None:
    ledger.close_unsent(db, now, row.facts.get("touchpoints", []), "cancelled", reason)


def _blocked(db: sqlite3.Connection, now: datetime, row: Row, report: Report) -> None:
    outbox.finish(db, row, now, "blocked", error=report.error)
    _never_sent(db, now, row, "blocked")
    broadcasts.target_done(db, row.broadcast_id, row.telegram_id, "blocked", report.error)
    corrections.done(db, row, "blocked", report.error)
    accounts.set_reachable(db, row.telegram_id, False)
    found = accounts.account(db, row.telegram_id)
    if found is not None and found.person_id is not None:
        ledger.cancel_unsent_of(db, now, "blocked", person_id=found.person_id)
    outbox.cancel_for(db, row.telegram_id, now, "blocked")
    broadcasts.drop_blocked(db, row.telegram_id)


def _again(db: sqlite3.Connection, now: datetime, row: Row, report: Report) -> None:
    steps = PEOPLE_BACKOFF if row.lane is Lane.PEOPLE else BACKOFF
    seconds = max(report.retry_after, steps[min(row.attempts, len(steps) - 1)])
    outbox.retry(
        db,
        row,
        now + timedelta(seconds=seconds),
        report.error or report.outcome.value,
        ambiguous=report.outcome is Outcome.UNKNOWN,
    )
