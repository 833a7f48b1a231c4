"""All outputs of all weeks, held together by one who subtracts, leave no hidden cell with a single solution.

Sessions' impact reports are among them. Of these he is given more than they say: for each week and session, exactly
how much of what may be counted was added. What a session's people did in a unit is a cell too, hidden where it is
not counted.

What the onlooker is given beside the outputs is more than he could have: how many questions a unit was asked in
quizzes and answered, and how many were sent what kind of step (the timetable is no secret). So a cell of a unit to
which nothing of the kind was sent, and of which nobody came late, is no secret either: it is nothing. He is not
given what single people know of themselves.
"""

import random
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.calendars import Calendars
from bot.clock import to_text
from bot.config import Config
from bot.domain.suppression import Cell, Hidden
from bot.reports import counting
from bot.reports.impact import publishing
from bot.reports.impact.counting import ImpactCount
from bot.reports.weekly import Weekly, bounds
from bot.store import impact, sessions
from bot.store.erasure import erase_person
from bot.store.opened import Opened, Part
from tests.figures.cities import LIBRARY, WIB, City, open_city, plant
from tests.figures.outputs import RESULTS, Said, read_all, read_impact
from tests.figures.recount import Row, Truth, raw, recount
from tests.figures.solver import System

FIVE = 5
CITIES = 200
MEASURES = ("answered", "waiting", "quiz", "made", "kept")
COUNTED_BY = {"answered": "answered", "late": "answered", "quiz": "quiz", "made": "made", "kept": "kept"}
KINDS = {"quiz": ("prequiz", "quiz", "postquiz"), "made": ("commitment",), "kept": ("followup",)}


@dataclass
class Looked:
    """What the onlooker tried in the cities: hidden cells, and those that he found out."""

    hidden: int = 0
    small: int = 0
    shown: int = 0
    said: int = 0
    uncovered: int = 0
    given_up: int = 0
    parts: int = 0
    counted: int = 0
    results: int = 0


def test_nothing_hidden_has_a_single_solution_in_two_hundred_cities(tmp_path: Path) -> None:
    looked = look_at_cities(tmp_path, CITIES)
    assert looked.uncovered == 0, looked
    # There was much to find out, much to subtract from, and each figure was read in several places.
    assert looked.small > 1000, looked
    assert looked.shown > 1000, looked
    assert looked.said > 10_000, looked
    assert looked.parts > 100, looked
    assert looked.results > 100, looked
    assert looked.counted > 500, looked


def test_the_onlooker_finds_what_cell_by_cell_gives_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cell_by_cell(parts: dict[int, Cell], minimum_group: int, also: object = ()) -> Hidden[int]:
        small = frozenset(key for key, part in parts.items() if part.people < minimum_group)
        return Hidden(small, sum(part.people for part in parts.values()) < minimum_group)

    monkeypatch.setattr(counting, "hide", cell_by_cell)
    looked = look_at_cities(tmp_path, 10)
    assert looked.uncovered - looked.given_up > 10, looked


def test_the_onlooker_finds_what_counting_everything_gives_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everything(parts: Collection[Part], figures: object, minimum_group: int) -> list[Opened]:
        return [Opened(part.session_id, part.kind, part.unit_id) for part in parts]

    monkeypatch.setattr(publishing, "opened", everything)
    looked = look_at_cities(tmp_path, 10, held=False)
    assert looked.uncovered - looked.given_up > 10, looked


def look_at_cities(folder: Path, count: int, *, held: bool = True) -> Looked:
    """Plant cities, ask for their weeks as people do, read all that was said, and look for solutions."""
    rng = random.Random(39)
    looked = Looked()
    weekly = Weekly(LIBRARY, WIB, FIVE)
    impacts = ImpactCount(LIBRARY, Calendars(Config()), weekly)
    with open_city(folder) as db:
        for _ in range(count):
            db.execute("BEGIN")
            city = plant(db, rng, rng.randint(2, 6), 2, (1, 22))
            truth, said = tell(db, rng, city, weekly)
            opened = [dict(row) for row in db.execute("SELECT * FROM weekly_open")]
            looked.counted += what_reports_count(db, city, said) if held else 0
            looked.results += report(db, city, impacts, said)
            db.execute("ROLLBACK")
            looked.said += said.count
            for week in city.weeks:
                look(looked, week, city, truth[week], said, opened)
    return looked


