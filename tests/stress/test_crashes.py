"""kill -9 at every named write, commit and call, and at random moments, against the real process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stress.crashes import crash_matrix
from tests.stress.world import Row

# Kills for each seed; two seeds, so that two cores share them.
FEW, MANY = 16, 160


async def _killed(folder: Path, table: Callable[[Row], None], kills: int, seed: int) -> None:
    rows = await crash_matrix(folder, kills, seed)
    for row in rows:
        table(row)
    assert sum(row.tried for row in rows) >= kills
    assert sum(row.lost for row in rows) == 0


@pytest.mark.parametrize("seed", [1, 2])
async def test_killed_at_named_points(tmp_path: Path, table: Callable[[Row], None], seed: int) -> None:
    await _killed(tmp_path, table, FEW, seed)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [11, 12])
async def test_killed_at_each_named_point(tmp_path: Path, table: Callable[[Row], None], seed: int) -> None:
    await _killed(tmp_path, table, MANY, seed)
