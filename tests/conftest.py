"""One unit with its people, a session, the sandbox in Telegram's place, and the bot by hand."""

import atexit
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

os.environ["PTB_TIMEDELTA"] = "1"

from bot import application
from bot.application import Sinar, assemble
from bot.clock import HandClock
from bot.config import Config, Privacy, Schedule, Storage
from bot.config import Telegram as TelegramSettings
from bot.demo.byhand import ByHand
from bot.private import touch_private
from bot.sandbox import TOKEN, Person, Sandbox
from bot.store import accounts, ledger, sessions
from bot.store.database import prepare
from bot.store.sessions import Session
from messages import texts
from messages.library import Library, load_library
from tests.leak_watch import LeakWatch
from tests.plans import Plans, watched
from tests.stress import table

# The same examples everywhere: what is red for one is red for all. HYPOTHESIS_PROFILE=default draws anew.
settings.register_profile("sinar", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "sinar"))


class _Compiled(BytecodeCache):
    """What templates compile to, once for all tests of a process."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.code


@lru_cache(maxsize=1)
def _shipped() -> Library:
    return load_library()


@lru_cache(maxsize=1)
def _new_database() -> Path:
    # Not where tests write: what is there is searched, and goes, with its test.
    path = Path(tempfile.mkdtemp(prefix="sinar-new-")) / "sinar.db"
    prepare(path)
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    return path


# The bot is put together for each of a thousand tests: what comes out the same each time is made once a process.
# A folder of content that a test wrote is read as ever, and `tests/store` runs the migrations.
application.load_library = lambda folder=None: _shipped() if folder is None else load_library(folder)  # type: ignore[attr-defined]
texts.Environment = partial(Environment, bytecode_cache=_Compiled())  # type: ignore[attr-defined]


def pytest_configure(config: pytest.Config) -> None:
    """Have the run's files and logs searched when it is over, and the stress tests' table printed."""
    config.pluginmanager.register(LeakWatch(config), "leak-watch")
    config.pluginmanager.register(table.Table(), table.NAME)


WIB = ZoneInfo("Asia/Jakarta")
UNIT = "Dinas Kesehatan"
OTHER_UNIT = "Satpol PP"
ADMIN = 900


def wib(text: str) -> datetime:
    """An instant, from local time such as "2025-11-17 08:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=WIB).astimezone(UTC)


def nip(number: int) -> str:
    return f"19800101200501{1 + number % 2}{number:03d}"


