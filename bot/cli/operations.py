"""`run`, `demo`, `check`, `backup`, `restore`: the operator's commands."""

import os
import re
import sys
from pathlib import Path

from bot import envfile, lock, logs
from bot.cli import asking
from bot.cli.context import ACTOR, Context
from bot.cli.output import Refused, Result, fields
from bot.config import SECRET_VARIABLE, Config, ConfigError, read_token
from bot.private import make_private
from bot.sealing import IDENTITY_VARIABLE
from bot.store import backup, facts

# What belongs to the database and no backup may be written over.
_BESIDE = ("-wal", "-shm", ".lock", ".erased", ".erased-key", ".unrecorded")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def run(context: Context) -> Result:
    """Run the bot until SIGTERM or SIGINT."""
    config = asking.complete(context)
    token, secret = read_token(), _webhook_secret(config)
    logs.set_up([token, secret], config.log.form, config.log.level)
    from bot.running import run as run_application
    from bot.running import to_its_end

    # It takes the lock of the database itself, so that whoever starts it otherwise is held to it too.
    code = to_its_end(run_application(config, token, context.clock, secret=secret))
    return Result({"stopped": True} if code == 0 else None, [], code)


def demo(context: Context) -> Result:
    """Show everything with made-up people, no token and no network."""
    from bot.demo import main as run_demo
    from bot.demo import main_page as run_page

    given = context.given
    # With --json stdout is for the document alone; what is told goes beside it.
    out = sys.stderr if given.json else None
    if given.page:
        code = run_page(out, given.port)
    else:
        # Nobody sits before a demo without a terminal: it must end by itself.
        code = run_demo(not given.no_serve and sys.stdin is not None and sys.stdin.isatty(), out, given.port)
    return Result({"stopped": True} if code == 0 else None, [], code)


def check(context: Context) -> Result:
    """Say in one screen what is right, what is wrong, and how to mend it."""
    from bot import checks
    from bot.checks.check import Check

    kept: list[Check] = []
    try:
        _ = context.config
    except envfile.OpenToOthers as error:
        kept = [Check("secrets", "wrong", str(error), "chmod 600, and ask @BotFather for a new token (/revoke)")]
    except ConfigError:
        # Faulty settings are what the look itself tells of.
        kept = []
    found = [*checks.look(Path(context.given.config), context.clock, os.environ), *kept]
    wrong = [entry for entry in found if entry.level == "wrong"]
    document = {"ok": not wrong, "checks": [entry.document() for entry in found]}
    width = max(len(entry.name) for entry in found)
    marks = {"ok": "ok     ", "warning": "warning", "wrong": "WRONG  "}
    lines = []
    for entry in found:
        lines += [f"{marks[entry.level]}  {entry.name.ljust(width)}  {text}" for text in entry.detail.splitlines()]
        lines += [f"{'':9}{'':{width}}  -> {entry.remedy}"] if entry.remedy else []
    lines.append(f"{len(wrong)} of {len(found)} wrong" if wrong else "all is well")
    faults = [f"{entry.name}: {line}" for entry in wrong for line in entry.detail.splitlines()]
    return Result(document, lines, 1 if wrong else 0, faults)


def make_backup(context: Context) -> Result:
    """Write a checked copy of the database, beside a running bot; encrypted if the settings name a key."""
    database, target = context.config.storage.path.resolve(), Path(context.given.file).resolve()
    _not_the_database(target, database)
    if target.is_dir():
        raise Refused(f"{target} is a folder: name the file to write")
    key = context.config.storage.backup_public_key
    with context.database():
        make_private(target.parent)
        size = backup.backup(database, target, key)
    document = {"file": str(target), "bytes": size, "encrypted": key is not None}
    return Result(document, fields(document))


def restore(context: Context) -> Result:
    """Put a backup in the database's place, without whoever was erased since it was made.

    What stood there is kept for a while as `<database>.replaced`. An encrypted backup is opened with the identity
    in the file that --identity, else SINAR_BACKUP_IDENTITY, names.
    """
    database, source = context.config.storage.path.resolve(), Path(context.given.file).resolve()
    _not_the_database(source, database)
    with lock.hold(database):
        backup.restore(source, database, _identity_file(context))
        context.write(lambda db: facts.audit(db, context.now, ACTOR, "restore", source.name))
    replaced = database.with_name(database.name + ".replaced")
    document = {
        "file": str(source),
        "database": str(database),
        "replaced": str(replaced) if replaced.exists() else None,
    }
    return Result(document, fields(document))


def _identity_file(context: Context) -> Path | None:
    named = context.given.identity or os.environ.get(IDENTITY_VARIABLE, "").strip()
    return Path(named) if named else None


def _webhook_secret(config: Config) -> str | None:
    secret = os.environ.get(SECRET_VARIABLE, "").strip()
    if config.telegram.update_mode == "polling":
        return secret or None
    if not _SECRET.fullmatch(secret):
        raise Refused(
            f'{SECRET_VARIABLE} is missing or not usable: update_mode "webhook" needs 1 to 256 of the letters '
            "A-Z, a-z, 0-9, _ and -"
        )
    return secret


def _not_the_database(file: Path, database: Path) -> None:
    if file in (database, *(database.with_name(database.name + end) for end in _BESIDE)):
        raise Refused(f"{file} is the database in use: name another file")
