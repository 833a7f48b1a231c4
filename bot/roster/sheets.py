"""Opens a file of any of the four kinds, told apart by content, and reads its first sheet with a header."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from typing import TypeVar

from bot.domain import attendance
from bot.domain.attendance import Listed
from bot.domain.roster import Refusal, RosterRow, settle
from bot.roster.archive import check_archive
from bot.roster.errors import FileFault, RosterFileError
from bot.roster.headings import count_headings
from bot.roster.limits import HEADER_WITHIN_ROWS, MAX_BYTES, MAX_COLUMNS, MAX_RECTANGLE, MAX_SHEETS
from bot.roster.listing import read_list
from bot.roster.table import Cells, Sheet, read_sheet

R = TypeVar("R")
Reader = Callable[[Sheet], tuple[list[R], list[Refusal]]]

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_XLS_STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))
# How the old format's first stream begins, and the record that follows in a file with a password.
_XLS_START = bytes.fromhex("0908100000060500")
_XLS_START_LENGTH = 20
_XLS_PASSWORD = b"\x2f\x00"
_DELIMITERS = ";,\t|"
_PROBE = 64 * 1024


def parse(data: bytes, today: date) -> tuple[list[RosterRow], list[Refusal]]:
    """Read a roster file in this process; see `bot.roster.reading` for the guarded way.

    Returns valid rows and refused ones, contradicting duplicates among the latter. Raises RosterFileError.
    """
    rows, refused = _read(data, lambda sheet: read_sheet(sheet, today))
    kept, conflicts = settle(rows)
    return kept, sorted([*refused, *conflicts], key=lambda refusal: refusal.row)


def parse_list(data: bytes, today: date) -> tuple[list[Listed], list[Refusal]]:
    """Read an attendance list in this process, as `parse` does a roster."""
    rows, refused = _read(data, lambda sheet: read_list(sheet, today))
    kept, conflicts = attendance.settle(rows)
    return kept, sorted([*refused, *conflicts], key=lambda refusal: refusal.row)


def _read(data: bytes, read: Reader[R]) -> tuple[list[R], list[Refusal]]:
    if len(data) > MAX_BYTES:
        raise RosterFileError(FileFault.TOO_LARGE)
    if not data.strip():
        raise RosterFileError(FileFault.EMPTY)
    if data.startswith((_ZIP, _EMPTY_ZIP)):
        check_archive(data)
        return _read_workbook(data, read)
    if data.startswith(_OLE):
        if _is_locked(data):
            raise RosterFileError(FileFault.ENCRYPTED)
        if not any(name in data for name in _XLS_STREAMS):
            raise RosterFileError(FileFault.NOT_A_SPREADSHEET)
        return _read_workbook(data, read)
    return read(Sheet(_csv_rows(_decode(data))))


def _read_workbook(data: bytes, read: Reader[R]) -> tuple[list[R], list[Refusal]]:
    fault: RosterFileError | None = None
    for sheet in _visible_sheets(data):
        try:
            return read(sheet)
        except RosterFileError as error:
            if error.code not in _PASSED_OVER:
                raise
            if fault is None or _PASSED_OVER.index(error.code) > _PASSED_OVER.index(fault.code):
                fault = error
    raise fault or RosterFileError(FileFault.EMPTY)


# A sheet with one of these is passed over; if no other is better, the last of them is what is told.
_PASSED_OVER = (FileFault.EMPTY, FileFault.NO_HEADER, FileFault.HEADING_MISSING)


def _visible_sheets(data: bytes) -> Iterator[Sheet]:
    """Raise RosterFileError for what is no workbook, locked or damaged. Hidden sheets are left alone, as
    their sender does not see them."""
    from python_calamine import CalamineError, PasswordError, SheetVisibleEnum, load_workbook

    try:
        workbook = load_workbook(io.BytesIO(data))
        for index, about in enumerate(workbook.sheets_metadata[:MAX_SHEETS]):
            if about.visible is SheetVisibleEnum.Visible:
                sheet = workbook.get_sheet_by_index(index)
                if sheet.start is None or sheet.end is None:
                    continue
                if (sheet.end[0] + 1) * (sheet.end[1] + 1) > MAX_RECTANGLE:
                    raise RosterFileError(FileFault.TOO_MUCH_WORK)
                yield Sheet(sheet.iter_rows(), _merged(sheet.merged_cell_ranges or [], sheet.start[1]))
    except PasswordError as error:
        raise RosterFileError(FileFault.ENCRYPTED) from error
    except CalamineError as error:
        raise RosterFileError(FileFault.DAMAGED) from error


def _is_locked(data: bytes) -> bool:
    """Tell a file with a password by its bytes: the parser only says that it cannot read it."""
    if _OLE_ENCRYPTED in data:
        return True
    after = data.find(_XLS_START) + _XLS_START_LENGTH
    return after >= _XLS_START_LENGTH and data[after : after + 2] == _XLS_PASSWORD


def _merged(areas: list[tuple[tuple[int, int], tuple[int, int]]], left: int) -> dict[int, dict[int, int]]:
    """Areas higher than a row, by their column (counted from the used range's left edge) and first row."""
    merged: dict[int, dict[int, int]] = {}
    for (top, column), (bottom, _) in areas:
        if bottom > top:
            merged.setdefault(column - left, {})[top] = bottom
    return merged


def _decode(data: bytes) -> str:
    """BOM, then UTF-8, then the code page of Windows in Indonesia. Raises RosterFileError if none fits."""
    encodings: tuple[str, ...] = ("utf-8-sig", "cp1252")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    elif b"\0" in data:
        raise RosterFileError(FileFault.NOT_A_SPREADSHEET)
    for name in encodings:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise RosterFileError(FileFault.NOT_A_SPREADSHEET)
    start = text[:1000].lstrip().casefold()
    if start.startswith(("%pdf", "{\\rtf")):
        raise RosterFileError(FileFault.NOT_A_SPREADSHEET)
    if start.startswith(("<!doctype", "<html", "<table", "<?xml", "<meta", "<head", "<style")):
        raise RosterFileError(FileFault.WEB_PAGE)
    return text


def _csv_rows(text: str) -> Iterator[Cells]:
    """Split the text into rows, numbered as a spreadsheet program does: without a `sep=` line."""
    first, _, rest = text.partition("\n")
    mark = first.strip(' "\r')
    if len(mark) == 5 and mark[:4].casefold() == "sep=" and mark[4] in _DELIMITERS:
        return _split(rest, mark[4])
    return _split(text, _delimiter(text))


def _delimiter(text: str) -> str:
    """The one that yields most headings in a row."""
    probe = text[:_PROBE]
    best, most = ",", 0
    for delimiter in _DELIMITERS:
        rows = csv.reader(io.StringIO(probe, newline=""), delimiter=delimiter)
        try:
            count = max(
                (count_headings(row[:MAX_COLUMNS]) for row in islice(rows, HEADER_WITHIN_ROWS)),
                default=0,
            )
        except csv.Error:
            continue
        if count > most:
            best, most = delimiter, count
    return best


def _split(text: str, delimiter: str) -> Iterator[Cells]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise RosterFileError(FileFault.DAMAGED) from error
