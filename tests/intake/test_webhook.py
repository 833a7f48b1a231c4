"""The webhook's door: the secret, the commit, then 200."""

import asyncio
import hmac
import inspect
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from types import SimpleNamespace

import httpx
import pytest
from telegram import Bot

from bot.intake import webhook
from bot.intake.webhook import SECRET_HEADER
from bot.sandbox import TOKEN, Fault, Sandbox
from bot.store import database
from bot.store.database import Store
from tests.intake.conftest import Way, message
from tests.outside.driver import free_port

SECRET = "rahasia-pintu"
MEBIBYTE = 1024 * 1024


@pytest.fixture
async def door(way: Way, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    async with Store(way.store.path) as hasty:
        way.store = hasty
        way.start()
        port = free_port()
        server = webhook.serve(f"127.0.0.1:{port}", way.receiver, SECRET)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={SECRET_HEADER: SECRET}) as client:
            yield client
        server.stop()
        await server.close_all_connections()
        await way.lanes.stop(1)


async def test_a_post_is_stored_and_handled_once(way: Way, door: httpx.AsyncClient) -> None:
    for _ in range(3):
        assert (await door.post("/", json=message(1, 10, "a"))).status_code == 200
    await way.quiet()
    assert await way.said() == [(10, "a")]


@pytest.mark.parametrize("secret", ["", "salah", SECRET + "x", SECRET[:-1]])
async def test_without_the_secret_nothing_is_stored(way: Way, door: httpx.AsyncClient, secret: str) -> None:
    answer = await door.post("/", json=message(1, 10, "a"), headers={SECRET_HEADER: secret})
    assert answer.status_code == 403
    assert await way.states() == {}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"update_id": "1"}', b"\xff\xfe"])
async def test_what_is_no_update_is_refused(way: Way, door: httpx.AsyncClient, body: bytes) -> None:
    assert (await door.post("/", content=body)).status_code == 400
    assert await way.states() == {}


