"""A new phone, the same person: the wish, the old account's objection, the coordinator's word."""

import sqlite3
from datetime import datetime

from bot.clock import to_text
from bot.domain.access import Right
from bot.store import accounts, facts, moves, outbox, people, sessions
from bot.store.outbox import Lane
from handlers.door import Act, BadButton, Denied, Doing
from messages import toasts


def ask(act: Act) -> None:
    """[Saya ganti nomor/HP] under the one answer that every unusable NIP gets: one answer again."""
    found = accounts.conversation(act.db, act.telegram_id)
    if found is None or found[0] != "nip":
        raise BadButton
    session_id, nip = found[1].get("session"), found[1].get("tried")
    if nip is None or session_id is None:
        act.toast = toasts.REQUEST_NOTED
        return
    # Each NIP that was typed asks once; typing is what the hourly limit counts.
    accounts.set_conversation(act.db, act.now, act.telegram_id, "nip", {"session": session_id})
    person = people.by_nip(act.db, nip)
    if person is not None and (person.gone or not sessions.is_invited(act.db, session_id, person.id)):
        person = None
    move = moves.ask(act.db, act.now, act.telegram_id, person.id if person else None)
    act.reply("move_asked", days=moves.TIME_TO_DECIDE.days, hours=_hours())
    if move is not None:
        _tell_both_sides(act, move["id"])


def approve(act: Act) -> None:
    """[Benar, dia]: from now on the old account has 24 hours to object."""
    move = _to_decide(act)
    at = moves.approve(act.db, act.now, move["id"], by_admin=act.roles.admin)
    if at is None:
        act.toast = toasts.REQUEST_OVER
        return
    facts.audit(act.db, act.now, f"telegram:{act.telegram_id}", "move_approved", _subject(move))
    act.reply("move_approved", name=move["name"], at=to_text(at))
    _notify(act, move, move["old_telegram_id"], "move_warning", at=at)
    _notify(act, move, move["new_telegram_id"], "move_coming", at=at)


def refuse(act: Act) -> None:
    """[Bukan]: it comes to nothing, and the asking account hears nothing of it."""
    move = _to_decide(act)
    if not moves.end(act.db, act.now, move["id"], "refused"):
        act.toast = toasts.REQUEST_OVER
        return
    facts.audit(act.db, act.now, f"telegram:{act.telegram_id}", "move_refused", _subject(move))
    act.reply("move_refused", name=move["name"])


def object_to(act: Act) -> None:
    """[Ini bukan saya] on the old phone: it comes to nothing, and those who decide are told."""
    move = moves.get(act.db, act.arg(0))
    account = act.account
    if move is None or move["old_telegram_id"] != act.telegram_id:
        raise BadButton
    if account is None or account.person_id != move["person_id"]:
        act.toast = toasts.REQUEST_OVER
        return
    if not moves.end(act.db, act.now, move["id"], "objected"):
        act.toast = toasts.REQUEST_OVER
        return
    facts.audit(act.db, act.now, f"telegram:{act.telegram_id}", "move_objected", _subject(move))
    act.reply("move_objected")
    for who in moves.deciders(act.db, move) or list(act.house.config.access.admins):
        _notify(act, move, who, "move_objected_told")


def _tell_both_sides(act: Act, move_id: int) -> None:
    move = moves.get(act.db, move_id)
    if move is None:
        return
    facts.audit(act.db, act.now, f"telegram:{act.telegram_id}", "move_asked", _subject(move))
    _notify(act, move, move["old_telegram_id"], "move_warning", at=None)
    for who in moves.deciders(act.db, move) or list(act.house.config.access.admins):
        _notify(act, move, who, "move_to_decide")


def _to_decide(act: Act) -> sqlite3.Row:
    """Return the wish of a button; raises Denied for whoever may not decide it now.

    The phones that it concerns never do. A coordinator of the unit whose own phone asks is its boss: only
    an admin can give a subordinate's account there.
    """
    move = moves.get(act.db, act.arg(0))
    if move is None:
        raise BadButton
    own_phone = act.telegram_id in (move["new_telegram_id"], move["old_telegram_id"])
    if own_phone or not (act.roles.admin or act.telegram_id in moves.deciders(act.db, move)):
        raise Denied
    return move


def _notify(act: Act, move: sqlite3.Row, to: int, template: str, at: datetime | None = None) -> None:
    outbox.put(
        act.db,
        act.now,
        to,
        template,
        {
            "move": move["id"],
            "name": move["name"],
            "unit": move["unit"],
            "at": to_text(at) if at else None,
            "hours": _hours(),
        },
        key=f"move:{move['id']}:{template}:{int(at is not None)}:{to}",
        lane=Lane.NOTICE,
        not_before=act.house.rules.calendars.city.notice_open(act.now),
    )


def _hours() -> int:
    return int(moves.TIME_TO_OBJECT.total_seconds() // 3600)


def _subject(move: sqlite3.Row) -> str:
    return f"person:{move['person_id']}"


# Who may decide is asked inside: it depends on the person's unit and on both phones.
BUTTONS: dict[str, tuple[Right, Doing]] = {
    "move": (Right.ANYONE, ask),
    "moveyes": (Right.ANYONE, approve),
    "moveno": (Right.ANYONE, refuse),
    "movenot": (Right.ANYONE, object_to),
}
