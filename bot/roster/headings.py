"""Which column holds what, by the words of the headings, in any order and case."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MAX_HEADING = 100

_WHOSE = {"PEGAWAI", "ASN", "PNS", "PPPK", "P3K"}
_JOINING = {"DAN", "ATAU", "DENGAN", "BESERTA"}
_NIP_SURE = {"NIP", "NIPPPK", "NIPPPPK"}
_NIP_WORDS = _NIP_SURE | _WHOSE | _JOINING | {"NI", "NO", "NOMOR", "INDUK", "BARU", "18", "DIGIT"}
_NAME_WORDS = {"NAMA", "LENGKAP", "PESERTA", "GELAR", "TANPA"} | _WHOSE | _JOINING
_POSITION_WORDS = {"JABATAN", "NAMA", "SAAT", "INI", "SEKARANG", "TERAKHIR"} | _WHOSE
_UNIT_WORDS = {"NAMA", "UNIT", "KERJA", "UNOR", "INDUK", "PERANGKAT", "DAERAH", "OPD", "SKPD", "SATKER"}
_UNIT_WORDS |= {"ORGANISASI", "SATUAN", "INSTANSI"} | _WHOSE | _JOINING
_MOBILE = {"HP", "WA", "WHATSAPP", "HANDPHONE", "PONSEL", "SELULER"}
_PHONE = {"TELEPON", "TELP", "TLP", "TELPON"}
_PHONE_WORDS = _MOBILE | _PHONE | _WHOSE | _JOINING | {"NO", "NOMOR", "NOMER", "AKTIF"}
_TITLES_BEFORE = {("GELAR", "DEPAN"), ("GELAR", "DPN")}
_TITLES_AFTER = {("GELAR", "BELAKANG"), ("GELAR", "BLK"), ("GELAR", "BLKG")}
_PRESENCE_WORDS = {"KEHADIRAN", "HADIR", "PRESENSI", "ABSENSI", "STATUS", "KETERANGAN", "ATAU", "TIDAK"}
_PRESENCE_SURE = {"KEHADIRAN", "HADIR", "PRESENSI", "ABSENSI"}
_LABELS = ("NIP", "NAMA", "UNOR INDUK NAMA / PERANGKAT DAERAH / UNIT KERJA")

Heading = tuple[str, ...]
Rank = Callable[[Heading], int]


@dataclass(frozen=True, slots=True)
class Columns:
    """Positions of the columns, from 0. A file may hold PNS and PPPK numbers in columns of their own."""

    nip: tuple[int, ...]
    name: int
    unit: int
    position: int | None = None
    title_before: int | None = None
    title_after: int | None = None
    phone: int | None = None


@dataclass(frozen=True, slots=True)
class ListColumns:
    """Positions of the columns of an attendance list, from 0; only the NIP's is needed."""

    nip: tuple[int, ...]
    name: int | None = None
    presence: int | None = None


def find_list_columns(cells: Sequence[str]) -> ListColumns | None:
    """Read a row as the headings of an attendance list; None unless the NIP is there."""
    words = [_words(cell) for cell in cells]
    nips = _ranked(words, _nip_rank)
    if not nips:
        return None
    return ListColumns(tuple(nips), _first(words, _name_rank), _first(words, _presence_rank))


def find_columns(cells: Sequence[str]) -> Columns | None:
    """Read a row as headings; None unless NIP, name and unit are all there."""
    words = [_words(cell) for cell in cells]
    nips = _ranked(words, _nip_rank)
    names = _ranked(words, _name_rank)
    units = _ranked(words, _unit_rank)
    if not nips or not names or not units:
        return None
    return Columns(
        tuple(nips),
        names[0],
        units[0],
        _first(words, _position_rank),
        _first(words, lambda heading: int(heading in _TITLES_BEFORE)),
        _first(words, lambda heading: int(heading in _TITLES_AFTER)),
        _first(words, _phone_rank),
    )


def missing_headings(cells: Sequence[str]) -> tuple[str, ...]:
    """Name which of the three required headings a row lacks."""
    words = [_words(cell) for cell in cells]
    ranks = (_nip_rank, _name_rank, _unit_rank)
    return tuple(
        label for label, rank in zip(_LABELS, ranks, strict=True) if not any(rank(heading) for heading in words)
    )


def count_headings(cells: Sequence[str]) -> int:
    """Count the headings that are understood, to choose between ways of splitting a line."""
    ranks = (_nip_rank, _name_rank, _unit_rank, _position_rank, _phone_rank, _presence_rank)
    return sum(any(rank(heading) for rank in ranks) for heading in map(_words, cells))


def is_repeated_header(nip: str, name: str) -> bool:
    """Printed lists repeat the header on every page."""
    return bool(_nip_rank(_words(nip))) and bool(_name_rank(_words(name)))


def _words(cell: str) -> Heading:
    if len(cell) > MAX_HEADING:
        return ()
    text = unicodedata.normalize("NFKC", cell).upper()
    return tuple("".join(char if char.isalnum() else " " for char in text).split())


def _ranked(words: Sequence[Heading], rank: Rank) -> list[int]:
    found = [at for at, heading in enumerate(words) if rank(heading)]
    return sorted(found, key=lambda at: rank(words[at]))


def _first(words: Sequence[Heading], rank: Rank) -> int | None:
    found = _ranked(words, rank)
    return found[0] if found else None


def _nip_rank(heading: Heading) -> int:
    """1 is best, 0 is none; "NIP LAMA" is none."""
    words = set(heading)
    if not words <= _NIP_WORDS:
        return 0
    if words & _NIP_SURE:
        return 1 if "BARU" in words else 2
    if {"NI", "PPPK"} <= words or {"NI", "P3K"} <= words:
        return 3
    return 3 if "INDUK" in words and words & {"NO", "NOMOR"} else 0


def _name_rank(heading: Heading) -> int:
    words = set(heading)
    return 1 if "NAMA" in words and words <= _NAME_WORDS else 0


def _position_rank(heading: Heading) -> int:
    words = set(heading)
    return 1 if "JABATAN" in words and words <= _POSITION_WORDS else 0


def _unit_rank(heading: Heading) -> int:
    """The agency comes before its parts: UNOR INDUK NAMA, PERANGKAT DAERAH or OPD, UNIT KERJA."""
    words = set(heading)
    if not words <= _UNIT_WORDS:
        return 0
    if {"UNOR", "INDUK"} <= words or {"UNIT", "ORGANISASI", "INDUK"} <= words:
        return 1
    if words & {"OPD", "SKPD"} or {"PERANGKAT", "DAERAH"} <= words:
        return 2
    return 3 if words & {"UNIT", "UNOR", "SATKER"} or {"SATUAN", "KERJA"} <= words else 0


def _phone_rank(heading: Heading) -> int:
    words = set(heading)
    if not words <= _PHONE_WORDS:
        return 0
    return 1 if words & _MOBILE else 2 if words & _PHONE else 0


def _presence_rank(heading: Heading) -> int:
    words = set(heading)
    # "Tidak hadir" heads the column of those who were not there.
    asks = heading[:1] != ("TIDAK",)
    return int(asks and words <= _PRESENCE_WORDS and bool(words & _PRESENCE_SURE))
