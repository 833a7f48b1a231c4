"""/hapus: everything that came from a person or the chat goes; the roster's row, the office's own, stays."""

import sqlite3
from datetime import datetime, timedelta

from bot.clock import to_text

# In the order in which references allow it. :person may be NULL for an account that is only a role.
_STATEMENTS = (
    "DELETE FROM supporter_share WHERE supporter_id IN (SELECT id FROM supporter WHERE person_id = :person)",
    "DELETE FROM supporter_share WHERE touchpoint_id IN (SELECT id FROM touchpoint WHERE person_id = :person)",
    # What others were told, or wait to be told, of the person's supporter and of the person's moves.
    # Keys are "<kind>:<id>:…", and ";" comes next after ":".
    "DELETE FROM outbox WHERE id IN (SELECT o.id FROM supporter s JOIN outbox o"
    " ON o.dedupe_key >= 'ally:' || s.id || ':' AND o.dedupe_key < 'ally:' || s.id || ';'"
    " WHERE s.person_id = :person OR s.telegram_id = :telegram)",
    "DELETE FROM outbox WHERE id IN (SELECT o.id FROM move m JOIN outbox o"
    " ON o.dedupe_key >= 'move:' || m.id || ':' AND o.dedupe_key < 'move:' || m.id || ';'"
    " WHERE m.person_id = :person OR m.old_telegram_id = :telegram OR m.new_telegram_id = :telegram)",
    # What waits to be told of a reflection that was shared.
    "DELETE FROM outbox WHERE id IN (SELECT o.id FROM reflection_share h JOIN outbox o"
    " ON o.dedupe_key >= 'shared:' || h.question_id || ':' AND o.dedupe_key < 'shared:' || h.question_id || ';'"
    " WHERE h.person_id = :person)",
    "DELETE FROM reflection_share WHERE person_id = :person",
    # What waits to be told to the admins of a correction; an admin's own id in what was closed.
    "DELETE FROM outbox WHERE id IN (SELECT o.id FROM rectification r JOIN outbox o"
    " ON o.dedupe_key >= 'rectify:' || r.id || ':' AND o.dedupe_key < 'rectify:' || r.id || ';'"
    " WHERE r.person_id = :person)",
    "DELETE FROM rectification WHERE person_id = :person",
    "DELETE FROM rectification WHERE telegram_id = :telegram",
    "UPDATE rectification SET done_by = NULL WHERE done_by = :telegram",
    "DELETE FROM supporter WHERE person_id = :person",
    "UPDATE supporter SET telegram_id = NULL, agreed_at = NULL, state = 'ended' WHERE telegram_id = :telegram",
    "DELETE FROM move WHERE person_id = :person OR old_telegram_id = :telegram OR new_telegram_id = :telegram",
    "DELETE FROM poll WHERE quiz_item_id IN (SELECT id FROM quiz_item WHERE person_id = :person)",
    "DELETE FROM quiz_item WHERE person_id = :person",
    "DELETE FROM reaction WHERE touchpoint_id IN (SELECT id FROM touchpoint WHERE person_id = :person)",
    "DELETE FROM selfcheck WHERE touchpoint_id IN (SELECT id FROM touchpoint WHERE person_id = :person)",
    "DELETE FROM commitment_check WHERE touchpoint_id IN (SELECT id FROM touchpoint WHERE person_id = :person)",
    "DELETE FROM commitment WHERE person_id = :person",
    "DELETE FROM answer WHERE person_id = :person OR telegram_id = :telegram",
    "DELETE FROM shown WHERE telegram_id = :telegram",
    "DELETE FROM shown WHERE touchpoint_id IN (SELECT id FROM touchpoint WHERE person_id = :person)",
    "DELETE FROM question WHERE person_id = :person",
    "DELETE FROM decision WHERE touchpoint_id IN (SELECT id FROM touchpoint WHERE person_id = :person)",
    "DELETE FROM touchpoint WHERE person_id = :person",
    "DELETE FROM touch WHERE person_id = :person",
    "DELETE FROM participant WHERE person_id = :person",
    "DELETE FROM attendance WHERE person_id = :person",
    "DELETE FROM fact WHERE name IN ('leaves:' || :person, 'pace:' || :person)",
    # A trial whose fact is gone ends, and its file with it.
    "DELETE FROM fact WHERE name = 'trial:' || :telegram",
    "DELETE FROM broadcast_target WHERE telegram_id = :telegram OR person_id = :person",
    # An admin's own words; what is still to be sent of them is copied from the admin's chat.
    "UPDATE broadcast SET pieces = '[]' WHERE admin_telegram_id = :telegram",
    "DELETE FROM outbox WHERE telegram_id = :telegram",
    "DELETE FROM invitation WHERE person_id = :person",
    "DELETE FROM wrong_try WHERE telegram_id = :telegram",
    "DELETE FROM conversation WHERE telegram_id = :telegram",
    "DELETE FROM incoming WHERE lane = :telegram AND state <> 'waiting'",
    "UPDATE coordinator SET account_id = NULL, name = NULL, accepted_at = NULL, state = 'revoked'"
    " WHERE account_id IN (SELECT id FROM account WHERE telegram_id = :telegram)",
    "DELETE FROM account WHERE telegram_id = :telegram",
)
# What a chat without a person of its own still holds.
_OF_A_CHAT = tuple(statement for statement in _STATEMENTS if ":telegram" in statement and ":person" not in statement)


