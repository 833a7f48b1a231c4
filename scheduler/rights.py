"""Corrections that wait: the admins are reminded at half time, before the time is over, and then daily."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from bot.clock import from_text
from bot.domain import rights
from bot.domain.calendar import WorkCalendar
from bot.store import outbox, rectifications
from bot.store.outbox import Lane


def advance(db: sqlite3.Connection, now: datetime, calendar: WorkCalendar, admins: Iterable[int]) -> None:
    """Queue the reminders that are due; several that an outage held up are one."""
    for task in rectifications.to_remind(db, now):
        asked = from_text(task["asked_at"])
        number, next_at = rights.next_reminder(asked, now, task["reminded"], calendar)
        rectifications.reminded(db, task["id"], number, next_at)
        for admin in admins:
            outbox.put(
                db,
                now,
                admin,
                "correction_task",
                {"task": task["id"], "reminder": True},
                key=f"rectify:{task['id']}:{number}:{admin}",
                lane=Lane.NOTICE,
                not_before=calendar.notice_open(now),
                # The next one says the same.
                expires_at=max(next_at, calendar.notice_open(now) + rights.BEFORE_DUE),
            )
