"""A small world for random histories: the real store, timetable, gate and handlers; no network.

What the outbox holds is taken out as the delivery does it, gathered late, and recorded as sent or blocked.
"""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from telegram import Chat, Message, Update, User

from bot.calendars import Calendars
from bot.clock import HandClock, to_text
from bot.config import Access, Config, Schedule, UnitHours
from bot.delivery import gather
from bot.delivery.calls import Outcome, Report
from bot.delivery.gather import Dropped
from bot.delivery.record import Result, expire, is_expired, record
from bot.domain.access import Right
from bot.intake.handling import UPDATE_ROW
from bot.reports.weekly import Weekly
from bot.store import accounts, incoming, outbox, sessions
from bot.store.database import Store, prepare
from bot.store.outbox import Lane, Row
from bot.store.planning import Rules, plan_person
from handlers.door import Act, Doing, House, run
from messages.library import load_library
from scheduler.housekeeping import Housekeeping
from scheduler.release import Gate
from scheduler.summaries import Summaries
from scheduler.timetable import Timetable

WIB = ZoneInfo("Asia/Jakarta")
START = datetime(2025, 11, 3, 9, tzinfo=WIB)
ADMIN = 900
FIVE_DAYS, SIX_DAYS = "Dinas Kesehatan", "Satpol PP"
PEOPLE = 4
LIBRARY = load_library()
CONFIG = Config(
    access=Access(admins=[ADMIN]),
    schedule=Schedule(),
    units={
        SIX_DAYS: UnitHours(workdays=["mon", "tue", "wed", "thu", "fri", "sat"], send_from="06:00", send_until="20:00")
    },
)


@dataclass(frozen=True)
class Sent:
    """One message that reached a person, with the facts it was made of."""

    at: datetime
    person: int
    row: Row
    facts: dict[str, Any]


