"""The interval of the knowledge gain: it covers what was planted at its stated rate, and finds no gain in none."""

import random
from collections import Counter
from collections.abc import Iterable
from itertools import product
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.gain import between, interval, paired_gain, t_cdf, t_quantile

ITEMS = 3
SIZES = (8, 15, 30, 100, 400)
RUNS = {8: 2000, 15: 2000, 30: 1500, 100: 1000, 400: 1000}
# Three standard errors of a rate of 95 % over 1,000 runs are 2.1 points: 93 is the least that chance explains.
LEAST, MOST_FALSE = 0.93, 0.05


def differences(groups: Iterable[tuple[float, float, float]]) -> dict[int, float]:
    """How differences are spread where a share of the people knows each item with p before and q after."""
    spread: Counter[int] = Counter()
    for share, p, q in groups:
        for a, b in product(range(ITEMS + 1), repeat=2):
            before = comb(ITEMS, a) * p**a * (1 - p) ** (ITEMS - a)
            spread[b - a] += share * before * comb(ITEMS, b) * q**b * (1 - q) ** (ITEMS - b)  # type: ignore[assignment]
    return dict(spread)


PLANTED = {
    "none": differences([(1, 0.6, 0.6)]),
    "none at the ceiling": differences([(1, 0.95, 0.95)]),
    "none, most the same": differences([(0.8, 1, 1), (0.2, 0.5, 0.5)]),
    "none, nearly all the same": differences([(0.95, 1, 1), (0.05, 0.5, 0.5)]),
    "small": differences([(1, 0.55, 0.62)]),
    "small at the ceiling": differences([(1, 0.92, 0.96)]),
    "small, most the same": differences([(0.8, 1, 1), (0.2, 0.3, 0.6)]),
    "large": differences([(1, 0.4, 0.8)]),
    "large to the ceiling": differences([(1, 0.5, 0.98)]),
    "large for half": differences([(0.5, 0.3, 0.9), (0.5, 0.9, 0.95)]),
    "everybody one more": {1: 1.0},
    "everybody all of it": {3: 1.0},
    "a loss": differences([(1, 0.8, 0.6)]),
}


@pytest.mark.parametrize("spread", PLANTED.values(), ids=PLANTED.keys())
def test_planted_effects_are_covered_and_none_is_called_a_gain(spread: dict[int, float]) -> None:
    values, weights = list(spread), list(spread.values())
    truth = sum(value * weight for value, weight in spread.items())
    for n in SIZES:
        draw = random.Random(20251117 + n)
        covered = gains = 0
        for _ in range(RUNS[n]):
            low, high = interval(draw.choices(values, weights, k=n), ITEMS)
            covered += low - 1e-9 <= truth <= high + 1e-9
            gains += low > 1e-9
        assert covered / RUNS[n] >= LEAST, (n, covered / RUNS[n])
        if abs(truth) < 1e-9:
            assert gains / RUNS[n] <= MOST_FALSE, (n, gains / RUNS[n])


def test_a_large_effect_is_found_also_among_few() -> None:
    spread = PLANTED["large"]
    draw = random.Random(7)
    runs = [interval(draw.choices(list(spread), list(spread.values()), k=30), ITEMS) for _ in range(300)]
    assert sum(low > 0 for low, _ in runs) > 290


@pytest.mark.parametrize(
    ("df", "known"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (30, 2.042), (60, 2.0), (120, 1.980), (401, 1.966)],
)
def test_the_quantile_is_the_tables(df: int, known: float) -> None:
    assert t_quantile(0.975, df) == pytest.approx(known, abs=6e-4)
    assert t_cdf(t_quantile(0.975, df), df) == pytest.approx(0.975, abs=1e-12)
    assert t_cdf(0.0, df) == pytest.approx(0.5)


def test_a_worked_example() -> None:
    # Five gained one, two the same, one lost one; with the imagined two ten people, mean 0.4.
    gain = paired_gain([(1, 2)] * 5 + [(2, 2)] * 2 + [(3, 2)], ITEMS)
    assert (gain.n, gain.items, gain.before, gain.after, gain.mean) == (8, 3, 1.5, 2.0, 0.5)
    # Sum of squares about 0.4: 6 ones and 2 halves-of-three squared, 10.5, less 10 * 0.16 = 8.9; over 9.
    reach = 2.262157 * (8.9 / 9 / 10) ** 0.5
    assert gain.low == pytest.approx(0.4 - reach, abs=1e-5)
    assert gain.high == pytest.approx(0.4 + reach, abs=1e-5)
    assert gain.verdict == "unclear"


def test_nobody_has_no_gain() -> None:
    with pytest.raises(ValueError, match="no pairs"):
        paired_gain([], ITEMS)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_the_interval_holds_the_mean_within_the_scale_and_mirrors(scores: list[tuple[int, int]]) -> None:
    gain = paired_gain(scores, ITEMS)
    assert -ITEMS <= gain.low <= gain.mean <= gain.high <= ITEMS
    assert gain.low < gain.high or abs(gain.mean) == ITEMS
    mirrored = paired_gain([(after, before) for before, after in scores], ITEMS)
    assert mirrored.low == pytest.approx(-gain.high)
    assert mirrored.high == pytest.approx(-gain.low)
    assert {gain.verdict, mirrored.verdict} in ({"up", "down"}, {"unclear"})


@pytest.mark.parametrize(("p", "q"), [(0.7, 0.7), (0.97, 0.97), (0.8, 0.6), (0.95, 0.7)])
def test_the_difference_of_two_halves_is_covered(p: float, q: float) -> None:
    items, runs = 5, 800
    for n in (8, 30, 150):
        draw = random.Random(n)
        covered = 0
        for _ in range(runs):
            first, later = ([sum(draw.random() < right for _ in range(items)) for _ in range(n)] for right in (p, q))
            found = between(first, later, items)
            covered += found.low <= items * (p - q) <= found.high
        assert covered / runs >= LEAST, (n, covered / runs)
