"""`session`: add, list, show, move, cancel."""

import sqlite3
from datetime import datetime
from typing import Any

from bot.cli.context import ACTOR, Context, find_unit
from bot.cli.output import Refused, Result, fields, table
from bot.domain.session_form import LONGEST, session_text
from bot.store import facts, ledger, sessions
from bot.store.sessions import Session


def add(context: Context) -> Result:
    """Plan a session."""
    given = context.given
    title, place = _text("title", given.title), _text("place", given.place)
    messages = [_text("message", message) for message in given.message]
    start, end = times(context)
    _journey_known(context, given.journey)

    def work(db: sqlite3.Connection) -> Session:
        unit_ids = [find_unit(db, name)[0] for name in given.unit]
        session = sessions.add(
            db,
            context.now,
            title=title,
            place=place,
            start=start,
            end=end,
            unit_ids=unit_ids,
            journey=given.journey,
            messages=messages,
        )
        facts.audit(db, context.now, ACTOR, "session_add", f"session:{session.id}")
        return session

    session = context.write(work)
    document = {"id": session.id, "link": context.link(session.payload), "payload": session.payload}
    return Result(document, fields(document))


def list_all(context: Context) -> Result:
    """List all sessions, the newest start first."""
    with context.database() as db:
        found = [_card(context, db, session) for session in sessions.every(db)]
    rows = [[card[name] for name in ("id", "state", "start", "title", "units")] for card in found]
    for row, card in zip(rows, found, strict=True):
        row[-1] = ", ".join(card["units"])
    return Result({"sessions": found}, table(("id", "state", "start", "title", "units"), rows, "no sessions yet"))


def show(context: Context) -> Result:
    """Show one session with its numbers and its ledger."""
    with context.database() as db:
        session = find_session(db, context.given.id)
        tally = ledger.tally(db, session.id)
        counts = sessions.counts(db, session)
        document = _card(context, db, session) | counts | {"touchpoints": tally}
    document["journey_title"] = _journey_title(context, session.journey)
    lines = fields({name: value for name, value in document.items() if name not in ("units", "touchpoints")})
    lines += ["units", *(f"  {unit}" for unit in document["units"])]
    return Result(document, [*lines, "touchpoints", *(f"  {line}" for line in fields(tally))])


def move(context: Context) -> Result:
    """Give a session new times."""
    start, end = times(context)

    def work(db: sqlite3.Connection) -> Session:
        session = _not_cancelled(db, context.given.id)
        sessions.move(db, session.id, start, end)
        facts.audit(db, context.now, ACTOR, "session_move", f"session:{session.id}")
        return sessions.get(db, session.id)

    return _changed(context, context.write(work))


def cancel(context: Context) -> Result:
    """Cancel a session."""

    def work(db: sqlite3.Connection) -> Session:
        session = _not_cancelled(db, context.given.id)
        sessions.cancel(db, context.now, session.id)
        facts.audit(db, context.now, ACTOR, "session_cancel", f"session:{session.id}")
        return sessions.get(db, session.id)

    return _changed(context, context.write(work))


def _card(context: Context, db: sqlite3.Connection, session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "title": session.title,
        "place": session.place,
        "start": context.shown(session.start),
        "end": context.shown(session.end),
        "state": session.state(context.now),
        "link": context.link(session.payload),
        "payload": session.payload,
        "journey": session.journey,
        "units": sessions.unit_names(db, session.id),
    }


def _changed(context: Context, session: Session) -> Result:
    document = {
        "id": session.id,
        "title": session.title,
        "start": context.shown(session.start),
        "end": context.shown(session.end),
        "state": session.state(context.now),
    }
    return Result(document, [*fields(document), "a running bot acts on it at its next look"])


def find_session(db: sqlite3.Connection, session_id: int) -> Session:
    """Return a session; raises Refused for an unknown id."""
    try:
        return sessions.get(db, session_id)
    except LookupError:
        raise Refused(f"no session has the id {session_id}; see `session list`") from None


def _not_cancelled(db: sqlite3.Connection, session_id: int) -> Session:
    session = find_session(db, session_id)
    if session.cancelled:
        raise Refused(f"session {session_id} is cancelled; add a new one with `session add`")
    return session


def times(context: Context) -> tuple[datetime, datetime]:
    """Return --start and --end as instants (UTC); raises Refused."""
    start, end = context.instant(context.given.start), context.instant(context.given.end)
    if end <= start:
        raise Refused(
            f"the session ends ({context.shown(end)}) when or before it begins ({context.shown(start)}): "
            "give an --end after --start"
        )
    return start, end


def _text(name: str, raw: str) -> str:
    text, fault = session_text(name, raw)
    if fault == "empty":
        raise Refused(f"the {name} is empty: give --{name} some text")
    if fault == "long":
        raise Refused(f"the {name} is longer than {LONGEST[name]} characters: shorten it")
    return text


def _journey_title(context: Context, journey: str) -> str | None:
    """Return the journey's title; None while the content has no such journey or cannot be read."""
    from messages.library import ContentError, load_library

    try:
        journeys = load_library(context.config.content.path).journeys
    except ContentError:
        # A session is worth seeing also while somebody mends the content; `content check` names the faults.
        return None
    return journeys[journey].title if journey in journeys else None


def _journey_known(context: Context, journey: str) -> None:
    from messages.library import load_library

    journeys = load_library(context.config.content.path).journeys
    if journey not in journeys:
        raise Refused(f"no journey {journey!r} in the content; one of {', '.join(sorted(journeys))}")
