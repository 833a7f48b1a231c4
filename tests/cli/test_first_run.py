"""The first `run`: on a terminal it asks, checks, keeps and starts; without one it refuses as ever."""

import asyncio
import os
import pty
import re
import signal
import stat
import subprocess
import sys
import termios
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import envfile
from bot.cli.asking import write_admins
from bot.cli.output import Refused
from bot.config import SECRET_VARIABLE, TOKEN_VARIABLE, load_config
from bot.envfile import CREDENTIALS
from bot.sandbox import TOKEN, Sandbox
from tests.cli.conftest import CHECKOUT, Office

SETTINGS = """# what the office wrote
[telegram]
api_base_url = "{url}"

[access]
# who plans
admins = []  # none yet

[schedule]
look_every_seconds = 0.1
"""


class Terminal:
    """`python -m bot run` on a terminal of its own."""

    def __init__(self, office: Office, *more: str, **environment: str) -> None:
        self.master, slave = pty.openpty()
        self.shown = ""
        self.slave = os.dup(slave)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run", "--config", str(office.config), *more],
            cwd=CHECKOUT,
            env=office.environment | environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        os.set_blocking(self.master, False)

    async def until(self, text: str, seconds: float = 60) -> None:
        """Read until the text is on the screen; it is then behind us."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            assert time.monotonic() < end, self.shown
            self._read()
            assert text in self.shown or self.process.poll() is None, self.shown
            await asyncio.sleep(0.02)

    async def answer(self, prompt: str, words: str) -> None:
        await self.until(prompt)
        if "not shown" in prompt:
            await self._hidden()
        self.shown = self.shown.partition(prompt)[2]
        os.write(self.master, f"{words}\n".encode())

    async def _hidden(self) -> None:
        end = time.monotonic() + 10
        while termios.tcgetattr(self.slave)[3] & termios.ECHO:
            assert time.monotonic() < end, "what is typed would be shown"
            await asyncio.sleep(0.02)

    async def ended(self) -> int:
        code = await asyncio.to_thread(self.process.wait, 60)
        self._read()
        return code

    def _read(self) -> None:
        try:
            while part := os.read(self.master, 65536):
                self.shown += part.decode()
        except OSError:
            return

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    made: list[Terminal] = []
    yield made
    for terminal in made:
        terminal.close()


@pytest.fixture
def fresh(tmp_path: Path, box: Sandbox) -> Office:
    """An office whose settings name neither token nor admins."""
    office = Office(tmp_path, box.api_base_url)
    office.settings(SETTINGS.format(url=box.api_base_url))
    return office


def everything(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


async def test_it_asks_for_token_and_admins_keeps_them_and_starts(
    fresh: Office, box: Sandbox, terminals: list[Terminal]
) -> None:
    screen = Terminal(fresh)
    terminals.append(screen)
    await screen.answer("Token (not shown while you type): ", "kata sandi")
    await screen.until("That is no token")
    await screen.answer("Token (not shown while you type): ", "1234567:" + "z" * 35)
    await screen.until("knows no bot with this token")
    await screen.answer("Token (not shown while you type): ", TOKEN)
    await screen.until(f"that of @{box.world.bot['username']}")
    await screen.answer("Telegram ids of the admins: ", "@kepala")
    await screen.answer("Telegram ids of the admins: ", "41, 42 41")
    await screen.until("0 wrong")
    await screen.until("running as=@")
    assert TOKEN.partition(":")[2] not in screen.shown
    screen.process.send_signal(signal.SIGTERM)
    assert await screen.ended() == 0
    kept = fresh.database.parent / "sinar.env"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [name for name, data in everything(fresh.folder).items() if TOKEN.encode() in data] == ["sinar.env"]
    written = fresh.config.read_text()
    assert written == SETTINGS.format(url=box.api_base_url).replace("admins = []", "admins = [41, 42]")

    again = Terminal(fresh)
    terminals.append(again)
    await again.until("running as=@")
    assert "Token" not in again.shown
    again.process.send_signal(signal.SIGTERM)
    assert await again.ended() == 0


async def test_what_is_wrong_is_asked_about_before_it_starts(
    fresh: Office, box: Sandbox, terminals: list[Terminal]
) -> None:
    copies = fresh.database.parent / "backups"
    copies.mkdir(parents=True)
    (copies / "sinar-20250101-020000.db").touch(mode=0o644)
    screen = Terminal(fresh, SINAR_BOT_TOKEN=TOKEN)
    terminals.append(screen)
    await screen.answer("Telegram ids of the admins: ", "41")
    await screen.until("wrong: rights")
    await screen.until("chmod 600")
    await screen.answer("Start all the same? [y/N] ", "")
    assert await screen.ended() == 1
    assert "not started: mend rights" in screen.shown


async def test_a_webhooks_secret_is_made_and_kept(fresh: Office, box: Sandbox, terminals: list[Terminal]) -> None:
    text = fresh.config.read_text().replace(
        "[access]", 'update_mode = "webhook"\nwebhook_url = "https://a.id"\n[access]'
    )
    fresh.settings(text + '[content]\npath = "none"\n')
    screen = Terminal(fresh, SINAR_BOT_TOKEN=TOKEN)
    terminals.append(screen)
    await screen.answer("Telegram ids of the admins: ", "41")
    await screen.answer("Start all the same? [y/N] ", "n")
    assert await screen.ended() == 1
    found = re.search(r"SINAR_WEBHOOK_SECRET=(\S+)", (fresh.database.parent / "sinar.env").read_text())
    assert found is not None
    assert len(found[1]) >= 40
    assert found[1] not in screen.shown


async def test_an_end_of_input_and_wrong_answers_start_nothing(fresh: Office, terminals: list[Terminal]) -> None:
    screen = Terminal(fresh)
    terminals.append(screen)
    for _ in range(3):
        await screen.answer("Token (not shown while you type): ", "salah")
    assert await screen.ended() == 1
    assert "ask @BotFather again" in screen.shown
    assert not (fresh.database.parent / "sinar.env").exists()
    shut = Terminal(fresh, SINAR_BOT_TOKEN=TOKEN)
    terminals.append(shut)
    await shut.until("ids of the admins: ")
    os.write(shut.master, b"\x04")
    assert await shut.ended() == 1
    assert "not started" in shut.shown


async def test_without_a_terminal_it_refuses_as_ever(fresh: Office) -> None:
    assert "SINAR_BOT_TOKEN is not set" in await fresh.refused("run")
    assert tomllib.loads(fresh.config.read_text())["access"]["admins"] == []


async def test_a_file_that_others_may_read_is_refused_and_told_of(fresh: Office) -> None:
    fresh.settings(fresh.config.read_text() + '[content]\npath = "none"\n')
    kept = fresh.database.parent / "sinar.env"
    kept.parent.mkdir()
    kept.write_text(f"SINAR_BOT_TOKEN={TOKEN}\n")
    kept.chmod(0o644)
    assert "chmod 600" in await fresh.refused("run")
    told = (await fresh.call("check", "--json")).json
    assert [entry["level"] for entry in told["checks"] if entry["name"] == "secrets"] == ["wrong"]
    assert TOKEN not in str(told)


def test_the_environment_goes_first_then_a_credential_then_the_file(tmp_path: Path) -> None:
    database, credentials = tmp_path / "data" / "sinar.db", tmp_path / "credentials"
    kept = envfile.keep(database, {TOKEN_VARIABLE: "of the file", SECRET_VARIABLE: "secret"})
    envfile.keep(database, {TOKEN_VARIABLE: "of_the_file"})
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    credentials.mkdir()
    (credentials / "sinar.env").write_text("# by systemd\n\nexport SINAR_BOT_TOKEN='handed over' # so\nPATH=/tmp\n")

    def filled(**given: str) -> dict[str, str]:
        envfile.fill(given, database)
        return given

    both = {TOKEN_VARIABLE: "of_the_file", SECRET_VARIABLE: "secret"}
    assert filled() == both
    assert filled(SINAR_BOT_TOKEN="given") == both | {TOKEN_VARIABLE: "given"}
    assert filled(SINAR_BOT_TOKEN=" ") == both
    handed = {CREDENTIALS: str(credentials)}
    assert filled(**handed) == both | handed | {TOKEN_VARIABLE: "handed over"}
    assert filled(**handed, SINAR_BOT_TOKEN="given")[TOKEN_VARIABLE] == "given"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "[access]\nadmins = [41, 42]\n"),
        ('# a\n[storage]\npath = "a.db"\n', '# a\n[storage]\npath = "a.db"\n\n[access]\nadmins = [41, 42]\n'),
        ("[access] # who\n[health]\n", "[access] # who\nadmins = [41, 42]\n[health]\n"),
        ("[access]\n  admins=[\n]  # none\n", "[access]\n  admins=[41, 42]  # none\n"),
    ],
)
def test_the_admins_are_written_and_the_rest_stays(tmp_path: Path, before: str, after: str) -> None:
    real, named = tmp_path / "real.toml", tmp_path / "config.toml"
    real.write_text(before)
    real.chmod(0o640)
    named.symlink_to(real)
    write_admins(named, [41, 42])
    assert real.read_text().lstrip() == after
    assert load_config(named).access.admins == [41, 42]
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(file.name for file in tmp_path.iterdir()) == ["config.toml", "real.toml"]


@pytest.mark.parametrize(
    "text", ["access = {}\n", "access.admins = []\n[health]\n", 'admins = "[access]"\n[x]\nadmins = []\n']
)
def test_settings_of_another_form_are_left_to_their_owner(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(Refused, match=r"admins = \[41\]"):
        write_admins(tmp_path / "config.toml", [41])
    assert (tmp_path / "config.toml").read_text() == text
