"""A session as it is being planned or changed: the conversation's data, and what each step asks and reads.

The data: "session" (None: a new one), "stage" (what is awaited), "title", "place", "start", "end" (UTC text),
"units" (ids), "journey", "messages". "review" is true once all was said, so that each change leads back to the
read-back. "key" is the update that began it, so that the buttons of an earlier draft do nothing.
"""

from datetime import UTC, datetime
from typing import Any

from bot.clock import from_text, to_text
from bot.domain.session_form import LONGEST, MOST_MESSAGES
from bot.domain.spoken_time import spoken_span
from bot.store import accounts, sessions
from bot.store.sessions import Session
from handlers.door import Act, BadButton
from handlers.paging import page_of
from messages import toasts
from messages.fitting import fit_names

KIND = "sesi"
STAGES = ("title", "place", "when", "units", "journey", "messages")
ROOM_FOR_UNITS = 800
Data = dict[str, Any]


def keep(act: Act, data: Data) -> None:
    """Remember where the draft stands."""
    accounts.set_conversation(act.db, act.now, act.telegram_id, KIND, data)


def of_button(act: Act, kind: str = KIND) -> Data:
    """Return the data of the conversation that a button belongs to; raises BadButton when it is over."""
    found = accounts.conversation(act.db, act.telegram_id)
    if found is None or found[0] != kind or found[1]["key"] != act.arg(0):
        raise BadButton
    return found[1]


def session_of(act: Act, session_id: int) -> Session:
    """Return a session; raises BadButton for one that is not there."""
    try:
        return sessions.get(act.db, session_id)
    except LookupError:
        raise BadButton from None


def live_session(act: Act, session_id: int) -> Session | None:
    """Return a session that is not cancelled, or say that it is."""
    session = session_of(act, session_id)
    if session.cancelled:
        act.toast = toasts.SESSION_CANCELLED
        return None
    return session


def go_on(act: Act, data: Data) -> None:
    """After a step: the next one, or the read-back once all was said."""
    if data["review"]:
        show_review(act, data)
        return
    following = STAGES[STAGES.index(data["stage"]) + 1 :]
    if following and following[0] == "journey" and data["journey"] is not None:
        following = following[1:]
    if following:
        ask(act, data | {"stage": following[0]})
    else:
        show_review(act, data)


def ask(act: Act, data: Data) -> None:
    """Ask for what the stage awaits."""
    keep(act, data)
    stage, key = data["stage"], data["key"]
    if stage == "units":
        list_units(act, data, 1)
    elif stage == "journey":
        choices = [{"id": number, "label": title} for number, (_, title) in enumerate(journeys(act))]
        act.reply("admin_session_journey", key=key, choices=choices)
    elif stage == "messages":
        act.reply("admin_session_messages", key=key, messages=data["messages"], most=MOST_MESSAGES, fault=None)
    else:
        act.reply(f"admin_session_{stage}", key=key, fault=None, longest=LONGEST.get(stage))


def list_units(act: Act, data: Data, page: int, edit: int = 0) -> None:
    """The units, those chosen with a tick, paged."""
    known = sessions.units(act.db)
    chosen = set(data["units"])
    shown, turning = page_of(known, page)
    names, more = fit_names([name for unit, name in known if unit in chosen], ROOM_FOR_UNITS)
    act.reply(
        "admin_session_units",
        key=data["key"],
        choices=[{"id": unit, "label": f"✓ {name}" if unit in chosen else name} for unit, name in shown],
        total=len(known),
        chosen=len(chosen & {unit for unit, _ in known}),
        names=names,
        more=more,
        edit=edit,
        **turning,
    )


def show_review(act: Act, data: Data) -> None:
    """Read the draft back, with [Simpan], [Ubah], [Batal]."""
    data |= {"stage": "review", "review": True}
    keep(act, data)
    known = dict(sessions.units(act.db))
    names, more = fit_names([known[unit] for unit in data["units"] if unit in known], ROOM_FOR_UNITS)
    session = None if data["session"] is None else session_of(act, data["session"])
    act.reply(
        "admin_session_review",
        key=data["key"],
        new=session is None,
        title=data["title"],
        place=data["place"],
        start=data["start"],
        end=data["end"],
        units=names,
        more_units=more,
        people=people_invited(act, data["units"]),
        journey=dict(journeys(act)).get(data["journey"], data["journey"]),
        messages=data["messages"],
        days=_days_until(act, data["start"]),
        workday=is_workday(act, data["start"]),
        told=_told_of_place(act, session, data["place"]),
    )


def hours_in(act: Act, *, past: bool = False) -> tuple[tuple[datetime, datetime] | None, str | None]:
    """Return the hours that a message names (UTC), or None and what is wrong; `past`: they may be over."""
    found = spoken_span(act.text, act.now.astimezone(act.house.config.schedule.zone))
    if found is None:
        return None, "form"
    start, end = (moment.astimezone(UTC) for moment in found)
    if end <= start:
        return None, "order"
    if end <= act.now and not past:
        return None, "past"
    return (start, end), None


def journeys(act: Act) -> list[tuple[str, str]]:
    """Return the journeys of the content: id and title, the usual one first."""
    known = [(journey.id, journey.title) for journey in act.house.rules.journeys.values()]
    return sorted(known, key=lambda found: (found[0] != "default", found[1]))


def people_invited(act: Act, unit_ids: list[int]) -> int:
    """Return how many people the units have now."""
    return sum(sessions.unit_sizes(act.db).get(unit, 0) for unit in unit_ids)


def loaded(act: Act, session: Session) -> Data:
    """Return a session's data as a draft to be changed."""
    return {
        "key": act.row,
        "session": session.id,
        "stage": "review",
        "review": True,
        "title": session.title,
        "place": session.place,
        "start": to_text(session.start),
        "end": to_text(session.end),
        "units": sessions.unit_ids(act.db, session.id),
        "journey": session.journey,
        "messages": sessions.messages(act.db, session.id),
    }


def _days_until(act: Act, start: str) -> int:
    zone = act.house.config.schedule.zone
    return (from_text(start).astimezone(zone).date() - act.now.astimezone(zone).date()).days


def is_workday(act: Act, start: str) -> bool:
    """Whether the city works on the day of an instant (UTC text)."""
    calendar = act.house.rules.calendars.city
    return calendar.day_off(calendar.local_day(from_text(start))) is None


def _told_of_place(act: Act, session: Session | None, place: str) -> int:
    """Return how many will be told of another place: who takes part, while the session is ahead."""
    if session is None or session.place == place or session.start <= act.now:
        return 0
    return len(sessions.who_knows(act.db, session.id))
