"""A wall clock that jumps, a machine that sleeps, Telegram away for days, numbers that begin anew."""

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.sandbox import Fault
from bot.sandbox.updates import Pending
from scheduler.timetable import LAST_LOOK
from tests.conftest import ADMIN
from tests.stress.crashes import rehearse
from tests.stress.machines import STRANGERS
from tests.stress.nursery import SILENT_POLLER
from tests.stress.world import City, Row, city

DAY = timedelta(days=1)
NIGHT = timedelta(hours=8)
# From noon to an hour at which all that was put off to the usual time is due.
AFTERNOON = timedelta(hours=3)
# A journey of three touches takes so many days when there is one a day; a Friday may cost one more.
DAYS_OF_A_JOURNEY = 5
TRIED = "SELECT id FROM outbox WHERE telegram_id = ? AND state = 'waiting' AND attempts > 0"
COPIES = "SELECT count(*) FROM outbox WHERE state = 'sent' AND broadcast_id = (SELECT max(id) FROM broadcast)"


def leap(world: City, length: timedelta, *, telegram: bool) -> None:
    """Let the bot's wall clock jump, and Telegram's as well when it is time that passes and not a wrong clock."""
    world.set_clock(world.now() + length)
    if telegram:
        world.box.clock_offset += length.total_seconds()
        world.box.world.changed()


def say_again(world: City) -> int:
    """Let people do once more what Telegram has dropped as too old; returns how often."""
    updates = world.box.world.updates
    updates.expire()
    lost, updates.lost = updates.lost, []
    for update in lost:
        _say_again(world, update)
    return len(lost)


def _say_again(world: City, update: Pending) -> None:
    person = world.box.person(update.chat)
    said: Any = update.body.get("callback_query") or update.body.get("message")
    if "data" in said:
        message = world.box.world.chat(update.chat).find(said["message"]["message_id"])
        assert message is not None
        world.box.world.press(world.box.world.chat(update.chat), person.user, message, said["data"])
    else:
        person.send(said["text"])


async def forward(world: City, _chance: random.Random) -> None:
    """The bot's clock is set forward by a day, by mistake."""
    leap(world, DAY, telegram=False)


async def backward(world: City, _chance: random.Random) -> None:
    """The bot's clock is set back by a day, while an answer waits to be sent again: it must not wait that day."""
    stranger = world.box.person(STRANGERS, first_name="Tamu")
    heard = len(stranger.received)
    plan = world.box.faults.plan(Fault.STATUS_BEFORE, "sendMessage", times=None, status=502)
    stranger.send("/bantuan")
    await world.until(lambda: bool(world.query(TRIED, stranger.id)))
    leap(world, -DAY, telegram=False)
    plan.cancel()
    await world.until(lambda: len(stranger.received) > heard)


async def asleep(world: City, _chance: random.Random) -> None:
    """The machine stands still for eight hours; then a night and a morning pass."""
    assert world.process is not None
    with suppress(ProcessLookupError):
        os.kill(world.process.pid, signal.SIGSTOP)
        leap(world, NIGHT, telegram=True)
        os.kill(world.process.pid, signal.SIGCONT)
    await asyncio.sleep(0.5)
    say_again(world)
    await asyncio.sleep(0.5)
    leap(world, DAY - NIGHT, telegram=True)
    say_again(world)


@dataclass(frozen=True)
class Jump:
    """Something that happens to the clock."""

    name: str
    harm: Callable[[City, random.Random], Awaitable[None]]


JUMPS = (
    Jump("wall clock a day forward", forward),
    Jump("wall clock a day back", backward),
    Jump("asleep for eight hours", asleep),
)


async def days_pass(world: City, days: int) -> None:
    """Let days pass, and everybody do what there is to do, about noon and in the afternoon."""
    for _ in range(days):
        for length in (AFTERNOON, DAY - AFTERNOON):
            assert await world.walk(world.walkers, 120), world.logged()[-3000:]
            leap(world, length, telegram=True)
            say_again(world)
            await world.settle()
    assert await world.walk(world.walkers, 120)


async def on_a_bad_clock(folder: Path, rounds: int, seed: int = 5) -> list[Row]:
    """Serve people, one touch a day at most, while the clock jumps: so many rounds of each jump."""
    chance = random.Random(seed)
    rows = {jump.name: Row(jump.name) for jump in JUMPS}
    async with city(folder, clock=True, touches_per_day="1") as world:
        await world.rise()
        first = world.newcomers(1)[0]
        await days_pass(world, DAYS_OF_A_JOURNEY)
        world.measure = world.told(first), world.kept(first)
        assert len(first.said) == 3
        for number in range(rounds * len(JUMPS)):
            jump = JUMPS[number % len(JUMPS)]
            world.newcomers(1)
            serving = asyncio.create_task(world.walk(world.walkers, 120))
            await asyncio.sleep(chance.random() * 1.5)
            await jump.harm(world, chance)
            assert await serving, world.logged()[-3000:]
            rows[jump.name].tried += 1
            rows[jump.name].survived += 1
        # The clock may be a day behind by now: what was planned before it was set back is due later.
        await days_pass(world, DAYS_OF_A_JOURNEY + 2)
        row = Row("all")
        world.compare(row)
        world.sound()
        assert (row.lost, row.doubled, world.named()) == (0, 0, 0)
        assert most_touches_a_day(world) == 1
        assert world.query("SELECT count(*) FROM incoming WHERE state <> 'done'") == [(0,)]
        assert world.stop() == 0
    return list(rows.values())


