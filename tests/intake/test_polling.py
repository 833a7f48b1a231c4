"""getUpdates: nothing is confirmed before it is committed, and nothing poisonous stops the rest."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from types import SimpleNamespace

import pytest

from bot.intake import polling as polling_module
from bot.intake.polling import Refused
from bot.store import database
from bot.store.database import Store
from tests.intake.conftest import Line, Way, message, polled


async def test_what_comes_is_handled_and_confirmed(way: Way, line: Line) -> None:
    async with polled(way, line):
        for n in range(1, 251):
            line.add(message(n, 10 + n % 3, str(n)))
        await way.until(lambda: not line.pending)
        await way.quiet()
    assert sorted(int(text) for _, text in await way.said()) == list(range(1, 251))
    assert json.loads(line.asked[0]["allowed_updates"]) == [
        "message", "edited_message", "callback_query", "poll_answer", "my_chat_member",
    ]  # fmt: skip


async def test_nothing_is_confirmed_that_was_not_committed(
    way: Way, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    async with Store(way.store.path) as hasty:
        way.store = hasty
        way.start()
        line.add(message(1, 10, "a"))
        line.add(message(2, 10, "b"))
        with closing(sqlite3.connect(hasty.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            async with polled(way, line):
                await way.until(lambda: len(line.asked) >= 4)
                assert line.pending == [1, 2]
                assert all("offset" not in asked for asked in line.asked)
                other.execute("COMMIT")
                await way.until(lambda: not line.pending)
                await way.quiet()
        assert await way.said() == [(10, "a"), (10, "b")]


async def test_a_confirmation_that_is_lost_doubles_nothing(way: Way, line: Line) -> None:
    """Killed between the commit and the next call: the same batch comes once more."""
    for n in range(1, 4):
        line.add(message(n, 10, str(n)))
    before = list(line.updates)
    async with polled(way, line):
        await way.until(lambda: not line.pending)
    line.updates = before
    way.start()
    way.lanes.submit(await way.lanes.unfinished())
    async with polled(way, line):
        await way.until(lambda: not line.pending)
        await way.quiet()
    assert [text for _, text in await way.said()] == ["1", "2", "3"]


@pytest.mark.parametrize("poison", [1, 3, 5])
@pytest.mark.parametrize("raw", [b'{"update_id": %d, "message": {"text": "\xff', b'{"update_id":%d, oops}'])
async def test_an_update_that_cannot_be_read_is_stepped_over(way: Way, line: Line, poison: int, raw: bytes) -> None:
    for n in range(1, 6):
        line.add(message(n, 10, str(n)), raw % n if n == poison else None)
    async with polled(way, line):
        await way.until(lambda: not line.pending)
        await way.quiet()
        line.add(message(6, 10, "6"))
        await way.until(lambda: not line.pending)
        await way.quiet()
    assert [text for _, text in await way.said()] == [str(n) for n in range(1, 7) if n != poison]
    assert (await way.states())[poison] == "aside"


async def test_what_cannot_be_read_waits_while_it_cannot_be_kept(
    way: Way, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    async with Store(way.store.path) as hasty:
        way.store = hasty
        way.start()
        line.add(message(1, 10, "1"), b'{"update_id": 1, oops}')
        line.add(message(2, 10, "2"))
        with closing(sqlite3.connect(hasty.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            async with polled(way, line) as task:
                await way.until(lambda: len(line.asked) >= 6 or task.done())
                assert not task.done()
                assert line.pending == [1, 2]
                other.execute("COMMIT")
                await way.until(lambda: not line.pending)
                await way.quiet()
        assert await way.states() == {1: "aside", 2: "done"}


async def test_half_a_surrogate_pair_stops_nobody(way: Way, line: Line) -> None:
    line.add(message(1, 10, "a\ud83d"))
    line.add(message(2, 20, "b"))
    async with polled(way, line):
        await way.until(lambda: not line.pending)
        await way.quiet()
    assert await way.said() == [(20, "b")]
    assert await way.states() == {1: "aside", 2: "done"}


async def test_depth_stops_nobody(way: Way, line: Line) -> None:
    deep = b'{"update_id": 1, "message": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    line.add({"update_id": 1}, deep)
    line.add(message(2, 20, "b"))
    async with polled(way, line) as task:
        await way.until(lambda: not line.pending or task.done())
        assert not task.done()
        await way.quiet()
    assert await way.said() == [(20, "b")]


async def test_an_unknown_kind_of_update_is_stored_and_passed_on(way: Way, line: Line) -> None:
    line.add({"update_id": 1, "something_new": {"x": 1}})
    line.add(message(2, 20, "b"))
    async with polled(way, line):
        await way.until(lambda: not line.pending)
        await way.quiet()
    assert await way.said() == [(20, "b")]


async def test_numbers_that_start_anew_after_a_silent_week(way: Way, line: Line) -> None:
    line.add(message(900_000, 10, "dahulu"))
    async with polled(way, line):
        await way.until(lambda: not line.pending)
        await way.quiet()
        way.clock.advance(timedelta(days=8))
        # Telegram lets an offset that means nothing to it pass; so does this line.
        answer = line.answer

        def forgiving(given: dict[str, str]) -> tuple[int, bytes] | None:
            if line.updates and int(given.get("offset", 0)) > line.updates[-1][0] + 10:
                given = {name: value for name, value in given.items() if name != "offset"}
            return answer(given)

        line.answer = forgiving  # type: ignore[method-assign]
        for n in (7, 8, 9):
            line.add(message(n, 10, f"baru {n}"))
        await way.until(lambda: not line.pending)
        await way.quiet()
    assert [text for _, text in await way.said()] == ["dahulu", "baru 7", "baru 8", "baru 9"]


@pytest.mark.parametrize(
    "refusal",
    [
        (502, b"<html>Bad Gateway</html>"),
        (200, b""),
        (200, b"[]"),
        (200, b'{"ok": true}'),
        (200, b'{"ok": true, "result": [{"no": "id"}]}'),
        (200, b'{"ok": true, "result": {"update_id": 1}}'),
        (429, b'{"ok": false, "error_code": 429, "parameters": {"retry_after": 0}}'),
        (500, b'{"ok": false, "error_code": 500, "description": "Internal Server Error"}'),
        (409, b'{"ok": false, "error_code": 409, "description": "Conflict"}'),
        (401, b'{"ok": false, "error_code": 401, "description": "Unauthorized"}'),
    ],
)
async def test_bad_answers_are_waited_out(way: Way, line: Line, refusal: tuple[int, bytes]) -> None:
    line.refusals = [refusal] * 5
    line.add(message(1, 10, "a"))
    async with polled(way, line) as task:
        await way.until(lambda: not line.pending or task.done())
        assert not task.done()
        await way.quiet()
    assert await way.said() == [(10, "a")]
    assert await way.states() == {1: "done"}


@pytest.mark.parametrize("code", [401, 404])
async def test_a_token_that_is_refused_for_long_ends_it(
    way: Way, line: Line, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(polling_module, "PATIENCE", 0.1)
    line.refusals = [(code, json.dumps({"ok": False, "error_code": code}).encode())] * 1000
    async with polled(way, line) as task:
        with pytest.raises(Refused, match="SINAR_BOT_TOKEN"):
            await asyncio.wait_for(task, 20)


async def test_another_poller_ends_it_in_the_end(way: Way, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling_module, "PATIENCE", 0.1)
    line.refusals = [(409, b'{"ok": false, "error_code": 409}')] * 1000
    async with polled(way, line) as task:
        with pytest.raises(Refused, match="another program"):
            await asyncio.wait_for(task, 20)
    assert len(line.asked) > 3


async def test_conflicts_long_apart_are_no_conflict(way: Way, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 1000.0
    monkeypatch.setattr(polling_module, "time", SimpleNamespace(monotonic=lambda: moment))
    async with polled(way, line) as task:
        for n in range(1, 4):
            line.refusals = [(409, b'{"ok": false, "error_code": 409}')]
            await way.until(lambda: not line.refusals)
            moment += 100
            line.add(message(n, 10, str(n)))
            await way.until(lambda: not line.pending or task.done())
            assert not task.done()


async def test_a_chats_number_that_the_store_cannot_hold_stops_nobody(way: Way, line: Line) -> None:
    line.add(message(1, 10, "a"))
    line.add(message(2, 2**63, "x"))
    line.add(message(3, 20, "b"))
    async with polled(way, line) as task:
        await way.until(lambda: not line.pending or task.done())
        assert not task.done()
        await way.quiet()
    assert {(10, "a"), (20, "b")} <= set(await way.said())
