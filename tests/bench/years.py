"""What years of history and more people cost: the same acts in three cities, one city after the other in turn.

A ratio is that of two medians of one run, of processor time: what else the machine does then weighs on neither side.
Where the answer itself is larger, the ratio of what a byte of it takes is printed beside; what must hold is the first.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.bench.city import build, noon_of
from tests.bench.memory import most_memory
from tests.bench.sayings import Saying, heard, sayings
from tests.bench.town import Took, Town, settled_in

# People and years: the city, the same when it was young, and head-room. The last has eight times as many units and
# sessions a year, and with them more history than the first.
CITIES = {"5,000, 5 years": (5_000, 5), "5,000, 1 year": (5_000, 1), "40,000, 1 year": (40_000, 1)}
OLD, YOUNG, LARGE = CITIES
ROUNDS, LOOKS, NOONS = 5, 200, 3
LOOK_EVERY = timedelta(seconds=5)
# What must hold (seconds, ratios, MiB).
LOOK_P99, MONDAY, COMMAND, OLDER, LARGER, MEMORY = 0.050, 30.0, 0.300, 1.3, 2.0, 200.0


Heard = dict[Saying, dict[str, list[Took]]]


@dataclass(frozen=True)
class Day:
    """A Monday in one city."""

    summaries: int
    monday: Took
    book: Took
    looks: list[Took]
    noons: list[tuple[int, Took]] = field(default_factory=list)

    @property
    def p99(self) -> float:
        """Return the seconds that 99 of 100 looks do not exceed."""
        return sorted(look.waited for look in self.looks)[int(len(self.looks) * 0.99) - 1]


async def a_day(town: Town) -> Day:
    """Monday 08.05 with all summaries, then what is made ahead, and looks that find nothing."""
    timetable, weeks = town.sinar.timetable, list[str]()
    # What is made ahead is no summary, so it is measured by itself.
    ahead, timetable.week_told = timetable.week_told, _noting(weeks)
    began, worked, known = time.monotonic(), time.process_time(), len(town.box.world.calls)
    await town.look()
    await town.hand.quiet()
    monday = Took(time.monotonic() - began, time.process_time() - worked)
    timetable.week_told = ahead
    began, worked = time.monotonic(), time.process_time()
    for week in weeks:
        assert ahead is not None
        await ahead(week)
    book = Took(time.monotonic() - began, time.process_time() - worked)
    summaries = sum(call.method == "sendPhoto" for call in town.box.world.calls[known:])
    looks = []
    for _ in range(LOOKS):
        town.wait(LOOK_EVERY)
        looks.append(await town.look())
    await town.hand.quiet()
    return Day(summaries, monday, book, looks)


async def a_noon(town: Town, days_on: int) -> tuple[int, Took]:
    """The look at the hour at which most is due, so many days later; returns how many touches, and what it took."""
    # The nights before it, with a backup of all there is, are measured elsewhere (`lag.py`).
    town.sinar.timetable.housekeeping = None
    town.clock.set(noon_of(town.clock.now() + timedelta(days=days_on)))
    before = await town.one("SELECT count(*) FROM touch")
    noon = await town.look()
    await town.hand.quiet()
    return int(await town.one("SELECT count(*) FROM touch")) - before, noon


def _noting(weeks: list[str]) -> Callable[[str], Awaitable[None]]:
    async def note(week: str) -> None:
        weeks.append(week)

    return note


async def measured(files: Mapping[str, Path], rounds: int, noons: int) -> tuple[dict[str, Day], Heard]:
    """Run the day and every command in each city, turn by turn."""
    found: Heard = {}
    async with AsyncExitStack() as stack:
        towns = {name: await stack.enter_async_context(settled_in(file, tuned=True)) for name, file in files.items()}
        for town in towns.values():
            # What a process does once, such as reading fonts for its first picture, is no city's.
            await town.said(town.admin, "/ringkasan 5 minggu lalu")
        days = {name: await a_day(town) for name, town in towns.items()}
        for number in range(noons):
            for name, town in towns.items():
                days[name].noons.append(await a_noon(town, min(number, 1)))
        for saying in sayings():
            of_saying = found[saying] = {name: [] for name in towns}
            for number in range(rounds):
                for name, town in towns.items():
                    of_saying[name].append(await heard(town, saying, number))
    return days, found


def main() -> None:
    """Make the cities and print the tables; takes some minutes, most of them for making the cities."""
    with tempfile.TemporaryDirectory(prefix="sinar-bench-") as folder:
        files = {name: Path(folder) / str(number) / "sinar.db" for number, name in enumerate(CITIES)}
        print(f"making {'; '.join(files)} …", flush=True)
        with ProcessPoolExecutor(2) as pool:
            # The one that takes longest first.
            made = {name: pool.submit(build, files[name], *CITIES[name]) for name in (LARGE, OLD, YOUNG)}
            # Time is not measured here, so the other cities may be made meanwhile.
            memory = asyncio.run(most_memory(made[OLD].result().path))
            for city in made.values():
                city.result()
        report(*asyncio.run(measured(files, ROUNDS, NOONS)), memory)


def report(days: dict[str, Day], found: Heard, memory: float) -> None:
    """Print what was measured beside what must hold."""
    old = days[OLD]
    print(f"\n{OLD:<54} {'measured':>12} {'at most':>12}")
    _line("look of the timetable, p99", old.p99 * 1000, LOOK_P99 * 1000, "ms")
    _line(f"{old.summaries} Monday summaries with pictures", old.monday.waited, MONDAY, "s")
    for what, measure in (("slowest command", _waited), ("slowest to answer", _first)):
        slowest = max(found, key=lambda saying: measure(found[saying][OLD]))
        _line(f"{what} ({slowest.role}: {slowest.name})", measure(found[slowest][OLD]), COMMAND * 1000, "ms")
    _line("memory, a process of its own", memory, MEMORY, "MiB")
    books = ", ".join(f"{day.book.waited * 1000:.0f} ms ({name})" for name, day in days.items())
    print(f"the city's workbook, made once a week before it is asked for: {books}")
    served, noon = old.noons[0]
    print(f"at noon {served} touches are due: one look, {noon.waited:.1f} s, in steps of 50 people")
    print(
        f"\nmedians of {ROUNDS}; ms until the answer, and ratios of processor time (5 years : 1 year, 40,000 : 5,000)"
    )
    print(f"{'':<46} {OLD:>16} {YOUNG:>16} {LARGE:>16}   <={OLDER}   <={LARGER}  (a byte)")
    _ratio("a look that finds nothing", {name: day.looks for name, day in days.items()})
    _ratio("a Monday summary", {n: [_each(d.monday, d.summaries)] for n, d in days.items()})
    _ratio("a touch at noon", {name: [_each(noon, served) for served, noon in day.noons] for name, day in days.items()})
    for saying, of_city in found.items():
        _ratio(f"{saying.role}: {saying.name}", of_city, whole=saying.whole)


def _waited(took: Sequence[Took]) -> float:
    """Return the median in milliseconds."""
    return statistics.median(one.waited for one in took) * 1000


def _first(took: Sequence[Took]) -> float:
    """Return the median in milliseconds until who asked is answered; what was asked for may come later."""
    return statistics.median(one.first for one in took) * 1000


def _worked(took: Sequence[Took]) -> float:
    return statistics.median(one.worked for one in took) * 1000


def _answered(took: Sequence[Took]) -> float:
    return statistics.median(one.answered for one in took)


def _each(took: Took, count: int) -> Took:
    return Took(took.waited / max(1, count), took.worked / max(1, count))


def _line(what: str, value: float, most: float, unit: str) -> None:
    print(f"{what:<52} {value:>8.1f} {unit:<4} {most:>6.0f} {unit:<4} {_verdict(value <= most)}")


def _ratio(name: str, of_city: Mapping[str, Sequence[Took]], *, whole: bool = False) -> None:
    older = _worked(of_city[OLD]) / _worked(of_city[YOUNG])
    larger = _worked(of_city[LARGE]) / _worked(of_city[YOUNG])
    shown = " ".join(f"{_waited(of_city[city]):>16.1f}" for city in CITIES)
    a_byte = {city: _worked(took) / max(1, _answered(took)) for city, took in of_city.items()}
    each = f"({a_byte[OLD] / a_byte[YOUNG]:.2f} {a_byte[LARGE] / a_byte[YOUNG]:.2f})"
    verdict = "all there is of five years" if whole else _verdict(older <= OLDER and larger <= LARGER)
    print(f"{name:<46} {shown} {older:>7.2f} {larger:>7.2f} {each:>14} {verdict}")


def _verdict(holds: bool) -> str:
    return "holds" if holds else "DOES NOT HOLD"
