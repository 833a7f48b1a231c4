"""From sessions and journeys to touchpoints: what must stand in the ledger after each change."""

import math
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from time import monotonic

from bot.calendars import Calendars
from bot.clock import from_text
from bot.domain.journey import LATER_BY, Journey, Times, due, starts_later
from bot.domain.leave import shifted
from bot.store import accounts, leaves, ledger, people, sessions
from bot.store.sessions import Session

# A session's journey is over this long after its end; who joins later is no participant of it.
HORIZON = timedelta(days=60)


@dataclass(frozen=True)
class Rules:
    """What planning and the gate apply: the journeys, the calendars, the cap of touches a day."""

    journeys: Mapping[str, Journey]
    calendars: Calendars
    cap: int
    later_half: bool = False


def replan(db: sqlite3.Connection, now: datetime, rules: Rules, session: Session) -> None:
    """Bring the whole plan of a session up to date in one go; does nothing where it already is."""
    mark = sessions.replan_mark(db, session.id)
    plan_some(db, now, rules, begin_replan(db, now, session))
    sessions.replanned(db, session.id, mark)


def begin_replan(db: sqlite3.Connection, now: datetime, session: Session) -> Sequence[int]:
    """Make participants of those who are to be ones; returns all (ids) whose plan must be made, each by itself.

    Of a cancelled session what is unsent is cancelled, and nobody is left to plan for.
    """
    if session.cancelled:
        ledger.cancel_unsent_of(db, now, "session_cancelled", session_id=session.id)
    elif now < session.end + HORIZON:
        for person_id in sessions.invited_with_account(db, session):
            enrol(db, now, session, person_id)
        return [row["id"] for row in ledger.participants(db, session.id)]
    return ()


def plan_some(
    db: sqlite3.Connection, now: datetime, rules: Rules, participant_ids: Sequence[int], seconds: float = math.inf
) -> Sequence[int]:
    """Bring the plans of participants up to date, of one at least, until so many seconds are over.

    Returns those who are left. Whatever they stand on is read anew, so that others may write between two calls.
    """
    over = monotonic() + seconds
    for planned, participant_id in enumerate(participant_ids, 1):
        row = ledger.participant_by_id(db, participant_id)
        if row is not None:
            _bring_up_to_date(db, now, rules, sessions.get(db, row["session_id"]), row)
        if monotonic() >= over:
            return participant_ids[planned:]
    return ()


def _bring_up_to_date(
    db: sqlite3.Connection, now: datetime, rules: Rules, session: Session, participant: sqlite3.Row
) -> None:
    if session.cancelled:
        ledger.cancel_unsent_of(db, now, "session_cancelled", participant_id=participant["id"])
    elif people.person(db, participant["person_id"]).gone:
        ledger.cancel_unsent_of(db, now, "gone", participant_id=participant["id"])
    elif _left_out(db, session, participant):
        ledger.cancel_unsent_of(db, now, "not_invited", participant_id=participant["id"])
    else:
        plan_participant(db, now, rules, session, participant)


def _left_out(db: sqlite3.Connection, session: Session, participant: sqlite3.Row) -> bool:
    """Whether the participant's unit is not invited any more, before the start. Guests and who is there stay."""
    if session.frozen or participant["guest"] or participant["checked_in_at"] is not None:
        return False
    return not sessions.is_invited(db, session.id, participant["person_id"])


def enrol(db: sqlite3.Connection, now: datetime, session: Session, person_id: int, *, guest: bool = False) -> int:
    """Make a joined person a participant; returns the participant's id."""
    found = ledger.participant(db, session.id, person_id)
    if found is not None:
        return int(found["id"])
    account = accounts.account_of_person(db, person_id)
    joined = from_text(account.joined_at) if account and account.joined_at else now
    return ledger.add_participant(db, session.id, person_id, joined, guest=guest)


def plan_person(db: sqlite3.Connection, now: datetime, rules: Rules, person_id: int) -> list[Session]:
    """Enrol a person who has just joined in every session that is theirs and plan it; returns these."""
    # Whoever joins anew is back, also from a leave that a withdrawal came into.
    leaves.finish(db, now, person_id)
    theirs = [session for session in sessions.inviting(db, person_id) if now < session.end + HORIZON]
    for session in theirs:
        ledger.add_participant(db, session.id, person_id, now, guest=False)
        row = ledger.participant(db, session.id, person_id)
        if row is not None:
            plan_participant(db, now, rules, session, row)
    return theirs


