"""The outbox's own rules, without a network."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store import outbox
from bot.store.database import connect, prepare
from bot.store.outbox import Lane

NOW = datetime(2025, 11, 18, 5, 0, tzinfo=UTC)
ALL = (Lane.PEOPLE, Lane.BULK)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    prepare(tmp_path / "sinar.db")
    with closing(connect(tmp_path / "sinar.db")) as made:
        yield made


def put(db: sqlite3.Connection, chat: int, key: str, lane: Lane = Lane.BULK, later: int = 0, **more: object) -> bool:
    return outbox.put(
        db,
        NOW,
        chat,
        "words",
        {},
        key=key,
        lane=lane,
        not_before=NOW + timedelta(seconds=later),
        **more,  # type: ignore[arg-type]
    )


def keys(rows: list[outbox.Row]) -> list[str]:
    return [row.dedupe_key for row in rows]


def test_the_same_key_is_queued_once_even_after_it_was_sent(db: sqlite3.Connection) -> None:
    assert put(db, 1, "a")
    assert not put(db, 1, "a")
    (row,) = outbox.lease(db, NOW, ALL, 10, [])
    outbox.finish(db, row, NOW, "sent", message_id=5)
    assert not put(db, 1, "a")
    assert outbox.lease(db, NOW, ALL, 10, []) == []


def test_lanes_go_in_their_order_and_each_in_the_order_of_time(db: sqlite3.Connection) -> None:
    put(db, 1, "bulk", Lane.BULK)
    put(db, 2, "touch", Lane.TOUCH)
    put(db, 3, "notice", Lane.NOTICE)
    put(db, 4, "answer", Lane.PEOPLE)
    put(db, 5, "answer-early", Lane.PEOPLE, later=-5)
    assert keys(outbox.lease(db, NOW, ALL, 10, [])) == ["answer-early", "answer", "notice", "touch", "bulk"]


def test_one_message_at_a_time_to_a_chat_and_in_order(db: sqlite3.Connection) -> None:
    for key in ("1", "2", "3"):
        put(db, 1, key)
    put(db, 2, "other")
    leased = outbox.lease(db, NOW, ALL, 10, [])
    assert keys(leased) == ["1", "other"]
    assert outbox.lease(db, NOW, ALL, 10, [1, 2]) == []
    outbox.finish(db, leased[0], NOW, "sent")
    assert keys(outbox.lease(db, NOW, ALL, 10, [2])) == ["2"]


def test_many_rows_of_a_busy_chat_hide_nobody_else(db: sqlite3.Connection) -> None:
    for number in range(500):
        put(db, 1, f"many-{number}")
    put(db, 2, "other")
    assert "other" in keys(outbox.lease(db, NOW, ALL, 8, [1]))


def test_nothing_goes_before_its_time(db: sqlite3.Connection) -> None:
    put(db, 1, "a", later=60)
    assert outbox.lease(db, NOW, ALL, 10, []) == []
    assert not outbox.anything(db, NOW, ALL)
    assert outbox.next_moment(db, NOW) is not None
    then = NOW + timedelta(seconds=60)
    assert outbox.anything(db, then, ALL)
    assert keys(outbox.lease(db, then, ALL, 10, [])) == ["a"]


def test_leases_are_void_at_the_start_and_counted(db: sqlite3.Connection) -> None:
    put(db, 1, "a")
    put(db, 2, "b")
    outbox.lease(db, NOW, ALL, 1, [])
    assert outbox.void_leases(db) == 1
    rows = outbox.lease(db, NOW, ALL, 10, [])
    assert {row.dedupe_key: row.ambiguous for row in rows} == {"a": 1, "b": 0}


def test_a_finished_answer_is_erased_and_anything_else_is_kept(db: sqlite3.Connection) -> None:
    put(db, 1, "answer", Lane.PEOPLE)
    put(db, 2, "touch", Lane.TOUCH)
    for row in outbox.lease(db, NOW, ALL, 10, []):
        outbox.finish(db, row, NOW, "sent")
    assert [row["dedupe_key"] for row in db.execute("SELECT * FROM outbox")] == ["touch"]


def test_an_answer_of_unknown_outcome_is_counted_before_it_is_erased(db: sqlite3.Connection) -> None:
    for number in range(2):
        put(db, number, f"answer-{number}", Lane.PEOPLE)
        outbox.lease(db, NOW, ALL, 10, [])
        outbox.void_leases(db)
        (row,) = outbox.lease(db, NOW, ALL, 10, [])
        outbox.finish(db, row, NOW, "sent")
    assert db.execute("SELECT value FROM fact WHERE name = 'ambiguous_answers'").fetchone()[0] == "2"


def test_an_answer_under_way_at_two_crashes_counts_twice(db: sqlite3.Connection) -> None:
    put(db, 1, "answer", Lane.PEOPLE)
    for _ in range(2):
        outbox.lease(db, NOW, ALL, 10, [])
        outbox.void_leases(db)
    (row,) = outbox.lease(db, NOW, ALL, 10, [])
    outbox.finish(db, row, NOW, "sent")
    assert db.execute("SELECT value FROM fact WHERE name = 'ambiguous_answers'").fetchone()[0] == "2"


def test_cancelling_takes_only_what_waits(db: sqlite3.Connection) -> None:
    put(db, 1, "a:1")
    outbox.lease(db, NOW, ALL, 10, [])
    put(db, 1, "a:2")
    put(db, 1, "b:1")
    put(db, 2, "a:3")
    assert outbox.cancel_key(db, "a:*", NOW, "stopped") == 2
    assert outbox.cancel_for(db, 1, NOW, "blocked") == 1
    states = {row["dedupe_key"]: row["state"] for row in db.execute("SELECT * FROM outbox")}
    assert states == {"a:1": "leased", "a:2": "cancelled", "b:1": "cancelled", "a:3": "cancelled"}


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=3)])
def test_a_clock_that_is_set_back_holds_up_nothing_that_waits(db: sqlite3.Connection, back: timedelta) -> None:
    put(db, 1, "now", Lane.PEOPLE)
    put(db, 2, "tried")
    put(db, 3, "for later", later=60)
    (row,) = outbox.lease(db, NOW, (Lane.BULK, Lane.BULK), 1, [])
    outbox.retry(db, row, NOW + timedelta(seconds=2), "not reached", ambiguous=False)
    earlier = NOW - back
    assert outbox.clock_went_back(db, earlier) == 2
    assert keys(outbox.lease(db, earlier, ALL, 10, [])) == ["now", "tried"]
