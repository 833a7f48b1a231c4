"""Free words: the only module that reads what people wrote. Called for the writer alone (rule 12).

Whatever reads words here reads only those that the account bound to the person may see (bot/domain/access.py).
"""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import to_text
from bot.domain import plan
from bot.domain.access import phones_read
from bot.store import accounts, moves

# For this long a text without a reply belongs to the answer just begun.
STILL_THE_SAME_ANSWER = timedelta(minutes=15)


@dataclass(frozen=True)
class Words:
    """What was sent: a text, or a voice note by Telegram's file id (no audio is kept here)."""

    telegram_id: int
    message_id: int
    text: str | None = None
    file_id: str | None = None
    file_unique_id: str | None = None
    duration_seconds: int | None = None


def ask(
    db: sqlite3.Connection,
    now: datetime,
    person_id: int,
    touchpoint_id: int,
    asks: str,
    prompt_id: str | None = None,
) -> int:
    """Open a question that awaits words (once for a touchpoint and kind); returns its id."""
    found = question_of(db, touchpoint_id, asks)
    if found is not None:
        return int(found["id"])
    return (
        db.execute(
            "INSERT INTO question (person_id, touchpoint_id, asks, prompt_id, asked_at) VALUES (?, ?, ?, ?, ?)",
            (person_id, touchpoint_id, asks, prompt_id, to_text(now)),
        ).lastrowid
        or 0
    )


