"""What an earlier run stored and did not finish comes before whatever comes in after the start."""

import asyncio
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from bot.clock import HandClock
from bot.config import Config, Storage, Telegram
from bot.running import run
from bot.sandbox import TOKEN, Sandbox
from bot.store import incoming
from bot.store.database import Store
from bot.trial import Trials
from tests.conftest import wib

CHAT = 1001
ENOUGH_TURNS = 500


async def _waiting(store: Store) -> int:
    return await store.read(lambda db: int(db.execute("SELECT count(*) FROM incoming").fetchone()[0]))


async def test_an_update_from_before_a_start_is_handled_before_a_new_one_of_the_same_chat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    async def long_look(trials: Trials) -> None:
        """What is looked at before the start is over takes as long as a new update needs to come in, if it can."""
        for _ in range(ENOUGH_TURNS):
            seen.append(await _waiting(trials._means.store))
            if seen[-1] > 1:
                return

    monkeypatch.setattr(Trials, "look", long_look)
    clock, path = HandClock(wib("2025-11-17 09:00")), tmp_path / "sinar.db"
    async with Sandbox(now=lambda: clock.now().timestamp()) as box:
        person = box.person(CHAT, first_name="Orang")
        async with Store(path) as store:
            raw = json.dumps(_said("/privasi"))
            await store.write(lambda db: incoming.keep(db, clock.now(), [(1, CHAT, raw)]))
        person.send("/bantuan")
        config = Config(
            telegram=Telegram(api_base_url=box.api_base_url),
            storage=Storage(path=path, backup_dir=tmp_path / "backups"),
        )
        running = asyncio.create_task(run(config, TOKEN, clock))
        try:
            await box.world.bell.until(lambda: len(person.received) > 1, 20, "both answers")
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            assert await running == 0
    assert seen
    first, second = (message.text or "" for message in person.received)
    assert "Hak Anda" in first
    assert "Yang dapat Anda lakukan" in second


def _said(text: str) -> dict[str, Any]:
    whose = {"id": CHAT, "first_name": "Orang"}
    return {
        "update_id": 1,
        "message": {
            "message_id": 1,
            "date": 1763344800,
            "chat": whose | {"type": "private"},
            "from": whose | {"is_bot": False},
            "text": text,
            "entities": [{"type": "bot_command", "offset": 0, "length": len(text)}],
        },
    }
