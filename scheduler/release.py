"""The gate at work: what is due for a person is judged by bot/domain/gate.py, and done here."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from time import monotonic

from bot.clock import from_text, to_text
from bot.domain.calendar import NOTICE_UNTIL, WorkCalendar
from bot.domain.gate import Action, Reader, Reminder, Source, Verdict, Waiting, decide
from bot.domain.journey import QUIZZES, Journey, Kind, Step, continues, resolve
from bot.store import (
    accounts,
    answers,
    broadcasts,
    commitments,
    leaves,
    ledger,
    outbox,
    pace,
    people,
    quizzes,
    sessions,
)
from bot.store.outbox import Lane
from bot.store.planning import Rules, preferred_time
from messages.library import Library
from scheduler.returning import come_back


@dataclass(frozen=True)
class Gate:
    """What the release of touches needs to know."""

    rules: Rules
    library: Library

    def due_people(self, db: sqlite3.Connection, now: datetime, limit: int) -> list[int]:
        """Return people (ids) for whom something must be looked at now."""
        text = to_text(now)
        found = db.execute(
            "SELECT person_id FROM touchpoint WHERE look_at <= ? UNION"
            " SELECT person_id FROM touchpoint WHERE remind_at <= ? UNION"
            " SELECT t.person_id FROM broadcast_target t JOIN broadcast b ON b.id = t.broadcast_id"
            " WHERE t.look_at <= ? AND t.person_id IS NOT NULL AND b.state = 'running' UNION"
            " SELECT person_id FROM account WHERE paused_until <= ? AND person_id IS NOT NULL LIMIT ?",
            (text, text, text, text, limit),
        )
        return [int(row[0]) for row in found]

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
        steps = _due_steps(db, now, person_id)
        reminders = _due_reminders(db, now, person_id)
        targets = _due_targets(db, now, person_id)
        reader = self._reader(db, now, account, calendar)
        waiting = [self._waiting(db, row) for row in steps] + [_target(row) for row in targets]
        due_reminders = [Reminder(row["id"], _moment(row["closes_at"])) for row in reminders]
        by_id = {row["id"]: row for row in (*steps, *reminders)}
        target_by_key = {-row["id"]: row for row in targets}
        deed = _Deed(self, db, now, account, calendar, by_id, target_by_key)
        verdicts = decide(now, reader, waiting, due_reminders)
        while dropped := deed.dropped(verdicts):
            # What is sent to nobody must not take the day's touch from what is.
            waiting = [item for item in waiting if item.key not in dropped]
            verdicts = decide(now, reader, waiting, due_reminders)
        for verdict in verdicts:
            deed.carry_out(verdict)
        _drop_closed_reminders(db, now, person_id)

    def step(self, row: sqlite3.Row, db: sqlite3.Connection) -> tuple[Journey | None, Step | None]:
        """Return the journey and the step of a touchpoint, as the content has them now."""
        journey = self.rules.journeys.get(sessions.get(db, row["session_id"]).journey)
        if journey is None:
            return None, None
        return journey, next((step for step in journey.steps if step.id == row["step"]), None)

    def _reader(
        self, db: sqlite3.Connection, now: datetime, account: accounts.Account, calendar: WorkCalendar
    ) -> Reader:
        person_id = account.person_id or 0
        today = calendar.local_day(now)
        midnight = calendar.at(today + timedelta(days=1), time())
        slow = pace.of_person(db, person_id).slow
        upcoming = db.execute(
            "SELECT min(look_at) FROM touchpoint WHERE person_id = ? AND notice = 0 AND look_at > ? AND look_at < ?",
            (person_id, to_text(now), to_text(midnight)),
        ).fetchone()[0]
        return Reader(
            calendar=calendar,
            preferred=preferred_time(account),
            paused_until=_moment(account.paused_until),
            touches_today=ledger.touches_on(db, person_id, today),
            cap=min(self.rules.cap, 1) if slow else self.rules.cap,
            next_touch_today=_moment(upcoming),
            rest_until=pace.rest_until(db, person_id, calendar, preferred_time(account)) if slow else None,
        )

    def _waiting(self, db: sqlite3.Connection, row: sqlite3.Row) -> Waiting:
        _, step = self.step(row, db)
        due = from_text(row["due_at"])
        follows = step is not None and continues(step)
        shown = row["reason"] == leaves.SHOWN
        return Waiting(
            key=row["id"],
            source=Source.JOURNEY,
            together=(row["participant_id"], due),
            due=due,
            until=_moment(row["unsent_until"]),
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
        for row in _due_targets(db, now, person_id):
            broadcasts.set_target(db, row["id"], state, rule)


@dataclass
class _Deed:
    gate: Gate
    db: sqlite3.Connection
    now: datetime
    account: accounts.Account
    calendar: WorkCalendar
    steps: dict[int, sqlite3.Row]
    targets: dict[int, sqlite3.Row]

    def dropped(self, verdicts: Sequence[Verdict]) -> set[int]:
        """Cancel those steps of a release that make no sense as things stand; returns their keys."""
        released = [key for verdict in verdicts if verdict.action is Action.RELEASE for key in verdict.keys]
        return {key for key in released if key in self.steps and not self._applies(self.steps[key])}

    def carry_out(self, verdict: Verdict) -> None:
        if verdict.action is Action.RELEASE:
            self._release(verdict)
        elif verdict.action is Action.EXPIRE:
            for key in verdict.keys:
                self._expire(key, verdict.rule)
        else:
            self._defer(verdict)

    def _expire(self, key: int, rule: str) -> None:
        if key in self.targets:
            broadcasts.set_target(self.db, self.targets[key]["id"], "expired", rule)
        else:
            ledger.close_unsent(self.db, self.now, [key], "expired", rule)

    def _defer(self, verdict: Verdict) -> None:
        until = verdict.until or self.now
        for key in verdict.keys:
            if key in self.targets:
                broadcasts.set_target(self.db, self.targets[key]["id"], "deferred", verdict.rule, until)
            else:
                ledger.defer(self.db, self.now, key, verdict.rule, until)
        for key in verdict.reminders:
            self.db.execute("UPDATE touchpoint SET remind_at = ? WHERE id = ?", (to_text(until), key))
            ledger.decide(self.db, self.now, key, "reminder deferred", verdict.rule, until)

    def _release(self, verdict: Verdict) -> None:
        if not verdict.keys:
            self._remind(verdict.reminders)
            return
        if verdict.source is Source.BROADCAST:
            self._broadcast(self.targets[verdict.keys[0]], counts=not verdict.notice)
            return
        rows = [self.steps[key] for key in verdict.keys]
        touch = self._open_touch("journey", counts=not verdict.notice)
        for row in rows:
            self._let_through(row, touch, verdict.rule)
        for key in verdict.reminders:
            self._mark_reminded(key, "line_under_a_touch")
        for number, group in enumerate(_messages(rows)):
            lines = list(verdict.reminders) if number == 0 else []
            if group[0]["kind"] == Kind.RECAP and any(row["kind"] == Kind.SELFCHECK for row in rows):
                self._hold_recap(group[0], next(row for row in rows if row["kind"] == Kind.SELFCHECK))
            else:
                self._queue(touch, number, [row["id"] for row in group], lines, group[0], notice=verdict.notice)

    def _applies(self, row: sqlite3.Row) -> bool:
        """Whether the step makes sense for this participant as things stand; if not, it is cancelled."""
        rule = None
        participant = ledger.participant(self.db, row["session_id"], row["person_id"])
        absent = participant is not None and participant["absent_at"] is not None
        journey, step = self.gate.step(row, self.db)
        if journey is None or step is None:
            rule = "not_in_content"
        elif absent and (row["kind"] == Kind.REACTION or row["step"] == journey.first_reflection()):
            rule = "absent"
        elif row["kind"] == Kind.FOLLOWUP and commitments.of_participant(self.db, row["participant_id"]) is None:
            rule = "no_commitment"
        if rule:
            ledger.close_unsent(self.db, self.now, [row["id"]], "cancelled", rule)
        return rule is None

    def _open_touch(self, source: str, *, counts: bool) -> int:
        day = self.calendar.local_day(self.now)
        return ledger.open_touch(self.db, self.now, self.account.person_id or 0, day, source, counts=counts)

    def _let_through(self, row: sqlite3.Row, touch: int, rule: str) -> None:
        _, step = self.gate.step(row, self.db)
        preferred = preferred_time(self.account)
        closes = remind = None
        if step is not None and row["kind"] != Kind.REMINDER:
            closes = resolve(step.expires, self.now, self.calendar, preferred) if step.expires else None
            remind = resolve(step.remind_after, self.now, self.calendar, preferred) if step.remind_after else None
        if row["kind"] == Kind.PREQUIZ:
            # What measures before the session is worth nothing once it has begun.
            closes = _moment(row["unsent_until"])
        ledger.release(self.db, self.now, row["id"], touch, rule, closes=closes, remind=remind)
        if step is not None:
            self._prepare(row, step)

    def _prepare(self, row: sqlite3.Row, step: Step) -> None:
        kind, person_id = Kind(row["kind"]), row["person_id"]
        if kind in QUIZZES:
            history = quizzes.history(self.db, person_id)
            items = self.gate.library.choose_items(step.content or "", history, row["id"])
            quizzes.draw(self.db, row["id"], person_id, [(item.id, item.value) for item in items])
        elif kind is Kind.REFLECTION:
            chosen = commitments.of_participant(self.db, row["participant_id"])
            seen = answers.prompts_seen(self.db, person_id)
            value = chosen["value"] if chosen else None
            prompt = self.gate.library.choose_prompt(step.content or "", value, seen, row["id"])
            answers.ask(self.db, self.now, person_id, row["id"], "reflection", prompt.id)
        elif kind is Kind.COMMITMENT:
            commitments.draft(self.db, row)
            answers.ask(self.db, self.now, person_id, row["id"], "cue")
        elif kind is Kind.FOLLOWUP:
            answers.ask(self.db, self.now, person_id, row["id"], "obstacle")

    def _remind(self, keys: Sequence[int]) -> None:
        for key in keys:
            self._mark_reminded(key, "reminder")
        touch = self._open_touch("reminder", counts=True)
        facts: dict[str, object] = {"touchpoints": [keys[0]], "reminders": list(keys[1:]), "mode": "remind"}
        self._put(f"remind:{touch}", facts, Lane.TOUCH, self._until_evening(self.calendar.send_until))

    def _mark_reminded(self, key: int, rule: str) -> None:
        self.db.execute(
            "UPDATE touchpoint SET remind_at = NULL, reminded_at = ? WHERE id = ?", (to_text(self.now), key)
        )
        ledger.decide(self.db, self.now, key, "reminded", rule)

    def _queue(
        self, touch: int, number: int, ids: list[int], lines: list[int], first: sqlite3.Row, *, notice: bool
    ) -> None:
        lane = Lane.NOTICE if notice else Lane.TOUCH
        closing = self._until_evening(NOTICE_UNTIL if notice else self.calendar.send_until)
        unsent_until = _moment(first["unsent_until"])
        if notice and first["kind"] == Kind.REMINDER and unsent_until is not None:
            closing = min(closing, unsent_until)
        if notice and first["kind"] != Kind.REMINDER:
            closing = unsent_until or self.now + timedelta(days=1)
        facts: dict[str, object] = {"touchpoints": ids, "reminders": lines, "quiet": number > 0}
        if number == 0 and not notice and first["kind"] in RIDING and pace.to_offer(self.db, first["person_id"]):
            pace.offered(self.db, self.now, first["person_id"])
            facts["slow_offer"] = True
        self._put(f"touch:{touch}:{number}", facts, lane, closing)

    def _hold_recap(self, recap: sqlite3.Row, selfcheck: sqlite3.Row) -> None:
        """The card tells of the self-check: it waits for that, in the same touch, and ends with it."""
        found = ledger.touchpoint(self.db, selfcheck["id"])
        closes = _moment(found["closes_at"]) if found else None
        facts: dict[str, object] = {"touchpoints": [recap["id"]], "held": True}
        until = closes or self.now + HELD_WITHOUT_END
        outbox.put(
            self.db,
            self.now,
            self.account.telegram_id,
            "touch",
            facts,
            key=outbox.held_key(recap["id"]),
            lane=Lane.TOUCH,
            not_before=until,
            expires_at=until,
        )

    def _until_evening(self, closing: time) -> datetime:
        return self.calendar.at(self.calendar.local_day(self.now), closing) + timedelta(seconds=59)

    def _put(self, key: str, facts: dict[str, object], lane: Lane, expires: datetime) -> None:
        outbox.put(self.db, self.now, self.account.telegram_id, "touch", facts, key=key, lane=lane, expires_at=expires)

    def _broadcast(self, row: sqlite3.Row, *, counts: bool) -> None:
        # An ordinary broadcast is a touch and keeps the unit's hours.
        closing = self.calendar.send_until if counts else NOTICE_UNTIL
        queue_broadcast(self.db, self.now, row, self._until_evening(closing))
        self._open_touch("broadcast", counts=counts)


def queue_broadcast(db: sqlite3.Connection, now: datetime, row: sqlite3.Row, expires: datetime) -> None:
    """Put one target's copy of a broadcast into the outbox."""
    broadcasts.set_target(db, row["id"], "queued", "due")
    outbox.put_anew(
        db,
        now,
        row["telegram_id"],
        "broadcast_copy",
        {"broadcast": row["broadcast_id"], "weight": max(1, row["weight"])},
        key=f"broadcast:{row['broadcast_id']}:{row['telegram_id']}",
        lane=Lane.BULK,
        expires_at=expires,
        broadcast_id=row["broadcast_id"],
    )


