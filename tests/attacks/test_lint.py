"""The checks of `make lint` that are our own: clean here, and red for whatever is planted."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.lint import CHECKOUT, SECRETS, faults, main, secrets, unexplained, watched

TOKEN = "7123456789:" + "A" * 35
OTHERS = ("-----BEGIN RSA " + "PRIVATE KEY-----", "AGE-SECRET-" + "KEY-1" + "Q" * 58)
NOQA = "# no" + "qa"


def test_no_tracked_file_holds_a_secret_and_every_exception_says_why() -> None:
    assert len(watched(CHECKOUT)) > 100
    assert faults(CHECKOUT) == []


@pytest.mark.parametrize("planted", [f"token = {TOKEN}", f"https://api.telegram.org/bot{TOKEN}/getMe", *OTHERS])
def test_a_planted_secret_is_found(planted: str) -> None:
    assert len(secrets(planted)) == 1
    assert set(secrets(planted)) <= set(SECRETS)


@pytest.mark.parametrize("with_git", [True, False])
@pytest.mark.parametrize("name", ["config.toml", "docs/new.md", "picture.png"])
def test_the_command_turns_red_for_a_file_not_yet_added(
    tmp_path: Path, name: str, with_git: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if with_git:
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "fine.py").write_text("x = 1\n")
    assert main(tmp_path) == 0
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"\xff\x00" + TOKEN.encode())
    capsys.readouterr()
    assert main(tmp_path) == 1
    said = capsys.readouterr().out
    assert f"{name}: holds a bot's token" in said
    assert TOKEN not in said


def test_the_secrets_of_this_machine_are_searched_for(tmp_path: Path) -> None:
    """Run as `make lint` runs it, on a checkout that holds the value of the variable, a secret without a form."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/lint.py").write_bytes((CHECKOUT / "tests/lint.py").read_bytes())
    (tmp_path / "notes.md").write_text("the webhook: kata-sandi-kantor\n")

    def run(secret: str) -> int:
        command = [sys.executable, "-m", "tests.lint"]
        return subprocess.run(
            command, cwd=tmp_path, env={"SINAR_WEBHOOK_SECRET": secret}, capture_output=True, check=False
        ).returncode

    assert run("another-of-the-same") == 0
    assert run("kata-sandi-kantor") == 1


@pytest.mark.parametrize(
    "line",
    [
        f"x = 1  {NOQA}: S608",
        f"x = 1  {NOQA}: E501, S608",
        f"x = 1  {NOQA}:S608",
        f"x = 1  {NOQA}: S608 -",
        f"x = 1  {NOQA}",
        f"x = 1  {NOQA.upper()}: S608",
        "# ruff: " + NOQA[2:],
        "# ruff: " + NOQA[2:] + ": S311",
        "# ruff: " + "disable[S608]",
    ],
)
def test_an_exception_without_a_reason_is_found(line: str) -> None:
    assert [number for number, _ in unexplained(f"first\n{line}\n")] == [2]


@pytest.mark.parametrize(
    "line",
    [
        f"x = 1  {NOQA}: S608 - a constant",
        f"x = 1  {NOQA}: S608  (a constant)",
        f"x = 1  {NOQA}: SIM118",
        "# ruff: " + NOQA[2:] + ": S311 - no secret, a demo",
    ],
)
def test_an_exception_with_a_reason_is_let_be(line: str) -> None:
    assert list(unexplained(line)) == []


def test_make_lint_asks_for_the_security_rules_and_calls_the_command() -> None:
    """Without a network: ruff, mypy, import-linter and this command read files alone."""
    recipe = (CHECKOUT / "Makefile").read_text().partition("\nlint: ")[2].partition("\n\n")[0]
    assert "ruff check ." in recipe
    assert "-m tests.lint" in recipe
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--stdin-filename", "bot/planted.py", "-"]
    hole = "import subprocess\n\nsubprocess.run(input(), shell=True)\n"
    judged = subprocess.run(ruff, input=hole, text=True, capture_output=True, cwd=CHECKOUT, check=False)
    assert judged.returncode == 1
    assert "S602" in judged.stdout
