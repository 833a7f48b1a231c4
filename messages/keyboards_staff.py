"""The buttons under coordinators' and admins' messages; the same rules as in messages/keyboards.py."""

from collections.abc import Callable, Sequence
from typing import Any

from messages.outgoing import Button, Rows
from messages.texts import clip

Facts = dict[str, Any]
LABEL = 60


def _list(choices: Sequence[Facts], verb: str, before: str = "") -> Rows:
    """One button a row: `choices` have "id" and "label"."""
    return tuple((Button(clip(f"{before}{choice['label']}", LABEL), f"{verb}:{choice['id']}"),) for choice in choices)


def _turning(facts: Facts, verb: str) -> Rows:
    """The row that turns pages, where there is more than one."""
    row = []
    if facts["page"] > 1:
        row.append(Button("‹ Sebelumnya", f"{verb}:{facts['page'] - 1}"))
    if facts["page"] < facts["pages"]:
        row.append(Button("Berikutnya ›", f"{verb}:{facts['page'] + 1}"))
    return (tuple(row),) if row else ()


def summary(facts: Facts) -> Rows:
    """Under a unit's summary; the city's has none."""
    if facts["unit_id"] is None:
        return ()
    key = f"{facts['unit_id']}:{facts['week']}"
    return (
        (Button("Ingatkan semua", f"remindall:{key}"),),
        (Button("Unduh XLSX", f"xlsx:{key}"), Button("Per sesi", f"persession:{key}")),
    )


def _unit_people(facts: Facts) -> Rows:
    return (*_list(facts["choices"], "invite", "Undang: "), *_turning(facts, f"people:{facts['unit_id']}"))


def _claimed(facts: Facts) -> Rows:
    choices = facts["choices"]
    alone = len(choices) == 1 and facts["pages"] == 1
    buttons = (
        ((Button("Bukan dia", f"notthem:{choices[0]['id']}"),),) if alone else _list(choices, "notthem", "Bukan dia: ")
    )
    return (*buttons, *_turning(facts, f"claimed:{facts['unit_id']}"))


def _import_dry_run(facts: Facts) -> Rows:
    if not facts["key"]:
        return ()
    return ((Button("Terapkan", f"imapply:{facts['key']}"), Button("Batal", f"imcancel:{facts['key']}")),)


def _import_applied(facts: Facts) -> Rows:
    return ((Button("Batalkan impor", f"imundo:{facts['import_id']}"),),)


def _cancel_broadcast(facts: Facts) -> Rows:
    return ((Button("Batal", f"bcancel:{facts['key']}"),),)


def _draft(facts: Facts) -> Rows:
    return (*_cancel_broadcast(facts), (Button("Siaran sebelumnya", "blist"),))


def _audience(facts: Facts) -> Rows:
    key = facts["key"]
    return (
        (Button("Semua", f"baud:{key}:all"), Button("Belum menjawab", f"baud:{key}:unanswered")),
        (Button("Perangkat daerah", f"bunits:{key}:1"), Button("Sesi", f"bsessions:{key}:1")),
        (Button("Koordinator", f"baud:{key}:coordinators"), Button("Batal", f"bcancel:{key}")),
    )


def _choose_unit(facts: Facts) -> Rows:
    key = facts["key"]
    turning = _turning(facts, f"bunits:{key}")
    return (*_list(facts["choices"], f"bunit:{key}"), *turning, *_cancel_broadcast(facts))


def _choose_session(facts: Facts) -> Rows:
    key = facts["key"]
    turning = _turning(facts, f"bsessions:{key}")
    return (*_list(facts["choices"], f"bsession:{key}"), *turning, *_cancel_broadcast(facts))


