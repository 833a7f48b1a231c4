"""docs/runbook.md, typed as it stands: every `sh` block, in the order of its section."""

import asyncio
import os
import re
import shlex
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pyrage import x25519

from bot import envfile
from bot.cli.parsing import parse
from bot.clock import to_text
from bot.config import TOKEN_VARIABLE, load_config
from bot.roster.sample import sample_people
from bot.sandbox import TOKEN, Sandbox
from bot.store import tombstones
from bot.store.database import connect, migrations, prepare, run_migration
from bot.store.turns import transact
from tests.conftest import wib
from tests.deploy.stand_ins import CHECKOUT, put_in_place

RUNBOOK = CHECKOUT / "docs/runbook.md"
PLACES = "export HOUSE=/opt/sinar DATA=/var/lib/sinar CONFIG=/etc/sinar/config.toml"
COPIED = ("bot", "handlers", "messages", "scheduler", "pyproject.toml")


def blocks(title: str) -> list[str]:
    """The `sh` blocks of the section whose heading begins so."""
    sections = re.split(r"^## ", RUNBOOK.read_text(), flags=re.MULTILINE)
    section = next(part for part in sections if part.startswith(title))
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


@dataclass
class Server:
    """A machine with the places of the runbook in a folder."""

    folder: Path
    box: Sandbox
    data: Path = field(init=False)

    def __post_init__(self) -> None:
        self.house, self.data, self.state = self.folder / "house", self.folder / "data", self.folder / "state"
        self.config, self.home = self.folder / "config.toml", self.folder / "home"
        for made in (self.house, self.data, self.state, self.folder / "programs", self.home):
            made.mkdir(mode=0o700)
        put_in_place(self.folder / "programs", self.state, self.house, self.config)
        for name in (*COPIED, ".venv"):
            (self.house / name).symlink_to(Path(sys.prefix) if name == ".venv" else CHECKOUT / name)
        self.write_config()

    @property
    def database(self) -> Path:
        return self.data / "sinar.db"

    def write_config(self, more: str = "") -> None:
        self.config.write_text(
            f'[telegram]\napi_base_url = "{self.box.api_base_url}"\n[access]\nadmins = [7]\n'
            f'[schedule]\nlook_every_seconds = 0.1\n[storage]\npath = "{self.database}"\n'
            f'backup_dir = "{self.data}/backups"\n{more}'
        )

    def keep_token(self) -> None:
        envfile.keep(self.database, {TOKEN_VARIABLE: TOKEN})

    async def type(self, block: str, code: int = 0, **more: str) -> str:
        """Type a block after the one of the places, as somebody does who stops at the first failure."""
        first = blocks("The places")[0]
        assert PLACES in first
        here = first.replace(PLACES, f"export HOUSE={self.house} DATA={self.data} CONFIG={self.config}")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SINAR_")}
        process = await asyncio.create_subprocess_exec(
            "bash", "-euo", "pipefail", "-c", here + block,
            env=environment | {"PATH": f"{self.folder}/programs:{os.environ['PATH']}", "HOME": str(self.home)} | more,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, stdin=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        told = (await asyncio.wait_for(process.communicate(), 120))[0].decode()
        assert process.returncode == code, told
        return told

    async def running(self, times: int = 1) -> None:
        """Wait until the bot has said so many times that it runs."""
        end = time.monotonic() + 60
        while self.journal.count("running as=@") < times:
            assert time.monotonic() < end, self.journal
            await asyncio.sleep(0.05)

    @property
    def journal(self) -> str:
        log = self.state / "journal"
        return log.read_text() if log.exists() else ""

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with closing(connect(self.database)) as db:
            return [tuple(row) for row in db.execute(sql)]

    def close(self) -> None:
        pid = self.state / "pid"
        if pid.exists():
            try:
                os.kill(int(pid.read_text()), signal.SIGKILL)
            except ProcessLookupError:
                return


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with Sandbox(token=TOKEN) as box:
        made = Server(tmp_path, box)
        made.keep_token()
        yield made
        made.close()


def fill(database: Path, count: int = 5) -> None:
    """People of one unit; the first of them has an account in chat 77."""
    prepare(database)
    with closing(connect(database)) as db:
        transact(db, lambda db: _fill(db, count))


def _fill(db: sqlite3.Connection, count: int) -> None:
    at = to_text(wib("2025-11-10 09:00"))
    db.execute("INSERT INTO unit (id, name) VALUES (1, 'Dinas Kesehatan')")
    db.executemany(
        "INSERT INTO person (nip, name, position, unit_id, added_at) VALUES (?, ?, 'Staf', 1, ?)",
        [(person.nip, f"Orang {n}", at) for n, person in enumerate(sample_people(count), 1)],
    )
    db.execute(
        "INSERT INTO account (telegram_id, person_id, consented_at, notice_version, joined_at, standing)"
        " VALUES (77, 1, ?, '1', ?, 'verified')",
        (at, at),
    )


async def test_1_killed(server: Server) -> None:
    await server.type("sudo systemctl start sinar\n")
    await server.running()
    person = server.box.person(5, first_name="Orang")
    person.start()
    await server.box.until(lambda: bool(person.received), 60)
    told = await server.type(blocks("1.")[0])
    assert "all is well" in told
    await server.running(2)
    count = len(person.received)
    person.send("/bantuan")
    await server.box.until(lambda: len(person.received) > count, 60)
    assert server.query("PRAGMA integrity_check") == [("ok",)]


async def test_2_upgrade_from_the_first_migrations_file(server: Server) -> None:
    number, first = migrations()[0]
    server.database.touch(mode=0o600)
    with closing(connect(server.database)) as db:
        run_migration(db, number, first)
        transact(db, lambda db: _fill(db, 5))
    before = server.query("SELECT nip, name FROM person ORDER BY id")
    # The old code: it knows the first migration alone. What `git pull` brings is the code as it is.
    (server.house / "bot").unlink()
    shutil.copytree(CHECKOUT / "bot", server.house / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    steps = server.house / "bot/store/migrations"
    newer = server.state / "newer/bot/store/migrations"
    newer.mkdir(parents=True)
    for file in sorted(steps.glob("*.sql"))[1:]:
        file.rename(newer / file.name)

    told = await server.type(blocks("2.")[0])
    assert f"schema {len(migrations())} of {len(migrations())}" in told
    await server.running()
    assert server.query("PRAGMA user_version") == [(len(migrations()),)]
    assert server.query("SELECT nip, name FROM person ORDER BY id") == before
    assert server.query("SELECT telegram_id, standing FROM account") == [(77, "verified")]
    assert server.query("PRAGMA integrity_check") == [("ok",)]
    assert server.query("PRAGMA foreign_key_check") == []
    for copy in ("before-upgrade.db", "sinar.db.before-2"):
        with closing(sqlite3.connect(server.data / copy)) as db:
            assert db.execute("PRAGMA user_version").fetchone() == (1,)
    person = server.box.person(77, first_name="Orang")
    person.send("/progres")
    await server.box.until(lambda: bool(person.received), 60)
    assert (server.state / "typed").read_text().splitlines()[-1] == f"make -C {server.house} setup"


async def test_3_back_to_the_version_before(server: Server) -> None:
    fill(server.database)
    await server.type('sinar backup "$DATA/before-upgrade.db"; echo 0123abc > "$DATA/before-upgrade.commit"\n')
    with closing(connect(server.database)) as db:
        db.execute("UPDATE person SET name = 'after' WHERE id = 1")
    await server.type("sudo systemctl start sinar\n")
    await server.running()
    await server.type(blocks("3.")[0])
    await server.running(2)
    assert server.query("SELECT name FROM person WHERE id = 1") == [("Orang 1",)]
    typed = (server.state / "typed").read_text().splitlines()
    assert typed == [f"git -C {server.house} checkout --detach 0123abc", f"make -C {server.house} setup"]
    with closing(sqlite3.connect(server.data / "sinar.db.replaced")) as db:
        assert db.execute("SELECT name FROM person WHERE id = 1").fetchone() == ("after",)


async def test_4_the_server_is_lost(server: Server, tmp_path_factory: pytest.TempPathFactory) -> None:
    """From another folder; who was erased after the backup stays erased."""
    fill(server.database)
    backups = server.data / "backups"
    await server.type(
        'sinar backup "$DATA/backups/sinar-20251116-020000.db"; sinar backup "$DATA/backups/sinar-20251117-020000.db"\n'
    )
    with closing(connect(server.database)) as db:
        transact(db, lambda db: tombstones.erase(db, wib("2025-11-17 09:00"), server.database, 77))
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for file in (*backups.iterdir(), *server.data.glob("sinar.db.erased*")):
        shutil.copy(file, elsewhere)
    assert len(list(elsewhere.iterdir())) == 4

    shutil.rmtree(server.data)
    server.data.mkdir(mode=0o700)
    first, last = blocks("4.")
    await server.type(first.replace("FROM=/srv/sinar", f"FROM={elsewhere}"))
    assert server.query("SELECT count(*) FROM person") == [(5,)]
    assert server.query("SELECT count(*) FROM account") == [(0,)]
    assert {file.stat().st_mode & 0o077 for file in server.data.glob("sinar.db*")} == {0}
    # In between `run` asks for the token (tests/cli/test_first_run.py) and keeps it so.
    server.keep_token()
    assert "all is well" in await server.type(last)
    await server.running()


def keys(server: Server) -> None:
    """age-keygen, where the machine has none: the same words in the same file."""
    if shutil.which("age-keygen"):
        return
    made = x25519.Identity.generate()
    program = server.folder / "programs/age-keygen"
    lines = f"# public key: {made.to_public()}\n{made}\n"
    program.write_text(f"#!/bin/sh\ncat > \"$2\" <<'END'\n{lines}END\necho 'Public key: {made.to_public()}' >&2\n")
    program.chmod(0o755)


async def test_5_and_6_encrypted_backups_and_a_lost_key(server: Server) -> None:
    fill(server.database)
    keys(server)
    make, restore = blocks("5.")
    told = await server.type(make)
    public = told.split("ublic key: ")[1].split()[0]
    assert (server.home / "identity.txt").stat().st_mode & 0o077 == 0
    server.write_config(f'backup_public_key = "{public}"\n')
    renew = blocks("6.")[0]
    await server.type(renew)
    await server.running()
    backup = next((server.data / "backups").glob("sinar-*.db.age"))
    assert b"Orang 1" not in backup.read_bytes()
    with closing(connect(server.database)) as db:
        db.execute("UPDATE person SET name = 'after' WHERE id = 1")
    told = await server.type(restore)
    await server.running(2)
    assert server.query("SELECT name FROM person WHERE id = 1") == [("Orang 1",)]
    assert not (server.data / "identity.txt").exists()
    # Without its identity the same backup is refused, and says what is missing.
    await server.type("sudo systemctl stop sinar\n")
    refused = await server.type('sinar restore "$(ls "$DATA"/backups/*.age | tail -n 1)"\n', code=1)
    assert "identity" in refused


async def test_7_the_disk_is_full(server: Server) -> None:
    fill(server.database)
    for name in ("sinar.db.before-2", "sinar.db.replaced", "sinar.db.replaced-wal"):
        (server.data / name).touch()
    told = await server.type(blocks("7.")[0])
    assert str(server.data / "sinar.db.before-2") in told
    left = {file.name for file in server.data.iterdir()}
    assert "sinar.db" in left
    assert not any("before" in name or "replaced" in name for name in left)


async def test_8_the_token_was_revoked(server: Server) -> None:
    await server.type("sudo systemctl start sinar\n")
    await server.running()
    await server.type(blocks("8.")[0])
    assert not envfile.env_file(server.database).exists()
    assert "SINAR_BOT_TOKEN is not set" in await server.type("sinar run\n", code=1)


async def test_9_it_runs_already(server: Server) -> None:
    await server.type("sudo systemctl start sinar\n")
    await server.running()
    refused = await server.type("sinar run\n", code=1)
    told = await server.type(blocks("9.")[0])
    number = (server.state / "pid").read_text()
    assert f"(process {number})" in refused
    assert number in told
    assert "-m bot run" in told


async def test_11_no_admin_is_left(server: Server) -> None:
    await server.type("sudo systemctl start sinar\n")
    await server.running()
    await server.type(blocks("11.")[0])
    await server.running(2)
    assert load_config(server.config).access.admins == [123456789]
    old, new = server.box.person(7, first_name="Lama"), server.box.person(123456789, first_name="Baru")
    for person in (old, new):
        person.send("/status")
        await server.box.until(lambda person=person: bool(person.received), 60)
    assert "tidak tersedia" in str(old.last.text)
    assert "tidak tersedia" not in str(new.last.text)


async def test_12_the_database_is_damaged(server: Server) -> None:
    fill(server.database)
    await server.type('sinar backup "$DATA/backups/sinar-20251117-020000.db"\n')
    whole = server.database.read_bytes()
    server.database.write_bytes(whole[:4096] + b"\xaa" * 40960 + whole[4096 + 40960 :])
    await server.type(blocks("12.")[0])
    await server.running()
    assert server.query("SELECT count(*) FROM person") == [(5,)]
    assert server.query("PRAGMA integrity_check") == [("ok",)]


def test_every_command_typed_exists_and_every_section_is_typed() -> None:
    text = RUNBOOK.read_text()
    commands = re.findall(r"^sinar (.+?)(?: +#.*)?$", text, re.MULTILINE)
    assert len(commands) >= 10
    for command in commands:
        parse(shlex.split(re.sub(r'"\$.*?"(?= --|$)', "file", command)))
    typed = Path(__file__).read_text()
    sections = re.findall(r"^## ([0-9]+)\..*?\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(sections) >= 10
    for number, section in sections:
        assert "```sh\n" not in section or f'blocks("{number}.")' in typed, number
