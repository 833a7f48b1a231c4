"""What every command needs: settings, the database, the clock, and times as people write them."""

import difflib
import os
import sqlite3
from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from re import fullmatch
from typing import TypeVar

from bot import envfile
from bot.cli.output import Refused
from bot.clock import Clock, from_text
from bot.config import Config, ConfigError, load_config, read_token
from bot.domain.links import deep_link
from bot.store import facts, sessions
from bot.store.database import connect, prepare
from bot.store.turns import transact
from bot.telegram_questions import TokenRefused, Unreachable, ask_me

T = TypeVar("T")
ACTOR = "cli"
_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:?[0-9]{2})?"
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Context:
    """One call of the command line. The settings are read when they are first asked for."""

    given: Namespace
    clock: Clock

    @cached_property
    def config(self) -> Config:
        """The settings, with the secrets kept beside the database in the environment; raises ConfigError."""
        config = load_config(Path(self.given.config))
        envfile.fill(os.environ, config.storage.path)
        return config

    @cached_property
    def now(self) -> datetime:
        """The instant at which the command acts."""
        return self.clock.now()

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """Open the database beside a running bot, made or brought up to date if need be; raises StoreError."""
        path = self.config.storage.path.resolve()
        prepare(path)
        with closing(connect(path)) as db:
            yield db

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in one transaction of its own."""
        with self.database() as db:
            return transact(db, work)

    def shown(self, moment: datetime | str | None) -> str | None:
        """Return an instant as ISO 8601 with the configured zone's offset."""
        if moment is None:
            return None
        aware = from_text(moment) if isinstance(moment, str) else moment
        return aware.astimezone(self.config.schedule.zone).isoformat(timespec="seconds")

    def instant(self, written: datetime) -> datetime:
        """Return the instant (UTC) that somebody wrote; without an offset it is in the configured zone."""
        local = written if written.tzinfo else written.replace(tzinfo=self.config.schedule.zone)
        if not 2000 <= local.year <= 2100:
            raise Refused(f"{written.isoformat()} is no time for a session: write one between 2000 and 2100")
        return local.astimezone(UTC)

    @cached_property
    def bot_name(self) -> str | None:
        """The bot's name: from the settings, else the one last seen, else asked now, else None."""
        name = self.config.telegram.bot_username
        if name is None:
            with self.database() as db:
                name = facts.fact(db, facts.BOT_USERNAME)
        if name is not None:
            return name
        try:
            found = ask_me(self.config.telegram.api_base_url, read_token()).username
        except (ConfigError, Unreachable, TokenRefused):
            return None
        self.write(lambda db: facts.set_fact(db, facts.BOT_USERNAME, found, self.now))
        return found

    def link(self, payload: str) -> str | None:
        """Return the deep link of a payload, or None while the bot's name is unknown."""
        return deep_link(self.bot_name, payload)


def written_instant(text: str) -> datetime:
    """Read a time such as 2025-11-17T08:00, for argparse."""
    try:
        if fullmatch(_INSTANT, text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise ArgumentTypeError(f"{text!r} is no time: write such as 2025-11-17T08:00")


def row_id(text: str) -> int:
    """Read an id, for argparse; one that no row can have becomes 0, which no row has."""
    if not (text.isascii() and text.isdigit()):
        raise ArgumentTypeError(f"{text!r} is no id: write a whole number")
    number = int(text) if len(text) < 20 else 0
    return number if number <= _LARGEST_ID else 0


def find_unit(db: sqlite3.Connection, name: str) -> tuple[int, str]:
    """Return id and name of a unit, case ignored; raises Refused with the names that are close."""
    known = sessions.units(db)
    try:
        wanted = sessions.unit_id(db, name)
    except sessions.UnknownUnit:
        raise Refused(_unknown_unit(name, [unit for _, unit in known])) from None
    return next(unit for unit in known if unit[0] == wanted)


def _unknown_unit(name: str, known: list[str]) -> str:
    if not known:
        return f"no unit {name!r}: the roster is empty; bring it in with `roster import FILE --apply`"
    folded = {unit.casefold(): unit for unit in known}
    wanted = " ".join(name.casefold().split())
    close = difflib.get_close_matches(wanted, folded, n=3, cutoff=0.5)
    close += [unit for unit in folded if wanted and wanted in unit and unit not in close]
    if close:
        return f"no unit {name!r} in the roster; did you mean " + " or ".join(repr(folded[c]) for c in close[:3]) + "?"
    return f"no unit {name!r} in the roster; write the name as it stands there, such as {known[0]!r}"
