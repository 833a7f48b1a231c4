"""Both ways to Telegram meet the same server and the same troubles, and say the same of them."""

import asyncio
import contextlib
import io
import ssl
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from telegram import InputFile
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.ext import ExtBot
from telegram.request import BaseRequest

from bot import telegram_request
from bot.delivery.calls import Outcome, Report, send
from bot.sandbox import TOKEN, Fault, Sandbox
from messages.outgoing import Outgoing
from tests.delivery.conftest import CLIENTS, client

ME = 1001
HALF = TOKEN.partition(":")[2]
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 24\r\n\r\n{"ok":true,"result":true}'[
    :-1
]
Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def bot_over(request: BaseRequest, address: str) -> ExtBot[None]:
    return ExtBot(
        TOKEN,
        base_url=f"{address}/bot",
        base_file_url=f"{address}/file/bot",
        request=request,
        get_updates_request=request,
    )


@pytest.fixture(params=CLIENTS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox(TOKEN) as made:
        yield made


@asynccontextmanager
async def peer(answer: Peer, **more: Any) -> AsyncIterator[str]:
    """A server of bare bytes; yields its address."""
    tasks: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())  # type: ignore[arg-type]
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await answer(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, **more)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def head_of(reader: asyncio.StreamReader) -> bytes:
    """Read one request, its body too; return its head."""
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.split(b":")[1]))
    return head


async def attempt(name: str, address: str, **timeouts: float) -> tuple[Report, TelegramError | None]:
    """Send one text; return what delivery makes of it, and the fault as python-telegram-bot raises it."""
    async with client(name, **timeouts) as request:
        bot = bot_over(request, address)
        report = await send(bot, ME, Outgoing("text", "Halo"))
        try:
            await bot.send_message(ME, "Halo")
        except TelegramError as error:
            return report, error
        return report, None


def told(error: BaseException) -> str:
    """All that a log could make of an error."""
    seen, whole = set[int](), ""
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            whole += f"{one!r} {one} " + "".join(traceback.format_exception(one))
            waiting += [one.__cause__, one.__context__]
    return whole


# Faults -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "outcome", "error"),
    [
        (Fault.RESET_BEFORE, Outcome.UNKNOWN, NetworkError),
        (Fault.RESET_AFTER, Outcome.UNKNOWN, NetworkError),
        (Fault.HALF_AFTER, Outcome.UNKNOWN, NetworkError),
        (Fault.HANG_BEFORE, Outcome.UNKNOWN, TimedOut),
        (Fault.HANG_AFTER, Outcome.UNKNOWN, TimedOut),
        (Fault.HTML_AFTER, Outcome.UNKNOWN, NetworkError),
        (Fault.STATUS_BEFORE, Outcome.NOT_SENT, NetworkError),
    ],
)
async def test_a_broken_line_means_the_same(
    box: Sandbox, name: str, fault: Fault, outcome: Outcome, error: type[TelegramError]
) -> None:
    box.person(ME).start()
    box.faults.plan(fault, "sendMessage", times=2, status=502)
    report, raised = await attempt(name, box.api_base_url, read_timeout=0.2)
    assert report.outcome is outcome
    assert type(raised) is error
    assert raised is not None
    assert HALF not in told(raised) + repr(report)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429])
async def test_a_refusal_means_the_same(box: Sandbox, name: str, status: int) -> None:
    box.person(ME).start()
    box.faults.plan(
        Fault.STATUS_BEFORE, "sendMessage", times=2, status=status, retry_after=7 if status == 429 else None
    )
    report, _ = await attempt(name, box.api_base_url)
    expected = {400: Outcome.DEFECT, 403: Outcome.BLOCKED, 409: Outcome.DEFECT, 429: Outcome.LIMITED}
    assert report.outcome is expected.get(status, Outcome.REFUSED)
    assert report.retry_after == (7 if status == 429 else 0)


