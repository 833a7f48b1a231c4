"""Workbooks that unpack to more than a machine has: what they cost the reading process and the event loop."""

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.roster.errors import RosterFileError
from bot.roster.reading import read_roster_async
from tests.roster import files

CHECKOUT = Path(__file__).parents[2]
TODAY = date(2025, 11, 17)
MOST_MORE = 50 * 2**10  # KiB
MOST_OF_THE_LOOP = 0.05  # seconds
BOMBS: dict[str, Callable[[], bytes]] = {
    "a cell of 500 MiB": files.huge_cell,
    "five million rows": files.five_million_rows,
    "a cell at the far corner": lambda: files.far_cell(header=True),
    "entities": files.entity_bomb,
}
# The most that the reading process ever held, in KiB, told by a process that reads one file and nothing else.
PEAK = """
import resource, sys
from datetime import date
from pathlib import Path
from bot.roster.errors import RosterFileError
from bot.roster.reading import read_roster
try:
    read_roster(Path(sys.argv[1]).read_bytes(), date(2025, 11, 17))
    told = "read"
except RosterFileError:
    told = "refused"
print(told, *(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)))
"""


def peaks(folder: Path, data: bytes) -> tuple[str, int, int]:
    """How it ended, and the peak of the reading process and of the one that asked it, in KiB."""
    file = folder / "pegawai.xlsx"
    file.write_bytes(data)
    done = subprocess.run([sys.executable, "-c", PEAK, str(file)], cwd=CHECKOUT, capture_output=True, check=True)
    told, child, parent = done.stdout.decode().split()
    return told, int(child), int(parent)


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_costs_fifty_mebibytes_at_most_and_nobody_waits_for_it(tmp_path: Path, name: str) -> None:
    honest = peaks(tmp_path, files.workbook([files.HEADER, files.BUDI]))
    bomb = BOMBS[name]()
    told, child, parent = peaks(tmp_path, bomb)
    assert (honest[0], told) == ("read", "refused")
    assert child - honest[1] <= MOST_MORE
    assert parent - honest[2] <= MOST_MORE
    # All that the loop's own thread does meanwhile: no wait of others can be longer, however busy the machine is.
    began = time.thread_time()
    with pytest.raises(RosterFileError):
        await read_roster_async(bomb, TODAY)
    assert time.thread_time() - began <= MOST_OF_THE_LOOP