async def test_no_200_before_the_commit(way: Way, door: httpx.AsyncClient) -> None:
    with closing(sqlite3.connect(way.store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert (await door.post("/", json=message(1, 10, "a"))).status_code == 500
        other.execute("COMMIT")
    assert (await door.post("/", json=message(1, 10, "a"))).status_code == 200
    await way.quiet()
    assert await way.said() == [(10, "a")]


async def test_a_poisonous_post_is_taken_so_that_the_next_can_come(way: Way, door: httpx.AsyncClient) -> None:
    raw = b'{"update_id": 1, "message": {"chat": {"id": 10}, "text": "a\\ud83d"}}'
    assert (await door.post("/", content=raw)).status_code == 200
    assert (await door.post("/", json=message(2, 20, "b"))).status_code == 200
    await way.quiet()
    assert await way.states() == {1: "aside", 2: "done"}


async def test_the_secret_is_compared_in_constant_time(
    way: Way, door: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No time is measured: each post, right or wrong, goes through the comparison that is made for this."""
    compared: list[tuple[bytes, bytes]] = []

    def compare(given: bytes, expected: bytes) -> bool:
        compared.append((given, expected))
        return hmac.compare_digest(given, expected)

    monkeypatch.setattr(webhook, "hmac", SimpleNamespace(compare_digest=compare))
    tried = [SECRET, "", "r", SECRET[:-1], SECRET + "x", SECRET.upper()]
    for n, secret in enumerate(tried):
        answer = await door.post("/", json=message(n, 10, "a"), headers={SECRET_HEADER: secret})
        assert answer.status_code == (200 if secret == SECRET else 403)
    assert compared == [(secret.encode(), SECRET.encode()) for secret in tried]
    source = inspect.getsource(webhook._Door)
    assert source.count("self._secret") == 2, "kept once, compared once"


@pytest.mark.parametrize("header", [b"\xff\xfe", "rahasia-pint\u00fc".encode(), b"a" * 8_000])
async def test_a_secret_of_strange_bytes_is_refused(way: Way, door: httpx.AsyncClient, header: bytes) -> None:
    answer = await door.post("/", json=message(1, 10, "a"), headers={SECRET_HEADER.encode(): header})
    assert answer.status_code == 403
    assert await way.states() == {}


@pytest.mark.parametrize(
    "body",
    [
        b'{"update_id": 1, "message": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"update_id": 99999999999999999999999999, "message": {}}',
        b'{"update_id": -99999999999999999999999999}',
        b'{"update_id": true}',
        b'{"update_id": ' + b"9" * 5_000 + b"}",
    ],
)
async def test_a_post_that_could_never_be_stored_is_refused_and_stops_nobody(
    way: Way, door: httpx.AsyncClient, body: bytes
) -> None:
    assert (await door.post("/", content=body)).status_code == 400
    assert (await door.post("/", json=message(2, 20, "b"))).status_code == 200
    await way.quiet()
    assert await way.said() == [(20, "b")]


@pytest.mark.parametrize("secret", [SECRET, "salah"])
@pytest.mark.parametrize("told", ["its length", "no length"])
async def test_a_body_over_a_mebibyte_is_refused_and_stops_nobody(
    way: Way, door: httpx.AsyncClient, secret: str, told: str
) -> None:
    """Also one that comes in chunks and says nothing of its length, with and without the right secret."""
    update = json.dumps(message(1, 10, "a" * MEBIBYTE)).encode()

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(update), 65_536):
            yield update[at : at + 65_536]

    content = update if told == "its length" else chunks()
    try:
        answer = await door.post("/", content=content, headers={SECRET_HEADER: secret})
    except httpx.TransportError:
        # The line may be closed while it is still being written to: a refusal as well.
        answer = None
    assert answer is None or answer.status_code in (400, 413)
    assert await way.states() == {}
    just = message(2, 20, "")
    just["message"]["text"] = "b" * (MEBIBYTE - len(json.dumps(just)))
    fits = json.dumps(just).encode()
    assert len(fits) == MEBIBYTE
    assert (await door.post("/", content=fits)).status_code == 200
    await way.quiet()
    assert await way.states() == {2: "done"}


async def test_a_chats_number_beyond_the_stores_integers_stops_nobody(way: Way, door: httpx.AsyncClient) -> None:
    assert (await door.post("/", json=message(1, 2**63, "a"))).status_code == 200
    assert (await door.post("/", json=message(2, 20, "b"))).status_code == 200
    await way.quiet()
    assert (20, "b") in await way.said()


async def test_a_door_without_a_secret_does_not_open(way: Way) -> None:
    with pytest.raises(ValueError, match="secret"):
        webhook.serve(f"127.0.0.1:{free_port()}", way.receiver, "")


async def test_a_webhook_that_is_taken_away_is_set_again_and_what_waits_is_noticed(way: Way) -> None:
    url = "https://127.0.0.1:9/x"
    well: list[int] = []
    async with Sandbox() as box, Bot(TOKEN, base_url=f"{box.api_base_url}/bot") as bot:
        task = asyncio.create_task(webhook.announce(bot, url, SECRET, lambda: well.append(1), every=0.01))
        await box.until(lambda: bool(well))
        await bot.delete_webhook()
        await box.until(lambda: box.world.webhook is not None and box.world.webhook.url == url)
        # Nobody listens at that address: what is written to the bot waits at Telegram, and all is not well.
        box.person(10).start()
        await box.until(lambda: box.world.webhook is not None and box.world.webhook.last_error)
        well.clear()
        looked = sum(call.method == "getWebhookInfo" for call in box.world.calls)
        await box.until(lambda: sum(call.method == "getWebhookInfo" for call in box.world.calls) > looked + 3)
        assert well == []
        assert not task.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_each_failing_begins_with_the_shortest_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    url, every = "https://127.0.0.1:9/x", 0.01
    paused: list[float] = []

    async def sleep(seconds: float) -> None:
        paused.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(webhook, "asyncio", SimpleNamespace(sleep=sleep))
    async with Sandbox() as box, Bot(TOKEN, base_url=f"{box.api_base_url}/bot") as bot:
        box.faults.plan(Fault.STATUS_BEFORE, "setWebhook", times=3)
        task = asyncio.create_task(webhook.announce(bot, url, SECRET, every=every))
        await box.until(lambda: box.world.webhook is not None)
        box.faults.plan(Fault.STATUS_BEFORE, "setWebhook", times=2)
        await bot.delete_webhook()
        await box.until(lambda: box.world.webhook is not None)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert [pause for pause in paused if pause != every] == [1.0, 2.0, 4.0, 1.0, 2.0]
