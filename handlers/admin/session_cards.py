"""/sesi: the newest sessions, and the card of one."""

from bot.clock import to_text
from bot.domain.access import Right
from bot.store import ledger, sessions
from bot.store.sessions import Session
from handlers.coordinator.own_units import deep_link
from handlers.door import Act, BadButton, Doing
from messages import formats
from messages.fitting import fit_names
from messages.words_staff import SESSION_STATES

LISTED = 10
ROOM_FOR_UNITS = 800


def sessions_list(act: Act) -> None:
    """/sesi: the newest ten."""
    known = sessions.every(act.db)
    zone = act.house.config.schedule.zone
    choices = [
        {"id": session.id, "label": f"{formats.day_short(session.start, zone)} {session.title}"}
        for session in known[:LISTED]
    ]
    listed = [
        {
            "title": session.title,
            "start": to_text(session.start),
            "end": to_text(session.end),
            "state": SESSION_STATES[session.state(act.now)],
        }
        for session in known[:LISTED]
    ]
    act.reply("admin_sessions", sessions=listed, choices=choices, total=len(known))


def card(act: Act) -> None:
    """One session: state, numbers, ledger, link; then its code as a picture."""
    session = _session(act)
    state = session.state(act.now)
    link = deep_link(act, session.payload)
    units, more_units = fit_names(sessions.unit_names(act.db, session.id), ROOM_FOR_UNITS)
    act.reply(
        "admin_session_card",
        session_id=session.id,
        title=session.title,
        place=session.place,
        journey=_journey_title(act, session),
        start=to_text(session.start),
        end=to_text(session.end),
        state=SESSION_STATES[state],
        units=units,
        more_units=more_units,
        counts=sessions.counts(act.db, session),
        tally=ledger.tally(act.db, session.id),
        link=link,
        payload=session.payload,
        can_remind=state == "planned",
        can_report=state != "cancelled",
    )
    if link is not None and state != "cancelled":
        act.reply("session_qr", session_id=session.id)


def poster(act: Act) -> None:
    """[Poster (PDF)]: the sheet for the hall."""
    act.reply("session_poster", session_id=_session(act).id)


def _journey_title(act: Act, session: Session) -> str:
    journey = act.house.library.journeys.get(session.journey)
    return journey.title if journey else session.journey


def _session(act: Act) -> Session:
    try:
        return sessions.get(act.db, act.arg(0))
    except LookupError:
        raise BadButton from None


COMMANDS: dict[str, tuple[Right, Doing]] = {"sesi": (Right.ADMIN, sessions_list)}
BUTTONS: dict[str, tuple[Right, Doing]] = {"session": (Right.ADMIN, card), "poster": (Right.ADMIN, poster)}
