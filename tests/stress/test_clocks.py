"""Clocks that jump, days without Telegram, numbers that begin anew: nothing lost, nothing twice, one touch a day."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stress.clocks import numbers_begin_anew, on_a_bad_clock, three_days_away
from tests.stress.world import Row


@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=[pytest.mark.slow, pytest.mark.timeout(900)])])
async def test_a_bad_clock(tmp_path: Path, table: Callable[[Row], None], rounds: int) -> None:
    for row in await on_a_bad_clock(tmp_path, rounds):
        table(row)


@pytest.mark.parametrize("people", [pytest.param(12, marks=[pytest.mark.slow])])
async def test_telegram_away_for_three_days(tmp_path: Path, table: Callable[[Row], None], people: int) -> None:
    table(await three_days_away(tmp_path, people))


async def test_numbers_that_begin_anew(tmp_path: Path, table: Callable[[Row], None]) -> None:
    table(await numbers_begin_anew(tmp_path))
