"""Files as offices send them: every kind, and headers of every shape."""

import pytest

from bot.domain.roster import RefusalCode, RosterRow
from bot.roster.sheets import parse
from tests.roster import files
from tests.roster.conftest import one
from tests.roster.files import BUDI, HEADER, PNS, PPPK, SITI, TODAY, nip, text, workbook

TWO = [
    RosterRow(2, PNS, "Budi Santoso", "Perawat", "Dinas Kesehatan", "6281200000001"),
    RosterRow(3, PPPK, "Siti Aminah", "Bidan", "Dinas Kesehatan", "6281200000002"),
]


def test_xlsx() -> None:
    assert parse(workbook([HEADER, BUDI, SITI]), TODAY) == (TWO, [])


def test_xls() -> None:
    rows, refused = parse(files.old_workbook(), TODAY)
    assert [(row.row, row.nip, row.phone) for row in rows] == [(3, PNS, TWO[0].phone), (4, PPPK, TWO[1].phone)]
    assert [(refusal.row, refusal.code) for refusal in refused] == [(5, RefusalCode.NIP_AS_NUMBER)]


def test_ods() -> None:
    def line(cells: tuple[str, ...]) -> str:
        inner = "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in cells
        )
        return f"<table:table-row>{inner}</table:table-row>"

    # Blank rows down to the end of the sheet are how office programs write it.
    rest = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>'
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="S">{line(HEADER)}{line(BUDI)}{line(SITI)}{rest}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    assert parse(files.ods(content), TODAY) == (TWO, [])


@pytest.mark.parametrize("delimiter", list(";,\t|"))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_csv(delimiter: str, encoding: str) -> None:
    budi = (PNS, "Budi Santosó", "Perawat; Ahli, Muda | A", "Dinas Kesehatan", "081200000001")
    rows, refused = parse(text([HEADER, budi, SITI], delimiter).encode(encoding), TODAY)
    assert refused == []
    assert [(row.row, row.nip, row.name) for row in rows] == [
        (2, PNS, "Budi Santosó"),
        (3, PPPK, "Siti Aminah"),
    ]
    assert rows[0].position == "Perawat; Ahli, Muda | A"


@pytest.mark.parametrize("delimiter", list(";,\t|"))
def test_csv_with_a_sep_line_numbers_rows_as_the_spreadsheet_shows_them(delimiter: str) -> None:
    data = f"sep={delimiter}\r\n{text([HEADER, BUDI, SITI], delimiter)}".encode()
    assert parse(data, TODAY) == (TWO, [])


def test_csv_with_line_ends_of_any_kind_and_breaks_inside_cells() -> None:
    data = text([HEADER, (PNS, "Budi\nSantoso", *BUDI[2:]), SITI])
    assert parse(data.encode(), TODAY) == (TWO, [])
    assert parse(text([HEADER, BUDI, SITI]).replace("\r\n", "\n").encode(), TODAY) == (TWO, [])
    assert parse(text([HEADER, BUDI, SITI]).replace("\r\n", "\r").encode(), TODAY) == (TWO, [])


def test_csv_whose_titles_hold_more_commas_than_the_table() -> None:
    data = "DAFTAR, NAMA, PEGAWAI, PER, NOVEMBER, 2025\n" + text([HEADER, BUDI], ";")
    assert parse(data.encode(), TODAY)[0][0].nip == PNS


def test_digits_that_an_exporter_protected() -> None:
    data = ";".join(HEADER) + f'\n"=""{PNS}""";Budi Santoso;Perawat;Dinas Kesehatan;"=""081200000001"""\n'
    assert parse(data.encode(), TODAY) == (TWO[:1], [])


# -- headers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("heading", ["NIP", "nip baru", "NIP_BARU", "NI PPPK", "NIP/NI PPPK", "Nip *", "NIPPPK"])
def test_headings_of_the_number(heading: str) -> None:
    assert one(*BUDI, header=(heading, *HEADER[1:])).nip == PNS


@pytest.mark.parametrize("heading", ["Nama", "NAMA LENGKAP", "Nama_Pegawai", "NAMA ASN", "Nama (tanpa gelar)"])
def test_headings_of_the_name(heading: str) -> None:
    assert one(*BUDI, header=("NIP", heading, *HEADER[2:])).name == "Budi Santoso"


@pytest.mark.parametrize("heading", ["NO HP", "NO. HP", "Telepon", "NOMOR HP", "No. HP/WA", "No. Telp"])
def test_headings_of_the_phone(heading: str) -> None:
    assert one(*BUDI, header=(*HEADER[:4], heading)).phone == "6281200000001"


@pytest.mark.parametrize("heading", ["JABATAN", "Nama Jabatan", "JABATAN NAMA", "Jabatan Saat Ini"])
def test_headings_of_the_position(heading: str) -> None:
    assert one(*BUDI, header=(*HEADER[:2], heading, *HEADER[3:])).position == "Perawat"


