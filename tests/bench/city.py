"""A city of any size and age: a database as years of sessions leave it, written straight into the store's schema.

Due times, closing times and reminders are those of the project's own rules; who answers, when and what is drawn from a
fixed seed. Weeks are published by the program itself. Nothing here is a person.
"""

import json
import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from bot.calendars import Calendars
from bot.clock import to_text
from bot.config import Config
from bot.domain.calendar import WorkCalendar
from bot.domain.journey import QUIZZES, Due, Kind, Offset, Step, Times, due, resolve
from bot.reports.weekly import ONE_WEEK, Weekly, last_week, monday_of, week_of
from bot.store.database import connect, prepare
from messages.library import Library, load_library

# A Monday, when the summaries of the week before are due.
NOW = datetime(2025, 11, 17, 1, 5, tzinfo=UTC)
A_UNIT, A_SESSION_A_YEAR, SESSIONS_TOGETHER = 143, 100, 5
# One unit and half a session a year for a hundred people: 35 units, 50 sessions a year for 5,000.
TELEGRAM = 1_000_000  # a person's chat is so much above the person's id
ADMIN = 900
# Chances of one person: to answer a step, and to answer a quiz item right.
KINDS = ((0.95, 0.85), (0.8, 0.7), (0.6, 0.6), (0.3, 0.6), (0.0, 0.5))
# Steps that can be begun and left unfinished.
SEVERAL_ACTS = QUIZZES | {Kind.COMMITMENT, Kind.SELFCHECK}
WORDS = "Saya menjelaskan alur layanan kepada pasien dengan tenang dan mendengarkan sampai selesai sebelum menjawab."
MORNING = time(8)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# Before the last year's sessions, as all others of a city that is a year old.
A_YEAR_AGO = 395 * DAY
COLUMNS = {
    "person": "id, nip, name, position, unit_id, added_at",
    "account": "telegram_id, person_id, consented_at, notice_version, joined_at, standing, paused_until,"
    " preferred_time",
    "session": "id, title, place, start_at, end_at, journey, payload, created_at, invited_frozen_at,"
    " told_start_at, replan",
    "session_unit": "session_id, unit_id",
    "session_message": "session_id, position, text",
    "session_invited": "session_id, person_id, unit_id",
    "attendance": "session_id, person_id, present, at",
    "participant": "id, session_id, person_id, joined_at, checked_in_at",
    "touch": "id, person_id, day, released_at, source, counts",
    "touchpoint": "id, participant_id, person_id, session_id, step, kind, state, notice, due_at, look_at, unsent_until,"
    " reason, touch_id, released_at, sent_at, closes_at, closed_at, remind_at, reminded_at, started_at, answered_at,"
    " skipped_at",
    "decision": "touchpoint_id, at, what, rule, until",
    "question": "id, person_id, touchpoint_id, asks, prompt_id, asked_at, begun_at, closed_at",
    "shown": "telegram_id, message_id, touchpoint_id, question_id",
    "answer": "person_id, question_id, touchpoint_id, telegram_id, message_id, kind, text, created_at",
    "reaction": "touchpoint_id, score, at",
    "selfcheck": "touchpoint_id, value, level, at",
    "quiz_item": "id, touchpoint_id, person_id, position, item, value, asked_at, chosen, correct, answered_at",
    "poll": "poll_id, quiz_item_id, telegram_id, message_id",
    "commitment": "id, touchpoint_id, participant_id, person_id, value, state, made_at",
    "commitment_check": "touchpoint_id, commitment_id, outcome, at",
    "incoming": "update_id, received_at, lane, state, handled_at",
    "outbox": "dedupe_key, lane, telegram_id, template, facts, created_at, not_before, expires_at, state, attempts,"
    " message_id, finished_at, error, broadcast_id",
    "broadcast": "id, admin_telegram_id, messages, audience, state, created_at, start_at, ended_at, pieces",
    "broadcast_target": "broadcast_id, telegram_id, person_id, state, reason",
    "audit": "at, actor, act, subject",
}


@dataclass(frozen=True)
class City:
    """What was made."""

    path: Path
    people: int
    years: int
    units: int
    sessions: int
    now: datetime

    def coordinator(self, unit: int) -> int:
        """Return the chat of a unit's coordinator (units count from 1)."""
        return 2 * TELEGRAM + unit


