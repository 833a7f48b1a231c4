"""Workbooks, opened again with another library."""

import io
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest

from bot.domain.roster import Difference, RosterRow
from bot.reports.difference import difference_workbook
from bot.reports.figures import PersonRow
from bot.reports.workbooks import aggregates_workbook, summary_workbook
from tests.reports import samples

PEOPLE = [
    PersonRow("Siti Rahmawati, S.KM.", "Epidemiolog Ahli Muda", joined=True, checked_in=True),
    PersonRow("Budi Santoso", "Pengelola Keuangan", joined=False, checked_in=False),
]


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def rows(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


def test_a_summary_has_weeks_and_people() -> None:
    book = opened(summary_workbook([samples.WEEK, samples.HIDDEN_WEEK], PEOPLE, "DLH", "Ringkasan DLH"))
    assert book.sheetnames == ["Ringkasan", "Peserta"]
    weeks = rows(book["Ringkasan"])
    assert weeks[0][0] == "Ringkasan DLH"
    assert weeks[3][:4] == ("Minggu", "Tanggal", "Diundang", "Bergabung")
    assert weeks[4][:9] == ("2025-W47", "17–23 November 2025", 40, 34, 0.85, 60, 51, 0.85, 78.4)
    assert weeks[5][6:9] == ("tidak ditampilkan",) * 3
    assert weeks[5][11:13] == ("tidak ditampilkan",) * 2
    people = rows(book["Peserta"])
    assert people[1][0] == "DLH. Belum bergabung: 1 dari 2 orang."
    assert people[3] == ("No.", "Nama", "Jabatan", "Bergabung", "Hadir di sesi")
    assert people[4] == (1, "Siti Rahmawati, S.KM.", "Epidemiolog Ahli Muda", "Sudah", "Hadir")
    assert people[5] == (2, "Budi Santoso", "Pengelola Keuangan", "Belum", "Belum tercatat")


def test_headings_stay_in_view_and_columns_have_widths() -> None:
    for sheet in opened(summary_workbook([samples.WEEK], PEOPLE, None, "A")):
        assert sheet.freeze_panes == "A5"
        assert sheet.auto_filter.ref.startswith("A4:")
        assert all(sheet.column_dimensions[letter].width > 5 for letter in "ABCDE")


@pytest.mark.parametrize("start", ["=1+1", "=HYPERLINK(A1)", "+1", "-1", "@SUM(A1)", "{=1}", "\t=1", "https://a.id"])
def test_no_text_becomes_a_formula_or_a_link(start: str) -> None:
    people = [PersonRow(start, start, joined=False, checked_in=False)]
    weeks = [replace(samples.WEEK, unit=start, hardest_item=start, hardest_value=start)]
    for data in (summary_workbook(weeks, people, start, start), aggregates_workbook(weeks)):
        for sheet in opened(data):
            cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
            assert {cell.data_type for cell in cells} <= {"s", "n"}
            assert all(isinstance(cell.value, str) for cell in cells if cell.data_type == "s")
            assert not any(cell.hyperlink for cell in cells)
    assert opened(summary_workbook(weeks, people, start, start))["Peserta"]["B5"].value == start


@pytest.mark.parametrize("start", ["=1+1", "{=1}", "https://a.id"])
def test_no_text_of_a_roster_becomes_a_formula_or_a_link(start: str) -> None:
    found = Difference(new=(RosterRow(2, "198001012005011001", start, start, start),))
    sheet = opened(difference_workbook(found, datetime(2025, 11, 17, tzinfo=UTC)))["Perbedaan"]
    for cell in (sheet["C2"], sheet["F2"]):
        assert (cell.value, cell.data_type, cell.hyperlink) == (start, "s", None)


@pytest.mark.parametrize("text", samples.HOSTILE.values(), ids=samples.HOSTILE.keys())
def test_any_name_can_be_kept(text: str) -> None:
    people = [PersonRow(text, text * 200, joined=True, checked_in=False)]
    book = opened(summary_workbook([samples.WEEK], people, text, text))
    assert book["Peserta"]["D5"].value == "Sudah"


def test_nothing_to_show_is_still_a_workbook() -> None:
    book = opened(summary_workbook([], [], None, "Ringkasan"))
    assert len(rows(book["Ringkasan"])) == 4
    assert rows(book["Peserta"])[1][0] == "Kota Mojokerto. Belum bergabung: 0 dari 0 orang."
    assert opened(aggregates_workbook([])).sheetnames == ["Rekap"]


def test_a_week_with_nothing_to_divide_has_no_share() -> None:
    weeks = rows(opened(summary_workbook([replace(samples.EMPTY_WEEK, answered=0)], [], None, "A"))["Ringkasan"])
    assert weeks[4][2:8] == (0, 0, None, 0, 0, None)


def test_aggregates_name_the_unit_of_each_row() -> None:
    sheet = opened(aggregates_workbook([samples.WEEK, replace(samples.WEEK, unit=None)]))["Rekap"]
    assert [row[0] for row in rows(sheet)[3:]] == [
        "Perangkat daerah",
        samples.WEEK.unit,
        "Semua perangkat daerah",
    ]


def test_equal_data_gives_equal_bytes() -> None:
    make = [summary_workbook([samples.WEEK], PEOPLE, "DLH", "A") for _ in range(2)]
    assert make[0] == make[1]


def test_a_row_of_a_person_has_no_place_for_a_nip_or_a_result() -> None:
    assert [field.name for field in fields(PersonRow)] == ["name", "position", "joined", "checked_in"]
