"""A storm over a small city: batches of drawn updates and of taps on what the bot really sent, while time goes on."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.store.sessions import Session
from handlers.wiring import BUTTONS
from tests.attacks.storm import belongings
from tests.attacks.storm.belongings import Rows, Senders
from tests.attacks.storm.drawing import COORDINATOR, PARTICIPANT, STRANGER, Json, Storm, private, readable, user
from tests.attacks.storm.listening import GIVEN_UP, UNREADABLE, Listener
from tests.conftest import ADMIN, OTHER_UNIT, UNIT, Rig

BATCH = 100
FIRST_ID = 800_000_000  # above what the sandbox counts
BYSTANDERS = (2, 21)  # phones that send nothing, and find all that is theirs as it was
ALONE = 0.7  # how many batches come from one sender: what one does is told apart then
PAUSES = [timedelta(0), timedelta(0), timedelta(minutes=40), timedelta(hours=5), timedelta(hours=22)]
SESSION_EVERY = 25  # batches
RECENT = 40  # messages of a chat that are tapped more often than the old ones


@dataclass
class Weather:
    """Sends the storm, judges each batch by what it changed, and at last what is left of the bot."""

    rig: Rig
    storm: Storm
    senders: tuple[int, ...]
    admins: bool = False
    number: int = FIRST_ID
    taps: int = 0
    unreadable: set[int] = field(default_factory=set)
    foreign: set[int] = field(default_factory=set)
    trespasses: list[str] = field(default_factory=list)

    async def blow(self, count: int) -> Listener:
        """Send so many updates; returns what was logged meanwhile."""
        session = await self._settle_city()
        with Listener() as heard:
            for turn in range(0, count, BATCH):
                if turn // BATCH % SESSION_EVERY == SESSION_EVERY - 1:
                    session = await self._next_session()
                await self._batch(session)
                await self.rig.hand.wait(self.storm.chance.choice(PAUSES))
        return heard

    async def judge(self, heard: Listener) -> None:
        """Nothing stuck, nothing changed without the right, no error but the named ones, everybody still served."""
        rig = self.rig
        left = await rig.rows(
            "SELECT update_id, state, error, attempts FROM incoming WHERE state <> 'done' OR attempts > 0"
        )
        aside = {row["update_id"]: row for row in left}
        assert [tuple(row) for row in left if row["state"] != "aside"] == []
        # At once what the library or the store cannot read; after three tries what has a field of a foreign type.
        assert {number for number, row in aside.items() if row["error"] == "Unreadable"} <= self.unreadable
        given_up = {number: row["error"] for number, row in aside.items() if row["error"] != "Unreadable"}
        assert {number: why for number, why in given_up.items() if number not in self.foreign} == {}
        assert self.trespasses == []
        assert heard.out_of_order == []
        assert heard.leaking == []
        assert heard.counted[UNREADABLE] <= len(self.unreadable)
        assert heard.counted[GIVEN_UP] <= 3 * len(self.foreign)
        assert [call for call in (*rig.box.world.calls, *rig.box.world.refused) if is_group(call.chat_id)] == []
        assert await rig.one("SELECT count(*) FROM outbox WHERE telegram_id < 0") == 0
        assert await rig.one("PRAGMA integrity_check") == "ok"
        assert await rig.rows("PRAGMA foreign_key_check") == []
        for number in (*self.senders, *(1000 + phone for phone in BYSTANDERS), ADMIN):
            await self._answers(number)

    async def _settle_city(self) -> Session:
        rig = self.rig
        await rig.add_people(9)
        await rig.add_people(3, OTHER_UNIT, first=20)
        session = await rig.add_session(units=(UNIT, OTHER_UNIT))
        for phone in (1, 2, 4, 21):
            await rig.join(phone, session)
        await rig.coordinator(3, UNIT)
        await rig.coordinator(22, OTHER_UNIT)
        await rig.go("2025-11-17 13:00")
        return session

    async def _next_session(self) -> Session:
        """A new session, and whoever has left joins it, so that there is always something to answer."""
        start = self.rig.clock.now() + timedelta(days=1)
        end = start + timedelta(hours=3)
        session = await self.rig.add_session(
            start.astimezone().isoformat()[:16], end.astimezone().isoformat()[:16], (UNIT, OTHER_UNIT)
        )
        await self.rig.settle()
        return session

    async def _batch(self, session: Session) -> None:
        chance = self.storm.chance
        alone = chance.random() < ALONE
        sent_by = frozenset([chance.choice(self.senders)] if alone else self.senders)
        batch = [self._drawn(chance.choice(sorted(sent_by)), session) for _ in range(BATCH)]
        before, was = await self._state(sent_by)
        await self.rig.sinar.receiver.receive(json.loads(json.dumps(batch)))
        await self.rig.hand.quiet()
        after, became = await self._state(sent_by)
        if not self.admins:
            senders = Senders(sent_by, was.persons | became.persons, was.led | became.led)
            self.trespasses += belongings.trespasses(before, after, senders)

    async def _state(self, chats: frozenset[int]) -> tuple[Rows, Senders]:
        if self.admins:
            # They may change what they like; only that nothing breaks is asked of them.
            return frozenset(), Senders(chats, frozenset(), frozenset())

        def look(db: Any) -> tuple[Rows, Senders]:
            people = Senders(chats, belongings.persons_of(db, chats), belongings.led_by(db, chats))
            return belongings.rows(db), people

        return await self.rig.sinar.store.read(look)

    def _drawn(self, sender: int, session: Session) -> Json:
        self.number += 1
        chance = self.storm.chance
        update = self._real(sender) if chance.random() < 0.4 else None
        if update is None:
            update = self.storm.plain(sender)
            if chance.random() < 0.02 and "message" in update:
                update["message"] |= {"text": f"/start {session.payload}", "chat": private(sender)}
        if chance.random() < 0.25:
            update, foreign = self.storm.spoilt(update)
            if foreign:
                self.foreign.add(self.number)
        if not readable(update):
            self.unreadable.add(self.number)
        return update | {"update_id": self.number}

    def _real(self, sender: int) -> Json | None:
        """A press, a vote or a reply on what the bot really sent: to the sender, or to somebody else; new or old."""
        chance, world = self.storm.chance, self.rig.box.world
        chat = world.chats[sender if chance.random() < 0.75 else chance.choice((*self.senders, 1002, 1021, ADMIN))]
        seen = [message for message in chat.messages.values() if message.from_bot]
        seen = [message for message in seen if message.buttons or message.poll or chance.random() < 0.1]
        if not seen:
            return None
        message = chance.choice(seen[-RECENT:] if chance.random() < 0.8 else seen)
        self.taps += 1
        if message.poll:
            options = list(range(len(message.poll["options"])))
            return {
                "poll_answer": {
                    "poll_id": message.poll["id"],
                    "user": user(sender),
                    "option_ids": [chance.choice(options)],
                }
            }
        # A client shows the own chat alone; a forged one can send any data, with any message of the own chat.
        shown = message.raw | {"chat": private(sender)}
        data = [button["callback_data"] for button in message.buttons if "callback_data" in button]
        if data:
            query = {"id": str(chance.randrange(10**9)), "from": user(sender), "chat_instance": "1", "message": shown}
            return {"callback_query": query | {"data": chance.choice(data)}}
        return {"message": self.storm.message(sender, private(sender)) | {"reply_to_message": shown}}

    async def _answers(self, number: int) -> None:
        person = self.rig.people.setdefault(number, self.rig.box.person(number, first_name=f"Orang {number}"))
        heard = len(person.received)
        person.send("/bantuan")
        await self.rig.settle()
        assert len(person.received) > heard, number


def is_group(chat: object) -> bool:
    """Whether this is a chat that the bot must not write to."""
    return isinstance(chat, str) or (isinstance(chat, int) and chat < 0)


async def weather(rig: Rig, count: int, seed: int, *, admins: bool = False) -> Weather:
    """Send a storm and judge it; the same seed sends the same."""
    senders = (STRANGER, STRANGER + 1, PARTICIPANT, 1004, COORDINATOR) + (ADMIN,) * admins
    for sender in senders:
        rig.people.setdefault(sender, rig.box.person(sender, first_name=f"Orang {sender}")).start()
    await rig.settle()
    made = Weather(rig, Storm(seed, [f"{verb}:1" for verb in BUTTONS]), senders, admins)
    await made.judge(await made.blow(count))
    assert made.taps > count / 5
    return made
