"""Kills, stops, clocks that are set back and locked files: what is under way is finished, found again or counted."""

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.delivery.worker import MOST_BULK
from bot.sandbox import Fault
from bot.store.outbox import Lane
from tests.delivery.conftest import START, Way, over_both, way_out


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=3)])
async def test_a_clock_that_is_set_back_holds_up_no_message(way: Way, back: timedelta) -> None:
    await way.put(1, "sebelum")
    await way.put(3, "nanti", not_before=START + timedelta(hours=2))
    await way.box.close_door()
    way.run()
    await way.quiet()
    way.clock.advance(-back)
    await way.put(2, "sesudah")
    way.box.open_door()
    assert way.delivery is not None
    way.delivery.wake()
    await way.until(lambda: way.heard(1) and way.heard(2))
    await way.later(minutes=1)
    assert (way.heard(1), way.heard(2), way.heard(3)) == (["sebelum"], ["sesudah"], [])


async def test_a_clock_that_was_set_back_while_nothing_ran_holds_up_no_message(way: Way) -> None:
    await way.put(1)
    await way.put(2, not_before=START + timedelta(hours=2))
    way.clock.advance(-timedelta(days=3))
    way.run()
    await way.until(lambda: way.heard(1))
    await way.later(minutes=1)
    assert (way.heard(1), way.heard(2)) == (["halo"], [])


@over_both
@pytest.mark.parametrize("fault", [Fault.HANG_BEFORE, Fault.HANG_AFTER])
async def test_killed_in_the_middle_nothing_is_lost_and_doubles_are_counted(way: Way, fault: Fault) -> None:
    for number in range(1, 31):
        await way.put(number)
        await way.put(100 + number, lane=Lane.PEOPLE)
    plan = way.box.faults.plan(fault, "sendMessage", times=None, when=lambda _m, raw: int(raw["chat_id"]) % 10 == 5)
    way.run()
    # 5 and 15, 105 and 115 ... hang; the others go round them until only they are under way.
    await way.under_way(6)
    await way.kill()
    assert (await way.states("state = 'leased'")) == ["leased"] * 6
    plan.cancel()
    way.run()
    await way.quiet()
    copies = 2 if fault is Fault.HANG_AFTER else 1
    hanging = {number for number in way.people if number % 10 == 5}
    assert Counter(way.order()) == {number: copies if number in hanging else 1 for number in way.people}
    named = await way.store.read(
        lambda db: [r[0] for r in db.execute("SELECT telegram_id FROM outbox WHERE ambiguous")]
    )
    assert sorted(named) == [5, 15, 25]
    answers = await way.store.read(
        lambda db: db.execute("SELECT value FROM fact WHERE name = 'ambiguous_answers'").fetchone()[0]
    )
    assert answers == "3"


async def test_killed_again_and_again_everything_arrives(way: Way) -> None:
    for number in range(1, 81):
        await way.put(number)
    way.box.faults.latency = 0.004
    killed = 0
    while len(set(way.order())) < 80:
        # More than are under way at once, every other time: so some have been recorded, and the next life goes on.
        enough = len(way.order()) + 3 + 9 * (killed % 2)
        way.run()
        await way.until(lambda enough=enough: len(way.order()) > enough or len(set(way.order())) == 80)  # type: ignore[misc]
        await way.kill()
        killed += 1
    way.run()
    await way.quiet()
    assert killed > 3
    assert set(way.order()) == set(range(1, 81))
    assert set(await way.states()) == {"sent"}
    counted = await way.store.read(lambda db: db.execute("SELECT sum(ambiguous) FROM outbox").fetchone()[0])
    assert len(way.order()) - 80 <= counted <= killed * MOST_BULK, killed


async def test_stopping_finishes_what_is_under_way_and_leaves_the_rest(tmp_path: Path) -> None:
    async with way_out(tmp_path, per_second=100) as way:
        for number in range(1, 101):
            await way.put(number)
        way.run()
        await way.until(lambda: len(way.order()) >= 5)
        await way.stop()
        states = Counter(await way.states())
        assert set(states) == {"sent", "waiting"}
        assert states["sent"] == len(way.order())
        way.run()
        await way.quiet()
        assert Counter(way.order()) == dict.fromkeys(range(1, 101), 1)


async def test_stopping_waits_for_nobody_whose_moment_is_still_to_come(tmp_path: Path) -> None:
    async with way_out(tmp_path, per_second=0.1) as way:
        for number in range(1, 21):
            await way.put(number)
        way.run()
        await way.until(way.order)
        await way.stop()
        gone = len(way.order())
        # The first, and at most one whose moment came meanwhile; the others that are leased have up to 70 s to go.
        assert gone <= 2
        assert Counter(await way.states()) == {"sent": gone, "waiting": 20 - gone}
        assert set(await way.states("attempts > 0 OR ambiguous")) <= {"sent"}


async def test_outcomes_wait_for_a_locked_file_and_are_not_forgotten(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    write = way.store.write_quietly
    refused: list[int] = []

    async def full_disk(work: Any) -> Any:
        if len(refused) < 2 and getattr(work, "keywords", {}).get("results"):
            refused.append(1)
            raise OSError("no space left")
        return await write(work)

    monkeypatch.setattr("bot.delivery.worker.LONGEST_WAIT", 0.01)
    monkeypatch.setattr(way.store, "write_quietly", full_disk)
    await way.put(1)
    way.run()
    await way.quiet()
    assert len(refused) == 2
    assert way.heard(1) == ["halo"]
    assert await way.states() == ["sent"]


async def test_a_locked_file_holds_messages_up_and_ends_nothing(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    write = way.store.write_quietly
    refused: list[sqlite3.Error] = []

    async def watched(work: Any) -> Any:
        try:
            return await write(work)
        except sqlite3.Error as error:
            refused.append(error)
            raise

    monkeypatch.setattr("bot.delivery.worker.LONGEST_WAIT", 0.01)
    monkeypatch.setattr(way.store, "write_quietly", watched)
    await way.store.hurry()
    await way.put(1, not_before=START + timedelta(minutes=1))
    # Once this has gone the start is over, which would wait for the lock by itself.
    await way.put(2)
    way.run()
    await way.quiet()
    task = way.task
    assert task is not None
    with closing(sqlite3.connect(way.store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        way.clock.advance(timedelta(minutes=2))
        await way.until(lambda: len(refused) > 2 or task.done())
        assert not task.done()
        assert way.heard(1) == []
        other.execute("COMMIT")
    await way.quiet()
    assert way.heard(1) == ["halo"]
