"""A small city that lives fast: people join and go through a short journey while the bot is killed under them.

One who was served without a fault is the measure for all others: they must have been told the same, once, and
the same must be stored of them. What came twice is counted and held against what the bot itself names as unsure.
"""

import asyncio
import contextlib
import io
import json
import random
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.cli import main
from bot.demo.cast import Habit
from bot.roster.sample import AGENCY, sample_people, sample_workbook
from bot.sandbox import TOKEN, Sandbox
from messages.library import SHIPPED, Library, load_library
from tests.conftest import ADMIN
from tests.outside.driver import Outside
from tests.stress.nursery import CLOCK
from tests.stress.starting import Nursery
from tests.stress.walkers import JOURNEY, Announcer, Walker

PEOPLE = 400
FIRST = 1000


def always_noon() -> dict[str, str]:
    """A calendar on which it is about noon of a working day now, whenever now is."""
    now = datetime.now(UTC)
    zone = f"Etc/GMT{now.hour - 12:+d}"
    today = now.astimezone(ZoneInfo(zone)).date()
    return {
        "timezone": f'"{zone}"',
        "workdays": '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]',
        "holidays_removed": json.dumps([str(today + timedelta(days=day)) for day in range(-3, 60)]),
    }


@dataclass
class Row:
    """One line of the table: what was done to the bot, how often, and what became of it."""

    fault: str
    tried: int = 0
    survived: int = 0
    lost: int = 0
    doubled: int = 0
    named: int = 0

    def line(self) -> list[Any]:
        return [self.fault, self.tried, self.survived, self.lost, self.doubled, self.named]


