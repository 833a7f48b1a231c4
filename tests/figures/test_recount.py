"""What reports show equals a recount from the raw rows; what they do not show has its reason.

A history is one random city: one to four units of up to 18 people, up to three sessions (moved people, guests,
withdrawals, cancellations), one to two weeks of steps in every state. Each is planted in a real file, published by
the reports' own functions, counted again and rolled back.
"""

import random
import sqlite3
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from bot.clock import to_text
from bot.domain.gain import paired_gain
from bot.reports.figures import WeeklyFigures
from bot.reports.weekly import Weekly, bounds
from bot.store import impact
from tests.figures.cities import LIBRARY, WIB, open_city, plant
from tests.figures.recount import Tables, Truth, raw, recount
from tests.figures.recount_impact import Results, people_of, results, spread

FIVE = 5
HISTORIES = 1000
RESULTS = ("reflected", "quizzed", "committed", "kept", "reaction", "value", "item", "gain")
NEEDED = {"quiz": {"quiz", "prequiz", "postquiz"}, "made": {"commitment"}, "kept": {"followup"}}


def fields(figures: WeeklyFigures) -> dict[str, object]:
    """What is shown for each measure that may be hidden."""
    return {
        "answered": figures.answered,
        "waiting": figures.waiting,
        "quiz": figures.quiz_average,
        "made": figures.commitments_made,
        "kept": figures.commitments_kept,
    }


def compare(figures: WeeklyFigures, truth: Truth) -> None:
    """Each shown figure is true and of enough people."""
    assert (figures.invited, figures.joined, figures.sent) == (len(truth.invited), len(truth.joined), truth.sent)
    counted = {
        "answered": truth.answered,
        "waiting": len(truth.waiting),
        "quiz": truth.average,
        "made": len(truth.made),
        "kept": truth.kept,
    }
    for measure, shown in fields(figures).items():
        if shown is not None:
            assert shown == counted[measure], measure
            assert truth.people(measure) >= FIVE, measure
    assert figures.hardest_item == (truth.hardest(FIVE) if figures.quiz_average is not None else None)


class Told:
    """What each session's report is known to say, by the rule that it moves by groups alone."""

    def __init__(self) -> None:
        self.of: dict[int, dict[str, Results]] = {}

    def compare(self, db: sqlite3.Connection, table: Tables, until: datetime) -> Counter[str]:
        """Compare the reports with a recount, after a week's publication; return what moved."""
        opened = [dict(row) for row in db.execute("SELECT * FROM weekly_open")]
        moved: Counter[str] = Counter()
        for session in table["session"]:
            if session["cancelled_at"] is not None or session["end_at"] >= to_text(until):
                continue
            now, known = results(table, opened, session["id"], until), self.of.setdefault(session["id"], {})
            for name, people in people_of(now).items():
                if people - (people_of(known[name])[name] if name in known else 0) >= FIVE:
                    known[name] = now
                    moved[name.partition(":")[0]] += 1
            cells = impact.shown(db, session["id"])["cells"]
            assert cells.keys() == known.keys()
            for name, cell in cells.items():
                assert cell["n"] == people_of(known[name])[name], name
                check_result(name, cell, known[name])
        return moved


def check_result(name: str, cell: dict[str, Any], truth: Results) -> None:
    """A result says what the people counted did."""
    kind, _, of = name.partition(":")
    if kind == "reaction":
        counts = [spread(truth)[score] for score in range(1, 6)]
        assert cell["mean"] == pytest.approx(sum(score * n for score, n in enumerate(counts, 1)) / sum(counts))
        assert cell["counts"] == (None if any(0 < n < FIVE for n in counts) else counts)
    elif kind == "value":
        assert cell["mean"] == pytest.approx(fmean(level for _, level in truth.levels[of]))
    elif kind == "item":
        wrong = sum(1 - right for _, right in truth.items[of].values())
        assert cell["wrong"] == (wrong if wrong >= FIVE else None)
    elif kind == "gain":
        gain = asdict(paired_gain(truth.pairs, 3))
        assert {key: cell[key] for key in gain} == pytest.approx(gain)


def test_a_thousand_random_histories_equal_their_recount(tmp_path: Path) -> None:
    rng = random.Random(17)
    weekly = Weekly(LIBRARY, WIB, FIVE)
    shown = hidden = alone = 0
    moved: Counter[str] = Counter()
    with open_city(tmp_path) as db:
        for _ in range(HISTORIES):
            db.execute("BEGIN")
            city = plant(db, rng, rng.randint(1, 4), rng.randint(1, 2), (1, 18))
            table, told = raw(db), Told()
            for week in city.weeks:
                truth = recount(table, week)
                whole = {unit: weekly.frozen(db, city.now, week, unit) for unit in (None, *city.units)}
                for unit, figures in whole.items():
                    compare(figures, truth[unit[0] if unit else None])
                    known = fields(figures).values()
                    shown += sum(value is not None for value in known)
                    hidden += sum(value is None for value in known)
                alone += _nothing_hidden_without_need(whole[None], truth)
                moved += told.compare(db, table, bounds(week, WIB)[1])
            db.execute("ROLLBACK")
    # The cities are such that there is much of both.
    assert shown > 2500, shown
    assert hidden > 2500, hidden
    assert alone > 200, alone
    # Pairs of quizzes and kept plans of five people are rare in cities this small; tests/impact has larger ones.
    assert all(moved[name] >= (1 if name in ("gain", "kept") else 10) for name in RESULTS), moved


def _nothing_hidden_without_need(city: WeeklyFigures, truth: dict[int | None, Truth]) -> int:
    """Where no unit is too small, the city's figure is shown if enough people stand behind it."""
    found = 0
    for measure, shown in fields(city).items():
        units = [one for unit, one in truth.items() if unit is not None]
        asked = [one for one in units if one.people(measure) or set(one.kinds) & NEEDED.get(measure, set(one.kinds))]
        if asked and measure in NEEDED and all(one.people(measure) >= FIVE for one in asked):
            covering = any(len(one.answered_people) < FIVE for one in units if one.sent)
            assert shown is not None or covering
            found += 1
    return found
