"""From a sheet's cells to rows of people: finds the header, then reads and checks each row below it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice, zip_longest

from bot.domain.nip import NipFault, clean_nip, nip_fault
from bot.domain.roster import Refusal, RefusalCode, RosterRow, normal_phone, plain_text
from bot.roster.errors import FileFault, RosterFileError
from bot.roster.headings import Columns, find_columns, is_repeated_header, missing_headings
from bot.roster.limits import (
    HEADER_WITHIN_ROWS,
    MAX_CELL,
    MAX_COLUMNS,
    MAX_NAME,
    MAX_POSITION,
    MAX_ROWS,
    MAX_UNIT,
)

Cell = str | int | float | bool | date | datetime | time | timedelta
Cells = Sequence[Cell]

# Beyond this a number in a cell has lost digits.
_EXACT_BELOW = 10**15
_SCIENTIFIC = re.compile(r"[+-]?[0-9]{1,20}(?:[.,][0-9]{1,40})?[eE][+-]?[0-9]{1,3}")
_NOTHING = frozenset({"", "-", "--", "–", "—", "#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!"})

_NIP_REFUSALS = {
    NipFault.DIGITS: RefusalCode.NIP_DIGITS,
    NipFault.LENGTH: RefusalCode.NIP_LENGTH,
    NipFault.BIRTH_DATE: RefusalCode.NIP_BIRTH_DATE,
    NipFault.APPOINTMENT: RefusalCode.NIP_APPOINTMENT,
    NipFault.SEX_DIGIT: RefusalCode.NIP_SEX_DIGIT,
    NipFault.SERIAL: RefusalCode.NIP_SERIAL,
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows from the first one on; `merged`: by column, the first and last row of each merged area.

    Rows and columns count from 0.
    """

    rows: Iterable[Cells]
    merged: Mapping[int, Mapping[int, int]] = field(default_factory=dict)


def read_sheet(sheet: Sheet, today: date) -> tuple[list[RosterRow], list[Refusal]]:
    """Read the people of a sheet, valid rows and refused ones.

    Raises RosterFileError: NO_HEADER or HEADING_MISSING, EMPTY without any row below the header,
    TOO_MANY_ROWS.
    """
    numbered = enumerate(cells[:MAX_COLUMNS] for cells in sheet.rows)
    columns, below = _find_header(numbered)
    rows: list[RosterRow] = []
    refused: list[Refusal] = []
    for number, cells in _people(below, columns, sheet.merged.get(columns.unit, {})):
        if len(rows) + len(refused) == MAX_ROWS:
            raise RosterFileError(FileFault.TOO_MANY_ROWS)
        outcome = _read_row(number + 1, cells, columns, today)
        if isinstance(outcome, RosterRow):
            rows.append(outcome)
        else:
            refused.append(outcome)
    if not rows and not refused:
        raise RosterFileError(FileFault.EMPTY)
    return rows, refused


def _find_header(numbered: Iterator[tuple[int, Cells]]) -> tuple[Columns, Iterator[tuple[int, Cells]]]:
    """Find the headings, in one row or over two (a wide heading above narrower ones)."""
    above: list[str] = []
    lacking: tuple[str, ...] = ()
    filled = False
    for _, cells in islice(numbered, HEADER_WITHIN_ROWS):
        texts = [cell_text(cell) for cell in cells]
        filled = filled or any(texts)
        both = [lower or upper for lower, upper in zip_longest(texts, above, fillvalue="")]
        for headings in (texts, both):
            columns = find_columns(headings)
            if columns is not None:
                return columns, numbered
            missing = missing_headings(headings)
            if "NIP" not in missing and len(missing) == 1:
                lacking = missing
        above = texts
    if not filled and next(numbered, None) is None:
        raise RosterFileError(FileFault.EMPTY)
    if lacking:
        raise RosterFileError(FileFault.HEADING_MISSING, lacking[0])
    raise RosterFileError(FileFault.NO_HEADER)


def _people(
    below: Iterator[tuple[int, Cells]], columns: Columns, merged_units: Mapping[int, int]
) -> Iterator[tuple[int, list[Cell]]]:
    """Drop what is not about a person: blank rows, the row that numbers the columns, footers."""
    unit: Cell = ""
    until = -1
    for number, cells in below:
        if not any(cells):
            continue
        if number in merged_units:
            unit, until = _at(cells, columns.unit), merged_units[number]
        row = list(cells)
        if number <= until and columns.unit < len(row) and not _value(row, columns.unit):
            row[columns.unit] = unit
        nip = cell_text(nip_cell(row, columns.nip))
        name = _value(row, columns.name)
        if _numbers_the_columns(row, nip, name):
            continue
        has_nip = any(char.isdigit() for char in nip)
        if (has_nip or _is_name(name)) and not is_repeated_header(nip, name):
            yield number, row


