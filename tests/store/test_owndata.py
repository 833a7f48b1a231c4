"""/dataku shows every field that is stored on a person, and nothing of anybody else's."""

import json
import sqlite3

from bot.store import owndata
from tests.store.filled import fill, office

# What stands in a person's rows and is not shown, and why.
LEFT_OUT = {
    ("invitation", "payload_hash"): "opens a door",
    ("coordinator", "payload_hash"): "opens a door",
    ("supporter", "payload_hash"): "opens a door",
    ("supporter", "telegram_id"): "the colleague's",
    ("rectification", "done_by"): "the admin's",
    ("move", "new_telegram_id"): "of whoever asks, who may be somebody else",
}


def test_every_column_is_shown(db: sqlite3.Connection) -> None:
    office(db)
    filled = fill(db, 1)
    document = owndata.document(db, filled.telegram)
    shown = {value for rows in document.values() for row in rows for value in row.values()}
    missing = {place for place, value in filled.values.items() if value not in shown}
    assert missing == set(LEFT_OUT)


def test_the_roster_and_its_history_are_shown(db: sqlite3.Connection) -> None:
    office(db)
    filled = fill(db, 1)
    db.execute("UPDATE person SET phone = '0812-tanda'")
    db.execute(
        "INSERT INTO roster_import (id, applied_at, applied_by, file_name, new, changed, moved, gone, refused)"
        " VALUES (1, '2025', 'admin', 'pegawai.xlsx', 0, 1, 0, 0, 0)"
    )
    db.execute("INSERT INTO roster_change (import_id, person_id, kind, before) VALUES (1, 1, 'changed', 'dahulu')")
    db.execute("INSERT INTO roster_change (import_id, person_id, kind, before) VALUES (1, 2, 'changed', 'orang lain')")
    text = json.dumps(owndata.document(db, filled.telegram))
    assert "19800101200501" in text
    assert "0812-tanda" in text
    assert "Dinas Kesehatan" in text
    assert "dahulu" in text
    assert "orang lain" not in text


def test_an_admins_own_broadcasts_are_shown(db: sqlite3.Connection) -> None:
    office(db)
    db.execute("INSERT INTO account (telegram_id, consented_at, notice_version) VALUES (900, '2025', '1')")
    assert len(owndata.document(db, 900)["siaran_dibuat"]) == 1


def test_nothing_of_another_person_is_shown(db: sqlite3.Connection) -> None:
    office(db)
    mine, other = fill(db, 1), fill(db, 2)
    text = json.dumps(owndata.document(db, mine.telegram))
    assert [place for place, marker in other.texts() if marker in text] == []
    assert str(other.telegram) not in text


def test_an_answer_is_shown_word_for_word_and_once(db: sqlite3.Connection) -> None:
    office(db)
    filled = fill(db, 1)
    words = "Saya akan menyapa warga lebih dahulu, \"selalu\" — 'ya' 😀\nbaris kedua"
    db.execute("UPDATE answer SET text = ?", (words,))
    document = owndata.document(db, filled.telegram)
    text = json.dumps(document, ensure_ascii=False)
    assert text.count(json.dumps(words, ensure_ascii=False)[1:-1]) == 1
    assert document["jawaban"][0]["text"] == words


def test_what_waits_for_a_person_to_hear_repeats_no_words(db: sqlite3.Connection) -> None:
    """An answer to a tap may quote the person's words; they stand in their own section."""
    office(db)
    filled = fill(db, 1)
    db.execute('UPDATE outbox SET lane = 0, facts = \'{"words": "tanda-1-answer-text"}\'')
    text = json.dumps(owndata.document(db, filled.telegram))
    assert text.count("tanda-1-answer-text") == 1


def test_a_stranger_gets_empty_sections(db: sqlite3.Connection) -> None:
    office(db)
    fill(db, 1)
    assert all(rows == [] for rows in owndata.document(db, 123).values())
