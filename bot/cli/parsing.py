"""The command line's grammar: commands, their options, and the function behind each."""

import argparse
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from bot.cli.context import Context, row_id, written_instant
from bot.cli.output import Result

Doing = Callable[[Context], Result]
MESSAGES_AT_MOST = 3


def parse(arguments: list[str] | None) -> tuple[argparse.Namespace, Doing]:
    """Read the command line; exits with 2 and the usage when it cannot be understood."""
    parser, common = _root()
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    _operations(commands, common)
    _people(commands, common)
    _sessions(commands, common)
    _reports(commands, common)
    _content(commands, common)
    given = parser.parse_args(arguments)
    if len(getattr(given, "message", None) or []) > MESSAGES_AT_MOST:
        parser.error(f"--message can be given {MESSAGES_AT_MOST} times at most")
    if given.doing == "content:preview" and (problem := _unclear_dates(given)):
        parser.error(problem)
    module, _, name = given.doing.partition(":")
    # The module of the command alone is imported: others bring libraries that take their time.
    doing: Doing = getattr(import_module(f"bot.cli.{module}"), name)
    return given, doing


def _root() -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """Return the parser, and the options that may stand before a command as well as after it."""
    parser = argparse.ArgumentParser(prog="python -m bot", description="Sinar ASN.", allow_abbrev=False)
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for place, default in ((parser, False), (common, True)):
        # A command that does not repeat an option must not reset what stood before it.
        unsaid: dict[str, Any] = {"default": argparse.SUPPRESS} if default else {}
        place.add_argument(
            "--config", metavar="FILE", help="the settings (config.toml)", **({"default": "config.toml"} | unsaid)
        )
        place.add_argument(
            "--json", action="store_true", help="print one JSON document", **({"default": False} | unsaid)
        )
    return parser, common


def _operations(commands: Any, common: argparse.ArgumentParser) -> None:
    _command(commands, common, "run", "operations:run", "run the bot until it is told to stop")
    demo = _command(commands, common, "demo", "operations:demo", "show everything: no token, no network")
    how = demo.add_mutually_exclusive_group()
    how.add_argument("--no-serve", action="store_true", help="end after the show")
    how.add_argument("--page", action="store_true", help="the chat page alone, at once, until Ctrl+C")
    demo.add_argument("--port", type=_port, metavar="N", help="of the chat page on 127.0.0.1; else 8765 or a free one")
    _command(commands, common, "check", "operations:check", "say what is right, what is wrong and how to mend it")
    backup = _command(commands, common, "backup", "operations:make_backup", "write a checked copy of the database")
    backup.add_argument("file", metavar="FILE")
    restore = _command(commands, common, "restore", "operations:restore", "put a backup in the database's place")
    restore.add_argument("file", metavar="FILE")
    restore.add_argument(
        "--identity",
        metavar="FILE",
        help="what opens an encrypted backup; else the file that SINAR_BACKUP_IDENTITY names",
    )


def _people(commands: Any, common: argparse.ArgumentParser) -> None:
    roster = _group(commands, common, "roster", "the people of the personnel system")
    bring = _command(roster, common, "import", "people:import_roster", "compare a file with the roster, or apply it")
    bring.add_argument("file", metavar="FILE", help="XLSX, XLS, ODS or CSV")
    bring.add_argument("--apply", action="store_true", help="carry the difference out")
    _command(roster, common, "undo", "people:undo_roster", "take the latest import back, within 24 hours")
    invite = _command(commands, common, "invite", "people:invite", "make a person's own link, shown once")
    invite.add_argument("nip", metavar="NIP")
    trace = _command(commands, common, "trace", "people:trace", "list every touch of a person")
    trace.add_argument("nip", metavar="NIP")
    coordinator = _group(commands, common, "coordinator", "who sees a unit's summaries")
    call = _command(coordinator, common, "invite", "people:invite_coordinator", "make a one-time link, shown once")
    call.add_argument("--unit", required=True, metavar="U")
    _command(coordinator, common, "list", "people:list_coordinators", "list coordinators and open links")
    revoke = _command(coordinator, common, "revoke", "people:revoke_coordinator", "take the right or the link away")
    revoke.add_argument("id", metavar="ID", type=row_id)


def _sessions(commands: Any, common: argparse.ArgumentParser) -> None:
    session = _group(commands, common, "session", "the events")
    add = _command(session, common, "add", "planning:add", "plan a session")
    for name in ("--title", "--place"):
        add.add_argument(name, required=True)
    _times(add)
    add.add_argument("--unit", required=True, action="append", metavar="U", help="may be given several times")
    add.add_argument("--journey", default="default", metavar="ID")
    add.add_argument("--message", action="append", default=[], metavar="M", help="what was said; up to three")
    _command(session, common, "list", "planning:list_all", "list all sessions")
    for name, text in (("show", "show one"), ("move", "give one new times"), ("cancel", "cancel one")):
        one = _command(session, common, name, f"planning:{name}", f"{text} session")
        one.add_argument("id", metavar="ID", type=row_id)
        if name == "move":
            _times(one)


def _times(command: argparse.ArgumentParser) -> None:
    for name in ("--start", "--end"):
        command.add_argument(name, required=True, type=written_instant, metavar="2025-11-17T08:00")


def _reports(commands: Any, common: argparse.ArgumentParser) -> None:
    summary = _command(commands, common, "summary", "reports:summary", "show a whole week's figures")
    summary.add_argument("--unit", metavar="U", help="the city without it")
    summary.add_argument("--week", metavar="2025-W47", type=_week, help="the last whole week without it")
    summary.add_argument("--send", action="store_true", help="send it to those who get it on Mondays")
    export = _command(commands, common, "export", "reports:export", "write all weeks to an XLSX file")
    export.add_argument("file", metavar="FILE")


def _content(commands: Any, common: argparse.ArgumentParser) -> None:
    content = _group(commands, common, "content", "what people read")
    check = _command(content, common, "check", "content:check", "name every fault of the folder")
    preview = _command(content, common, "preview", "content:preview", "write a page that shows every step")
    for command in (check, preview):
        command.add_argument("folder", metavar="FOLDER", nargs="?", type=Path)
    preview.add_argument("--out", required=True, metavar="FILE.html")
    preview.add_argument("--session", type=row_id, metavar="ID", help="a session of the database, with its dates")
    for name in ("--start", "--end"):
        preview.add_argument(name, type=written_instant, metavar="2025-11-17T08:00", help="dates of your own")


def _unclear_dates(given: argparse.Namespace) -> str | None:
    if (given.start is None) != (given.end is None):
        return "give --start and --end together"
    return "give --session or --start and --end, not both" if given.session is not None and given.start else None


def _command(
    commands: Any, common: argparse.ArgumentParser, name: str, doing: str, text: str
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, parents=[common], help=text, description=text, allow_abbrev=False
    )
    command.set_defaults(doing=doing)
    return command


def _group(commands: Any, common: argparse.ArgumentParser, name: str, text: str) -> Any:
    group = commands.add_parser(name, parents=[common], help=text, description=text, allow_abbrev=False)
    return group.add_subparsers(metavar="COMMAND", required=True)


def _port(text: str) -> int:
    """Check a port; 0 is any free one."""
    port = int(text)
    if not 0 <= port <= 65_535:
        raise ValueError(text)
    return port


def _week(text: str) -> str:
    from bot.cli.reports import written_week

    return written_week(text)
