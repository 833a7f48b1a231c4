"""Carries out what the gate has decided for a person: released, put off, expired, reminded."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from bot.clock import from_text
from bot.domain.calendar import NOTICE_UNTIL, WorkCalendar
from bot.domain.gate import Action, Source, Verdict
from bot.domain.journey import QUIZZES, Journey, Kind, Step, resolve
from bot.store import (
    accounts,
    answers,
    broadcasts,
    commitments,
    ledger,
    outbox,
    pace,
    quizzes,
    sessions,
    touches,
)
from bot.store.outbox import Lane
from bot.store.planning import Rules, preferred_time
from messages.keyboards import RIDING
from messages.library import Library

HELD_WITHOUT_END = timedelta(days=14)


@dataclass
class Deed:
    """What the gate's verdicts do to one person's steps, reminders and copies of broadcasts."""

    rules: Rules
    library: Library
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
        """Do what one verdict says."""
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
            touches.put_reminder_off(self.db, self.now, key, verdict.rule, until)

    def _release(self, verdict: Verdict) -> None:
        if not verdict.keys:
            self._remind(verdict.reminders)
            return
        if verdict.source is Source.BROADCAST:
            self._broadcast(self.targets[verdict.keys[0]], counts=not verdict.notice)
            return
        rows = [self.steps[key] for key in verdict.keys]
        touch = self._begin_touch("journey", counts=not verdict.notice)
        for row in rows:
            self._let_through(row, touch, verdict.rule)
        for key in verdict.reminders:
            touches.reminded(self.db, self.now, key, "line_under_a_touch")
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
        journey, step = step_of(self.rules, self.db, row)
        if journey is None or step is None:
            rule = "not_in_content"
        elif absent and (row["kind"] == Kind.REACTION or row["step"] == journey.first_reflection()):
            rule = "absent"
        elif row["kind"] == Kind.FOLLOWUP and commitments.of_participant(self.db, row["participant_id"]) is None:
            rule = "no_commitment"
        if rule:
            ledger.close_unsent(self.db, self.now, [row["id"]], "cancelled", rule)
        return rule is None

    def _begin_touch(self, source: str, *, counts: bool) -> int:
        day = self.calendar.local_day(self.now)
        return touches.begin(self.db, self.now, self.account.person_id or 0, day, source, counts=counts)

    def _let_through(self, row: sqlite3.Row, touch: int, rule: str) -> None:
        _, step = step_of(self.rules, self.db, row)
        preferred = preferred_time(self.account)
        closes = remind = None
        if step is not None and row["kind"] != Kind.REMINDER:
            closes = resolve(step.expires, self.now, self.calendar, preferred) if step.expires else None
            remind = resolve(step.remind_after, self.now, self.calendar, preferred) if step.remind_after else None
        if row["kind"] == Kind.PREQUIZ:
            # What measures before the session is worth nothing once it has begun.
            closes = moment(row["unsent_until"])
        touches.release(self.db, self.now, row["id"], touch, rule, closes=closes, remind=remind)
        if step is not None:
            self._prepare(row, step)

    def _prepare(self, row: sqlite3.Row, step: Step) -> None:
        kind, person_id = Kind(row["kind"]), row["person_id"]
        if kind in QUIZZES:
            history = quizzes.history(self.db, person_id)
            items = self.library.choose_items(step.content or "", history, row["id"])
            quizzes.draw(self.db, row["id"], person_id, [(item.id, item.value) for item in items])
        elif kind is Kind.REFLECTION:
            chosen = commitments.of_participant(self.db, row["participant_id"])
            seen = answers.prompts_seen(self.db, person_id)
            value = chosen["value"] if chosen else None
            prompt = self.library.choose_prompt(step.content or "", value, seen, row["id"])
            answers.ask(self.db, self.now, person_id, row["id"], "reflection", prompt.id)
        elif kind is Kind.COMMITMENT:
            commitments.draft(self.db, row)
            answers.ask(self.db, self.now, person_id, row["id"], "cue")
        elif kind is Kind.FOLLOWUP:
            answers.ask(self.db, self.now, person_id, row["id"], "obstacle")

    def _remind(self, keys: Sequence[int]) -> None:
        for key in keys:
            touches.reminded(self.db, self.now, key, "reminder")
        touch = self._begin_touch("reminder", counts=True)
        facts: dict[str, object] = {"touchpoints": [keys[0]], "reminders": list(keys[1:]), "mode": "remind"}
        self._put(f"remind:{touch}", facts, Lane.TOUCH, self._until_evening(self.calendar.send_until))

    def _queue(
        self, touch: int, number: int, ids: list[int], lines: list[int], first: sqlite3.Row, *, notice: bool
    ) -> None:
        lane = Lane.NOTICE if notice else Lane.TOUCH
        closing = self._until_evening(NOTICE_UNTIL if notice else self.calendar.send_until)
        unsent_until = moment(first["unsent_until"])
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
        closes = moment(found["closes_at"]) if found else None
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
        self._begin_touch("broadcast", counts=counts)


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


def step_of(rules: Rules, db: sqlite3.Connection, row: sqlite3.Row) -> tuple[Journey | None, Step | None]:
    """Return the journey and the step of a touchpoint, as the content has them now."""
    journey = rules.journeys.get(sessions.get(db, row["session_id"]).journey)
    if journey is None:
        return None, None
    return journey, next((step for step in journey.steps if step.id == row["step"]), None)


def moment(text: str | None) -> datetime | None:
    """Return an instant of the store, or None."""
    return from_text(text).astimezone(UTC) if text else None