def question_of(db: sqlite3.Connection, touchpoint_id: int, asks: str) -> sqlite3.Row | None:
    """Return a touchpoint's question of a kind, or None."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM question WHERE touchpoint_id = ? AND asks = ?", (touchpoint_id, asks)
    ).fetchone()
    return row


def own_question(db: sqlite3.Connection, question_id: int, telegram_id: int) -> sqlite3.Row | None:
    """Return a question if it was put to the person bound to this Telegram user."""
    row: sqlite3.Row | None = db.execute(
        "SELECT q.* FROM question q JOIN account a ON a.person_id = q.person_id"
        " WHERE q.id = ? AND a.telegram_id = ? AND a.withdrawn_at IS NULL",
        (question_id, telegram_id),
    ).fetchone()
    return row


def shown_question(db: sqlite3.Connection, person_id: int, telegram_id: int, message_id: int) -> sqlite3.Row | None:
    """Return the question which the message replied to shows; of its touchpoint if it names none."""
    row: sqlite3.Row | None = db.execute(
        "SELECT q.* FROM shown s JOIN question q ON q.id = s.question_id"
        " WHERE s.telegram_id = ? AND s.message_id = ? AND q.person_id = ?"
        " UNION ALL SELECT q.* FROM shown s JOIN question q ON q.touchpoint_id = s.touchpoint_id"
        " WHERE s.telegram_id = ? AND s.message_id = ? AND q.person_id = ? AND s.question_id IS NULL LIMIT 1",
        (telegram_id, message_id, person_id, telegram_id, message_id, person_id),
    ).fetchone()
    return row


def question_for_text(db: sqlite3.Connection, now: datetime, person_id: int) -> sqlite3.Row | None:
    """Return the question a text without a reply belongs to, by PRODUCT's rule (The ASN's way, 4).

    For 15 minutes, if nothing newer was asked, the answer just begun; else the newest question that awaits
    words (late ones as well); else None: it is a note.
    """
    begun: sqlite3.Row | None = db.execute(
        "SELECT * FROM question WHERE person_id = ? AND begun_at IS NOT NULL ORDER BY begun_at DESC LIMIT 1",
        (person_id,),
    ).fetchone()
    waiting: sqlite3.Row | None = db.execute(
        "SELECT q.* FROM question q JOIN touchpoint t ON t.id = q.touchpoint_id WHERE q.person_id = ?"
        " AND q.begun_at IS NULL AND q.closed_at IS NULL AND t.skipped_at IS NULL"
        " AND t.state IN ('released', 'sent') ORDER BY q.asked_at DESC, q.id DESC LIMIT 1",
        (person_id,),
    ).fetchone()
    changing: sqlite3.Row | None = db.execute(
        "SELECT * FROM question WHERE person_id = ? AND change_at IS NOT NULL ORDER BY change_at DESC LIMIT 1",
        (person_id,),
    ).fetchone()
    if changing is not None and (waiting is None or waiting["asked_at"] <= changing["change_at"]):
        # [Ubah] awaits its words until something newer is asked.
        return changing
    recent = begun is not None and begun["begun_at"] >= to_text(now - STILL_THE_SAME_ANSWER)
    if begun is not None and recent and (waiting is None or waiting["asked_at"] < begun["begun_at"]):
        return begun
    return waiting


def keep(
    db: sqlite3.Connection,
    now: datetime,
    person_id: int,
    question: sqlite3.Row | None,
    words: Words,
    *,
    late: bool,
) -> bool:
    """Store words as (part of) an answer, or as a note; returns False when this message was stored before."""
    if question is not None and question["change_at"] is not None:
        replace_from_now(db, now, question["id"])
    cursor = db.execute(
        "INSERT INTO answer (person_id, question_id, touchpoint_id, telegram_id, message_id, kind, text, file_id,"
        " file_unique_id, duration_seconds, created_at, late) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (telegram_id, message_id) DO NOTHING",
        (
            person_id,
            question["id"] if question else None,
            question["touchpoint_id"] if question else None,
            words.telegram_id,
            words.message_id,
            "text" if words.text is not None else "voice",
            words.text,
            words.file_id,
            words.file_unique_id,
            words.duration_seconds,
            to_text(now),
            int(late),
        ),
    )
    if question is not None and cursor.rowcount:
        db.execute("UPDATE question SET begun_at = ? WHERE id = ?", (to_text(now), question["id"]))
    return cursor.rowcount == 1


def edit(db: sqlite3.Connection, now: datetime, telegram_id: int, message_id: int, text: str) -> bool:
    """Follow an edit of a Telegram message; returns False when it is no stored answer."""
    return (
        db.execute(
            "UPDATE answer SET text = ?, edited_at = ? WHERE telegram_id = ? AND message_id = ?",
            (text, to_text(now), telegram_id, message_id),
        ).rowcount
        == 1
    )


def open_plan_of(db: sqlite3.Connection, telegram_id: int, message_id: int) -> int | None:
    """Return the touchpoint of the commitment that a message is a part of and that is not made yet, or None."""
    row = db.execute(
        "SELECT t.id FROM answer a JOIN question q ON q.id = a.question_id JOIN touchpoint t ON t.id = a.touchpoint_id"
        " WHERE a.telegram_id = ? AND a.message_id = ? AND q.asks IN ('cue', 'action')"
        " AND t.answered_at IS NULL AND t.skipped_at IS NULL",
        (telegram_id, message_id),
    ).fetchone()
    return int(row["id"]) if row is not None else None


def change_with_the_next(db: sqlite3.Connection, now: datetime, question_id: int) -> None:
    """[Ubah]: the next words replace what was answered so far, which stays until they come."""
    db.execute("UPDATE question SET change_at = ? WHERE id = ?", (to_text(now), question_id))


def replace_from_now(db: sqlite3.Connection, now: datetime, question_id: int) -> None:
    """What was answered so far counts no more."""
    db.execute(
        "UPDATE answer SET replaced_at = ? WHERE question_id = ? AND replaced_at IS NULL",
        (to_text(now), question_id),
    )
    db.execute("UPDATE question SET begun_at = ?, change_at = NULL WHERE id = ?", (to_text(now), question_id))


def close_question(db: sqlite3.Connection, now: datetime, question_id: int) -> None:
    """No more words are awaited."""
    db.execute("UPDATE question SET closed_at = ? WHERE id = ?", (to_text(now), question_id))


def readable(db: sqlite3.Connection, person_id: int) -> str:
    """Return, as a JSON list, the chats whose words the account bound to this person may read now."""
    bound = accounts.account_of_person(db, person_id)
    if bound is None:
        return "[]"
    return json.dumps(sorted(phones_read(bound.telegram_id, bound.standing, moves.earlier_phones(db, person_id))))


def words_of(db: sqlite3.Connection, question_id: int) -> str:
    """Return the text answered to a question, its messages joined; empty if there is none."""
    asked = db.execute("SELECT person_id FROM question WHERE id = ?", (question_id,)).fetchone()
    if asked is None:
        return ""
    rows = db.execute(
        "SELECT text FROM answer WHERE question_id = ? AND kind = 'text' AND replaced_at IS NULL"
        " AND telegram_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (question_id, readable(db, asked["person_id"])),
    )
    return " ".join(row["text"] for row in rows).strip()


def plan_words(db: sqlite3.Connection, touchpoint_id: int) -> tuple[str, str]:
    """Return cue and action of a commitment's touchpoint in the person's words, without the frame (or '')."""
    said = {}
    for asks in ("cue", "action"):
        question = question_of(db, touchpoint_id, asks)
        said[asks] = words_of(db, question["id"]) if question else ""
    whole = plan.both(said["cue"])
    if whole is not None:
        return whole[0], plan.action(said["action"]) if said["action"] else whole[1]
    return plan.cue(said["cue"]), plan.action(said["action"])


def rewritten_plan(db: sqlite3.Connection, commitment_id: int) -> str:
    """Return the plan that the person wrote at the newest follow-up that changed it, or ''."""
    rows = db.execute(
        "SELECT q.id FROM commitment_check k JOIN question q ON q.touchpoint_id = k.touchpoint_id AND q.asks = 'plan'"
        " WHERE k.commitment_id = ? ORDER BY k.at DESC",
        (commitment_id,),
    )
    return next((words for row in rows.fetchall() if (words := words_of(db, row["id"]))), "")


def count(db: sqlite3.Connection, person_id: int) -> int:
    """Return how many messages of the person are kept and not replaced."""
    return int(
        db.execute(
            "SELECT count(*) FROM answer WHERE person_id = ? AND replaced_at IS NULL"
            " AND telegram_id IN (SELECT value FROM json_each(?))",
            (person_id, readable(db, person_id)),
        ).fetchone()[0]
    )


def history(db: sqlite3.Connection, person_id: int, limit: int, offset: int) -> list[sqlite3.Row]:
    """Return the person's own words, newest first, with what was asked and in which session."""
    return db.execute(
        "SELECT a.*, q.asks, q.prompt_id, s.title AS session FROM answer a"
        " LEFT JOIN question q ON q.id = a.question_id LEFT JOIN touchpoint t ON t.id = a.touchpoint_id"
        " LEFT JOIN session s ON s.id = t.session_id"
        " WHERE a.person_id = ? AND a.replaced_at IS NULL AND a.telegram_id IN (SELECT value FROM json_each(?))"
        " ORDER BY a.id DESC LIMIT ? OFFSET ?",
        (person_id, readable(db, person_id), limit, offset),
    ).fetchall()


