"""Full disk, foreign lock, SIGTERM, power cut, no memory: the real process goes on, or its successor does."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stress.machines import MACHINES, Machine, endure
from tests.stress.world import Row


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
async def test_a_bad_machine(tmp_path: Path, table: Callable[[Row], None], machine: Machine) -> None:
    row = await endure(tmp_path, machine, machine.few)
    table(row)
    assert row.tried >= machine.few


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
async def test_a_machine_that_is_bad_for_long(tmp_path: Path, table: Callable[[Row], None], machine: Machine) -> None:
    table(await endure(tmp_path, machine, machine.many, seed=4))
