"""/dataku: every stored field of a person, for that person alone. Every answer word for word, once."""

import sqlite3
from typing import Any

from bot.store import answers

# Section, and the rows that belong to the person; :telegram and :person are given. No section repeats words
# that stand in another: commitments, for instance, hold no text, for their words are answers.
_SECTIONS: tuple[tuple[str, str], ...] = (
    (
        "pegawai",
        "SELECT p.nip, p.name, p.position, u.name AS unit, p.phone, p.added_at, p.gone_at FROM person p"
        " JOIN unit u ON u.id = p.unit_id WHERE p.id = :person",
    ),
    (
        "perubahan_pegawai",
        "SELECT c.id, c.kind, c.before, i.applied_at FROM roster_change c JOIN roster_import i ON i.id = c.import_id"
        " WHERE c.person_id = :person",
    ),
    ("akun", "SELECT * FROM account WHERE telegram_id = :telegram"),
    (
        "undangan",
        "SELECT id, created_at, expires_at, used_at, voided_at FROM invitation WHERE person_id = :person",
    ),
    (
        "koordinator",
        "SELECT c.id, u.name AS unit, c.state, c.name, c.invited_at, c.expires_at, c.accepted_at, c.revoked_at"
        " FROM coordinator c"
        " JOIN unit u ON u.id = c.unit_id JOIN account a ON a.id = c.account_id WHERE a.telegram_id = :telegram",
    ),
    (
        "peserta",
        "SELECT c.*, s.title AS session FROM participant c JOIN session s ON s.id = c.session_id"
        " WHERE c.person_id = :person",
    ),
    ("kehadiran", "SELECT session_id, present, at FROM attendance WHERE person_id = :person"),
    ("undangan_sesi", "SELECT session_id, unit_id FROM session_invited WHERE person_id = :person"),
    ("sentuhan", "SELECT * FROM touchpoint WHERE person_id = :person"),
    ("kontak", "SELECT * FROM touch WHERE person_id = :person"),
    (
        "keputusan",
        "SELECT d.* FROM decision d JOIN touchpoint t ON t.id = d.touchpoint_id WHERE t.person_id = :person",
    ),
    ("jeda_dan_irama", "SELECT * FROM fact WHERE name IN ('leaves:' || :person, 'pace:' || :person)"),
    ("pertanyaan", "SELECT * FROM question WHERE person_id = :person"),
    # Only what this account may read: bot/domain/access.py, phones_read.
    (
        "jawaban",
        "SELECT * FROM answer WHERE person_id = :person AND telegram_id IN (SELECT value FROM json_each(:phones))",
    ),
    (
        "kesan",
        "SELECT r.* FROM reaction r JOIN touchpoint t ON t.id = r.touchpoint_id WHERE t.person_id = :person",
    ),
    (
        "cek_diri",
        "SELECT s.* FROM selfcheck s JOIN touchpoint t ON t.id = s.touchpoint_id WHERE t.person_id = :person",
    ),
    ("kuis", "SELECT * FROM quiz_item WHERE person_id = :person"),
    (
        "jajak_kuis",
        "SELECT l.* FROM poll l JOIN quiz_item q ON q.id = l.quiz_item_id WHERE q.person_id = :person",
    ),
    ("komitmen", "SELECT * FROM commitment WHERE person_id = :person"),
    (
        "tindak_lanjut",
        "SELECT k.* FROM commitment_check k JOIN touchpoint t ON t.id = k.touchpoint_id WHERE t.person_id = :person",
    ),
    (
        "pindah_nomor",
        "SELECT id, person_id, old_telegram_id, state, asked_at, by_admin, moves_at, ended_at FROM move"
        " WHERE person_id = :person",
    ),
    # Whoever only asks learns no more than that: whether the NIP is taken is not theirs to know.
    ("permintaan_pindah", "SELECT asked_at FROM move WHERE new_telegram_id = :telegram"),
    (
        "pendukung",
        "SELECT id, person_id, commitment_id, state, created_at, expires_at, agreed_at, ended_at FROM supporter"
        " WHERE person_id = :person",
    ),
    (
        "dibagikan_ke_pendukung",
        "SELECT h.* FROM supporter_share h JOIN supporter s ON s.id = h.supporter_id WHERE s.person_id = :person",
    ),
    ("dibagikan_ke_koordinator", "SELECT * FROM reflection_share WHERE person_id = :person"),
    ("mendukung", "SELECT id, telegram_id, state, agreed_at, ended_at FROM supporter WHERE telegram_id = :telegram"),
    ("pesan_tampil", "SELECT * FROM shown WHERE telegram_id = :telegram"),
    (
        "kotak_keluar",
        # Lane 0 is answers to a tap or text: they quote words that stand in sections of their own.
        "SELECT id, dedupe_key, lane, template, CASE WHEN lane > 0 THEN facts END AS facts, created_at, not_before,"
        " expires_at, state, attempts, ambiguous, message_id, finished_at, error, broadcast_id FROM outbox"
        " WHERE telegram_id = :telegram",
    ),
    ("siaran", "SELECT * FROM broadcast_target WHERE telegram_id = :telegram OR person_id = :person"),
    ("siaran_dibuat", "SELECT * FROM broadcast WHERE admin_telegram_id = :telegram"),
    ("percobaan_nip", "SELECT session_id, at FROM wrong_try WHERE telegram_id = :telegram"),
    (
        "permintaan_perbaikan",
        "SELECT id, person_id, telegram_id, wish, asked_at, due_at, reminded, remind_at, done_at, outcome"
        " FROM rectification WHERE person_id = :person",
    ),
    ("percakapan", "SELECT kind, data, updated_at FROM conversation WHERE telegram_id = :telegram"),
    (
        "pembaruan_diterima",
        # What is being handled becomes an answer of its own; what was kept aside stands nowhere else.
        "SELECT id, update_id, received_at, CASE WHEN state = 'aside' THEN raw END AS raw, state, attempts, error,"
        " handled_at FROM incoming WHERE lane = :telegram",
    ),
)


def document(db: sqlite3.Connection, telegram_id: int) -> dict[str, Any]:
    """Return all that is stored on a Telegram user and the person bound to it, by section."""
    row = db.execute("SELECT person_id FROM account WHERE telegram_id = ?", (telegram_id,)).fetchone()
    person = row["person_id"] if row else None
    phones = answers.readable(db, person) if person is not None else "[]"
    names = {"telegram": telegram_id, "person": person, "phones": phones}
    return {section: _rows(db.execute(query, names)) for section, query in _SECTIONS}


def _rows(found: sqlite3.Cursor) -> list[dict[str, Any]]:
    # Made from a sqlite3.Row, a dict would look each column up by its name.
    columns = [column[0] for column in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found]