def nip(person: int) -> str:
    """Return a valid number for each of the first hundred thousand people."""
    month = person // 999
    return f"19800101{1990 + month // 12}{month % 12 + 1:02d}1{person % 999 + 1:03d}"


def came_a_year_ago(person: int) -> bool:
    """Whether the person, if among those who have joined, did so in the last year only, however old the city is."""
    return person % 20 == 7


def noon_of(moment: datetime) -> datetime:
    """Return the hour of the moment's day at which most is due (12.15 in Jakarta; UTC)."""
    return moment.replace(hour=5, minute=15, second=0)


def unit_name(unit: int) -> str:
    """Return what the roster calls a unit."""
    return f"Dinas Ke-{unit:03d}"


def build(path: Path, people: int, years: int, *, publish: bool = True) -> City:
    """Make the city's database at `path`; about half a minute for 5,000 people and five years."""
    prepare(path)
    with closing(connect(path)) as db:
        # A file that is lost with its process is made anew.
        db.execute("PRAGMA journal_mode = MEMORY")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("PRAGMA cache_size = -200000")
        indexes = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
        db.execute("BEGIN")
        for name, _ in indexes:
            db.execute(f"DROP INDEX {name}")
        planting = _Planting(db, people, years)
        planting.all()
        for _, sql in indexes:
            db.execute(sql)
        db.execute("COMMIT")
        if publish:
            _publish(db, planting.library, years)
        db.execute("PRAGMA journal_mode = WAL")
    return City(path, people, years, planting.units, len(planting.sessions), NOW)


def _publish(db: sqlite3.Connection, library: Library, years: int) -> None:
    """Publish every week as the program does on its Mondays."""
    zone = Config().schedule.zone
    weekly = Weekly(library, zone, Config().privacy.minimum_group)
    monday, last = (NOW - 365 * years * DAY).date(), monday_of(last_week(NOW, zone)) - ONE_WEEK
    db.execute("BEGIN")
    while monday <= last:
        weekly.frozen(db, NOW, week_of(monday), None)
        monday += ONE_WEEK
    db.execute("COMMIT")


