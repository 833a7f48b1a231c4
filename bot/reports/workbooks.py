"""Workbooks (XLSX) to keep and to sort: a unit's weeks and people, or the city's weeks.

Every text is written as a string, so that a name that begins with "=" stays a name. NIP, answers and scores
of single people are not among the data, and so cannot be here. Equal data gives equal bytes.
"""

import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, TypeAlias

from bot.reports.figures import PersonRow, WeeklyFigures
from bot.reports.words import CITY, HIDDEN
from messages import formats

__all__ = ["PersonRow", "aggregates_workbook", "summary_workbook"]

# What a cell of a workbook holds at most.
_CELL = 32_767
_UNHOLDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

_HIDDEN_NOTE = (
    f'"{HIDDEN}": hasil dari kelompok kecil, atau angka yang dapat mengungkapnya. '
    "Nilai kuis adalah rata-rata, 0 sampai 100."
)
_ALL = "Semua perangkat daerah"

_Cell: TypeAlias = str | int | float | None


@dataclass(frozen=True, slots=True)
class _Column:
    heading: str
    width: int
    cell: Callable[[WeeklyFigures], _Cell]
    format: str = "text"


def summary_workbook(
    figures_by_week: Sequence[WeeklyFigures],
    people: Sequence[PersonRow],
    unit: str | None,
    title: str,
) -> bytes:
    """One sheet of weeks ("Ringkasan") and one of people and whether they take part ("Peserta")."""
    book = _Book(title, figures_by_week)
    book.weeks("Ringkasan", title, unit or CITY, _WEEK_COLUMNS, figures_by_week)
    book.people("Peserta", title, unit or CITY, people)
    return book.close()


def aggregates_workbook(figures: Sequence[WeeklyFigures]) -> bytes:
    """All units' weeks in one sheet, for the city: suppressed as in every other report."""
    title = "Rekap mingguan per perangkat daerah"
    book = _Book(title, figures)
    book.weeks("Rekap", title, CITY, _UNIT_COLUMN + _WEEK_COLUMNS, figures)
    return book.close()


def _share(part: int | None, whole: int) -> _Cell:
    if part is None:
        return HIDDEN
    return part / whole if whole > 0 else None


# A week's row is written for each unit.
_week_label = lru_cache(maxsize=64)(formats.week_label)


def _or_hidden(value: float | None) -> float | str:
    return HIDDEN if value is None else value


_UNIT_COLUMN = (_Column("Perangkat daerah", 44, lambda f: f.unit or _ALL),)

_WEEK_COLUMNS = (
    _Column("Minggu", 11, lambda f: f.week),
    _Column("Tanggal", 30, lambda f: _week_label(f.week)),
    _Column("Diundang", 11, lambda f: f.invited, "whole"),
    _Column("Bergabung", 12, lambda f: f.joined, "whole"),
    _Column("Bergabung (%)", 15, lambda f: _share(f.joined, f.invited), "share"),
    _Column("Pertanyaan terkirim", 20, lambda f: f.sent, "whole"),
    _Column("Dijawab", 15, lambda f: _or_hidden(f.answered), "whole"),
    _Column("Dijawab (%)", 15, lambda f: _share(f.answered, f.sent), "share"),
    _Column("Rata-rata kuis", 16, lambda f: _or_hidden(f.quiz_average), "decimal"),
    _Column("Soal tersulit", 20, lambda f: f.hardest_item),
    _Column("Nilai pada soal tersulit", 24, lambda f: f.hardest_value),
    _Column("Komitmen dibuat", 17, lambda f: _or_hidden(f.commitments_made), "whole"),
    _Column("Komitmen ditepati", 18, lambda f: _or_hidden(f.commitments_kept), "whole"),
)


