"""A touch on its way: let through the gate, sent, shown, reminded of, answered, skipped, closed."""

import sqlite3
from datetime import date, datetime, timedelta

from bot.clock import to_text
from bot.store.ledger import UNSENT, decide

# What may still close untouched; in the words of the index touchpoint_closes.
CLOSING = (
    "closes_at IS NOT NULL AND state = 'sent' AND started_at IS NULL AND answered_at IS NULL AND skipped_at IS NULL"
)


def begin(db: sqlite3.Connection, now: datetime, person_id: int, day: date, source: str, *, counts: bool) -> int:
    """Begin a touch of a person on a local day; returns its id."""
    return (
        db.execute(
            "INSERT INTO touch (person_id, day, released_at, source, counts) VALUES (?, ?, ?, ?, ?)",
            (person_id, day.isoformat(), to_text(now), source, int(counts)),
        ).lastrowid
        or 0
    )


def on_day(db: sqlite3.Connection, person_id: int, day: date) -> int:
    """Return how many touches that count the person has had on a local day."""
    return int(
        db.execute(
            "SELECT count(*) FROM touch WHERE person_id = ? AND day = ? AND counts = 1",
            (person_id, day.isoformat()),
        ).fetchone()[0]
    )


def uncount(db: sqlite3.Connection, touch_id: int) -> None:
    """Let a touch that did not reach the person take nobody's place among the day's."""
    db.execute("UPDATE touch SET counts = 0 WHERE id = ?", (touch_id,))


def release(
    db: sqlite3.Connection,
    now: datetime,
    touchpoint_id: int,
    touch_id: int,
    rule: str,
    *,
    closes: datetime | None,
    remind: datetime | None,
) -> None:
    """Let a touchpoint through the gate: it is with the outbox now."""
    db.execute(
        "UPDATE touchpoint SET state = 'released', look_at = NULL, touch_id = ?, released_at = ?,"
        " reason = ?, closes_at = ?, remind_at = ? WHERE id = ?",
        (touch_id, to_text(now), rule, closes and to_text(closes), remind and to_text(remind), touchpoint_id),
    )
    decide(db, now, touchpoint_id, "released", rule)


def release_again(db: sqlite3.Connection, now: datetime, touchpoint_id: int) -> None:
    """Let a touchpoint that expired unsent go after all, because the person came."""
    db.execute(
        "UPDATE touchpoint SET state = 'released', released_at = coalesce(released_at, ?), reason = 'asked_for'"
        " WHERE id = ? AND state = 'expired'",
        (to_text(now), touchpoint_id),
    )
    decide(db, now, touchpoint_id, "released", "asked_for")


def sent(db: sqlite3.Connection, now: datetime, touchpoint_id: int) -> None:
    """Note that Telegram took the touchpoint's message; whoever is quick has answered it by then."""
    db.execute(
        "UPDATE touchpoint SET state = 'sent', sent_at = ? WHERE id = ? AND (state = 'released'"
        " OR state = 'answered_early' AND sent_at IS NULL AND answered_at >= released_at)",
        (to_text(now), touchpoint_id),
    )


def show(
    db: sqlite3.Connection, telegram_id: int, message_id: int, touchpoint_id: int, question_id: int | None
) -> None:
    """Remember which message of the chat shows a touchpoint, so that a reply finds it."""
    db.execute(
        "INSERT OR REPLACE INTO shown (telegram_id, message_id, touchpoint_id, question_id) VALUES (?, ?, ?, ?)",
        (telegram_id, message_id, touchpoint_id, question_id),
    )


def open_of(db: sqlite3.Connection, person_id: int) -> list[sqlite3.Row]:
    """Return what was sent to the person and awaits something, oldest first."""
    return db.execute(
        "SELECT * FROM touchpoint WHERE person_id = ? AND state = 'sent' AND answered_at IS NULL"
        " AND skipped_at IS NULL AND closed_at IS NULL AND kind NOT IN ('reminder', 'recap') ORDER BY sent_at, id",
        (person_id,),
    ).fetchall()


def open_beside(db: sqlite3.Connection, row: sqlite3.Row, kind: str) -> list[sqlite3.Row]:
    """Return the touchpoints of this kind in the same touch that are neither answered nor skipped."""
    return db.execute(
        "SELECT * FROM touchpoint WHERE touch_id = ? AND kind = ? AND answered_at IS NULL AND skipped_at IS NULL",
        (row["touch_id"], kind),
    ).fetchall()


