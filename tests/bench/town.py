"""Everybody's phone in a generated city; and the real bot on its database, the sandbox in the same process, a clock
moved by hand."""

import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from bot.application import Sinar, assemble
from bot.clock import HandClock
from bot.config import Access, Config, Storage
from bot.config import Telegram as TelegramSettings
from bot.demo.byhand import ByHand
from bot.running import keep_pauses_short
from bot.sandbox import TOKEN, Person, Sandbox
from bot.sandbox.inside import Inside
from bot.sandbox.world import Call
from tests.bench.city import ADMIN, NOW, TELEGRAM, came_a_year_ago

FAST = 10_000  # messages a second: the pace of sending is measured elsewhere


class Took(NamedTuple):
    """Seconds until the last answer, seconds of processor that it took this process, the answers' bytes, and seconds
    until the first answer."""

    waited: float
    worked: float
    answered: int = 0
    first: float = 0.0


@dataclass
class People(ABC):
    """Everybody's phone, beside a running bot."""

    box: Sandbox
    units: int
    joined: Sequence[int]
    newcomers: Sequence[int]

    def phone(self, chat: int) -> Person:
        """Return the phone of a chat."""
        return self.box.person(chat, first_name=f"Orang {chat}")

    def participant(self, number: int) -> Person:
        """Return the phone of one of those who have joined at the beginning, by its place among them."""
        return self.phone(self.joined[number % len(self.joined)])

    def newcomer(self, number: int) -> Person:
        """Return the phone of one of those who came a year ago, by its place among them."""
        return self.phone(self.newcomers[number % len(self.newcomers)])

    def coordinator(self, number: int) -> Person:
        """Return a coordinator's phone."""
        return self.phone(2 * TELEGRAM + 1 + number % self.units)

    @property
    def admin(self) -> Person:
        """Return the admin's phone."""
        return self.phone(ADMIN)

    @abstractmethod
    async def said(self, person: Person, words: str) -> Took:
        """Let somebody write, tap ("[label]") or press data ("=data"), and hear all of the answer."""

    @abstractmethod
    async def column(self, sql: str) -> list[Any]:
        """Return the first column of what a query finds."""

    async def one(self, sql: str) -> Any:
        """Return the one value that a query finds."""
        return (await self.column(sql))[0]


def act(person: Person, words: str) -> None:
    """Let somebody write, tap ("[label]") or press data ("=data")."""
    if words.startswith("["):
        person.tap(words[1:-1])
    elif words.startswith("="):
        person.press_data(words[1:], person.last)
    else:
        person.send(words)


def settle_in(box: Sandbox, chats: Sequence[int]) -> tuple[list[int], list[int]]:
    """Give everybody a phone with the bot's chat open; returns who joined at the beginning, and who came a year ago."""
    for chat in (*chats, ADMIN):
        box.person(chat, first_name=f"Orang {chat}")
        box.world.chats[chat].started = True
    people = [chat for chat in chats if TELEGRAM < chat < 2 * TELEGRAM]
    newcomers = [chat for chat in people if came_a_year_ago(chat - TELEGRAM)]
    return [chat for chat in people if not came_a_year_ago(chat - TELEGRAM)], newcomers


@dataclass
class Town(People):
    """A bot in this process, and everybody's phone."""

    hand: ByHand
    clock: HandClock
    config: Config

    @property
    def sinar(self) -> Sinar:
        """The assembled bot."""
        return self.hand.sinar

    async def look(self) -> Took:
        """Let the timetable look once, whatever it caused is sent later."""
        began, worked = time.monotonic(), time.process_time()
        await self.sinar.timetable.look()
        return Took(time.monotonic() - began, time.process_time() - worked)

    async def said(self, person: Person, words: str) -> Took:
        calls = self.box.world.calls
        known, began, worked = len(calls), time.monotonic(), time.process_time()
        act(person, words)
        await self.box.settled()
        await self.hand.quiet()
        worked = time.process_time() - worked
        answers = [call for call in calls[known:] if call.chat_id == person.id]
        moments = [call.monotonic for call in answers] or [time.monotonic()]
        return Took(max(moments) - began, worked, sum(_size(call) for call in answers), min(moments) - began)

    async def column(self, sql: str) -> list[Any]:
        return [row[0] for row in await self.sinar.store.read(lambda db: db.execute(sql).fetchall())]

    def wait(self, length: timedelta) -> None:
        """Move the clock; nothing is looked at."""
        self.clock.advance(length)


@asynccontextmanager
async def settled_in(database: Path, now: datetime = NOW, *, tuned: bool = False) -> AsyncIterator[Town]:
    """Start the bot on the database; everybody has its chat open. `tuned`: the process is set up as `run` does."""
    clock = HandClock(now)
    async with Sandbox(now=lambda: clock.now().timestamp()) as box:
        config = Config(
            telegram=TelegramSettings(api_base_url=box.api_base_url, messages_per_second=FAST),
            storage=Storage(path=database, backup_dir=database.parent / "backups"),
            access=Access(admins=[ADMIN]),
        )
        async with assemble(config, TOKEN, clock, partial(_inside, box)) as sinar:
            chats = [
                int(row[0])
                for row in await sinar.store.read(
                    lambda db: db.execute("SELECT telegram_id FROM account ORDER BY id").fetchall()
                )
            ]
            joined, newcomers = settle_in(box, chats)
            if tuned:
                keep_pauses_short()
                sinar.texts.compile_all()
            async with ByHand(sinar, clock) as hand:
                units = await sinar.store.read(lambda db: db.execute("SELECT count(*) FROM unit").fetchone()[0])
                yield Town(box, units, joined, newcomers, hand, clock, config)


def _size(call: Call) -> int:
    """Return how many bytes an answer is: its words, and its document."""
    said = call.params.get("text") or call.params.get("caption") or ""
    document = call.result.get("document") if isinstance(call.result, dict) else None
    return len(said) + (document["file_size"] if document else 0)


def _inside(box: Sandbox, _connections: int) -> Inside:
    return Inside(box)
