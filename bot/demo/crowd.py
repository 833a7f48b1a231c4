"""The people of the demo: what each is like, when they look at their phones, and how they join."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from bot.demo.cast import REFLECTIONS, Habit, Member
from bot.demo.stage import A_MINUTE, Stage
from bot.roster.sample import SamplePerson
from bot.sandbox import Impossible, Person, Stored

FIRST_ID = 1001
MOST_PASSES = 60
SOON, EVENING = 0, 1


@dataclass(frozen=True)
class Kind:
    """What a kind of person is like; all but `share` are likelihoods from 0 to 1."""

    share: int
    """So many of twenty people."""
    soon: float
    """Looks at the phone soon after a message."""
    evening: float
    """Looks at the phone in the evening."""
    answers: float = 0.0
    knows: float = 0.5
    keeps: float = 0.5
    skips: float = 0.0
    edits: float = 0.0
    """Corrects what was just written."""
    speaks: float = 0.0
    """Answers a reflection with a voice note."""
    role: str = ""
    """What nearly all of this kind do at some time besides: see ROLES."""


KINDS = {
    "eager": Kind(4, soon=0.85, evening=0.75, answers=1.0, knows=0.7, keeps=0.7, edits=0.1, speaks=0.1),
    "steady": Kind(5, soon=0.45, evening=0.65, answers=0.95, knows=0.6, keeps=0.55, skips=0.04, edits=0.05, speaks=0.1),
    "late": Kind(2, soon=0.05, evening=0.4, answers=0.9, knows=0.6, keeps=0.5, skips=0.05, speaks=0.05),
    "forgetful": Kind(3, soon=0.25, evening=0.3, answers=0.5, knows=0.5, keeps=0.35, skips=0.1),
    "on leave": Kind(1, soon=0.45, evening=0.65, answers=0.95, knows=0.6, keeps=0.55, role="pauses"),
    "blocking": Kind(1, soon=0.25, evening=0.3, answers=0.8, role="blocks"),
    "silent": Kind(4, soon=0.0, evening=0.0),
}
ROLES = ("shown", "pauses", "blocks", "withdraws", "erases", "postpones")
JOIN_SHARE = 5 / 6
IN_THE_HALL_SHARE = 0.3


@dataclass
class Reader(Member):
    """Somebody who answers the newest copy of a question, and leaves the older ones in the chat alone."""

    kind: Kind = KINDS["silent"]

    def act(self) -> bool:
        """Deal with the oldest question that waits; returns whether anything was done."""
        received = self.person.received
        newest = {_asks(message): message.id for message in [*self._waiting, *received[self._seen :]]}
        self._waiting = [message for message in self._waiting if newest[_asks(message)] == message.id]
        new = received[self._seen :]
        self._waiting += [message for message in new if newest[_asks(message)] == message.id]
        self._seen = len(received)
        return super().act()

    def _say(self, text: str) -> None:
        if text in REFLECTIONS and self.chance.random() < self.kind.speaks:
            self.person.send_voice()
            return
        super()._say(text)
        if self.chance.random() < self.kind.edits:
            written = next(message for message in reversed(self.person.chat) if not message.from_bot)
            self.person.edit(written, f"{text} (diperbaiki)")


def _asks(message: Stored) -> str:
    """What a message is about: its buttons name it behind their verb; without buttons it stands for itself."""
    data = [button["callback_data"] for button in message.buttons if "callback_data" in button]
    return data[-1].split(":")[1] if data and ":" in data[-1] else f"message {message.id}"


@dataclass
class Attendee:
    """One civil servant of the roster, with a phone."""

    sample: SamplePerson
    member: Reader
    kind: str
    role: str = ""
    """One of ROLES: what this person does besides answering."""
    joins: str = "never"
    """When: before, hall or never."""
    away: bool = False
    """Does not look at the phone for the time being, or not at Sinar any more."""
    joined: bool = False

    @property
    def person(self) -> Person:
        """The phone."""
        return self.member.person

    @property
    def name(self) -> str:
        """The name with titles, as the bot shows it."""
        return self.sample.as_row(0).name

    def looks(self, time_of_day: int) -> bool:
        """Whether the person looks at the phone now."""
        return self.joined and not self.away and self.member.chance.random() < self._likely(time_of_day)

    def _likely(self, time_of_day: int) -> float:
        kind = KINDS[self.kind]
        return kind.soon if time_of_day == SOON else kind.evening

    def way_by_session(self, payload: str) -> list[Callable[[], object]]:
        """The acts of joining by the session's link; some share their number, one forgets a digit first."""
        self.joined = True
        nip = self.sample.nip
        way: list[Callable[[], object]] = [partial(self.person.start, payload), partial(self.person.tap, "Setuju")]
        if self.role == "shown":
            way.append(partial(self.person.send, nip[:-1]))
        way += [partial(self.person.send, nip), partial(self.person.tap, "Ya")]
        if self.role == "shown" or self.member.chance.random() < 0.5:
            number = "+62" + self.sample.phone.replace("-", "")[1:]
            way.append(partial(self.person.send_contact, phone=number))
        return way

    def way_by_invitation(self, payload: str) -> list[Callable[[], object]]:
        """The acts of joining by a personal link."""
        self.joined = True
        return [
            partial(self.person.start, payload),
            partial(self.person.tap, "Setuju"),
            partial(self.person.tap, "Ya"),
        ]


