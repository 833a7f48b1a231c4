"""All outputs of all weeks, held together by one who subtracts, leave no hidden cell with a single solution.

What the onlooker is given beside the outputs is more than he could have: how many questions a unit was asked in
quizzes and answered, and how many were sent what kind of step (the timetable is no secret). So a cell of a unit to
which nothing of the kind was sent, and of which nobody came late, is no secret either: it is nothing. He is not
given what single people know of themselves.
"""

import random
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.clock import to_text
from bot.domain.suppression import Cell, Hidden
from bot.reports import counting
from bot.reports.weekly import Weekly, bounds
from bot.store import impact
from bot.store.erasure import erase_person
from tests.figures.cities import LIBRARY, WIB, City, open_city, plant
from tests.figures.outputs import Said, read_all
from tests.figures.recount import Truth, raw, recount
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
    counted: int = 0


def test_nothing_hidden_has_a_single_solution_in_two_hundred_cities(tmp_path: Path) -> None:
    looked = look_at_cities(tmp_path, CITIES)
    assert looked.uncovered == 0, looked
    # There was much to find out, much to subtract from, and each figure was read in several places.
    assert looked.small > 1000, looked
    assert looked.shown > 1000, looked
    assert looked.said > 10_000, looked
    assert looked.counted > 500, looked


def test_the_onlooker_finds_what_cell_by_cell_gives_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cell_by_cell(parts: dict[int, Cell], minimum_group: int, also: object = ()) -> Hidden[int]:
        small = frozenset(key for key, part in parts.items() if part.people < minimum_group)
        return Hidden(small, sum(part.people for part in parts.values()) < minimum_group)

    monkeypatch.setattr(counting, "hide", cell_by_cell)
    assert look_at_cities(tmp_path, 10).uncovered > 10


def look_at_cities(folder: Path, count: int) -> Looked:
    """Plant cities, ask for their weeks as people do, read all that was said, and look for solutions."""
    rng = random.Random(39)
    looked = Looked()
    weekly = Weekly(LIBRARY, WIB, FIVE)
    with open_city(folder) as db:
        for _ in range(count):
            db.execute("BEGIN")
            city = plant(db, rng, rng.randint(2, 6), 2, (1, 22))
            truth, said = tell(db, rng, city, weekly)
            looked.counted += what_reports_count(db, city, said)
            db.execute("ROLLBACK")
            looked.said += said.count
            for week in city.weeks:
                look(looked, week, city, truth[week], said)
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


def look(looked: Looked, week: str, city: City, truth: dict[int | None, Truth], said: Said) -> None:
    """Take one week's sums; weeks share nothing, since each answer is of one week."""
    system, shown = System(), {}
    for measure in MEASURES:
        for unit, name in [*city.units, (None, None)]:
            found = said.of.get((week, name, measure), set())
            assert len(found) <= 1, f"outputs differ: {week} {name} {measure} {found}"
            value = next(iter(found), None)
            shown[unit, measure] = value is not None
            looked.shown += value is not None
            if unit is not None:
                real = _real(truth[unit], measure)
                assert value is None or measure == "quiz" or value == real
                most = real if value is not None else _most(truth[unit], measure)
                system.number((unit, measure), real if value is not None else 0, most)
        if shown[None, measure]:
            total = _real(truth[None], measure)
            system.sum(tuple((unit, measure) for unit, _ in city.units), total, total)
    for unit, _ in city.units:
        system.sum(((unit, "answered"), (unit, "waiting")), 0, truth[unit].sent)
    for measure in MEASURES:
        for unit, _ in city.units:
            if not shown[unit, measure] and _most(truth[unit], measure):
                _try(looked, system, (unit, measure), truth[unit])


def _try(looked: Looked, system: System, cell: tuple[int, str], truth: Truth) -> None:
    """A small group's figure can be all that a small group's can be; any other has another solution."""
    real, most = _real(truth, cell[1]), _most(truth, cell[1])
    looked.hidden += 1
    if truth.people(cell[1]) >= FIVE:
        near = (value for step in range(1, most + 1) for value in (real - step, real + step))
        looked.uncovered += not any(system.can_be(cell, value) for value in near)
        return
    looked.small += 1
    most = min(most, FIVE - 1)
    if cell[1] == "waiting":
        # Who answered does not wait: where the answers are said, they leave no more room than that.
        most = min(most, truth.sent - system.bounds[cell[0], "answered"][0])
    looked.uncovered += not (system.can_be(cell, 0) and system.can_be(cell, most))


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
