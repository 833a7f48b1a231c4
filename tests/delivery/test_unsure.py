"""Sends whose outcome is not known, and lines that are down: what came twice is counted, nothing is lost."""

from collections import Counter
from typing import Any

import pytest

from bot.clock import to_text
from bot.sandbox import Fault
from bot.store.outbox import Lane
from tests.delivery.conftest import START, Way, over_both


def to_chat(number: int) -> Any:
    return lambda _method, raw: str(raw.get("chat_id")) == str(number)


AFTER = [Fault.RESET_AFTER, Fault.HALF_AFTER, Fault.HTML_AFTER]
BEFORE = [Fault.RESET_BEFORE, Fault.HTML_BEFORE]


@over_both
@pytest.mark.parametrize("fault", AFTER)
@pytest.mark.parametrize("lane", [Lane.PEOPLE, Lane.BULK])
async def test_taken_but_not_told_it_doubles_once_and_is_counted(way: Way, fault: Fault, lane: Lane) -> None:
    for number in range(1, 6):
        await way.put(number, lane=lane)
    way.box.faults.plan(fault, "sendMessage", when=to_chat(3))
    way.run()
    await way.quiet()
    await way.later(minutes=10)
    assert Counter(way.order()) == {1: 1, 2: 1, 3: 2, 4: 1, 5: 1}
    if lane is Lane.BULK:
        rows = await way.store.read(lambda db: db.execute("SELECT * FROM outbox ORDER BY id").fetchall())
        assert [row["ambiguous"] for row in rows] == [0, 0, 1, 0, 0]
        assert {row["state"] for row in rows} == {"sent"}
    else:
        counted = await way.store.read(lambda db: db.execute("SELECT value FROM fact").fetchall())
        assert [row["value"] for row in counted] == ["1"]


@over_both
@pytest.mark.parametrize("fault", AFTER)
async def test_taken_and_never_told_it_is_named_and_goes_no_third_time(way: Way, fault: Fault) -> None:
    await way.put(1)
    way.box.faults.plan(fault, "sendMessage", times=None)
    way.run()
    await way.quiet()
    for _ in range(5):
        await way.later(hours=1)
    row = await way.row("halo:1")
    assert (row["state"], row["ambiguous"]) == ("unknown", 2)
    assert way.heard(1) == ["halo", "halo"]


@over_both
@pytest.mark.parametrize("fault", BEFORE)
async def test_not_taken_it_comes_once(way: Way, fault: Fault) -> None:
    await way.put(1)
    way.box.faults.plan(fault, "sendMessage")
    way.run()
    await way.quiet()
    await way.later(minutes=10)
    assert way.heard(1) == ["halo"]
    assert (await way.row("halo:1"))["state"] == "sent"


@over_both
@pytest.mark.parametrize("fault", BEFORE)
async def test_a_long_outage_that_breaks_every_answer_loses_nothing(way: Way, fault: Fault) -> None:
    """The one retry of an unknown outcome must not be spent while Telegram answers nobody."""
    for number in range(1, 6):
        await way.put(number)
        await way.put(number, "jawaban", lane=Lane.PEOPLE)
    plan = way.box.faults.plan(fault, times=None)
    way.run()
    await way.quiet()
    for minutes in (1, 2, 5, 10, 30):
        await way.later(minutes=minutes)
    assert plan.hits > 10
    plan.cancel()
    await way.later(minutes=10)
    await way.later(minutes=10)
    for number in range(1, 6):
        assert sorted(way.heard(number)) == ["halo", "jawaban"]


@over_both
async def test_telegrams_own_errors_are_waited_out(way: Way) -> None:
    for number in range(1, 4):
        await way.put(number)
    plan = way.box.faults.plan(Fault.STATUS_BEFORE, "sendMessage", times=None, status=502)
    way.run()
    await way.quiet()
    for _ in range(8):
        await way.later(minutes=6)
    plan.cancel()
    await way.later(minutes=6)
    assert Counter(way.order()) == {1: 1, 2: 1, 3: 1}
    assert set(await way.states()) == {"sent"}


@over_both
async def test_a_closed_door_doubles_nothing_and_loses_nothing(way: Way) -> None:
    for number in range(1, 21):
        await way.put(number)
    await way.box.close_door()
    way.run()
    await way.quiet()
    for _ in range(3):
        await way.later(minutes=6)
    assert way.order() == []
    assert set(await way.states()) == {"waiting"}
    way.box.open_door()
    await way.later(minutes=6)
    assert Counter(way.order()) == dict.fromkeys(range(1, 21), 1)
    assert await way.store.read(lambda db: db.execute("SELECT sum(ambiguous) FROM outbox").fetchone()[0]) == 0


async def test_answers_are_tried_again_sooner_than_bulk(way: Way) -> None:
    await way.put(1, "jawaban", lane=Lane.PEOPLE)
    await way.put(2, "siaran")
    await way.box.close_door()
    way.run()
    await way.quiet()
    waits = [(await way.row(key))["not_before"] for key in ("jawaban:1", "siaran:2")]
    assert to_text(START) < waits[0] < waits[1]
    way.box.open_door()
    await way.later(seconds=1)
    assert way.heard(1) == ["jawaban"]
