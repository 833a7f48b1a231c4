"""The token and the webhook's secret: not in the process list, not in a log of a bad day, not in the database."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO, Literal

import pytest

from bot.application import assemble
from bot.clock import HandClock
from bot.config import Config, Storage
from bot.config import Telegram as TelegramSettings
from bot.demo.byhand import ByHand
from bot.logs import _CHATTY, KeyValueFormatter, RedactingFilter, Redactor
from bot.sandbox import TOKEN, Fault, Sandbox
from bot.store import accounts
from bot.store.backup import backup
from tests.conftest import Rig, nip, rigged, wib
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


@contextmanager
def at_its_most_talkative(handler: logging.Handler) -> Iterator[None]:
    """Let every logger speak at DEBUG, to this handler behind the bot's own filter."""
    handler.setFormatter(KeyValueFormatter())
    handler.addFilter(RedactingFilter(Redactor([TOKEN])))
    root = logging.getLogger()
    before, others = root.level, root.handlers
    # To it alone: pytest keeps what it hears as it is, and all that is kept of a run is searched for the token.
    root.handlers = [handler]
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(before)
        root.handlers = others


@pytest.mark.parametrize("over", ["aiohttp", "httpx"])
async def test_all_that_any_logger_says_at_its_most_talkative_passes_the_filter(
    tmp_path: Path, over: Literal["aiohttp", "httpx"]
) -> None:
    """Every logger at DEBUG, httpx and python-telegram-bot too, which log each address with the token in it."""
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    with at_its_most_talkative(Kept(logging.DEBUG)):
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
    # aiohttp names no address by itself.
    assert any("/bot[redacted]/getUpdates" in line for line in lines) is (over == "httpx")
    assert any("sendMessage" in line for line in lines)
    assert [line for line in lines if TOKEN in line or HALF in line] == []


EVERY_FAULT = [fault for fault in Fault if not fault.value.startswith("hang")]
WORDS = "rahasia-hati-3606"


def shipped(record: logging.LogRecord) -> bool:
    """Whether the running bot logs this at all: no setting makes it say more."""
    chatty = any(record.name == name or record.name.startswith(name + ".") for name in _CHATTY)
    return record.levelno >= (logging.WARNING if chatty else logging.INFO)


async def test_a_day_of_every_fault_leaves_no_link_nip_or_words_where_others_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is collected at DEBUG; tokens and links may stand in none of it, NIPs and words in nothing shipped.

    (At DEBUG python-telegram-bot and aiosqlite write whole updates, which is why no setting lets them.)
    """
    said: list[tuple[bool, bool, str]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            ours = record.name.partition(".")[0] in ("bot", "handlers", "messages", "scheduler")
            said.append((shipped(record), ours, self.format(record)))

    with at_its_most_talkative(Kept(logging.DEBUG)):
        async with rigged(tmp_path) as rig:
            # The night's work is done before: a link that is just on its way stands in a copy that is made then.
            await rig.hand.look()
            await rig.add_people(6)
            session = await rig.add_session()
            personal = await rig.write(lambda db: accounts.invite(db, rig.clock.now(), 1))
            seat = (await rig.write(lambda db: accounts.invite_coordinator(db, rig.clock.now(), 1)))[1]
            for fault in EVERY_FAULT:
                for method in ("sendMessage", "answerCallbackQuery", "sendDocument"):
                    rig.box.faults.plan(fault, method)
            # The line to getUpdates waits in earnest after a fault, the longer the more follow each other.
            rig.box.faults.plan(Fault.RESET_AFTER, "getUpdates")
            boss, person = rig.phone(500), rig.phone(1)
            boss.start(seat)
            person.start(personal)
            await went_through(rig)
            for who in (boss, person):
                who.tap("Setuju")
            await went_through(rig)
            other = await rig.join(2, session)
            for who in (person, other):
                for words in (WORDS, nip(3), f"/perbaiki {WORDS}", "/riwayat", "/dataku"):
                    who.send(words)
            await went_through(rig)

            async def raising(_update: object) -> None:
                raise ValueError(f"{WORDS} {nip(1)} {personal}")

            with monkeypatch.context() as patched:
                patched.setattr(rig.sinar.app, "process_update", raising)
                person.send(WORDS)
                await went_through(rig)
            await rig.run_until("2025-11-11 03:00")
            assert await rig.one("SELECT count(*) FROM answer WHERE text = ?", WORDS) >= 1
            assert rig.box.faults.find("sendMessage", {}) is None, "every fault was met"
    links = (personal, seat)
    text = "\n".join(line for heard, _, line in said if heard)
    own = "\n".join(line for _, ours, line in said if ours)
    assert len(own.splitlines()) > len(EVERY_FAULT)
    for secret in (*links, WORDS, *(nip(n) for n in range(1, 4))):
        assert secret not in text
        assert secret not in own
    assert all(TOKEN not in line and HALF not in line for _, _, line in said)
    backup(tmp_path / "data/sinar.db", tmp_path / "backups/after.db")
    backups = list((tmp_path / "backups").iterdir())
    assert len(backups) > 1
    for file in (*(tmp_path / "data").iterdir(), *backups):
        stored = file.read_bytes()
        assert leaks(stored) == []
        assert [link for link in links if link.encode() in stored] == [], file.name


async def went_through(rig: Rig) -> None:
    """Let what failed be tried again."""
    for _ in range(4):
        await rig.settle()
        await rig.hand.wait(timedelta(minutes=2))


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
