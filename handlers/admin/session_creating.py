"""/sesi: [Buat sesi] and [Ubah]: title, place, hours, units, journey, messages; read back; [Simpan]."""

from bot.clock import from_text, to_text
from bot.domain.access import Right
from bot.domain.session_form import LONGEST, MOST_MESSAGES, session_text
from bot.store import accounts, facts, sessions
from handlers.admin import session_cards
from handlers.admin.session_draft import (
    KIND,
    STAGES,
    Data,
    ask,
    go_on,
    hours_in,
    journeys,
    keep,
    list_units,
    loaded,
    of_button,
    session_of,
    show_review,
)
from handlers.coordinator.own_units import actor
from handlers.door import Act, BadButton, Doing
from messages import toasts

# What [Ubah] offers of a session that is saved: its hours are moved, its journey has begun.
CHANGEABLE = ("title", "place", "units", "messages")


def create(act: Act) -> None:
    """[Buat sesi]"""
    if not sessions.units(act.db):
        act.reply("admin_coordinator_units", choices=[], page=1, pages=1)
        return
    known = journeys(act)
    data: Data = {
        "key": act.row,
        "session": None,
        "stage": "title",
        "review": False,
        "title": "",
        "place": "",
        "start": "",
        "end": "",
        "units": [],
        # Where there is one journey there is nothing to choose.
        "journey": known[0][0] if len(known) == 1 else None,
        "messages": [],
    }
    ask(act, data)


def edit(act: Act) -> None:
    """[Ubah] on a session's card."""
    session = session_of(act, act.arg(0))
    if session.cancelled:
        act.toast = toasts.SESSION_CANCELLED
        return
    data = loaded(act, session)
    data["before"] = {field: data[field] for field in CHANGEABLE}
    keep(act, data)
    _offer_fields(act, data)


def said(act: Act) -> None:
    """A message while a session is planned or changed."""
    _, data = accounts.conversation(act.db, act.telegram_id) or ("", {})
    stage = data.get("stage")
    if stage in ("title", "place"):
        _text_said(act, data)
    elif stage == "when":
        _hours_said(act, data)
    elif stage == "messages":
        _message_said(act, data)
    elif stage == "units":
        list_units(act, data, 1)
    elif stage == "journey":
        ask(act, data)
    else:
        show_review(act, data)


def turn_units(act: Act) -> None:
    """Another page of units."""
    list_units(act, _at(act, "units"), act.arg(1), edit=_pressed(act))


def toggle_unit(act: Act) -> None:
    """A unit: chosen, or not any more."""
    data, unit_id, page = _at(act, "units"), act.arg(1), act.arg(2)
    if unit_id not in dict(sessions.units(act.db)):
        raise BadButton
    units: list[int] = data["units"]
    data["units"] = sorted({*units} ^ {unit_id})
    keep(act, data)
    list_units(act, data, page, edit=_pressed(act))


def all_units(act: Act) -> None:
    """[Semua], or none when all are chosen."""
    data = _at(act, "units")
    every = [unit for unit, _ in sessions.units(act.db)]
    data["units"] = [] if set(every) <= set(data["units"]) else sorted(every)
    keep(act, data)
    list_units(act, data, act.arg(1), edit=_pressed(act))


def units_chosen(act: Act) -> None:
    """[Lanjut] under the units."""
    data = _at(act, "units")
    if not data["units"]:
        act.toast = toasts.UNIT_NEEDED
        return
    go_on(act, data)


def choose_journey(act: Act) -> None:
    """One of the journeys."""
    data, number = _at(act, "journey"), act.arg(1)
    known = journeys(act)
    if number >= len(known):
        raise BadButton
    data["journey"] = known[number][0]
    go_on(act, data)


def messages_done(act: Act) -> None:
    """[Lanjut] under the messages of the session: there may be none, for now or ever."""
    go_on(act, _at(act, "messages"))


def messages_cleared(act: Act) -> None:
    """[Kosongkan]: the messages are typed anew."""
    data = _at(act, "messages")
    ask(act, data | {"messages": []})


def change(act: Act) -> None:
    """[Ubah] under the read-back: what?"""
    _offer_fields(act, _at(act, "review"))


def change_field(act: Act) -> None:
    """One of the fields: it is asked again, then everything is read back."""
    data, field = _at(act, "review"), act.choice(1)
    if field not in _fields(act, data):
        raise BadButton
    ask(act, data | {"stage": field})


def save(act: Act) -> None:
    """[Simpan]: the session is there, and the conversation over, in the same transaction."""
    data = _at(act, "review")
    known = {unit for unit, _ in sessions.units(act.db)}
    if data["session"] is not None:
        _save_changes(act, data)
    elif not known.issuperset(data["units"]) or data["journey"] not in act.house.rules.journeys:
        # The roster or the content changed meanwhile.
        kept = [unit for unit in data["units"] if unit in known]
        ask(act, data | {"stage": "units", "units": kept, "review": data["journey"] in act.house.rules.journeys})
    elif from_text(data["end"]) <= act.now:
        ask(act, data | {"stage": "when"})
    else:
        _save_new(act, data)


