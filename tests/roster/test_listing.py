"""Attendance lists as offices keep them: with and without headings, ticks, reasons, signatures."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.attendance import ABSENT_WORDS, PRESENT_WORDS, Listed, presence
from bot.domain.roster import RefusalCode
from bot.roster.errors import FileFault, RosterFileError
from bot.roster.reading import read_list_async
from bot.roster.sheets import parse_list
from bot.roster.wire import list_from_lines, list_to_lines
from tests.roster.files import nip

TODAY = date(2025, 11, 17)


def read(*lines: str) -> tuple[list[tuple[int, str, bool]], list[tuple[int, RefusalCode]]]:
    rows, refused = parse_list("\n".join(lines).encode(), TODAY)
    return [(row.row, row.nip, row.present) for row in rows], [(one.row, one.code) for one in refused]


def test_bare_numbers_are_a_list_of_those_who_were_there() -> None:
    assert read(nip(1), "", f"'{nip(2)}") == ([(1, nip(1), True), (3, nip(2), True)], [])


def test_a_column_of_attendance_decides_and_what_is_not_understood_is_refused() -> None:
    rows, refused = read(
        "DAFTAR HADIR SESI", "NO;NAMA;NIP;KEHADIRAN;TANDA TANGAN", f"1;Budi;{nip(1)};Hadir;", f"2;Siti;{nip(2)};SAKIT;",
        f"3;Tono;{nip(3)};;", f"4;Rini;{nip(4)};ikut sebentar;", "Mojokerto, 17 November 2025;;;;",
    )  # fmt: skip
    assert rows == [(3, nip(1), True), (4, nip(2), False)]
    assert refused == [(5, RefusalCode.PRESENCE_UNREAD), (6, RefusalCode.PRESENCE_UNREAD)]


def test_the_column_of_those_who_were_not_there_is_not_mistaken_for_the_other() -> None:
    rows, refused = read("NIP;HADIR;TIDAK HADIR", f"{nip(1)};v;", f"{nip(2)};;v")
    assert rows == [(2, nip(1), True)]
    assert refused == [(3, RefusalCode.PRESENCE_UNREAD)]


def test_the_same_person_twice_counts_once_and_a_contradiction_never() -> None:
    rows, refused = read("NIP;HADIR", f"{nip(1)};ya", f"{nip(1)};hadir", f"{nip(2)};ya", f"{nip(2)};izin")
    assert rows == [(2, nip(1), True)]
    assert refused == [(4, RefusalCode.CONFLICT), (5, RefusalCode.CONFLICT)]


async def test_the_guarded_way_reads_the_same_and_refuses_the_same() -> None:
    rows, refused = await read_list_async(f"NIP;NAMA\n{nip(1)};Budi\n123;Siti\n".encode(), TODAY)
    assert rows == [Listed(2, nip(1), "Budi", True)]
    assert [one.code for one in refused] == [RefusalCode.NIP_LENGTH]
    with pytest.raises(RosterFileError) as raised:
        await read_list_async(b"satu;dua\nx;y\n", TODAY)
    assert raised.value.code is FileFault.HEADING_MISSING


def test_no_word_means_both() -> None:
    assert not PRESENT_WORDS & ABSENT_WORDS
    assert presence("Tidak  Hadir.") is False
    assert presence("Tidak tahu") is None


@given(st.lists(st.builds(Listed, st.integers(1, 9), st.just("1"), st.text(), st.booleans())))
def test_rows_travel_unchanged(rows: list[Listed]) -> None:
    assert list_from_lines(list_to_lines(rows, [])) == (rows, [])