def _messages(rows: list[sqlite3.Row]) -> list[list[sqlite3.Row]]:
    """A reaction rides on the reflection's message; every other step has one of its own."""
    reactions = [row for row in rows if row["kind"] == Kind.REACTION]
    reflections = [row for row in rows if row["kind"] == Kind.REFLECTION]
    if reactions and reflections:
        together = [reflections[0], reactions[0]]
        return [together, *([row] for row in rows if row not in together)]
    return [[row] for row in rows]


def _due_steps(db: sqlite3.Connection, now: datetime, person_id: int) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT * FROM touchpoint WHERE person_id = ? AND look_at <= ? "
        " AND state IN ('planned', 'deferred') ORDER BY id",
        (person_id, to_text(now)),
    ).fetchall()


def _due_reminders(db: sqlite3.Connection, now: datetime, person_id: int) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT * FROM touchpoint WHERE person_id = ? AND remind_at <= ? AND state = 'sent'"
        " AND answered_at IS NULL AND skipped_at IS NULL AND closed_at IS NULL ORDER BY sent_at, id",
        (person_id, to_text(now)),
    ).fetchall()


def _drop_closed_reminders(db: sqlite3.Connection, now: datetime, person_id: int) -> None:
    # A reminder whose step was done, or closed, or never delivered, has nothing to remind of.
    db.execute(
        "UPDATE touchpoint SET remind_at = NULL WHERE person_id = ? AND remind_at <= ?", (person_id, to_text(now))
    )


def _due_targets(db: sqlite3.Connection, now: datetime, person_id: int) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT t.*, b.urgent, b.session_id, b.start_at, json_array_length(b.messages) AS weight"
        " FROM broadcast_target t"
        " JOIN broadcast b ON b.id = t.broadcast_id WHERE t.person_id = ? AND t.look_at <= ?"
        " AND b.state = 'running' ORDER BY t.id",
        (person_id, to_text(now)),
    ).fetchall()


BROADCAST_LIVES = timedelta(days=4)
# Messages with room for the offer to slow down; a poll has none.
RIDING = frozenset({Kind.REACTION, Kind.REFLECTION, Kind.COMMITMENT, Kind.FOLLOWUP, Kind.SELFCHECK})
HELD_WITHOUT_END = timedelta(days=14)


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


def _moment(text: str | None) -> datetime | None:
    return from_text(text).astimezone(UTC) if text else None
