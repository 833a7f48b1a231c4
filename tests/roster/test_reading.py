"""Reading in a process of its own: what comes back, and what hostile workbooks cost."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.roster import Refusal, RefusalCode, RosterRow
from bot.roster import reading
from bot.roster.errors import FileFault, RosterFileError
from bot.roster.limits import MAX_ROWS
from bot.roster.reading import read_roster, read_roster_async
from bot.roster.sheets import parse
from bot.roster.wire import error_line, from_lines, to_lines
from tests.roster import files
from tests.roster.files import BUDI, HEADER, PNS, SITI, TODAY, nip, text, workbook

ODD = 'Ni\'mah \u2028 O\u00c3\u00a9 \U0001f600 "x"'


def test_the_process_answers_as_parsing_does(tmp_path: Path) -> None:
    data = workbook([HEADER, BUDI, (PNS[:-1], *SITI[1:]), SITI, (nip(3), ODD, ODD, ODD)])
    expected = parse(data, TODAY)
    assert len(expected[0]) == 3
    path = tmp_path / "--help \u2028.xlsx"
    path.write_bytes(data)
    assert read_roster(data, TODAY) == expected
    assert read_roster(path, TODAY) == expected


async def test_so_does_the_one_beside_an_event_loop(tmp_path: Path) -> None:
    data = workbook([HEADER, BUDI, (PNS[:-1], *SITI[1:]), SITI])
    path = tmp_path / "pegawai.xlsx"
    path.write_bytes(data)
    assert await read_roster_async(data, TODAY) == parse(data, TODAY)
    assert await read_roster_async(path, TODAY) == parse(data, TODAY)


async def test_a_refused_file_keeps_its_reason() -> None:
    for data in (text([("NIP", "NAMA")]).encode(), b"x" * (5 * 1024 * 1024 + 1), b""):
        with pytest.raises(RosterFileError) as apart:
            await read_roster_async(data, TODAY)
        with pytest.raises(RosterFileError) as here:
            parse(data, TODAY)
        assert (apart.value.code, apart.value.detail) == (here.value.code, here.value.detail)


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_roster(tmp_path / "none.xlsx", TODAY)


async def test_twenty_thousand_people_leave_the_event_loop_free() -> None:
    rows = [(nip(at), f"Orang {at}", "Analis", "BPBD", f"0812{at:08d}") for at in range(MAX_ROWS)]
    data = workbook([HEADER, *rows])
    began = time.perf_counter()
    reader = asyncio.create_task(read_roster_async(data, TODAY))
    longest = 0.0
    while not reader.done():
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - before)
    read, refused = await reader
    assert (len(read), len(refused)) == (MAX_ROWS, 0)
    assert longest < (time.perf_counter() - began) / 4


@pytest.fixture(scope="module")
def honest_seconds() -> float:
    """What the largest honest workbook takes here."""
    data = workbook([HEADER, *((nip(at), *BUDI[1:]) for at in range(MAX_ROWS))])
    began = time.perf_counter()
    read_roster(data, TODAY)
    return time.perf_counter() - began


HOSTILE: list[tuple[Callable[[], bytes], FileFault]] = [
    (files.zip_bomb, FileFault.TOO_LARGE_UNPACKED),
    (files.huge_cell, FileFault.TOO_LARGE_UNPACKED),
    (files.five_million_rows, FileFault.TOO_LARGE_UNPACKED),
    (files.crowded_rows, FileFault.TOO_LARGE_UNPACKED),
    (lambda: files.far_cell(header=True), FileFault.TOO_MUCH_WORK),
    (lambda: files.far_cell(header=False), FileFault.TOO_MUCH_WORK),
    (files.impossible_reference, FileFault.TOO_MUCH_WORK),
    (files.entity_bomb, FileFault.DAMAGED),
    (files.lying_directory, FileFault.DAMAGED),
    (files.repeated_cells, FileFault.DAMAGED),
]


@pytest.mark.parametrize(("make", "code"), HOSTILE)
def test_a_hostile_workbook_is_refused_for_no_more_than_an_honest_one_costs(
    make: Callable[[], bytes], code: FileFault, honest_seconds: float
) -> None:
    data = make()
    began = time.perf_counter()
    with pytest.raises(RosterFileError) as raised:
        read_roster(data, TODAY)
    assert raised.value.code is code
    assert time.perf_counter() - began < 2 * honest_seconds


async def test_the_same_beside_an_event_loop() -> None:
    with pytest.raises(RosterFileError) as raised:
        await read_roster_async(files.far_cell(header=True), TODAY)
    assert raised.value.code is FileFault.TOO_MUCH_WORK


async def test_a_reader_that_takes_too_long_is_ended() -> None:
    before = _children()
    with pytest.raises(RosterFileError) as raised:
        await read_roster_async(workbook([HEADER, BUDI]), TODAY, seconds=0.001)
    assert raised.value.code is FileFault.TOO_MUCH_WORK
    with pytest.raises(RosterFileError):
        read_roster(workbook([HEADER, BUDI]), TODAY, seconds=0.001)
    assert _children() <= before


async def test_a_cancelled_reading_leaves_no_process() -> None:
    before = _children()
    reader = asyncio.create_task(read_roster_async(workbook([HEADER, BUDI]), TODAY))
    while _children() <= before and not reader.done():  # noqa: ASYNC110  (a process that starts sets no event)
        await asyncio.sleep(0)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert _children() <= before


TELLS_ITS_ENVIRONMENT = (
    "import os, pathlib, sys; sys.stdin.read(); pathlib.Path(sys.argv[1]).write_text(str(os.environ)); sys.exit(1)"
)


@pytest.mark.parametrize(
    "read",
    [lambda: read_roster(b"NIP", TODAY), lambda: asyncio.run(read_roster_async(b"NIP", TODAY))],
    ids=["alone", "beside a loop"],
)
def test_the_reading_process_gets_none_of_the_bots_secrets(
    read: Callable[[], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SINAR_BOT_TOKEN", "123:secret")
    seen = tmp_path / "environment"
    monkeypatch.setattr(reading, "_COMMAND", (sys.executable, "-c", TELLS_ITS_ENVIRONMENT, str(seen)))
    with pytest.raises(RuntimeError):
        read()
    assert "PYTHONIOENCODING" in seen.read_text()
    assert "SINAR_BOT_TOKEN" not in seen.read_text()


def test_a_defect_of_the_reader_is_not_blamed_on_the_file() -> None:
    with pytest.raises(RuntimeError):
        reading._answer(b"", 1)


def test_lines_carry_everything() -> None:
    rows = [RosterRow(2, PNS, ODD, "", ODD, None), RosterRow(3, nip(1), "A", "B", "C", "6281")]
    refused = [Refusal(4, RefusalCode.NIP_LENGTH, "17", None, "Siti"), Refusal(5, RefusalCode.NIP_MISSING)]
    assert from_lines("\n".join(to_lines(rows, refused)).splitlines()) == (rows, refused)
    assert from_lines(to_lines([], [])) == ([], [])


def test_lines_that_end_early_are_noticed() -> None:
    lines = list(to_lines([RosterRow(2, PNS, "A", "", "B", None)] * 3, []))
    for kept in (lines[:-1], lines[1:], []):
        with pytest.raises(EOFError):
            from_lines(kept)
    with pytest.raises(RosterFileError, match="NAMA"):
        from_lines([error_line(RosterFileError(FileFault.HEADING_MISSING, "NAMA"))])


def _children() -> set[int]:
    """Processes that this one started and that are not gone, each asked whose it is.

    Asking every thread for its own would fail when one ends meanwhile, and miss what then passes on to another.
    """
    processes = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return {int(entry.name) for entry in processes if _parent(entry) == os.getpid()}


def _parent(entry: Path) -> int | None:
    try:
        state = (entry / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command's name stands in brackets and may itself hold spaces and brackets (proc(5), /proc/pid/stat).
    return int(state.rpartition(")")[2].split()[1])
