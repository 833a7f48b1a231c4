"""From a sheet's cells to an attendance list: NIPs, and where there is such a column, who was there."""

from collections.abc import Sequence
from datetime import date
from itertools import chain, islice

from bot.domain.attendance import Listed, presence
from bot.domain.nip import NIP_LENGTH, clean_nip
from bot.domain.roster import Refusal, RefusalCode
from bot.roster.errors import FileFault, RosterFileError
from bot.roster.headings import ListColumns, find_list_columns
from bot.roster.limits import HEADER_WITHIN_ROWS, MAX_COLUMNS, MAX_NAME, MAX_ROWS
from bot.roster.table import Cells, Sheet, cell_text, nip_cell, read_nip

LONGEST_SAID = 40
# Beside letters, fewer digits are a date, not a number that was mistyped.
FEWEST_DIGITS = 10


def read_list(sheet: Sheet, today: date) -> tuple[list[Listed], list[Refusal]]:
    """Read the people of an attendance list, valid rows and refused ones; headings are not needed.

    Raises RosterFileError: HEADING_MISSING where no NIP is to be found, EMPTY, TOO_MANY_ROWS.
    """
    numbered = enumerate((cells[:MAX_COLUMNS] for cells in sheet.rows), 1)
    first = list(islice(numbered, HEADER_WITHIN_ROWS))
    if not any(cell_text(cell) for _, cells in first for cell in cells):
        raise RosterFileError(FileFault.EMPTY)
    columns, begin = _columns(first)
    rows: list[Listed] = []
    refused: list[Refusal] = []
    for number, cells in chain(first[begin:], numbered):
        if not _is_about_somebody(cell_text(nip_cell(cells, columns.nip))):
            continue
        if len(rows) + len(refused) == MAX_ROWS:
            raise RosterFileError(FileFault.TOO_MANY_ROWS)
        outcome = _read_row(number, cells, columns, today)
        if outcome is None:
            continue
        if isinstance(outcome, Listed):
            rows.append(outcome)
        else:
            refused.append(outcome)
    if not rows and not refused:
        raise RosterFileError(FileFault.EMPTY)
    return rows, refused


def _columns(first: Sequence[tuple[int, Cells]]) -> tuple[ListColumns, int]:
    """Return the columns and how many rows come before the people: by the headings, else by a whole NIP."""
    for index, (_, cells) in enumerate(first):
        found = find_list_columns([cell_text(cell) for cell in cells])
        if found is not None:
            return found, index + 1
    for _, cells in first:
        for column, cell in enumerate(cells):
            if len(clean_nip(cell_text(cell))) == NIP_LENGTH:
                return ListColumns((column,)), 0
    raise RosterFileError(FileFault.HEADING_MISSING, "NIP")


def _is_about_somebody(said: str) -> bool:
    """Pass over blank rows, headings that are repeated, and what stands below: "Mojokerto, 17 November 2025"."""
    digits = sum(char.isdigit() for char in said)
    return digits > 0 and (digits >= FEWEST_DIGITS or not any(char.isalpha() for char in said))


def _read_row(number: int, cells: Cells, columns: ListColumns, today: date) -> Listed | Refusal | None:
    cell = nip_cell(cells, columns.nip)
    name = cell_text(cells[columns.name])[:MAX_NAME] if columns.name is not None and columns.name < len(cells) else ""
    nip = read_nip(cell, today)
    if not isinstance(nip, str):
        if len(cell_text(cell)) <= 4 and not name:
            # The row that numbers the columns, or a page's number.
            return None
        return Refusal(number, *nip, name=name or None)
    if columns.presence is None:
        return Listed(number, nip, name, True)
    said = cell_text(cells[columns.presence]) if columns.presence < len(cells) else ""
    there = presence(said)
    if there is None:
        return Refusal(
            number, RefusalCode.PRESENCE_UNREAD, f"“{said[:LONGEST_SAID]}”" if said else "(kosong)", nip, name
        )
    return Listed(number, nip, name, there)
