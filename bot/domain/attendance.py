"""Attendance as a list tells it: rows of NIPs, each there or not."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.domain.roster import Refusal, RefusalCode

# What stands in a column of attendance, in small letters without points.
PRESENT_WORDS = frozenset({"hadir", "h", "ya", "y", "ada", "1", "v", "x", "✓", "✔", "√", "true", "datang"})
ABSENT_WORDS = frozenset(
    {"tidak hadir", "th", "tidak", "tdk hadir", "tdk", "t", "absen", "a", "0", "false", "izin", "ijin", "i"}
    | {"sakit", "s", "cuti", "c", "alpa", "alpha", "alfa", "tk", "tanpa keterangan", "dinas luar", "dl", "tugas luar"}
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a list; `row` is the spreadsheet's own number."""

    row: int
    nip: str = field(repr=False)
    name: str
    present: bool


def presence(cell: str) -> bool | None:
    """Return what a cell of attendance says, or None for what is not understood."""
    said = " ".join(cell.casefold().replace(".", "").split())
    if said in PRESENT_WORDS:
        return True
    return False if said in ABSENT_WORDS else None


def settle(rows: Iterable[Listed]) -> tuple[list[Listed], list[Refusal]]:
    """Leave one row a NIP: of rows that agree the first; rows that contradict each other are all refused."""
    by_nip: dict[str, list[Listed]] = {}
    for row in rows:
        by_nip.setdefault(row.nip, []).append(row)
    kept: list[Listed] = []
    refused: list[Refusal] = []
    for same in by_nip.values():
        if len({row.present for row in same}) == 1:
            kept.append(same[0])
            continue
        for row in same:
            other = next(one for one in same if one.present != row.present)
            refused.append(Refusal(row.row, RefusalCode.CONFLICT, str(other.row), row.nip, row.name))
    return kept, refused
