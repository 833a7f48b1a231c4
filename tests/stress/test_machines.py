"""Full disk, foreign lock, SIGTERM, power cut, no memory: the real process goes on, or its successor does."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stress.machines import MACHINES, Machine, can_be_read_only, endure, read_only
from tests.stress.world import Row


def possible(machine: Machine) -> None:
    if machine.harm is read_only and not can_be_read_only():
        pytest.skip("needs chattr, a file system that knows it, and the right to use it")


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
async def test_a_bad_machine(tmp_path: Path, table: Callable[[Row], None], machine: Machine) -> None:
    possible(machine)
    row = await endure(tmp_path, machine, machine.few)
    table(row)
    assert row.tried >= machine.few


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
async def test_a_machine_that_is_bad_for_long(tmp_path: Path, table: Callable[[Row], None], machine: Machine) -> None:
    possible(machine)
    table(await endure(tmp_path, machine, machine.many, seed=4))
