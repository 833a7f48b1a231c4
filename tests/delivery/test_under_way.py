"""What is under way at once, what overtakes what, and what goes up only once."""

import asyncio
from typing import Any

import pytest

from bot.clock import SystemClock
from bot.delivery.worker import MOST_BULK, MOST_UNDER_WAY
from bot.sandbox import Fault
from bot.store.outbox import Lane, Row
from messages.outgoing import Outgoing
from tests.delivery.conftest import PATIENCE, Way

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000" + "1f15c489"
    "0000000d49444154789c6360f8cf500f00038101805a34f7720000000049454e44ae426082"
)


def hold(way: Way, when: Any = None) -> Any:
    """Let no call come back until the plan is cancelled."""
    return way.box.faults.plan(Fault.HANG_BEFORE, "sendMessage", times=None, when=when)


async def leased(way: Way, lane: Lane) -> int:
    return len(await way.states("state = 'leased' AND lane = ?", int(lane)))


async def until(way: Way, lane: Lane, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while await leased(way, lane) != count:
            await way.box.world.bell.heard(0.02)


async def test_bulk_leaves_half_of_the_line_to_people(way: Way) -> None:
    for number in range(1, 31):
        await way.put(number)
    hold(way)
    way.run()
    await until(way, Lane.BULK, MOST_BULK)
    for number in range(101, 131):
        await way.put(number, "jawaban", lane=Lane.PEOPLE)
    await until(way, Lane.PEOPLE, MOST_UNDER_WAY - MOST_BULK)
    assert await leased(way, Lane.BULK) == MOST_BULK
    await way.kill()


async def test_people_take_the_whole_line_while_no_bulk_goes(way: Way) -> None:
    for number in range(1, 31):
        await way.put(number, "jawaban", lane=Lane.PEOPLE)
    hold(way)
    way.run()
    await until(way, Lane.PEOPLE, MOST_UNDER_WAY)
    await way.put(500)
    await asyncio.sleep(0)
    assert await leased(way, Lane.BULK) == 0
    await way.kill()


async def test_never_more_under_way_than_promised_also_while_outcomes_are_recorded(way: Way) -> None:
    """At each commit: what is leased then is what a kill would leave in doubt."""
    most: list[int] = []
    write = way.store.write_quietly

    async def counted(work: Any) -> Any:
        def and_count(db: Any) -> Any:
            found = work(db)
            most.append(db.execute("SELECT count(*) FROM outbox WHERE state = 'leased'").fetchone()[0])
            return found

        return await write(and_count)

    way.store.write_quietly = counted  # type: ignore[method-assign]
    for number in range(1, 201):
        await way.put(number, lane=Lane.PEOPLE if number % 2 else Lane.BULK)
    way.run()
    await way.quiet()
    assert sorted(way.order()) == list(range(1, 201))
    assert max(most) <= MOST_UNDER_WAY
    assert most[-1] == 0
    # Outcomes and the next leases share their commits.
    assert len(most) < 200


async def test_an_answer_that_met_trouble_goes_again_without_waiting_for_the_next_look(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.worker.LONGEST_WAIT", 600)
    way.clock = SystemClock()  # type: ignore[assignment]
    await way.put(1, "jawaban", lane=Lane.PEOPLE)
    plan = way.box.faults.plan(Fault.STATUS_BEFORE, "sendMessage", status=502)
    way.run()
    await way.until(lambda: way.heard(1) == ["jawaban"])
    assert plan.hits == 1


async def test_the_same_picture_goes_up_once_and_to_the_rest_by_its_id(way: Way) -> None:
    async def picture(row: Row) -> Outgoing:
        return Outgoing("photo", row.facts["words"], file=PNG, file_name="ringkasan.png")

    way.composer._makers = {"picture": picture}  # type: ignore[assignment]
    for number in range(1, 13):
        await way.put(number, f"minggu {number}", template="picture", lane=Lane.NOTICE)
    way.run()
    await way.quiet()
    sent = [call.params["photo"] for call in way.box.world.calls if call.method == "sendPhoto"]
    assert len(sent) == 12
    assert [isinstance(photo, str) for photo in sent].count(False) == 1, sent
    assert way.heard(7) == ["minggu 7"]
    # Once Telegram does not know the id any more, the picture goes up again.
    assert way.delivery is not None
    uploads = way.delivery._uploads
    for key in uploads._known:
        uploads._known[key] = "tak-dikenal"
    await way.put(20, "minggu 20", template="picture", lane=Lane.NOTICE)
    await way.quiet()
    assert way.heard(20) == ["minggu 20"]