def what_reports_count(db: sqlite3.Connection, city: City, said: Said) -> int:
    """Assert that impact reports are sums of shown figures alone, so that none of them is one sum more.

    Each part of a week that they count is of a unit whose figure the week shows, or, for one session alone, of
    the city less the units shown, which the week tells already. And a result is of a group.
    """
    names, week_of_begin = dict(city.units), {to_text(bounds(week, WIB)[0]): week for week in city.weeks}
    together: dict[tuple[str, str], set[int]] = {}
    rows = db.execute("SELECT * FROM weekly_open").fetchall()
    for row in rows:
        week = week_of_begin[row["begins"]]
        of_unit = said.of.get((week, names[row["unit_id"]], COUNTED_BY[row["kind"]]), set())
        if row["alone"]:
            assert of_unit, dict(row)
            assert None not in of_unit, dict(row)
        else:
            assert said.of.get((week, None, COUNTED_BY[row["kind"]]), {None}) != {None}, dict(row)
            together.setdefault((week, row["kind"]), set()).add(row["session_id"])
    assert all(len(of_sessions) == 1 for of_sessions in together.values())
    for (found,) in db.execute("SELECT DISTINCT session_id FROM weekly_open").fetchall():
        assert all(cell["n"] >= FIVE for cell in impact.shown(db, found).get("cells", {}).values())
    return len(rows)


def report(db: sqlite3.Connection, city: City, impacts: ImpactCount, said: Said) -> int:
    """Read each session's report, twice, and return how many results were shown."""
    shown = 0
    for session in sessions.every(db):
        if session.cancelled or session.end >= city.now:
            continue
        for later in (timedelta(0), timedelta(days=3)):
            read_impact(said, impacts.count(db, city.now + later, session))
        cells = impact.shown(db, session.id).get("cells", {})
        for measure in (*RESULTS, "reaction"):
            expected = cells[measure]["n"] if measure in cells else None
            assert said.of["impact", str(session.id), measure] == {expected}
            shown += expected is not None
    return shown


def tell(
    db: sqlite3.Connection, rng: random.Random, city: City, weekly: Weekly
) -> tuple[dict[str, dict[int | None, Truth]], Said]:
    """Somebody asks for a week first; people are erased and moved; then everybody asks for everything, twice."""
    truth: dict[str, dict[int | None, Truth]] = {}
    everybody: list[tuple[int, str] | None] = [None, *city.units]
    said, rows, first = Said(), [], []
    for week in city.weeks:
        weekly.frozen(db, city.now, week, rng.choice(everybody))
        truth[week] = recount(raw(db), week)
        people = [row[0] for row in db.execute("SELECT id FROM person")]
        erase_person(db, rng.choice(people))
        db.execute("UPDATE person SET unit_id = ? WHERE id = ?", (rng.choice(city.units)[0], rng.choice(people)))
        rows = [weekly.frozen(db, city.now, one, unit) for one in truth for unit in everybody]
        if week == city.weeks[0]:
            first = rows
            read_all(said, rows, {}, None)
    assert rows[: len(first)] == first
    read_all(said, rows, {(city.weeks[1], row.unit): row for row in first}, rng.choice(city.units)[1])
    return truth, said


def look(looked: Looked, week: str, city: City, truth: dict[int | None, Truth], said: Said, opened: list[Row]) -> None:
    """Take one week's sums; weeks share nothing, since each answer is of one week."""
    shown: dict[tuple[int | None, str], bool] = {}
    for measure in MEASURES:
        for unit, name in [*city.units, (None, None)]:
            found = said.of.get((week, name, measure), set())
            assert len(found) <= 1, f"outputs differ: {week} {name} {measure} {found}"
            value = next(iter(found), None)
            shown[unit, measure] = value is not None
            looked.shown += value is not None
            assert value is None or measure == "quiz" or value == _real(truth[unit], measure)
    begins = to_text(bounds(week, WIB)[0])
    may = {(row["unit_id"], row["kind"], row["session_id"]) for row in opened if row["begins"] == begins}
    known = Known(city, truth, shown, may)
    for measure in MEASURES:
        for unit, _ in city.units:
            if not shown[unit, measure] and _most(truth[unit], measure):
                _try(looked, known, (unit, measure), truth[unit])
    for part, real in known.hidden.items():
        looked.parts += 1
        least, most = known.system.bounds[part]
        looked.uncovered += not any(known.system.can_be(part, v) for v in range(least, most + 1) if v != real)
    looked.given_up += known.system.given_up


