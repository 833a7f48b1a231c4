"""Where the demo happens: the sandbox, the real bot, a clock moved by hand, and what is agreed to come."""

import heapq
import itertools
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot.application import Sinar, assemble
from bot.clock import HandClock
from bot.config import Access, Config, Schedule, Storage
from bot.config import Telegram as TelegramSettings
from bot.demo.byhand import ByHand
from bot.private import make_private
from bot.sandbox import TOKEN, Impossible, Person, Sandbox
from bot.sandbox.inside import Inside

T = TypeVar("T")
ZONE = ZoneInfo("Asia/Jakarta")
ADMIN_ID = 900
DATABASE = "sinar.db"
SETTINGS = "config.toml"
BACKUPS = "backups"
A_MINUTE = timedelta(minutes=1)
# Far above what Telegram takes: the pace of sending is not what the demo is about.
MESSAGES_PER_SECOND = 10_000
Doing = Callable[[], Awaitable[None]]


def instant(day: date, clock_time: str) -> datetime:
    """Return the instant of a local day and time such as "08.00"."""
    return datetime.combine(day, time.fromisoformat(clock_time.replace(".", ":")), ZONE).astimezone(UTC)


@dataclass
class Stage:
    """The bot, the people's phones, and the time."""

    folder: Path
    box: Sandbox
    hand: ByHand
    clock: HandClock
    config: Config
    moved: Callable[["Stage"], None] = lambda _stage: None
    """Called each time the clock was moved."""
    written_to: Callable[["Stage"], None] = lambda _stage: None
    """Called when the bot has written to people of its own accord."""
    faults: list[str] = field(default_factory=list)
    """What people could not do, though the story says that they do it."""
    _agenda: list[tuple[datetime, int, Doing]] = field(default_factory=list)
    _order: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def sinar(self) -> Sinar:
        """The assembled bot."""
        return self.hand.sinar

    @property
    def now(self) -> datetime:
        """The present instant, in local time."""
        return self.clock.now().astimezone(ZONE)

    @property
    def admin(self) -> Person:
        """The one admin."""
        return self.box.person(ADMIN_ID, first_name="Admin BKPSDM")

    async def read(self, work: Callable[[Any], T]) -> T:
        """Run a query."""
        return await self.sinar.store.read(work)

    async def write(self, work: Callable[[Any], T]) -> T:
        """Run a change in one transaction."""
        return await self.sinar.store.write(work)

    def at(self, moment: datetime, doing: Doing) -> None:
        """Agree on something for an instant."""
        heapq.heappush(self._agenda, (moment, next(self._order), doing))

    async def act(self, *acts: Callable[[], object]) -> None:
        """Let people do all this, a minute later, and wait for the bot's answers."""
        self.clock.advance(A_MINUTE)
        for doing in acts:
            try:
                doing()
            except (LookupError, Impossible) as error:
                self.faults.append(f"{self.now:%d %b %H.%M}: what a person wanted to do could not be done: {error}")
        await self.settle()

    async def settle(self) -> None:
        """Wait until the bot has answered all that people did."""
        await self.box.settled()
        await self.hand.quiet()

    async def side_by_side(self, ways: Sequence[Sequence[Callable[[], object]]]) -> None:
        """Let several people go their ways: all take the first step, then all the second."""
        for steps in itertools.zip_longest(*ways):
            await self.act(*(doing for doing in steps if doing is not None))

    async def live(self, until: datetime, enough: Callable[[], bool] = lambda: False) -> None:
        """Let time pass, from one planned or agreed instant to the next, until `enough` is true after one."""
        while self.clock.now() < until and not enough():
            planned = await self.hand.next_moment()
            agreed = self._agenda[0][0] if self._agenda else None
            coming = min(moment for moment in (planned, agreed, until) if moment is not None)
            # Whoever acts moves the clock as well: it may have passed what was to come.
            self.clock.set(max(coming, self.clock.now()))
            await self.look()
            self.moved(self)
            await self._keep_agenda()

    async def _keep_agenda(self) -> None:
        while self._agenda and self._agenda[0][0] <= self.clock.now():
            said = len(self.box.world.calls)
            await heapq.heappop(self._agenda)[2]()
            if len(self.box.world.calls) > said:
                # What people did may have made something due at once, such as a broadcast.
                await self.look()

    async def look(self) -> None:
        """Let the bot do what is due now."""
        sent = len(self.box.world.calls)
        await self.hand.look()
        if len(self.box.world.calls) > sent:
            # What was sent may have made something due, such as the news that a broadcast is through.
            await self.hand.look()
            self.written_to(self)


def emptied(folder: Path) -> None:
    """Make the folder anew, without what an earlier demo left in it."""
    if folder.exists():
        shutil.rmtree(folder)
    make_private(folder)


@asynccontextmanager
async def open_stage(
    folder: Path, start: datetime, messages_per_second: float = MESSAGES_PER_SECOND
) -> AsyncIterator[Stage]:
    """Start the sandbox and the bot, with its database and a file of settings in `folder`."""
    clock = HandClock(start)
    async with Sandbox(now=lambda: clock.now().timestamp()) as box:
        config = Config(
            telegram=TelegramSettings(api_base_url=box.api_base_url, messages_per_second=messages_per_second),
            storage=_storage(folder),
            access=Access(admins=[ADMIN_ID]),
            schedule=Schedule(timezone=ZONE.key),
        )
        reach = partial(_inside, box)
        async with assemble(config, TOKEN, clock, reach) as sinar, ByHand(sinar, clock) as hand:
            yield Stage(folder, box, hand, clock, config)


def _inside(box: Sandbox, _connections: int) -> Inside:
    return Inside(box)


def _storage(folder: Path) -> Storage:
    """Say where the demo's data are; the settings are kept beside them for whoever asks the database afterwards."""
    (folder / SETTINGS).write_text(
        f'[storage]\npath = "{DATABASE}"\nbackup_dir = "{BACKUPS}"\n\n[access]\nadmins = [{ADMIN_ID}]\n', "utf-8"
    )
    whole = folder.resolve()
    return Storage(path=whole / DATABASE, backup_dir=whole / BACKUPS)