@dataclass
class City(Outside):
    """The driver's world, on the true clock, with people that come in one after the other."""

    library: Library = field(default_factory=load_library)
    payload: str = ""
    nursery: Nursery | None = None
    walkers: list[Walker] = field(default_factory=list)
    # What was broadcast, and to how many of the walkers.
    announced: dict[str, int] = field(default_factory=dict)
    measure: tuple[Counter[Any], Any] | None = None
    # What else the bot finds in its environment.
    more: dict[str, str] = field(default_factory=dict)

    @property
    def _environment(self) -> dict[str, str]:
        return super()._environment | self.more

    async def command(self, *words: str, code: int = 0) -> Any:
        """Run a command as the driver does, in this process: it is quicker, and what is tested is `run`."""
        with contextlib.redirect_stdout(io.StringIO()) as said:
            assert main([*words, "--config", str(self.folder / "config.toml"), "--json"]) == code
        return json.loads(said.getvalue()) if said.getvalue() else None

    def start(self, crash_at: str = "", listing: str = "") -> None:
        if self.nursery is None:
            self.nursery = Nursery(self.folder, self._environment)
        self.nursery.start({"SINAR_CRASH_AT": crash_at, "SINAR_POINTS": listing})
        self.process = self.nursery  # type: ignore[assignment]

    async def rise(self) -> None:
        """Start, and wait until the bot has begun to fetch."""
        fetched = self.box.world.fetches
        self.start()
        await self.until(lambda: self.box.world.fetches > fetched)

    @property
    def dead(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def newcomers(self, count: int) -> list[Walker]:
        """Let so many more people of the roster come in."""
        key = {item.question: item.correct for item in self.library.items.values()}
        made = []
        for number in range(len(self.walkers), len(self.walkers) + count):
            person = self.box.person(FIRST + number, first_name="Orang")
            walker = Walker(
                person,
                Habit(knows=1.0),
                random.Random(0),
                lambda question: key.get(question.split(" ", 1)[1]),
            )
            walker.nip, walker.payload = sample_people(PEOPLE)[number].nip, self.payload
            made.append(walker)
        self.walkers += made
        return made

    def announcer(self) -> Announcer:
        """Let the admin tell all who have joined by now."""
        text = f"Kabar ke-{len(self.announced) + 1}."
        self.announced[text] = len(self.walkers)
        return Announcer(self.box.person(ADMIN, first_name="Admin"), text)

    def quiet(self) -> bool:
        """Nothing is under way, and nothing is planned for the next seconds."""
        if not (self.folder / "data/sinar.db").exists():
            return False
        soon = (self.now() + timedelta(seconds=60)).isoformat(timespec="microseconds")
        return self._quiet() and not self.query(
            "SELECT EXISTS (SELECT 1 FROM touchpoint"
            " WHERE state = 'released' OR look_at <= ? AND state IN ('planned', 'deferred'))"
            " OR EXISTS (SELECT 1 FROM outbox WHERE state = 'waiting' AND not_before <= ?)"
            # One that has put off a copy to another day waits for that day.
            " OR EXISTS (SELECT 1 FROM broadcast b WHERE state = 'running' AND NOT EXISTS"
            " (SELECT 1 FROM broadcast_target WHERE broadcast_id = b.id AND look_at > ?))",
            soon, soon, soon,
        )[0][0]  # fmt: skip

    def leased(self) -> set[tuple[Any, ...]]:
        """Return the sends that are under way by the file's own record, each time that a row is sent another one."""
        return set(self.query("SELECT dedupe_key, ambiguous FROM outbox WHERE state = 'leased'"))

    async def walk(self, walkers: Sequence[Walker | Announcer], seconds: float = 60) -> bool:
        """Let people go on until nobody has anything left (True), or the bot is dead (False)."""
        end = asyncio.get_running_loop().time() + seconds
        while True:
            if self.dead:
                return False
            # All of them, so that several acts are under way at once.
            acted = [walker.act() for walker in walkers]
            if not any(acted) and self.quiet():
                # What was sent while it was asked may want an answer; a busy machine is given a moment for it.
                await asyncio.sleep(0.2)
                acted = [walker.act() for walker in walkers]
                if not any(acted) and (self.dead or self.quiet()):
                    return not self.dead
            assert asyncio.get_running_loop().time() < end, self.logged()[-4000:]
            await asyncio.sleep(0.03)

    def sound(self) -> None:
        """Hold the file to its own checks."""
        assert self.query("PRAGMA integrity_check") == [("ok",)]
        assert self.query("PRAGMA foreign_key_check") == []

    def named(self) -> int:
        """How many sends the bot itself counted as of unknown outcome."""
        return int(
            self.query(
                "SELECT (SELECT coalesce(sum(ambiguous), 0) FROM outbox)"
                " + coalesce((SELECT CAST(value AS INTEGER) FROM fact WHERE name = 'ambiguous_answers'), 0)"
            )[0][0]
        )

    def given_up(self) -> list[tuple[Any, ...]]:
        """What the bot itself says it did not bring, or does not know of."""
        return self.query(
            "SELECT telegram_id, template, state, error, attempts, ambiguous FROM outbox"
            " WHERE state IN ('failed', 'unknown', 'cancelled') ORDER BY id DESC LIMIT 20"
        )

    def told(self, walker: Walker) -> Counter[Any]:
        """What the server put into a person's chat, as it was when sent, without what differs from person to person."""
        found: Counter[Any] = Counter()
        for call in self.box.world.calls:
            if call.chat_id == walker.person.id and call.method.startswith("send"):
                found[self._plain(walker, call.method, call.params)] += 1
        return found

    def _plain(self, walker: Walker, method: str, params: Any) -> tuple[str, str, str]:
        if method == "sendPoll":
            return method, "poll " + params["question"].split(" ", 1)[0], ""
        text = params.get("text") or params.get("caption") or ""
        if text.startswith("✅"):
            return method, "reason", ""
        for word in walker.said:
            text = text.replace(word, "…")
        # Days and hours, which differ where the clock is moved.
        text = re.sub(r"(Senin|Selasa|Rabu|Kamis|Jumat|Sabtu|Minggu), \d+ \w+ \d{4}", "…", text)
        text = re.sub(r"Selamat (pagi|siang|sore|malam)", "Selamat …", text)
        text = re.sub(r"Bapak/Ibu [^\n]*?\.(?= (?:Anda|Satu)|\n)|<b>\S•[^\n]*</b>|\b\d\d\.\d\d\b", "…", text)
        for prompt in self.library.prompt_by_id.values():
            text = text.replace(prompt.text, "…")
        markup = params.get("reply_markup") or {}
        labels = [button["text"] for row in markup.get("inline_keyboard", []) for button in row]
        return method, text, "|".join(labels)

    def kept(self, walker: Walker) -> Any:
        """What is stored of a person, without what differs from person to person."""
        telegram_id = walker.person.id
        participants = "(SELECT id FROM participant WHERE person_id ="
        participants += " (SELECT person_id FROM account WHERE telegram_id = ?))"
        touchpoints = f"(SELECT id FROM touchpoint WHERE participant_id IN {participants})"
        return {
            "account": self.query("SELECT standing, reachable FROM account WHERE telegram_id = ?", telegram_id),
            # Who answers a message that the bot does not know to be sent (it died too soon) has answered early.
            "steps": self.query(
                "SELECT step, replace(state, 'answered_early', 'sent'), answered_at IS NOT NULL FROM touchpoint"
                f" WHERE participant_id IN {participants} ORDER BY step",
                telegram_id,
            ),
            "quiz": self.query(
                f"SELECT position, chosen IS NOT NULL FROM quiz_item WHERE touchpoint_id IN {touchpoints}"
                " ORDER BY position",
                telegram_id,
            ),
            "commitments": self.query(
                f"SELECT count(*) FROM commitment WHERE touchpoint_id IN {touchpoints}", telegram_id
            ),
        }

    def compare(self, row: Row, walkers: list[Walker] | None = None) -> None:
        """Hold what people were told and what is stored of them against one who was served without a fault."""
        assert self.measure is not None
        told, kept = self.measure
        for text, count in self.announced.items():
            copies = [sum(m.text == text for m in walker.person.received) for walker in self.walkers]
            row.lost += copies[:count].count(0)
            row.doubled += sum(found - 1 for found in copies if found)
            chat = [message.text for message in self.box.person(ADMIN).chat]
            assert copies[:count].count(0) == 0, (text, chat[-30:])
        for walker in walkers or self.walkers:
            here = self.told(walker)
            strange = [message for message in here if message not in told]
            assert not strange, (strange, sorted(told))
            row.lost += sum((told - here).values())
            row.doubled += sum((here - told).values())
            assert not told - here, (told - here, self.given_up())
            assert self.kept(walker) == kept, (self.kept(walker), [m.text[:60] for m in walker.person.chat])
            assert self.written(walker) == sorted(walker.said)

    def written(self, walker: Walker) -> list[str]:
        """All free texts that are stored of a person, each once."""
        return sorted(
            text
            for (text,) in self.query(
                "SELECT text FROM answer WHERE telegram_id = ? AND text IS NOT NULL", walker.person.id
            )
        )


@asynccontextmanager
async def city(
    folder: Path, *, clock: bool = False, telegram: Sequence[str] = (), per_second: int = 1000, **settings: str
) -> AsyncIterator[City]:
    """A fresh city: roster and session are there, nobody has joined, `start` is still to be called.

    With `clock`, the bot's wall clock can be moved by `set_clock`; Telegram's is `box.clock_offset` apart from ours.
    """
    made: City | None = None
    async with Sandbox(token=TOKEN) as box:
        made = City(folder, box, true_clock=True)
        if clock:
            made.set_clock(datetime.now(UTC))
            made.more[CLOCK] = str(folder / "clock")
        content = folder / "content"
        shutil.copytree(SHIPPED, content)
        for journey in (content / "journeys").glob("*.toml"):
            journey.unlink()
        (content / "journeys/default.toml").write_text(JOURNEY)
        given = {**always_noon(), "touches_per_day": "1000", "look_every_seconds": "0.1", **settings}
        (folder / "config.toml").write_text(
            f'[telegram]\napi_base_url = "{box.api_base_url}"\nbot_username = "sinar_bot"\n'
            f"messages_per_second = {per_second}\n"
            + "".join(f"{line}\n" for line in telegram)
            + "[schedule]\n"
            + "".join(f"{key} = {value}\n" for key, value in given.items())
            + f'[storage]\npath = "data/sinar.db"\nbackup_dir = "backups"\n[access]\nadmins = [{ADMIN}]\n'
            '[content]\npath = "content"\n'
        )
        made.library = load_library(content)
        (folder / "roster.xlsx").write_bytes(sample_workbook(PEOPLE, bad_rows=0))
        await made.command("roster", "import", str(folder / "roster.xlsx"), "--apply")
        start = datetime.now(UTC) - timedelta(hours=2)
        session = await made.command(
            "session", "add", "--title", "Ning Ita Sinar ASN", "--place", "Ruang Sabha Mandala Madya",
            "--start", start.isoformat(timespec="minutes"),
            # Whoever joins after its end is greeted in other words.
            "--end", (start + timedelta(days=40 if clock else 0, hours=9)).isoformat(timespec="minutes"),
            "--unit", AGENCY,
        )  # fmt: skip
        made.payload = session["payload"]
        try:
            yield made
        finally:
            if made.nursery is not None:
                made.nursery.close()
