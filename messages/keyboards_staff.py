"""The buttons under coordinators' and admins' messages; the same rules as in messages/keyboards.py."""

from collections.abc import Callable
from typing import Any

from messages.keyboards_sessions import SESSION_KEYBOARDS
from messages.lists import listed, turning
from messages.outgoing import Button, Rows

Facts = dict[str, Any]


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
    return (*listed(facts["choices"], "invite", "Undang: "), *turning(facts, f"people:{facts['unit_id']}"))


def _claimed(facts: Facts) -> Rows:
    choices = facts["choices"]
    alone = len(choices) == 1 and facts["pages"] == 1
    buttons = (
        ((Button("Bukan dia", f"notthem:{choices[0]['id']}"),),) if alone else listed(choices, "notthem", "Bukan dia: ")
    )
    return (*buttons, *turning(facts, f"claimed:{facts['unit_id']}"))


def _import_dry_run(facts: Facts) -> Rows:
    if not facts["key"]:
        return ()
    return ((Button("Terapkan", f"imapply:{facts['key']}"), Button("Batal", f"imcancel:{facts['key']}")),)


def _import_applied(facts: Facts) -> Rows:
    return ((Button("Batalkan impor", f"imundo:{facts['import_id']}:{facts['stamp']}"),),)


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
    turns = turning(facts, f"bunits:{key}")
    return (*listed(facts["choices"], f"bunit:{key}"), *turns, *_cancel_broadcast(facts))


def _choose_session(facts: Facts) -> Rows:
    key = facts["key"]
    turns = turning(facts, f"bsessions:{key}")
    return (*listed(facts["choices"], f"bsession:{key}"), *turns, *_cancel_broadcast(facts))


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
    return listed(facts["choices"], "bcard")


def _cancel_correction(facts: Facts) -> Rows:
    return ((Button("Batal", f"bfixcancel:{facts['key']}"),),)


def _correction_piece(facts: Facts) -> Rows:
    return (*listed(facts["choices"], f"bfixpiece:{facts['key']}", "Kiriman ke-"), *_cancel_correction(facts))


def _correction_preview(facts: Facts) -> Rows:
    return ((Button("Kirim", f"bfixsend:{facts['key']}"), Button("Batal", f"bfixcancel:{facts['key']}")),)


def _trial_choices(facts: Facts) -> Rows:
    return listed(facts["choices"], "try")


def _trial_end(_facts: Facts) -> Rows:
    return ((Button("Hentikan", "tryend"),),)


def impact(facts: Facts) -> Rows:
    """Under the picture of a session's impact."""
    number = facts["session_id"]
    return ((Button("Unduh XLSX", f"impactx:{number}"), Button("Unduh PDF", f"impactp:{number}")),)


def _coordinators(facts: Facts) -> Rows:
    return (
        (Button("Undang", "cunits:1"),),
        *listed(facts["choices"], "crevoke", "Cabut: "),
        *turning(facts, "cpage"),
    )


def _coordinator_revoke(facts: Facts) -> Rows:
    return ((Button("Ya", f"crevokeyes:{facts['id']}"), Button("Batal", "crevokeno")),)


def _coordinator_units(facts: Facts) -> Rows:
    return (*listed(facts["choices"], "cinvite"), *turning(facts, "cunits"))


def _correction_task(facts: Facts) -> Rows:
    return (
        (Button("Sudah diperbaiki", f"rectdone:{facts['task']}"),),
        (Button("Tidak dapat, alasan…", f"rectno:{facts['task']}"),),
    )


# Which keyboard goes under which template.
STAFF_KEYBOARDS: dict[str, Callable[[Facts], Rows]] = {
    "summary": summary,
    "correction_task": _correction_task,
    "correction_reason_ask": lambda _facts: ((Button("Batal", "rectkeep"),),),
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
    "trial_choose": _trial_choices,
    "trial_begun": _trial_end,
    "trial_running": _trial_end,
    "admin_audit": lambda facts: turning(facts, "auditpage"),
    "admin_coordinators": _coordinators,
    "admin_coordinator_units": _coordinator_units,
    "admin_coordinator_revoke_ask": _coordinator_revoke,
} | SESSION_KEYBOARDS
