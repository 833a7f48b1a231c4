"""Random histories against the promises of the gate, the ledger, the anchors and the leave.

The fixed profile of a normal run takes well under a minute; SINAR_HISTORIES=500 looks at that many.
"""

import os
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.clock import from_text, to_text
from bot.domain.journey import Kind, Times, due
from bot.domain.leave import shifted
from bot.store import broadcasts, leaves, ledger, sessions
from bot.store.broadcasts import Target
from bot.store.outbox import Lane
from bot.store.planning import HORIZON
from handlers.door import Act
from handlers.participant import answering, own, pausing
from tests.rules.history import ADMIN, FIVE_DAYS, LIBRARY, PEOPLE, SIX_DAYS, START, World, blocks

HISTORIES = int(os.environ.get("SINAR_HISTORIES", "0"))
SIX = ("planned", "deferred", "sent", "answered_early", "expired", "cancelled")
STEPS = {step.id: step for step in LIBRARY.journeys["default"].steps}
COUNTED = sum(step.kind is not Kind.REMINDER for step in STEPS.values())
MOST_SESSIONS = 3
# An outbox row of a touch lives until 59 seconds after the hours.
GRACE = timedelta(seconds=59)
people = st.integers(1, PEOPLE)
hours_ahead = st.integers(-60, 240)


