"""The command line: parsing and printing, nothing else."""

import os
import sqlite3
import sys

from bot.cli.context import Context
from bot.cli.output import Refused, complain, complain_of_defect, show
from bot.cli.parsing import parse
from bot.clock import SystemClock
from bot.config import ConfigError
from bot.lock import AlreadyRunning
from bot.store.database import StoreError, is_damage

BUSY = "the database is busy: try again, and see with `check` whether a process hangs on it"


DAMAGED = "the database is damaged: put a backup back with `restore FILE`, then start again"


def _told(error: sqlite3.Error) -> str:
    if is_damage(error):
        return f"{DAMAGED} ({error})"
    return BUSY if "locked" in str(error) else f"the database cannot be used: {error}; see `check`"


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command and return its exit code: 0 done, 1 refused, 2 usage."""
    given, doing = parse(arguments)
    try:
        return show(doing(Context(given, SystemClock())), as_json=given.json)
    except (Refused, ConfigError, StoreError, AlreadyRunning) as error:
        complain(str(error))
    except sqlite3.Error as error:
        complain(_told(error))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain of it once more while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        from messages.library import ContentError

        if isinstance(error, ContentError | OSError):
            complain(str(error))
        else:
            complain_of_defect(error)
    return 1
