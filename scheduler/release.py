"""The gate at work: what is due for a person is judged by bot/domain/gate.py, and done by scheduler/deed.py."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from time import monotonic

from bot.clock import from_text, to_text
from bot.domain.calendar import WorkCalendar
from bot.domain.gate import Reader, Reminder, Source, Waiting, decide
from bot.domain.journey import Kind, continues
from bot.store import accounts, broadcasts, due, leaves, ledger, pace, people, touches
from bot.store.planning import Rules, preferred_time
from messages.library import Library
from scheduler.deed import Deed, moment, step_of
from scheduler.returning import come_back

BROADCAST_LIVES = timedelta(days=4)


@dataclass(frozen=True)
class Gate:
    """What the release of touches needs to know."""

    rules: Rules
    library: Library

    def serve_some(
        self, db: sqlite3.Connection, now: datetime, people_ids: Sequence[int], seconds: float
    ) -> Sequence[int]:
        """Serve people, one at least, until so many seconds are over; returns those who are left."""
        over = monotonic() + seconds
        for served, person_id in enumerate(people_ids, 1):
            self.serve(db, now, person_id)
            if monotonic() >= over:
                return people_ids[served:]
        return ()

    def serve(self, db: sqlite3.Connection, now: datetime, person_id: int) -> None:
        """Judge and carry out all that is due for one person."""
        person = people.person(db, person_id)
        account = accounts.account_of_person(db, person_id)
        if account is None or not account.active or not account.reachable or person.gone:
            self._drop(db, now, person_id, account, gone=person.gone)
            return
        calendar = self.rules.calendars.of(person.unit)
        if account.paused_until is not None and account.paused_until <= to_text(now):
            account = come_back(db, now, self.rules, account, calendar)
        steps = due.steps(db, now, person_id)
        reminders = due.reminders(db, now, person_id)
        targets = due.targets(db, now, person_id)
        reader = self._reader(db, now, account, calendar)
        waiting = [self._waiting(db, row) for row in steps] + [_target(row) for row in targets]
        due_reminders = [Reminder(row["id"], moment(row["closes_at"])) for row in reminders]
        by_id = {row["id"]: row for row in (*steps, *reminders)}
        target_by_key = {-row["id"]: row for row in targets}
        deed = Deed(self.rules, self.library, db, now, account, calendar, by_id, target_by_key)
        verdicts = decide(now, reader, waiting, due_reminders)
        while dropped := deed.dropped(verdicts):
            # What is sent to nobody must not take the day's touch from what is.
            waiting = [item for item in waiting if item.key not in dropped]
            verdicts = decide(now, reader, waiting, due_reminders)
        for verdict in verdicts:
            deed.carry_out(verdict)
        touches.drop_reminders(db, now, person_id)

    def _reader(
        self, db: sqlite3.Connection, now: datetime, account: accounts.Account, calendar: WorkCalendar
    ) -> Reader:
        person_id = account.person_id or 0
        today = calendar.local_day(now)
        midnight = calendar.at(today + timedelta(days=1), time())
        slow = pace.of_person(db, person_id).slow
        return Reader(
            calendar=calendar,
            preferred=preferred_time(account),
            paused_until=moment(account.paused_until),
            touches_today=touches.on_day(db, person_id, today),
            cap=min(self.rules.cap, 1) if slow else self.rules.cap,
            next_touch_today=moment(due.next_touch(db, now, person_id, midnight)),
            rest_until=pace.rest_until(db, person_id, calendar, preferred_time(account)) if slow else None,
        )

    def _waiting(self, db: sqlite3.Connection, row: sqlite3.Row) -> Waiting:
        _, step = step_of(self.rules, db, row)
        due_at = from_text(row["due_at"])
        follows = step is not None and continues(step)
        shown = row["reason"] == leaves.SHOWN
        return Waiting(
            key=row["id"],
            source=Source.JOURNEY,
            together=(row["participant_id"], due_at),
            due=due_at,
            until=moment(row["unsent_until"]),
            # What follows at once from an own answer belongs to that touch: it is asked for.
            notice=bool(row["notice"]) or follows or shown,
            asked_for=shown or follows or (bool(row["notice"]) and row["kind"] == Kind.PREQUIZ),
        )

    def _drop(
        self,
        db: sqlite3.Connection,
        now: datetime,
        person_id: int,
        account: accounts.Account | None,
        *,
        gone: bool,
    ) -> None:
        rule = "gone" if gone else "withdrawn" if account is None or not account.active else "blocked"
        ledger.cancel_unsent_of(db, now, rule, person_id=person_id)
        if account is not None and account.paused_until is not None and account.paused_until <= to_text(now):
            leaves.end(db, now, account, self.rules.calendars.city)
        state = "blocked" if rule == "blocked" else "stopped"
        for row in due.targets(db, now, person_id):
            broadcasts.set_target(db, row["id"], state, rule)


def _target(row: sqlite3.Row) -> Waiting:
    start = from_text(row["start_at"])
    return Waiting(
        key=-row["id"],
        source=Source.BROADCAST,
        together=(row["broadcast_id"], start),
        due=start,
        until=start + BROADCAST_LIVES,
        # A session's reminder is a notice, and so is what an admin marked "Mendesak".
        notice=bool(row["urgent"]) or row["session_id"] is not None,
    )
