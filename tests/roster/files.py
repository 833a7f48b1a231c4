"""Makes files as offices send them, and files as attackers would."""

import base64
import csv
import io
import random
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import xlsxwriter

TODAY = date(2025, 11, 17)
PNS = "198001012005011001"
PPPK = "200012312024211001"
HEADER = ("NIP", "NAMA", "JABATAN", "UNIT KERJA", "NO HP")
BUDI = (PNS, "Budi Santoso", "Perawat", "Dinas Kesehatan", "081200000001")
SITI = (PPPK, "Siti Aminah", "Bidan", "Dinas Kesehatan", "081200000002")


def nip(count: int) -> str:
    """A valid number for each count below 100,000."""
    month = count // 999
    return f"19800101{1990 + month // 12}{month % 12 + 1:02d}1{count % 999 + 1:03d}"


def workbook(
    rows: Sequence[Sequence[Any]],
    *,
    merges: Sequence[tuple[int, int, int, int, str]] = (),
    before: Sequence[tuple[str, bool, Sequence[Sequence[Any]]]] = (),
) -> bytes:
    """An XLSX; `before`: further sheets (name, hidden, rows) ahead of the one with `rows`."""
    memory = io.BytesIO()
    with xlsxwriter.Workbook(memory, {"in_memory": True}) as book:
        for name, hidden, cells in before:
            sheet = book.add_worksheet(name)
            _write(sheet, cells)
            if hidden:
                sheet.hide()
        sheet = book.add_worksheet("Data")
        if before and before[0][1]:
            sheet.set_first_sheet()
        sheet.activate()
        _write(sheet, rows)
        for merge in merges:
            sheet.merge_range(*merge)
    return memory.getvalue()


def _write(sheet: Any, rows: Iterable[Sequence[Any]]) -> None:
    for at, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, str) and cell:
                sheet.write_string(at, column, cell)
            elif isinstance(cell, int | float):
                sheet.write_number(at, column, cell)


