"""What those who have a right feel while others hammer on the door, and the slowest pattern on a long text."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import httpx

from bot.clock import SystemClock
from bot.intake import webhook
from bot.intake.lanes import Lanes
from bot.intake.receiving import Receiver
from bot.intake.webhook import SECRET_HEADER
from bot.sandbox import Person
from bot.store import incoming
from bot.store.database import Store
from bot.store.incoming import Incoming
from tests.attacks.test_patterns import LONG, SEEDS, SHORT, seconds, uses
from tests.bench.shown import spread
from tests.conftest import rigged
from tests.outside.driver import free_port

SECRET = "rahasia-pintu"
WRONG_A_SECOND = 1_000
FLOOD_A_SECOND = 50
SAMPLES = 100
# A process of its own: posts with a wrong secret at a pace, over eight lines that stay open; says "on", then at the
# end of its input how many were answered by 403, and in how many seconds.
HAMMER = """
import asyncio, sys, time
port, pace = int(sys.argv[1]), float(sys.argv[2])
BODY = b'{"update_id": 1, "message": {"chat": {"id": 1}}}'
POST = (b"POST / HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nX-Telegram-Bot-Api-Secret-Token: salah\\r\\n"
        b"Content-Length: %d\\r\\n\\r\\n" % len(BODY)) + BODY
refused = 0
async def line():
    global refused
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    due = time.monotonic()
    while True:
        due += 8 / pace
        await asyncio.sleep(max(0, due - time.monotonic()))
        writer.write(POST)
        head = await reader.readuntil(b"\\r\\n\\r\\n")
        refused += head.startswith(b"HTTP/1.1 403")
        await reader.readexactly(3)
async def main():
    began = time.monotonic()
    lines = [asyncio.create_task(line()) for _ in range(8)]
    print("on", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    failed = [task.exception() for task in lines if task.done()]
    print(refused / (time.monotonic() - began), *failed, flush=True)
    for task in lines:
        task.cancel()
asyncio.run(main())
"""


async def right_posts_under_wrong_ones() -> tuple[float, float]:
    """Return the median time of a right post beside wrong ones over the same alone, and the wrong ones a second."""
    async with _door() as (port, kept), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=15.0) as client:
        numbers = iter(range(1, 10_000))

        async def right() -> None:
            answer = await client.post("/", content=_post(next(numbers)), headers={SECRET_HEADER: SECRET})
            answer.raise_for_status()

        await _times(right, 20)
        alone = await _times(right, SAMPLES)
        async with _hammering(port) as rate:
            beside = await _times(right, SAMPLES)
        # No wrong one may have left a row.
        assert await kept() == 20 + 2 * SAMPLES
        return median(beside) / median(alone), rate[0]


async def others_beside_a_flood() -> tuple[float, float]:
    """Return the 95th percentile of others' waits beside one account's flood over the same alone, and its messages a
    second."""
    with TemporaryDirectory() as folder:
        async with rigged(Path(folder)) as rig:
            who, flooder = rig.phone(1), rig.phone(2)
            for person in (who, flooder):
                person.start()
                await rig.settle()

            async def answered() -> None:
                before = len(who.received)
                who.send("/bantuan")
                await rig.box.until(lambda: len(who.received) > before, 20)

            await _times(answered, 10)
            alone = await _times(answered, SAMPLES)
            began, sent = time.perf_counter(), [0]
            flood = asyncio.create_task(_flood(flooder, sent))
            beside = await _times(answered, SAMPLES)
            rate = sent[0] / (time.perf_counter() - began)
            flood.cancel()
            with suppress(asyncio.CancelledError):
                await flood
            await rig.settle()
            return _p95(beside) / _p95(alone), rate


def slowest_pattern() -> tuple[str, float]:
    """Return the pattern of the code that takes longest for 100 kB, and its milliseconds.

    Each is tried on 4 kB of every seed; the ten that take longest there, on 100 kB of the seed that they like least.
    """
    short = [
        (max((seconds(pattern, way, (seed * SHORT)[:SHORT] + "\x00"), seed) for seed in SEEDS), pattern, way)
        for pattern, way in {(str(pattern.pattern), way): (pattern, way) for _, pattern, way in uses()}.values()
    ]
    slowest = sorted(short, key=lambda tried: tried[0], reverse=True)[:10]
    took = {
        str(pattern.pattern): 1000 * seconds(pattern, way, (seed * LONG)[:LONG] + "\x00")
        for (_, seed), pattern, way in slowest
    }
    worst = max(took, key=lambda text: took[text])
    return worst, took[worst]


def show(runs: int) -> dict[str, list[float]]:
    """Measure all of it so many times, print it and return the ratios."""
    posts = [asyncio.run(right_posts_under_wrong_ones()) for _ in range(runs)]
    floods = [asyncio.run(others_beside_a_flood()) for _ in range(runs)]
    wrong, flood = (median(rate for _, rate in measured) for measured in (posts, floods))
    found = {"posts": [ratio for ratio, _ in posts], "floods": [ratio for ratio, _ in floods]}
    print(f"A right post beside {wrong:.0f} wrong ones a second / alone: {spread(found['posts'])} (at most 2)")
    print(f"Others' p95 beside one account's {flood:.0f} a second / alone: {spread(found['floods'])} (at most 2)")
    pattern, took = slowest_pattern()
    print(f"Slowest pattern on {LONG // 1000} kB: {took:.1f} ms, {pattern!r}\n")
    return found


async def _times(act: Callable[[], Awaitable[None]], count: int) -> list[float]:
    took = []
    for _ in range(count):
        began = time.perf_counter()
        await act()
        took.append(time.perf_counter() - began)
    return took


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


async def _flood(person: Person, sent: list[int]) -> None:
    due = time.perf_counter()
    while True:
        due += 1 / FLOOD_A_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        person.send("banjir")
        sent[0] += 1


@asynccontextmanager
async def _hammering(port: int) -> AsyncIterator[list[float]]:
    """Post wrong ones meanwhile; the list holds their rate when the block has ended."""
    pipe, rate = asyncio.subprocess.PIPE, list[float]()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HAMMER, str(port), str(WRONG_A_SECOND), stdin=pipe, stdout=pipe
    )
    try:
        assert process.stdout is not None
        assert process.stdin is not None
        await process.stdout.readline()
        yield rate
        process.stdin.close()
        out, _ = await process.communicate()
        rate.append(float(out.decode()))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def _door() -> AsyncIterator[tuple[int, Callable[[], Awaitable[int]]]]:
    """The webhook's door over a store; the port, and how many updates are stored."""
    with TemporaryDirectory() as folder:
        clock = SystemClock()
        async with Store(Path(folder) / "sinar.db") as store:

            async def handle(row: Incoming) -> bool:
                await store.write(lambda db: incoming.done(db, row.id, clock.now()))
                return True

            async def kept() -> int:
                return await store.read(lambda db: int(db.execute("SELECT count(*) FROM incoming").fetchone()[0]))

            lanes = Lanes(store, clock, handle)
            port = free_port()
            server = webhook.serve(f"127.0.0.1:{port}", Receiver(store, clock, lanes), SECRET)
            try:
                yield port, kept
            finally:
                server.stop()
                await server.close_all_connections()
                await lanes.stop(1)


def _post(number: int) -> bytes:
    chat = {"id": number, "type": "private", "first_name": "Orang"}
    message = {"message_id": 1, "date": 1_763_442_000, "chat": chat, "from": chat | {"is_bot": False}, "text": "a"}
    return json.dumps({"update_id": number, "message": message}).encode()
