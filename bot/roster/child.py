"""Reads one roster file inside a process that may use little memory and time: `python -m bot.roster.child`.

Standard input: one line of JSON with `today` and `list` (attendance, not a roster), then the file.
Standard output: lines of `bot.roster.wire`.
"""

import json
import resource
import sys
from datetime import date

from bot.roster.errors import FileFault, RosterFileError
from bot.roster.limits import MAX_BYTES, MEMORY_BYTES, SECONDS
from bot.roster.sheets import parse, parse_list
from bot.roster.wire import error_line, list_to_lines, to_lines


def main() -> None:
    """Answer with the rows, or with why the file is refused."""
    _limit(resource.RLIMIT_AS, MEMORY_BYTES)
    _limit(resource.RLIMIT_CPU, int(SECONDS) + 1)
    _limit(resource.RLIMIT_CORE, 0)
    request = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        today = date.fromisoformat(request["today"])
        for line in list_to_lines(*parse_list(data, today)) if request["list"] else to_lines(*parse(data, today)):
            print(line)
    except RosterFileError as error:
        print(error_line(error))
    except MemoryError:
        print(error_line(RosterFileError(FileFault.TOO_MUCH_WORK)))
    except BaseException as error:
        # The parser's panics are no Exceptions; anything else is a defect for the parent to raise.
        if type(error).__name__ != "PanicException":
            raise
        print(error_line(RosterFileError(FileFault.DAMAGED)))


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
