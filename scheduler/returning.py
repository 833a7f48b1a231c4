"""The return from a leave: one card that lists what waits; nothing piles up."""

import sqlite3
from dataclasses import replace
from datetime import datetime

from bot.clock import to_text
from bot.domain.calendar import WorkCalendar
from bot.store import leaves, outbox, planning, touches
from bot.store.accounts import Account, set_pause
from bot.store.outbox import Lane
from bot.store.planning import Rules, preferred_time


def come_back(db: sqlite3.Connection, now: datetime, rules: Rules, account: Account, calendar: WorkCalendar) -> Account:
    """End a leave whose time is over, on a working day and in its hours; returns the account as it is then.

    The card is that day's touch. Outside the hours the leave lasts until they open.
    """
    person_id = account.person_id or 0
    if calendar.closed(now):
        until = calendar.next_open(now, preferred_time(account))
        set_pause(db, account.id, until)
        return replace(account, paused_until=to_text(until))
    leaves.end(db, now, account, calendar)
    planning.plan_around_leave(db, now, rules, person_id)
    waiting = [row["id"] for row in leaves.waiting(db, now, person_id)]
    day = calendar.local_day(now)
    if waiting and touches.on_day(db, person_id, day) < rules.cap:
        touch = touches.begin(db, now, person_id, day, "journey", counts=True)
        outbox.put(
            db,
            now,
            account.telegram_id,
            "catch_up",
            {"waiting": waiting},
            key=f"catch_up:{touch}",
            lane=Lane.TOUCH,
            expires_at=calendar.at(day, calendar.send_until),
        )
    return replace(account, paused_until=None)
