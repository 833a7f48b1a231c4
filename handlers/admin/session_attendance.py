"""/sesi: [Kehadiran]: who was there, by a list that is sent, or by hand: a name or NIP, then a tap."""

from collections.abc import Sequence
from typing import Any

from bot.domain.access import Right
from bot.domain.attendance import Listed
from bot.domain.roster import Refusal, refusal_text
from bot.roster.wire import list_from_lines, list_to_lines
from bot.store import accounts, attendance, facts
from bot.store.sessions import Session
from handlers.admin import session_cards
from handlers.admin.session_draft import live_session, of_button, session_of
from handlers.coordinator.own_units import actor
from handlers.door import Act, BadButton, Doing
from handlers.paging import page_of
from messages import toasts
from messages.words_staff import PRESENCE, PRESENCE_MARKS

KIND = "hadir"
LONGEST_QUERY = 60
REFUSED_SHOWN = 10


def begin(act: Act) -> None:
    """[Kehadiran]: a file, a name or a NIP is awaited; everybody who is expected is shown, paged."""
    session = live_session(act, act.arg(0))
    if session is None:
        return
    if act.now < session.start:
        act.toast = toasts.ATTENDANCE_LATER
        return
    data = {"key": act.row, "session": session.id, "query": "", "lines": None}
    _keep(act, data)
    _show_people(act, session, data, 1)


def said(act: Act) -> None:
    """A message while attendance is taken: whose name, or the start of whose NIP?"""
    _, data = accounts.conversation(act.db, act.telegram_id) or ("", {})
    session = live_session(act, data["session"])
    if session is not None:
        data |= {"query": act.text.strip()[:LONGEST_QUERY]}
        _keep(act, data)
        _show_people(act, session, data, 1)


def turn(act: Act) -> None:
    """Another page of people."""
    data = of_button(act, KIND)
    _show_people(act, session_of(act, data["session"]), data, act.arg(1), edit=_pressed(act))


def person(act: Act) -> None:
    """One of the people: how it stands, with [Hadir], [Tidak hadir], [Hapus tanda]."""
    data = of_button(act, KIND)
    _show_person(act, data, _expected(act, data, act.arg(1)))


def mark(act: Act) -> None:
    """[Hadir], [Tidak hadir], [Hapus tanda]: what is marked can be marked anew at any time."""
    data, choice = of_button(act, KIND), act.choice(2)
    session = live_session(act, data["session"])
    if choice not in _CHOICES:
        raise BadButton
    row = _expected(act, data, act.arg(1))
    if session is None:
        return
    wanted = _CHOICES[choice]
    if row["present"] != (None if wanted is None else int(wanted)):
        attendance.mark(act.db, act.now, act.house.rules, session, row["id"], wanted)
        facts.audit(act.db, act.now, actor(act), "attendance_mark", f"session:{session.id} person:{row['id']}")
    act.toast = toasts.KEPT
    _show_person(act, data, _expected(act, data, row["id"]), edit=_pressed(act))


def dry_run(act: Act, name: str, rows: Sequence[Listed], refused: Sequence[Refusal]) -> None:
    """A list was sent: say what it would mark, and keep its rows until [Terapkan]."""
    _, data = accounts.conversation(act.db, act.telegram_id) or ("", {})
    session = live_session(act, data["session"])
    if session is None:
        return
    found = attendance.difference(act.db, session.id, rows, refused)
    data |= {"key": act.row, "lines": list(list_to_lines(rows, refused)), "name": name}
    _keep(act, data)
    act.reply(
        "admin_attendance_dry_run",
        key=act.row,
        name=name,
        session=session.title,
        rows=len(rows),
        present=len(found.present),
        absent=len(found.absent),
        same=found.same,
        unlisted=len(found.unlisted),
        refused=len(found.refused),
        refusals=[
            {"row": refusal.row, "name": refusal.name, "reason": refusal_text(refusal.code, refusal.detail)}
            for refusal in found.refused[:REFUSED_SHOWN]
        ],
        something=bool(found.present or found.absent),
        can_rest=bool(found.unlisted and (found.present or found.same)),
    )


def apply(act: Act) -> None:
    """[Terapkan]: compared again, for marks may have changed since the dry run."""
    _apply(act, rest=False)


def apply_with_rest(act: Act) -> None:
    """[Terapkan, yang lain tidak hadir]: whoever is not in the list and not marked is absent."""
    _apply(act, rest=True)


def leave(act: Act) -> None:
    """[Batal] and [Selesai]: back to the session's card."""
    data = of_button(act, KIND)
    accounts.end_conversation(act.db, act.telegram_id)
    session_cards.show(act, session_of(act, data["session"]))


def _apply(act: Act, *, rest: bool) -> None:
    data = of_button(act, KIND)
    session = live_session(act, data["session"])
    if data["lines"] is None or session is None:
        raise BadButton
    rows, refused = list_from_lines(data["lines"])
    found = attendance.difference(act.db, session.id, rows, refused)
    absent = [*found.absent, *(found.unlisted if rest else ())]
    for person_ids, present in ((found.present, True), (absent, False)):
        for person_id in person_ids:
            attendance.mark(act.db, act.now, act.house.rules, session, person_id, present)
    accounts.end_conversation(act.db, act.telegram_id)
    facts.audit(act.db, act.now, actor(act), "attendance_list", f"session:{session.id}")
    act.reply(
        "admin_attendance_applied",
        session_id=session.id,
        session=session.title,
        present=len(found.present),
        absent=len(absent),
        refused=len(found.refused),
        counts=attendance.counts(act.db, session.id),
    )


def _show_people(act: Act, session: Session, data: dict[str, Any], page: int, edit: int = 0) -> None:
    found = attendance.people(act.db, session.id, data["query"])
    shown, turning = page_of(found, page)
    act.reply(
        "admin_attendance",
        key=data["key"],
        session=session.title,
        query=data["query"],
        total=len(found),
        counts=attendance.counts(act.db, session.id),
        choices=[
            {"id": row["id"], "label": f"{PRESENCE_MARKS[row['present']]} {row['name']}".strip()} for row in shown
        ],
        edit=edit,
        **turning,
    )


def _show_person(act: Act, data: dict[str, Any], row: Any, edit: int = 0) -> None:
    act.reply(
        "admin_attendance_person",
        key=data["key"],
        person_id=row["id"],
        name=row["name"],
        unit=row["unit"],
        state=PRESENCE[row["present"]],
        marked=row["present"] is not None,
        edit=edit,
    )


def _expected(act: Act, data: dict[str, Any], person_id: int) -> Any:
    row = attendance.one(act.db, data["session"], person_id)
    if row is None:
        raise BadButton
    return row


def _keep(act: Act, data: dict[str, Any]) -> None:
    accounts.set_conversation(act.db, act.now, act.telegram_id, KIND, data)


def _pressed(act: Act) -> int:
    return act.message.message_id if act.message else 0


_CHOICES: dict[str, bool | None] = {"yes": True, "no": False, "none": None}
CONVERSATIONS: dict[str, Doing] = {KIND: said}
BUTTONS: dict[str, tuple[Right, Doing]] = {
    "attend": (Right.ADMIN, begin),
    "apage": (Right.ADMIN, turn),
    "aperson": (Right.ADMIN, person),
    "amark": (Right.ADMIN, mark),
    "aapply": (Right.ADMIN, apply),
    "arest": (Right.ADMIN, apply_with_rest),
    "aleave": (Right.ADMIN, leave),
}
