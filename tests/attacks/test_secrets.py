"""The token and the webhook's secret: not in the process list, not in a log of a bad day, not in the database."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Literal

import pytest

from bot.application import assemble
from bot.byhand import ByHand
from bot.clock import HandClock
from bot.config import Config, Storage
from bot.config import Telegram as TelegramSettings
from bot.logs import KeyValueFormatter, RedactingFilter, Redactor
from bot.sandbox import TOKEN, Fault, Sandbox
from tests.conftest import wib
from tests.leaks import PLANTED

CHECKOUT = Path(__file__).parents[2]
SECRET = "rahasia-webhook-4711"
HALF = TOKEN.partition(":")[2]
BAD_DAY = (Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.HTML_BEFORE, Fault.STATUS_BEFORE)


def leaks(data: bytes) -> list[str]:
    return [secret for secret in (TOKEN, HALF, SECRET) if secret.encode() in data]


async def test_neither_the_process_list_nor_log_nor_database_of_a_bad_day_holds_a_secret(tmp_path: Path) -> None:
    async with Sandbox(token=TOKEN) as box:
        (tmp_path / "config.toml").write_text(
            f'[telegram]\napi_base_url = "{box.api_base_url}"\n[schedule]\nlook_every_seconds = 0.1\n'
        )
        # Each a second's pause; the line to getUpdates breaks, too.
        for fault, method in zip(BAD_DAY, ("sendMessage", "getUpdates", "getMe", "sendMessage"), strict=True):
            box.faults.plan(fault, method)
        with (tmp_path / "log").open("wb") as log:
            process = started(tmp_path, log)
        try:
            person = box.person(77, first_name="Orang")
            person.start()
            await box.until(lambda: bool(person.received), 60)
            person.send(f"{PLANTED} di hari yang buruk")
            await box.until(lambda: len(person.received) > 1, 60)
            shown = Path(f"/proc/{process.pid}")
            assert b"bot\0run" in (shown / "cmdline").read_bytes()
            assert leaks((shown / "cmdline").read_bytes()) == []
            assert leaks((shown / "comm").read_bytes()) == []
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 15) == 0
        finally:
            process.kill()
            process.wait()
    assert (tmp_path / "log").read_text().count("level=warning") >= 2
    assert leaking(tmp_path) == {}


def started(folder: Path, log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-X", "dev", "-m", "bot", "run", "--config", str(folder / "config.toml")],
        cwd=CHECKOUT,
        env=os.environ | {"SINAR_BOT_TOKEN": TOKEN, "SINAR_WEBHOOK_SECRET": SECRET},
        stdout=log,
        stderr=log,
    )


def leaking(folder: Path) -> dict[str, list[str]]:
    files = {file.name: leaks(file.read_bytes()) for file in folder.rglob("*") if file.is_file()}
    return {name: found for name, found in files.items() if found}


@pytest.mark.parametrize("over", ["aiohttp", "httpx"])
async def test_all_that_any_logger_says_at_its_most_talkative_passes_the_filter(
    tmp_path: Path, over: Literal["aiohttp", "httpx"]
) -> None:
    """Every logger at DEBUG, httpx and python-telegram-bot too, which log each address with the token in it."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Kept(logging.DEBUG)
    handler.setFormatter(KeyValueFormatter())
    handler.addFilter(RedactingFilter(Redactor([TOKEN])))
    root = logging.getLogger()
    before, others = root.level, root.handlers
    # It alone: pytest keeps what it hears as it is, and all that is kept of a run is searched for the token.
    root.handlers = [handler]
    root.setLevel(logging.DEBUG)
    try:
        clock = HandClock(wib("2025-11-10 09:00"))
        async with Sandbox(token=TOKEN, now=lambda: clock.now().timestamp()) as box:
            config = Config(
                telegram=TelegramSettings(api_base_url=box.api_base_url, messages_per_second=5000, http_client=over),
                storage=Storage(path=tmp_path / "sinar.db", backup_dir=tmp_path / "backups"),
            )
            for fault in BAD_DAY:
                box.faults.plan(fault, "sendMessage")
            async with assemble(config, TOKEN, clock) as sinar, ByHand(sinar, clock) as hand:
                box.person(77, first_name="Orang").start()
                await box.settled()
                await hand.quiet()
    finally:
        root.setLevel(before)
        root.handlers = others
    # aiohttp names no address by itself.
    assert any("/bot[redacted]/getUpdates" in line for line in lines) is (over == "httpx")
    assert any("sendMessage" in line for line in lines)
    assert [line for line in lines if TOKEN in line or HALF in line] == []


@pytest.mark.parametrize("command", [["check"], ["session", "list"], ["run"]])
def test_a_command_that_fails_names_no_secret(tmp_path: Path, command: list[str]) -> None:
    """Broken settings, a token that is none, a database that is a folder: all that is printed is safe."""
    bad = f"{HALF}:not a token"
    (tmp_path / "data/sinar.db").mkdir(parents=True)
    (tmp_path / "config.toml").write_text('[telegram]\napi_base_url = "http://127.0.0.1:9"\n')
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "bot", *command, "--config", str(tmp_path / "config.toml")],
        cwd=CHECKOUT,
        env=os.environ | {"SINAR_BOT_TOKEN": bad, "SINAR_WEBHOOK_SECRET": SECRET},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, time.monotonic() - began
    assert leaks(done.stdout + done.stderr) == []
    assert b"not a token" not in done.stdout + done.stderr
