"""Sinar as it runs, put to a measurement: `python -m tests.bench.sinar ORDER`, ORDER being JSON (see `race.py`).

It is the whole bot (`bot.running.run`'s parts) with its shipped settings; an order changes only the address, the
rate and the people that it has. Prints one JSON document.
"""

import asyncio
import json
import logging
import os
import sys
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.application import Sinar, assemble
from bot.clock import Clock, SystemClock, to_text
from bot.config import Config, Storage
from bot.config import Telegram as TelegramSettings
from bot.running import connect, keep_pauses_short, poll, to_its_end
from bot.store import outbox
from bot.store.outbox import Lane

TOKEN = "700000001:a-token-that-opens-nothing-at-all"
STEP = 0.02


def settings(address: str, folder: Path, per_second: float) -> Config:
    """The shipped settings but for where and how fast."""
    return Config(
        telegram=TelegramSettings(api_base_url=address, messages_per_second=per_second),
        storage=Storage(path=folder / "sinar.db", backup_dir=folder / "backups"),
    )


def facts(number: int) -> dict[str, Any]:
    """What a session's reminder says."""
    now = SystemClock().now()
    return {
        "greet": to_text(now),
        "name": f"Orang {number}",
        "today": True,
        "title": "Ning Ita Sinar ASN",
        "start": to_text(now),
        "end": to_text(now + timedelta(hours=3)),
        "place": "Ruang Sabha Mandala Madya",
    }


def queue(db: Any, chats: range, clock: Clock) -> None:
    """Put a message for each chat into the outbox."""
    for chat in chats:
        outbox.put(db, clock.now(), chat, "reminder", facts(chat), key=f"bench:{chat}", lane=Lane.BULK)


async def count(sinar: Sinar, where: str) -> int:
    """Return how many rows match."""
    found: int = await sinar.store.read(lambda db: db.execute(f"SELECT count(*) FROM {where}").fetchone()[0])
    return found


def resident() -> int:
    """Return the memory that this process holds now, in KiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


async def broadcast(sinar: Sinar, order: dict[str, Any]) -> dict[str, Any]:
    """Send to so many chats while people ask; all is durable before it counts."""
    chats = range(1, order["messages"] + 1)
    delivery = asyncio.create_task(sinar.delivery.run())
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    before, began, cpu = resident(), time.monotonic(), time.process_time()
    most = before
    await sinar.store.write(partial(queue, chats=chats, clock=sinar.clock))
    while await count(sinar, "outbox WHERE lane = 3 AND state IN ('waiting', 'leased')"):
        most = max(most, resident())
        await asyncio.sleep(order.get("look", 0.25))
    took = time.monotonic() - began
    sinar.delivery.stop()
    await delivery
    return {
        "seconds": took,
        "grown_kib": most - before,
        "cpu": time.process_time() - cpu,
        "settings": await sinar.store.write_quietly(_pragmas),
    }


async def intake(sinar: Sinar, order: dict[str, Any]) -> dict[str, Any]:
    """Take up updates that wait, each stored before it is confirmed, handled, and its answer queued.

    With `idle`, no handler wants them: what is left is the intake itself.
    """
    if order.get("idle"):
        sinar.app.handlers.clear()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    began = time.monotonic()
    polling = asyncio.create_task(poll(sinar))
    while await count(sinar, "incoming WHERE state = 'done'") < order["updates"]:  # noqa: ASYNC110 - it waits for the file
        await asyncio.sleep(STEP)
    took = time.monotonic() - began
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    return {"seconds": took, "answers": await count(sinar, "outbox")}


def _pragmas(db: Any) -> dict[str, Any]:
    names = ("synchronous", "journal_mode", "secure_delete", "foreign_keys")
    return {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in names}


async def main(order: dict[str, Any]) -> dict[str, Any]:
    """Carry out an order in a folder that goes with it."""
    with TemporaryDirectory(dir=order.get("folder")) as folder:
        config = settings(order["address"], Path(folder), order.get("per_second", 28))
        if order.get("client"):
            telegram = config.telegram.model_copy(update={"http_client": order["client"]})
            config = config.model_copy(update={"telegram": telegram})
        async with assemble(config, TOKEN, SystemClock()) as sinar:
            keep_pauses_short()
            await connect(sinar, asyncio.Event())
            polling = asyncio.create_task(poll(sinar)) if order["what"] == "broadcast" else None
            try:
                return await {"broadcast": broadcast, "intake": intake}[order["what"]](sinar, order)
            finally:
                if polling is not None:
                    polling.cancel()
                    await asyncio.gather(polling, return_exceptions=True)
                await sinar.app.shutdown()


if __name__ == "__main__":
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    logging.basicConfig(level=logging.CRITICAL)
    print(json.dumps(to_its_end(main(json.loads(sys.argv[1])))), flush=True)
