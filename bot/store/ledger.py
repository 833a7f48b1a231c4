"""The ledger: participants, the touchpoints planned for them, and every decision about those.

On its way to the person and back a touchpoint is in bot/store/touches.py.
"""

import secrets
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from bot.clock import to_text
from bot.domain.journey import Kind
from bot.store import outbox

UNSENT = ("planned", "deferred")
# A step cancelled by one of these rules comes back when the cause is gone and its time is still ahead.
REVIVABLE = ("joined_late", "session_cancelled", "withdrawn", "not_them", "gone", "not_invited")


def participant(db: sqlite3.Connection, session_id: int, person_id: int) -> sqlite3.Row | None:
    """Return the participant row of a person in a session, or None."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM participant WHERE session_id = ? AND person_id = ?", (session_id, person_id)
    ).fetchone()
    return row


def participant_by_id(db: sqlite3.Connection, participant_id: int) -> sqlite3.Row | None:
    """Return a participant row, or None where there is none (any more)."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM participant WHERE id = ?", (participant_id,)).fetchone()
    return row


def participants(db: sqlite3.Connection, session_id: int) -> list[sqlite3.Row]:
    """Return all participants of a session."""
    return db.execute("SELECT * FROM participant WHERE session_id = ? ORDER BY id", (session_id,)).fetchall()


def add_participant(db: sqlite3.Connection, session_id: int, person_id: int, joined: datetime, *, guest: bool) -> int:
    """Make the person a participant (once); returns the participant's id."""
    db.execute(
        "INSERT INTO participant (session_id, person_id, joined_at, guest) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (session_id, person_id) DO UPDATE SET joined_at = max(joined_at, excluded.joined_at)",
        (session_id, person_id, to_text(joined), int(guest)),
    )
    found = participant(db, session_id, person_id)
    if found is None:
        return 0
    # What a list or a hand marked before the person joined.
    marked = db.execute(
        "SELECT present, at FROM attendance WHERE session_id = ? AND person_id = ?", (session_id, person_id)
    ).fetchone()
    if marked is not None and found["checked_in_at"] is None and found["absent_at"] is None:
        column = "checked_in_at" if marked["present"] else "absent_at"
        db.execute(
            f"UPDATE participant SET {column} = ? WHERE id = ?",  # noqa: S608 - one of two constants
            (marked["at"], found["id"]),
        )
    return int(found["id"])


def draw_half(db: sqlite3.Connection, participant_id: int) -> None:
    """Draw, once and at random, whether a participant is of the half that starts a week later."""
    db.execute("UPDATE participant SET later = ? WHERE id = ? AND later IS NULL", (secrets.randbits(1), participant_id))


def check_in(db: sqlite3.Connection, participant_id: int, now: datetime) -> bool:
    """Note that the participant is in the hall; returns False when that was known."""
    return (
        db.execute(
            "UPDATE participant SET checked_in_at = ?, absent_at = NULL WHERE id = ? AND checked_in_at IS NULL",
            (to_text(now), participant_id),
        ).rowcount
        == 1
    )


