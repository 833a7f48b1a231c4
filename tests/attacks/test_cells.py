"""No cell that begins with a sign of a formula, or with what spreadsheets skip before one, is a formula."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from bot.domain.roster import Change, Difference, Known, Refusal, RefusalCode, RosterRow
from bot.reports.difference import difference_workbook
from bot.reports.impact.workbook import impact_workbook
from bot.reports.workbooks import PersonRow, aggregates_workbook, summary_workbook
from tests.conftest import WIB, nip, wib
from tests.impact import samples as impact_samples
from tests.reports import samples

SIGNS = "=+-@"
BEFORE = ("", "\t", "\r", "\n", "\x00", " ", "\u00a0", "\u200b", "\ufeff", "'", '"')
STARTS = [before + sign + "1+1" for sign in SIGNS for before in BEFORE] + ["\t", "\r", "\x00"]
FORMULA = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}f"


def books(text: str) -> Iterator[bytes]:
    people = [PersonRow(text, text, joined=False, checked_in=False)]
    weeks = [replace(samples.WEEK, unit=text, hardest_item=text, hardest_value=text)]
    yield summary_workbook(weeks, people, text, text)
    yield aggregates_workbook(weeks)
    row, known = RosterRow(2, nip(1), text, text, text), Known(1, nip(1), "A", "B", "C")
    refused = Refusal(3, RefusalCode.NIP_MISSING, text, None, text)
    found = Difference((row,), (Change(known, row),), (Change(known, row),), (known,), (refused,))
    yield difference_workbook(found, wib("2025-11-17 08:00"))
    yield impact_workbook(impact_samples.hostile(text), WIB)


def formulas(data: bytes) -> set[str]:
    """Every formula of a workbook, as it stands in the file itself."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
    return {node.text or "" for sheet in sheets for node in ElementTree.fromstring(sheet).iter(FORMULA)}


@pytest.fixture(scope="module")
def own() -> list[set[str]]:
    """The formulas that we write ourselves, with a harmless word in every place."""
    return [formulas(data) for data in books("Dinas")]


@pytest.mark.parametrize("start", STARTS, ids=ascii)
def test_signs_and_what_may_stand_before_them_make_no_formula(start: str, own: list[set[str]]) -> None:
    assert own[:3] == [set(), set(), set()]
    for data, ours in zip(books(start), own, strict=True):
        # openpyxl reads the whole file: one that needs repair would not open.
        assert load_workbook(io.BytesIO(data)).sheetnames
        assert formulas(data) == ours
