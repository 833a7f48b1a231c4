"""`python -m tests.bench [--quick] [PART ...]`: ratios of things measured in this run, each with its spread.

Parts: sends, city, slow, heats, hall, waiting, doors, templates, recall. Without any, all of them, in about
half an hour.
What was measured is written to build/bench.json as well.
"""

import argparse
import asyncio
import json
import logging
import os
import platform
import statistics
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from tests.bench import broadcasts, doors, hall, lag, learning, rendering, sends, waiting, years
from tests.bench.race import CHECKOUT, PEERS
from tests.bench.shown import percentile, promise, spread, table

T = TypeVar("T")
Part = Callable[[int, float], Any]
RUNS = 3
QUICK = 0.1
HALL = 400


def _measured(measure: Callable[[int, float], Coroutine[Any, Any, T]], show: Callable[[T], None]) -> Part:
    """Make a part of what measures in an event loop of its own and what prints the outcome."""

    def part(runs: int, scale: float) -> T:
        found = asyncio.run(measure(runs, scale))
        show(found)
        return found

    return part


def _hall(runs: int, scale: float) -> Any:
    people, within = max(20, int(HALL * scale)), max(4.0, 50 * scale)
    print(
        f"The hall: {people} people join, the last one scans after {within:.0f} s; {broadcasts.DISTANCE * 1000:.0f} ms"
    )
    rows, ours = [], []
    for bot in hall.BOTS:
        # The slow one once: its queue takes minutes to drain.
        for _ in range(runs if bot == "Sinar" else 1):
            seen = asyncio.run(hall.hall(bot, people, within, broadcasts.DISTANCE))
            waits = seen.every_wait
            if bot == "Sinar":
                ours.append(seen)
            print(f"  {bot}: all done after {seen.seconds:.0f} s", flush=True)
            figures = [f"{value:.2f}" for value in (statistics.median(waits), percentile(waits, 0.95), waits[-1])]
            rows.append([bot, str(len(waits)), *figures, str(seen.unanswered), str(people - seen.joined)])
    table(["bot", "acts", "p50 s", "p95 s", "slowest s", "unanswered", "not joined"], rows)
    p95 = statistics.median(percentile(seen.every_wait, 0.95) for seen in ours)
    promise("3", "act to answer, p95, s", p95, 1.0)
    promise("3", "slowest, s", max(seen.every_wait[-1] for seen in ours), 5.0)
    promise("3", "lost", max(seen.unanswered + people - seen.joined for seen in ours), 0, digits=0)
    print()
    return rows


def _doors(runs: int, _scale: float) -> Any:
    return doors.show(runs)


def _templates(runs: int, _scale: float) -> Any:
    found = [
        rendering.seconds(compiled_each_time=True) / rendering.seconds(compiled_each_time=False) for _ in range(runs)
    ]
    print(f"Templates: compiled each time / kept compiled: {spread(found)}\n")
    return found


def _recall(_runs: int, _scale: float) -> Any:
    learning.show()


def _years(_runs: int, _scale: float) -> Any:
    years.main()


def _lag(_runs: int, _scale: float) -> Any:
    lag.main()


PARTS: dict[str, Part] = {
    "sends": _measured(sends.measure, sends.show),
    "city": _measured(broadcasts.city, broadcasts.show_city),
    "slow": _measured(broadcasts.slow_server, broadcasts.show_slow),
    "heats": _measured(broadcasts.heats, broadcasts.show_heats),
    "hall": _hall,
    "waiting": _measured(waiting.measure, waiting.show),
    "doors": _doors,
    "templates": _templates,
    "recall": _recall,
    "years": _years,
    "lag": _lag,
}
# They make cities of five years first, which takes minutes; so they are asked for by name.
BY_NAME = ("years", "lag")


def main() -> None:
    """Run the parts that are named."""
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    # Tokens stand in the addresses that httpx would log.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="a tenth of everything, once: to try it, not to quote it")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"how often each is measured; {RUNS} if not said")
    given = parser.parse_args()
    if unknown := [part for part in given.parts if part not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}")
    runs = 1 if given.quick else given.runs
    print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {platform.system()};"
        f" load {os.getloadavg()[0]:.1f} at the start; medians of {runs} with lowest-highest"
    )
    if not PEERS.exists():
        print("aiogram and AIORateLimiter are left out: build/peers could not be made (see `make bench`)")
    print()
    wanted = given.parts or [part for part in PARTS if part not in BY_NAME]
    found = {part: PARTS[part](runs, QUICK if given.quick else 1.0) for part in wanted}
    written = CHECKOUT / "build/bench.json"
    written.parent.mkdir(exist_ok=True)
    written.write_text(json.dumps(found, indent=1, default=str))


if __name__ == "__main__":
    main()
