"""Leave in the store: /jeda shifts a person's journey, /lanjut (or the day) ends it.

The leaves of a person stand in one small fact, so that every later plan is made with them. Of the present
one the closing and reminding times that it put off are kept as they were: a leave that ends early, or is
made longer, is counted from these.
"""

import json
import sqlite3
from datetime import datetime
from typing import Any

from bot.clock import from_text, to_text
from bot.domain.calendar import WorkCalendar
from bot.domain.leave import Leave, moved
from bot.store import accounts, broadcasts, facts, ledger, outbox

PAUSED = "paused"
# The reason of what a person had shown before its time.
SHOWN = "asked_for"


def fact_name(person_id: int) -> str:
    """Return the name of the fact that holds a person's leaves."""
    return f"leaves:{person_id}"


def of_person(db: sqlite3.Connection, person_id: int) -> list[Leave]:
    """Return the person's leaves, oldest first; the present one ends as it is planned."""
    return [Leave(from_text(one["from"]), from_text(one["until"])) for one in _stored(db, person_id)]


def begin(
    db: sqlite3.Connection, now: datetime, account: accounts.Account, until: datetime, calendar: WorkCalendar
) -> None:
    """Pause until an instant: what is on its way is called back, what is open waits for the return.

    Of a person who is paused already the leave is made longer or shorter. The journey's plan must be made
    anew after it.
    """
    person_id = account.person_id or 0
    stored = _stored(db, person_id)
    if account.paused_until is None or not stored or "open" not in stored[-1]:
        stored.append({"from": to_text(now), "open": _open_times(db, person_id)})
    stored[-1]["until"] = to_text(until)
    _keep(db, now, person_id, stored)
    accounts.set_pause(db, account.id, until)
    _call_back(db, now, account.telegram_id, until)
    _put_off_open(db, now, person_id, stored[-1], calendar)
    for row in _waiting_at_the_gate(db, person_id):
        ledger.defer(db, now, row["id"], PAUSED, until)


def end(db: sqlite3.Connection, now: datetime, account: accounts.Account, calendar: WorkCalendar) -> None:
    """End the leave, now or when it was to end: what it put off is put off by what it really lasted.

    The journey's plan must be made anew after it.
    """
    person_id = account.person_id or 0
    accounts.set_pause(db, account.id, None)
    ended = finish(db, now, person_id)
    if ended is not None:
        _put_off_open(db, now, person_id, ended, calendar)
    db.execute(
        "UPDATE touchpoint SET look_at = ? WHERE person_id = ? AND state = 'deferred' AND reason = ?",
        (to_text(now), person_id, PAUSED),
    )


def finish(db: sqlite3.Connection, now: datetime, person_id: int) -> dict[str, Any] | None:
    """Note that the present leave lasts no longer than now; returns it as it was stored, or None."""
    stored = _stored(db, person_id)
    if not stored or "open" not in stored[-1]:
        return None
    stored[-1]["until"] = min(stored[-1]["until"], to_text(now))
    ended = dict(stored[-1])
    del stored[-1]["open"]
    _keep(db, now, person_id, stored)
    return ended


def waiting(db: sqlite3.Connection, now: datetime, person_id: int) -> list[sqlite3.Row]:
    """Return what a person who comes back finds: what is open, then what was put off; oldest first.

    A reaction comes with its reflection, and a pre-quiz has lost its sense once the session runs.
    """
    return db.execute(
        "SELECT t.* FROM touchpoint t JOIN session s ON s.id = t.session_id WHERE t.person_id = ?"
        " AND t.kind NOT IN ('reminder', 'recap') AND (t.kind <> 'prequiz' OR s.start_at > ?)"
        " AND s.cancelled_at IS NULL AND t.answered_at IS NULL AND t.skipped_at IS NULL"
        " AND (t.state = 'sent' AND t.closed_at IS NULL OR t.state = 'deferred' AND t.notice = 0)"
        " AND (t.kind <> 'reaction' OR NOT EXISTS (SELECT 1 FROM touchpoint r WHERE r.kind = 'reflection'"
        " AND r.participant_id = t.participant_id AND r.due_at = t.due_at AND r.state = t.state"
        " AND r.answered_at IS NULL AND r.skipped_at IS NULL AND r.closed_at IS NULL))"
        " ORDER BY t.sent_at IS NULL, t.sent_at, t.due_at, t.id",
        (person_id, to_text(now)),
    ).fetchall()


def show_now(db: sqlite3.Connection, now: datetime, touchpoint_id: int) -> None:
    """Have the gate let a put-off touchpoint, and what is due together with it, through at its next look."""
    for row in db.execute(
        "SELECT o.id FROM touchpoint t JOIN touchpoint o ON o.participant_id = t.participant_id"
        " AND o.due_at = t.due_at AND o.state = 'deferred' AND o.notice = 0 WHERE t.id = ?",
        (touchpoint_id,),
    ).fetchall():
        ledger.defer(db, now, row["id"], SHOWN, now)


def beside(db: sqlite3.Connection, row: sqlite3.Row) -> list[int]:
    """Return the ids of the reactions that ride on a reflection's message."""
    found = db.execute(
        "SELECT id FROM touchpoint WHERE touch_id = ? AND kind = 'reaction' AND state = 'sent'"
        " AND answered_at IS NULL AND skipped_at IS NULL",
        (row["touch_id"],),
    )
    return [one["id"] for one in found] if row["kind"] == "reflection" else []


