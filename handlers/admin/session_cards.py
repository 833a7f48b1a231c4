"""/sesi: the sessions, paged, and the card of one."""

from bot.clock import to_text
from bot.domain.access import Right
from bot.store import attendance, ledger, sessions
from bot.store.sessions import Session
from handlers.admin.session_draft import ROOM_FOR_UNITS, journeys, session_of
from handlers.door import Act, Doing
from handlers.paging import PAGE, page_at
from messages import formats
from messages.fitting import fit_names
from messages.words_staff import SESSION_STATES


def sessions_list(act: Act) -> None:
    """/sesi: the newest first."""
    _list(act, 1)


def turn(act: Act) -> None:
    """Another page of sessions."""
    _list(act, act.arg(0), edit=act.message.message_id if act.message else 0)


def card(act: Act) -> None:
    """One session of the list."""
    show(act, session_of(act, act.arg(0)))


def show(act: Act, session: Session) -> None:
    """The card: state, numbers, ledger, link; then the session's code as a picture."""
    state = session.state(act.now)
    link = act.link(session.payload)
    units, more_units = fit_names(sessions.unit_names(act.db, session.id), ROOM_FOR_UNITS)
    act.reply(
        "admin_session_card",
        session_id=session.id,
        title=session.title,
        place=session.place,
        start=to_text(session.start),
        end=to_text(session.end),
        state=SESSION_STATES[state],
        live=state != "cancelled",
        units=units,
        more_units=more_units,
        journey=dict(journeys(act)).get(session.journey, session.journey),
        quotes=len(sessions.messages(act.db, session.id)),
        counts=sessions.counts(act.db, session) | {"absent": attendance.counts(act.db, session.id)["absent"]},
        tally=ledger.tally(act.db, session.id),
        link=link,
        payload=session.payload,
        can_remind=state == "planned",
        can_report=state != "cancelled",
        can_attend=state in ("running", "over"),
    )
    if link is not None and state != "cancelled":
        act.reply("session_qr", session_id=session.id)


def poster(act: Act) -> None:
    """[Poster (PDF)]: the sheet for the hall."""
    act.reply("session_poster", session_id=session_of(act, act.arg(0)).id)


def _list(act: Act, page: int, edit: int = 0) -> None:
    total = sessions.count(act.db)
    before, turning = page_at(total, page)
    shown = sessions.newest(act.db, PAGE, before)
    zone = act.house.config.schedule.zone
    act.reply(
        "admin_sessions",
        sessions=[
            {
                "title": session.title,
                "start": to_text(session.start),
                "end": to_text(session.end),
                "state": SESSION_STATES[session.state(act.now)],
            }
            for session in shown
        ],
        choices=[
            {"id": session.id, "label": f"{formats.day_short(session.start, zone)} {session.title}"}
            for session in shown
        ],
        total=total,
        edit=edit,
        **turning,
    )


COMMANDS: dict[str, tuple[Right, Doing]] = {"sesi": (Right.ADMIN, sessions_list)}
BUTTONS: dict[str, tuple[Right, Doing]] = {
    "spage": (Right.ADMIN, turn),
    "session": (Right.ADMIN, card),
    "poster": (Right.ADMIN, poster),
}