@pytest.mark.parametrize(
    ("units", "wanted"),
    [
        (("UNIT KERJA", "PERANGKAT DAERAH", "UNOR INDUK NAMA"), 2),
        (("UNOR INDUK NAMA", "UNIT KERJA", "OPD"), 0),
        (("UNIT KERJA", "OPD", "ALAMAT"), 1),
        (("UNOR ID", "UNOR NAMA", "UNOR INDUK ID"), 1),
        (("SUB UNIT", "Unit Kerja", "EMAIL"), 1),
    ],
)
def test_the_agency_comes_before_its_parts(units: tuple[str, ...], wanted: int) -> None:
    row = one("x", *units, "Budi", PNS, header=("NO", *units, "NAMA", "NIP"))
    assert row.unit == units[wanted]


def test_the_personnel_systems_export() -> None:
    header: tuple[str, ...]
    header = ("PNS ID", "NIP BARU", "NIP LAMA", "NAMA", "GELAR DEPAN", "GELAR BELAKANG", "TEMPAT LAHIR NAMA")
    header += ("JENIS JABATAN NAMA", "JABATAN NAMA", "UNOR ID", "UNOR NAMA", "UNOR INDUK NAMA", "NOMOR HP")
    cells: tuple[str, ...]
    cells = ("a1", PNS, "130000001", "SITI AMINAH", "dr.", "M.Kes", "Mojokerto")
    cells += ("Fungsional", "Dokter", "b2", "Puskesmas", "Dinas Kesehatan", "081200000001")
    assert one(*cells, header=header) == RosterRow(
        2, PNS, "dr. SITI AMINAH, M.Kes", "Dokter", "Dinas Kesehatan", "6281200000001"
    )


@pytest.mark.parametrize(
    ("before", "name", "after", "full"),
    [
        ("dr.", "Siti", "M.Kes", "dr. Siti, M.Kes"),
        ("", "Siti", ", M.Kes", "Siti, M.Kes"),
        ("-", "Siti", "-", "Siti"),
        ("dr.", "dr. Siti, M.Kes", "M.Kes", "dr. Siti, M.Kes"),
        ("Dr. Ir.", "Siti ,", "S.T., M.T.", "Dr. Ir. Siti, S.T., M.T."),
    ],
)
def test_titles_join_the_name(before: str, name: str, after: str, full: str) -> None:
    header = ("GELAR DEPAN", "NAMA", "GELAR BELAKANG", "NIP", "OPD")
    assert one(before, name, after, PNS, "BPBD", header=header).name == full


def test_titles_above_the_header_and_rows_that_are_about_nobody() -> None:
    data = workbook(
        [
            ("DAFTAR NAMA PEGAWAI",),
            ("KOTA MOJOKERTO", "", "NIP"),
            (),
            HEADER,
            (1, 2, 3, 4, 5),
            BUDI,
            (),
            HEADER,
            ("", "", "", "Jumlah"),
            SITI,
            ("", "", "Mengetahui,"),
            ("Kepala Dinas",),
        ]
    )
    rows, refused = parse(data, TODAY)
    assert [row.row for row in rows] == [6, 10]
    assert refused == []


def test_a_header_over_two_rows() -> None:
    data = workbook(
        [
            ("NO", "NAMA", "NIP", "KEPEGAWAIAN", ""),
            ("", "", "", "JABATAN", "UNIT KERJA"),
            (1, "Budi Santoso", PNS, "Perawat", "Dinas Kesehatan"),
        ]
    )
    assert [row.row for row in parse(data, TODAY)[0]] == [3]


def test_numbers_of_both_kinds_in_columns_of_their_own() -> None:
    header = ("NIP", "NI PPPK", "NAMA", "OPD")
    rows, refused = parse(workbook([header, (PNS, "", "Budi", "BPBD"), ("-", PPPK, "Siti", "BPBD")]), TODAY)
    assert [row.nip for row in rows] == [PNS, PPPK]
    assert refused == []


def test_a_unit_merged_over_several_rows_counts_for_all_of_them() -> None:
    rows = [("", *HEADER[:4])] + [("", nip(at), f"Orang {at}", "Analis") for at in range(1, 6)]
    data = workbook(rows, merges=[(1, 4, 3, 4, "BPBD"), (4, 4, 5, 4, "Inspektorat")])
    read, refused = parse(data, TODAY)
    assert [row.unit for row in read] == ["BPBD"] * 3 + ["Inspektorat"] * 2
    assert refused == []


def test_the_first_visible_sheet_with_a_header_is_read() -> None:
    notes = ("Petunjuk", False, [("Isi lembar berikut",)])
    data = workbook([HEADER, BUDI], before=[notes, ("Kosong", False, [])])
    assert [row.nip for row in parse(data, TODAY)[0]] == [PNS]


def test_a_stray_cell_at_the_end_of_the_sheet_does_no_harm() -> None:
    stray = f'<row r="1048576">{files.cell("D1048576", " ")}</row>'
    rows, refused = parse(files.raw_workbook([files.HEADER_XML, files.BUDI_XML, stray]), TODAY)
    assert (rows, refused) == (TWO[:1], [])


def test_hidden_sheets_are_left_alone() -> None:
    data = workbook([HEADER, SITI], before=[("Lama", True, [HEADER, BUDI])])
    assert [row.nip for row in parse(data, TODAY)[0]] == [PPPK]
