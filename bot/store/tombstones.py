"""What stands beside the database of people who were erased: a keyed hash and an instant a line, nothing else.

A backup made before an erasure still holds the person. `restore` asks here whom it must erase again. The key
is a file of its own (0600) beside the database: without it the hashes say nothing, not even to a list of NIPs.
"""

import hashlib
import hmac
import os
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.clock import to_text
from bot.store import erasure

KEY_BYTES = 32
# A fact that stands while the write-ahead log may still hold pages of somebody who was erased.
LOG_TO_EMPTY = "erased"
# Where a Telegram user's id stands; an erased one may be in a copy with no account any more, or not yet.
_CHATS = (
    "SELECT telegram_id FROM account UNION SELECT telegram_id FROM answer UNION SELECT telegram_id FROM shown"
    " UNION SELECT telegram_id FROM poll UNION SELECT telegram_id FROM outbox UNION SELECT telegram_id FROM"
    " broadcast_target UNION SELECT telegram_id FROM wrong_try UNION SELECT telegram_id FROM conversation"
    " UNION SELECT telegram_id FROM rectification"
    " UNION SELECT lane FROM incoming UNION SELECT telegram_id FROM supporter WHERE telegram_id IS NOT NULL"
    " UNION SELECT old_telegram_id FROM move WHERE old_telegram_id IS NOT NULL UNION SELECT new_telegram_id FROM move"
)


@dataclass(frozen=True)
class Tombstones:
    """Who was erased, and when last: keyed hash to instant (UTC text)."""

    key: bytes
    erased: dict[str, str]

    def of_chat(self, telegram_id: int) -> str | None:
        """Return when this Telegram user was erased last, or None."""
        return self.erased.get(_hash(self.key, "telegram", str(telegram_id)))

    def of_nip(self, nip: str) -> str | None:
        """Return when the person with this NIP was erased last, or None."""
        return self.erased.get(_hash(self.key, "nip", nip))


def list_path(database: Path) -> Path:
    """Return the file of hashes: `<database>.erased`."""
    return database.with_name(database.name + ".erased")


def key_path(database: Path) -> Path:
    """Return the file of the key: `<database>.erased-key`."""
    return database.with_name(database.name + ".erased-key")


def erase(db: sqlite3.Connection, now: datetime, database: Path, telegram_id: int) -> None:
    """Erase a Telegram user's account and all that hangs on it, and see to it that no backup brings it back.

    The hashes are on the disk before the transaction commits: a crash between leaves a line too many, which
    does no harm, for the update comes again. Raises OSError when they cannot be written; then nothing is erased.
    """
    row = db.execute(
        "SELECT p.nip FROM account a JOIN person p ON p.id = a.person_id WHERE a.telegram_id = ?", (telegram_id,)
    ).fetchone()
    key, at = _own_key(database), to_text(now)
    names = [_hash(key, "telegram", str(telegram_id))]
    if row is not None:
        names.append(_hash(key, "nip", row["nip"]))
    _append(list_path(database), "".join(f"{name} {at}\n" for name in names))
    erasure.erase(db, telegram_id)


def read(database: Path) -> Tombstones | None:
    """Return what stands beside the database, or None where nobody was ever erased. Raises OSError."""
    if not (list_path(database).exists() and key_path(database).exists()):
        return None
    erased: dict[str, str] = {}
    for line in list_path(database).read_text(encoding="ascii", errors="replace").splitlines():
        name, _, at = line.partition(" ")
        # A line that was cut off by a crash has no whole instant: its erasure was not committed either.
        if len(at) == len("2025-11-17T08:00:00.000000+00:00"):
            erased[name] = max(at, erased.get(name, ""))
    return Tombstones(key_path(database).read_bytes(), erased)


def apply(db: sqlite3.Connection, stones: Tombstones) -> int:
    """Erase again, in a copy, whoever was erased after the consent that the copy holds; returns how many."""
    chats = list(_erased_chats(db, stones))
    people = list(_erased_people(db, stones))
    for telegram_id, at in chats:
        erasure.erase(db, telegram_id)
        # What waited to be handled came before the erasure as well.
        db.execute("DELETE FROM incoming WHERE lane = ? AND received_at <= ?", (telegram_id, at))
    for person_id in people:
        erasure.erase_person(db, person_id)
    return len(chats) + len(people)


def _erased_chats(db: sqlite3.Connection, stones: Tombstones) -> Iterator[tuple[int, str]]:
    for row in db.execute(_CHATS).fetchall():
        at = stones.of_chat(row[0])
        if at is None:
            continue
        account = db.execute("SELECT consented_at FROM account WHERE telegram_id = ?", (row[0],)).fetchone()
        if account is None or account["consented_at"] <= at:
            yield int(row[0]), at


def _erased_people(db: sqlite3.Connection, stones: Tombstones) -> Iterator[int]:
    # Whoever was erased from another phone than the copy knows is found by the NIP.
    for row in db.execute(
        "SELECT p.id, p.nip, a.consented_at FROM person p LEFT JOIN account a ON a.person_id = p.id"
    ).fetchall():
        at = stones.of_nip(row["nip"])
        if at is not None and (row["consented_at"] is None or row["consented_at"] <= at):
            yield int(row["id"])


def _hash(key: bytes, kind: str, value: str) -> str:
    return hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def _own_key(database: Path) -> bytes:
    path = key_path(database)
    if not path.exists():
        _append(path, secrets.token_bytes(KEY_BYTES))
    return path.read_bytes()


def _append(path: Path, data: str | bytes) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(data.encode("ascii") if isinstance(data, str) else data)
        file.flush()
        os.fsync(file.fileno())
