"""A roster's difference as a workbook: every row of it, for lists that a message has no room for. No NIP in it."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from bot.domain.roster import Change, Difference, refusal_text

_HEADINGS = (("Keadaan", 16), ("Baris", 8), ("Nama", 40), ("Yang berubah", 18), ("Dari", 44), ("Menjadi", 44))
_REASON = ("Alasan", 60)
_LABELS = (("name", "nama"), ("position", "jabatan"), ("unit", "perangkat daerah"), ("phone", "nomor telepon"))
Row = tuple[str, int | None, str, str, str, str, str]


def changed_fields(change: Change) -> list[tuple[str, str, str]]:
    """Return what differs: its Indonesian name, before, after. A telephone number is named, never told."""
    found = []
    for name, label in _LABELS:
        before, after = getattr(change.before, name) or "", getattr(change.after, name) or ""
        if name == "unit" and before.casefold().split() == after.casefold().split():
            # Another spelling of the unit's name is no change.
            continue
        if before != after:
            found.append((label, "", "") if name == "phone" else (label, before, after))
    return found


def difference_workbook(found: Difference, made: datetime) -> bytes:
    """One sheet with all that an import would do, in the order of the message; equal data gives equal bytes."""
    out = io.BytesIO()
    # Only now: a start does not wait for what makes workbooks.
    import xlsxwriter

    book: Any = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"author": "Sinar ASN", "created": made.astimezone(UTC).replace(tzinfo=None)})
    heading = book.add_format({"bold": True, "bg_color": "#0B4A4E", "font_color": "#FFFFFF"})
    text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet = book.add_worksheet("Perbedaan")
    for column, (label, width) in enumerate((*_HEADINGS, _REASON)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, label, heading)
    count = 0
    for count, row in enumerate(_rows(found), 1):
        for column, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(count, column, value, text)
            elif value:
                # A name that begins with "=" stays a name.
                sheet.write_string(count, column, value, text)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(count, 1), len(_HEADINGS))
    book.close()
    return out.getvalue()


def _rows(found: Difference) -> Iterator[Row]:
    for new in found.new:
        yield "Baru", new.row, new.name, "", "", new.unit, ""
    for state, changes in (("Berubah", found.changed), ("Pindah unit", found.moved)):
        for change in changes:
            for label, before, after in changed_fields(change):
                yield state, change.after.row, change.after.name, label, before, after, ""
    for gone in found.gone:
        yield "Tidak ada lagi", None, gone.name, "", gone.unit, "", ""
    for refusal in found.refused:
        yield "Ditolak", refusal.row, refusal.name or "", "", "", "", refusal_text(refusal.code, refusal.detail)
