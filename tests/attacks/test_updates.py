"""Any update in any order from anybody: nothing stuck, nothing changed without the right."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from bot.intake import lanes
from tests.attacks.storm.drawing import user
from tests.attacks.storm.weather import FIRST_ID, weather
from tests.conftest import Rig

FUZZ = int(os.environ.get("SINAR_FUZZ", "5000"))
STRESS = int(os.environ.get("SINAR_FUZZ_STRESS", "200000"))
SEEDS = range(100, 120)  # of the long storm: each a city of its own, so that workers share it


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No waiting before the second and third try."""
    monkeypatch.setattr(lanes, "PAUSES", (0.0, 0.0))
    return


@pytest.mark.usefixtures("hurried")
async def test_a_storm_of_any_updates_leaves_nothing_stuck_and_nothing_changed(rig: Rig) -> None:
    await weather(rig, FUZZ * 4 // 5, 7)


@pytest.mark.usefixtures("hurried")
async def test_a_storm_with_an_admin_in_it_breaks_nothing(rig: Rig) -> None:
    await weather(rig, FUZZ // 5, 8, admins=True)


@pytest.mark.slow
@pytest.mark.timeout(1500)
@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("seed", SEEDS)
async def test_a_long_storm(rig: Rig, seed: int) -> None:
    await weather(rig, STRESS // len(SEEDS), seed, admins=seed % 5 == 0)


async def test_half_a_character_is_kept_aside_at_once(rig: Rig) -> None:
    chat = {"id": 1001, "type": "private"}
    message = {"message_id": 1, "date": 1_763_000_000, "chat": chat, "from": user(1001), "text": "\ud83d"}
    await rig.sinar.receiver.receive([{"update_id": FIRST_ID, "message": message}])
    await rig.hand.quiet()
    assert await rig.one("SELECT state FROM incoming WHERE update_id = ?", FIRST_ID) == "aside"


@pytest.mark.parametrize("chat", [{"id": 1001, "type": "private", "x": [2**63]}, 7])
async def test_what_nobody_can_read_is_kept_aside_at_once(rig: Rig, chat: Any) -> None:
    message = {"message_id": 1, "date": 1_763_000_000, "chat": chat, "from": user(1001), "text": "/bantuan"}
    await rig.sinar.receiver.receive([{"update_id": FIRST_ID, "message": message}])
    await rig.hand.quiet()
    found = await rig.rows("SELECT state, error, attempts FROM incoming WHERE update_id = ?", FIRST_ID)
    assert [tuple(row) for row in found] == [("aside", "Unreadable", 1)]
