"""The addresses at which the running process listens: its health, its webhook, and ports that others hold."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.sandbox import TOKEN, Sandbox
from tests.outside.driver import free_port
from tests.outside.test_doors import Running

pytestmark = pytest.mark.timeout(90)


@pytest.fixture
def held() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield int(holder.getsockname()[1])


async def asked(port: int, host: str = "127.0.0.1") -> httpx.Response | None:
    async with httpx.AsyncClient() as client:
        try:
            return await client.get(f"http://{host}:{port}/")
        except httpx.TransportError:
            return None


def listening(process: int) -> int:
    """Return at how many addresses a process listens (proc(5), net/tcp: state 0A)."""
    own = {_shown(entry) for entry in Path(f"/proc/{process}/fd").iterdir()}
    lines = [line for kind in ("tcp", "tcp6") for line in Path(f"/proc/net/{kind}").read_text().splitlines()[1:]]
    return sum(line.split()[3] == "0A" and f"socket:[{line.split()[9]}]" in own for line in lines)


def _shown(descriptor: Path) -> str:
    try:
        return os.readlink(descriptor)
    except FileNotFoundError:  # closed since it was listed
        return ""


async def test_health_of_a_running_bot_is_shown_on_loopback(tmp_path: Path) -> None:
    port = free_port()
    async with Sandbox(token=TOKEN) as box:
        running = Running(tmp_path, box, more=f'[health]\nlisten = "127.0.0.1:{port}"\n')
        try:
            await box.until(lambda: box.world.fetches > 0, 30)
            while (answer := await asked(port)) is None or answer.status_code != 200:
                assert running.process.poll() is None
                await box.world.bell.heard(0.05)
            assert (answer.json()["ok"], answer.json()["alarms"]) == (True, [])
            assert listening(running.process.pid) == 1
            assert await asyncio.to_thread(running.end) == 0
        finally:
            running.process.kill()
    assert await asked(port) is None


async def test_nothing_listens_as_shipped(tmp_path: Path) -> None:
    async with Sandbox(token=TOKEN) as box:
        running = Running(tmp_path, box)
        try:
            await box.until(lambda: box.world.fetches > 0, 30)
            assert listening(running.process.pid) == 0
            assert await asyncio.to_thread(running.end) == 0
        finally:
            running.process.kill()


@pytest.mark.parametrize("setting", ["[health] listen", "[telegram] webhook_listen"])
async def test_a_port_that_another_holds_is_named(tmp_path: Path, held: int, setting: str) -> None:
    address = f"127.0.0.1:{held}"
    async with Sandbox(token=TOKEN) as box:
        if "health" in setting:
            running = Running(tmp_path, box, more=f'[health]\nlisten = "{address}"\n')
        else:
            hook = {"update_mode": "webhook", "webhook_url": "https://sinar.invalid/x", "webhook_listen": address}
            running = Running(tmp_path, box, **hook)
        assert await asyncio.to_thread(running.process.wait, 30) == 1
    log = (tmp_path / "log").read_text()
    assert f"{setting} = {address}: nobody can listen there" in log
    assert "Traceback" not in log