def forget(db: sqlite3.Connection, person_id: int) -> None:
    """Forget a person's leaves."""
    facts.drop_fact(db, fact_name(person_id))


def _stored(db: sqlite3.Connection, person_id: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(facts.fact(db, fact_name(person_id)) or "[]")
    return found


def _keep(db: sqlite3.Connection, now: datetime, person_id: int, stored: list[dict[str, Any]]) -> None:
    facts.set_fact(db, fact_name(person_id), json.dumps(stored), now)


def _open_times(db: sqlite3.Connection, person_id: int) -> dict[str, list[str | None]]:
    return {
        str(row["id"]): [row["closes_at"], row["remind_at"], row["released_at"]]
        for row in db.execute(
            "SELECT id, closes_at, remind_at, released_at FROM touchpoint WHERE person_id = ? AND state = 'sent'"
            # What closes with the session's start does not wait for anybody.
            " AND answered_at IS NULL AND skipped_at IS NULL AND closed_at IS NULL AND kind <> 'prequiz'",
            (person_id,),
        )
    }


def _put_off_open(
    db: sqlite3.Connection, now: datetime, person_id: int, stored: dict[str, Any], calendar: WorkCalendar
) -> None:
    leave = Leave(from_text(stored["from"]), from_text(stored["until"]))
    for key, (closes, remind, released) in stored["open"].items():
        row = ledger.touchpoint(db, int(key))
        done = row is None or row["answered_at"] is not None or row["skipped_at"] is not None
        if row is None or done or row["closed_at"] is not None or row["person_id"] != person_id:
            continue
        since = from_text(released) if released else leave.start
        closes_at, remind_at = (
            to_text(moved(from_text(text), leave, since, calendar)) if text else None for text in (closes, remind)
        )
        if row["reminded_at"] is not None and row["remind_at"] is None:
            remind_at = None
        if (closes_at, remind_at) == (row["closes_at"], row["remind_at"]):
            continue
        db.execute("UPDATE touchpoint SET closes_at = ?, remind_at = ? WHERE id = ?", (closes_at, remind_at, row["id"]))
        ledger.decide(db, now, row["id"], "shifted", PAUSED, from_text(closes_at) if closes_at else None)
        _put_off_held(db, row, closes_at)


def _put_off_held(db: sqlite3.Connection, selfcheck: sqlite3.Row, closes_at: str | None) -> None:
    """The recap that is held for a self-check ends with it."""
    recap = db.execute(
        "SELECT id FROM touchpoint WHERE touch_id = ? AND kind = 'recap'", (selfcheck["touch_id"],)
    ).fetchone()
    if selfcheck["kind"] == "selfcheck" and recap is not None and closes_at is not None:
        db.execute(
            "UPDATE outbox SET not_before = :at, expires_at = :at WHERE dedupe_key = :key AND state = 'waiting'",
            {"at": closes_at, "key": outbox.held_key(recap["id"])},
        )


def _call_back(db: sqlite3.Connection, now: datetime, telegram_id: int, until: datetime) -> None:
    """What is queued but not on the wire goes back to the gate; a repetition asked for is on the card."""
    _call_broadcasts_back(db, telegram_id, until)
    rows = db.execute(
        "SELECT id, facts FROM outbox WHERE telegram_id = ? AND state = 'waiting' AND template IN ('touch', 'catch_up')"
        " AND (lane = ? OR dedupe_key GLOB 'again:*') AND dedupe_key NOT GLOB 'held:*'",
        (telegram_id, int(outbox.Lane.TOUCH)),
    ).fetchall()
    for row in rows:
        db.execute(
            "UPDATE outbox SET state = 'cancelled', finished_at = ?, error = ? WHERE id = ?",
            (to_text(now), PAUSED, row["id"]),
        )
        for touchpoint_id in json.loads(row["facts"]).get("touchpoints", []):
            found = ledger.touchpoint(db, touchpoint_id)
            if found is not None and found["state"] == "released":
                ledger.defer(db, now, touchpoint_id, PAUSED, until)
                db.execute("UPDATE touchpoint SET closes_at = NULL, remind_at = NULL WHERE id = ?", (touchpoint_id,))


def _call_broadcasts_back(db: sqlite3.Connection, telegram_id: int, until: datetime) -> None:
    for row in db.execute(
        "SELECT t.id, o.id AS queued FROM outbox o JOIN broadcast b ON b.id = o.broadcast_id"
        " JOIN broadcast_target t ON t.broadcast_id = b.id AND t.telegram_id = o.telegram_id"
        " WHERE o.telegram_id = ? AND o.state = 'waiting' AND t.state = 'queued' AND t.person_id IS NOT NULL"
        # A session's reminder and what is marked urgent are notices.
        " AND b.urgent = 0 AND b.session_id IS NULL",
        (telegram_id,),
    ).fetchall():
        # The copy is queued again under the same key.
        db.execute("DELETE FROM outbox WHERE id = ?", (row["queued"],))
        broadcasts.set_target(db, row["id"], "deferred", PAUSED, until)


def _waiting_at_the_gate(db: sqlite3.Connection, person_id: int) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT id FROM touchpoint WHERE person_id = ? AND state = 'deferred' AND notice = 0 AND reason <> ?",
        (person_id, PAUSED),
    ).fetchall()
