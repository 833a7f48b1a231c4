"""What the real Bot sends: in which order and how soon, what a refusal does, and what is noted of it."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import to_text
from bot.delivery.worker import MOST_BULK
from bot.sandbox import Fault
from bot.store import ledger, touches
from bot.store.outbox import Lane
from tests.delivery.conftest import START, Way, over_both, way_out


async def test_everything_queued_arrives_once(way: Way) -> None:
    for number in range(1, 61):
        assert await way.put(number)
    assert not await way.put(7)
    way.run()
    await way.quiet()
    assert Counter(way.order()) == dict.fromkeys(range(1, 61), 1)
    assert set(await way.states()) == {"sent"}


async def test_a_chat_hears_things_in_the_order_in_which_they_were_said(way: Way) -> None:
    for text in ("satu", "dua", "tiga", "empat"):
        for number in (1, 2, 3):
            await way.put(number, text, lane=Lane.PEOPLE)
    way.box.faults.latency = 0.01
    way.run()
    await way.quiet()
    for number in (1, 2, 3):
        assert way.heard(number) == ["satu", "dua", "tiga", "empat"]


async def test_an_answer_overtakes_the_bulk(tmp_path: Path) -> None:
    async with way_out(tmp_path, per_second=40) as way:
        for number in range(1, 41):
            await way.put(number)
        way.run()
        await way.until(lambda: len(way.order()) >= 3)
        await way.put(99, "jawaban", lane=Lane.PEOPLE)
        await way.until(lambda: way.heard(99))
        await way.quiet()
        assert way.order().index(99) < 30
        assert len(way.order()) == 41


async def test_a_notice_goes_before_the_rest_of_a_broadcast(tmp_path: Path) -> None:
    async with way_out(tmp_path, per_second=40) as way:
        for number in range(1, 41):
            await way.put(number)
        way.run()
        await way.until(lambda: len(way.order()) >= 3)
        await way.put(99, "sesi dipindah", lane=Lane.NOTICE)
        gone = len(way.order())
        await way.quiet()
        # At most those that were leased by then are before it.
        assert way.order().index(99) <= gone + MOST_BULK


# 429 --------------------------------------------------------------------------------------------------


@over_both
async def test_a_flood_halts_all_bulk_and_not_for_ever(way: Way) -> None:
    for number in range(1, 41):
        await way.put(number)
    way.box.world.limits.halt(1.2)
    way.run()
    async with asyncio.timeout(20):
        while len(way.order()) < 40:
            await way.later(seconds=2)
    # Without a halt each of the forty would have run into the wall, many of them several times.
    assert 1 <= way.box.world.limits.refused <= 2 * MOST_BULK
    assert Counter(way.order()) == dict.fromkeys(range(1, 41), 1)
    assert set(await way.states()) == {"sent"}
    assert (
        sum(row["ambiguous"] for row in await way.store.read(lambda db: db.execute("SELECT * FROM outbox").fetchall()))
        == 0
    )


async def test_answers_go_while_the_bulk_is_halted(way: Way) -> None:
    for number in range(1, 21):
        await way.put(number)
    way.box.faults.plan(
        Fault.STATUS_BEFORE, "sendMessage", times=None, status=429, retry_after=600,
        description="Too Many Requests: retry after 600", when=lambda _method, raw: int(raw["chat_id"]) <= 20,
    )  # fmt: skip
    way.run()
    await way.until(lambda: way.box.world.refused or way.box.faults._plans[0].hits)
    await way.put(99, "jawaban", lane=Lane.PEOPLE)
    await way.until(lambda: way.heard(99))
    assert way.order() == [99]
    assert way.box.faults._plans[0].hits <= 2 * MOST_BULK
    await way.kill()


async def test_a_limited_row_waits_as_long_as_it_was_told(way: Way) -> None:
    way.box.faults.flood(30, "sendMessage")
    await way.put(1, lane=Lane.PEOPLE)
    way.run()
    await way.quiet()
    row = await way.row("halo:1")
    assert row["not_before"] == to_text(START + timedelta(seconds=30))
    assert (row["attempts"], row["ambiguous"]) == (1, 0)
    await way.later(seconds=29)
    assert way.heard(1) == []
    await way.later(seconds=1)
    assert way.heard(1) == ["halo"]


# Refusals ---------------------------------------------------------------------------------------------


async def with_account(way: Way, number: int) -> None:
    way.person(number)
    await way.store.write(
        lambda db: db.execute(
            "INSERT INTO account (telegram_id, consented_at, notice_version) VALUES (?, 'x', '1')", (number,)
        )
    )


@pytest.mark.parametrize("how", ["block", "deactivate"])
async def test_who_cannot_be_reached_is_marked_and_hears_no_more(way: Way, how: str) -> None:
    await with_account(way, 1)
    await with_account(way, 2)
    for text in ("satu", "dua", "tiga"):
        await way.put(1, text, lane=Lane.NOTICE)
        await way.put(2, text, lane=Lane.NOTICE)
    getattr(way.people[1], how)()
    way.run()
    await way.quiet()
    assert way.heard(2) == ["satu", "dua", "tiga"]
    assert sorted(await way.states("telegram_id = 1")) == ["blocked", "cancelled", "cancelled"]
    marks = await way.store.read(
        lambda db: [tuple(r) for r in db.execute("SELECT telegram_id, reachable FROM account")]
    )
    assert marks == [(1, 0), (2, 1)]
    assert [refused.code for refused in way.box.world.refused] == [403]


@pytest.mark.parametrize(
    ("text", "template"), [("<b>tak ditutup", "words"), ("x" * 5000, "words"), ("", "words"), ("halo", "broken")]
)
async def test_a_defect_is_tried_once_and_recorded_and_others_go_on(way: Way, text: str, template: str) -> None:
    await way.put(1, text, key="rusak", template=template)
    await way.put(1, "sesudahnya")
    await way.put(2, "lain")
    way.run()
    await way.quiet()
    row = await way.row("rusak")
    assert (row["state"], row["attempts"], row["ambiguous"]) == ("failed", 1, 0)
    assert row["error"]
    assert (way.heard(1), way.heard(2)) == (["sesudahnya"], ["lain"])
    assert [refused.code for refused in way.box.world.refused] == ([] if template == "broken" else [400])
    await way.later(days=1)
    assert (await way.row("rusak"))["attempts"] == 1


# Time -------------------------------------------------------------------------------------------------


async def touchpoint(way: Way, number: int) -> int:
    """A step of a person that the gate has let through, whose message is queued."""

    def work(db: Any) -> int:
        db.execute("INSERT OR IGNORE INTO unit (id, name) VALUES (1, 'Dinas')")
        db.execute("INSERT INTO person VALUES (?, ?, 'Nama', 'Staf', 1, NULL, '2025', NULL)", (number, str(number)))
        db.execute(
            "INSERT OR IGNORE INTO session (id, title, place, start_at, end_at, journey, payload, created_at)"
            " VALUES (1, 'Sesi', 'Aula', '2025', '2026', 'default', 'p', '2025')"
        )
        part = ledger.add_participant(db, 1, number, START, guest=False)
        row = db.execute("SELECT * FROM participant WHERE id = ?", (part,)).fetchone()
        ledger.plan_step(db, START, row, "komitmen", "commitment", due=START, until=None, notice=False, past=None)
        found = int(db.execute("SELECT id FROM touchpoint WHERE person_id = ?", (number,)).fetchone()[0])
        touch = touches.begin(db, START, number, START.date(), "journey", counts=True)
        touches.release(db, START, found, touch, "due", closes=None, remind=None)
        return found

    return int(await way.store.write(work))


async def test_what_is_too_late_is_never_sent_and_goes_back_to_the_gate(way: Way) -> None:
    step = await touchpoint(way, 1)
    await way.put(1, facts={"touchpoints": [step]}, expires_at=START + timedelta(hours=5))
    await way.put(2, "masih berlaku", expires_at=START + timedelta(hours=7))
    await way.box.close_door()
    way.run()
    await way.quiet()
    way.clock.advance(timedelta(hours=6))
    way.box.open_door()
    await way.later(minutes=10)
    assert way.heard(1) == []
    assert way.heard(2) == ["masih berlaku"]
    assert (await way.row("halo:1"))["state"] == "expired"
    row = await way.store.read(lambda db: ledger.touchpoint(db, step))
    assert (row["state"], row["reason"]) == ("deferred", "not_delivered")
    assert row["look_at"] is not None
    assert await way.store.read(lambda db: touches.on_day(db, 1, START.date())) == 0


async def test_a_sent_touch_is_noted_with_its_time_and_message(way: Way) -> None:
    step = await touchpoint(way, 1)
    await way.put(1, facts={"touchpoints": [step], "touchpoint": step})
    way.run()
    await way.quiet()
    row = await way.store.read(lambda db: ledger.touchpoint(db, step))
    assert (row["state"], row["sent_at"]) == ("sent", to_text(START))
    shown = await way.store.read(lambda db: db.execute("SELECT message_id, touchpoint_id FROM shown").fetchone())
    assert tuple(shown) == (way.people[1].last.id, step)


async def test_an_answer_that_overtakes_the_record_of_its_touch_leaves_it_a_sent_one(way: Way) -> None:
    """The message is there, and answered, before the store hears that it went."""
    step = await touchpoint(way, 1)
    await way.put(1, facts={"touchpoints": [step], "touchpoint": step})
    row = await way.store.read(lambda db: ledger.touchpoint(db, step))
    assert await way.store.write(lambda db: touches.answered(db, START, row))
    way.run()
    await way.quiet()
    row = await way.store.read(lambda db: ledger.touchpoint(db, step))
    assert (row["state"], row["sent_at"], row["answered_at"]) == ("sent", to_text(START), to_text(START))


async def test_a_touch_of_who_blocked_the_bot_is_cancelled(way: Way) -> None:
    step = await touchpoint(way, 1)
    await way.put(1, facts={"touchpoints": [step]})
    way.people[1].block()
    way.run()
    await way.quiet()
    row = await way.store.read(lambda db: ledger.touchpoint(db, step))
    assert (row["state"], row["reason"]) == ("cancelled", "blocked")
