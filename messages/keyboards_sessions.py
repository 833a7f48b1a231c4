"""The buttons of /sesi: planning, changing, attendance; the same rules as in messages/keyboards.py."""

from collections.abc import Callable
from typing import Any

from messages.lists import listed, turning
from messages.outgoing import Button, Rows

Facts = dict[str, Any]
FIELDS = {
    "title": "Judul",
    "place": "Tempat",
    "when": "Waktu",
    "units": "Perangkat daerah",
    "journey": "Alur",
    "messages": "Pesan sesi",
}


def _sessions(facts: Facts) -> Rows:
    first = (Button("Buat sesi", "snew"), Button("Coba sebagai peserta", "trymenu"))
    return (first, *listed(facts["choices"], "session"), *turning(facts, "spage"))


def _card(facts: Facts) -> Rows:
    number = facts["session_id"]
    if not facts["live"]:
        return ()
    rows: list[tuple[Button, ...]] = [(Button("Ubah", f"sedit:{number}"), Button("Pindahkan", f"smove:{number}"))]
    sheet: tuple[Button, ...] = (Button("Poster (PDF)", f"poster:{number}"),) if facts["link"] else ()
    if facts["can_attend"]:
        sheet = (Button("Kehadiran", f"attend:{number}"), *sheet)
    if sheet:
        rows.append(sheet)
    if facts["can_remind"]:
        rows.append((Button("Pengingat sesi", f"bremind:{number}"),))
    if facts["can_report"]:
        rows.append((Button("Laporan dampak", f"impact:{number}"),))
    return (*rows, (Button("Batalkan sesi", f"send:{number}"),))


def _cancel(facts: Facts) -> tuple[Button, ...]:
    return (Button("Batal", f"scancel:{facts['key']}"),)


def _only_cancel(facts: Facts) -> Rows:
    return (_cancel(facts),)


def _units(facts: Facts) -> Rows:
    key, page = facts["key"], facts["page"]
    every = "Kosongkan" if facts["chosen"] >= facts["total"] else "Semua"
    return (
        *listed(facts["choices"], f"sunit:{key}", after=f":{page}"),
        *turning(facts, f"sunits:{key}"),
        (Button(every, f"sall:{key}:{page}"), Button("Lanjut", f"sunitsok:{key}")),
        _cancel(facts),
    )


def _journey(facts: Facts) -> Rows:
    return (*listed(facts["choices"], f"sjourney:{facts['key']}"), _cancel(facts))


def _messages(facts: Facts) -> Rows:
    key = facts["key"]
    on: tuple[Button, ...] = (Button("Lanjut", f"smsgok:{key}"),)
    if facts["messages"]:
        on = (*on, Button("Kosongkan", f"smsgno:{key}"))
    return (on, _cancel(facts))


def _review(facts: Facts) -> Rows:
    key = facts["key"]
    return ((Button("Simpan", f"ssave:{key}"), Button("Ubah", f"schange:{key}"), *_cancel(facts)),)


def _fields(facts: Facts) -> Rows:
    key = facts["key"]
    buttons = [Button(FIELDS[field], f"sfield:{key}:{field}") for field in facts["fields"]]
    return (*(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)), _cancel(facts))


def _move(facts: Facts) -> Rows:
    return ((Button("Batal", f"sleave:{facts['key']}"),),)


def _move_confirm(facts: Facts) -> Rows:
    key = facts["key"]
    return ((Button("Simpan", f"smoveok:{key}"), Button("Ubah", f"smoveno:{key}"), Button("Batal", f"sleave:{key}")),)


def _cancel_session(facts: Facts) -> Rows:
    key = facts["key"]
    return ((Button("Ya, tiadakan", f"sendok:{key}"), Button("Batal", f"sleave:{key}")),)


def _attendance(facts: Facts) -> Rows:
    key = facts["key"]
    return (
        *listed(facts["choices"], f"aperson:{key}"),
        *turning(facts, f"apage:{key}"),
        (Button("Selesai", f"aleave:{key}"),),
    )


def _attendance_person(facts: Facts) -> Rows:
    key = f"{facts['key']}:{facts['person_id']}"
    rows: Rows = ((Button("Hadir", f"amark:{key}:yes"), Button("Tidak hadir", f"amark:{key}:no")),)
    if facts["marked"]:
        rows = (*rows, (Button("Hapus tanda", f"amark:{key}:none"),))
    return (*rows, (Button("‹ Daftar", f"apage:{facts['key']}:1"),))


def _attendance_dry_run(facts: Facts) -> Rows:
    key = facts["key"]
    rows: Rows = ((Button("Terapkan", f"aapply:{key}"),),) if facts["something"] else ()
    if facts["can_rest"]:
        rows = (*rows, (Button("Terapkan, yang lain tidak hadir", f"arest:{key}"),))
    return (*rows, (Button("Batal", f"aleave:{key}"),))


def _attendance_applied(facts: Facts) -> Rows:
    return (
        (Button("Kehadiran", f"attend:{facts['session_id']}"), Button("Kartu sesi", f"session:{facts['session_id']}")),
    )


SESSION_KEYBOARDS: dict[str, Callable[[Facts], Rows]] = {
    "admin_sessions": _sessions,
    "admin_session_card": _card,
    "admin_session_title": _only_cancel,
    "admin_session_place": _only_cancel,
    "admin_session_when": _only_cancel,
    "admin_session_units": _units,
    "admin_session_journey": _journey,
    "admin_session_messages": _messages,
    "admin_session_review": _review,
    "admin_session_fields": _fields,
    "admin_session_move": _move,
    "admin_session_move_confirm": _move_confirm,
    "admin_session_cancel": _cancel_session,
    "admin_attendance": _attendance,
    "admin_attendance_person": _attendance_person,
    "admin_attendance_dry_run": _attendance_dry_run,
    "admin_attendance_applied": _attendance_applied,
}