def most_touches_a_day(world: City) -> int:
    """The most touches that one person had on one day by the bot's clock: each step that was sent is one."""
    sent = world.query(
        "SELECT t.person_id, u.day, u.id FROM touchpoint t JOIN touch u ON u.id = t.touch_id"
        " WHERE t.sent_at IS NOT NULL"
    )
    assert len(sent) == 3 * len(world.walkers), (len(sent), len(world.walkers))
    return max(Counter((person, day) for person, day, _ in set(sent)).values())


async def three_days_away(folder: Path, people: int, per_second: int = 5) -> Row:
    """Telegram cannot be reached for three days, just as a broadcast leaves and people write."""
    row = Row("Telegram away for three days", 1)
    async with city(folder, clock=True, per_second=per_second) as world:
        world.more[SILENT_POLLER] = "2"
        await rehearse(world)
        await world.rise()
        assert await world.walk(world.newcomers(people))
        # They join, and then their line breaks in the middle of it.
        late = world.newcomers(3)
        announcer = world.announcer()
        world.announced[announcer.text] = len(world.walkers) - len(late)
        for _ in range(200):
            announcer.act()
            for each in late:
                each.act()
            if world.query(COPIES)[0][0] > 2:
                break
            await asyncio.sleep(0.03)
        await world.box.close_door()
        for each in late:
            each.act()
        waits = world.query(
            "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'leased') AND expires_at IS NOT NULL"
        )
        assert waits[0][0] >= people // 2
        for _ in range(6):
            # Long enough for the bot to find that it is alone, and to end what has got too old.
            await asyncio.sleep(1)
            leap(world, DAY / 2, telegram=True)
            await world.until(lambda: world.noted_since(LAST_LOOK, world.now() - timedelta(seconds=1)))
        too_old = "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'leased') AND expires_at <= ?"
        await world.until(lambda: world.query(too_old, _text(world)) == [(0,)])
        calls = len(world.box.world.calls)
        world.box.open_door()
        await world.until(lambda: len(world.box.world.calls) > calls, 60)
        say_again(world)
        assert await world.walk([*world.walkers, announcer], 120), world.logged()[-3000:]
        await days_pass(world, 2)
        _nothing_late(world)
        _paced(world, calls, per_second)
        told = [message.text for message in world.box.person(ADMIN).received]
        assert any("bot tidak menerima kiriman dari Telegram" in text for text in told), told[-5:]
        world.compare(row)
        row.named = world.named()
        row.survived = 1
        assert row.lost == 0
        assert row.doubled <= row.named <= 16
        assert world.query("SELECT count(*) FROM incoming WHERE state <> 'done'") == [(0,)]
        world.sound()
        assert world.stop() == 0
    return row


def _text(world: City) -> str:
    return world.now().isoformat(timespec="microseconds")


def _nothing_late(world: City) -> None:
    """No message reached a chat after its row had expired, by the server's own date; and some rows did expire."""
    assert world.query("SELECT count(*) FROM outbox WHERE state = 'expired'")[0][0] > 0
    for telegram_id, message_id, expires in world.query(
        "SELECT telegram_id, message_id, expires_at FROM outbox"
        " WHERE state = 'sent' AND message_id IS NOT NULL AND expires_at IS NOT NULL"
    ):
        sent = world.box.world.chats[telegram_id].messages[message_id].date
        assert sent <= datetime.fromisoformat(expires).timestamp()


def _paced(world: City, since: int, per_second: int) -> None:
    """What had waited leaves at the pace that is set, and not as a herd."""
    moments = [call.monotonic for call in world.box.world.calls[since:] if call.method == "copyMessage"]
    assert len(moments) > per_second
    busiest = max(sum(0 <= other - moment < 1 for other in moments) for moment in moments)
    assert busiest <= per_second + 1


async def numbers_begin_anew(folder: Path) -> Row:
    """After eight days of silence update_id begins anew, lower than all that came before."""
    row = Row("update_id lower after eight days", 1)
    async with city(folder, clock=True) as world:
        await rehearse(world)
        await world.rise()
        assert await world.walk(world.newcomers(1))
        leap(world, timedelta(days=8), telegram=True)
        world.box.world.updates.next_id = 5
        assert await world.walk(world.newcomers(2), 120), world.logged()[-3000:]
        fetches = world.box.world.fetches
        await asyncio.sleep(2)
        # Held open and not asked again and again.
        assert world.box.world.fetches - fetches <= 2
        world.compare(row)
        row.survived = 1
        assert (row.lost, row.doubled, world.named()) == (0, 0, 0)
        assert world.query("SELECT count(*) FROM incoming WHERE update_id < 1000")[0][0] > 0
        assert world.query("SELECT count(*) FROM incoming WHERE state <> 'done'") == [(0,)]
        world.sound()
        assert world.stop() == 0
    return row
