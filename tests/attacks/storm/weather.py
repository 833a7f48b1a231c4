"""A storm over a small city: batches of drawn updates and of taps on what the bot really sent, while time goes on."""

import json
from dataclasses import dataclass, field
from datetime import timedelta

from bot.intake.receiving import all_storable
from bot.store.incoming import MOST_ATTEMPTS
from bot.store.sessions import Session
from tests.attacks.storm import belongings
from tests.attacks.storm.belongings import Rows, Senders
from tests.attacks.storm.drawing import (
    COORDINATOR,
    PARTICIPANT,
    RARELY,
    STRANGER,
    Json,
    Storm,
    private,
    readable,
    user,
    vote,
)
from tests.attacks.storm.listening import KEPT_ASIDE, Listener
from tests.conftest import ADMIN, OTHER_UNIT, UNIT, WIB, Rig, nip

BATCH = 250
FIRST_ID = 800_000_000  # above what the sandbox counts
BYSTANDERS = (2, 21)  # phones that send nothing, and find all that is theirs as it was
ALONE = 0.7  # how many batches come from one sender: what one does is told apart then
PAUSES = [timedelta(0), timedelta(minutes=40), timedelta(hours=22)]
TO_WHAT_IS_PLANNED = 0.6  # how often time goes on to the next instant at which something is planned
SESSION_EVERY, RETURN_EVERY = 8, 1  # batches
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
    changes: int = 0
    """Rows that senders changed with right."""
    unreadable: set[int] = field(default_factory=set)
    foreign: set[int] = field(default_factory=set)
    kept_aside: int = 0
    failures: list[str] = field(default_factory=list)
    heard: Listener = field(default_factory=Listener)
    trespasses: list[str] = field(default_factory=list)

    async def blow(self, count: int) -> Listener:
        """Send so many updates; returns what was logged meanwhile."""
        session = await self._settle_city()
        with self.heard as heard:
            for turn in range(0, count, BATCH):
                if turn // BATCH % SESSION_EVERY == SESSION_EVERY - 1:
                    session = await self._next_session()
                if turn // BATCH % RETURN_EVERY == 0:
                    await self._come_back(session)
                await self._batch(session)
                await self._time_goes_on()
        return heard

    async def judge(self, heard: Listener) -> None:
        """Nothing stuck, nothing changed without the right, no error but the named ones, everybody still served."""
        rig = self.rig
        assert await rig.one("SELECT count(*) FROM incoming WHERE state = 'waiting'") == 0
        assert self.failures == [], "\n".join(self.failures[:5])
        assert self.trespasses == [], "\n".join(self.trespasses[:5])
        assert heard.out_of_order == [], "\n".join(heard.out_of_order[:5])
        assert heard.leaking == [], "\n".join(heard.leaking[:5])
        # Of the office's business nobody is told anything but admins.
        assert self.admins or not heard.office, heard.office
        # Nothing was kept aside, and no error was raised, but what was looked at batch by batch.
        assert heard.failed == {}
        assert heard.counted[KEPT_ASIDE] == self.kept_aside
        assert [call for call in (*rig.box.world.calls, *rig.box.world.refused) if is_group(call.chat_id)] == []
        assert await rig.one("SELECT count(*) FROM outbox WHERE telegram_id < 0") == 0
        assert await rig.one("PRAGMA integrity_check") == "ok"
        assert await rig.rows("PRAGMA foreign_key_check") == []
        await self._groups_are_not_heard()
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
        """A new session, so that there is always something to answer."""
        start = self.rig.clock.now() + timedelta(days=1)
        end = start + timedelta(hours=3)
        session = await self.rig.add_session(
            start.astimezone(WIB).isoformat()[:16], end.astimezone(WIB).isoformat()[:16], (UNIT, OTHER_UNIT)
        )
        await self.rig.settle()
        return session

    async def _come_back(self, session: Session) -> None:
        """Let those join again who have withdrawn, or erased themselves, by a button that the storm pressed."""
        for phone in (1, 4):
            free = "SELECT NOT EXISTS (SELECT 1 FROM account a LEFT JOIN person p ON p.id = a.person_id"
            free += " WHERE a.telegram_id = ? AND a.withdrawn_at IS NULL OR p.nip = ? AND a.telegram_id <> ?)"
            if await self.rig.one(free, 1000 + phone, nip(phone), 1000 + phone):
                await self.rig.join(phone, session)
        seated = "SELECT count(*) FROM coordinator c JOIN account a ON a.id = c.account_id WHERE a.telegram_id = ?"
        if await self.rig.one(seated + " AND c.state = 'active'", COORDINATOR) == 0:
            await self.rig.coordinator(3, UNIT)

    async def _time_goes_on(self) -> None:
        planned = await self.rig.hand.next_moment()
        if planned is not None and self.storm.chance.random() < TO_WHAT_IS_PLANNED:
            await self.rig.hand.move(planned)
        else:
            await self.rig.hand.wait(self.storm.chance.choice(PAUSES))

    async def _batch(self, session: Session) -> None:
        chance = self.storm.chance
        alone = chance.random() < ALONE
        sent_by = frozenset([chance.choice(self.senders)] if alone else self.senders)
        batch = [self._drawn(chance.choice(sorted(sent_by)), session) for _ in range(BATCH)]
        before, was = await self._state(sent_by)
        first = await self.rig.one("SELECT coalesce(max(id), 0) + 1 FROM incoming")
        await self.rig.sinar.receiver.receive(json.loads(json.dumps(batch)))
        await self.rig.hand.quiet()
        await self._look_at_failures(batch, first)
        after, became = await self._state(sent_by)
        if not self.admins:
            self.changes += len(before ^ after)
            self.trespasses += belongings.trespasses(before, after, was | became)

    async def _look_at_failures(self, batch: list[Json], first: int) -> None:
        """Aside may go at once what the library or the store cannot read, after three tries what has a foreign type.

        `first` is the row of the batch's first update.
        """
        failed = "SELECT id, update_id, state, error, attempts FROM incoming WHERE state <> 'done' OR attempts > 0"
        # What the bot's own people send between two batches is judged as well.
        of_interest = f"SELECT * FROM ({failed}) WHERE id >= ? OR update_id < ?"
        found = await self.rig.rows(of_interest, first, FIRST_ID)
        drawn = {first + place: update for place, update in enumerate(batch)}
        logged = self.heard.failed
        for row in found:
            at_once = row["error"] == "Unreadable" and row["attempts"] == 1 and row["update_id"] in self.unreadable
            # What stood in its way may be over at the next try: the question it answers is closed, say.
            tried = row["state"] == "done" or (row["state"] == "aside" and row["attempts"] == MOST_ATTEMPTS)
            in_order = at_once or (tried and row["update_id"] in self.foreign)
            if not in_order or len(logged.get(row["id"], ())) != (0 if at_once else row["attempts"]):
                update = shape(drawn.get(row["id"], "not drawn"))
                self.failures.append(f"{tuple(row)} {update} {logged.get(row['id'], 'no log line')}")
            self.kept_aside += row["state"] == "aside" and not at_once
        # Who erases all of the own data erases also what was kept aside; the log alone tells of it then.
        for number in logged.keys() - {row["id"] for row in found}:
            assert await self.rig.rows("SELECT 1 FROM incoming WHERE id = ?", number) == []
            assert drawn[number]["update_id"] in self.foreign
            self.kept_aside += len(logged[number]) == MOST_ATTEMPTS
        logged.clear()

    async def _state(self, chats: frozenset[int]) -> tuple[Rows, Senders]:
        if self.admins:
            # They may change what they like; only that nothing breaks is asked of them.
            return frozenset(), Senders(chats)
        return await self.rig.sinar.store.read(lambda db: (belongings.rows(db), belongings.senders(db, chats)))

    def _drawn(self, sender: int, session: Session) -> Json:
        self.number += 1
        chance = self.storm.chance
        update = self._real(sender) if chance.random() < 0.4 else None
        # What the bot really sent has Telegram's shape, or the storm would press nothing.
        known = update is None or readable(update)
        assert known or not all_storable(update)
        drawn = update
        if update is None:
            update = self.storm.plain(sender)
            if chance.random() < 0.02 and "message" in update:
                update["message"] |= {"text": f"/start {session.payload}", "chat": private(sender)}
        if chance.random() < 0.25:
            update, foreign = self.storm.spoilt(update)
            if foreign:
                self.foreign.add(self.number)
        # Asked once of what is sent as it was drawn: reading is a tenth of what a storm costs.
        if not (known if update is drawn else readable(update)):
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
            return {"poll_answer": vote(sender, message.poll["id"], [chance.choice(options)])}
        # A client shows the own chat alone; a forged one can send any data, with any message of the own chat.
        shown = message.raw | {"chat": private(sender)}
        data = [button["callback_data"] for button in message.buttons if "callback_data" in button]
        data = [each for each in data if not each.startswith("erase") or chance.random() < RARELY]
        if data:
            query = {"id": str(chance.randrange(10**9)), "from": user(sender), "chat_instance": "1", "message": shown}
            return {"callback_query": query | {"data": chance.choice(data)}}
        return {"message": self.storm.message(sender, private(sender)) | {"reply_to_message": shown}}

    async def _groups_are_not_heard(self) -> None:
        """What is said or pressed in a group changes nothing and is not answered, whoever does it."""
        batch: list[Json] = []
        while len(batch) < BATCH:
            sender = self.storm.chance.choice(self.senders)
            update = self._real(sender) or self.storm.plain(sender)
            kind = next(iter(update))
            said = update[kind].get("message") if kind == "callback_query" else update[kind]
            if kind not in ("message", "edited_message", "callback_query") or said is None:
                continue
            self.number += 1
            said["chat"] = {"id": -500, "type": "group", "title": "G"}
            batch.append(update | {"update_id": self.number})
        calls = len(self.rig.box.world.calls)
        before = await self.rig.sinar.store.read(belongings.rows)
        await self.rig.sinar.receiver.receive(json.loads(json.dumps(batch)))
        await self.rig.hand.quiet()
        assert await self.rig.sinar.store.read(belongings.rows) == before
        assert len(self.rig.box.world.calls) == calls

    async def _answers(self, number: int) -> None:
        person = self.rig.people.setdefault(number, self.rig.box.person(number, first_name=f"Orang {number}"))
        heard = len(person.received)
        person.send("/bantuan")
        await self.rig.settle()
        assert len(person.received) > heard, number


def shape(part: object) -> object:
    """Name what a JSON value is made of, without its words."""
    if isinstance(part, dict):
        return {key: shape(value) for key, value in part.items()}
    return [shape(each) for each in part] if isinstance(part, list) else type(part).__name__


def is_group(chat: object) -> bool:
    """Whether this is a chat that the bot must not write to."""
    return isinstance(chat, str) or (isinstance(chat, int) and chat < 0)


async def weather(rig: Rig, count: int, seed: int, *, admins: bool = False) -> Weather:
    """Send a storm and judge it; the same seed sends the same."""
    senders = (STRANGER, STRANGER + 1, PARTICIPANT, 1004, COORDINATOR) + (ADMIN,) * admins
    for sender in senders:
        rig.people.setdefault(sender, rig.box.person(sender, first_name=f"Orang {sender}")).start()
    await rig.settle()
    made = Weather(rig, Storm(seed), senders, admins)
    await made.judge(await made.blow(count))
    # It did press what there is, and pressing did something.
    assert made.taps > count / 5
    assert admins or made.changes > count / 50
    return made
