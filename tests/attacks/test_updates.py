"""Any update in any order from anybody: nothing stuck, nothing changed without the right."""

import os
from typing import Any

import pytest
from telegram import Update

from bot.intake import lanes
from bot.intake.receiving import all_storable
from tests.attacks.storm.drawing import Storm, private, readable, user
from tests.attacks.storm.weather import FIRST_ID, weather
from tests.conftest import ADMIN, Rig

FUZZ = int(os.environ.get("SINAR_FUZZ", "5000"))
STRESS = int(os.environ.get("SINAR_FUZZ_STRESS", "200000"))
SEEDS = range(100, 120)  # of the long storm: each a city of its own, so that workers share it


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting before the second and third try."""
    monkeypatch.setattr(lanes, "PAUSES", (0.0, 0.0))


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


def test_the_storm_draws_every_kind_that_the_library_knows_in_a_shape_that_it_reads() -> None:
    storm = Storm(9)
    drawn = [storm.plain(1001) for _ in range(4000)]
    unreadable = [update for update in drawn if all_storable(update) and not readable(update)]
    assert unreadable == []
    kinds = {kind for update in drawn for kind in update}
    assert kinds - {"of_2031"} == set(Update.ALL_TYPES)


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


async def test_an_empty_update_is_kept_aside_at_once(rig: Rig) -> None:
    await rig.sinar.receiver.receive([{"update_id": FIRST_ID, "my_chat_member": {}}])
    await rig.hand.quiet()
    found = await rig.rows("SELECT state, error, attempts FROM incoming WHERE update_id = ?", FIRST_ID)
    assert [tuple(row) for row in found] == [("aside", "Unreadable", 1)]


@pytest.mark.parametrize("number", ["x", 1.5, True, None])
async def test_a_button_under_a_message_without_a_number_is_answered_by_a_new_one(rig: Rig, number: object) -> None:
    await rig.add_people(1)
    await rig.add_session()
    admin = rig.people[ADMIN]
    shown = {"message_id": number, "date": 1_763_000_000, "chat": private(ADMIN), "text": "lama"}
    query = {"id": "1", "from": user(ADMIN), "chat_instance": "1", "data": "spage:1", "message": shown}
    before = len(admin.received)
    await rig.sinar.receiver.receive([{"update_id": FIRST_ID, "callback_query": query}])
    await rig.hand.quiet()
    assert await rig.rows("SELECT state FROM outbox WHERE state <> 'sent'") == []
    assert len(admin.received) == before + 1


async def test_a_vote_that_a_channel_gives_is_nobodys_and_no_error(rig: Rig) -> None:
    channel = {"id": -100501, "type": "channel", "title": "K"}
    answer = {"poll_id": "1", "voter_chat": channel, "option_ids": [0], "option_persistent_ids": ["0"]}
    await rig.sinar.receiver.receive([{"update_id": FIRST_ID, "poll_answer": answer}])
    await rig.hand.quiet()
    assert await rig.one("SELECT attempts FROM incoming WHERE update_id = ? AND state = 'done'", FIRST_ID) == 0
