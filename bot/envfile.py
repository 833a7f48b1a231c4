"""`sinar.env`: the bot's secrets in a file beside the database, for its owner alone (0600).

Beside the database, because that folder is the one place that belongs to the bot's user, is 0700, is in no
repository and goes along when the house moves; it is in no backup, for backups leave the machine. The environment
goes before it. A systemd credential of the same name goes before the file.
"""

import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from bot.config import SECRET_VARIABLE, TOKEN_VARIABLE, ConfigError
from bot.private import write_private

NAME = "sinar.env"
KEPT = (TOKEN_VARIABLE, SECRET_VARIABLE)
CREDENTIALS = "CREDENTIALS_DIRECTORY"
_LINE = re.compile(r"\s*(?:export\s+)?([A-Z_]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s#]*)\s*(?:#.*)?")


class OpenToOthers(ConfigError):
    """Somebody else than its owner may read the file; the message says how to mend that."""


def env_file(database: Path) -> Path:
    """Return the place of the file: in the folder of the database itself, however that is named."""
    return database.resolve().parent / NAME


def fill(environment: MutableMapping[str, str], database: Path) -> None:
    """Put the kept secrets into the environment where it has none.

    Raises OpenToOthers, and ConfigError for a file that cannot be read; neither tells what stands in it.
    """
    given = environment.get(CREDENTIALS)
    places = [Path(given) / NAME] if given else []
    for place in (*places, env_file(database)):
        # What systemd hands over is guarded by it, whatever its bits say.
        for name, value in _read(place, guarded=place in places).items():
            if not environment.get(name, "").strip():
                environment[name] = value


def keep(database: Path, secrets: Mapping[str, str]) -> Path:
    """Write secrets into the file, beside what it holds already; returns its path. Raises OSError, ConfigError."""
    file = env_file(database)
    values = _read(file, guarded=False) | dict(secrets)
    lines = ["# The secrets of Sinar, for its owner alone. Kept by `run`; the environment goes before them."]
    lines += [f"{name}={value}" for name, value in values.items()]
    write_private(file, ("\n".join(lines) + "\n").encode())
    return file


def _read(file: Path, *, guarded: bool) -> dict[str, str]:
    try:
        mode = file.stat().st_mode
        text = file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {type(error).__name__}") from None
    if not guarded and mode & 0o077:
        raise OpenToOthers(f"{file}: others may read the token in it: chmod 600 {file}")
    found = (_LINE.fullmatch(line) for line in text.splitlines())
    return {line[1]: line[2].strip("\"'") for line in found if line is not None and line[1] in KEPT and line[2]}
