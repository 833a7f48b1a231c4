"""The most memory that the bot takes as a process of its own: a Monday, two nights and noons, and every command.

It is `run` with its shipped settings, but for where, for a pace of sending that is measured elsewhere, and for looks
at the timetable that come sooner. Telegram's stand-in and everybody's phone are in another process.
"""

import asyncio
import re
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bot.sandbox import TOKEN, Person, Sandbox
from scheduler.housekeeping import LAST_BACKUP
from tests.bench.city import ADMIN, NOW, noon_of
from tests.bench.sayings import heard, sayings
from tests.bench.town import FAST, People, Took, act, settle_in
from tests.outside.driver import Outside
from tests.stress.nursery import CLOCK
from tests.stress.starting import Nursery

PATIENCE = 300.0  # seconds for all summaries, for a night and its backup, for a noon's messages
DAYS, ROUNDS = 2, 3


@dataclass
class Apart(People):
    """A bot in a process of its own, and everybody's phone."""

    outside: Outside
    nursery: Nursery

    async def said(self, person: Person, words: str) -> Took:
        act(person, words)
        await self.outside.settle(PATIENCE)
        # What it takes is measured elsewhere.
        return Took(0.0, 0.0)

    async def column(self, sql: str) -> list[Any]:
        return [row[0] for row in self.outside.query(sql)]

    def most(self) -> float:
        """Return the most memory that the bot has taken so far, in MiB."""
        found = re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{self.nursery.pid}/status").read_text(), re.MULTILINE)
        assert found is not None
        return int(found[1]) / 1024


async def most_memory(database: Path, *, say: bool = False) -> float:
    """Return the most memory, in MiB; what is due is done in a copy of the database. `say`: print it on the way."""
    with tempfile.TemporaryDirectory(prefix="sinar-bench-") as folder:
        async with _apart(Path(folder), database) as town:
            steps = [("start", town.most())]
            await town.outside.settle(PATIENCE)
            # Its workbook is made once the week is told; who asks for it waits until it is there.
            await town.said(town.admin, "/ekspor")
            steps.append(("Monday", town.most()))
            for day in range(1, DAYS + 1):
                noon = noon_of(NOW + timedelta(days=day))
                town.outside.set_clock(noon)
                await town.outside.settle(PATIENCE)
                # The night's backup is made up for as soon as the clock was moved, after the look.
                await town.outside.until(partial(town.outside.noted_since, LAST_BACKUP, noon), PATIENCE)
                steps.append((f"night and noon {day}", town.most()))
            for number in range(ROUNDS):
                for saying in sayings():
                    await heard(town, saying, number)
                    steps.append((f"{saying.role}: {saying.name}", town.most()))
            if say:
                for what, most in steps:
                    print(f"{what:<50} {most:>8.1f} MiB")
            return town.most()


@asynccontextmanager
async def _apart(folder: Path, database: Path) -> AsyncIterator[Apart]:
    made: Outside | None = None
    async with Sandbox(token=TOKEN, now=lambda: time.time() + (made.offset if made else 0.0)) as box:
        made = Outside(folder, box, true_clock=True)
        made.set_clock(NOW)
        (folder / "data").mkdir()
        shutil.copy(database, folder / "data/sinar.db")
        (folder / "config.toml").write_text(
            f'[telegram]\napi_base_url = "{box.api_base_url}"\nmessages_per_second = {FAST}\n'
            f'[storage]\npath = "data/sinar.db"\nbackup_dir = "backups"\n[access]\nadmins = [{ADMIN}]\n'
            "[schedule]\nlook_every_seconds = 0.2\n"
        )
        joined, newcomers = settle_in(
            box, [chat for (chat,) in made.query("SELECT telegram_id FROM account ORDER BY id")]
        )
        ((units,),) = made.query("SELECT count(*) FROM unit")
        nursery = Nursery(folder, made._environment | {CLOCK: str(folder / "clock")})
        try:
            nursery.start({})
            made.process = nursery  # type: ignore[assignment]
            yield Apart(box, units, joined, newcomers, made, nursery)
        finally:
            nursery.close()


if __name__ == "__main__":
    asyncio.run(most_memory(Path(sys.argv[1]), say=True))