def _read_row(number: int, cells: Cells, columns: Columns, today: date) -> RosterRow | Refusal:
    """Check one row; of several faults the first is named, NIP before name before unit."""
    name = _full_name(cells, columns)
    shown_name = name if _is_name(name) else None
    nip = read_nip(nip_cell(cells, columns.nip), today)
    if not isinstance(nip, str):
        code, detail = nip
        return Refusal(number, code, detail, name=shown_name)
    if shown_name is None:
        return Refusal(number, RefusalCode.NAME_MISSING, nip=nip)
    unit = _value(cells, columns.unit)
    if not unit:
        return Refusal(number, RefusalCode.UNIT_MISSING, nip=nip, name=name)
    position = _value(cells, columns.position)
    limits = (("NAMA", name, MAX_NAME), ("JABATAN", position, MAX_POSITION), ("UNIT", unit, MAX_UNIT))
    for label, text, limit in limits:
        if len(text) > limit:
            return Refusal(number, RefusalCode.TOO_LONG, label, nip, name[:MAX_NAME])
    return RosterRow(number, nip, name, position, unit, _read_phone(_at(cells, columns.phone)))


def read_nip(cell: Cell, today: date) -> str | tuple[RefusalCode, str]:
    """Return a cell's NIP, or why it is none."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _EXACT_BELOW:
        return RefusalCode.NIP_AS_NUMBER, ""
    shown = cell_text(cell)
    if _SCIENTIFIC.fullmatch(shown):
        return RefusalCode.NIP_AS_NUMBER, ""
    if not any(char.isdigit() for char in shown):
        return RefusalCode.NIP_MISSING, ""
    nip = clean_nip(shown)
    fault = nip_fault(nip, today)
    if fault is None:
        return nip
    return _NIP_REFUSALS[fault], str(len(nip)) if fault is NipFault.LENGTH else ""


def _read_phone(cell: Cell) -> str | None:
    text = cell_text(cell)
    return normal_phone(text[:100]) if text else None


def _full_name(cells: Cells, columns: Columns) -> str:
    """Join the titles to the name: "dr." + "Siti" + "M.Kes" is "dr. Siti, M.Kes"."""
    name = _value(cells, columns.name).strip(" ,")
    before = _value(cells, columns.title_before).strip(" ,")
    after = _value(cells, columns.title_after).strip(" ,")
    if before and name and not name.casefold().startswith(before.casefold() + " "):
        name = f"{before} {name}"
    if after and name and not name.casefold().endswith(after.casefold()):
        name = f"{name}, {after}"
    return name


def cell_text(cell: Cell) -> str:
    """What the cell shows, on one line; placeholders such as "-" and error values are empty."""
    if isinstance(cell, str):
        text = plain_text(cell[:MAX_CELL])
    elif isinstance(cell, float) and cell.is_integer():
        text = str(int(cell))
    else:
        text = str(cell)
    # Exporters write ="0812…" so that a spreadsheet leaves the digits alone.
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1].strip()
    return "" if text in _NOTHING else text


def _numbers_the_columns(cells: Cells, nip: str, name: str) -> bool:
    """The row 1, 2, 3, … or (1), (2), (3), … that printed lists have under the header."""
    if len(nip) > 4 or _is_name(name):
        return False
    filled = [text.strip("()") for text in map(cell_text, cells) if text]
    return len(filled) > 1 and filled == [str(count) for count in range(1, len(filled) + 1)]


def nip_cell(cells: Cells, columns: Sequence[int]) -> Cell:
    """Return the first cell of these columns that is filled."""
    for column in columns:
        if cell_text(_at(cells, column)):
            return _at(cells, column)
    return ""


def _is_name(text: str) -> bool:
    return any(char.isalpha() for char in text)


def _value(cells: Cells, column: int | None) -> str:
    return cell_text(_at(cells, column))


def _at(cells: Cells, column: int | None) -> Cell:
    return cells[column] if column is not None and column < len(cells) else ""
