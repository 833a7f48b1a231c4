"""Bad lines between the bot and Telegram: nothing lost, at most one double for each failure, each named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stress.networks import FEW, NETWORKS, on_bad_lines
from tests.stress.world import Row


async def test_bad_networks(tmp_path: Path, table: Callable[[Row], None]) -> None:
    networks = [network for network in NETWORKS if network.name in FEW]
    assert len(networks) == len(FEW)
    for row in await on_bad_lines(tmp_path, networks, 4, 1):
        table(row)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("slow", [False, True])
async def test_networks_that_are_bad_for_long(tmp_path: Path, table: Callable[[Row], None], slow: bool) -> None:
    networks = [network for network in NETWORKS if network.slow == slow]
    for row in await on_bad_lines(tmp_path, networks, 10 if slow else 50, 6):
        table(row)
