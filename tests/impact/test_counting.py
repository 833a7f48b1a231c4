"""The figures against an independent recount from the raw tables, in random histories; and over time."""

import json
import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import fmean

import pytest

from bot.calendars import Calendars
from bot.clock import to_text
from bot.config import Config
from bot.domain.gain import paired_gain
from bot.reports.impact.counting import SETTLED, ImpactCount
from bot.reports.impact.figures import Impact
from bot.reports.impact.words import halves_words
from bot.store import impact as queries
from bot.store import sessions
from bot.store.database import migrations, run_migration
from bot.store.erasure import erase_person
from messages.library import load_library

LIBRARY = load_library()
MINIMUM = 5
COUNT = ImpactCount(LIBRARY, Calendars(Config()), MINIMUM)
START = datetime(2025, 11, 17, 1, tzinfo=UTC)
END = START + timedelta(hours=3)
LATER = END + timedelta(days=40)
HISTORIES = 200
UNITS = ("BPBD", "Dishub", "Satpol PP")
ITEMS = sorted(LIBRARY.items)


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.row_factory = sqlite3.Row
    for number, sql in migrations():
        run_migration(made, number, sql)
    yield made
    made.close()


class City:
    """One session and the people of three units, filled straight into the tables."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.numbers = count(1)
        for unit in UNITS:
            db.execute("INSERT INTO unit (name) VALUES (?)", (unit,))
        self.session = sessions.add(
            db,
            START - timedelta(days=9),
            title="Sesi",
            place="Aula",
            start=START,
            end=END,
            unit_ids=[1, 2, 3],
            journey="default",
            messages=[],
        )

    def person(self, unit: int = 1, *, joined: bool = True, guest: bool = False, withdrawn: bool = False) -> int:
        number, db = next(self.numbers), self.db
        db.execute(
            "INSERT INTO person (id, nip, name, position, unit_id, added_at) VALUES (?, ?, 'Nama', 'Staf', ?, '2025')",
            (number, f"{number:018d}", unit),
        )
        if not guest:
            db.execute("INSERT INTO session_invited VALUES (?, ?, ?)", (self.session.id, number, unit))
        if joined:
            db.execute(
                "INSERT INTO account (telegram_id, person_id, consented_at, notice_version, joined_at, withdrawn_at)"
                " VALUES (?, ?, '2025', '1', '2025', ?)",
                (9000 + number, number, "2025" if withdrawn else None),
            )
            db.execute(
                "INSERT INTO participant (id, session_id, person_id, joined_at, guest, checked_in_at)"
                " VALUES (?, ?, ?, '2025', ?, ?)",
                (number, self.session.id, number, int(guest), "2025" if number % 3 else None),
            )
        return number

    def touch(self, person: int, kind: str, at: datetime | None) -> int:
        number = next(self.numbers)
        self.db.execute(
            "INSERT INTO touchpoint (id, participant_id, person_id, session_id, step, kind, state, reason, answered_at)"
            " VALUES (?, ?, ?, ?, ?, ?, 'sent', 'due', ?)",
            (number, person, person, self.session.id, f"{kind}-{number}", kind, at and to_text(at)),
        )
        return number

    def quiz(self, person: int, kind: str, right: list[int | None], at: datetime, first: int = 0) -> None:
        whole = None not in right
        touchpoint = self.touch(person, kind, at if whole else None)
        for position, correct in enumerate(right, 1):
            self.db.execute(
                "INSERT INTO quiz_item (touchpoint_id, person_id, position, item, value, correct, answered_at)"
                " VALUES (?, ?, ?, ?, 'loyal', ?, ?)",
                (
                    touchpoint,
                    person,
                    position,
                    ITEMS[first + position],
                    correct,
                    None if correct is None else to_text(at + timedelta(seconds=position)),
                ),
            )

    def pair(self, person: int, before: int, after: int) -> None:
        for kind, score, at, first in (("prequiz", before, START, 0), ("postquiz", after, LATER, 3)):
            self.quiz(person, kind, [int(n < score) for n in range(3)], at - timedelta(hours=1), first)

    def commitment(self, person: int, state: str) -> None:
        touchpoint = self.touch(person, "commitment", LATER)
        self.db.execute(
            "INSERT INTO commitment (touchpoint_id, participant_id, person_id, state) VALUES (?, ?, ?, ?)",
            (touchpoint, person, person, state),
        )

    def counted(self, now: datetime = LATER) -> Impact:
        frozen = "UPDATE session SET invited_frozen_at = start_at"
        self.db.execute(frozen)
        return COUNT.count(self.db, now, sessions.get(self.db, self.session.id))


def live(city: City, draw: random.Random) -> None:
    """A random history: who joined, what each did, in no special order."""
    for _ in range(draw.randrange(4, 50)):
        joined = draw.random() < 0.9
        guest = joined and draw.random() < 0.1
        unit = draw.choice((1, 1, 1, 2, 2, 3))
        person = city.person(unit, joined=joined, guest=guest, withdrawn=draw.random() < 0.08)
        if not joined:
            continue
        if draw.random() < 0.8:
            city.touch(person, "reflection", LATER if draw.random() < 0.8 else None)
        if draw.random() < 0.8:
            reaction = city.touch(person, "reaction", LATER)
            city.db.execute("INSERT INTO reaction VALUES (?, ?, '2025')", (reaction, draw.choice((3, 4, 4, 5, 5))))
        if draw.random() < 0.7:
            at = START - timedelta(hours=1) if draw.random() < 0.9 else LATER
            city.quiz(person, "prequiz", [draw.choice((0, 1, 1, 1, 0, 1, 0, 1, None)) for _ in range(3)], at)
        if draw.random() < 0.7:
            city.quiz(person, "postquiz", [draw.choice((0, 1, 1, 1)) for _ in range(3)], LATER, 3)
        if draw.random() < 0.7:
            city.quiz(person, "quiz", [draw.choice((0, 1, None)) for _ in range(4)], END + timedelta(days=3), 4)
        if draw.random() < 0.6:
            city.commitment(person, draw.choice(("draft", "made", "kept", "kept", "not_yet")))
        if draw.random() < 0.6:
            check = city.touch(person, "selfcheck", LATER)
            for value in draw.sample(list(LIBRARY.values), draw.randrange(8)):
                level = draw.randrange(1, 5)
                city.db.execute("INSERT INTO selfcheck VALUES (?, ?, ?, '2025')", (check, value, level))


class Recount:
    """The same figures by another way: every table read whole, and counted in Python."""

    def __init__(self, db: sqlite3.Connection) -> None:
        def rows(table: str) -> list[dict[str, object]]:
            return [dict(row) for row in db.execute(f"SELECT * FROM {table}")]

        accounts = {row["person_id"]: row for row in rows("account")}
        self.members = {
            row["id"]
            for row in rows("participant")
            if not row["guest"] and accounts[row["person_id"]]["withdrawn_at"] is None
        }
        self.touches = {row["id"]: row for row in rows("touchpoint") if row["participant_id"] in self.members}
        self.invited = [row["person_id"] for row in rows("session_invited")]
        self.joined = [p for p in self.invited if p in accounts and accounts[p]["withdrawn_at"] is None]
        self.attended = sum(not row["guest"] and row["checked_in_at"] is not None for row in rows("participant"))
        self.guests = sum(row["guest"] for row in rows("participant"))  # type: ignore[misc]
        self.commitments = [row for row in rows("commitment") if row["participant_id"] in self.members]
        self.scores = [row["score"] for row in rows("reaction") if row["touchpoint_id"] in self.touches]
        self.levels: dict[str, list[int]] = defaultdict(list)
        for row in rows("selfcheck"):
            if row["touchpoint_id"] in self.touches:
                self.levels[row["value"]].append(row["level"])  # type: ignore[index,arg-type]
        self.quizzes: dict[int, list[dict[str, object]]] = defaultdict(list)
        for row in rows("quiz_item"):
            if row["touchpoint_id"] in self.touches:
                self.quizzes[row["touchpoint_id"]].append(row)  # type: ignore[index]

    def did(self, *kinds: str) -> int | None:
        return shown(
            {t["participant_id"] for t in self.touches.values() if t["kind"] in kinds and t["answered_at"] is not None}
        )

    def in_state(self, *states: str) -> int | None:
        return shown({row["participant_id"] for row in self.commitments if row["state"] in states})

    def pairs(self) -> dict[object, tuple[int, int]]:
        found: dict[object, dict[str, int]] = defaultdict(dict)
        for number, items in self.quizzes.items():
            touch = self.touches[number]
            early = touch["answered_at"] is not None and str(touch["answered_at"]) < to_text(END)
            if all(item["answered_at"] for item in items) and (touch["kind"] == "postquiz" or early):
                found[touch["participant_id"]][str(touch["kind"])] = sum(item["correct"] for item in items)  # type: ignore[misc]
        return {p: (s["prequiz"], s["postquiz"]) for p, s in found.items() if {"prequiz", "postquiz"} <= s.keys()}

    def missed(self) -> dict[str, tuple[int, int | None]]:
        first: dict[tuple[object, object], tuple[str, int]] = {}
        for number, items in self.quizzes.items():
            touch = self.touches[number]
            for item in items:
                if touch["kind"] != "prequiz" and item["answered_at"] is not None:
                    key = (item["item"], touch["participant_id"])
                    this = (str(item["answered_at"]), int(item["correct"]))  # type: ignore[call-overload]
                    first[key] = min(first.get(key, this), this)
        people: dict[str, list[int]] = defaultdict(list)
        for (item_id, _), (_, correct) in first.items():
            people[str(item_id)].append(correct)
        return {
            item: (len(right), right.count(0) if right.count(0) >= MINIMUM else None)
            for item, right in people.items()
            if len(right) >= MINIMUM
        }


def shown(people: set[object]) -> int | None:
    return len(people) if len(people) >= MINIMUM else None


@pytest.mark.parametrize("seed", range(5))
def test_the_report_equals_a_recount_from_the_raw_tables(db: sqlite3.Connection, seed: int) -> None:
    gains = 0
    for history in range(HISTORIES // 5):
        db.execute("BEGIN")
        city = City(db)
        live(city, random.Random(1000 * seed + history))
        report, again = city.counted(), Recount(db)
        assert (report.invited, report.joined, report.guests) == (len(again.invited), len(again.joined), again.guests)
        assert report.attended == again.attended
        assert report.reflected == again.did("reflection")
        assert report.quizzed == again.did("quiz", "postquiz")
        assert report.committed == again.in_state("made", "kept", "not_yet", "changed")
        assert report.kept == again.in_state("kept")
        enough = len(again.scores) >= MINIMUM
        assert (report.reaction is not None) == enough
        if report.reaction:
            assert report.reaction.n == len(again.scores)
            assert report.reaction.mean == pytest.approx(fmean(again.scores))  # type: ignore[arg-type]
        for value, name in zip(report.values, LIBRARY.values, strict=True):
            levels = again.levels[name]
            assert (value.n, value.mean) == (
                (len(levels), pytest.approx(fmean(levels))) if len(levels) >= MINIMUM else (None, None)
            )
        pairs = list(again.pairs().values())
        gains += len(pairs) >= MINIMUM
        assert (report.gain is not None) == (len(pairs) >= MINIMUM)
        if report.gain:
            assert astuple(report.gain) == pytest.approx(astuple(paired_gain(pairs, 3)))
        assert {item.item: (item.people, item.wrong) for item in report.missed} == again.missed()
        db.execute("ROLLBACK")
    assert gains > 5


def test_a_planted_gain_is_found_and_none_is_not_made_up(db: sqlite3.Connection) -> None:
    city = City(db)
    for number in range(12):
        city.pair(city.person(), 1, 2 + number % 2)
    found = city.counted().gain
    assert found is not None
    assert (found.n, found.before, found.after, found.verdict) == (12, 1.0, 2.5, "up")


def test_no_change_is_called_none(db: sqlite3.Connection) -> None:
    city = City(db)
    for number in range(12):
        city.pair(city.person(), 1 + number % 2, 1 + (number + 1) % 2)
    found = city.counted().gain
    assert found is not None
    assert found.verdict == "unclear"


def test_under_five_pairs_there_is_no_gain_anywhere(db: sqlite3.Connection) -> None:
    city = City(db)
    for _ in range(4):
        city.pair(city.person(), 0, 3)
    report = city.counted(LATER + timedelta(days=60))
    assert report.gain is None
    assert not report.by_unit
    assert "gain" not in queries.shown(db, city.session.id)["cells"]


def test_a_pre_quiz_done_after_the_session_is_none(db: sqlite3.Connection) -> None:
    city = City(db)
    for _ in range(6):
        person = city.person()
        city.quiz(person, "prequiz", [0, 0, 0], END + timedelta(minutes=1))
        city.quiz(person, "postquiz", [1, 1, 1], LATER)
    assert city.counted().gain is None


def test_figures_move_by_groups_alone_also_after_an_erasure(db: sqlite3.Connection) -> None:
    city = City(db)
    people = [city.person() for _ in range(20)]
    for person in people[:8]:
        city.pair(person, 1, 2)
    first = city.counted().gain
    assert first is not None
    for person in people[8:12]:
        city.pair(person, 3, 0)
    assert city.counted().gain == first
    erase_person(db, people[0])
    assert city.counted().gain == first
    for person in people[12:15]:
        city.pair(person, 3, 0)
    after = city.counted().gain
    assert after is not None
    assert (first.n, after.n) == (8, 14)


def test_by_unit_once_and_with_a_second_unit_hidden(db: sqlite3.Connection) -> None:
    city = City(db)
    for unit, people in ((1, 12), (2, 6), (3, 3)):
        for _ in range(people):
            city.pair(city.person(unit), 1, 2)
    before = city.counted()
    assert not before.by_unit
    assert all(unit.gain is None for unit in before.units)
    settled = city.counted(END + SETTLED)
    assert settled.by_unit
    assert [unit.gain and unit.gain.n for unit in settled.units] == [12, None, None]
    assert settled.gain is not None
    assert settled.gain.n == 21
    for _ in range(9):
        city.pair(city.person(2), 0, 3)
    later = city.counted(END + SETTLED + timedelta(days=5))
    assert (later.gain, [unit.gain for unit in later.units]) == (settled.gain, [unit.gain for unit in settled.units])


def test_what_is_hidden_is_not_kept(db: sqlite3.Connection) -> None:
    city = City(db)
    for unit, people in ((1, 12), (2, 6), (3, 3)):
        for _ in range(people):
            city.pair(city.person(unit), 1, 2)
    city.counted()
    kept = json.loads(db.execute("SELECT cells FROM impact").fetchone()[0])
    assert set(kept["cells"]["gain"]["units"]) == {"1"}
    assert all(cell["n"] >= MINIMUM for cell in kept["cells"].values())


def test_a_reaction_of_a_few_is_not_in_the_spread(db: sqlite3.Connection) -> None:
    city = City(db)
    for score in (5,) * 9 + (1,):
        touchpoint = city.touch(city.person(), "reaction", LATER)
        db.execute("INSERT INTO reaction VALUES (?, ?, '2025')", (touchpoint, score))
    found = city.counted().reaction
    assert found is not None
    assert (found.n, found.counts) == (10, None)


def test_no_query_walks_more_than_the_session(db: sqlite3.Connection) -> None:
    city = City(db)
    asked: list[str] = []
    db.set_trace_callback(asked.append)
    city.counted()
    db.set_trace_callback(None)
    big = ("touchpoint", "quiz_item", "reaction", "selfcheck", "commitment", "participant", "person", "account")
    plans = 0
    for sql in asked:
        if sql.lstrip().startswith(("SELECT", "WITH")):
            plans += 1
            steps = [row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")]
            scans = [step for step in steps if step.startswith("SCAN")]
            assert not [
                scan for scan in scans if scan.split()[1] in big or scan.split()[1] in {"t", "q", "r", "c", "p"}
            ]
    assert plans > 6


def test_the_halves_are_compared_once_by_what_was_done_before_the_later_one_began(db: sqlite3.Connection) -> None:
    city = City(db)
    for number in range(16):
        person = city.person()
        db.execute("UPDATE participant SET later = ? WHERE id = ?", (number % 2, person))
        done = city.touch(person, "quiz", END + timedelta(days=3 if number < 14 else 8))
        db.execute("UPDATE touchpoint SET step = 'kuis-a' WHERE id = ?", (done,))
        for position in range(5):
            db.execute(
                "INSERT INTO quiz_item (touchpoint_id, person_id, position, item, value, correct, answered_at)"
                " VALUES (?, ?, ?, ?, 'loyal', ?, '2025')",
                (done, person, position, ITEMS[position], int(position > number % 2)),
            )
    assert city.counted(END + timedelta(days=6)).halves is None
    found = city.counted(END + timedelta(days=7)).halves
    assert found is not None
    assert (found.first, found.later, found.items, found.difference) == (7, 7, 5, 1.0)
    assert found.low < 1.0 < found.high
    db.execute("UPDATE quiz_item SET correct = 0")
    later = city.counted(END + timedelta(days=9))
    assert later.halves == found
    assert "Separuh peserta, dipilih acak" in halves_words(found)
    assert "belum terlihat perbedaan (selisih 1 dari 5 butir" in halves_words(found)
    assert "bukan pengaruh sesi" in halves_words(found)
