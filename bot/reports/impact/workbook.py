"""The impact report as a workbook: figures in cells, percentages and differences as live formulas over them, a chart.

A hidden figure is text, and every formula that refers to one says the same text instead of an error. Text is always
written as a string, so that a title that begins with "=" stays a title. Equal data gives equal bytes.
"""

import io
from collections.abc import Sequence
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from bot.domain.gain import Gain
from bot.reports.impact import words
from bot.reports.impact.figures import Impact
from bot.reports.workbooks import clean
from messages import formats

_Cell: TypeAlias = str | int | float | None
_FIRST = 4
_HEADINGS = _FIRST - 1


def impact_workbook(impact: Impact, zone: ZoneInfo) -> bytes:
    """Return the workbook: funnel, gain, reaction and self-check, items, units, and how to read it."""
    return _ImpactBook(impact, zone).made()


class _ImpactBook:
    def __init__(self, impact: Impact, zone: ZoneInfo) -> None:
        self._impact = impact
        self._zone = zone
        self._few = words.few(impact)
        self._out = io.BytesIO()
        self._book: Any = xlsxwriter.Workbook(self._out, {"in_memory": True})
        self._book.set_properties(
            {
                "title": clean(f"Laporan dampak: {impact.title}")[:255],
                "author": "Sinar ASN",
                "created": impact.as_of.replace(microsecond=0),
            }
        )
        base = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
        cell = {**base, "border": 1, "border_color": "#D9DED9"}
        looks = {
            "title": {**base, "bold": True, "font_size": 16, "font_color": "#0B4A4E"},
            "note": {**base, "font_color": "#55676A"},
            "wrapped": {**base, "text_wrap": True},
            "heading": {**cell, "bold": True, "text_wrap": True, "bg_color": "#0B4A4E", "font_color": "#FFFFFF"},
            "text": {**cell, "text_wrap": True, "num_format": "@"},
            "quiet": {**cell, "italic": True, "font_color": "#55676A", "align": "right"},
            "whole": {**cell, "num_format": "#,##0"},
            "decimal": {**cell, "num_format": "0.00"},
            "share": {**cell, "num_format": "0%"},
        }
        self._looks = {name: self._book.add_format(look) for name, look in looks.items()}

    def made(self) -> bytes:
        self._funnel()
        self._gain()
        self._reaction()
        self._items()
        self._units()
        self._reading()
        self._book.close()
        return self._out.getvalue()

    def _funnel(self) -> None:
        impact = self._impact
        sheet = self._sheet(
            "Corong", [("Tahap", 30), ("Orang", 12), ("Dari diundang", 16), ("Dari tahap sebelumnya", 16)]
        )
        rows: list[tuple[str, int | None]] = [
            ("Diundang", impact.invited),
            ("Hadir", impact.attended),
            ("Bergabung", impact.joined),
            ("Merefleksikan", impact.reflected),
            ("Mengerjakan kuis", impact.quizzed),
            ("Berkomitmen", impact.committed),
            ("Menepati (pengakuan sendiri)", impact.kept),
        ]
        for row, (label, count) in enumerate(rows, _FIRST):
            before = rows[row - _FIRST - 1][1] if row > _FIRST else None
            self._write(sheet, row, 0, label)
            self._write(sheet, row, 1, count, "whole")
            self._ratio(sheet, row, 2, (row, 1), (_FIRST, 1), _share(count, impact.invited))
            if row > _FIRST:
                self._ratio(sheet, row, 3, (row, 1), (row - 1, 1), _share(count, before))
        last = _FIRST + len(rows) - 1
        self._write(sheet, last + 2, 0, "Tamu (dihitung terpisah)")
        self._write(sheet, last + 2, 1, impact.guests, "whole")
        chart: Any = self._book.add_chart({"type": "bar"})
        chart.add_series(
            {
                "name": "Orang",
                "categories": ["Corong", _FIRST, 0, last, 0],
                "values": ["Corong", _FIRST, 1, last, 1],
                "fill": {"color": "#0D6B6E"},
                "data_labels": {"value": True},
                "gap": 40,
            }
        )
        chart.set_title({"name": "Dari undangan ke tindakan", "name_font": {"size": 13}})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"min": 0, "major_gridlines": {"visible": False}})
        chart.set_size({"width": 620, "height": 330})
        sheet.insert_chart(last + 4, 0, chart)

    def _gain(self) -> None:
        gain = self._impact.gain
        sheet = self._sheet("Pengetahuan", [("Ukuran", 44), ("Angka", 14)])
        rows: list[tuple[str, _Cell, str]] = [
            ("Orang dengan kedua kuis (n)", gain.n if gain else None, "whole"),
            ("Butir tiap kuis", gain.items if gain else None, "whole"),
            ("Rata-rata benar sebelum sesi", gain.before if gain else None, "decimal"),
            ("Rata-rata benar sesudah sesi", gain.after if gain else None, "decimal"),
        ]
        for row, (label, value, look) in enumerate(rows, _FIRST):
            self._write(sheet, row, 0, label)
            self._write(sheet, row, 1, value, look)
        first = _FIRST + len(rows)
        before, after, items = (xl_rowcol_to_cell(row, 1) for row in (_FIRST + 2, _FIRST + 3, _FIRST + 1))
        derived = [
            ("Perubahan rata-rata (butir)", f"{after}-{before}", gain.mean if gain else None, "decimal"),
            ("Perubahan terhadap panjang kuis", f"({after}-{before})/{items}", _per_item(gain), "share"),
        ]
        for row, (label, formula, value, look) in enumerate(derived, first):
            self._write(sheet, row, 0, label)
            self._formula(sheet, row, 1, formula, [before, after, items], value, look)
        for row, (label, value) in enumerate(
            (("Rentang 95%: dari", gain.low if gain else None), ("Rentang 95%: sampai", gain.high if gain else None)),
            first + len(derived),
        ):
            self._write(sheet, row, 0, label)
            self._write(sheet, row, 1, value, "decimal")
        said = words.gain_words(gain) if gain else words.gain_missing(self._impact)
        sheet.write_string(first + len(derived) + 3, 0, clean(said), self._looks["wrapped"])

    def _reaction(self) -> None:
        impact, found = self._impact, self._impact.reaction
        sheet = self._sheet(
            "Kesan dan perilaku", [("Kesan terhadap sesi (1 sampai 5)", 44), ("Orang", 12), ("Bagian", 12)]
        )
        counts: Sequence[int | None] = found.counts if found and found.counts else [None] * 5
        total = _FIRST + 5
        for row, (score, count) in enumerate(enumerate(counts, 1), _FIRST):
            self._write(sheet, row, 0, score, "whole")
            self._write(sheet, row, 1, count, "whole")
            self._ratio(sheet, row, 2, (row, 1), (total, 1), _share(count, found.n if found else None))
        self._write(sheet, total, 0, "Orang seluruhnya (n)")
        self._write(sheet, total, 1, found.n if found else None, "whole")
        self._write(sheet, total + 1, 0, "Rata-rata kesan")
        self._write(sheet, total + 1, 1, found.mean if found else None, "decimal")
        top = total + 4
        for column, heading in enumerate(("Perilaku menurut penilaian sendiri (1 sampai 4)", "Orang", "Rata-rata")):
            sheet.write_string(top, column, heading, self._looks["heading"])
        for row, value in enumerate(impact.values, top + 1):
            self._write(sheet, row, 0, value.short)
            self._write(sheet, row, 1, value.n, "whole")
            self._write(sheet, row, 2, value.mean, "decimal")

    def _items(self) -> None:
        headings = [
            ("Butir", 22),
            ("Pertanyaan", 70),
            ("Nilai", 26),
            ("Orang", 10),
            ("Keliru", 10),
            ("Bagian keliru", 14),
        ]
        sheet = self._sheet("Butir kuis", headings)
        for row, item in enumerate(self._impact.missed, _FIRST):
            self._write(sheet, row, 0, item.item)
            self._write(sheet, row, 1, item.question)
            self._write(sheet, row, 2, item.value)
            self._write(sheet, row, 3, item.people, "whole")
            self._write(sheet, row, 4, item.wrong, "whole")
            self._ratio(sheet, row, 5, (row, 4), (row, 3), _share(item.wrong, item.people))

    def _units(self) -> None:
        headings = [("Perangkat daerah", 48), ("Diundang", 11), ("Bergabung", 11), ("Bergabung (%)", 12)]
        headings += [
            ("n kedua kuis", 10),
            ("Sebelum", 10),
            ("Sesudah", 10),
            ("Perubahan", 11),
            ("Dari", 9),
            ("Sampai", 9),
        ]
        sheet = self._sheet("Perangkat daerah", headings)
        for row, unit in enumerate(self._impact.units, _FIRST):
            gain = unit.gain
            self._write(sheet, row, 0, unit.unit)
            self._write(sheet, row, 1, unit.invited, "whole")
            self._write(sheet, row, 2, unit.joined, "whole")
            self._ratio(sheet, row, 3, (row, 2), (row, 1), _share(unit.joined, unit.invited))
            self._write(sheet, row, 4, gain.n if gain else None, "whole")
            self._write(sheet, row, 5, gain.before if gain else None, "decimal")
            self._write(sheet, row, 6, gain.after if gain else None, "decimal")
            before, after = xl_rowcol_to_cell(row, 5), xl_rowcol_to_cell(row, 6)
            self._formula(sheet, row, 7, f"{after}-{before}", [before, after], gain.mean if gain else None, "decimal")
            self._write(sheet, row, 8, gain.low if gain else None, "decimal")
            self._write(sheet, row, 9, gain.high if gain else None, "decimal")
        if not self._impact.by_unit:
            note = words.units_missing(self._impact)
            sheet.write_string(_FIRST + len(self._impact.units) + 1, 0, note, self._looks["note"])

    def _reading(self) -> None:
        sheet = self._sheet("Cara membaca", [("Yang perlu diketahui", 110)])
        halves = [words.halves_words(self._impact.halves)] if self._impact.halves else []
        for row, line in enumerate([*words.limits(self._impact), *halves], _FIRST):
            self._write(sheet, row, 0, line)

    def _sheet(self, name: str, headings: Sequence[tuple[str, int]]) -> Any:
        impact = self._impact
        sheet = self._book.add_worksheet(name)
        sheet.write_string(0, 0, clean(f"Laporan dampak: {impact.title}"), self._looks["title"])
        when = formats.span(impact.start, impact.end, self._zone)
        sheet.write_string(1, 0, clean(f"{when}. {words.hidden_note(impact)}"), self._looks["note"])
        sheet.set_row(0, 24)
        for column, (heading, width) in enumerate(headings):
            sheet.set_column(column, column, width)
            sheet.write_string(_HEADINGS, column, heading, self._looks["heading"])
        sheet.freeze_panes(_FIRST, 0)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)
        return sheet

    def _write(self, sheet: Any, row: int, column: int, value: _Cell, look: str = "text") -> None:
        if value is None:
            sheet.write_string(row, column, self._few, self._looks["quiet"])
        elif isinstance(value, str):
            sheet.write_string(row, column, clean(value), self._looks[look])
        else:
            sheet.write_number(row, column, value, self._looks[look])

    def _ratio(
        self, sheet: Any, row: int, column: int, part: tuple[int, int], whole: tuple[int, int], value: float | None
    ) -> None:
        a, b = xl_rowcol_to_cell(*part), xl_rowcol_to_cell(*whole)
        self._formula(sheet, row, column, f"{a}/{b}", [a, b], value, "share")

    def _formula(
        self, sheet: Any, row: int, column: int, formula: str, cells: Sequence[str], value: float | None, look: str
    ) -> None:
        """Write a formula that says the hidden word where one of its cells is hidden, and what it makes now."""
        numbers = ",".join(f"ISNUMBER({cell})" for cell in cells)
        guarded = f'=IF(AND({numbers}),IFERROR({formula},"{self._few}"),"{self._few}")'
        sheet.write_formula(row, column, guarded, self._looks[look], self._few if value is None else value)


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


def _per_item(gain: Gain | None) -> float | None:
    return gain.mean / gain.items if gain else None