async def test_a_closed_door_is_surely_not_sent(box: Sandbox, name: str) -> None:
    address = box.api_base_url
    await box.close_door()
    report, raised = await attempt(name, address)
    assert report.outcome is Outcome.NOT_SENT
    assert type(raised) is NetworkError
    assert raised.__cause__ is not None
    assert report.error
    assert "Connect" in report.error


async def test_an_unknown_host_is_surely_not_sent(name: str) -> None:
    report, raised = await attempt(name, "http://tidak-ada.invalid", connect_timeout=2.0)
    assert report.outcome is Outcome.NOT_SENT
    assert isinstance(raised, NetworkError)
    assert HALF not in told(raised)


async def test_whoever_finds_no_free_connection_has_surely_not_sent(name: str) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        arrived.set()
        await go_on.wait()
        writer.write(ANSWER)
        await writer.drain()

    async with peer(slow) as address, client(name, 1, pool_timeout=0.05, connect_timeout=0.05) as request:
        bot = bot_over(request, address)
        first = asyncio.create_task(request.do_request(f"{address}/bot{TOKEN}/getMe", "POST"))
        await arrived.wait()
        report = await send(bot, ME, Outgoing("text", "Halo"))
        with pytest.raises(TimedOut) as caught:
            await bot.send_message(ME, "Halo")
        go_on.set()
        assert (await first)[0] == 200
    assert report.outcome is Outcome.NOT_SENT
    assert HALF not in told(caught.value)


async def test_a_line_that_dies_while_kept_open_is_named_and_never_repeated_by_the_client(name: str) -> None:
    """A client that repeats a POST by itself would double messages that nobody counts."""
    seen = list[bytes]()

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await head_of(reader))
        writer.write(ANSWER)
        await writer.drain()
        seen.append(await head_of(reader))

    async with peer(once) as address, client(name, 1) as request:
        url = f"{address}/bot{TOKEN}/sendMessage"
        assert (await request.do_request(url, "POST"))[0] == 200
        with pytest.raises(NetworkError):
            await request.do_request(url, "POST")
    assert len(seen) == 2


async def test_a_broken_certificate_is_surely_not_sent(name: str) -> None:
    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"this is no TLS at all, and never will be\r\n")
        await writer.drain()

    async with peer(hello) as address:
        report, raised = await attempt(name, address.replace("http:", "https:"))
    assert report.outcome is Outcome.NOT_SENT
    assert isinstance(raised, NetworkError)
    assert HALF not in told(raised)


def test_both_trust_the_same_certificates() -> None:
    made = telegram_request._trusted()
    assert made.verify_mode is ssl.CERT_REQUIRED
    assert made.check_hostname
    assert made.cert_store_stats()["x509_ca"] > 50


