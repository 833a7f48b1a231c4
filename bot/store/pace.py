"""How often a person wants to hear: as usual, or at most once a week; and when that is offered."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.clock import to_text
from bot.domain.calendar import WorkCalendar
from bot.store import facts

UNTOUCHED_IN_A_ROW = 3
SLOW_EVERY = timedelta(days=7)


@dataclass(frozen=True)
class Pace:
    slow: bool = False
    offered: bool = False


def fact_name(person_id: int) -> str:
    """Return the name of the fact that holds a person's pace."""
    return f"pace:{person_id}"


def of_person(db: sqlite3.Connection, person_id: int) -> Pace:
    """Return the person's pace."""
    return Pace(**json.loads(facts.fact(db, fact_name(person_id)) or "{}"))


def choose(db: sqlite3.Connection, now: datetime, person_id: int, *, slow: bool) -> None:
    """Set the pace that the person chose; it is not offered again."""
    _keep(db, now, person_id, Pace(slow=slow, offered=True))


def offered(db: sqlite3.Connection, now: datetime, person_id: int) -> None:
    """Note that slowing down was offered."""
    _keep(db, now, person_id, Pace(slow=of_person(db, person_id).slow, offered=True))


def to_offer(db: sqlite3.Connection, person_id: int) -> bool:
    """Whether the last three touches were left untouched past their reminder, and it was never offered."""
    known = of_person(db, person_id)
    if known.slow or known.offered:
        return False
    last = db.execute(
        "SELECT max(p.started_at IS NOT NULL OR p.answered_at IS NOT NULL OR p.skipped_at IS NOT NULL) AS touched,"
        " max(p.closed_at IS NOT NULL OR p.reminded_at IS NOT NULL) AS past FROM touch t"
        " JOIN touchpoint p ON p.touch_id = t.id AND p.sent_at IS NOT NULL AND p.kind <> 'recap'"
        " WHERE t.person_id = ? AND t.counts = 1 AND t.source = 'journey' GROUP BY t.id ORDER BY t.id DESC LIMIT ?",
        (person_id, UNTOUCHED_IN_A_ROW),
    ).fetchall()
    return len(last) == UNTOUCHED_IN_A_ROW and all(row["past"] and not row["touched"] for row in last)


def rest_until(
    db: sqlite3.Connection, person_id: int, calendar: WorkCalendar, preferred: time | None
) -> datetime | None:
    """Return from when on a person of the slow pace may have the next touch; None when none came before."""
    last = db.execute(
        "SELECT max(day) FROM touch WHERE person_id = ? AND counts = 1 AND source <> 'broadcast'", (person_id,)
    ).fetchone()[0]
    if last is None:
        return None
    return calendar.hour(calendar.workday_from(date.fromisoformat(last) + SLOW_EVERY), preferred)


def judge_the_rested(db: sqlite3.Connection, now: datetime, person_id: int) -> None:
    """Let the gate judge anew, now, what only the slow pace held back."""
    db.execute(
        "UPDATE touchpoint SET look_at = ? WHERE person_id = ? AND state = 'deferred' AND reason = 'slow_pace'",
        (to_text(now), person_id),
    )


def forget(db: sqlite3.Connection, person_id: int) -> None:
    """Forget a person's pace."""
    facts.drop_fact(db, fact_name(person_id))


def _keep(db: sqlite3.Connection, now: datetime, person_id: int, pace: Pace) -> None:
    facts.set_fact(db, fact_name(person_id), json.dumps({"slow": pace.slow, "offered": pace.offered}), now)