def gather_crowd(stage: Stage, people: Sequence[SamplePerson], seed: int) -> list[Attendee]:
    """Give everybody of the roster a phone and a character."""
    chance = random.Random(seed)  # noqa: S311  (no secret, a demo)
    items = {item.question: item.correct for item in stage.sinar.library.items.values()}
    joiners = round(len(people) * JOIN_SHARE)
    before = joiners - round(joiners * IN_THE_HALL_SHARE)
    crowd = []
    # Twenty people of each twenty in the shares that KINDS names, in an order of their own.
    mixed: list[str] = []
    while len(mixed) < len(people):
        a_round = [name for name, kind in KINDS.items() for _ in range(kind.share)]
        chance.shuffle(a_round)
        mixed += a_round
    for number, sample in enumerate(people):
        role = ROLES[number] if number < len(ROLES) else KINDS[mixed[number]].role
        name = mixed[number]
        if number < len(ROLES):
            name = "eager" if role in ("shown", "erases") else "steady"
        kind = KINDS[name]
        phone = stage.box.person(FIRST_ID + number, first_name=sample.name.split()[0])
        own = random.Random(chance.random())  # noqa: S311 - a demo, no secret
        habit = Habit(answers=kind.answers, knows=kind.knows, keeps=kind.keeps, skips=kind.skips)
        member = Reader(phone, habit, own, partial(_right_option, items), kind=kind)
        joins = "before" if number < before else "hall" if number < joiners else "never"
        crowd.append(Attendee(sample, member, name, role, joins))
    return crowd


async def answering(stage: Stage, crowd: Sequence[Attendee], time_of_day: int) -> None:
    """Let those who look at their phones now answer what waits there, side by side."""
    busy = [attendee for attendee in crowd if attendee.looks(time_of_day)]
    for _ in range(MOST_PASSES):
        stage.clock.advance(A_MINUTE)
        busy = [attendee for attendee in busy if _acts(attendee.member)]
        if not busy:
            # Nobody had anything to do, which takes no time.
            stage.clock.advance(-A_MINUTE)
            return
        await stage.settle()


def learn(crowd: Sequence[Attendee], more: float) -> None:
    """People know more after having practised."""
    for attendee in crowd:
        habit = attendee.member.habit
        habit.knows = min(0.95, habit.knows + more)


def _acts(member: Reader) -> bool:
    try:
        return member.act()
    except (Impossible, LookupError):
        # A poll that has closed, a button that has gone: people shrug and put the phone away.
        return False


def _right_option(items: dict[str, int], question: str) -> int | None:
    """Return the right option of a poll's question, which begins with its number ("2/5 ...")."""
    return items.get(question.partition(" ")[2])