class _Book:
    """A workbook in memory, in one dress: title, what it is about, headings that stay, rows."""

    _HEADINGS_ROW = 3

    def __init__(self, title: str, figures: Iterable[WeeklyFigures]) -> None:
        # Only now: a start does not wait for what makes workbooks.
        import xlsxwriter

        self._out = io.BytesIO()
        self._book: Any = xlsxwriter.Workbook(self._out, {"in_memory": True})
        self._book.set_properties({"title": clean(title)[:255], "author": "Sinar ASN", "created": _made(figures)})
        base = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
        cell = {**base, "border": 1, "border_color": "#D9DED9"}
        self._formats: dict[str, Any] = {
            "title": {**base, "bold": True, "font_size": 16, "font_color": "#0B4A4E"},
            "note": {**base, "font_color": "#55676A"},
            "heading": {
                **cell,
                "bold": True,
                "text_wrap": True,
                "valign": "vcenter",
                "bg_color": "#0B4A4E",
                "font_color": "#FFFFFF",
            },
            "text": {**cell, "text_wrap": True, "num_format": "@"},
            "quiet": {**cell, "italic": True, "font_color": "#55676A"},
            "missing": {**cell, "bold": True, "bg_color": "#FBEFD5"},
            "whole": {**cell, "num_format": "#,##0"},
            "decimal": {**cell, "num_format": "0.0"},
            "share": {**cell, "num_format": "0%"},
        }
        self._formats = {name: self._book.add_format(look) for name, look in self._formats.items()}

    def weeks(
        self, name: str, title: str, about: str, columns: Sequence[_Column], figures: Sequence[WeeklyFigures]
    ) -> None:
        """Add a sheet with a row a week, in the order given."""
        sheet = self._sheet(name, title, f"{about}. {_HIDDEN_NOTE}", [(c.heading, c.width) for c in columns])
        for row, week in enumerate(figures, self._HEADINGS_ROW + 1):
            for column, kind in enumerate(columns):
                self._write(sheet, row, column, kind.cell(week), kind.format)
        self._finish(sheet, len(figures), len(columns))

    def people(self, name: str, title: str, about: str, people: Sequence[PersonRow]) -> None:
        """Add a sheet with a row a person: whether joined and whether there, and nothing else."""
        missing = sum(not person.joined for person in people)
        note = f"{about}. Belum bergabung: {formats.number(missing)} dari {formats.number(len(people))} orang."
        headings = [("No.", 6), ("Nama", 40), ("Jabatan", 44), ("Bergabung", 14), ("Hadir di sesi", 16)]
        sheet = self._sheet(name, title, note, headings)
        for row, person in enumerate(people, self._HEADINGS_ROW + 1):
            self._write(sheet, row, 0, row - self._HEADINGS_ROW, "whole")
            self._write(sheet, row, 1, person.name)
            self._write(sheet, row, 2, person.position)
            joined = ("Sudah", "text") if person.joined else ("Belum", "missing")
            self._write(sheet, row, 3, *joined)
            self._write(sheet, row, 4, "Hadir" if person.checked_in else "Belum tercatat")
        self._finish(sheet, len(people), len(headings))

    def close(self) -> bytes:
        """Finish the workbook; nothing can be added after it."""
        self._book.close()
        return self._out.getvalue()

    def _sheet(self, name: str, title: str, note: str, headings: Sequence[tuple[str, int]]) -> Any:
        sheet = self._book.add_worksheet(name)
        sheet.write_string(0, 0, clean(title), self._formats["title"])
        sheet.write_string(1, 0, clean(note), self._formats["note"])
        sheet.set_row(0, 24)
        sheet.set_row(self._HEADINGS_ROW, 32)
        for column, (heading, width) in enumerate(headings):
            sheet.set_column(column, column, width)
            sheet.write_string(self._HEADINGS_ROW, column, heading, self._formats["heading"])
        return sheet

    def _write(self, sheet: Any, row: int, column: int, value: _Cell, look: str = "text") -> None:
        if value is None:
            sheet.write_blank(row, column, None, self._formats[look])
        elif value == HIDDEN:
            sheet.write_string(row, column, HIDDEN, self._formats["quiet"])
        elif isinstance(value, str):
            sheet.write_string(row, column, clean(value), self._formats[look])
        else:
            sheet.write_number(row, column, value, self._formats[look])

    def _finish(self, sheet: Any, rows: int, columns: int) -> None:
        last = self._HEADINGS_ROW + max(rows, 1)
        sheet.autofilter(self._HEADINGS_ROW, 0, last, columns - 1)
        sheet.freeze_panes(self._HEADINGS_ROW + 1, 0)
        sheet.repeat_rows(self._HEADINGS_ROW)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)


def clean(text: str) -> str:
    """Leave out what a workbook cannot hold: control characters, halves of characters, and too much."""
    return _UNHOLDABLE.sub("", text[:_CELL])


def _made(figures: Iterable[WeeklyFigures]) -> datetime:
    """The Monday after the last week shown: a date of the data, so that equal data gives equal bytes."""
    year, _, week = max((f.week for f in figures), default="2025-W01").partition("-W")
    sunday = date.fromisocalendar(int(year), int(week), 7)
    return datetime.combine(sunday + timedelta(days=1), time(), UTC)
