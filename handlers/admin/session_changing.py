"""/sesi: [Pindahkan] and [Batalkan sesi], each confirmed with how many people will be told."""

from typing import Any

from bot.clock import from_text, to_text
from bot.domain.access import Right
from bot.store import accounts, facts, sessions
from bot.store.sessions import Session
from handlers.admin import session_cards
from handlers.admin.session_draft import hours_in, is_workday, live_session, of_button, session_of
from handlers.coordinator.own_units import actor
from handlers.door import Act, Doing
from messages import toasts

MOVING = "sesi_pindah"
CANCELLING = "sesi_batal"


def move(act: Act) -> None:
    """[Pindahkan]: asks for the new hours."""
    session = live_session(act, act.arg(0))
    if session is not None:
        _ask_hours(act, session)


def hours_said(act: Act) -> None:
    """A message while a session is moved."""
    _, data = accounts.conversation(act.db, act.telegram_id) or ("", {})
    session = live_session(act, data["session"])
    if session is None:
        accounts.end_conversation(act.db, act.telegram_id)
        return
    # A session that has begun may have ended earlier than was planned.
    hours, fault = hours_in(act, past=session.start <= act.now)
    if hours is None:
        act.reply("admin_session_move", key=data["key"], fault=fault, **_told_facts(session))
        return
    start, end = (to_text(moment) for moment in hours)
    accounts.set_conversation(act.db, act.now, act.telegram_id, MOVING, data | {"start": start, "end": end})
    act.reply(
        "admin_session_move_confirm",
        key=data["key"],
        to_start=start,
        to_end=end,
        told=_told(act, session) if hours[0] > act.now and hours[0] != session.start else 0,
        workday=is_workday(act, start),
        **_told_facts(session),
    )


def move_again(act: Act) -> None:
    """[Ubah] under the new hours: they are asked for again."""
    session = live_session(act, of_button(act, MOVING)["session"])
    if session is not None:
        _ask_hours(act, session)


def move_confirmed(act: Act) -> None:
    """[Simpan]: moved; the timetable plans and tells at its next look."""
    data = of_button(act, MOVING)
    session = live_session(act, data["session"])
    if session is None:
        return
    if data.get("start") is None or (from_text(data["end"]) <= act.now < session.start):
        _ask_hours(act, session)
        return
    sessions.move(act.db, session.id, from_text(data["start"]), from_text(data["end"]))
    accounts.end_conversation(act.db, act.telegram_id)
    facts.audit(act.db, act.now, actor(act), "session_move", f"session:{session.id}")
    act.toast = toasts.SCHEDULE_KEPT
    session_cards.show(act, session_of(act, session.id))


def cancel(act: Act) -> None:
    """[Batalkan sesi]: asks, with the number of people who will be told."""
    session = live_session(act, act.arg(0))
    if session is None:
        return
    data = {"key": act.row, "session": session.id}
    accounts.set_conversation(act.db, act.now, act.telegram_id, CANCELLING, data)
    told = _told(act, session) if act.now < session.end else 0
    act.reply("admin_session_cancel", key=act.row, told=told, **_told_facts(session))


def cancel_said(act: Act) -> None:
    """A message while a session is to be cancelled: asked again, for only a button cancels."""
    _, data = accounts.conversation(act.db, act.telegram_id) or ("", {})
    session = live_session(act, data["session"])
    if session is not None:
        told = _told(act, session) if act.now < session.end else 0
        act.reply("admin_session_cancel", key=data["key"], told=told, **_told_facts(session))


def cancel_confirmed(act: Act) -> None:
    """[Ya, tiadakan]: cancelled; the timetable cancels every unsent touch and tells at its next look."""
    session = live_session(act, of_button(act, CANCELLING)["session"])
    if session is None:
        return
    sessions.cancel(act.db, act.now, session.id)
    accounts.end_conversation(act.db, act.telegram_id)
    facts.audit(act.db, act.now, actor(act), "session_cancel", f"session:{session.id}")
    session_cards.show(act, session_of(act, session.id))


def leave_it(act: Act) -> None:
    """[Batal]: the session stays as it is."""
    found = accounts.conversation(act.db, act.telegram_id)
    of_button(act, found[0] if found is not None and found[0] in (MOVING, CANCELLING) else MOVING)
    accounts.end_conversation(act.db, act.telegram_id)
    act.reply("admin_session_unchanged")


def _ask_hours(act: Act, session: Session) -> None:
    data = {"key": act.row, "session": session.id}
    accounts.set_conversation(act.db, act.now, act.telegram_id, MOVING, data)
    act.reply("admin_session_move", key=act.row, fault=None, **_told_facts(session))


def _told(act: Act, session: Session) -> int:
    return len(sessions.who_knows(act.db, session.id))


def _told_facts(session: Session) -> dict[str, Any]:
    return {"title": session.title, "start": to_text(session.start), "end": to_text(session.end)}


CONVERSATIONS: dict[str, Doing] = {MOVING: hours_said, CANCELLING: cancel_said}
BUTTONS: dict[str, tuple[Right, Doing]] = {
    "smove": (Right.ADMIN, move),
    "smoveno": (Right.ADMIN, move_again),
    "smoveok": (Right.ADMIN, move_confirmed),
    "send": (Right.ADMIN, cancel),
    "sendok": (Right.ADMIN, cancel_confirmed),
    "sleave": (Right.ADMIN, leave_it),
}
