"""Quizzes as they were drawn for a person, their polls and votes."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime

from bot.clock import from_text, to_text


def draw(db: sqlite3.Connection, touchpoint_id: int, person_id: int, items: Sequence[tuple[str, str]]) -> None:
    """Fix the items (id, value) of a person's quiz, in order; does nothing when they were fixed before."""
    db.executemany(
        "INSERT OR IGNORE INTO quiz_item (touchpoint_id, person_id, position, item, value) VALUES (?, ?, ?, ?, ?)",
        [(touchpoint_id, person_id, position, item, value) for position, (item, value) in enumerate(items, 1)],
    )


def items(db: sqlite3.Connection, touchpoint_id: int) -> list[sqlite3.Row]:
    """Return the items of a quiz in order."""
    return db.execute("SELECT * FROM quiz_item WHERE touchpoint_id = ? ORDER BY position", (touchpoint_id,)).fetchall()


def item(db: sqlite3.Connection, quiz_item_id: int) -> sqlite3.Row | None:
    """Return one drawn item, or None."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM quiz_item WHERE id = ?", (quiz_item_id,)).fetchone()
    return row


def next_item(db: sqlite3.Connection, touchpoint_id: int) -> sqlite3.Row | None:
    """Return the first item that is not answered, or None when the quiz is through."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM quiz_item WHERE touchpoint_id = ? AND answered_at IS NULL ORDER BY position LIMIT 1",
        (touchpoint_id,),
    ).fetchone()
    return row


def asked(
    db: sqlite3.Connection, now: datetime, quiz_item_id: int, poll_id: str, telegram_id: int, message_id: int
) -> None:
    """Remember the poll by which an item was asked; an item may have several."""
    db.execute(
        "INSERT OR REPLACE INTO poll (poll_id, quiz_item_id, telegram_id, message_id) VALUES (?, ?, ?, ?)",
        (poll_id, quiz_item_id, telegram_id, message_id),
    )
    db.execute("UPDATE quiz_item SET asked_at = coalesce(asked_at, ?) WHERE id = ?", (to_text(now), quiz_item_id))


def by_poll(db: sqlite3.Connection, poll_id: str) -> sqlite3.Row | None:
    """Return the drawn item that a poll asks, or None."""
    row: sqlite3.Row | None = db.execute(
        "SELECT q.* FROM poll p JOIN quiz_item q ON q.id = p.quiz_item_id WHERE p.poll_id = ?", (poll_id,)
    ).fetchone()
    return row


def note_unseen(db: sqlite3.Connection, quiz_item_id: int, telegram_id: int) -> None:
    """Remember that the chat may show a poll of this item whose id never came back from Telegram."""
    db.execute(
        "INSERT OR IGNORE INTO poll (poll_id, quiz_item_id, telegram_id, message_id)"
        " VALUES ('unseen:' || ?1, ?1, ?2, 0)",
        (quiz_item_id, telegram_id),
    )


def by_unseen_poll(db: sqlite3.Connection, telegram_id: int) -> sqlite3.Row | None:
    """Return the item that a poll of unknown id in this chat must be asking, or None.

    That is one whose sending is under way or was of unknown outcome, and that is not answered yet.
    """
    noted: sqlite3.Row | None = db.execute(
        "SELECT q.* FROM poll p JOIN quiz_item q ON q.id = p.quiz_item_id"
        " WHERE p.telegram_id = ? AND p.poll_id GLOB 'unseen:*' AND q.answered_at IS NULL ORDER BY q.id LIMIT 1",
        (telegram_id,),
    ).fetchone()
    if noted is not None:
        return noted
    for row in db.execute(
        "SELECT facts FROM outbox WHERE telegram_id = ? AND (state = 'leased' OR state = 'waiting' AND ambiguous > 0)"
        " ORDER BY id",
        (telegram_id,),
    ).fetchall():
        facts = json.loads(row["facts"])
        asked_now = [item(db, facts["quiz_item"])] if "quiz_item" in facts else []
        asked_now += [next_item(db, touchpoint) for touchpoint in facts.get("touchpoints", [])]
        for found in asked_now:
            if found is not None and found["answered_at"] is None:
                return found
    return None


def vote(db: sqlite3.Connection, now: datetime, quiz_item_id: int, chosen: int, *, correct: bool) -> bool:
    """Keep a vote; returns False when the item was answered before (then nothing changes)."""
    return (
        db.execute(
            "UPDATE quiz_item SET chosen = ?, correct = ?, answered_at = ? WHERE id = ? AND answered_at IS NULL",
            (chosen, int(correct), to_text(now), quiz_item_id),
        ).rowcount
        == 1
    )


def history(db: sqlite3.Connection, person_id: int) -> dict[str, list[tuple[datetime, bool]]]:
    """Return what a person answered to each item, in all sessions: when and whether right, oldest first."""
    found: dict[str, list[tuple[datetime, bool]]] = {}
    for row in db.execute(
        "SELECT item, correct, answered_at FROM quiz_item WHERE person_id = ? AND answered_at IS NOT NULL"
        " ORDER BY answered_at, id",
        (person_id,),
    ):
        found.setdefault(row["item"], []).append((from_text(row["answered_at"]), bool(row["correct"])))
    return found
