"""In the hall: who opens a session's code there is present, and a guest where not invited."""

from datetime import datetime, timedelta

from bot.store import ledger, planning, sessions
from bot.store.planning import HORIZON
from bot.store.sessions import Session
from handlers.door import Act

DOORS_OPEN = timedelta(minutes=60)


def scanned(act: Act, person_id: int, session: Session) -> None:
    """A session's link, opened by who has joined already."""
    if closed(act, session):
        act.reply("session_closed", title=session.title, cancelled=session.cancelled)
        return
    here = in_the_hall(session, act.now)
    guest = not sessions.is_invited(act.db, session.id, person_id)
    if guest and not here:
        act.reply("already_joined", title=None)
        return
    known = ledger.participant(act.db, session.id, person_id) is not None
    participant_id = planning.enrol(act.db, act.now, session, person_id, guest=guest)
    checked_in = here and ledger.check_in(act.db, participant_id, act.now)
    if not known or checked_in:
        _plan(act, session, person_id)
    if guest and not known:
        act.reply("guest", title=session.title)
    elif checked_in:
        act.reply("checked_in", title=session.title)
    else:
        act.reply("already_joined", title=session.title)


def joined_in_the_hall(act: Act, session_id: int | None, person_id: int) -> None:
    """Note as present who joins while the session runs."""
    session = sessions.get(act.db, session_id) if session_id is not None else None
    if session is not None and in_the_hall(session, act.now) and not session.cancelled:
        ledger.check_in(act.db, planning.enrol(act.db, act.now, session, person_id), act.now)
        _plan(act, session, person_id)


def in_the_hall(session: Session, now: datetime) -> bool:
    """Whether the doors are open: from an hour before the session until its end."""
    return session.start - DOORS_OPEN <= now <= session.end


def closed(act: Act, session: Session) -> bool:
    """Whether a session's link is of no use any more."""
    return session.cancelled or act.now >= session.end + HORIZON


def _plan(act: Act, session: Session, person_id: int) -> None:
    row = ledger.participant(act.db, session.id, person_id)
    if row is not None:
        planning.plan_participant(act.db, act.now, act.house.rules, session, row)
