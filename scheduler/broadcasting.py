"""Running broadcasts: targets that are no participants, the progress shown in place, the end."""

import sqlite3
from datetime import datetime, timedelta
from zlib import crc32

from bot.clock import from_text, to_text
from bot.domain.calendar import NOTICE_UNTIL, WorkCalendar
from bot.store import accounts, broadcast_ledger, broadcasts, corrections, outbox
from bot.store.outbox import Lane
from scheduler.deed import queue_broadcast
from scheduler.release import BROADCAST_LIVES


def advance(db: sqlite3.Connection, now: datetime, calendar: WorkCalendar) -> None:
    """Start what is due, queue copies for coordinators and admins, show progress, end what is through."""
    broadcasts.begin_scheduled(db, now)
    _serve_roles(db, now, calendar)
    for row in broadcasts.active(db):
        if row["state"] == "running":
            broadcasts.finish_if_through(db, now, row["id"])
        if row["state"] != "scheduled":
            corrections.finish_if_through(db, row["id"])
            show_progress(db, now, row["id"])


def show_progress(db: sqlite3.Connection, now: datetime, broadcast_id: int) -> None:
    """Have the progress message edited when what it says has changed: once a look, and one edit at a time."""
    row = broadcasts.get(db, broadcast_id)
    if row is None or row["progress_message_id"] is None:
        return
    facts = broadcast_ledger.figures(db, row)
    shown = broadcast_ledger.shown(facts)
    goes_on = row["state"] == "running" or row["correcting"]
    if shown == row["progress_shown"] or (goes_on and outbox.waits(db, f"progress:{broadcast_id}:*")):
        return
    broadcasts.set_progress_shown(db, broadcast_id, shown)
    outbox.put(
        db,
        now,
        row["admin_telegram_id"],
        "broadcast_progress",
        facts | {"edit": row["progress_message_id"]},
        key=f"progress:{broadcast_id}:{to_text(now)}:{crc32(shown.encode())}",
        lane=Lane.NOTICE,
    )


def _serve_roles(db: sqlite3.Connection, now: datetime, calendar: WorkCalendar) -> None:
    opens = calendar.notice_open(now)
    closes = calendar.at(calendar.local_day(now), NOTICE_UNTIL)
    for row in broadcasts.due_role_targets(db, now):
        account = accounts.account(db, row["telegram_id"])
        if from_text(row["start_at"]) + BROADCAST_LIVES <= now:
            broadcasts.set_target(db, row["id"], "expired", "expired_unsent")
        elif account is not None and not account.reachable:
            broadcasts.set_target(db, row["id"], "blocked", "blocked")
        elif opens > now:
            broadcasts.set_target(db, row["id"], "deferred", "notice_hours", opens)
        else:
            queue_broadcast(db, now, row, max(closes, now + timedelta(minutes=1)))