def touchpoint(db: sqlite3.Connection, touchpoint_id: int) -> sqlite3.Row | None:
    """Return a touchpoint, or None."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM touchpoint WHERE id = ?", (touchpoint_id,)).fetchone()
    return row


def own_touchpoint(db: sqlite3.Connection, touchpoint_id: int, telegram_id: int) -> sqlite3.Row | None:
    """Return a touchpoint if it belongs to the person bound to this Telegram user, else None."""
    row: sqlite3.Row | None = db.execute(
        "SELECT t.* FROM touchpoint t JOIN account a ON a.person_id = t.person_id"
        " WHERE t.id = ? AND a.telegram_id = ? AND a.withdrawn_at IS NULL",
        (touchpoint_id, telegram_id),
    ).fetchone()
    return row


def plan_step(
    db: sqlite3.Connection,
    now: datetime,
    participant_row: sqlite3.Row,
    step: str,
    kind: str,
    *,
    due: datetime | None,
    until: datetime | None,
    notice: bool,
    past: str | None,
    moved_by: str = "replanned",
) -> None:
    """Write a step into the ledger, or give an unsent one its new time. What was sent stays as it is."""
    state, rule = ("cancelled", past) if past else ("planned", "planned")
    look = None if past or due is None else due
    known = db.execute(
        "SELECT id, state, due_at, reason, touch_id FROM touchpoint WHERE participant_id = ? AND step = ?",
        (participant_row["id"], step),
    ).fetchone()
    due_text, until_text = _text(due), _text(until)
    if known is None:
        row_id = db.execute(
            "INSERT INTO touchpoint (participant_id, person_id, session_id, step, kind, state, notice,"
            " due_at, look_at, unsent_until, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                participant_row["id"],
                participant_row["person_id"],
                participant_row["session_id"],
                step,
                kind,
                state,
                int(notice),
                due_text,
                _text(look),
                until_text,
                rule,
            ),
        ).lastrowid
        decide(db, now, row_id or 0, state, rule, due)
        return
    if kind == Kind.PREQUIZ and known["state"] == "sent" and until is not None:
        # It closes as the session starts, also when that moves.
        db.execute(
            "UPDATE touchpoint SET closes_at = ? WHERE id = ? AND closes_at IS NOT NULL", (until_text, known["id"])
        )
    called_back = known["state"] == "released" and known["due_at"] != due_text and call_back(db, now, known["touch_id"])
    revivable = known["state"] == "cancelled" and known["reason"] in REVIVABLE
    if known["state"] not in UNSENT and not called_back and not (revivable and past is None):
        return
    if known["state"] in UNSENT and past is None and known["due_at"] == due_text:
        # What the gate decided stands; but a start that moved within the day changes how long it makes sense.
        db.execute("UPDATE touchpoint SET unsent_until = ? WHERE id = ?", (until_text, known["id"]))
        return
    db.execute(
        "UPDATE touchpoint SET state = ?, notice = ?, due_at = ?, look_at = ?, unsent_until = ?, reason = ?"
        " WHERE id = ?",
        (state, int(notice), due_text, _text(look), until_text, rule, known["id"]),
    )
    decide(db, now, known["id"], state, rule if past else moved_by, due)


def call_back(db: sqlite3.Connection, now: datetime, touch_id: int | None) -> bool:
    """Take a touch back that is with the outbox and not on the wire; returns False when it is too late.

    Its steps are due together, so that all of them are given their new time in the same go.
    """
    if touch_id is None or not outbox.cancel_key(db, f"touch:{touch_id}:*", now, "replanned"):
        return False
    for row in db.execute(
        "SELECT id FROM touchpoint WHERE touch_id = ? AND state = 'released'", (touch_id,)
    ).fetchall():
        # It is held again under the same key.
        db.execute("DELETE FROM outbox WHERE dedupe_key = ? AND state = 'waiting'", (outbox.held_key(row["id"]),))
    db.execute(
        "UPDATE touch SET counts = 0 WHERE id = :touch AND NOT EXISTS"
        " (SELECT 1 FROM touchpoint WHERE touch_id = :touch AND state = 'sent')",
        {"touch": touch_id},
    )
    db.execute(
        "UPDATE touchpoint SET state = 'planned', touch_id = NULL, released_at = NULL, closes_at = NULL,"
        " remind_at = NULL WHERE touch_id = ? AND state = 'released'",
        (touch_id,),
    )
    return True


def take_back(db: sqlite3.Connection, now: datetime, participant_id: int) -> None:
    """Give what is with the outbox, and not on the wire, back to the gate, which judges it anew."""
    for row in db.execute(
        "SELECT DISTINCT touch_id FROM touchpoint WHERE participant_id = ? AND state = 'released'", (participant_id,)
    ).fetchall():
        ids = [found["id"] for found in db.execute("SELECT id FROM touchpoint WHERE touch_id = ?", (row["touch_id"],))]
        if call_back(db, now, row["touch_id"]):
            for touchpoint_id in ids:
                db.execute("UPDATE touchpoint SET look_at = ? WHERE id = ?", (to_text(now), touchpoint_id))
                decide(db, now, touchpoint_id, "planned", "replanned")


def revive_absent(db: sqlite3.Connection, now: datetime, participant_id: int) -> None:
    """Put back what was cancelled because the participant was marked absent, which was a mistake."""
    for row in db.execute(
        "UPDATE touchpoint SET state = 'planned', reason = 'replanned', look_at = due_at"
        " WHERE participant_id = ? AND state = 'cancelled' AND reason = 'absent' RETURNING id",
        (participant_id,),
    ).fetchall():
        decide(db, now, row["id"], "planned", "replanned")


def revive(db: sqlite3.Connection, now: datetime, person_id: int) -> None:
    """Put back what was cancelled because the person could not be reached and is not past yet."""
    for row in db.execute(
        "SELECT id, due_at FROM touchpoint WHERE person_id = ? AND state = 'cancelled' AND reason = 'blocked'"
        " AND (due_at IS NULL OR due_at > ?)",
        (person_id, to_text(now)),
    ).fetchall():
        db.execute(
            "UPDATE touchpoint SET state = 'planned', reason = 'reachable_again', look_at = due_at WHERE id = ?",
            (row["id"],),
        )
        decide(db, now, row["id"], "planned", "reachable_again")


def decide(
    db: sqlite3.Connection,
    now: datetime,
    touchpoint_id: int,
    what: str,
    rule: str,
    until: datetime | None = None,
) -> None:
    """Write down a decision about a touchpoint: what, by which rule, until when."""
    db.execute(
        "INSERT INTO decision (touchpoint_id, at, what, rule, until) VALUES (?, ?, ?, ?, ?)",
        (touchpoint_id, to_text(now), what, rule, _text(until)),
    )


def decide_all(db: sqlite3.Connection, now: datetime, touchpoint_ids: Iterable[int], what: str, rule: str) -> None:
    """Write down one decision about many touchpoints."""
    db.executemany(
        "INSERT INTO decision (touchpoint_id, at, what, rule) VALUES (?, ?, ?, ?)",
        [(one, to_text(now), what, rule) for one in touchpoint_ids],
    )


def close_unsent(db: sqlite3.Connection, now: datetime, ids: Iterable[int], state: str, rule: str) -> None:
    """End touchpoints that were not sent: expired or cancelled, by a rule."""
    for touchpoint_id in ids:
        changed = db.execute(
            "UPDATE touchpoint SET state = ?, look_at = NULL, reason = ?"
            " WHERE id = ? AND state IN ('planned', 'deferred', 'released')",
            (state, rule, touchpoint_id),
        ).rowcount
        if changed:
            decide(db, now, touchpoint_id, state, rule)


def cancel_unsent_of(
    db: sqlite3.Connection,
    now: datetime,
    rule: str,
    *,
    person_id: int | None = None,
    session_id: int | None = None,
    participant_id: int | None = None,
) -> None:
    """Cancel all that is unsent of a person, a session or a participant, and stop what is open from reminding."""
    given = {"person_id": person_id, "session_id": session_id, "participant_id": participant_id}
    column, key = next((name, value) for name, value in given.items() if value is not None)
    ids = [
        row["id"]
        for row in db.execute(
            f"SELECT id FROM touchpoint WHERE {column} = ?"  # noqa: S608 - one of three constants
            " AND state IN ('planned', 'deferred', 'released')",
            (key,),
        )
    ]
    close_unsent(db, now, ids, "cancelled", rule)
    db.execute(
        f"UPDATE touchpoint SET remind_at = NULL WHERE {column} = ?",  # noqa: S608 - one of three constants
        (key,),
    )


def defer(db: sqlite3.Connection, now: datetime, touchpoint_id: int, rule: str, until: datetime) -> None:
    """Put an unsent touchpoint off, with the rule that did it."""
    db.execute(
        "UPDATE touchpoint SET state = 'deferred', look_at = ?, reason = ?, touch_id = NULL,"
        " released_at = NULL WHERE id = ?",
        (to_text(until), rule, touchpoint_id),
    )
    decide(db, now, touchpoint_id, "deferred", rule, until)


def last_deferral(db: sqlite3.Connection, touchpoint_id: int) -> str | None:
    """Return the rule that put a touchpoint off last, or None."""
    found = db.execute(
        "SELECT rule FROM decision WHERE touchpoint_id = ? AND what = 'deferred' ORDER BY id DESC LIMIT 1",
        (touchpoint_id,),
    ).fetchone()
    return found["rule"] if found else None


def next_due(db: sqlite3.Connection, row: sqlite3.Row, kind: str) -> str | None:
    """Return when the participant of this touchpoint is next due for a step of that kind, or None."""
    found: str | None = db.execute(
        "SELECT min(due_at) FROM touchpoint WHERE participant_id = ? AND kind = ? AND state IN ('planned', 'deferred')",
        (row["participant_id"], kind),
    ).fetchone()[0]
    return found


def tally(db: sqlite3.Connection, session_id: int) -> dict[str, int]:
    """Return the session's ledger: six disjoint states whose sum is every Participant x Step, and of the
    sent ones answered, late among them, skipped. Reminder steps are not counted."""
    row = db.execute(
        "SELECT coalesce(sum(state IN ('planned', 'released')), 0) AS planned,"
        " coalesce(sum(state = 'deferred'), 0) AS deferred, coalesce(sum(state = 'sent'), 0) AS sent,"
        " coalesce(sum(state = 'answered_early'), 0) AS answered_early,"
        " coalesce(sum(state = 'expired'), 0) AS expired, coalesce(sum(state = 'cancelled'), 0) AS cancelled,"
        " coalesce(sum(state = 'sent' AND answered_at IS NOT NULL), 0) AS answered,"
        " coalesce(sum(state = 'sent' AND answered_at IS NOT NULL AND late), 0) AS late,"
        " coalesce(sum(state = 'sent' AND answered_at IS NULL AND skipped_at IS NOT NULL), 0) AS skipped"
        " FROM touchpoint WHERE session_id = ? AND kind <> 'reminder'",
        (session_id,),
    ).fetchone()
    return {key: int(row[key]) for key in row.keys()}  # noqa: SIM118 - a Row iterates over values


def trace(db: sqlite3.Connection, person_id: int) -> list[sqlite3.Row]:
    """Return every touchpoint of a person, by due time; never a word of an answer."""
    return db.execute(
        "SELECT t.step, t.session_id, s.title AS session, t.state, t.due_at, t.released_at, t.reason,"
        " t.sent_at, t.answered_at, t.skipped_at, t.closed_at, t.late FROM touchpoint t"
        " JOIN session s ON s.id = t.session_id WHERE t.person_id = ?"
        " ORDER BY t.due_at IS NULL, t.due_at, t.id",
        (person_id,),
    ).fetchall()


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else to_text(moment)
