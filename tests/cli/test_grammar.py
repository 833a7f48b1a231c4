"""What can be written on the command line, and how mistakes in it end."""

from pathlib import Path

import pytest

from bot.config import ConfigError, load_config
from tests.cli.conftest import Office


async def test_options_stand_before_or_after_the_command(office: Office) -> None:
    config = str(office.config)
    for arguments in (
        ("--json", "--config", config, "session", "list"),
        ("session", "--json", "--config", config, "list"),
        ("session", "list", "--config", config, "--json"),
        ("--config", config, "session", "list", "--json"),
    ):
        done = await office.call(*arguments, config=False)
        assert (done.code, done.json) == (0, {"sessions": []}), arguments


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("dance",),
        ("session",),
        ("invite",),
        ("session", "show", "first"),
        ("session", "move", "1", "--start", "tomorrow", "--end", "2025-11-17T08:00"),
        ("session", "move", "1", "--start", "2025-11-17", "--end", "2025-11-17T08:00"),
        ("session", "move", "1", "--start", "2025-02-30T08:00", "--end", "2025-11-17T08:00"),
        ("session", "add", "--title", "T", "--place", "P", "--start", "2025-11-17T08:00", "--end", "2025-11-17T09:00"),
        ("summary", "--week", "last"),
        ("content", "preview"),
        ("backup",),
        ("session", "list", "--jso"),
    ],
)
async def test_what_cannot_be_understood(office: Office, arguments: tuple[str, ...]) -> None:
    told = await office.usage(*arguments)
    assert "usage:" in told
    assert not office.database.exists()


async def test_four_messages_are_too_many(office: Office) -> None:
    told = await office.usage(
        "session", "add", "--title", "T", "--place", "P", "--start", "2025-11-17T08:00", "--end", "2025-11-17T09:00",
        "--unit", "U", *(word for n in range(4) for word in ("--message", str(n))),
    )  # fmt: skip
    assert "3 times at most" in told


async def test_help_is_no_error(office: Office) -> None:
    done = await office.call("--help", config=False)
    assert done.code == 0
    assert "coordinator" in done.out


BAD = """
[telegram]
bot_name = "x"
messages_per_second = "fast"
[schedule]
timezone = "Mars/Olympus"
send_from = "7"
[privacy]
minimum_group = 1
[colours]
blue = true
"""


@pytest.mark.parametrize(
    "command", [("session", "list"), ("run",), ("backup", "copy.db"), ("summary",), ("export", "x")]
)
async def test_bad_settings_are_told_all_at_once(office: Office, command: tuple[str, ...]) -> None:
    office.settings(BAD)
    told = await office.refused(*command)
    for key in ("telegram.bot_name", "messages_per_second = 'fast'", "Mars/Olympus", "send_from", "minimum_group = 1"):
        assert key in told
    assert "colours" in told
    assert len(told.splitlines()) == 6


async def test_settings_that_are_not_there(office: Office) -> None:
    office.config.unlink()
    assert "no such file" in await office.refused("session", "list")


async def test_settings_that_are_no_toml(office: Office) -> None:
    office.settings("[telegram")
    assert "not valid TOML" in await office.refused("session", "list")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[log]\nform = "keys"\n\n[access]\nadmins = ["a"]\n', "access.admins.0 = 'a': write a whole number (line 5)"),
        ('[log]\nform = "xml"\n', "log.form = 'xml'"),
        ('[units."Dinas A"]\nsend_from = "9"\n', "(line 2)"),
        ('[schedule]\ndefault_tim = "08:00"\n', "did you mean 'default_time'? (line 2)"),
        ("# first\n[programm]\nlater_half = true\n", "did you mean 'programme'? (line 2)"),
        ("[access]\nadmins = 7 8\n", "line 2"),
        ("[access]\nadmins = [1,\n2\n", "what line 2 begins is not closed: admins = [1,"),
        ('# a\n[telegram]\nbot_username = """x\n', "what line 3 begins is not closed"),
    ],
)
def test_a_fault_names_its_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "config.toml")
    assert told in str(caught.value)


async def test_a_database_that_is_none(office: Office) -> None:
    office.database.parent.mkdir()
    office.database.write_text("no database at all, but long enough to have a header of some kind" * 20)
    assert "cannot be" in await office.refused("session", "list")
