"""`deploy/` says what the code has: paths, commands, ports, limits; and the machine's own tools take the files."""

import configparser
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bot.cli.parsing import parse
from bot.config import Config, Telegram, load_config
from bot.envfile import NAME, env_file
from bot.intake.webhook import LARGEST_BODY

CHECKOUT = Path(__file__).parents[2]
DEPLOY = CHECKOUT / "deploy"
CONFIG = "/etc/sinar/config.toml"
HOUSE = "/opt/sinar"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")


class _Unit(configparser.RawConfigParser):
    def optionxform(self, optionstr: str) -> str:
        return optionstr


@pytest.fixture
def unit() -> dict[str, str]:
    found = _Unit(strict=False, comment_prefixes=("#",))
    found.read(DEPLOY / "sinar.service")
    return dict(found["Service"])


@pytest.fixture
def settings() -> Config:
    return load_config(DEPLOY / "config.toml")


def container() -> str:
    return (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")


def copied() -> dict[str, str]:
    """What the image gets from the checkout, and where to."""
    found = {}
    for line in re.findall(r"^COPY (?!--from)(.+)$", container(), re.MULTILINE):
        *sources, target = line.split()
        found |= dict.fromkeys(sources, target)
    return found


def test_the_unit_starts_what_there_is_and_may_write_where_the_settings_say(
    unit: dict[str, str], settings: Config
) -> None:
    program, *arguments = unit["ExecStart"].split()
    assert program == f"{HOUSE}/.venv/bin/python"
    assert unit["WorkingDirectory"] == HOUSE
    assert arguments[:2] == ["-m", "bot"]
    given, doing = parse(arguments[2:])
    assert (given.config, doing.__name__) == (CONFIG, "run")
    state = Path("/var/lib") / unit["StateDirectory"]
    assert settings.storage.path.parent == state
    assert settings.storage.backup_dir.parent == state
    assert env_file(settings.storage.path) == state / NAME
    assert f"#LoadCredential={NAME}:" in (DEPLOY / "sinar.service").read_text()
    # The contract: it stops within 10 s; the machine must not be less patient.
    assert int(unit["TimeoutStopSec"]) > 10


def test_the_unit_leaves_the_reader_of_workbooks_its_limits(unit: dict[str, str]) -> None:
    limited = "setrlimit" in (CHECKOUT / "bot/roster/child.py").read_text()
    refused = re.findall(r"^SystemCallFilter=~(.*)$", (DEPLOY / "sinar.service").read_text(), re.MULTILINE)
    assert limited
    assert not any("@resources" in line for line in refused)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="apt-get install systemd")
def test_systemd_takes_the_unit_and_finds_it_closed(tmp_path: Path) -> None:
    text = (DEPLOY / "sinar.service").read_text()
    # This machine has no /opt/sinar; any program and any page will do for the grammar.
    here = text.replace(f"{HOUSE}/.venv/bin/python", sys.executable).replace("User=sinar\nGroup=sinar", "User=root")
    (tmp_path / "sinar.service").write_text(here)
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / "sinar.service")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (checked.returncode, checked.stderr.strip()) == (0, "")
    closed = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=15", str(DEPLOY / "sinar.service")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert closed.returncode == 0, closed.stdout[-200:]


def test_the_image_holds_all_that_the_bot_imports_and_nothing_of_the_house(tmp_path: Path, settings: Config) -> None:
    for source, target in copied().items():
        if target == "/tmp/requirements.lock":
            continue
        place = tmp_path / target.removeprefix("/opt/sinar/")
        if (CHECKOUT / source).is_dir():
            shutil.copytree(CHECKOUT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(CHECKOUT / source, place)
    packages = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["mypy"]["packages"]
    assert set(packages) <= set(copied())
    (tmp_path / "config.toml").write_text("")
    for command in (["roster", "import", "none.xlsx"], ["session", "list"], ["content", "check"]):
        done = subprocess.run(
            [sys.executable, "-m", "bot", *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr
        assert done.returncode == (1 if "import" in command else 0), done.stderr
    allowed = (DEPLOY / "Containerfile.dockerignore").read_text().split()
    assert allowed[allowed.index("*") :][0] == "*"
    assert {line[1:] for line in allowed if line.startswith("!")} == set(copied())
    assert f"**/{NAME}" in allowed


def test_the_image_is_of_locked_wheels_and_runs_as_nobody_in_particular(settings: Config) -> None:
    text = container()
    install = re.search(r"pip install .*", text)
    assert install is not None
    for option in ("--require-hashes", "--no-deps", "--only-binary :all:", "-r /tmp/requirements.lock"):
        assert option in install[0]
    assert re.findall(r"^USER (\S+)$", text, re.MULTILINE) == ["sinar"]
    assert "apt-get" not in text
    assert re.search(r"^ARG BASE=python:3\.11-slim-bookworm", text, re.MULTILINE)
    entry, command = (re.search(rf"^{word} \[(.*)\]$", text, re.MULTILINE) for word in ("ENTRYPOINT", "CMD"))
    assert entry is not None
    assert command is not None
    assert entry[1] == '"python", "-m", "bot"'
    given, doing = parse([word.strip(' "') for word in command[1].split(",")])
    assert (given.config, doing.__name__) == (CONFIG, "run")
    assert f"http://{settings.health.listen}/" in text
    assert str(settings.storage.path.parent) in re.findall(r"^VOLUME (\S+)$", text, re.MULTILINE)


def test_nginx_hands_over_what_the_bot_takes_where_it_listens() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    assert re.findall(r"proxy_pass http://(\S+);", text) == [Telegram().webhook_listen]
    assert f"client_max_body_size {LARGEST_BODY // 2**20}m;" in text
    named = re.search(r'webhook_url\s*=\s*"https://([^/"]+)(/[^"]*)"', text)
    assert named is not None
    assert f"server_name {named[1]};" in text
    assert f"location = {named[2]} " in text
    assert "access_log off;" in text


@pytest.mark.skipif(NGINX is None, reason="apt-get install nginx-light")
def test_nginx_takes_the_file(tmp_path: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=sinar", "-days", "2",
         "-keyout", str(tmp_path / "privkey.pem"), "-out", str(tmp_path / "fullchain.pem")],
        capture_output=True, check=True,
    )  # fmt: skip
    text = (DEPLOY / "nginx.conf").read_text()
    (tmp_path / "sinar.conf").write_text(re.sub(r"/etc/letsencrypt/live/[^/]+/", f"{tmp_path}/", text))
    whole = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ include {tmp_path}/sinar.conf; }}"
    (tmp_path / "nginx.conf").write_text(whole)
    tried = subprocess.run(
        [NGINX or "", "-t", "-p", str(tmp_path), "-c", f"{tmp_path}/nginx.conf"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert tried.returncode == 0, tried.stderr


def test_litestream_follows_the_database_no_longer_than_backups_are_kept(settings: Config) -> None:
    text = (DEPLOY / "litestream.yml").read_text()
    assert re.findall(r"- path: (\S+)", text) == [str(settings.storage.path)]
    hours = re.search(r"retention: ([0-9]+)h", text)
    assert hours is not None
    assert int(hours[1]) <= settings.storage.backups_kept * 24
    assert f"{settings.storage.path.name}.erased-key" in text
