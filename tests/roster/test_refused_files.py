"""Files that are no roster, by every reason there is."""

import io
import re
import time
import zipfile
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bot.domain.nip
import bot.domain.roster
from bot.roster import archive, headings, sheets, table
from bot.roster.archive import _CHUNK as CHUNK
from bot.roster.errors import FileFault, RosterFileError, file_fault_text
from bot.roster.sheets import parse
from tests.roster import files
from tests.roster.conftest import fault
from tests.roster.files import BUDI, HEADER, PNS, PPPK, TODAY, text, workbook


def _docx() -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as made:
        made.writestr("word/document.xml", "<a/>")
    return memory.getvalue()


def _locked_ods() -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as made:
        made.writestr("content.xml", b"\x99\x12")
        made.writestr("META-INF/manifest.xml", "<m:file-entry><m:encryption-data/></m:file-entry>")
    return memory.getvalue()


_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_XLS = files.old_workbook()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", FileFault.EMPTY),
        (b"\r\n \r\n", FileFault.EMPTY),
        (b"\xef\xbb\xbf\n", FileFault.EMPTY),
        (b",,,\n,,,\n", FileFault.EMPTY),
        (workbook([]), FileFault.EMPTY),
        (workbook([HEADER]), FileFault.EMPTY),
        (text([HEADER]).encode(), FileFault.EMPTY),
        (workbook([("a", "b"), ("c", "d")]), FileFault.NO_HEADER),
        (b"halo, dunia\n", FileFault.NO_HEADER),
        (workbook([("NIP", "NAMA", "ALAMAT"), (PNS, "Budi", "x")]), FileFault.HEADING_MISSING),
        (workbook([("NIP", "JABATAN", "OPD"), (PNS, "Analis", "x")]), FileFault.HEADING_MISSING),
        (b"%PDF-1.7\n...", FileFault.NOT_A_SPREADSHEET),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", FileFault.NOT_A_SPREADSHEET),
        (b"\x81\x8d\x8f", FileFault.NOT_A_SPREADSHEET),
        (_docx(), FileFault.NOT_A_SPREADSHEET),
        (_OLE + bytes(600) + "WordDocument".encode("utf-16-le"), FileFault.NOT_A_SPREADSHEET),
        (b"<html><table><tr><td>NIP</td></tr></table></html>", FileFault.WEB_PAGE),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', FileFault.WEB_PAGE),
        (_OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), FileFault.ENCRYPTED),
        (_XLS[:532] + b"\x2f\0" + _XLS[534:], FileFault.ENCRYPTED),
        (_locked_ods(), FileFault.ENCRYPTED),
        (workbook([HEADER, BUDI])[:2000], FileFault.DAMAGED),
        (_XLS[:532] + b"\xff" * 400 + _XLS[932:], FileFault.DAMAGED),
        (files.ods("<broken"), FileFault.DAMAGED),
        (b"NIP,NAMA,OPD\n" + b'"' + b"a" * 200_000, FileFault.DAMAGED),
        (b"x" * (5 * 1024 * 1024 + 1), FileFault.TOO_LARGE),
        (files.many_entries(), FileFault.TOO_LARGE_UNPACKED),
        (files.heavy_picture(), FileFault.TOO_LARGE_UNPACKED),
        (files.entity_bomb(), FileFault.DAMAGED),
    ],
)
def test_a_file_that_is_no_roster_is_refused_with_the_reason(data: bytes, code: FileFault) -> None:
    assert fault(data) is code


@pytest.mark.parametrize("after", [0, *range(CHUNK - 60, CHUNK - 20)])
def test_who_declares_an_entity_is_refused_before_anything_parses_it(after: int) -> None:
    """The workbook's reader would pass over a declaration, and over one that two chunks of unpacking share."""
    assert fault(files.declared_entity(after=after)) is FileFault.DAMAGED


def test_a_missing_heading_is_named() -> None:
    with pytest.raises(RosterFileError, match="UNIT KERJA"):
        parse(text([("NIP", "NAMA")]).encode(), TODAY)


def test_every_fault_has_both_texts() -> None:
    for code in FileFault:
        error = RosterFileError(code, "NAMA")
        assert str(error).endswith(".")
        assert error.text == file_fault_text(code, "NAMA")
        assert error.text != str(error)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda made: made.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(RosterFileError):
        parse(data, TODAY)


cells = st.text(max_size=12) | st.sampled_from([PNS, PPPK, "-", "Budi", "BPBD", "1,9E+17", "NIP", "NAMA"])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(cells, cells, cells, cells), min_size=1, max_size=8))
def test_any_cells_are_read_or_refused(rows: list[tuple[str, ...]]) -> None:
    try:
        read, refused = parse(text([HEADER[:4], *rows]).encode("utf-8", "replace"), TODAY)
    except RosterFileError:
        return
    numbers = [row.row for row in read] + [refusal.row for refusal in refused]
    assert len(numbers) == len(set(numbers))
    assert len({row.nip for row in read}) == len(read)


@pytest.mark.parametrize("where", [bot.domain.nip, bot.domain.roster, archive, headings, sheets, table])
def test_every_pattern_is_linear(where: ModuleType) -> None:
    """Eight times the text takes far less than 64 times as long, which a quadratic pattern would need."""

    def seconds(pattern: re.Pattern[str], subject: str) -> float:
        best = 1.0
        for _ in range(5):
            began = time.perf_counter()
            pattern.fullmatch(subject)
            best = min(best, time.perf_counter() - began)
        return best

    for pattern in [value for value in vars(where).values() if isinstance(value, re.Pattern)]:
        for seed in ("1", "1,", "1e", "+", "1.1e+1", "a", " "):
            short, long = seed * (100_000 // len(seed)), seed * (800_000 // len(seed))
            assert seconds(pattern, long) < 32 * seconds(pattern, short) + 0.001
