"""The weekly summary: when it is due, for whom, and that none is missed or sent twice."""

import sqlite3
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from apscheduler.triggers.cron import CronTrigger

from bot.calendars import Calendars
from bot.reports.weekly import ONE_WEEK, Weekly, bounds, week_of
from bot.store import accounts, alarms, facts, figures, outbox, sessions
from bot.store.outbox import Lane

LAST_WEEK = "summary_week"
# Units are told for so long after a session's end; then there is nothing left to act on.
INTEREST = timedelta(days=45)
A_WHILE = timedelta(hours=1)
SUMMARY_LIVES = timedelta(days=2)
DUE_KEPT = 8


@dataclass(frozen=True)
class Summaries:
    """Puts the summaries of the last week into the outbox, at the time that the settings name."""

    calendars: Calendars
    weekly: Weekly
    admins: tuple[int, ...]
    weekly_summary: str
    _due: dict[datetime, tuple[date, str] | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def due(self, now: datetime) -> tuple[date, str] | None:
        """Return the local day of the newest summary that is due by now, and the week it is about."""
        # It is asked for at every look and changes with a minute's begin at most.
        minute = now.replace(second=0, microsecond=0)
        if minute not in self._due:
            if len(self._due) >= DUE_KEPT:
                self._due.clear()
            self._due[minute] = self._newest(minute)
        return self._due[minute]

    def _newest(self, now: datetime) -> tuple[date, str] | None:
        weekday, clock_time = self.weekly_summary.split()
        hour, minute = clock_time.split(":")
        calendar = self.calendars.city
        # APScheduler's numbers of weekdays differ from cron's; names do not.
        trigger = CronTrigger(day_of_week=weekday, hour=hour, minute=minute, timezone=calendar.zone)
        newest = None
        fire = trigger.get_next_fire_time(None, now - 3 * ONE_WEEK)
        while fire is not None and fire <= now:
            day = calendar.workday_from(fire.date())
            if calendar.at(day, fire.time()) <= now:
                newest = (day, week_of(fire.date() - ONE_WEEK))
            fire = trigger.get_next_fire_time(fire, fire + timedelta(minutes=1))
        return newest

    def look(self, db: sqlite3.Connection, now: datetime) -> None:
        """Queue the summary that is due, once; a start after an outage catches up on the newest one."""
        week = self.wanted(db, now)
        if week is not None:
            self.queue(db, now, week)
            facts.set_fact(db, LAST_WEEK, week, now)

    def wanted(self, db: sqlite3.Connection, now: datetime) -> str | None:
        """Return the week whose summary is to be queued now, or None; only reads."""
        found = self.due(now)
        if found is None:
            return None
        day, week = found
        if (facts.fact(db, LAST_WEEK) or "") >= week or not sessions.any_before(db, self._moment(day)):
            return None
        return week if self.calendars.city.notice_open(now) <= now else None

    def missed(self, db: sqlite3.Connection, now: datetime) -> str | None:
        """Return the week whose summary was not queued in its time, or came to nothing on its way; else None."""
        found = self.due(now - A_WHILE)
        if found is None or not sessions.any_before(db, self._moment(found[0])):
            return None
        day, week = found
        sent = facts.fact(db, LAST_WEEK) or ""
        if sent < week:
            opened = self.calendars.city.notice_open(self._moment(day)) + A_WHILE <= now
            return week if opened and self.calendars.city.notice_open(now - A_WHILE) <= now - A_WHILE else None
        return sent if alarms.undelivered(db, f"summary:{sent}:*") else None

    def _moment(self, day: date) -> datetime:
        return self.calendars.city.at(day, time.fromisoformat(self.weekly_summary.split()[1]))

    def queue(self, db: sqlite3.Connection, now: datetime, week: str, *, unit_id: int | None = None) -> int:
        """Freeze a week's figures and queue its messages (of one unit only, if given); returns how many."""
        begin, _ = bounds(week, self.calendars.city.zone)
        queued = 0
        # The city and all units at once.
        self.weekly.frozen(db, now, week, None)
        for row in accounts.coordinators(db):
            wanted = unit_id is None or row["unit_id"] == unit_id
            if row["state"] != "active" or row["telegram_id"] is None or not wanted:
                continue
            if figures.has_sessions(db, row["unit_id"], begin - INTEREST):
                queued += self._put(db, now, row["telegram_id"], week, row["unit_id"])
        if unit_id is None and figures.has_sessions(db, None, begin - INTEREST):
            queued += sum(self._put(db, now, admin, week, None) for admin in self.admins)
        return queued

    def _put(self, db: sqlite3.Connection, now: datetime, telegram_id: int, week: str, unit_id: int | None) -> int:
        # By hand a summary is sent again to whom it did not reach.
        return outbox.put_anew(
            db,
            now,
            telegram_id,
            "summary",
            {"week": week, "unit_id": unit_id},
            key=f"summary:{week}:{unit_id or 'city'}:{telegram_id}",
            lane=Lane.NOTICE,
            expires_at=now + SUMMARY_LIVES,
        )
