"""What reports show equals a recount from the raw rows; what they do not show has its reason.

A history is one random city: one to four units of up to 18 people, up to three sessions (moved people, guests,
withdrawals, cancellations), one to two weeks of steps in every state. Each is planted in a real file, published by
the reports' own functions, counted again and rolled back.
"""

import random
from pathlib import Path

from bot.reports.figures import WeeklyFigures
from bot.reports.weekly import Weekly
from tests.figures.cities import LIBRARY, WIB, open_city, plant
from tests.figures.recount import Truth, recount

FIVE = 5
HISTORIES = 1000
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


def test_a_thousand_random_histories_equal_their_recount(tmp_path: Path) -> None:
    rng = random.Random(17)
    weekly = Weekly(LIBRARY, WIB, FIVE)
    shown = hidden = alone = 0
    with open_city(tmp_path) as db:
        for _ in range(HISTORIES):
            db.execute("BEGIN")
            city = plant(db, rng, rng.randint(1, 4), rng.randint(1, 2), (1, 18))
            for week in city.weeks:
                truth = recount(db, week)
                whole = {unit: weekly.frozen(db, city.now, week, unit) for unit in (None, *city.units)}
                for unit, figures in whole.items():
                    compare(figures, truth[unit[0] if unit else None])
                    known = fields(figures).values()
                    shown += sum(value is not None for value in known)
                    hidden += sum(value is None for value in known)
                alone += _nothing_hidden_without_need(whole[None], truth)
            db.execute("ROLLBACK")
    # The cities are such that there is much of both.
    assert shown > 2500, shown
    assert hidden > 2500, hidden
    assert alone > 200, alone


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
