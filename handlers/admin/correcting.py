"""[Ralat]: what was delivered is put right in place. The correction is shown first, like a draft."""

import json
import sqlite3
from typing import Any

from bot.domain.access import Right
from bot.domain.piece import Piece, from_json, to_json
from bot.store import accounts, broadcasts, corrections, facts
from handlers.admin.following import show_card
from handlers.admin.pieces import piece_of
from handlers.coordinator.own_units import actor
from handlers.door import Act, BadButton, Doing
from messages import toasts

KIND = "ralat"
Data = dict[str, Any]


def begin(act: Act) -> None:
    """[Ralat] under a broadcast's card: of an album the piece is asked for first."""
    broadcast_id = act.arg(0)
    pieces = _pieces(act, broadcast_id)
    data: Data = {"key": act.row, "broadcast": broadcast_id, "piece": 0, "content": None}
    _keep(act, data)
    if len(pieces) > 1:
        choices = [{"id": number, "label": str(number + 1)} for number in range(len(pieces))]
        act.reply("broadcast_correction_piece", key=act.row, choices=choices)
    else:
        act.reply("broadcast_correction_ask", key=act.row, kind=pieces[0].kind, number=None)


def choose_piece(act: Act) -> None:
    """Which piece of the album."""
    data, number = _of_button(act), act.arg(1)
    pieces = _pieces(act, data["broadcast"])
    if number >= len(pieces):
        raise BadButton
    _keep(act, data | {"piece": number, "content": None})
    act.reply("broadcast_correction_ask", key=data["key"], kind=pieces[number].kind, number=number + 1)


def said(act: Act) -> None:
    """The corrected text, caption, photo or document; what is sent again replaces it."""
    _, data = accounts.conversation(act.db, act.telegram_id) or ("", {})
    if act.message is None or not data:
        return
    try:
        pieces = _pieces(act, data["broadcast"])
    except BadButton:
        accounts.end_conversation(act.db, act.telegram_id)
        act.reply("broadcast_correction_over")
        return
    old, given = pieces[data["piece"]], piece_of(act.message)
    if given is None or not old.correctable_by(given, in_album=len(pieces) > 1):
        act.reply("broadcast_correction_fault", key=data["key"], kind=old.kind)
        return
    data |= {"key": act.row, "content": to_json([given])[0]}
    _keep(act, data)
    row = broadcasts.get(act.db, data["broadcast"])
    shown = _corrected(pieces, data)
    source = row["admin_telegram_id"] if row is not None else 0
    act.reply("broadcast_pieces", pieces=to_json(shown), source_chat=source)
    act.reply("broadcast_correction_preview", key=act.row, **corrections.reach(act.db, data["broadcast"]))


def send(act: Act) -> None:
    """[Kirim]: every delivered copy is edited, and what is still to go goes as it is now."""
    try:
        data = _of_button(act)
    except BadButton:
        act.toast = toasts.CORRECTION_OVER
        return
    if data["content"] is None:
        raise BadButton
    pieces = _corrected(_pieces(act, data["broadcast"]), data)
    corrections.begin(act.db, act.now, data["broadcast"], pieces, data["piece"])
    accounts.end_conversation(act.db, act.telegram_id)
    facts.audit(act.db, act.now, actor(act), "broadcast_correct", f"broadcast:{data['broadcast']}")
    row = broadcasts.get(act.db, data["broadcast"])
    own = row is not None and row["admin_telegram_id"] == act.telegram_id
    # The card that is kept up to date stands in the chat of the admin who sent the broadcast.
    show_card(act, data["broadcast"], **({"progress_of": data["broadcast"]} if own else {}))


def cancel(act: Act) -> None:
    """[Batal]: nothing is changed."""
    _of_button(act)
    accounts.end_conversation(act.db, act.telegram_id)
    act.reply("broadcast_correction_cancelled")


def _corrected(pieces: tuple[Piece, ...], data: Data) -> list[Piece]:
    given = from_json([data["content"]])[0]
    return [piece.corrected_by(given) if n == data["piece"] else piece for n, piece in enumerate(pieces)]


def _pieces(act: Act, broadcast_id: int) -> tuple[Piece, ...]:
    """Return the content of a broadcast that can be corrected; raises BadButton for any other."""
    row: sqlite3.Row | None = broadcasts.get(act.db, broadcast_id)
    pieces = from_json(json.loads(row["pieces"])) if row is not None else ()
    if row is None or not pieces or row["state"] == "scheduled":
        raise BadButton
    return pieces


def _keep(act: Act, data: Data) -> None:
    accounts.set_conversation(act.db, act.now, act.telegram_id, KIND, data)


def _of_button(act: Act) -> Data:
    found = accounts.conversation(act.db, act.telegram_id)
    if found is None or found[0] != KIND or found[1]["key"] != act.arg(0):
        raise BadButton
    return found[1]


BUTTONS: dict[str, tuple[Right, Doing]] = {
    "bfix": (Right.ADMIN, begin),
    "bfixpiece": (Right.ADMIN, choose_piece),
    "bfixsend": (Right.ADMIN, send),
    "bfixcancel": (Right.ADMIN, cancel),
}