class _Planting:
    def __init__(self, db: sqlite3.Connection, people: int, years: int) -> None:
        self.db, self.years = db, years
        self.rng = random.Random(people)
        self.library = load_library()
        self.calendar: WorkCalendar = Calendars(Config()).city
        self.units = max(1, round(people / A_UNIT))
        self.people = people
        self.count = max(1, round(people / A_SESSION_A_YEAR)) * years
        self.steps = self.library.journeys["default"].steps
        self.items = [
            (item.id, item.value) for quiz in self.library.quizzes.values() for item in quiz.items if quiz.items
        ]
        self.prompts = sorted(self.library.prompt_by_id)
        self.rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in COLUMNS}
        self.last: dict[str, int] = {}
        self.members: dict[int, list[int]] = {}
        self.joined: dict[int, datetime] = {}
        self.preferred: dict[int, time | None] = {}
        self.commitments: dict[int, int] = {}
        self.touch_of: dict[tuple[int, datetime], int] = {}
        self.sessions: list[tuple[int, datetime]] = []
        self.message = 0
        # The same for most people of a session: the rules are asked once for each of these.
        self.dues: dict[tuple[str, datetime, datetime, time | None], Due] = {}
        self.resolved: dict[tuple[Offset, datetime, time | None], datetime] = {}

    def new(self, table: str) -> int:
        """Return the next id of a table."""
        self.last[table] = self.last.get(table, 0) + 1
        return self.last[table]

    def put(self, table: str, *values: Any) -> None:
        self.rows[table].append(values)

    def flush(self) -> None:
        for table, rows in self.rows.items():
            marks = ", ".join("?" * len(COLUMNS[table].split(",")))
            self.db.executemany(f"INSERT INTO {table} ({COLUMNS[table]}) VALUES ({marks})", rows)
            rows.clear()

    def all(self) -> None:
        begin = NOW - 365 * self.years * DAY
        self.roster(begin - 30 * DAY)
        apart = (NOW - begin) / self.count
        for number in range(self.count):
            day = self.calendar.workday_from((begin + apart * (number + 0.5)).date())
            self.session(number, self.calendar.at(day, MORNING))
            self.flush()
        # What is ahead: one that is planned for next week, its people told.
        ahead = self.calendar.workday_from((NOW + 7 * DAY).date())
        self.session(self.count, self.calendar.at(ahead, MORNING))
        self.broadcasts(begin)
        self.leftovers(begin)
        self.flush()

    def roster(self, added: datetime) -> None:
        db, rng = self.db, self.rng
        db.executemany(
            "INSERT INTO unit (id, name) VALUES (?, ?)", [(n, unit_name(n)) for n in range(1, self.units + 1)]
        )
        for person in range(1, self.people + 1):
            unit = 1 + person % self.units
            self.members.setdefault(unit, []).append(person)
            self.put("person", person, nip(person), f"Orang Ke-{person}", "Staf", unit, to_text(added))
            if rng.random() < 0.85:
                first = NOW - A_YEAR_AGO if came_a_year_ago(person) else added
                self.joined[person] = first + rng.random() * 25 * DAY
                hour = rng.choice((None, None, None, "07:30", "16:00"))
                self.preferred[person] = time.fromisoformat(hour) if hour else None
                paused = to_text(NOW + rng.randint(1, 20) * DAY) if rng.random() < 0.01 else None
                joined = to_text(self.joined[person])
                self.put(
                    "account", TELEGRAM + person, person, joined, "2026-11", joined,
                    rng.choice(("claimed", "verified")), paused, hour,
                )  # fmt: skip
        self.flush()
        for unit in range(1, self.units + 1):
            account = db.execute(
                "INSERT INTO account (telegram_id, consented_at, notice_version) VALUES (?, ?, '2026-11')",
                (2 * TELEGRAM + unit, to_text(added)),
            ).lastrowid
            db.execute(
                "INSERT INTO coordinator (unit_id, payload_hash, state, invited_at, expires_at, account_id, name,"
                " accepted_at) VALUES (?, ?, 'active', ?, ?, ?, ?, ?)",
                (unit, f"hash{unit}", to_text(added), to_text(added), account, f"Koordinator {unit}", to_text(added)),
            )

    def session(self, number: int, start: datetime) -> None:
        session, end = self.new("session"), start + timedelta(hours=3)
        begun = start <= NOW
        self.sessions.append((session, start))
        self.put(
            "session", session, f"Sesi {number + 1}", "Ruang Sabha Mandala Madya", to_text(start), to_text(end),
            "default", f"payload-{number:014d}", to_text(start - 14 * DAY), to_text(start) if begun else None,
            to_text(start), 0,
        )  # fmt: skip
        for position in (1, 2, 3):
            self.put("session_message", session, position, WORDS)
        units = [1 + number % self.units]
        if number % SESSIONS_TOGETHER == 0 and self.units > 1:
            units.append(1 + (number + self.units // 2) % self.units)
        for unit in units:
            self.put("session_unit", session, unit)
            for person in self.members[unit]:
                self.invited(session, start, end, person, unit)

    def invited(self, session: int, start: datetime, end: datetime, person: int, unit: int) -> None:
        rng, begun = self.rng, start <= NOW
        if begun:
            self.put("session_invited", session, person, unit)
        here = begun and rng.random() < 0.8
        if begun and rng.random() < 0.3:
            self.put("attendance", session, person, int(here), to_text(end))
        joined = self.joined.get(person)
        if joined is None or (begun and joined > end):
            return
        # Some join in the hall, by the code on the screen.
        joined = start + 20 * MINUTE if rng.random() < 0.1 else joined
        participant = self.new("participant")
        self.put(
            "participant", participant, session, person, to_text(joined), to_text(start + 5 * MINUTE) if here else None
        )
        mood, knows = KINDS[person % len(KINDS)]
        # When exactly somebody joined before the plan was made changes nothing of it.
        times = Times(start, end, max(joined, start - 14 * DAY), None)
        for step in self.steps:
            self.step(session, participant, person, step, self.due(step, times, self.preferred[person]), mood, knows)

    def step(
        self, session: int, participant: int, person: int, step: Step, when: Due, mood: float, knows: float
    ) -> None:
        rng, touchpoint = self.rng, self.new("touchpoint")
        at = when.at or NOW
        planned = to_text(max(NOW - 400 * DAY, at - 14 * DAY))
        head = (touchpoint, participant, person, session, step.id, step.kind.value)
        due_at, until = to_text(at), to_text(when.until) if when.until else None
        if when.past:
            self.put("touchpoint", *head, "cancelled", int(when.notice), due_at, None, until, when.past, *(None,) * 10)
            self.put("decision", touchpoint, planned, "cancelled", when.past, None)
            return
        self.put("decision", touchpoint, planned, "planned", "planned", due_at)
        if at > NOW:
            self.put("touchpoint", *head, "planned", int(when.notice), due_at, due_at, until, "planned", *(None,) * 10)
            return
        if rng.random() < 0.02:
            self.put("touchpoint", *head, "expired", int(when.notice), due_at, None, until, "too_late", *(None,) * 10)
            self.put("decision", touchpoint, due_at, "expired", "too_late", None)
            return
        sent = at + rng.random() * 2 * MINUTE
        done = sent + rng.expovariate(1 / 5) * timedelta(hours=1)
        acts = step.kind not in (Kind.REMINDER, Kind.RECAP) and rng.random() < mood and done <= NOW
        skips = acts and step.kind in (Kind.REFLECTION, Kind.COMMITMENT) and rng.random() < 0.05
        closes, remind = (self.from_sending(offset, at, person) for offset in (step.expires, step.remind_after))
        if step.kind is Kind.PREQUIZ:
            closes = when.until
        began = acts or (step.kind in SEVERAL_ACTS and rng.random() < 0.02)
        closed = closes is not None and closes <= NOW and not began
        reminded = remind is not None and remind <= NOW and not acts
        touch = self.touch(person, at, counts=not when.notice)
        self.put(
            "touchpoint", *head, "sent", int(when.notice), due_at, None, until, "due", touch, due_at, to_text(sent),
            # As the program leaves it: what was answered keeps the time at which it would have closed.
            to_text(closes) if closes and not closed else None, to_text(closes) if closes and closed else None,
            to_text(remind) if remind and not (acts or reminded or closed) else None,
            to_text(remind) if remind and reminded else None, to_text(done) if began else None,
            to_text(done) if acts and not skips else None, to_text(done) if skips else None,
        )  # fmt: skip
        if rng.random() < 0.15:
            self.put("decision", touchpoint, due_at, "deferred", "cap", due_at)
        self.put("decision", touchpoint, due_at, "released", "due", None)
        if reminded and remind:
            self.put("decision", touchpoint, to_text(remind), "reminded", "reminder", None)
        if closed and closes:
            self.put("decision", touchpoint, to_text(closes), "closed", "unanswered", None)
        self.delivered(touchpoint, person, step.kind, sent)
        self.asked(touchpoint, participant, person, step, sent, done if acts and not skips else None, knows)

    def due(self, step: Step, times: Times, preferred: time | None) -> Due:
        key = (step.id, times.start, times.joined, preferred)
        if key not in self.dues:
            self.dues[key] = due(step, times, self.calendar, preferred)
        return self.dues[key]

    def from_sending(self, offset: Offset | None, at: datetime, person: int) -> datetime | None:
        if offset is None:
            return None
        key = (offset, at, self.preferred[person])
        if key not in self.resolved:
            self.resolved[key] = resolve(offset, at, self.calendar, self.preferred[person])
        return self.resolved[key]

    def touch(self, person: int, at: datetime, *, counts: bool) -> int:
        known = self.touch_of.get((person, at))
        if known is None:
            known = self.touch_of[person, at] = self.new("touch")
            day = self.calendar.local_day(at).isoformat()
            self.put("touch", known, person, day, to_text(at), "journey", int(counts))
        return known

    def delivered(self, touchpoint: int, person: int, kind: Kind, sent: datetime) -> None:
        self.message += 1
        if kind is not Kind.REMINDER:
            self.put("shown", TELEGRAM + person, self.message, touchpoint, None)
        if sent > NOW - 35 * DAY:
            at = to_text(sent)
            self.put(
                "outbox", f"touch:{self.last['touch']}:{touchpoint}", 2, TELEGRAM + person, "touch",
                json.dumps({"touchpoints": [touchpoint], "reminders": [], "quiet": False}), at, at, None,
                "failed" if self.rng.random() < 0.001 else "sent", 1, self.message, at, None, None,
            )  # fmt: skip

    def asked(
        self, touchpoint: int, participant: int, person: int, step: Step, sent: datetime, done: datetime | None,
        knows: float,
    ) -> None:  # fmt: skip
        rng, kind = self.rng, step.kind
        at = to_text(done) if done else None
        if kind in QUIZZES:
            self.quiz(touchpoint, person, 3 if kind in (Kind.PREQUIZ, Kind.POSTQUIZ) else 5, sent, at, knows)
        elif kind is Kind.REACTION and at:
            self.put("reaction", touchpoint, rng.choice((3, 4, 4, 5, 5)), at)
        elif kind is Kind.SELFCHECK and at:
            for value in self.library.values:
                self.put("selfcheck", touchpoint, value, rng.randint(1, 4), at)
        elif kind is Kind.REFLECTION:
            self.question(touchpoint, person, "reflection", rng.choice(self.prompts), sent, done)
        elif kind is Kind.COMMITMENT:
            commitment = self.commitments[participant] = self.new("commitment")
            state = rng.choice(("made", "kept", "not_yet")) if at else "draft"
            chosen = rng.choice(list(self.library.values)) if at else None
            self.put("commitment", commitment, touchpoint, participant, person, chosen, state, at)
            for asks in ("cue", "action") if done else ("cue",):
                self.question(touchpoint, person, asks, None, sent, done)
        elif kind is Kind.FOLLOWUP and participant in self.commitments:
            outcome = rng.choice(("kept", "kept", "not_yet"))
            if at:
                self.put("commitment_check", touchpoint, self.commitments[participant], outcome, at)
            obstacle = done if outcome == "not_yet" else None
            self.question(touchpoint, person, "obstacle", None, sent, obstacle)

    def question(
        self, touchpoint: int, person: int, asks: str, prompt: str | None, sent: datetime, done: datetime | None
    ) -> None:
        question, at = self.new("question"), to_text(done) if done else None
        self.put("question", question, person, touchpoint, asks, prompt, to_text(sent), at, at)
        if at and done and done > NOW - 730 * DAY:
            self.message += 1
            chat = TELEGRAM + person
            self.put("answer", person, question, touchpoint, chat, self.message, "text", WORDS, at)

    def quiz(self, touchpoint: int, person: int, count: int, sent: datetime, at: str | None, knows: float) -> None:
        for position, (item, value) in enumerate(self.rng.sample(self.items, count), 1):
            quiz_item, asked = self.new("quiz_item"), at is not None or position == 1
            right = int(self.rng.random() < knows) if at else None
            chosen = 1 if at else None
            moment = to_text(sent) if asked else None
            self.put("quiz_item", quiz_item, touchpoint, person, position, item, value, moment, chosen, right, at)
            if asked:
                self.message += 1
                self.put("poll", f"56{quiz_item:017d}", quiz_item, TELEGRAM + person, self.message)

    def broadcasts(self, begin: datetime) -> None:
        """One to everybody each month."""
        for number in range(12 * self.years):
            at = begin + (number + 0.9) * 30.4 * DAY
            broadcast, text = self.new("broadcast"), to_text(at)
            audience = json.dumps({"kind": "all"})
            self.put("broadcast", broadcast, ADMIN, "[1]", audience, "done", text, text, to_text(at + DAY), "[]")
            for person in (person for person, joined in self.joined.items() if joined <= at):
                state = "delivered" if self.rng.random() < 0.97 else "blocked"
                self.put("broadcast_target", broadcast, TELEGRAM + person, person, state, state)
                if at > NOW - 35 * DAY:
                    sent = "sent" if state == "delivered" else "blocked"
                    self.put(
                        "outbox", f"broadcast:{broadcast}:{TELEGRAM + person}", 3, TELEGRAM + person,
                        "broadcast_copy", json.dumps({"broadcast": broadcast, "weight": 1}), text, text, None, sent, 1,
                        1, text, None, broadcast,
                    )  # fmt: skip
            self.flush()

    def leftovers(self, begin: datetime) -> None:
        """Updates of two days, and what people with rights did: some ten lines of audit a working day."""
        for number in range(self.people * 2):
            at = to_text(NOW - self.rng.random() * 2 * DAY)
            self.put("incoming", number, at, TELEGRAM + 1 + number % self.people, "done", at)
        moments = sorted(begin + self.rng.random() * (NOW - begin) for _ in range(self.count * 40))
        for moment in moments:
            session = self.rng.randint(1, max(1, self.count))
            self.put("audit", to_text(moment), f"telegram:{ADMIN}", "session shown", f"session:{session}")
        facts = {"last_backup": "sinar.db", "last_cleaning": to_text(NOW), "bot_username": "sinar_bot"}
        facts["summary_week"] = week_of(monday_of(last_week(NOW, Config().schedule.zone)) - ONE_WEEK)
        self.db.executemany(
            "INSERT INTO fact (name, value, at) VALUES (?, ?, ?)",
            [(name, value, to_text(NOW)) for name, value in facts.items()],
        )
