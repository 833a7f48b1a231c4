"""Random cities: rows as the bot writes them, put straight into a real file, with what goes wrong in real ones."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.clock import to_text
from bot.reports.weekly import bounds, week_of
from bot.store.database import connect, prepare
from messages.library import load_library

WIB = ZoneInfo("Asia/Jakarta")
LIBRARY = load_library()
ITEMS = [(item.id, item.value) for item in list(LIBRARY.items.values())[:9]]
VALUES = list(LIBRARY.values)
KINDS = ("reaction", "reflection", "commitment", "quiz", "followup", "prequiz", "postquiz", "selfcheck")
MONDAY = date(2025, 11, 3)
SECOND = timedelta(microseconds=1)


@dataclass
class City:
    """What was planted: units (id, name) and weeks."""

    units: list[tuple[int, str]]
    weeks: list[str]
    now: datetime
    rows: dict[str, list[tuple[object, ...]]] = field(default_factory=dict)


@contextmanager
def open_city(folder: Path) -> Iterator[sqlite3.Connection]:
    """A real file with the real schema; what is planted in a transaction is gone with its ROLLBACK."""
    path = folder / "sinar.db"
    prepare(path)
    with closing(connect(path)) as db:
        db.execute("PRAGMA synchronous = OFF")
        yield db


def plant(db: sqlite3.Connection, rng: random.Random, units: int, weeks: int, size: tuple[int, int]) -> City:
    """Plant a city of so many units, each with `size` people at least and at most."""
    names = [week_of(MONDAY + number * timedelta(weeks=1)) for number in range(weeks)]
    end = bounds(names[-1], WIB)[1]
    city = City([(n, f"Dinas {n}") for n in range(1, units + 1)], names, end + timedelta(hours=1))
    _Planting(db, rng, city, size).all()
    return city


class _Planting:
    def __init__(self, db: sqlite3.Connection, rng: random.Random, city: City, size: tuple[int, int]) -> None:
        self.db, self.rng, self.city, self.size = db, rng, city, size
        self.begin = bounds(city.weeks[0], WIB)[0]
        self.participants: list[tuple[int, int, int]] = []
        self.commitments: dict[int, list[int]] = {}

    def all(self) -> None:
        db, rng = self.db, self.rng
        db.executemany("INSERT INTO unit (id, name) VALUES (?, ?)", self.city.units)
        people = 0
        for unit, _ in self.city.units:
            for _ in range(rng.randint(*self.size)):
                people += 1
                gone = to_text(self.instant()) if rng.random() < 0.03 else None
                db.execute(
                    "INSERT INTO person (id, nip, name, position, unit_id, added_at, gone_at) VALUES (?,?,?,?,?,?,?)",
                    (people, str(people), f"Orang {people}", "Staf", unit, "2025-01-01", gone),
                )
        for person in range(1, people + 1):
            if rng.random() < 0.8:
                joined = to_text(self.instant() - timedelta(days=rng.choice([0, 7, 20])))
                left = to_text(self.instant()) if rng.random() < 0.05 else None
                db.execute(
                    "INSERT INTO account (telegram_id, person_id, consented_at, notice_version, joined_at, standing,"
                    " withdrawn_at) VALUES (?, ?, ?, '1', ?, 'claimed', ?)",
                    (1000 + person, person, joined, joined, left),
                )
        for session in range(1, rng.choice([1, 1, 1, 1, 2, 3]) + 1):
            self.session(session)
        for week in self.city.weeks:
            self.week(*bounds(week, WIB))

    def session(self, number: int) -> None:
        db, rng = self.db, self.rng
        start = self.begin + timedelta(days=rng.randint(-20, 12))
        frozen = rng.random() < 0.8
        db.execute(
            "INSERT INTO session (id, title, place, start_at, end_at, journey, payload, created_at, cancelled_at,"
            " invited_frozen_at) VALUES (?, 'Sesi', 'Aula', ?, ?, 'default', ?, ?, ?, ?)",
            (
                number,
                to_text(start),
                to_text(start + timedelta(hours=3)),
                f"payload{number}",
                to_text(start - timedelta(days=rng.choice([1, 30]))),
                to_text(self.instant()) if rng.random() < 0.1 else None,
                to_text(start) if frozen else None,
            ),
        )
        invited = [unit for unit, _ in self.city.units if rng.random() < 0.7] or [1]
        db.executemany("INSERT INTO session_unit VALUES (?, ?)", [(number, unit) for unit in invited])
        for person, unit in db.execute("SELECT id, unit_id FROM person").fetchall():
            guest = unit not in invited
            if frozen and not guest:
                # Who moved to another unit since was invited with the unit of then.
                of_then = rng.choice(invited) if rng.random() < 0.05 else unit
                db.execute("INSERT INTO session_invited VALUES (?, ?, ?)", (number, person, of_then))
            if rng.random() < (0.03 if guest else 0.85):
                row = db.execute(
                    "INSERT INTO participant (session_id, person_id, joined_at, guest) VALUES (?, ?, ?, ?)",
                    (number, person, to_text(start), guest),
                )
                self.participants.append((row.lastrowid or 0, person, number))
                if number % 2:
                    # A promise of the weeks before, so that there is something to keep.
                    before = self.begin - timedelta(weeks=1)
                    self.step(row.lastrowid or 0, person, number, "commitment", 0.8, before, self.begin)

    def week(self, start: datetime, end: datetime) -> None:
        """Some steps go to each unit; a unit may be silent, all eager, or not asked at all."""
        rng = self.rng
        mood = {unit: rng.choice([0.0, 0.1, 0.3, 0.6, 0.9, 1.0]) for unit, _ in self.city.units}
        kinds = {unit: rng.sample(KINDS, rng.choice([0, 1, 1, 2, 3, 5])) for unit, _ in self.city.units}
        unit_of = dict(self.db.execute("SELECT id, unit_id FROM person").fetchall())
        for participant, person, session in self.participants:
            for kind in (*kinds[unit_of[person]], *rng.choices(("reminder", "recap"), k=rng.random() < 0.1)):
                self.step(participant, person, session, kind, mood[unit_of[person]], start, end)

    def step(
        self, participant: int, person: int, session: int, kind: str, mood: float, start: datetime, end: datetime
    ) -> None:
        rng = self.rng
        at = start + timedelta(hours=rng.uniform(0, 167)) if rng.random() < 0.95 else rng.choice([start, end - SECOND])
        state = "sent" if rng.random() < 0.95 else rng.choice(["planned", "expired", "cancelled", "answered_early"])
        done = skipped = None
        if kind not in ("reminder", "recap") and rng.random() < mood:
            # Now and then after the week's end, or at its very last moment.
            done = rng.choice([at + timedelta(hours=rng.uniform(0, 20)), end, end - SECOND, end + timedelta(days=2)])
            done = max(at, done)
        elif rng.random() < 0.1:
            skipped = min(at + timedelta(hours=rng.uniform(0, 60)), self.city.now)
        row = self.db.execute(
            "INSERT INTO touchpoint (participant_id, person_id, session_id, step, kind, state, reason, sent_at,"
            " answered_at, skipped_at, late) VALUES (?, ?, ?, ?, ?, ?, 'x', ?, ?, ?, 0)",
            (
                participant,
                person,
                session,
                f"{kind}-{start:%m%d}-{rng.random()}",
                kind,
                state,
                to_text(at) if state == "sent" else None,
                to_text(done) if done else None,
                to_text(skipped) if skipped else None,
            ),
        )
        if done is not None:
            self.results(row.lastrowid or 0, participant, person, kind, done)

    def results(self, touchpoint: int, participant: int, person: int, kind: str, done: datetime) -> None:
        rng, db = self.rng, self.db
        if kind in ("quiz", "prequiz", "postquiz"):
            for position, (item, value) in enumerate(rng.sample(ITEMS, 3)):
                right = rng.random() < 0.6
                answered = to_text(done) if rng.random() < 0.95 else None
                db.execute(
                    "INSERT INTO quiz_item (touchpoint_id, person_id, position, item, value, chosen, correct,"
                    " answered_at) VALUES (?, ?, ?, ?, ?, 1, ?, ?)",
                    (touchpoint, person, position, item, value, right if answered else None, answered),
                )
        elif kind == "commitment":
            made = to_text(done) if rng.random() < 0.9 else None
            row = db.execute(
                "INSERT INTO commitment (touchpoint_id, participant_id, person_id, state, made_at)"
                " VALUES (?, ?, ?, ?, ?)",
                (touchpoint, participant, person, "made" if made else "draft", made),
            )
            self.commitments.setdefault(participant, []).append(row.lastrowid or 0)
        elif kind == "reaction":
            score = rng.choice([3, 4, 4, 5, 5])
            db.execute("INSERT INTO reaction VALUES (?, ?, ?)", (touchpoint, score, to_text(done)))
        elif kind == "selfcheck":
            rows = [(touchpoint, value, rng.randint(1, 4), to_text(done)) for value in rng.sample(VALUES, 2)]
            db.executemany("INSERT INTO selfcheck VALUES (?, ?, ?, ?)", rows)
        elif kind == "followup" and participant in self.commitments:
            db.execute(
                "INSERT INTO commitment_check VALUES (?, ?, ?, ?)",
                (
                    touchpoint,
                    rng.choice(self.commitments[participant]),
                    rng.choice(["kept", "kept", "not_yet", "changed"]),
                    to_text(done),
                ),
            )

    def instant(self) -> datetime:
        """Some moment of the weeks, or one of their edges."""
        weeks = len(self.city.weeks)
        if self.rng.random() < 0.2:
            return self.begin + timedelta(weeks=self.rng.randint(0, weeks))
        return (self.begin + timedelta(hours=self.rng.uniform(0, 168 * weeks))).astimezone(UTC)
