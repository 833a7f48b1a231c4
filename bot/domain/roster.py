"""The roster as facts: rows of a file, refusals, and the difference between a file and what is known."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum


class RefusalCode(StrEnum):
    """Why a row of the file is left out."""

    NIP_MISSING = "nip_missing"
    NIP_AS_NUMBER = "nip_as_number"
    NIP_DIGITS = "nip_digits"
    NIP_LENGTH = "nip_length"
    NIP_BIRTH_DATE = "nip_birth_date"
    NIP_APPOINTMENT = "nip_appointment"
    NIP_SEX_DIGIT = "nip_sex_digit"
    NIP_SERIAL = "nip_serial"
    NAME_MISSING = "name_missing"
    UNIT_MISSING = "unit_missing"
    TOO_LONG = "too_long"
    CONFLICT = "conflict"
    PRESENCE_UNREAD = "presence_unread"
    NOT_IN_ROSTER = "not_in_roster"
    NOT_OF_SESSION = "not_of_session"


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A valid row; `row` is the spreadsheet's own number. An empty `position` and a `phone` of None mean
    that the file does not say."""

    row: int
    nip: str = field(repr=False)
    name: str
    position: str
    unit: str
    phone: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is left out; `nip` and `name` hold what could be read of whom it was about."""

    row: int
    code: RefusalCode
    detail: str = ""
    nip: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)

    @property
    def reason(self) -> str:
        """The reason in English, for the command line."""
        return refusal_reason(self.code, self.detail)


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the store has it; `gone` if an earlier import no longer named the person."""

    person_id: int
    nip: str = field(repr=False)
    name: str
    position: str
    unit: str
    phone: str | None = field(default=None, repr=False)
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A known person and the row that is to replace what is known."""

    before: Known
    after: RosterRow


@dataclass(frozen=True, slots=True)
class Difference:
    """What an import would do. A person is in one of the first four at most."""

    new: tuple[RosterRow, ...] = ()
    changed: tuple[Change, ...] = ()
    moved: tuple[Change, ...] = ()
    gone: tuple[Known, ...] = ()
    refused: tuple[Refusal, ...] = ()


def compare(existing: Mapping[str, Known], rows: Iterable[RosterRow], refused: Iterable[Refusal] = ()) -> Difference:
    """Say what `rows` would change in `existing` (by NIP).

    New: unknown, or gone before. Moved: another unit, whatever else differs. Gone: of a unit in the file,
    but in no row of it; whoever a refused row was about, by NIP or by name, is not gone.
    """
    valid, conflicts = settle(rows)
    all_refused = sorted([*refused, *conflicts], key=lambda refusal: refusal.row)
    new: list[RosterRow] = []
    changed: list[Change] = []
    moved: list[Change] = []
    for row in valid:
        before = existing.get(row.nip)
        if before is None:
            new.append(row)
            continue
        after = _completed(row, before)
        if before.gone:
            new.append(after)
        elif name_key(before.unit) != name_key(after.unit):
            moved.append(Change(before, after))
        elif (before.name, before.position, before.phone) != (after.name, after.position, after.phone):
            changed.append(Change(before, after))
    return Difference(tuple(new), tuple(changed), tuple(moved), _gone(existing, valid, all_refused), tuple(all_refused))


def settle(rows: Iterable[RosterRow]) -> tuple[list[RosterRow], list[Refusal]]:
    """Leave one row a NIP: of identical rows the first; rows that contradict each other are all refused."""
    by_nip: dict[str, list[RosterRow]] = {}
    for row in rows:
        by_nip.setdefault(row.nip, []).append(row)
    kept: list[RosterRow] = []
    refused: list[Refusal] = []
    for same in by_nip.values():
        if len(same) == 1 or all(_says_the_same(row, same[0]) for row in same):
            kept.append(same[0])
            continue
        for row in same:
            other = same[1] if row is same[0] else same[0]
            refused.append(Refusal(row.row, RefusalCode.CONFLICT, str(other.row), row.nip, row.name))
    return kept, refused


def name_key(name: str) -> str:
    """Two names with the same key are one unit: case and runs of spaces do not count."""
    return " ".join(name.casefold().split())


def plain_text(raw: str) -> str:
    """One line of what a cell shows: no control, invisible or direction characters, single spaces."""
    if raw.isascii() and raw.isprintable():
        return " ".join(raw.split())
    spaced = " ".join(unicodedata.normalize("NFC", raw).split())
    return " ".join("".join(char for char in spaced if unicodedata.category(char)[0] != "C").split())


def normal_phone(raw: str) -> str | None:
    """Return the digits with the country's prefix ("0812…" becomes "62812…"), or None for what is no
    telephone number. Of several numbers the first counts; a foreign one must begin with "+"."""
    first = raw
    for mark in "/,;\n":
        first = first.split(mark, 1)[0]
    first = first.strip(" '\u00a0\t")
    digits = "".join(char for char in first if char in "0123456789")
    if any(char.isalnum() and char not in "0123456789" for char in first):
        return None
    if digits.startswith("00"):
        digits = digits[2:]
    elif digits.startswith("0"):
        digits = "62" + digits[1:]
    elif not first.startswith("+") and not digits.startswith("62"):
        digits = "62" + digits
    return digits if 9 <= len(digits) <= 15 else None


def refusal_reason(code: RefusalCode, detail: str = "") -> str:
    """Say in English why a row is refused and what to do."""
    return _TEXTS[code][0].format(detail)


def refusal_text(code: RefusalCode, detail: str = "") -> str:
    """Say in Indonesian why a row is refused and what to do."""
    return _TEXTS[code][1].format(detail)


def _completed(row: RosterRow, before: Known) -> RosterRow:
    """An empty cell says nothing, so what is known stays."""
    return replace(row, position=row.position or before.position, phone=row.phone or before.phone)


def _says_the_same(one: RosterRow, other: RosterRow) -> bool:
    return replace(one, row=other.row, unit=name_key(one.unit)) == replace(other, unit=name_key(other.unit))


def _gone(existing: Mapping[str, Known], valid: Sequence[RosterRow], refused: Sequence[Refusal]) -> tuple[Known, ...]:
    units = {name_key(row.unit) for row in valid}
    present = {row.nip for row in valid} | {refusal.nip for refusal in refused}
    # A mistyped NIP must not cost a person the programme, hence the names of refused rows.
    excused = {name_key(refusal.name) for refusal in refused if refusal.name}
    return tuple(
        known
        for known in existing.values()
        if not known.gone
        and name_key(known.unit) in units
        and known.nip not in present
        and name_key(known.name) not in excused
    )


_TEXTS: dict[RefusalCode, tuple[str, str]] = {
    RefusalCode.NIP_MISSING: (
        "The NIP is missing.",
        "NIP belum diisi.",
    ),
    RefusalCode.NIP_AS_NUMBER: (
        "The NIP is stored as a number, so its last digits are lost: format the column as Text and export again.",
        "NIP tersimpan sebagai angka sehingga digit terakhirnya hilang. "
        "Ubah format kolom NIP menjadi Teks, lalu ekspor ulang.",
    ),
    RefusalCode.NIP_DIGITS: (
        "The NIP holds something other than the digits 0-9.",
        "NIP memuat karakter selain angka 0–9.",
    ),
    RefusalCode.NIP_LENGTH: (
        "The NIP has {} digits instead of 18.",
        "NIP terdiri atas {} digit, seharusnya 18 digit.",
    ),
    RefusalCode.NIP_BIRTH_DATE: (
        "Digits 1-8 of the NIP are not a past date (year, month, day of birth).",
        "Digit 1–8 NIP bukan tanggal lahir yang benar (tahun, bulan, tanggal).",
    ),
    RefusalCode.NIP_APPOINTMENT: (
        "Digits 9-14 of the NIP are neither a past year and month (PNS) nor a year and a code from 21 to 29 (PPPK).",
        "Digit 9–14 NIP bukan tahun dan bulan pengangkatan PNS, dan bukan pula tahun dan kode 21–29 untuk PPPK.",
    ),
    RefusalCode.NIP_SEX_DIGIT: (
        "Digit 15 of the NIP is neither 1 nor 2.",
        "Digit ke-15 NIP seharusnya 1 atau 2.",
    ),
    RefusalCode.NIP_SERIAL: (
        "The NIP ends in 000, as it does when a spreadsheet has rounded it: "
        "format the column as Text and export again.",
        "NIP berakhir dengan 000, biasanya karena dibulatkan oleh aplikasi lembar kerja. "
        "Ubah format kolom NIP menjadi Teks, lalu ekspor ulang.",
    ),
    RefusalCode.NAME_MISSING: (
        "The name is missing.",
        "Nama belum diisi.",
    ),
    RefusalCode.UNIT_MISSING: (
        "The unit is missing.",
        "Perangkat daerah belum diisi.",
    ),
    RefusalCode.TOO_LONG: (
        "The cell in column {} is too long.",
        "Isi kolom {} terlalu panjang.",
    ),
    RefusalCode.CONFLICT: (
        "The same NIP stands in row {} with other data: leave only the right row.",
        "NIP yang sama ada di baris {} dengan data berbeda. Sisakan baris yang benar saja.",
    ),
    RefusalCode.PRESENCE_UNREAD: (
        "The attendance {} is not understood: write Hadir or Tidak hadir.",
        "Isi kolom kehadiran {} belum terbaca. Tulis Hadir atau Tidak hadir.",
    ),
    RefusalCode.NOT_IN_ROSTER: (
        "This NIP is not in the roster.",
        "NIP ini tidak ada dalam data pegawai.",
    ),
    RefusalCode.NOT_OF_SESSION: (
        "{} is not invited to this session.",
        "{} tidak diundang ke sesi ini.",
    ),
}
