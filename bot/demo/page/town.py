"""The small town behind the chat page: the story's people live in it; whoever is at the page acts, moves the clock."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from bot.calendars import Calendars
from bot.demo.crowd import Attendee
from bot.demo.stage import MESSAGES_PER_SECOND, Stage, emptied, instant, open_stage
from bot.demo.story import COORDINATOR_ID, Plan, Story, agreed
from bot.domain.calendar import WorkCalendar
from bot.roster.sample import SamplePerson, sample_people
from bot.sandbox import Person, Stored

T = TypeVar("T")
PLAN = Plan(people=60, last=date(2026, 3, 31), free=1, staff_acts=False)
BEGINS = instant(PLAN.session, "07.20")
YOU_ID, NEW_PHONE_ID = 990, 991
AN_ACT = timedelta(seconds=10)
LONGEST_WAIT_FOR_A_TOUCH = timedelta(days=21)
# What the real bot keeps to, so that the outbox is seen to drain; while the clock runs it goes faster.
REAL_PACE = 28.0
MOVES = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


class Elsewhere(Exception):
    """What was asked for cannot be done now; the message is for the person at the page."""


@dataclass(frozen=True)
class Phone:
    """A phone of the town."""

    person: Person
    name: str
    role: str
    group: str
    """you, staff or others: where it stands in the list of people."""
    nip: str | None = None
    telephone: str = ""
    """What [Bagikan nomor saya] shares."""


# Without a repr: it would write out everybody's whole chat, for half a minute.
@dataclass(repr=False)
class Town:
    """The stage with its story, and what the page adds: one act at a time, and a clock that runs when told to."""

    stage: Stage
    story: Story
    phones: dict[int, Phone]
    calendar: WorkCalendar
    ready: bool = False
    running: str | None = None
    """What the clock runs for, while it runs."""
    seen: dict[int, int] = field(default_factory=dict)
    """The last message of each chat that somebody has looked at."""
    answering: set[int] = field(default_factory=set)
    """The phones whose act the bot is answering just now."""
    tour_step: int | None = 0
    """Where the guided tour stands; None when it is closed. It is the same for all who look."""
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def prepare(self) -> None:
        """Let the week before the session happen."""
        await self.run_until("persiapan", BEGINS, lambda: False)
        self.ready = True
        for phone in self.phones.values():
            self.see(phone.person.id)
        self.changed()

    def phone(self, number: int) -> Phone:
        """Return a phone; raises Elsewhere."""
        if number not in self.phones:
            raise Elsewhere("HP itu tidak ada di kota contoh ini.")
        return self.phones[number]

    def see(self, number: int, last: int | None = None) -> None:
        """Note that a chat was looked at, up to a message."""
        chat = self.stage.box.world.chats[number]
        newest = chat.last_id if last is None else min(last, chat.last_id)
        self.seen[number] = max(newest, self.seen.get(number, 0))

    def changed(self) -> None:
        """Let all pages look again."""
        self.stage.box.world.changed()

    async def act(self, number: int, doing: Callable[[Person], T]) -> T:
        """Let a person do something, and wait for the bot's answer. Raises Impossible and LookupError."""
        phone = self.phone(number)
        async with self._one_at_a_time:
            self._take_over(phone.person)
            self.stage.clock.advance(AN_ACT)
            self.answering.add(number)
            try:
                done = doing(phone.person)
                await self.stage.settle()
            finally:
                self.answering.discard(number)
            await self.stage.look()
        self.changed()
        return done

    async def move(self, how: str, number: int) -> None:
        """Let time pass: an hour, a day, a week, or until the bot writes to this phone ("touch")."""
        phone = self.phone(number)
        if how == "touch":
            known = _last_of_bot(phone.person)
            limit = self.stage.clock.now() + LONGEST_WAIT_FOR_A_TOUCH
            await self.run_until(
                f"sampai pesan berikut untuk {phone.name}", limit, lambda: _last_of_bot(phone.person) > known
            )
        else:
            await self.run_until("", self.stage.clock.now() + MOVES[how], lambda: False)

    async def run_until(self, what: str, until: datetime, enough: Callable[[], bool]) -> None:
        """Let time pass until `enough` or `until`; `what` it runs for is shown. Raises Elsewhere while it runs."""
        if self._one_at_a_time.locked() and self.running is not None:
            raise Elsewhere("Waktu sedang berjalan. Tunggu sebentar.")
        async with self._one_at_a_time:
            self.running = what
            self.changed()
            pacer = self.stage.sinar.delivery.pacer
            pacer.turn_to(MESSAGES_PER_SECOND)
            try:
                await self.stage.live(until, enough)
            finally:
                pacer.turn_to(REAL_PACE)
                self.running = None
        self.changed()

    def _take_over(self, person: Person) -> None:
        """Whose phone is held at the page, does nothing of the own accord any more."""
        for attendee in self.story.crowd:
            if attendee.person is person:
                attendee.away = True


@asynccontextmanager
async def open_town(folder: Path) -> AsyncIterator[Town]:
    """Make the town in `folder`, anew; nothing has happened in it yet."""
    emptied(folder)
    async with open_stage(folder, PLAN.start, REAL_PACE) as stage:
        story = agreed(stage, PLAN)
        stage.moved = lambda _stage: stage.box.world.changed()
        yield Town(stage, story, _phones(stage, story), Calendars(stage.config).city)


def _phones(stage: Stage, story: Story) -> dict[int, Phone]:
    own = sample_people(PLAN.people)[-1]
    you = stage.box.person(YOU_ID, first_name=own.name.split()[0], last_name=own.name.split()[-1])
    new = stage.box.person(NEW_PHONE_ID, first_name=own.name.split()[0], last_name="(HP baru)")
    phones = [
        Phone(you, _full_name(own), "ASN", "you", own.nip, _telephone(own)),
        Phone(stage.box.person(COORDINATOR_ID), "Ratri Nawangwulan", "Koordinator", "staff"),
        Phone(stage.admin, "Admin BKPSDM", "Admin", "staff"),
        Phone(new, "HP baru", "HP kedua Anda", "staff", own.nip, _telephone(own)),
        *(
            Phone(one.person, one.name, _character(one), "others", one.sample.nip, _telephone(one.sample))
            for one in story.crowd
        ),
    ]
    return {phone.person.id: phone for phone in phones}


def _full_name(sample: SamplePerson) -> str:
    return sample.as_row(0).name


def _telephone(sample: SamplePerson) -> str:
    return "+62" + sample.phone.replace("-", "")[1:]


def _character(attendee: Attendee) -> str:
    """What kind of a person it is, in the page's words."""
    return {
        "eager": "ASN, rajin",
        "steady": "ASN, tekun",
        "late": "ASN, sering terlambat",
        "forgetful": "ASN, pelupa",
        "on leave": "ASN, sering cuti",
        "blocking": "ASN, memblokir bot",
        "silent": "ASN, diam",
    }[attendee.kind]


def _last_of_bot(person: Person) -> int:
    received: list[Stored] = person.received
    return received[-1].id if received else 0