@dataclass
class Rig:
    """The bot, the sandbox, the clock, and short words for what people do."""

    box: Sandbox
    hand: ByHand
    clock: HandClock
    config: Config
    people: dict[int, Person] = field(default_factory=dict)

    @property
    def sinar(self) -> Sinar:
        return self.hand.sinar

    async def write(self, work: Callable[[Any], Any]) -> Any:
        return await self.sinar.store.write(work)

    async def rows(self, sql: str, *values: Any) -> list[Any]:
        return await self.sinar.store.read(lambda db: db.execute(sql, values).fetchall())

    async def one(self, sql: str, *values: Any) -> Any:
        return (await self.rows(sql, *values))[0][0]

    def phone(self, number: int) -> Person:
        return self.people.setdefault(number, self.box.person(1000 + number, first_name=f"Orang {number}"))

    async def settle(self) -> None:
        await self.box.settled()
        await self.hand.quiet()

    async def add_people(self, count: int, unit: str = UNIT, first: int = 1) -> None:
        def work(db: Any) -> None:
            db.execute("INSERT OR IGNORE INTO unit (name) VALUES (?)", (unit,))
            unit_id = sessions.unit_id(db, unit)
            db.executemany(
                "INSERT INTO person (nip, name, position, unit_id, added_at) VALUES (?, ?, 'Staf', ?, ?)",
                [
                    (nip(n), f"Orang Ke{n}", unit_id, "2025-01-01T00:00:00.000000+00:00")
                    for n in range(first, first + count)
                ],
            )

        await self.write(work)

    async def add_session(
        self,
        start: str = "2025-11-17 08:00",
        end: str = "2025-11-17 11:00",
        units: tuple[str, ...] = (UNIT,),
        **more: Any,
    ) -> Session:
        return await self.write(
            lambda db: sessions.add(
                db,
                self.clock.now(),
                title=more.get("title", "Ning Ita Sinar ASN"),
                place="Ruang Sabha Mandala Madya",
                start=wib(start),
                end=wib(end),
                unit_ids=[sessions.unit_id(db, unit) for unit in units],
                journey=more.get("journey", "default"),
                messages=more.get("messages", ["Melayani dengan hati."]),
            )
        )

    async def join(self, number: int, session: Session) -> Person:
        """Go the whole way of joining by the session's link."""
        person = self.phone(number)
        person.start(session.payload)
        await self.settle()
        person.tap("Setuju")
        await self.settle()
        person.send(nip(number))
        await self.settle()
        person.tap("Ya")
        await self.settle()
        return person

    async def summary_of(self, session: Session) -> dict[str, int]:
        return await self.sinar.store.read(lambda db: ledger.tally(db, session.id))

    async def coordinator(self, number: int, unit: str = UNIT) -> Person:
        def work(db: Any) -> str:
            return accounts.invite_coordinator(db, self.clock.now(), sessions.unit_id(db, unit))[1]

        person = self.phone(number)
        person.start(await self.write(work))
        await self.settle()
        person.tap("Setuju")
        await self.settle()
        return person

    async def go(self, moment: str) -> None:
        await self.hand.move(wib(moment))

    async def run_until(self, moment: str, step: timedelta = timedelta(hours=6)) -> None:
        """Let time pass, looking at each planned instant, and in the night's and the summary's hour (02.00, 08.00 WIB).

        Between them the bot is looked at every `step`, counted from 02.00.
        """
        end = wib(moment)
        night = wib("2025-01-01 02:00")
        while (now := self.clock.now()) < end:
            planned = await self.hand.next_moment()
            nxt = min(end, now + step - (now - night) % step)
            if planned is not None and now < planned < nxt:
                nxt = planned
            await self.hand.move(nxt)


@asynccontextmanager
async def rigged(
    folder: Path, start: str = "2025-11-10 09:00", *, privacy: Privacy | None = None, **schedule: Any
) -> AsyncIterator[Rig]:
    clock = HandClock(wib(start))
    async with Sandbox(token=TOKEN, now=lambda: clock.now().timestamp()) as box:
        config = Config(
            telegram=TelegramSettings(api_base_url=box.api_base_url, messages_per_second=5000),
            storage=Storage(path=folder / "data/sinar.db", backup_dir=folder / "backups"),
            access={"admins": [ADMIN]},  # type: ignore[arg-type]
            schedule=Schedule(**schedule),
            privacy=privacy or Privacy(),
        )
        if not config.storage.path.exists():
            touch_private(config.storage.path)
            shutil.copyfile(_new_database(), config.storage.path)
        async with assemble(config, TOKEN, clock) as sinar, ByHand(sinar, clock) as hand:
            rig = Rig(box, hand, clock, config)
            rig.people[ADMIN] = box.person(ADMIN, first_name="Admin")
            rig.people[ADMIN].start()
            await rig.settle()
            yield rig


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rigged(tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def plans() -> Iterator[Plans]:
    with watched() as plans:
        yield plans


@pytest.fixture(autouse=True)
def no_big_table_is_walked_through(plans: Plans) -> Iterator[None]:
    """Whatever a test makes the program ask of its store is looked at, see tests/plans.py."""
    known = set(plans.wrong())
    yield
    new = {place: found for place, found in plans.wrong().items() if place not in known}
    assert not new, f"walks through a big table: {new}"
