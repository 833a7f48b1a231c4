"""Rows as offices write them: which are people, which are refused and why."""

import pytest

from bot.domain.roster import RefusalCode, RosterRow
from bot.roster.errors import FileFault
from bot.roster.limits import MAX_ROWS
from bot.roster.sheets import parse
from tests.roster.conftest import fault, one
from tests.roster.files import BUDI, HEADER, PNS, PPPK, SITI, TODAY, nip, text, workbook


def refusals(data: bytes) -> list[tuple[int, RefusalCode]]:
    return [(refusal.row, refusal.code) for refusal in parse(data, TODAY)[1]]


@pytest.mark.parametrize("shown", ["19800101 200501 1 001", "'198001012005011001", "NIP. 19800101 200501 1 001"])
def test_numbers_with_marks_between_the_digits(shown: str) -> None:
    assert one(shown, *BUDI[1:]).nip == PNS


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (198001012005011001, RefusalCode.NIP_AS_NUMBER),
        ("1,98001E+17", RefusalCode.NIP_AS_NUMBER),
        ("1.98001012005011E+17", RefusalCode.NIP_AS_NUMBER),
        ("2E17", RefusalCode.NIP_AS_NUMBER),
        (19800101, RefusalCode.NIP_LENGTH),
        ("", RefusalCode.NIP_MISSING),
        ("belum ada", RefusalCode.NIP_MISSING),
        (PNS[:-1], RefusalCode.NIP_LENGTH),
        (PNS[:-1] + "l", RefusalCode.NIP_DIGITS),
        ("١٩٨٠٠١٠١٢٠٠٥٠١١٠٠١", RefusalCode.NIP_DIGITS),
        ("198013012005011001", RefusalCode.NIP_BIRTH_DATE),
        ("198001012005131001", RefusalCode.NIP_APPOINTMENT),
        ("198001012005013001", RefusalCode.NIP_SEX_DIGIT),
        ("198001012005011000", RefusalCode.NIP_SERIAL),
    ],
)
def test_a_bad_number_is_refused_with_its_row(cell: object, code: RefusalCode) -> None:
    data = workbook([("DAFTAR",), HEADER, SITI, (cell, *BUDI[1:])])
    assert refusals(data) == [(4, code)]
    assert [row.row for row in parse(data, TODAY)[0]] == [3]


def test_rows_that_lack_something() -> None:
    data = workbook(
        [
            HEADER,
            (PNS, "", "Perawat", "BPBD"),
            (PNS, "-", "Perawat", "BPBD"),
            (PPPK, "Siti", "", "  "),
            (nip(1), "A" * 201, "", "BPBD"),
            (nip(2), "Ani", "B" * 301, "BPBD"),
            (nip(3), "Ana", "", "B" * 201),
            (nip(4), "Adi", "", "BPBD"),
        ]
    )
    assert refusals(data) == [
        (2, RefusalCode.NAME_MISSING),
        (3, RefusalCode.NAME_MISSING),
        (4, RefusalCode.UNIT_MISSING),
        (5, RefusalCode.TOO_LONG),
        (6, RefusalCode.TOO_LONG),
        (7, RefusalCode.TOO_LONG),
    ]
    rows, refused = parse(data, TODAY)
    assert [(row.row, row.position, row.phone) for row in rows] == [(8, "", None)]
    assert [refusal.nip for refusal in refused] == [PNS, PNS, PPPK, nip(1), nip(2), nip(3)]


def test_contradicting_rows_of_a_file() -> None:
    data = workbook([HEADER, BUDI, SITI, BUDI, (PPPK, "Orang Lain", *SITI[2:])])
    rows, refused = parse(data, TODAY)
    assert [row.row for row in rows] == [2]
    assert [(refusal.row, refusal.detail) for refusal in refused] == [(3, "5"), (5, "3")]


def test_what_cells_may_hide_is_taken_out() -> None:
    row = one(PNS, "Budi\u202e\u200b \x07Santoso", "=1+1", "Dinas\n Kesehatan", 81200000001)
    assert row == RosterRow(2, PNS, "Budi Santoso", "=1+1", "Dinas Kesehatan", "6281200000001")


def test_twenty_thousand_rows_are_the_most() -> None:
    rows = [(nip(at), f"Orang {at}", "Analis", "BPBD") for at in range(MAX_ROWS)]
    read, refused = parse(text([HEADER[:4], *rows, ()]).encode(), TODAY)
    assert (len(read), len(refused)) == (MAX_ROWS, 0)
    assert fault(text([HEADER[:4], *rows, (PNS, "Lagi", "", "BPBD")]).encode()) is FileFault.TOO_MANY_ROWS
