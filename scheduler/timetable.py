"""The timetable: at every look the store is asked what is due. A missed, doubled or late look does no harm.

The wake-up is a plain monotonic sleep: APScheduler's own timer sleeps until a wall-clock moment, so that a
clock set back by a day would silence the bot for a day. Its triggers say when summaries and nights are due.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from bot.clock import Clock, to_text
from bot.logs import OF_PEOPLE
from bot.reports import ahead
from bot.store import due, facts, outbox, planning, sessions, touches
from bot.store.database import Store
from bot.store.outbox import Lane
from bot.store.sessions import Session
from scheduler import broadcasting, moving, rights
from scheduler.alarms import Alarms
from scheduler.housekeeping import Housekeeping
from scheduler.release import Gate
from scheduler.summaries import Summaries

log = logging.getLogger(__name__)
PEOPLE_A_LOOK_UP = 50
# So long at most is one write, so that what people say meanwhile is stored between two of them.
WRITE_SECONDS = 0.01
PLANS_A_LOOK = 3
LAST_LOOK = "last_look"


@dataclass(frozen=True)
class _Seen:
    """What a look finds: whether a plan or a closing is due, people for whom something is, the week to tell of."""

    anything: bool
    people: list[int]
    week: str | None


def silent_after(look_every_seconds: float) -> timedelta:
    """Return how long after its last look a timetable no longer counts as running."""
    return timedelta(seconds=max(60.0, 10 * look_every_seconds))


@dataclass
class Timetable:
    """Looks at the clock and the store, and does what is due."""

    store: Store
    clock: Clock
    gate: Gate
    summaries: Summaries
    # A trial has none: it is not backed up, and is erased as a whole.
    housekeeping: Housekeeping | None
    look_every_seconds: float
    alarms: Alarms | None = None
    # Given a week that has just been told to all: makes what is likely to be asked for next.
    week_told: Callable[[str], Awaitable[object]] | None = None
    _stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Look every `look_every_seconds` (monotonic) until `stop` is called."""
        while not self._stop.is_set():
            try:
                await self.look()
            except Exception:
                # The store may be locked or full for a while; the next look asks again.
                log.exception("look failed, trying again", extra=OF_PEOPLE)
            try:
                await asyncio.wait_for(self._stop.wait(), self.look_every_seconds)
            except TimeoutError:
                continue

    def stop(self) -> None:
        """Let `run` return after the present look."""
        self._stop.set()

    async def look(self) -> None:
        """Do all that is due now; then see what is wrong, also when something could not be done."""
        now, failed = self.clock.now(), True
        try:
            await self._do_what_is_due(now)
            failed = False
        finally:
            if self.alarms is not None:
                await self.alarms.look(now, look_failed=failed)

    async def _do_what_is_due(self, now: datetime) -> None:
        seen = await self.store.read(lambda db: self._seen(db, now))
        if seen.anything:
            for session_id in await self.store.write(lambda db: _begin(db, now)):
                await self._plan(session_id, now)
            # After it: a session that moved on moves what closes with it.
            await self.store.write(lambda db: touches.close_expired(db, now))
            seen = await self.store.read(lambda db: self._seen(db, now))
        await self._serve_people(now, seen.people)
        if seen.week is not None:
            await ahead.publish(self.store, self.summaries.weekly, now, [seen.week])
        await self.store.write(lambda db: self._rest(db, now))
        if seen.week is not None:
            await self._make_ahead(seen.week)
        if self.housekeeping is not None:
            await self.housekeeping.look(now)

    async def _make_ahead(self, week: str) -> None:
        if self.week_told is not None and not self._stop.is_set():
            try:
                await self.week_told(week)
            except Exception:
                # Nothing is missing: whoever asks for it has it made then.
                log.exception("nothing made ahead week=%s", week)

    def _seen(self, db: sqlite3.Connection, now: datetime) -> _Seen:
        return _Seen(
            due.anything(db, now),
            due.people(db, now, PEOPLE_A_LOOK_UP),
            self.summaries.wanted(db, now),
        )

    async def _plan(self, session_id: int, now: datetime) -> None:
        """Make a session's plan anew, of some participants a write: each one's plan is independent of the others'.

        The mark at the session stays until all are planned. So what is asked for meanwhile, or after a crash, is
        found again.
        """
        for _ in range(PLANS_A_LOOK):
            mark, left = await self.store.write(partial(self._begin_plan, now=now, session_id=session_id))
            while left:
                left = await self.store.write(
                    partial(
                        planning.plan_some, now=now, rules=self.gate.rules, participant_ids=left, seconds=WRITE_SECONDS
                    ),
                    alone=True,
                )
            if await self.store.write(partial(sessions.replanned, session_id=session_id, mark=mark)):
                return

    def _begin_plan(self, db: sqlite3.Connection, now: datetime, session_id: int) -> tuple[int, Sequence[int]]:
        """Tell of a change, once, those who knew of the session before others come into it."""
        session = sessions.get(db, session_id)
        told = sessions.who_knows(db, session.id)
        _tell_changes(db, now, session, told, self.gate.rules.calendars.city.notice_open(now))
        return sessions.replan_mark(db, session_id), planning.begin_replan(db, now, session)

    async def _serve_people(self, now: datetime, found: list[int]) -> None:
        before: list[int] = []
        # Whoever is still due after having been served would be served for ever.
        while found and found != before:
            before = found
            left: Sequence[int] = found
            while left:
                left = await self.store.write(
                    partial(self.gate.serve_some, now=now, people_ids=left, seconds=WRITE_SECONDS), alone=True
                )
            found = await self.store.read(lambda db: due.people(db, now, PEOPLE_A_LOOK_UP))

    def _rest(self, db: sqlite3.Connection, now: datetime) -> None:
        broadcasting.advance(db, now, self.gate.rules.calendars.city)
        self.summaries.look(db, now)
        moving.advance(db, now, self.gate.rules)
        rights.advance(db, now, self.gate.rules.calendars.city, self.summaries.admins)
        facts.set_fact(db, LAST_LOOK, to_text(now), now)


def _begin(db: sqlite3.Connection, now: datetime) -> list[int]:
    """Freeze who is invited to what has begun; returns the sessions (ids) whose plan must be made anew."""
    sessions.freeze_invited(db, now)
    return [session.id for session in sessions.to_replan(db)]


def _tell_changes(
    db: sqlite3.Connection, now: datetime, session: Session, people_told: list[int], opens: datetime
) -> None:
    """Tell everybody who knew of the session that it was moved or cancelled."""
    told = sessions.told_start(db, session.id)
    start = to_text(session.start)
    template = None
    if session.cancelled and told != "cancelled" and now < session.end:
        template = "session_cancelled"
    elif not session.cancelled and told not in (None, start) and now < session.start:
        template = "session_moved"
    if template is not None:
        for telegram_id in people_told:
            outbox.put(
                db,
                now,
                telegram_id,
                template,
                {"title": session.title, "place": session.place, "start": start, "end": to_text(session.end)},
                key=f"{template}:{session.id}:{start}:{to_text(now)}:{telegram_id}",
                lane=Lane.NOTICE,
                not_before=opens,
                expires_at=session.end,
            )
    marker = "cancelled" if session.cancelled else start
    sessions.note_told(db, session.id, marker)
