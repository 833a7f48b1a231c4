"""The running process at its doors: a webhook, a full disk, a second process, Telegram away, SIGTERM."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from bot.sandbox import TOKEN, Sandbox
from tests.outside.driver import PROJECT, free_port

pytestmark = pytest.mark.timeout(90)
SECRET = "rahasia-webhook"


class Running:
    """`python -m bot run` in a folder, against a sandbox, on the true clock."""

    def __init__(self, folder: Path, box: Sandbox, more: str = "", **telegram: str) -> None:
        self.folder = folder
        lines = [f'[telegram]\napi_base_url = "{box.api_base_url}"\n', *(f'{k} = "{v}"\n' for k, v in telegram.items())]
        (folder / "config.toml").write_text("".join(lines) + "[schedule]\nlook_every_seconds = 0.1\n" + more)
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        environment = os.environ | {"SINAR_BOT_TOKEN": TOKEN, "SINAR_WEBHOOK_SECRET": SECRET}
        log = (self.folder / "log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "bot", "run", "--config", str(self.folder / "config.toml")],
                cwd=PROJECT, env=environment, stdout=log, stderr=log,
            )  # fmt: skip

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(10)
        finally:
            self.process.kill()
            self.process.wait()


def start_update(number: int) -> dict[str, object]:
    user = {"id": 77, "is_bot": False, "first_name": "Orang"}
    chat = {"id": 77, "type": "private", "first_name": "Orang"}
    entity = {"type": "bot_command", "offset": 0, "length": 6}
    message = {"message_id": number, "date": int(time.time()), "chat": chat, "from": user, "text": "/start"}
    return {"update_id": number, "message": message | {"entities": [entity]}}


async def test_a_webhook_takes_only_posts_that_bear_the_secret(tmp_path: Path) -> None:
    async with Sandbox(token=TOKEN) as box:
        person = box.person(77, first_name="Orang")
        person.start()
        port = free_port()
        running = Running(
            tmp_path,
            box,
            update_mode="webhook",
            webhook_url="https://sinar.invalid/x",
            webhook_listen=f"127.0.0.1:{port}",
        )
        try:
            await box.until(lambda: any(call.method == "setWebhook" for call in box.world.calls), 30)
            header = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
                assert (await http.post("/x", json=start_update(5))).status_code == 403
                assert (
                    await http.post("/x", json=start_update(5), headers=dict.fromkeys(header, "x"))
                ).status_code == 403
                assert (await http.post("/x", content=b"{", headers=header)).status_code == 400
                big = b'{"update_id": 9, "x": "' + b"a" * 1_100_000 + b'"}'
                with pytest.raises((httpx.HTTPError, AssertionError)):
                    assert (await http.post("/x", content=big, headers=header)).status_code == 200
                for _ in range(3):
                    assert (await http.post("/x", json=start_update(6), headers=header)).status_code == 200
            await box.until(lambda: bool(person.received), 20)
            assert await asyncio.to_thread(running.end) == 0
            # The same update three times: one answer.
            assert len(person.received) == 1
        finally:
            running.process.kill()


async def test_a_full_disk_confirms_nothing_and_goes_on_by_itself(tmp_path: Path) -> None:
    async with Sandbox(token=TOKEN) as box:
        running = Running(tmp_path, box)
        try:
            person = box.person(77, first_name="Orang")
            person.start()
            await box.until(lambda: len(person.received) == 1, 30)
            await box.settled()
            resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
            person.send("/bantuan")
            fetched = box.world.fetches
            await box.until(lambda: box.world.fetches > fetched + 2, 30)
            assert box.world.updates.pending
            assert len(person.received) == 1
            resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
            await box.until(lambda: len(person.received) == 2, 40)
            assert await asyncio.to_thread(running.end) == 0
        finally:
            running.process.kill()


async def test_a_second_process_is_refused_and_sends_nothing(tmp_path: Path) -> None:
    async with Sandbox(token=TOKEN) as box:
        running = Running(tmp_path, box)
        try:
            await box.until(lambda: box.world.fetches > 0, 30)
            calls = len(box.world.calls)
            second = running.start()
            assert await asyncio.to_thread(second.wait, 10) == 1
            assert len(box.world.calls) == calls
            assert "already runs" in (tmp_path / "log").read_text()
            assert await asyncio.to_thread(running.end) == 0
        finally:
            running.process.kill()


async def test_telegram_away_at_the_start_is_waited_for(tmp_path: Path) -> None:
    async with Sandbox(token=TOKEN) as box:
        await box.close_door()
        running = Running(tmp_path, box)
        try:
            end = time.monotonic() + 20
            while "not reached" not in ((tmp_path / "log").read_text() if (tmp_path / "log").exists() else ""):
                assert time.monotonic() < end
                await box.world.bell.heard(0.05)
            box.open_door()
            await box.until(lambda: box.world.fetches > 0, 40)
            assert await asyncio.to_thread(running.end) == 0
            assert TOKEN not in (tmp_path / "log").read_text()
        finally:
            running.process.kill()


async def test_a_token_that_telegram_refuses(tmp_path: Path) -> None:
    async with Sandbox(token="999:" + "x" * 35) as box:
        running = Running(tmp_path, box)
        assert await asyncio.to_thread(running.process.wait, 30) == 1
        log = (tmp_path / "log").read_text()
        assert "refuses the token" in log
        assert TOKEN not in log