async def test_a_redirect_is_not_followed(name: str) -> None:
    hosts = Counter[bytes]()

    async def moved(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hosts[(await head_of(reader)).split(b" ")[1]] += 1
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()

    async with peer(moved) as address:
        report, _ = await attempt(name, address)
    assert report.outcome is Outcome.NOT_SENT
    assert list(hosts) == [f"/bot{TOKEN}/sendMessage".encode()]


async def test_a_call_can_have_timeouts_of_its_own(box: Sandbox, name: str) -> None:
    box.person(ME).start()
    box.faults.plan(Fault.HANG_BEFORE, "sendMessage")
    async with client(name) as request, asyncio.timeout(3):
        bot = bot_over(request, box.api_base_url)
        with pytest.raises(TimedOut):
            await bot.send_message(ME, "Halo", read_timeout=0.1)
        await bot.send_message(ME, "Halo", read_timeout=0.1)


async def test_nobody_waits_for_ever_for_a_server_that_does_not_take_what_it_is_sent(name: str) -> None:
    async def deaf(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(20)

    waits = {"read_timeout": 0.1, "connect_timeout": 0.1, "pool_timeout": 0.1}
    async with asyncio.timeout(10), peer(deaf, limit=1024) as address, client(name, **waits) as request:
        bot = bot_over(request, address)
        with pytest.raises(TimedOut):
            await bot.send_document(ME, InputFile(b"x" * 12_000_000, "besar.bin"), write_timeout=0.1)


# What goes right ------------------------------------------------------------------------------------------


async def test_the_server_reads_the_same_of_both(box: Sandbox) -> None:
    """Letters of every kind, buttons, a file with a name that wants quoting: equal, call by call."""
    box.person(ME).start()
    seen = []
    for each in CLIENTS:
        async with client(each) as request:
            bot = bot_over(request, box.api_base_url)
            await bot.get_me()
            await bot.send_message(ME, "Salam & <b>hormat</b> + 100 % ünïcödé 🌞\n=&", parse_mode=None)
            sent = await bot.send_document(
                ME, InputFile(b"a;b\r\n--x\r\n", "Ringkasan 2025 (W47; 1) é.csv"), caption="Berkas & lain"
            )
            assert sent.document is not None
            found = await (await bot.get_file(sent.document.file_id)).download_as_bytearray()
            calls = [(call.method, call.params) for call in box.world.calls if call.chat_id == ME]
            box.world.calls.clear()
            seen.append((calls, sent.document.file_name, sent.document.mime_type, bytes(found)))
    first, second = seen
    assert first[0][0] == second[0][0]
    assert first[1:] == second[1:]
    assert first[3] == b"a;b\r\n--x\r\n"


async def test_a_file_may_be_an_open_one(box: Sandbox, name: str) -> None:
    box.person(ME).start()
    async with client(name) as request:
        bot = bot_over(request, box.api_base_url)
        sent = await bot.send_document(ME, InputFile(io.BytesIO(b"isi"), "isi.txt", read_file_handle=False))
        assert sent.document is not None
        found = await (await bot.get_file(sent.document.file_id)).download_as_bytearray()
    assert bytes(found) == b"isi"


async def test_connections_are_few_and_kept_open(name: str) -> None:
    open_now, most, made = 0, 0, 0

    async def ok(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_now, most, made
        open_now, made = open_now + 1, made + 1
        most = max(most, open_now)
        try:
            while True:
                await head_of(reader)
                await asyncio.sleep(0.001)
                writer.write(ANSWER)
                await writer.drain()
        finally:
            open_now -= 1

    async with peer(ok) as address, client(name, 3) as request:
        url = f"{address}/bot{TOKEN}/getMe"
        for _ in range(4):
            answers = await asyncio.gather(*(request.do_request(url, "POST") for _ in range(12)))
            assert {status for status, _ in answers} == {200}
    assert most <= 3
    assert made <= 6


async def test_the_environment_names_the_proxy_of_both(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[bytes]()

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await head_of(reader)).split(b"\r\n")[0])
        writer.write(ANSWER)
        await writer.drain()

    async with peer(proxy) as address:
        telegram_request._proxy.cache_clear()
        monkeypatch.setenv("http_proxy", address)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        async with client(name) as request, peer(proxy) as direct:
            await request.do_request("http://telegram.invalid/bot1/getMe", "POST")
            await request.do_request(f"{direct}/bot1/getMe", "POST")
        telegram_request._proxy.cache_clear()
    assert asked == [b"POST http://telegram.invalid/bot1/getMe HTTP/1.1", b"POST /bot1/getMe HTTP/1.1"]


async def test_it_can_be_opened_twice_and_again_after_it_was_closed(box: Sandbox, name: str) -> None:
    request = client(name)
    for _ in range(2):
        await request.initialize()
        await request.initialize()
        assert (await request.do_request(f"{box.api_base_url}/bot{TOKEN}/getMe", "POST"))[0] == 200
        await request.shutdown()
        await request.shutdown()
    with pytest.raises(RuntimeError, match="not initialized"):
        await request.do_request(f"{box.api_base_url}/bot{TOKEN}/getMe", "POST")


async def test_no_repr_holds_the_token(box: Sandbox) -> None:
    async with client("aiohttp") as request:
        await bot_over(request, box.api_base_url).get_me()
        assert HALF not in repr(request) + repr(vars(request))
