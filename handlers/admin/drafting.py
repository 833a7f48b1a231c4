"""/siaran, first half: the draft and its audience. What stands so far is the conversation's data.

"messages" are ids in the admin's chat; "session" is set for a session's reminder by hand, whose text the
bot has ready; "audience" is what was chosen. "key" changes with each draft, so that old buttons do nothing.
"""

from typing import Any

from telegram import Message

from bot.domain.access import Right
from bot.domain.piece import Piece, to_json
from bot.store import accounts, audiences, sessions
from bot.store.audiences import Audience
from handlers.admin.pieces import piece_of
from handlers.admin.preview import preview
from handlers.admin.session_draft import session_of
from handlers.door import Act, BadButton, Doing
from handlers.paging import page_of
from messages import formats, toasts

KIND = "siaran"
Data = dict[str, Any]
SESSIONS_OFFERED = 40
MOST_UNITS = 60


def ask(act: Act) -> None:
    """/siaran: ask for the draft."""
    data = _fresh(act)
    keep(act, data)
    act.reply("broadcast_draft", key=data["key"])


def remind_session(act: Act) -> None:
    """[Pengingat sesi]: the reminder's text as draft, for all who take part in the session."""
    session = session_of(act, act.arg(0))
    if session.cancelled or session.start <= act.now:
        act.toast = toasts.SESSION_BEGUN
        return
    data = _fresh(act) | {"session": session.id, "audience": {"kind": "session", "session": session.id}}
    show_preview(act, data)


def drafted(act: Act, data: Data, message: Message) -> None:
    """A message while a draft is awaited (or stands already: then it is replaced)."""
    piece = piece_of(message)
    if piece is None:
        act.reply("broadcast_draft_fault", key=data["key"])
        return
    group = message.media_group_id
    if group is not None and group == data["group"]:
        _album_piece(act, data, piece)
        return
    data |= {"key": act.row, "messages": [piece.message], "pieces": to_json([piece]), "group": group}
    if data["audience"] is not None:
        show_preview(act, data, whole=group is None)
        return
    data["stage"] = "audience"
    keep(act, data)
    act.reply("broadcast_audience", key=data["key"], edit=0)


def _album_piece(act: Act, data: Data, piece: Piece) -> None:
    """The pieces of an album come as messages of their own, in any order; their ids are the album's order."""
    pieces = {known["message"]: known for known in data["pieces"]} | {piece.message: to_json([piece])[0]}
    data |= {"pieces": [pieces[message] for message in sorted(pieces)], "messages": sorted(pieces)}
    if data["stage"] in ("confirm", "when"):
        # What was shown lacked it: its buttons are void.
        data["key"] = act.row
        show_preview(act, data, whole=False)
    else:
        keep(act, data)


def choose(act: Act) -> None:
    """[Semua], [Belum menjawab], [Koordinator]"""
    data, kind = _choosing(act), act.choice(1)
    if kind not in ("all", "unanswered", "coordinators"):
        raise BadButton
    show_preview(act, data | {"audience": {"kind": kind}})


def list_units(act: Act) -> None:
    """[Perangkat daerah]: the units, paged."""
    data = _choosing(act)
    chosen = _chosen_units(data)
    left = [unit for unit in sessions.units(act.db) if unit[0] not in chosen]
    shown, turning = page_of(left, act.arg(1))
    choices = [{"id": unit_id, "label": name} for unit_id, name in shown]
    act.reply("broadcast_units", key=data["key"], choices=choices, more=bool(chosen), **turning)


def choose_unit(act: Act) -> None:
    """One of the units; further ones are added to it."""
    data, unit_id = _choosing(act), act.arg(1)
    if unit_id not in dict(sessions.units(act.db)):
        raise BadButton
    units = list(dict.fromkeys([*_chosen_units(data), unit_id]))[:MOST_UNITS]
    show_preview(act, data | {"audience": {"kind": "units", "units": units}})


def list_sessions(act: Act) -> None:
    """[Sesi]: the sessions, the newest first, paged."""
    data = _choosing(act)
    shown, turning = page_of(sessions.newest_live(act.db, SESSIONS_OFFERED), act.arg(1))
    zone = act.house.config.schedule.zone
    choices = [
        {"id": session.id, "label": f"{formats.day_short(session.start, zone)} {session.title}"} for session in shown
    ]
    act.reply("broadcast_sessions", key=data["key"], choices=choices, **turning)


def choose_session(act: Act) -> None:
    """One of the sessions."""
    data = _choosing(act)
    session = session_of(act, act.arg(1))
    show_preview(act, data | {"audience": {"kind": "session", "session": session.id}})


def cancel(act: Act) -> None:
    """[Batal]: the draft is forgotten."""
    _of_button(act)
    accounts.end_conversation(act.db, act.telegram_id)
    act.reply("broadcast_cancelled")


def holds_draft(kind: str, data: Data) -> bool:
    """Whether a conversation is a broadcast's, of which there is something to lose."""
    return kind == KIND and bool(data.get("messages"))


def show_preview(act: Act, data: Data, *, whole: bool = True) -> None:
    """Show the draft exactly as it will look, then to whom it goes; of an album that is not `whole`, a little later."""
    data |= {"stage": "confirm"}
    keep(act, data)
    preview(act, data, whole=whole)


def reach(act: Act, data: Data) -> Audience:
    """Return whom the chosen audience is made of now."""
    try:
        return audiences.chosen(act.db, act.now, data["audience"] or {})
    except LookupError:
        raise BadButton from None


def drafted_so_far(act: Act) -> Data:
    """Return the data of the draft that a button belongs to; raises BadButton when there is none (any more)."""
    data = _of_button(act)
    if not data["messages"] and data["session"] is None:
        raise BadButton
    return data


def keep(act: Act, data: Data) -> None:
    """Remember where the broadcast stands."""
    accounts.set_conversation(act.db, act.now, act.telegram_id, KIND, data)


def _choosing(act: Act) -> Data:
    """Return the draft whose audience is free to choose: a session's reminder has its own."""
    data = drafted_so_far(act)
    if data["session"] is not None:
        raise BadButton
    return data


def _of_button(act: Act) -> Data:
    found = accounts.conversation(act.db, act.telegram_id)
    if found is None or found[0] != KIND or found[1]["key"] != act.arg(0):
        raise BadButton
    return found[1]


def _fresh(act: Act) -> Data:
    return {
        "key": act.row,
        "stage": "draft",
        "messages": [],
        "pieces": [],
        "group": None,
        "session": None,
        "audience": None,
        "urgent": False,
    }


def _chosen_units(data: Data) -> list[int]:
    audience = data["audience"] or {}
    units: list[int] = audience.get("units", [])
    return units


COMMANDS: dict[str, tuple[Right, Doing]] = {"siaran": (Right.ADMIN, ask)}
BUTTONS: dict[str, tuple[Right, Doing]] = {
    "bremind": (Right.ADMIN, remind_session),
    "baud": (Right.ADMIN, choose),
    "bunits": (Right.ADMIN, list_units),
    "bunit": (Right.ADMIN, choose_unit),
    "bsessions": (Right.ADMIN, list_sessions),
    "bsession": (Right.ADMIN, choose_session),
    "bcancel": (Right.ADMIN, cancel),
}
