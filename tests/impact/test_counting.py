"""What a session's report says from one Monday to the next. tests/figures counts it again in random histories."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bot.calendars import Calendars
from bot.clock import to_text
from bot.config import Config
from bot.reports.impact.counting import ImpactCount
from bot.reports.impact.figures import Impact
from bot.reports.impact.words import halves_words
from bot.reports.weekly import Weekly
from bot.store import attendance, ledger, sessions
from bot.store import impact as queries
from bot.store.database import migrations, run_migration
from bot.store.erasure import erase_person
from bot.store.planning import Rules
from messages.library import load_library

LIBRARY = load_library()
MINIMUM = 5
CALENDARS = Calendars(Config())
COUNT = ImpactCount(LIBRARY, CALENDARS, Weekly(LIBRARY, CALENDARS.city.zone, MINIMUM))
START = datetime(2025, 11, 17, 1, tzinfo=UTC)
END = START + timedelta(hours=3)
LATER = END + timedelta(days=30)
WEEK = timedelta(weeks=1)
# The Monday after LATER's week, at 08.00 WIB; and the one at which all is told for good.
MONDAY = START + 5 * WEEK
FINAL = START + 7 * WEEK
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
                " VALUES (?, ?, ?, ?, ?, ?)",
                (number, self.session.id, number, to_text(START), int(guest), "2025" if number % 3 else None),
            )
        return number

    def touch(self, person: int, kind: str, at: datetime | None, sent: datetime = LATER) -> int:
        number = next(self.numbers)
        self.db.execute(
            "INSERT INTO touchpoint (id, participant_id, person_id, session_id, step, kind, state, reason, sent_at,"
            " answered_at) VALUES (?, ?, ?, ?, ?, ?, 'sent', 'due', ?, ?)",
            (
                number,
                person,
                person,
                self.session.id,
                f"{kind}-{number}",
                kind,
                to_text(at or sent),
                at and to_text(at),
            ),
        )
        return number

    def quiz(self, person: int, kind: str, right: list[int], at: datetime, first: int = 0) -> None:
        touchpoint = self.touch(person, kind, at)
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
                    to_text(at),
                ),
            )

    def pair(self, person: int, before: int, after: int, at: datetime = LATER) -> None:
        for kind, score, when, first in (("prequiz", before, START, 0), ("postquiz", after, at, 3)):
            self.quiz(person, kind, [int(n < score) for n in range(3)], when - timedelta(hours=1), first)

    def frozen(self) -> None:
        self.db.execute("UPDATE session SET invited_frozen_at = start_at")

    def counted(self, now: datetime = MONDAY) -> Impact:
        self.frozen()
        return COUNT.count(self.db, now, sessions.get(self.db, self.session.id))


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
    report = city.counted(FINAL)
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


def test_results_move_on_mondays_and_by_groups_alone_also_after_an_erasure(db: sqlite3.Connection) -> None:
    city = City(db)
    people = [city.person() for _ in range(30)]
    for person in people[:8]:
        city.pair(person, 1, 2)
    first = city.counted().gain
    assert first is not None
    for person in people[8:12]:
        city.pair(person, 3, 0, LATER + WEEK)
    for person in people[12:18]:
        # Found out only now, of a week that was told already.
        city.pair(person, 3, 0)
    for days in range(7):
        assert city.counted(MONDAY + timedelta(days=days)).gain == first
    erase_person(db, people[18])
    for person in people[19:23]:
        city.pair(person, 3, 0, LATER + WEEK)
    after = city.counted(MONDAY + WEEK).gain
    assert after is not None
    assert (first.n, after.n) == (8, 22)


def test_four_more_move_nothing_and_the_last_publication_is_for_good(db: sqlite3.Connection) -> None:
    city = City(db)
    for _ in range(8):
        city.pair(city.person(), 1, 2)
    first = city.counted().gain
    for _ in range(4):
        city.pair(city.person(), 3, 0, LATER + WEEK)
    assert city.counted(MONDAY + WEEK).gain == first
    assert city.counted(FINAL).gain == first
    for _ in range(9):
        city.pair(city.person(), 3, 0, FINAL)
    assert city.counted(FINAL + 2 * WEEK).gain == first


def test_by_unit_once_and_with_a_second_unit_hidden(db: sqlite3.Connection) -> None:
    city = City(db)
    for unit, people in ((1, 12), (2, 6), (3, 3)):
        for _ in range(people):
            city.pair(city.person(unit), 1, 2)
    before = city.counted()
    assert not before.by_unit
    assert all(unit.gain is None for unit in before.units)
    settled = city.counted(FINAL)
    assert settled.by_unit
    assert [unit.gain and unit.gain.n for unit in settled.units] == [12, None, None]
    assert settled.gain is not None
    assert settled.gain.n == 21


def test_what_a_week_hides_is_in_no_session_s_results(db: sqlite3.Connection) -> None:
    city = City(db)
    other = sessions.add(
        db, START - timedelta(days=9), title="Lain", place="Aula", start=START, end=END, unit_ids=[3],
        journey="default", messages=[],
    )  # fmt: skip
    for unit, people in ((1, 12), (2, 6), (3, 3)):
        for _ in range(people):
            city.touch(city.person(unit), "reflection", START + timedelta(hours=5))
            city.touch(city.person(unit), "reflection", None, START + timedelta(hours=5))
    assert city.counted(START + WEEK).reflected == 21
    db.execute("DELETE FROM weekly")
    db.execute("DELETE FROM weekly_open")
    db.execute("DELETE FROM impact")
    # The three are now of another session, so that the city less unit 1 is of two sessions.
    for table in ("touchpoint", "participant"):
        which = "person_id IN (SELECT id FROM person WHERE unit_id = 3)"
        db.execute(f"UPDATE {table} SET session_id = ? WHERE {which}", (other.id,))
    assert city.counted(START + WEEK).reflected == 12


def test_who_was_there_counts_by_code_by_list_and_by_hand(db: sqlite3.Connection) -> None:
    city = City(db)
    people = [city.person(joined=number % 2 == 0) for number in range(10)]
    db.execute("UPDATE participant SET checked_in_at = NULL")
    city.frozen()
    now, session, rules = END + timedelta(days=1), city.session, Rules(LIBRARY.journeys, CALENDARS, 1)
    ledger.check_in(db, people[0], START)
    for person in people[1:5]:
        attendance.mark(db, now, rules, session, person, True)
    attendance.mark(db, now, rules, session, people[4], False)
    attendance.mark(db, now, rules, session, people[5], False)
    assert city.counted(now).attended == 4


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
        # The week counts everybody once, whatever the number of sessions; it is no query of a session's.
        if sql.lstrip().startswith(("SELECT", "WITH")) and "WITH RECURSIVE pair" not in sql:
            plans += 1
            steps = [row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")]
            scans = [step for step in steps if step.startswith("SCAN")]
            assert not [
                (sql, scan) for scan in scans if scan.split()[1] in big or scan.split()[1] in {"t", "q", "r", "c", "p"}
            ]
    assert plans > 6


def test_the_halves_are_compared_once_by_what_was_done_before_the_later_one_began(db: sqlite3.Connection) -> None:
    city = City(db)
    for number in range(16):
        person = city.person()
        db.execute("UPDATE participant SET later = ? WHERE id = ?", (number % 2, person))
        at = END + timedelta(days=3 if number < 14 else 8)
        done = city.touch(person, "quiz", at)
        db.execute("UPDATE touchpoint SET step = 'kuis-a' WHERE id = ?", (done,))
        for position in range(5):
            db.execute(
                "INSERT INTO quiz_item (touchpoint_id, person_id, position, item, value, correct, answered_at)"
                " VALUES (?, ?, ?, ?, 'loyal', ?, ?)",
                (done, person, position, ITEMS[position], int(position > number % 2), to_text(at)),
            )
    assert city.counted(START + WEEK).halves is None
    found = city.counted(START + 2 * WEEK).halves
    assert found is not None
    assert (found.first, found.later, found.items, found.difference) == (7, 7, 5, 1.0)
    assert found.low < 1.0 < found.high
    db.execute("UPDATE quiz_item SET correct = 0")
    later = city.counted(START + 3 * WEEK)
    assert later.halves == found
    assert "Separuh peserta, dipilih acak" in halves_words(found)
    assert "belum terlihat perbedaan (selisih 1 dari 5 butir" in halves_words(found)
    assert "bukan pengaruh sesi" in halves_words(found)
