"""Links and NIPs that somebody guesses: nothing opens, everything looks and costs the same, and it soon ends."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from bot.sandbox import Person
from bot.store import accounts, sessions, supporters
from bot.store.accounts import payload_hash
from handlers.participant import identifying
from tests.conftest import ADMIN, OTHER_UNIT, Rig, nip

GUESSES = 10_000
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"


async def links(rig: Rig) -> list[str]:
    """One good link of each kind."""
    await rig.add_people(4)
    session = await rig.add_session()

    def work(db: Any) -> list[str]:
        unit = sessions.units(db)[0][0]
        return [accounts.invite(db, rig.clock.now(), 1), accounts.invite_coordinator(db, rig.clock.now(), unit)[1]]

    return [session.payload, *await rig.write(work)]


def guesses(good: list[str], chance: Random) -> Iterator[str]:
    """Near misses first, what a database might take for more than it is, then chance."""
    for link in good:
        yield from (link[:-1], link + "A", link.swapcase(), link[::-1], payload_hash(link), payload_hash(link)[:22])
        yield from (link[:n] + chance.choice(LETTERS.replace(link[n], "")) + link[n + 1 :] for n in range(len(link)))
        yield from (link[:11] + "%", link[:11] + "*", link[:21] + "_" if link[21] != "_" else "__", f" {link}")
    yield from ("", "%", "*", "_" * 22, "' OR '1'='1", "1", "0", "-1", "null", "None", "\x00", "nul\x00l")
    while True:
        yield "".join(chance.choices(LETTERS, k=22))


async def test_ten_thousand_guessed_links_open_nothing(rig: Rig) -> None:
    good = await links(rig)
    now = rig.clock.now()
    doors: list[Callable[[Any, str], Any]] = [
        sessions.by_payload,
        lambda db, payload: accounts.invited_person(db, now, payload),
        lambda db, payload: accounts.invited_coordinator(db, now, payload),
        lambda db, payload: supporters.invited(db, now, payload),
    ]

    def opened(db: Any, tried: list[str]) -> list[str]:
        return [payload for payload in tried if any(door(db, payload) is not None for door in doors)]

    assert await rig.sinar.store.read(lambda db: opened(db, good)) == good
    source = guesses(good, Random(7))
    tried = [next(source) for _ in range(GUESSES)]
    assert await rig.sinar.store.read(lambda db: opened(db, tried)) == []


async def test_guesses_by_the_chat_are_told_one_thing_and_keep_nothing(rig: Rig) -> None:
    good = await links(rig)
    person = rig.phone(9)
    source = guesses(good, Random(8))
    said = [f"/start {payload}" for payload in (next(source) for _ in range(100)) if payload.strip()]
    for text in said:
        person.send(text)
    await rig.settle()
    told = Counter(message.text for message in person.received)
    # A blank before a good link is how people paste it: that one shows the notice, as it should.
    pasted = sum(text.split()[1] in good for text in said)
    assert told.most_common(1)[0][1] == len(said) - pasted
    assert "tidak berlaku" in told.most_common(1)[0][0]
    assert await rig.one("SELECT count(*) FROM account") == 0


async def test_links_have_128_random_bits_and_personal_ones_are_kept_hashed(rig: Rig) -> None:
    session, *hidden = await links(rig)
    assert {len(link) for link in (session, *hidden)} == {22}
    assert accounts.PAYLOAD_BYTES * 8 >= 96
    await rig.sinar.store.checkpoint()
    stored = rig.sinar.store.path.read_bytes()
    assert session.encode() in stored
    for link in hidden:
        assert payload_hash(link).encode() in stored
        assert link.encode() not in stored


async def test_a_forwarded_coordinators_link_seats_one_alone_and_an_expired_one_nobody(rig: Rig) -> None:
    _, _, link = await links(rig)
    first, second = rig.phone(1), rig.phone(2)
    for person in (first, second):
        person.start(link)
    await rig.settle()
    for person in (first, second):
        person.tap("Setuju")
        await rig.settle()
    seats = await rig.rows("SELECT a.telegram_id FROM coordinator c JOIN account a ON a.id = c.account_id")
    assert [row[0] for row in seats] == [first.id]
    assert "tidak berlaku" in second.last.text
    after = rig.phone(4)
    after.start(link)
    await rig.settle()
    assert "Setuju" not in after.last.labels
    late = (await rig.write(lambda db: accounts.invite_coordinator(db, rig.clock.now(), 1)))[1]
    third = rig.phone(3)
    third.start(late)
    await rig.settle()
    await rig.hand.wait(accounts.COORDINATOR_LINK_LIVES + timedelta(seconds=1))
    third.tap("Setuju")
    await rig.settle()
    assert "tidak berlaku" in third.last.text
    assert await rig.one("SELECT count(*) FROM coordinator WHERE state = 'active'") == 1


# NIPs -------------------------------------------------------------------------------------------------


async def awaiting_a_nip(rig: Rig, numbers: range, payload: str) -> list[Person]:
    people = [rig.phone(number) for number in numbers]
    for person in people:
        person.start(payload)
    await rig.settle()
    for person in people:
        person.tap("Setuju")
    await rig.settle()
    return people


async def test_a_hundred_accounts_have_twenty_tries_on_a_link_and_the_admin_hears_of_it(rig: Rig) -> None:
    await rig.add_people(4)
    session = await rig.add_session()
    crowd = await awaiting_a_nip(rig, range(100, 200), session.payload)
    before = len(rig.people[ADMIN].received)
    for n, person in enumerate(crowd):
        person.send(nip(500 + n))
    await rig.settle()
    told = Counter(person.last.text for person in crowd)
    assert sorted(told.values()) == [identifying.TRIES_ON_A_LINK, 100 - identifying.TRIES_ON_A_LINK]
    assert await rig.one("SELECT count(*) FROM wrong_try") == identifying.TRIES_ON_A_LINK
    alarms = [message.text for message in rig.people[ADMIN].received[before:]]
    assert len(alarms) == 1
    assert "percobaan NIP" in alarms[0]
    # A right one gets no further meanwhile: the guesser learns nothing from it.
    crowd[0].send(nip(1))
    await rig.settle()
    assert "terlalu banyak" in crowd[0].last.text
    await rig.hand.wait(timedelta(minutes=61))
    crowd[0].send(nip(1))
    await rig.settle()
    assert crowd[0].last.labels == ["Ya", "Tidak"]


# What intake and delivery ask, as often as they happen to look, and what watches over plans, of what it sees first.
OF_THE_WAY = re.compile("FROM (incoming|outbox|sqlite_master)")


@contextmanager
def statements(rig: Rig) -> Iterator[list[str]]:
    """What the writer is asked meanwhile, without the numbers."""
    seen: list[str] = []
    writer: Any = rig.sinar.store._writer._conn
    writer.set_trace_callback(lambda sql: seen.append(re.sub(r"[0-9]+", "n", sql)[:60]))
    try:
        yield seen
    finally:
        writer.set_trace_callback(None)


async def test_every_unusable_nip_costs_the_same_work(rig: Rig) -> None:
    """Compared by what the database is asked, which no busy machine blurs."""
    await rig.add_people(6)
    await rig.add_people(2, OTHER_UNIT, first=50)
    session = await rig.add_session()
    await rig.join(1, session)
    await rig.write(lambda db: db.execute("UPDATE person SET gone_at = added_at WHERE nip = ?", (nip(2),)))
    (asker, *_) = await awaiting_a_nip(rig, range(9, 10), session.payload)
    work: dict[str, Counter[str]] = {}
    for kind, number in {"unknown": 99, "of another unit": 50, "bound": 1, "gone": 2}.items():
        await rig.settle()
        with statements(rig) as seen:
            asker.send(nip(number))
            await rig.settle()
        work[kind] = Counter(sql for sql in seen if "FROM" in sql and not OF_THE_WAY.search(sql))
    first = work["unknown"]
    assert sum(first.values()) > 5
    assert {kind: asked - first | first - asked for kind, asked in work.items() if asked != first} == {}


@pytest.mark.parametrize(
    "digits", ["１９８００１０１２００５０１１００１", "١٩٨٠٠١٠١٢٠٠٥٠١١٠٠١", "1980010120050110\u06f0\u06f1"]
)
async def test_a_nip_has_ascii_digits_only(rig: Rig, digits: str) -> None:
    await rig.add_people(4)
    session = await rig.add_session()
    (asker, *_) = await awaiting_a_nip(rig, range(9, 10), session.payload)
    asker.send(digits)
    await rig.settle()
    assert asker.last.labels == []
    assert await rig.one("SELECT count(*) FROM wrong_try") == 0