def of_kind(db: sqlite3.Connection, participant_id: int, kind: str) -> sqlite3.Row | None:
    """Return a participant's touchpoint of a kind of which a journey has one, or None."""
    found: sqlite3.Row | None = db.execute(
        "SELECT * FROM touchpoint WHERE participant_id = ? AND kind = ?", (participant_id, kind)
    ).fetchone()
    return found


def put_reminder_off(db: sqlite3.Connection, now: datetime, touchpoint_id: int, rule: str, until: datetime) -> None:
    """Remind later, with the rule that says so."""
    db.execute("UPDATE touchpoint SET remind_at = ? WHERE id = ?", (to_text(until), touchpoint_id))
    decide(db, now, touchpoint_id, "reminder deferred", rule, until)


def reminded(db: sqlite3.Connection, now: datetime, touchpoint_id: int, rule: str) -> None:
    """Note that the person is reminded, which happens once."""
    db.execute("UPDATE touchpoint SET remind_at = NULL, reminded_at = ? WHERE id = ?", (to_text(now), touchpoint_id))
    decide(db, now, touchpoint_id, "reminded", rule)


def drop_reminders(db: sqlite3.Connection, now: datetime, person_id: int) -> None:
    """Drop what was due and did not go: a step that is done, closed or never delivered has nothing to remind of."""
    db.execute(
        "UPDATE touchpoint SET remind_at = NULL WHERE person_id = ? AND remind_at <= ?", (person_id, to_text(now))
    )


def asked_again_at(db: sqlite3.Connection, row: sqlite3.Row, at: datetime, leaves: timedelta) -> None:
    """Let the repetition that the person asked for be the reminder, and leave so long to answer it."""
    closes = max(row["closes_at"], to_text(at + leaves)) if row["closes_at"] else None
    db.execute("UPDATE touchpoint SET remind_at = NULL, closes_at = ? WHERE id = ?", (closes, row["id"]))


def start(db: sqlite3.Connection, now: datetime, touchpoint_id: int) -> None:
    """Note the person's first act on a touchpoint: from now on it is not cut off."""
    db.execute(
        "UPDATE touchpoint SET started_at = coalesce(started_at, ?) WHERE id = ?",
        (to_text(now), touchpoint_id),
    )


def answered(db: sqlite3.Connection, now: datetime, row: sqlite3.Row) -> bool:
    """Note that a touchpoint is done; returns False when it was done before.

    An answer after the touch closed untouched is late; one before it was sent means it need not be.
    """
    if row["answered_at"] is not None:
        return False
    late = row["closed_at"] is not None
    state = row["state"]
    if state in UNSENT or state == "released":
        state = "answered_early"
    elif state == "expired":
        state, late = "sent", True
    db.execute(
        "UPDATE touchpoint SET answered_at = ?, started_at = coalesce(started_at, ?), late = ?, state = ?,"
        " remind_at = NULL, look_at = NULL, skipped_at = NULL,"
        " sent_at = CASE WHEN ? = 'sent' THEN coalesce(sent_at, ?) ELSE sent_at END WHERE id = ?",
        (to_text(now), to_text(now), int(late), state, state, to_text(now), row["id"]),
    )
    return True


def skip(db: sqlite3.Connection, now: datetime, touchpoint_id: int) -> None:
    """Note that the person chose to skip; counts as done, not as answered."""
    db.execute(
        "UPDATE touchpoint SET skipped_at = ?, remind_at = NULL"
        " WHERE id = ? AND answered_at IS NULL AND skipped_at IS NULL",
        (to_text(now), touchpoint_id),
    )


def close_expired(db: sqlite3.Connection, now: datetime) -> list[int]:
    """Close what was sent, not touched, and is past its time; returns the touchpoints' ids."""
    rows = db.execute(
        "UPDATE touchpoint SET closed_at = ?, closes_at = NULL, remind_at = NULL"  # noqa: S608 - a constant
        f" WHERE {CLOSING} AND closes_at <= ? RETURNING id",
        (to_text(now), to_text(now)),
    ).fetchall()
    for row in rows:
        decide(db, now, row["id"], "closed", "unanswered")
    return [row["id"] for row in rows]
