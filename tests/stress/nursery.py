"""`python -m tests.stress.nursery`: starts the bot as often as it is asked, without reading the program anew each time.

Each line on standard input is one start: the arguments of the command line, the environment and the log. The
child is the same program by the same `main`; the points at which it dies are put in here, so that the program
itself holds none. The process id is answered at once, the exit code when it ended; one bot at a time.
"""

import json
import os
import sys
import traceback
from datetime import UTC, datetime, timedelta
from pathlib import Path

import bot.running  # noqa: F401 - read here, once
from bot.cli import main
from bot.clock import SystemClock
from scheduler import alarms
from tests.stress import points

# Seconds of silence after which the poller's alarm begins: a test has no ten minutes.
SILENT_POLLER = "SINAR_SILENT_POLLER"
# A file that says by how many seconds the bot's wall clock is wrong.
CLOCK = "SINAR_CLOCK"


def offset(file: Path) -> timedelta:
    return timedelta(seconds=float(file.read_text()))


def _be_the_bot(order: dict[str, object]) -> int:
    descriptor = os.open(str(order["log"]), os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(0)
    os.environ.update(order["environment"])  # type: ignore[arg-type]
    points.set_up()
    if (file := os.environ.get(CLOCK)) is not None:
        # The program has one source of now; libfaketime, which moves the whole machine's, makes it ten times slower.
        SystemClock.now = lambda _self: datetime.now(UTC) + offset(Path(file))  # type: ignore[assignment,method-assign]
    if (seconds := os.environ.get(SILENT_POLLER)) is not None:
        alarms.SILENT_POLLER = float(seconds)
    try:
        return main(order["arguments"])  # type: ignore[arg-type]
    except SystemExit as ended:
        return int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
        return 70


def serve() -> None:
    """Start what is asked for until standard input ends."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = _be_the_bot(json.loads(line))
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve()