def erase(db: sqlite3.Connection, telegram_id: int) -> None:
    """Erase the account of a Telegram user and all that hangs on it; does nothing if there is none."""
    row = db.execute("SELECT person_id FROM account WHERE telegram_id = ?", (telegram_id,)).fetchone()
    _erase(db, telegram_id, row["person_id"] if row else None)


def erase_person(db: sqlite3.Connection, person_id: int) -> None:
    """Erase all that came from a person of the roster, whatever account is bound, and that account with it."""
    row = db.execute("SELECT telegram_id FROM account WHERE person_id = ?", (person_id,)).fetchone()
    _erase(db, row["telegram_id"] if row else None, person_id)


def retire(db: sqlite3.Connection, now: datetime, retention: timedelta, after_sending: timedelta) -> None:
    """Erase what is older than its time: free words after `retention`, sent messages after `after_sending`."""
    old = to_text(now - retention)
    db.execute("DELETE FROM answer WHERE created_at < ?", (old,))
    db.execute("DELETE FROM rectification WHERE asked_at < ?", (old,))
    db.execute("DELETE FROM wrong_try WHERE at < ?", (to_text(now - timedelta(days=2)),))
    db.execute("DELETE FROM outbox WHERE finished_at IS NOT NULL AND finished_at < ?", (to_text(now - after_sending),))
    # Where a delivered copy stands in a chat serves its correction alone.
    db.execute(
        "UPDATE broadcast_target SET message_ids = NULL WHERE message_ids IS NOT NULL AND broadcast_id IN"
        " (SELECT id FROM broadcast WHERE ended_at < ? AND correcting = 0)",
        (to_text(now - after_sending),),
    )
    # A move that was made opens the earlier chat's words to the new one, for as long as there are any.
    db.execute("DELETE FROM move WHERE state <> 'done' AND asked_at < ?", (to_text(now - after_sending),))


def _erase(db: sqlite3.Connection, telegram_id: int | None, person_id: int | None) -> None:
    chats = {telegram_id, *_left_behind(db, person_id)}
    for chat in sorted(chats, key=lambda chat: chat == telegram_id):
        names = {"telegram": chat, "person": person_id}
        for statement in _STATEMENTS if chat == telegram_id else _OF_A_CHAT:
            db.execute(statement, names)


def _left_behind(db: sqlite3.Connection, person_id: int | None) -> list[int]:
    """Return the chats from which the person moved to a new phone and which are nobody's now."""
    rows = db.execute(
        "SELECT DISTINCT m.old_telegram_id FROM move m WHERE m.person_id = ? AND m.state = 'done'"
        " AND m.old_telegram_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM account a"
        " WHERE a.telegram_id = m.old_telegram_id AND (a.person_id IS NOT NULL OR EXISTS"
        " (SELECT 1 FROM coordinator c WHERE c.account_id = a.id AND c.state = 'active')))",
        (person_id,),
    )
    return [int(row[0]) for row in rows]
