"""/siaran, second half: [Kirim], [Jadwalkan], [Mendesak] and [Daftar nama] under the preview."""

import json
from datetime import UTC, datetime, timedelta

from bot.domain.access import Right
from bot.domain.piece import from_json
from bot.domain.spoken_time import spoken_time
from bot.store import accounts, broadcasts, facts, reminding, sessions
from handlers.admin.drafting import Data, drafted, drafted_so_far, keep, reach
from handlers.admin.following import show_card
from handlers.admin.preview import numbers, opening
from handlers.coordinator.own_units import actor
from handlers.door import Act, BadButton, Doing
from messages import toasts

FARTHEST = timedelta(days=366)


def said(act: Act) -> None:
    """Any message while /siaran is under way: the time that was asked for, else a draft."""
    _, data = accounts.conversation(act.db, act.telegram_id) or ("", {})
    if act.message is None or not data:
        return
    piece_of_the_album = act.message.media_group_id is not None and act.message.media_group_id == data["group"]
    if data["stage"] == "when" and not piece_of_the_album:
        _time_said(act, data)
    else:
        drafted(act, data, act.message)


def send(act: Act) -> None:
    """[Kirim]: the broadcast begins, and the conversation is over in the same transaction."""
    try:
        data = _confirmed(act)
    except BadButton:
        act.toast = toasts.DRAFT_OVER
        return
    _launch(act, data, act.now)


def schedule(act: Act) -> None:
    """[Jadwalkan]: asks for date and time."""
    data = _confirmed(act) | {"stage": "when"}
    keep(act, data)
    act.reply("broadcast_when", key=data["key"])


def ask_urgent(act: Act) -> None:
    """[Mendesak]: what it means, to be confirmed by itself; pressed once more it is taken back at once."""
    data = _ordinary(act)
    if data["urgent"]:
        _set_urgent(act, data, urgent=False)
    else:
        act.reply("broadcast_urgent", key=data["key"], **opening(act, urgent=True), edit=_pressed(act))


def confirm_urgent(act: Act) -> None:
    """[Ya]: the broadcast is a notice; sending it so has an act of its own in the audit."""
    _set_urgent(act, _ordinary(act), urgent=True)


def refuse_urgent(act: Act) -> None:
    """[Batal] of the confirmation: back to the preview."""
    _set_urgent(act, _ordinary(act), urgent=False)


def _ordinary(act: Act) -> Data:
    data = _confirmed(act)
    if data["session"] is not None:
        raise BadButton
    return data


def _set_urgent(act: Act, data: Data, *, urgent: bool) -> None:
    data["urgent"] = urgent
    keep(act, data)
    act.reply("broadcast_preview", **numbers(act, data), edit=_pressed(act))


def _pressed(act: Act) -> int:
    return act.message.message_id if act.message else 0


def list_names(act: Act) -> None:
    """[Daftar nama] of a preview: everybody who gets it, as a document."""
    data = _confirmed(act)
    facts.audit(act.db, act.now, actor(act), "broadcast_names", "draft")
    act.reply("broadcast_names", audience=data["audience"])


def _confirmed(act: Act) -> Data:
    data = drafted_so_far(act)
    if data["audience"] is None:
        raise BadButton
    return data


def _time_said(act: Act, data: Data) -> None:
    zone = act.house.config.schedule.zone
    at = spoken_time(act.text, act.now.astimezone(zone))
    fault = None
    if at is None:
        fault = "form"
    elif at <= act.now:
        fault = "past"
    elif at > act.now + FARTHEST:
        fault = "far"
    elif data["session"] is not None and at >= sessions.get(act.db, data["session"]).start:
        fault = "session"
    if at is None or fault is not None:
        act.reply("broadcast_when_fault", key=data["key"], fault=fault)
        return
    _launch(act, data, at.astimezone(UTC))


def _launch(act: Act, data: Data, start: datetime) -> None:
    audience = reach(act, data)
    if not audience.targets:
        act.reply("broadcast_nobody")
        return
    broadcast_id = broadcasts.create(
        act.db,
        act.now,
        act.telegram_id,
        data["messages"],
        json.dumps(data["audience"]),
        audience.targets,
        start=start,
        never_joined=audience.never_joined,
        urgent=data["urgent"],
        session_id=data["session"],
        pieces=from_json(data["pieces"]),
    )
    if data["session"] is not None:
        reminding.replace_session_reminders(act.db, act.now, data["session"])
    accounts.end_conversation(act.db, act.telegram_id)
    facts.audit(act.db, act.now, actor(act), _act_name(data, start > act.now), f"broadcast:{broadcast_id}")
    show_card(act, broadcast_id, progress_of=broadcast_id)


def _act_name(data: Data, later: bool) -> str:
    if data["session"] is not None:
        return "session_reminder"
    name = "broadcast_schedule" if later else "broadcast"
    return f"{name}_urgent" if data["urgent"] else name


BUTTONS: dict[str, tuple[Right, Doing]] = {
    "bsend": (Right.ADMIN, send),
    "bwhen": (Right.ADMIN, schedule),
    "burgent": (Right.ADMIN, ask_urgent),
    "burgentyes": (Right.ADMIN, confirm_urgent),
    "burgentno": (Right.ADMIN, refuse_urgent),
    "bnames": (Right.ADMIN, list_names),
}
