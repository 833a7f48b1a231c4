"""What heavy work does to whoever waits meanwhile: the event loop's lag, and small writes, beside each kind of it."""

import asyncio
import contextlib
import io
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter

from bot.reports.weekly import last_week, week_before
from bot.store import backup, facts
from tests.bench.city import build, nip, noon_of, unit_name
from tests.bench.town import Town, settled_in

PEOPLE, YEARS, UNITS = 5_000, 5, 35
TICK, WRITE_EVERY = 0.005, 0.02
# What must hold, in seconds: the loop during everything; small writes beside the heaviest report.
LAG, WRITE_P99 = 0.050, 0.020


@dataclass
class Felt:
    """Seconds by which the loop came late, and that small writes took."""

    lags: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    took: float = 0.0


@asynccontextmanager
async def feeling(town: Town) -> AsyncIterator[Felt]:
    """Tick, and write a little, until the block ends."""
    felt, began = Felt(), time.monotonic()

    async def tick() -> None:
        while True:
            due = time.monotonic() + TICK
            await asyncio.sleep(TICK)
            felt.lags.append(time.monotonic() - due)

    async def write() -> None:
        while True:
            began = time.monotonic()
            await town.sinar.store.write_quietly(lambda db: facts.set_fact(db, "bench", "x", town.clock.now()))
            felt.writes.append(time.monotonic() - began)
            await asyncio.sleep(WRITE_EVERY)

    tasks = [asyncio.create_task(tick()), asyncio.create_task(write())]
    try:
        yield felt
    finally:
        felt.took = time.monotonic() - began
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)


async def idle(_town: Town) -> None:
    """Nothing but the two that measure."""
    await asyncio.sleep(2.0)


async def pictures(town: Town) -> None:
    """All Monday summaries."""
    await town.look()
    await town.hand.quiet()


async def export(town: Town) -> None:
    """The city's workbook of a year: the heaviest report. The newest was made on Monday, so one of a week before."""
    await town.sinar.city_book.of(week_before(last_week(town.clock.now(), town.config.schedule.zone)))


async def pages(town: Town) -> None:
    """The two pages of a session's impact."""
    session = await town.one("SELECT id FROM session WHERE end_at < '2025-09-15' ORDER BY end_at DESC LIMIT 1")
    await town.said(town.admin, "/sesi")
    await town.said(town.admin, f"=impactp:{session}")


async def own_data(town: Town) -> None:
    """Somebody's own data."""
    await town.said(town.participant(5), "/dataku")


async def roster(town: Town) -> None:
    """A roster of everybody, read, compared and applied."""
    town.admin.send_document("pegawai.xlsx", await asyncio.to_thread(_book, PEOPLE))
    await town.box.settled()
    await town.hand.quiet()
    await town.said(town.admin, "[Terapkan]")


async def replanned(town: Town) -> None:
    """The look after it, which plans anew."""
    await town.look()


async def copied(town: Town) -> None:
    """The night's backup."""
    folder = town.config.storage.backup_dir
    await asyncio.to_thread(backup.nightly, town.sinar.store.path, folder, town.clock.now(), 3)


async def noon(town: Town) -> None:
    """The look at noon, and all that it sends."""
    town.clock.set(noon_of(town.clock.now()))
    await town.look()
    await town.hand.quiet()


WORK: dict[str, Callable[[Town], Awaitable[None]]] = {
    "nothing": idle,
    "Monday's summaries": pictures,
    "the city's workbook": export,
    "the impact's pages": pages,
    "own data": own_data,
    "an import of 5,000 rows": roster,
    "planning after it": replanned,
    "a backup": copied,
    "noon": noon,
}
HEAVIEST = "the city's workbook"


async def measured(file: Path) -> dict[str, Felt]:
    """Do all of it, one after the other."""
    found = {}
    async with settled_in(file, tuned=True) as town:
        for name, work in WORK.items():
            async with feeling(town) as felt:
                await work(town)
            found[name] = felt
    return found


def main() -> None:
    """Make the city and print the table."""
    with tempfile.TemporaryDirectory(prefix="sinar-bench-") as folder:
        file = Path(folder) / "sinar.db"
        print(f"making {PEOPLE} people, {YEARS} years …", flush=True)
        build(file, PEOPLE, YEARS)
        report(asyncio.run(measured(file)))


def report(found: dict[str, Felt]) -> None:
    """Print what was felt, beside what must hold."""
    print(f"\n{'ms beside':<26} {'took':>8} {'lag p99':>9} {'lag max':>9} {'write p50':>10} {'write p99':>10}")
    for name, felt in found.items():
        lag, write = max(felt.lags), at(felt.writes, 0.99)
        holds = lag <= LAG and (name != HEAVIEST or write <= WRITE_P99)
        print(
            f"{name:<26} {felt.took * 1000:>8.0f} {at(felt.lags, 0.99) * 1000:>9.1f} {lag * 1000:>9.1f}"
            f" {at(felt.writes, 0.5) * 1000:>10.1f} {write * 1000:>10.1f}  {'holds' if holds else 'DOES NOT HOLD'}"
        )
    print(f"must hold: lag at most {LAG * 1000:.0f} ms; write p99 at most {WRITE_P99 * 1000:.0f} ms beside {HEAVIEST}")


def at(values: list[float], share: float) -> float:
    """Return what this share of the values does not exceed."""
    return sorted(values)[max(0, int(len(values) * share) - 1)] if values else 0.0


def _book(people: int) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["NIP", "NAMA", "JABATAN", "UNOR INDUK NAMA"])
    for row in range(1, people + 1):
        # Every fifth has another position than before.
        position = "Staf" if row % 5 else "Analis"
        sheet.write_row(row, 0, [nip(row), f"Orang Ke-{row}", position, unit_name(1 + row % UNITS)])
    book.close()
    return out.getvalue()