def cancel(act: Act) -> None:
    """[Batal]: the draft is forgotten."""
    of_button(act)
    accounts.end_conversation(act.db, act.telegram_id)
    act.reply("admin_session_forgotten")


def _save_new(act: Act, data: Data) -> None:
    session = sessions.add(
        act.db,
        act.now,
        title=data["title"],
        place=data["place"],
        start=from_text(data["start"]),
        end=from_text(data["end"]),
        unit_ids=data["units"],
        journey=data["journey"],
        messages=data["messages"],
    )
    accounts.end_conversation(act.db, act.telegram_id)
    facts.audit(act.db, act.now, actor(act), "session_add", f"session:{session.id}")
    act.toast = toasts.SESSION_KEPT
    session_cards.show(act, session)


def _save_changes(act: Act, data: Data) -> None:
    """Write what was changed; whatever another admin changed meanwhile in other fields stays."""
    session = session_of(act, data["session"])
    accounts.end_conversation(act.db, act.telegram_id)
    if session.cancelled:
        act.toast = toasts.SESSION_CANCELLED
        return
    changed = [field for field in CHANGEABLE if data[field] != data["before"][field]]
    if "title" in changed or "place" in changed:
        title = data["title"] if "title" in changed else session.title
        place = data["place"] if "place" in changed else session.place
        sessions.rename(act.db, session.id, title, place)
    if "units" in changed and session.start > act.now:
        sessions.invite_units(act.db, session.id, data["units"])
    if "messages" in changed:
        sessions.set_messages(act.db, session.id, data["messages"])
    if changed:
        facts.audit(act.db, act.now, actor(act), "session_edit", f"session:{session.id} {' '.join(changed)}")
    act.toast = toasts.CHANGE_KEPT if changed else toasts.NOTHING_CHANGED
    session_cards.show(act, session_of(act, session.id))


def _text_said(act: Act, data: Data) -> None:
    stage = data["stage"]
    text, fault = session_text(stage, act.text)
    if fault:
        act.reply(f"admin_session_{stage}", key=data["key"], fault=fault, longest=LONGEST[stage])
        return
    go_on(act, data | {stage: text})


def _hours_said(act: Act, data: Data) -> None:
    hours, fault = hours_in(act)
    if hours is None:
        act.reply("admin_session_when", key=data["key"], fault=fault, longest=None)
        return
    go_on(act, data | {"start": to_text(hours[0]), "end": to_text(hours[1])})


def _message_said(act: Act, data: Data) -> None:
    text, fault = session_text("message", act.text)
    problem: str | None = fault
    if problem is None and len(data["messages"]) >= MOST_MESSAGES:
        problem = "many"
    if problem is None:
        data["messages"] = [*data["messages"], text]
        keep(act, data)
    act.reply("admin_session_messages", key=data["key"], messages=data["messages"], most=MOST_MESSAGES, fault=problem)


def _offer_fields(act: Act, data: Data) -> None:
    act.reply("admin_session_fields", key=data["key"], fields=_fields(act, data), new=data["session"] is None)


def _fields(act: Act, data: Data) -> list[str]:
    if data["session"] is None:
        return [stage for stage in STAGES if stage != "journey" or len(journeys(act)) > 1]
    begun = from_text(data["start"]) <= act.now
    # Who is invited stands from the start on.
    return [field for field in CHANGEABLE if field != "units" or not begun]


def _at(act: Act, stage: str) -> Data:
    """Return the draft that the button belongs to, while it awaits this; raises BadButton otherwise."""
    data = of_button(act)
    if data["stage"] != stage:
        raise BadButton
    return data


def _pressed(act: Act) -> int:
    return act.message.message_id if act.message else 0


CONVERSATIONS: dict[str, Doing] = {KIND: said}
BUTTONS: dict[str, tuple[Right, Doing]] = {
    "snew": (Right.ADMIN, create),
    "sedit": (Right.ADMIN, edit),
    "sunits": (Right.ADMIN, turn_units),
    "sunit": (Right.ADMIN, toggle_unit),
    "sall": (Right.ADMIN, all_units),
    "sunitsok": (Right.ADMIN, units_chosen),
    "sjourney": (Right.ADMIN, choose_journey),
    "smsgok": (Right.ADMIN, messages_done),
    "smsgno": (Right.ADMIN, messages_cleared),
    "schange": (Right.ADMIN, change),
    "sfield": (Right.ADMIN, change_field),
    "ssave": (Right.ADMIN, save),
    "scancel": (Right.ADMIN, cancel),
}