class Known:
    """All that is known of one week: each unit's figures divided among sessions, and every sum of them."""

    def __init__(
        self,
        city: City,
        truth: dict[int | None, Truth],
        shown: dict[tuple[int | None, str], bool],
        may: set[tuple[int, str, int]],
    ) -> None:
        self.system = System()
        self.cells: dict[tuple[int, str], tuple[Hashable, ...]] = {}
        self.hidden: dict[Hashable, int] = {}
        self.least = {unit: truth[unit].answered if shown[unit, "answered"] else 0 for unit, _ in city.units}
        counted: dict[tuple[str, int], list[tuple[Hashable, int]]] = defaultdict(list)
        for measure in MEASURES:
            for unit, _ in city.units:
                one, is_shown = truth[unit], shown[unit, measure]
                real, most = _real(one, measure), _most(one, measure)
                sessions = sorted({session for kind, session in [*one.of, *one.asked] if kind == measure})
                # Who waits is not divided: no report says it of a session.
                self.cells[unit, measure] = tuple((unit, measure, one) for one in sessions or [0])
                for part, session in zip(self.cells[unit, measure], sessions or [0], strict=True):
                    did = one.of[measure, session] if sessions else real
                    room = max(did, one.asked[measure, session]) if is_shown and sessions else most
                    self.system.number(part, 0, room, did)
                    if (unit, measure, session) in may:
                        counted[measure, session].append((part, did))
                    elif is_shown and sessions and room:
                        self.hidden[part] = did
                if self.system.at_its_end(self.cells[unit, measure], real):
                    # That all did what they could, or nobody, is what the shown figure says by itself.
                    for part in self.cells[unit, measure]:
                        self.hidden.pop(part, None)
                self.system.sum(self.cells[unit, measure], real if is_shown else 0, real if is_shown else most)
            if shown[None, measure]:
                total = _real(truth[None], measure)
                every = [part for unit, _ in city.units for part in self.cells[unit, measure]]
                self.system.sum(tuple(every), total, total)
        for unit, _ in city.units:
            self.system.sum((*self.cells[unit, "answered"], *self.cells[unit, "waiting"]), 0, truth[unit].sent)
        for found in counted.values():
            total = sum(did for _, did in found)
            self.system.sum(tuple(part for part, _ in found), total, total)


def _try(looked: Looked, known: Known, cell: tuple[int, str], truth: Truth) -> None:
    """A small group's figure can be all that a small group's can be; any other has another solution."""
    real, most, parts = _real(truth, cell[1]), _most(truth, cell[1]), known.cells[cell]
    looked.hidden += 1
    if truth.people(cell[1]) >= FIVE:
        near = (value for step in range(1, most + 1) for value in (real - step, real + step))
        looked.uncovered += not any(known.system.together(parts, value) for value in near)
        return
    looked.small += 1
    most = min(most, FIVE - 1)
    if cell[1] == "waiting":
        # Who answered does not wait: where the answers are said, they leave no more room than that.
        most = min(most, truth.sent - known.least[cell[0]])
    looked.uncovered += not (known.system.together(parts, 0) and known.system.together(parts, most))


def _real(truth: Truth, measure: str) -> int:
    return {
        "answered": truth.answered,
        "waiting": len(truth.waiting),
        "quiz": truth.right,
        "made": len(truth.made),
        "kept": truth.kept,
    }[measure]


def _most(truth: Truth, measure: str) -> int:
    """The most that a figure could be, as the onlooker knows; 0 where nothing was asked."""
    if measure in ("answered", "waiting"):
        return truth.sent
    asked = sum(truth.kinds[kind] for kind in KINDS[measure])
    if not asked and not truth.people(measure):
        return 0
    return max(_real(truth, measure), asked, len(truth.quiz) if measure == "quiz" else len(truth.joined))