class History(RuleBasedStateMachine):
    """What admins, people, Telegram and the machine's clock can do, in any order."""

    later_half = False

    def __init__(self) -> None:
        super().__init__()
        self.world = World(later_half=self.later_half)
        self.judged = 0
        self.looked_at: datetime | None = None
        self.planned_well: set[tuple[int, str]] = set()

    def teardown(self) -> None:
        self.world.close()

    # What may happen -------------------------------------------------------------------------------

    @initialize(joined=st.sets(people, min_size=2), ahead=st.integers(-20, 60))
    def begin(self, joined: set[int], ahead: int) -> None:
        start = (self.world.now + timedelta(hours=ahead)).replace(minute=0)
        self.world.add_session(start, 3, [FIVE_DAYS, SIX_DAYS])
        for person in joined:
            self.world.join(person)

    @precondition(lambda self: self._count("session") < MOST_SESSIONS)
    @rule(
        days=st.integers(0, 6),
        hour=st.integers(6, 19),
        length=st.integers(1, 4),
        units=st.sampled_from([[FIVE_DAYS], [SIX_DAYS], [FIVE_DAYS, SIX_DAYS]]),
    )
    def add_session(self, days: int, hour: int, length: int, units: list[str]) -> None:
        midnight = self.world.now.astimezone(START.tzinfo).replace(hour=0, minute=0, second=0, microsecond=0)
        self.world.add_session(midnight + timedelta(days=days, hours=hour), length, units)

    @rule(person=people)
    def join(self, person: int) -> None:
        self.world.join(person)

    @precondition(lambda self: self._count("session"))
    @rule(which=st.integers(0, 9), ahead=hours_ahead, length=st.integers(1, 4))
    def move_session(self, which: int, ahead: int, length: int) -> None:
        start = self.world.now + timedelta(hours=ahead)
        session = self._session(which)
        self.world.write(lambda db: sessions.move(db, session, start, start + timedelta(hours=length)))

    @precondition(lambda self: self._count("session"))
    @rule(which=st.integers(0, 9))
    def end_early(self, which: int) -> None:
        session = self._session(which)

        def work(db: Any) -> None:
            found = sessions.get(db, session)
            if found.start < self.world.now < found.end:
                sessions.move(db, session, found.start, self.world.now)

        self.world.write(work)

    @precondition(lambda self: self._count("session") > 1)
    @rule(which=st.integers(0, 9))
    def cancel_session(self, which: int) -> None:
        session = self._session(which)
        self.world.write(lambda db: sessions.cancel(db, self.world.now, session))

    @rule(person=people)
    def broadcast(self, person: int) -> None:
        now = self.world.now
        self.world.write(
            lambda db: broadcasts.create(
                db, now, ADMIN, [1], "all", [Target(1000 + person, person)], start=now, never_joined=0
            )
        )

    @rule(person=people, which=st.integers(0, 9), skipping=st.booleans())
    def answer_or_skip(self, person: int, which: int, skipping: bool) -> None:
        known = self.world.rows(
            "SELECT id FROM touchpoint WHERE person_id = ? AND answered_at IS NULL AND skipped_at IS NULL"
            " AND kind NOT IN ('reminder', 'recap') AND state IN ('released', 'sent', 'expired') ORDER BY id",
            person,
        )
        if known:
            touchpoint = known[which % len(known)]["id"]
            if skipping:
                self.world.act(person, answering.skip, touchpoint)
            else:
                self.world.act(person, lambda act: _done(act, touchpoint))

    @rule(person=people)
    def ask_later(self, person: int) -> None:
        known = self.world.rows("SELECT id FROM touchpoint WHERE person_id = ? AND state = 'sent'", person)
        if known:
            self.world.act(person, answering.tomorrow, known[-1]["id"])

    @rule(person=people, days=st.integers(1, 25))
    def pause(self, person: int, days: int) -> None:
        if self._active(person):
            self.world.act(person, pausing.pause, days)

    @rule(person=people)
    def resume(self, person: int) -> None:
        if self._active(person):
            self.world.act(person, pausing.resume)

    @rule(person=people)
    def show_what_waits(self, person: int) -> None:
        for row in self.world.rows(
            "SELECT id FROM touchpoint WHERE person_id = ? AND state = 'deferred' AND notice = 0 LIMIT 1", person
        ):
            self.world.act(person, pausing.show, row["id"])

    @rule(person=people, wish=st.sampled_from(["slow", "usual", "keep"]))
    def choose_pace(self, person: int, wish: str) -> None:
        if self._active(person):
            self.world.act(person, pausing.set_pace, wish)

    @rule(person=people)
    def withdraw(self, person: int) -> None:
        if self._active(person):
            self.world.act(person, own.withdraw)

    @rule(person=people, told=st.booleans())
    def block(self, person: int, told: bool) -> None:
        self.world.barred.add(person)
        if told and self._active(person):
            self.world.act(person, blocks)

    @rule(person=people)
    def unblock(self, person: int) -> None:
        self.world.barred.discard(person)
        if self._active(person):
            self.world.act(person, own.privacy)

    @rule(up=st.booleans())
    def line(self, up: bool) -> None:
        self.world.line_up = up
        self.world.deliver()

    @rule(hours=st.integers(1, 60) | st.integers(60, 240))
    def time_passes(self, hours: int) -> None:
        self.world.pass_time(hours)
        self.looked_at = self.world.now

    @rule(seconds=st.integers(1, 3 * 86400))
    def outage(self, seconds: int) -> None:
        self.world.clock.advance(timedelta(seconds=seconds))
        self.world.look()
        self.looked_at = self.world.now

    @rule()
    def look(self) -> None:
        self.world.look()
        self.looked_at = self.world.now

    # What must hold --------------------------------------------------------------------------------

    @invariant()
    def the_ledger_adds_up(self) -> None:
        for row in self.world.rows(
            "SELECT s.id, count(p.id) AS n FROM session s LEFT JOIN participant p ON p.session_id = s.id GROUP BY s.id"
        ):
            tally = self.world.read(partial(ledger.tally, session_id=row["id"]))
            assert sum(tally[state] for state in SIX) == row["n"] * COUNTED, dict(row)

    @invariant()
    def no_day_has_more_touches_than_the_cap(self) -> None:
        cap = self.world.rules.cap
        for row in self.world.rows(
            "SELECT person_id, day, count(*) AS n FROM touch WHERE counts = 1 GROUP BY person_id, day"
        ):
            assert row["n"] <= cap, dict(row)
        touches = {(one.person, one.at.astimezone(START.tzinfo).date(), _touch(one.row)) for one in self.touches()}
        days = Counter((person, day) for person, day, _ in touches)
        assert all(count <= cap for count in days.values()), days

    @invariant()
    def every_deferral_names_its_rule(self) -> None:
        unexplained = self.world.rows(
            "SELECT id, reason FROM touchpoint t WHERE state = 'deferred' AND NOT EXISTS (SELECT 1 FROM decision d"
            " WHERE d.touchpoint_id = t.id AND d.what = 'deferred' AND d.rule = t.reason)"
        )
        assert not [dict(row) for row in unexplained]

    @invariant()
    def nothing_due_is_left_after_a_look(self) -> None:
        if self.looked_at != self.world.now:
            return
        self.looked_at = None
        now = to_text(self.world.now)
        for what in ("look_at", "remind_at"):
            left = self.world.rows(f"SELECT id, state, reason FROM touchpoint WHERE {what} <= ?", now)
            assert not [dict(row) for row in left], what
        assert not self.world.rows("SELECT id FROM account WHERE paused_until <= ?", now)
        assert not self.world.rows(
            "SELECT id FROM touchpoint WHERE closes_at <= ? AND state = 'sent' AND started_at IS NULL"
            " AND answered_at IS NULL AND skipped_at IS NULL",
            now,
        )
        self._the_ledger_follows_the_plan()

    @invariant()
    def what_was_sent_was_allowed(self) -> None:
        fresh, self.judged = self.world.sent[self.judged :], len(self.world.sent)
        for one in fresh:
            if one.row.lane is Lane.PEOPLE or one.person < 1 or one.person > PEOPLE:
                continue
            account = self.world.rows("SELECT * FROM account WHERE person_id = ?", one.person)[0]
            # A withdrawal or a pause of this very step came after what was sent before it.
            assert account["withdrawn_at"] is None or account["withdrawn_at"] >= to_text(one.at), one
            if one.row.lane in (Lane.TOUCH, Lane.BULK):
                calendar = self.world.calendars.of(self.world.unit_of(one.person))
                assert calendar.closed(one.at) is None or calendar.closed(one.at - GRACE) is None, one
                known = self.world.read(partial(leaves.of_person, person_id=one.person))
                away = [leave for leave in known if leave.start < one.at < leave.end]
                assert not away, (one, away)
            self._reminds_nobody_who_is_done(one)

    # How it is found out -----------------------------------------------------------------------------

    def touches(self) -> list[Any]:
        """Return what was sent as a touch that counts."""
        return [one for one in self.world.sent if one.row.lane is Lane.TOUCH and not one.row.facts.get("held")]

    def _the_ledger_follows_the_plan(self) -> None:
        """What waits stands at the time that the anchors give now; what went just now, went by that."""
        now = to_text(self.world.now)
        for row in self.world.rows(
            "SELECT t.*, p.joined_at, p.later FROM touchpoint t JOIN participant p ON p.id = t.participant_id"
            " JOIN session s ON s.id = t.session_id WHERE s.cancelled_at IS NULL AND s.end_at > ?"
            " AND (t.released_at = ? AND t.touch_id IS NOT NULL OR t.state IN ('planned', 'deferred'))",
            to_text(self.world.now - HORIZON),
            now,
        ):
            if (row["id"], now) in self.planned_well:
                # It went before a session moved at this very instant.
                continue
            session, away, answered = self.world.read(partial(_what_the_plan_knows, row=row))
            step = STEPS[row["step"]]
            calendar = self.world.calendars.of(self.world.unit_of(row["person_id"]))
            waits = row["later"] and step.anchor == "end" and step.id != "kuis-a"
            end = session.end + timedelta(days=7) if waits else session.end
            times = Times(session.start, end, from_text(row["joined_at"]), None, answered)
            plain = due(step, times, calendar)
            when = shifted(step, plain, times.anchor(step.anchor), away, calendar, None)
            assert when.at is not None
            assert row["due_at"] == to_text(when.at), (dict(row), when, session)
            assert when.past is None, "a step that was past for a late joiner"
            if row["released_at"] == now:
                self.planned_well.add((row["id"], now))
                assert when.until is None or when.until > self.world.now, "released after its time"

    def _reminds_nobody_who_is_done(self, one: Any) -> None:
        asked = list(one.facts.get("touchpoints", [])) if one.facts.get("mode") == "remind" else []
        for touchpoint in asked:
            row = self.world.rows("SELECT * FROM touchpoint WHERE id = ?", touchpoint)[0]
            done = min(filter(None, (row["answered_at"], row["skipped_at"])), default=None)
            assert done is None or done >= to_text(one.at), (one, dict(row))

    def _count(self, table: str) -> int:
        return int(self.world.rows(f"SELECT count(*) FROM {table}")[0][0])

    def _session(self, which: int) -> int:
        found = self.world.rows("SELECT id FROM session ORDER BY id")
        return int(found[which % len(found)]["id"])

    def _active(self, person: int) -> bool:
        return bool(
            self.world.rows(
                "SELECT 1 FROM account WHERE person_id = ? AND joined_at IS NOT NULL AND withdrawn_at IS NULL", person
            )
        )


