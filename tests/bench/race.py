"""One contestant, one stub, each in a process of its own: started, told to go, held against what the stub saw."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]
PEERS = CHECKOUT / "build/peers/bin/python"
PATIENCE = 900.0


@dataclass(frozen=True)
class Contestant:
    """Who runs: its name, the module that is started, and what its order holds besides the task."""

    name: str
    order: dict[str, Any]
    peer: bool = True
    own_environment: bool = False

    def command(self, order: dict[str, Any]) -> list[str]:
        """Return what is started for an order."""
        given = json.dumps(self.order | order)
        if not self.peer:
            return [sys.executable, "-m", "tests.bench.sinar", given]
        return [str(PEERS) if self.own_environment else sys.executable, str(CHECKOUT / "tests/bench/peers.py"), given]


SINAR = Contestant("Sinar", {}, peer=False)
LOOP = Contestant("PTB, a loop", {"who": "ptb"})
LIMITER_0 = Contestant("PTB, AIORateLimiter, 0 retries", {"who": "ptb", "retries": 0}, own_environment=True)
LIMITER_5 = Contestant("PTB, AIORateLimiter, 5 retries", {"who": "ptb", "retries": 5}, own_environment=True)
AIOGRAM = Contestant("aiogram, as documented", {"who": "aiogram"}, own_environment=True)
BARE = Contestant("aiohttp alone", {"who": "bare"})


class Stub:
    """The stub's controls."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._port = port

    async def control(self, what: str, given: dict[str, Any] | None = None) -> Any:
        """Tell or ask it something."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        body = json.dumps(given or {}).encode()
        writer.write(b"POST /control/%s HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (what.encode(), len(body)) + body)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        answer = json.loads(await reader.readexactly(length))
        writer.close()
        return answer


@asynccontextmanager
async def stub(**given: Any) -> AsyncIterator[Stub]:
    """Start one; it ends with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.stub",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=CHECKOUT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        made = Stub(int(await process.stdout.readline()))
        await made.control("anew", given)
        yield made
    finally:
        process.stdin.close()
        await process.wait()


async def run(
    who: Contestant, task: dict[str, Any], stub_given: dict[str, Any], *, waiting: int = 0, taps: float = 0.0
) -> dict[str, Any]:
    """Let one run; returns what it said of itself and what the stub saw. `waiting`: updates before it starts.

    `taps`: so many people ask a second, first while all is idle, then during the run.
    """
    async with stub(**stub_given) as server:
        if waiting:
            await server.control("ask", {"count": waiting})
        process = await asyncio.create_subprocess_exec(
            *who.command(task | {"address": server.address}),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=CHECKOUT,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(PATIENCE):
                assert (await process.stdout.readline()).strip() == b"ready", f"{who.name} did not start"
                idle = await _idle(server, taps)
                process.stdin.write(b"go\n")
                asking = asyncio.create_task(_ask(server, taps))
                try:
                    said = json.loads(await process.stdout.readline())
                finally:
                    asking.cancel()
                    await asyncio.gather(asking, return_exceptions=True)
            seen = await server.control("report")
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        return {"who": who.name, "idle": idle, "said": said, "seen": seen | {"waits": seen["waits"][len(idle) :]}}


async def _idle(server: Stub, taps: float) -> list[float]:
    if not taps:
        return []
    await asyncio.sleep(0.5)
    for _ in range(20):
        await server.control("ask")
        await asyncio.sleep(0.25)
    return list((await server.control("report"))["waits"])


async def _ask(server: Stub, taps: float) -> None:
    while taps:
        await asyncio.sleep(1 / taps)
        await server.control("ask")