def prompts_seen(db: sqlite3.Connection, person_id: int) -> set[str]:
    """Return the ids of the prompts that were put to the person."""
    return {
        row["prompt_id"]
        for row in db.execute(
            "SELECT prompt_id FROM question WHERE person_id = ? AND prompt_id IS NOT NULL", (person_id,)
        )
    }


def ask_anew(db: sqlite3.Connection, now: datetime, question_id: int) -> None:
    """Await words for a question again, as if it had just been put."""
    db.execute(
        "UPDATE question SET asked_at = ?, begun_at = NULL, closed_at = NULL WHERE id = ?", (to_text(now), question_id)
    )


def count_of(db: sqlite3.Connection, question_id: int) -> int:
    """Return how many messages answer a question."""
    return int(
        db.execute(
            "SELECT count(*) FROM answer WHERE question_id = ? AND replaced_at IS NULL", (question_id,)
        ).fetchone()[0]
    )


def prompts_answered(db: sqlite3.Connection, person_id: int) -> list[str]:
    """Return the ids of the prompts that the person answered."""
    return [
        row["prompt_id"]
        for row in db.execute(
            "SELECT prompt_id FROM question WHERE person_id = ? AND prompt_id IS NOT NULL AND begun_at IS NOT NULL",
            (person_id,),
        )
    ]
