"""The hall: everybody scans one code within a minute and goes through joining. The server and the people are here, the
bot is in a process of its own: Sinar as it runs, or the same handlers on python-telegram-bot's defaults.
"""

import asyncio
import contextlib
import io
import json
import os
import random
import signal
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.cli import main as command_line
from bot.roster.sample import AGENCY, sample_people, sample_workbook
from bot.sandbox import TOKEN, Person, Sandbox, Stored
from tests.bench.race import CHECKOUT

FIRST = 10_000
ROSTER = 400
PATIENCE = 60.0
BOTS = {"Sinar": ["-m", "bot", "run", "--config"], "same handlers, PTB's defaults": ["-m", "tests.bench.plain"]}
ACTS = ("scan", "Setuju", "NIP", "Ya")


@dataclass
class Hall:
    """What was seen: seconds from each act to its answer, acts that were never answered, people who have joined."""

    people: int
    waits: dict[str, list[float]] = field(default_factory=lambda: {act: [] for act in ACTS})
    unanswered: int = 0
    joined: int = 0
    seconds: float = 0.0

    @property
    def every_wait(self) -> list[float]:
        """All waits, whatever the act."""
        return sorted(wait for waits in self.waits.values() for wait in waits)


async def hall(bot: str, people: int, within: float, distance: float) -> Hall:
    """Let so many join within so many seconds. Who thinks between two acts does so for half a second to three."""
    seen = Hall(people)
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with Sandbox(token=TOKEN) as box:
            payload = _prepare(folder, box)
            with (folder / "log").open("wb") as log:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *BOTS[bot],
                    str(folder / "config.toml"),
                    cwd=CHECKOUT,
                    env=os.environ | {"SINAR_BOT_TOKEN": TOKEN},
                    stdout=log,
                    stderr=log,
                )
            try:
                await box.until(lambda: box.world.fetches > 0, PATIENCE)
                box.faults.latency = distance
                chance, began = random.Random(20251117), asyncio.get_running_loop().time()
                nips = [person.nip for person in sample_people(ROSTER)][:people]
                await asyncio.gather(
                    *(
                        _join(seen, box, number, nip, payload, chance.uniform(0, within), random.Random(number))
                        for number, nip in enumerate(nips)
                    )
                )
                seen.seconds = asyncio.get_running_loop().time() - began
            finally:
                box.faults.latency = 0.0
                if process.returncode is None:
                    process.send_signal(signal.SIGTERM)
                await process.wait()
        with closing(sqlite3.connect(folder / "data/sinar.db")) as db:
            seen.joined = db.execute("SELECT count(*) FROM account WHERE person_id IS NOT NULL").fetchone()[0]
    return seen


async def _join(
    seen: Hall, box: Sandbox, number: int, nip: str, payload: str, begins: float, chance: random.Random
) -> None:
    await asyncio.sleep(begins)
    person = box.person(FIRST + number, first_name="Orang")
    person.start(payload)
    asked = await _answer(seen, box, person, "scan", 0, lambda message: "Setuju" in message.labels)
    for act, wanted in (
        ("Setuju", lambda message: "NIP" in message.text and not message.labels),
        ("NIP", lambda message: message.labels[:1] == ["Ya"]),
        ("Ya", lambda _message: True),
    ):
        if asked is None:
            return
        await asyncio.sleep(chance.uniform(0.5, 3.0))
        count = len(person.received)
        if act == "NIP":
            person.send(nip)
        else:
            person.tap(act, asked)
        asked = await _answer(seen, box, person, act, count, wanted)


async def _answer(seen: Hall, box: Sandbox, person: Person, act: str, count: int, wanted: Any) -> Stored | None:
    acted = asyncio.get_running_loop().time()

    def found() -> Stored | None:
        return next((message for message in person.received[count:] if wanted(message)), None)

    try:
        await box.until(lambda: found() is not None, PATIENCE)
    except TimeoutError:
        seen.unanswered += 1
        return None
    seen.waits[act].append(asyncio.get_running_loop().time() - acted)
    return found()


def _prepare(folder: Path, box: Sandbox) -> str:
    """Make the settings, the roster and a session that goes on now; returns what its code holds."""
    (folder / "config.toml").write_text(
        f'[telegram]\napi_base_url = "{box.api_base_url}"\nbot_username = "sinar_bot"\n'
        '[storage]\npath = "data/sinar.db"\nbackup_dir = "backups"\n'
    )
    (folder / "roster.xlsx").write_bytes(sample_workbook(ROSTER, bad_rows=0))
    _command(folder, "roster", "import", str(folder / "roster.xlsx"), "--apply")
    start = datetime.now(UTC) - timedelta(hours=1)
    times = ["--start", start.isoformat(timespec="minutes")]
    times += ["--end", (start + timedelta(hours=9)).isoformat(timespec="minutes")]
    session = _command(
        folder, "session", "add", "--title", "Ning Ita Sinar ASN", "--place", "Aula", *times, "--unit", AGENCY
    )
    return str(session["payload"])


def _command(folder: Path, *words: str) -> Any:
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = command_line([*words, "--config", str(folder / "config.toml"), "--json"])
    assert code == 0, words
    return json.loads(said.getvalue())
