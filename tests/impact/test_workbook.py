"""The workbook: live formulas that never fail, text that stays text, and a file that LibreOffice takes as it is."""

import csv
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from bot.reports.impact.figures import Impact
from bot.reports.impact.workbook import impact_workbook
from tests.impact import samples
from tests.reports.samples import HOSTILE

WIB = ZoneInfo("Asia/Jakarta")
SHEETS = ["Corong", "Pengetahuan", "Kesan dan perilaku", "Butir kuis", "Perangkat daerah", "Cara membaca"]
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def opened(impact: Impact, *, values: bool = False) -> Any:
    return openpyxl.load_workbook(io.BytesIO(impact_workbook(impact, WIB)), data_only=values)


def column(sheet: Any, letter: str, first: int, last: int) -> list[Any]:
    return [sheet[f"{letter}{row}"].value for row in range(first, last + 1)]


def test_the_funnel_counts_and_its_percentages_are_formulas() -> None:
    sheet = opened(samples.IMPACT)["Corong"]
    assert column(sheet, "B", 5, 11) == [120, 103, 99, 81, 74, 62, 38]
    assert sheet["C6"].value == '=IF(AND(ISNUMBER(B6),ISNUMBER(B5)),IFERROR(B6/B5,"<5"),"<5")'
    assert sheet["D11"].value == '=IF(AND(ISNUMBER(B11),ISNUMBER(B10)),IFERROR(B11/B10,"<5"),"<5")'
    made = opened(samples.IMPACT, values=True)["Corong"]
    assert column(made, "C", 5, 7) == pytest.approx([1, 103 / 120, 99 / 120])
    assert b"barChart" in b"".join(_parts(samples.IMPACT))


def test_a_hidden_figure_is_a_word_and_so_is_what_is_made_of_it() -> None:
    for sheet in opened(samples.EARLY, values=True):
        for row in sheet.iter_rows(min_row=5):
            assert all(cell.value is None or not str(cell.value).startswith("#") for cell in row)
    funnel = opened(samples.EARLY, values=True)["Corong"]
    assert column(funnel, "B", 9, 11) == column(funnel, "C", 9, 11) == ["<5"] * 3
    units = opened(samples.IMPACT, values=True)["Perangkat daerah"]
    assert [cell.value for cell in units[5]][:10] == ["BPBD", 12, 9, 0.75, *["<5"] * 6]
    items = opened(samples.IMPACT, values=True)["Butir kuis"]
    assert [cell.value for cell in items[8]] == ["harmonis-03", samples.QUESTION[:90], "Harmonis", 40, "<5", "<5"]


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "{=1}", "https://a.id"])
def test_no_text_becomes_a_formula_or_a_link(start: str) -> None:
    book = opened(samples.hostile(start))
    assert book["Perangkat daerah"]["A5"].value == start
    assert book["Perangkat daerah"]["A5"].data_type == "s"
    assert book["Butir kuis"]["B5"].data_type == "s"
    assert not any(cell.hyperlink for sheet in book for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_any_text_can_be_kept(text: str) -> None:
    assert opened(samples.hostile(text)).sheetnames == SHEETS


def test_equal_data_gives_equal_bytes() -> None:
    assert impact_workbook(samples.IMPACT, WIB) == impact_workbook(samples.IMPACT, WIB)


@pytest.mark.skipif(
    SOFFICE is None, reason="needs LibreOffice: apt-get install --no-install-recommends libreoffice-calc-nogui"
)
def test_libreoffice_computes_what_we_wrote(tmp_path: Path) -> None:
    reports = {"ordinary": samples.IMPACT, "early": samples.EARLY, "hostile": samples.hostile("=1+1")}
    for name, impact in reports.items():
        (tmp_path / f"{name}.xlsx").write_bytes(_without_values(impact_workbook(impact, WIB)))
    done = subprocess.run(
        [
            str(SOFFICE),
            f"-env:UserInstallation=file://{tmp_path}/profile",
            "--headless",
            "--convert-to",
            # Comma, double quote, UTF-8, all sheets, values as they are and not as they are shown.
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1",
            "--outdir",
            str(tmp_path),
            *(str(tmp_path / f"{name}.xlsx") for name in reports),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "repair" not in (done.stdout + done.stderr).lower()
    for name, impact in reports.items():
        for sheet in opened(impact, values=True):
            rows = list(csv.reader((tmp_path / f"{name}-{sheet.title}.csv").read_text().splitlines(keepends=True)))
            assert len(rows) >= sheet.max_row
            for ours, theirs in zip(sheet.iter_rows(values_only=True), rows, strict=False):
                for cell, said in zip(ours, theirs, strict=False):
                    if isinstance(cell, int | float):
                        assert _number(said) == pytest.approx(cell), (sheet.title, ours, theirs)
                    else:
                        assert said == (cell or ""), (sheet.title, ours, theirs)


def _number(said: str) -> float:
    return float(said.removesuffix("%")) / (100 if said.endswith("%") else 1)


def _parts(impact: Impact) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(impact_workbook(impact, WIB))) as book:
        return [book.read(name) for name in book.namelist() if "chart" in name]


def _without_values(data: bytes) -> bytes:
    """The workbook with the values that stand beside its formulas taken out, so that they must be computed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            body = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                body = re.sub(rb"</f><v>[^<]*</v>", b"</f>", body)
                body = re.sub(rb' t="str"(><f>)', rb"\1", body)
            target.writestr(name, body)
    return out.getvalue()