def _touch(row: Any) -> object:
    """Return what is equal for all messages of one touch."""
    kind, _, number = row.dedupe_key.partition(":")
    return (kind, number.split(":")[0])


def _done(act: Act, touchpoint: int) -> None:
    row = ledger.touchpoint(act.db, touchpoint)
    assert row is not None
    answering.done(act, row)


def _what_the_plan_knows(db: Any, row: Any) -> Any:
    answered = {
        one["step"]: from_text(one["answered_at"] or one["skipped_at"])
        for one in db.execute("SELECT * FROM touchpoint WHERE participant_id = ?", (row["participant_id"],))
        if one["answered_at"] or one["skipped_at"]
    }
    return sessions.get(db, row["session_id"]), leaves.of_person(db, row["person_id"]), answered


TestHistories = History.TestCase
TestHistories.settings = settings(
    max_examples=HISTORIES or 40,
    stateful_step_count=40,
    derandomize=not HISTORIES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # Making a found history shorter takes minutes: that is for whoever looks into it.
    phases=(Phase.generate, Phase.shrink) if HISTORIES else (Phase.generate,),
    print_blob=bool(HISTORIES),
)


class HalvedHistory(History):
    """The same where a random half of each session's participants starts a week later."""

    later_half = True


TestHalvedHistories = HalvedHistory.TestCase
TestHalvedHistories.settings = settings(TestHistories.settings, max_examples=HISTORIES or 8)
