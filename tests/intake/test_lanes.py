"""Updates once stored: one effect each, in order for a chat, and none holds up the others."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from bot.intake import lanes as lanes_module
from bot.intake.receiving import lane_of
from bot.store import database, incoming
from bot.store.database import Store
from bot.store.incoming import Incoming
from tests.intake.conftest import Way, message


async def test_an_update_that_comes_twice_has_one_effect(way: Way) -> None:
    await way.receiver.receive([message(1, 10, "a")])
    await way.quiet()
    await way.receiver.receive([message(1, 10, "a"), message(2, 10, "b")])
    await way.quiet()
    assert await way.said() == [(10, "a"), (10, "b")]


async def test_an_update_that_comes_many_times_at_once_has_one_effect(way: Way) -> None:
    async def slow(_chat: int, _text: str) -> None:
        await asyncio.to_thread(lambda: None)

    way.doing = slow
    same = [message(1, 10, "a"), message(2, 10, "b"), message(1, 10, "a")]
    await asyncio.gather(*(way.receiver.receive(same) for _ in range(8)))
    await way.quiet()
    assert await way.said() == [(10, "a"), (10, "b")]
    assert way.effects == [(10, "a"), (10, "b")]


async def test_a_row_that_is_handed_over_twice_has_one_effect(way: Way) -> None:
    """As after a start while the same updates come in again."""
    await way.store.write(
        lambda db: incoming.keep(db, way.clock.now(), [(1, 10, '{"message": {"chat": {"id": 10}, "text": "a"}}')])
    )
    way.lanes.submit(await way.lanes.unfinished())
    way.lanes.submit(await way.lanes.unfinished())
    await way.quiet()
    assert await way.said() == [(10, "a")]


async def test_more_chats_than_room_and_such_as_come_while_others_end_are_all_served(way: Way) -> None:
    served: list[int] = []

    async def handle(row: Incoming) -> bool:
        served.append(row.lane)
        return True

    lanes, number = lanes_module.Lanes(way.store, way.clock, handle), 0
    for turn in range(40):
        coming = range(number, number + 100)
        lanes.submit(Incoming(chat, chat, "{}", 0) for chat in coming)
        number = coming.stop
        for _ in range(turn % 4):
            await asyncio.sleep(0)
        lanes.submit([Incoming(number, number, "{}", 0)])
        number += 1
        for _ in range(100):
            await asyncio.sleep(0)
        assert sorted(served) == list(range(number))


@pytest.mark.parametrize(("days", "effects"), [(0, 1), (1, 1), (8, 2)])
async def test_ids_that_start_anew_are_new_updates(way: Way, days: int, effects: int) -> None:
    """After a silent week Telegram numbers from anywhere, also lower, also the same."""
    await way.receiver.receive([message(500, 10, "dahulu")])
    await way.quiet()
    way.clock.advance(timedelta(days=days))
    await way.receiver.receive([message(500, 10, "sekarang"), message(3, 10, "lebih rendah")])
    await way.quiet()
    assert [text for _, text in await way.said()] == [*["dahulu", "sekarang"][:effects], "lebih rendah"]


async def test_a_clock_set_back_makes_no_repetition_new(way: Way) -> None:
    await way.receiver.receive([message(1, 10, "a")])
    await way.quiet()
    way.clock.advance(timedelta(days=-30))
    await way.receiver.receive([message(1, 10, "a")])
    await way.quiet()
    assert await way.said() == [(10, "a")]


async def test_a_chats_order_is_kept_while_another_hangs(way: Way) -> None:
    gate = asyncio.Event()

    async def hangs(chat: int, _text: str) -> None:
        if chat == 10:
            await gate.wait()
        else:
            # Those that are quick by nature must not overtake the slow ones of the same chat.
            await asyncio.to_thread(lambda: None)

    way.doing = hangs
    await way.receiver.receive([message(n, 10 if n % 2 else 20 + n % 4, str(n)) for n in range(1, 31)])
    await way.receiver.receive([message(100 + n, 20, f"x{n}") for n in range(5)])
    await way.until(lambda: len(way.effects) == 20)
    assert 10 not in {chat for chat, _ in await way.said()}
    gate.set()
    await way.quiet()
    for chat in (10, 20, 22):
        expected = [str(n) for n in range(1, 31) if (10 if n % 2 else 20 + n % 4) == chat]
        expected += [f"x{n}" for n in range(5)] if chat == 20 else []
        assert [text for who, text in await way.said() if who == chat] == expected


async def test_a_poisonous_update_is_tried_three_times_then_kept_aside(way: Way) -> None:
    tries = []

    async def poisoned(_chat: int, text: str) -> None:
        if text == "racun":
            tries.append(text)
            raise ValueError("rahasia orang")

    way.doing = poisoned
    await way.receiver.receive([message(1, 10, "a"), message(2, 10, "racun"), message(3, 10, "b"), message(4, 20, "c")])
    await way.quiet()
    assert len(tries) == 3
    assert sorted(await way.said()) == [(10, "a"), (10, "b"), (20, "c")]
    assert await way.states() == {1: "done", 2: "aside", 3: "done", 4: "done"}
    kept = await way.store.read(lambda db: db.execute("SELECT * FROM incoming WHERE state = 'aside'").fetchone())
    assert (kept["attempts"], kept["error"]) == (3, "ValueError")
    assert "racun" in kept["raw"]
    done = await way.store.read(
        lambda db: db.execute("SELECT DISTINCT raw FROM incoming WHERE state = 'done'").fetchall()
    )
    assert [tuple(r) for r in done] == [(None,)]


async def test_tries_are_counted_over_starts(way: Way) -> None:
    """What kills the process each time is kept aside as well, and not tried for ever."""
    tries = []

    async def fails(_chat: int, _text: str) -> None:
        tries.append(1)
        raise ValueError

    way.doing = fails
    await way.store.write(
        lambda db: incoming.keep(db, way.clock.now(), [(1, 10, '{"message": {"chat": {"id": 10}, "text": "a"}}')])
    )
    await way.store.write(lambda db: incoming.failed(db, 1, way.clock.now(), "x"))
    await way.store.write(lambda db: incoming.failed(db, 1, way.clock.now(), "x"))
    way.lanes.submit(await way.lanes.unfinished())
    await way.quiet()
    assert len(tries) == 1
    assert await way.states() == {1: "aside"}


async def test_a_failure_that_passes_loses_nothing_and_keeps_the_order(way: Way) -> None:
    failures = iter([True, True, False, True])

    async def fails(_chat: int, _text: str) -> None:
        if next(failures, False):
            raise OSError

    way.doing = fails
    await way.receiver.receive([message(n, 10, str(n)) for n in range(1, 5)])
    await way.quiet()
    assert [text for _, text in await way.said()] == ["1", "2", "3", "4"]


async def test_what_hangs_for_ever_is_ended(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes_module, "LONGEST_HANDLING", 0.02)

    async def hangs(_chat: int, text: str) -> None:
        if text == "1":
            await asyncio.Event().wait()

    way.doing = hangs
    await way.receiver.receive([message(1, 10, "1"), message(2, 10, "2")])
    await way.quiet()
    assert await way.said() == [(10, "2")]
    assert await way.states() == {1: "aside", 2: "done"}


async def test_what_was_under_way_at_a_stop_is_handled_after_the_start_in_order(way: Way) -> None:
    gate = asyncio.Event()

    async def hangs(_chat: int, _text: str) -> None:
        await gate.wait()

    way.doing = hangs
    await way.receiver.receive([message(n, 10, str(n)) for n in range(1, 6)])
    await way.lanes.stop(0.02)
    assert set((await way.states()).values()) == {"waiting"}
    way.doing = None
    way.start()
    way.lanes.submit(await way.lanes.unfinished())
    await way.receiver.receive([message(6, 10, "6")])
    await way.quiet()
    assert [text for _, text in await way.said()] == ["1", "2", "3", "4", "5", "6"]


async def test_a_locked_file_costs_no_update(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    path = way.store.path
    async with Store(path) as hasty:
        way.store = hasty
        way.start()
        entered, go_on = asyncio.Event(), asyncio.Event()

        async def waits(_chat: int, text: str) -> None:
            if text == "1":
                entered.set()
                await go_on.wait()

        way.doing = waits
        await way.receiver.receive([message(n, 10, str(n)) for n in range(1, 4)])
        await entered.wait()
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            go_on.set()
            refused = 0
            with pytest.raises(sqlite3.OperationalError):
                await hasty.write(lambda db: None)
            while refused < 5:
                with pytest.raises(sqlite3.OperationalError):
                    await way.receiver.receive([message(9, 20, "tidak tersimpan")])
                refused += 1
            other.execute("COMMIT")
        await way.quiet()
        assert [text for _, text in await way.said()] == ["1", "2", "3"]
        assert set((await way.states()).values()) == {"done"}
        # The lock counts as no try: else two of them would leave an update one.
        tries = await hasty.read(lambda db: db.execute("SELECT max(attempts) FROM incoming").fetchone()[0])
        assert tries == 0


async def test_handled_updates_are_forgotten_after_two_days_and_those_aside_after_a_week(way: Way) -> None:
    async def fails(_chat: int, text: str) -> None:
        if text == "racun":
            raise ValueError

    way.doing = fails
    await way.receiver.receive([message(1, 10, "a"), message(2, 10, "racun")])
    await way.quiet()
    for days, left in ((1, {1, 2}), (1, {2}), (4, {2}), (1, set())):
        way.clock.advance(timedelta(days=days, minutes=1))
        await way.store.write(lambda db: incoming.forget_old(db, way.clock.now()))
        assert set(await way.states()) == left


@pytest.mark.parametrize(
    ("update", "lane"),
    [
        ({"message": {"chat": {"id": 5}, "from": {"id": 6}}}, 5),
        ({"edited_message": {"chat": {"id": 5}}}, 5),
        ({"callback_query": {"from": {"id": 5}, "message": {"chat": {"id": 7}}}}, 5),
        ({"poll_answer": {"user": {"id": 5}}}, 5),
        ({"my_chat_member": {"chat": {"id": 5}, "from": {"id": 5}}}, 5),
        ({"message": "?"}, 0),
        ({"message": {"chat": {"id": "5"}}}, 0),
        ({"something_new": {"chat": {"id": 5}}}, 0),
        ({}, 0),
    ],
)
def test_whose_order_an_update_keeps(update: dict[str, object], lane: int) -> None:
    assert lane_of({"update_id": 1} | update) == lane


def _unwanted(way: Way) -> lanes_module.Lanes:
    async def handle(_row: Incoming) -> bool:
        return False

    return lanes_module.Lanes(way.store, way.clock, handle)


async def _kept(way: Way, count: int) -> list[Incoming]:
    batch = [(number, number % 7, "{}") for number in range(1, count + 1)]
    return await way.store.write(lambda db: incoming.keep(db, way.clock.now(), batch))


async def test_what_nobody_wanted_is_marked_done_many_at_once_and_holds_nothing_any_more(way: Way) -> None:
    rows = await _kept(way, 300)
    writes = 0
    quietly = way.store.write_quietly

    async def counted(work: Any) -> Any:
        nonlocal writes
        writes += 1
        return await quietly(work)

    way.store.write_quietly = counted  # type: ignore[method-assign]
    way.lanes = _unwanted(way)
    way.lanes.submit(rows)
    assert not way.lanes.idle
    await way.quiet()
    assert set((await way.states()).values()) == {"done"}
    assert await way.store.read(lambda db: db.execute("SELECT count(raw) FROM incoming").fetchone()[0]) == 0
    assert writes < 30


async def test_a_stop_marks_what_nobody_wanted_before_it_ends(way: Way) -> None:
    way.lanes = _unwanted(way)
    way.lanes.submit(await _kept(way, 7))
    await asyncio.sleep(0)
    await way.lanes.stop(5)
    assert set((await way.states()).values()) == {"done"}
    assert way.lanes.idle


async def test_what_could_not_be_marked_done_is_marked_once_the_file_is_free(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes_module, "PAUSES", (0.0, 0.0))
    rows = await _kept(way, 3)
    await way.store.hurry()
    with closing(sqlite3.connect(way.store.path, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        way.lanes = _unwanted(way)
        way.lanes.submit(rows)
        await asyncio.wait({way.lanes._settling} - {None} or set(way.lanes._workers), timeout=0.5)
        assert set((await way.states()).values()) == {"waiting"}
        assert not way.lanes.idle
        foreign.execute("ROLLBACK")
    await way.quiet()
    assert set((await way.states()).values()) == {"done"}