class World:
    """Two units, four people, a clock that stands still until it is moved."""

    def __init__(self, *, later_half: bool = False) -> None:
        self.runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        self.clock = HandClock(START)
        self.calendars = Calendars(CONFIG)
        self.rules = Rules(LIBRARY.journeys, self.calendars, CONFIG.schedule.touches_per_day, later_half)
        self.sent: list[Sent] = []
        self.barred: set[int] = set()
        self.line_up = True
        self._numbers = 0
        path = Path(folder) / "sinar.db"
        prepare(path)
        self.store = self.runner.run(self._stack.enter_async_context(Store(path)))
        weekly = Weekly(LIBRARY, WIB, CONFIG.privacy.minimum_group)
        self.timetable = Timetable(
            self.store,
            self.clock,
            Gate(self.rules, LIBRARY),
            Summaries(self.calendars, weekly, (ADMIN,), CONFIG.schedule.weekly_summary),
            Housekeeping(self.store, self.calendars, Path(folder) / "backups", 1, None, timedelta(days=700)),
            1.0,
        )
        self.house = House(self.store, self.clock, CONFIG, self.rules, LIBRARY, weekly, lambda: "sinar_bot")
        self.write(self._people)

    def close(self) -> None:
        self.runner.run(self._stack.aclose())
        self.runner.close()

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def write(self, work: Any) -> Any:
        return self.runner.run(self.store.write(work))

    def read(self, work: Any) -> Any:
        return self.runner.run(self.store.read(work))

    def rows(self, sql: str, *values: object) -> list[Any]:
        return self.runner.run(self.store.read(lambda db: db.execute(sql, values).fetchall()))

    def unit_of(self, person: int) -> str:
        return FIVE_DAYS if person <= PEOPLE // 2 else SIX_DAYS

    def add_session(self, start: datetime, hours: int, units: list[str]) -> None:
        self.write(
            lambda db: sessions.add(
                db,
                self.now,
                title="Sesi",
                place="Aula",
                start=start,
                end=start + timedelta(hours=hours),
                unit_ids=[sessions.unit_id(db, unit) for unit in units],
                journey="default",
                messages=[],
            )
        )

    def join(self, person: int) -> None:
        def work(db: Any) -> None:
            account = accounts.consent(db, self.now, 1000 + person, "1")
            if not account.active:
                accounts.bind(db, self.now, account.id, person, "verified")
                plan_person(db, self.now, self.rules, person)

        self.barred.discard(person)
        self.write(work)

    def act(self, person: int, doing: Doing, *args: object) -> None:
        """Let a person do something, through the door that updates come in by."""
        self.runner.run(self._act(person, doing, [str(arg) for arg in args]))
        self.deliver()

    async def _act(self, person: int, doing: Doing, args: list[str]) -> None:
        self._numbers += 1
        user = User(1000 + person, "Orang", is_bot=False)
        message = Message(self._numbers, self.now, Chat(1000 + person, "private"), from_user=user, text="x")
        kept = await self.store.write(lambda db: incoming.keep(db, self.now, [(self._numbers, user.id, "{}")]))
        UPDATE_ROW.set(kept[0].id)
        await run(self.house, Update(self._numbers, message=message), args, Right.ANYONE, doing)

    def look(self) -> None:
        """One look of the timetable, then everything goes out that may."""
        self.runner.run(self.timetable.look())
        self.deliver()

    def pass_time(self, hours: int) -> None:
        """Let time go by as it does while the bot runs: a look at each planned instant."""
        end = self.now + timedelta(hours=hours)
        while self.now < end:
            planned = self._next_moment()
            self.clock.set(min(end, planned) if planned else end)
            self.look()

    def deliver(self) -> None:
        """Send all that may go; nothing while the line is down."""
        while self.line_up and (rows := self.write(lambda db: outbox.lease(db, self.now, _ALL, 50, ()))):
            self.write(partial(self._deliver_all, rows=rows))

    def _deliver_all(self, db: Any, rows: list[Row]) -> None:
        for row in rows:
            self._deliver(db, row)

    def _deliver(self, db: Any, row: Row) -> None:
        if is_expired(row, self.now):
            expire(db, self.now, row)
            return
        found = _gathered(db, self.now, row)
        if isinstance(found, Dropped):
            record(db, self.now, Result(row, found, row.facts))
            return
        person = row.telegram_id - 1000
        self._numbers += 1
        if person in self.barred:
            report = Report(Outcome.BLOCKED, error="Forbidden: bot was blocked by the user")
        else:
            self.sent.append(Sent(self.now, person, row, found))
            report = Report(Outcome.SENT, message_id=self._numbers, poll_id=f"poll{self._numbers}")
        record(db, self.now, Result(row, report, found))

    def _next_moment(self) -> datetime | None:
        now = to_text(self.now)
        found = self.rows(
            "SELECT min(at) FROM (SELECT min(look_at) AS at FROM touchpoint WHERE look_at > ?"
            " UNION ALL SELECT min(remind_at) FROM touchpoint WHERE remind_at > ?"
            " UNION ALL SELECT min(closes_at) FROM touchpoint WHERE closes_at > ?"
            " UNION ALL SELECT min(paused_until) FROM account WHERE paused_until > ?"
            " UNION ALL SELECT min(not_before) FROM outbox WHERE state = 'waiting' AND not_before > ?"
            " UNION ALL SELECT min(look_at) FROM broadcast_target WHERE look_at > ?)",
            *[now] * 6,
        )[0][0]
        return datetime.fromisoformat(found).astimezone(UTC) if found else None

    @staticmethod
    def _people(db: Any) -> None:
        for number, name in enumerate((FIVE_DAYS, SIX_DAYS), 1):
            db.execute("INSERT INTO unit (id, name) VALUES (?, ?)", (number, name))
        for number in range(1, PEOPLE + 1):
            db.execute(
                "INSERT INTO person (id, nip, name, position, unit_id, added_at) VALUES (?, ?, 'Nama', 'Staf', ?, ?)",
                (number, str(number), 1 if number <= PEOPLE // 2 else 2, "2025"),
            )


_ALL = (Lane.PEOPLE, Lane.BULK)


def _gathered(db: Any, now: datetime, row: Row) -> Dropped | dict[str, Any]:
    if row.template == "touch":
        found = gather.touch(db, now, LIBRARY, row.facts)
    elif row.template == "quiz_next":
        found = gather.quiz_item(db, LIBRARY, row.facts["quiz_item"], {})
    elif row.template == "catch_up":
        found = gather.catch_up(db, now, row.facts)
    else:
        return row.facts
    return found if isinstance(found, Dropped) else row.facts | found.facts


def blocks(act: Act) -> None:
    """What the bot does when Telegram says that a person has blocked it."""
    from handlers.wiring import _blocked

    _blocked(act)