def plan_participant(
    db: sqlite3.Connection,
    now: datetime,
    rules: Rules,
    session: Session,
    participant: sqlite3.Row,
    moved_by: str = "replanned",
) -> None:
    """Write every step of one participant with its time, as the anchors and the leaves stand now.

    `moved_by` is the rule that is written down where a step gets another time.
    """
    journey = rules.journeys.get(session.journey)
    if journey is None:
        return
    person = people.person(db, participant["person_id"])
    account = accounts.account_of_person(db, person.id)
    calendar = rules.calendars.of(person.unit)
    preferred = preferred_time(account)
    if rules.later_half and participant["later"] is None and now < session.end:
        # Drawn before anything of it can be known; whoever joins later is of no half.
        ledger.draw_half(db, participant["id"])
        participant = ledger.participant(db, session.id, person.id) or participant
    usual = _times(db, session, participant)
    later = replace(usual, end=usual.end + LATER_BY) if participant["later"] else usual
    away = leaves.of_person(db, person.id)
    for step in journey.steps:
        times = later if starts_later(step, journey) else usual
        planned = due(step, times, calendar, preferred)
        when = shifted(step, planned, times.anchor(step.anchor), away, calendar, preferred)
        ledger.plan_step(
            db,
            now,
            participant,
            step.id,
            step.kind.value,
            due=when.at,
            until=when.until,
            notice=when.notice,
            past=when.past,
            moved_by=moved_by,
        )


def plan_again(db: sqlite3.Connection, now: datetime, rules: Rules, person_id: int) -> None:
    """Plan anew all that a participant has, because an anchor or the preferred hour changed."""
    for row in db.execute("SELECT * FROM participant WHERE person_id = ?", (person_id,)).fetchall():
        session = sessions.get(db, row["session_id"])
        if not session.cancelled and now < session.end + HORIZON:
            plan_participant(db, now, rules, session, row)


def plan_around_leave(db: sqlite3.Connection, now: datetime, rules: Rules, person_id: int) -> None:
    """Plan anew all that waits for a person, because a leave began, changed or ended."""
    for row in db.execute(
        "SELECT * FROM participant WHERE person_id = ? AND id IN"
        " (SELECT participant_id FROM touchpoint WHERE person_id = ? AND state IN ('planned', 'deferred'))",
        (person_id, person_id),
    ).fetchall():
        session = sessions.get(db, row["session_id"])
        if not session.cancelled:
            plan_participant(db, now, rules, session, row, moved_by="shifted")


def preferred_time(account: accounts.Account | None) -> time | None:
    """Return the hour a person asked for, or None for the usual one."""
    return time.fromisoformat(account.preferred_time) if account and account.preferred_time else None


def plan_after_answer(db: sqlite3.Connection, now: datetime, rules: Rules, touchpoint: sqlite3.Row) -> None:
    """Plan the steps that hang on the answer to this one."""
    session = sessions.get(db, touchpoint["session_id"])
    journey = rules.journeys.get(session.journey)
    anchor = f"answered:{touchpoint['step']}"
    if journey is None or not any(step.anchor == anchor for step in journey.steps):
        return
    row = db.execute("SELECT * FROM participant WHERE id = ?", (touchpoint["participant_id"],)).fetchone()
    plan_participant(db, now, rules, session, row)


def _times(db: sqlite3.Connection, session: Session, participant: sqlite3.Row) -> Times:
    answered = {
        row["step"]: from_text(row["answered_at"] or row["skipped_at"])
        for row in db.execute(
            "SELECT step, answered_at, skipped_at FROM touchpoint WHERE participant_id = ?"
            " AND (answered_at IS NOT NULL OR skipped_at IS NOT NULL)",
            (participant["id"],),
        )
    }
    checked_in = participant["checked_in_at"]
    return Times(
        start=session.start,
        end=session.end,
        joined=from_text(participant["joined_at"]),
        checkin=from_text(checked_in) if checked_in else None,
        answered=answered,
    )
