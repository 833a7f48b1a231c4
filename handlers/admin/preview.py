"""The preview of a broadcast: the draft as it will look, who gets it, when, and how long that takes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.clock import to_text
from bot.delivery.session_reminder import reminder_facts
from bot.store import audiences, outbox, sessions
from bot.store.outbox import Lane
from handlers.door import Act, BadButton
from messages.words_staff import RECIPIENT

UNITS_NAMED = 5
PEOPLE_NAMED = 5
# An album's pieces come within moments of each other; each puts the preview off by this much.
ALBUM_SETTLES = timedelta(seconds=2)


def preview(act: Act, data: dict[str, Any], *, whole: bool) -> None:
    """Queue the draft's own look, then the numbers with [Kirim], [Jadwalkan], [Batal]."""
    say = act.reply if whole else _later(act)
    if data["messages"]:
        say("copy", source_chat=act.telegram_id, messages=data["messages"])
    else:
        session = sessions.get(act.db, data["session"])
        say("reminder", **reminder_facts(session, act.now, RECIPIENT, act.house.config.schedule.zone))
    say("broadcast_preview", **numbers(act, data), edit=0)


def numbers(act: Act, data: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of the text under the draft; raises BadButton for an audience that there is not (any more)."""
    chosen = data["audience"] or {}
    try:
        size = audiences.size(act.db, act.now, chosen)
    except LookupError:
        raise BadButton from None
    weight = max(1, len(data["messages"]))
    seconds = size.accounts * weight / act.house.config.telegram.messages_per_second
    may_name = act.house.config.privacy.names_unanswered
    named = audiences.names(act.db, act.now, chosen, names_unanswered=may_name, limit=PEOPLE_NAMED)
    return {
        "key": data["key"],
        "audience": _named(act, chosen),
        "people": size.accounts,
        "names": [name for name, _ in named],
        "more_names": size.accounts - len(named),
        "never_joined": size.never_joined,
        "minutes": int(seconds // 60) + 1 if seconds >= 60 else 0,
        "urgent": data["urgent"],
        "notice": data["session"] is not None,
        "can_add_unit": chosen["kind"] == "units",
        **opening(act, urgent=data["urgent"] or data["session"] is not None),
    }


def opening(act: Act, *, urgent: bool) -> dict[str, Any]:
    """Return when a broadcast that is sent now begins to go ("opens", None: at once)."""
    calendar = act.house.rules.calendars.city
    opens = calendar.notice_open(act.now) if urgent else calendar.next_open(act.now)
    return {"opens": to_text(opens) if opens > act.now else None}


def _later(act: Act) -> Callable[..., None]:
    """Return a way to reply once an album is whole; what an earlier piece had queued is not said."""
    outbox.cancel_key(act.db, f"album:{act.telegram_id}:*", act.now, "superseded")

    def say(template: str, **facts: Any) -> None:
        outbox.put(
            act.db,
            act.now,
            act.telegram_id,
            template,
            facts,
            key=f"album:{act.telegram_id}:{act.row}:{template}",
            lane=Lane.PEOPLE,
            not_before=act.now + ALBUM_SETTLES,
        )

    return say


def _named(act: Act, chosen: dict[str, Any]) -> dict[str, Any]:
    named: dict[str, Any] = {"kind": chosen["kind"], "names": [], "more": 0}
    if chosen["kind"] == "units":
        known = dict(sessions.units(act.db))
        names = [known[unit] for unit in chosen["units"] if unit in known]
        named |= {"names": names[:UNITS_NAMED], "more": max(0, len(names) - UNITS_NAMED)}
    elif chosen["kind"] == "session":
        named["names"] = [sessions.get(act.db, chosen["session"]).title]
    return named