def text(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    memory = io.StringIO(newline="")
    csv.writer(memory, delimiter=delimiter).writerows(rows)
    return memory.getvalue()


_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ROOT = (
    f'<?xml version="1.0"?><Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_BOOK = (
    f'<?xml version="1.0"?><workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_BOOK_PARTS = (
    f'<?xml version="1.0"?><Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)


def cell(reference: str, content: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{content}</t></is></c>'


HEADER_XML = '<row r="1">' + "".join(cell(f"{'ABCDE'[at]}1", word) for at, word in enumerate(HEADER)) + "</row>"
BUDI_XML = '<row r="2">' + "".join(cell(f"{'ABCDE'[at]}2", word) for at, word in enumerate(BUDI)) + "</row>"


def raw_workbook(sheet_data: Iterable[str], *, before: str = "") -> bytes:
    """An XLSX whose sheet is written by hand, in parts, so that a huge one needs no memory here."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _ROOT)
        archive.writestr("xl/workbook.xml", _BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", _BOOK_PARTS)
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(f'<?xml version="1.0"?>{before}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for piece in sheet_data:
                part.write(piece.encode())
            part.write(b"</sheetData></worksheet>")
    return memory.getvalue()


def zip_bomb() -> bytes:
    memory = io.BytesIO()
    with (
        zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/workbook.xml", "w") as part,
    ):
        for _ in range(200):
            part.write(bytes(1024 * 1024))
    return memory.getvalue()


def many_entries() -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for count in range(5_000):
            archive.writestr(f"xl/{count}.xml", b"")
    return memory.getvalue()


def huge_cell() -> bytes:
    """One cell of 500 MiB."""
    megabyte = "a" * (1024 * 1024)
    return raw_workbook(
        [HEADER_XML, '<row r="2"><c r="A2" t="inlineStr"><is><t>', *[megabyte] * 500, "</t></is></c></row>"]
    )


def five_million_rows() -> bytes:
    return raw_workbook([HEADER_XML, *['<row><c t="n"><v>1</v></c></row>' * 10_000] * 500])


def crowded_rows() -> bytes:
    """A sheet of 1.2 million rows that stays below the limit on the unpacked size."""
    return raw_workbook([HEADER_XML, *["<row><c><v>1</v></c><c><v>2</v></c></row>" * 10_000] * 115])


def far_cell(*, header: bool) -> bytes:
    """A cell in the last column of the last row."""
    far = f'<row r="1048576">{cell("XFD1048576", "x")}</row>'
    return raw_workbook([HEADER_XML, BUDI_XML, far] if header else [far])


def impossible_reference() -> bytes:
    return raw_workbook([f'<row r="99999999999">{cell("ZZZZZZZ99999999999", "x")}</row>'])


def entity_bomb() -> bytes:
    levels = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10 if level else "ha" * 10}">' for level in range(10))
    content = HEADER_XML + '<row r="2">' + cell("A2", "&e9;") + "</row>"
    return raw_workbook([content], before=f"<!DOCTYPE x [{levels}]>")


def declared_entity(*, after: int = 0) -> bytes:
    """An honest roster but for an entity that no cell uses, declared after so many characters of comment."""
    comment = f"<!--{'x' * after}-->"
    return raw_workbook([HEADER_XML, BUDI_XML], before=f'{comment}<!DOCTYPE x [<!ENTITY e "ha">]>')


def heavy_picture() -> bytes:
    """An honest roster and a part beside it of 55 MiB, packed 80 to 1: no more than sheets of people may be."""
    memory = io.BytesIO(raw_workbook([HEADER_XML, BUDI_XML]))
    with zipfile.ZipFile(memory, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/1.bin", "w") as part:
        part.write(random.Random(1).randbytes(640 * 1024))
        for _ in range(55):
            part.write(bytes(1024 * 1024))
    return memory.getvalue()


def lying_directory() -> bytes:
    """A cell of 100 MiB in an entry that says it is 1 KiB long."""
    megabyte = "a" * (1024 * 1024)
    honest = raw_workbook([cell("A1", megabyte * 100)])
    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lie = (1024).to_bytes(4, "little")
    assert honest.count(size.to_bytes(4, "little")) >= 1
    return honest.replace(size.to_bytes(4, "little"), lie)


def repeated_cells() -> bytes:
    """An ODS whose one row says that it is there a million times, sixteen thousand cells wide."""
    content = (
        '<?xml version="1.0"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        '<table:table table:name="S"><table:table-row table:number-rows-repeated="1048576">'
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="string">'
        "<text:p>x</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet>"
        "</office:body></office:document-content>"
    )
    return ods(content)


def ods(content: str) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest '
            'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    return memory.getvalue()


def old_workbook() -> bytes:
    """An XLS as the nineties' format has it: a title, the header, BUDI, SITI and a NIP kept as a number."""
    return zlib.decompress(base64.b85decode(_OLD_WORKBOOK))


_OLD_WORKBOOK = (
    "c-rk)Pe>GD6o2z)-9N7T$28DD1|ci+FtZleLATlblZxA>8%6{*whJ!WZmb(omn_?ELeQz`B6#Uyb?Favs9T4?s6!A4TE|XBf"
    "si`A@9oUEng<t3O6IrBoA=)L-tYTnzW2>HJ8x%$^HYy%7hoOQK!6q94P`|>4iC3!1OVH0ovG&8g@<nAzk=I^6Itef=M`_9Y!"
    "2CcF8~h@#aAc+KH+g1E<iMsPD)#d2#rDG*ce(-a&QklKB%ElRgyeMatFx=6#0VWVe(9pY{l4l?i9?1qm3;_6`$nmsm%wB_X*"
    "{EB##2s@S0We)mvO4)&XiZrH%fZ4RxXyrUB=zE16Dawb6N~!U>#)AG!qa-CU_JCELHXeh$#TxYqC7z<-+;0meZ;O9h?>FN}+"
    "<MTB-Or!B!87B4`MN)_7G&bZny#X7pwLA6@|h<3*?I;!@mSOGn1M2)La55S3NcU<c2=<iV-*m_Jl8bcE0P>U=pvJ#TzgR-Ka"
    "?gfZkOr)d%EuG7ZWso9<C3H#4`LU~1S{svklVizY97h^M<rbDoP>_!4N~jrqp#veJD+d@z<x-M*9&?AW=SV8CJ~M>F?a7Q}9"
    "7Ycwwx7`RC$Q%EQ$g#}i!uRz(u1@*1GvL1-T(ToZzvW%L!NQka|%1tZgw+4hifbYlYP|Uuw)};>?e7hSa*?LOR@@M@Z1oqHk"
    "8f@in&3p4cJdJ;eB{dk-iu8{FmcT>++w&`%s_hTDVd*^C3J1^|(_eFrWP<poweZ?%rW|7B<hE@f4dQS@YWy&BX_dYtxPG*AL"
    "6!AvH*nMR0U=Ya=*{V6tGD_pe~_XbF}jpe0(Ch?c`(<~LyGiMh;(FU*Y7vKX_=vKX`5vKX_+U=}uD7Kpjrh!=?2YgvrB!m^5"
    ")1!DFY%pxtGRb~OJKqTgGvy+QAf98*{9Ff@l27^d^>|VF=mGGEdBJLoo@PG{)Hf-3iVZ+9D0((njuRH?1IThZN+54T-_^z{z"
    "$BO-#WZR-2GWg5kAJYy<<2ehLORArp;NVOyZj(9Y_d<q2>^%!3Fht`RDY<^}KNMGdJ)2Gp{JAAmYX2*xjPoz|{|l3C1ML"
)
