"""The first `run` on a terminal: asks for what is missing, checks it, keeps it, and lets the bot start.

The token is typed unseen and kept in `sinar.env` beside the database; the admins' ids go into the settings, where
every command and the operator look for them. Without a terminal nothing is asked: `run` refuses as it would.
"""

import getpass
import os
import re
import secrets
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from bot import envfile, lock
from bot.cli.context import Context
from bot.cli.output import Refused
from bot.config import SECRET_VARIABLE, TOKEN_VARIABLE, Config, ConfigError, load_config, read_token
from bot.telegram_questions import TokenRefused, Unreachable, ask_me

TRIES = 3
_IDS = re.compile(r"[1-9][0-9]{0,15}")
# Blanks, never line ends: `\s*` before them would look at the rest of the file again from each line.
_SECTION = re.compile(r"^[ \t]*\[access\][ \t]*(?:#.*)?$", re.MULTILINE)
_ADMINS = re.compile(r"^([ \t]*admins[ \t]*=[ \t]*)\[\s*\]", re.MULTILINE)


def complete(context: Context) -> Config:
    """Return the settings, after asking on the terminal for what they lack. Raises Refused, ConfigError."""
    config = context.config
    if not _on_a_terminal(context) or lock.probe(config.storage.path) is not None:
        return config
    asked = [_token(config), _webhook_secret(config), _admins(config, Path(context.given.config))]
    if not any(asked):
        return config
    _check(context)
    return load_config(Path(context.given.config))


def _on_a_terminal(context: Context) -> bool:
    return not context.given.json and sys.stdin.isatty() and sys.stderr.isatty()


def _token(config: Config) -> bool:
    """Ask for the token until Telegram knows it, and keep it. Returns whether it was missing."""
    try:
        read_token()
    except ConfigError:
        if os.environ.get(TOKEN_VARIABLE, "").strip():
            # One that is there and odd is for whoever put it there: what is typed now would not outlive it.
            raise
    else:
        return False
    _say("Sinar has no token yet. @BotFather in Telegram gives one: /newbot, or /token for a bot that is there.")
    for _ in range(TRIES):
        token = _asked(lambda: getpass.getpass("Token (not shown while you type): ", sys.stderr)).strip()
        if told := _refusal(config, token):
            _say(told)
            continue
        os.environ[TOKEN_VARIABLE] = token
        _say(f"Kept in {_kept(config, TOKEN_VARIABLE, token)}, which only this user can read.")
        return True
    raise Refused(f"no token that can be used; ask @BotFather again, then start again, or set {TOKEN_VARIABLE}")


def _refusal(config: Config, token: str) -> str | None:
    """Return why a token cannot be used; None when Telegram knows it, or cannot be asked now."""
    try:
        read_token({TOKEN_VARIABLE: token})
        me = ask_me(config.telegram.api_base_url, token)
    except ConfigError:
        return "That is no token: it is digits, a colon, then letters. Copy the whole of it."
    except TokenRefused:
        return "Telegram knows no bot with this token. Copy it anew from @BotFather."
    except Unreachable as error:
        _say(f"Not checked: {config.telegram.api_base_url} does not answer ({error}).")
        return None
    _say(f"The token is that of @{me.username}.")
    return None


def _webhook_secret(config: Config) -> bool:
    """Make the webhook's secret where one is needed: nobody has to know it but Telegram and the bot."""
    if config.telegram.update_mode == "polling" or os.environ.get(SECRET_VARIABLE, "").strip():
        return False
    made = secrets.token_urlsafe(32)
    os.environ[SECRET_VARIABLE] = made
    _say(f"A secret for the webhook is made and kept in {_kept(config, SECRET_VARIABLE, made)}.")
    return True


def _kept(config: Config, name: str, value: str) -> Path:
    try:
        return envfile.keep(config.storage.path, {name: value})
    except OSError as error:
        file = envfile.env_file(config.storage.path)
        raise Refused(
            f"{file}: cannot be written: {error.strerror}; mend [storage] path or the folder's rights"
        ) from None


def _admins(config: Config, file: Path) -> bool:
    """Ask for the admins' ids and write them into the settings. Returns whether there were none."""
    if config.access.admins:
        return False
    _say("No admin is named yet: nobody could plan a session, and nobody would hear of an alarm.")
    _say("Each person's number is told by @userinfobot in Telegram. More than one: with a blank between.")
    for _ in range(TRIES):
        words = _asked(lambda: _typed("Telegram ids of the admins: ")).replace(",", " ").split()
        if words and all(_IDS.fullmatch(word) for word in words):
            write_admins(file, [int(word) for word in dict.fromkeys(words)])
            _say(f"Written into {file}.")
            return True
        _say("Write numbers alone, such as 123456789; not a @name, not a telephone number.")
    raise Refused(f"no admin named; write the ids into {file}: [access] admins = [123456789]")


def write_admins(file: Path, ids: list[int]) -> None:
    """Put the ids into the file and leave all else in it as it is. Raises Refused with what to type by hand."""
    wanted = f"admins = {ids}"
    text = file.read_text(encoding="utf-8")
    before = tomllib.loads(text)
    if _ADMINS.search(text):
        new = _ADMINS.sub(lambda found: f"{found[1]}{ids}", text, count=1)
    elif section := _SECTION.search(text):
        new = f"{text[: section.end()]}\n{wanted}{text[section.end() :]}"
    else:
        new = f"{text.rstrip()}\n\n[access]\n{wanted}\n"
    meant = before | {"access": before.get("access", {}) | {"admins": ids}}
    by_hand = f"write this into [access] of {file}: {wanted}"
    try:
        fits = tomllib.loads(new) == meant
    except tomllib.TOMLDecodeError:
        fits = False
    if not fits:
        raise Refused(by_hand)
    real = file.resolve()
    partial = real.with_name(real.name + ".partial")
    try:
        partial.write_text(new, encoding="utf-8")
        partial.chmod(real.stat().st_mode & 0o777)
        partial.replace(real)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise Refused(f"{file} cannot be written ({error.strerror}); {by_hand}") from None


def _check(context: Context) -> None:
    """Say what is not right with token, rights, clock and disk; start all the same only if told to."""
    from bot import checks

    found = checks.look(Path(context.given.config), context.clock, os.environ)
    for entry in found:
        if entry.level != "ok":
            _say(f"{entry.level}: {entry.name}: {entry.detail}")
            _say(f"  -> {entry.remedy}" if entry.remedy else "")
    wrong = [entry.name for entry in found if entry.level == "wrong"]
    _say(f"{len(found)} things looked at, {len(wrong)} wrong.")
    if wrong and _asked(lambda: _typed("Start all the same? [y/N] ")).strip().casefold() not in ("y", "yes"):
        raise Refused("not started: mend " + ", ".join(wrong) + ", then start again; what you typed is kept")


def _typed(prompt: str) -> str:
    """Ask on stderr, for stdout is for the command's own outcome. Raises EOFError."""
    print(prompt, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


def _asked(question: Callable[[], str]) -> str:
    try:
        return question()
    except EOFError:
        raise Refused("not started: nothing more was typed; what is missing can be set as README.md says") from None


def _say(text: str) -> None:
    if text:
        print(text, file=sys.stderr, flush=True)
