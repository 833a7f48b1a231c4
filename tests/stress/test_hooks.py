"""A webhook that is posted to twice and out of order: one effect each."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stress.hooks import posted_twice
from tests.stress.world import Row


@pytest.mark.parametrize("people", [2, pytest.param(20, marks=[pytest.mark.slow])])
async def test_posted_twice_and_out_of_order(tmp_path: Path, table: Callable[[Row], None], people: int) -> None:
    table(await posted_twice(tmp_path, people))