def _preview(facts: Facts) -> Rows:
    key = facts["key"]
    cancel = Button("Batal", f"bcancel:{key}")
    more: Rows = ((Button("Tambah perangkat daerah", f"bunits:{key}:1"),),) if facts["can_add_unit"] else ()
    if not facts["people"]:
        return (*more, (cancel,))
    urgent = "Tidak mendesak" if facts["urgent"] else "Mendesak"
    toggle: Rows = () if facts["notice"] else ((Button(urgent, f"burgent:{key}"),),)
    names: Rows = ((Button("Daftar nama", f"bnames:{key}"),),) if facts["names"] else ()
    return (
        (Button("Kirim", f"bsend:{key}"), Button("Jadwalkan", f"bwhen:{key}"), cancel),
        *toggle,
        *more,
        *names,
    )


def _urgent(facts: Facts) -> Rows:
    return ((Button("Ya", f"burgentyes:{facts['key']}"), Button("Batal", f"burgentno:{facts['key']}")),)


def _progress(facts: Facts) -> Rows:
    number, tally = facts["broadcast"], facts["tally"]
    over = facts["state"] in ("stopped", "done")
    row: list[Button] = []
    if not over or facts["correcting"]:
        row.append(Button("Hentikan", f"bstop:{number}"))
    if facts["state"] == "stopped" and tally["stopped"]:
        row.append(Button("Lanjutkan", f"bresume:{number}"))
    if over and tally["failed"]:
        row.append(Button("Ulangi yang gagal", f"bretry:{number}"))
    if over and tally["failed"] + tally["blocked"]:
        row.append(Button("Daftar nama", f"bmissed:{number}"))
    if facts["can_correct"]:
        row.append(Button("Ralat", f"bfix:{number}"))
    return tuple((button,) for button in row)


def _broadcasts(facts: Facts) -> Rows:
    return _list(facts["choices"], "bcard")


def _cancel_correction(facts: Facts) -> Rows:
    return ((Button("Batal", f"bfixcancel:{facts['key']}"),),)


def _correction_piece(facts: Facts) -> Rows:
    return (*_list(facts["choices"], f"bfixpiece:{facts['key']}", "Kiriman ke-"), *_cancel_correction(facts))


def _correction_preview(facts: Facts) -> Rows:
    return ((Button("Kirim", f"bfixsend:{facts['key']}"), Button("Batal", f"bfixcancel:{facts['key']}")),)


def _sessions(facts: Facts) -> Rows:
    return _list(facts["choices"], "session")


def _session_card(facts: Facts) -> Rows:
    number = facts["session_id"]
    rows: Rows = ((Button("Poster (PDF)", f"poster:{number}"),),) if facts["link"] else ()
    if facts["can_remind"]:
        rows = ((Button("Pengingat sesi", f"bremind:{number}"),), *rows)
    return rows


def _coordinators(facts: Facts) -> Rows:
    return (
        (Button("Undang", "cunits:1"),),
        *_list(facts["choices"], "crevoke", "Cabut: "),
        *_turning(facts, "cpage"),
    )


def _coordinator_units(facts: Facts) -> Rows:
    return (*_list(facts["choices"], "cinvite"), *_turning(facts, "cunits"))


# Which keyboard goes under which template.
STAFF_KEYBOARDS: dict[str, Callable[[Facts], Rows]] = {
    "summary": summary,
    "coordinator_people": _unit_people,
    "coordinator_claimed": _claimed,
    "admin_import_dry_run": _import_dry_run,
    "admin_import_applied": _import_applied,
    "broadcast_draft": _draft,
    "broadcast_draft_fault": _cancel_broadcast,
    "broadcast_urgent": _urgent,
    "broadcast_list": _broadcasts,
    "broadcast_correction_piece": _correction_piece,
    "broadcast_correction_ask": _cancel_correction,
    "broadcast_correction_fault": _cancel_correction,
    "broadcast_correction_preview": _correction_preview,
    "broadcast_audience": _audience,
    "broadcast_units": _choose_unit,
    "broadcast_sessions": _choose_session,
    "broadcast_preview": _preview,
    "broadcast_when": _cancel_broadcast,
    "broadcast_when_fault": _cancel_broadcast,
    "broadcast_progress": _progress,
    "admin_sessions": _sessions,
    "admin_session_card": _session_card,
    "admin_coordinators": _coordinators,
    "admin_coordinator_units": _coordinator_units,
}
