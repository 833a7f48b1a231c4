"""Telegram accounts, links, coordinators, and where a conversation stands."""

import hashlib
import json
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.clock import to_text

PAYLOAD_BYTES = 16  # 128 random bits, 22 characters
PERSONAL_LINK_LIVES = timedelta(days=14)
COORDINATOR_LINK_LIVES = timedelta(days=14)


@dataclass(frozen=True)
class Account:
    """A Telegram user after consent. Instants are UTC text; `person_id` is None for a pure role."""

    id: int
    telegram_id: int
    person_id: int | None
    joined_at: str | None
    standing: str | None
    reachable: bool
    withdrawn_at: str | None
    paused_until: str | None
    preferred_time: str | None
    may_be_named: bool = False
    """Whether the notice agreed to says that who has not answered is named."""

    @property
    def active(self) -> bool:
        """Whether journeys run for this account."""
        return self.person_id is not None and self.joined_at is not None and self.withdrawn_at is None


# Ends the version of a notice that says that names of people who have not answered are shown.
NAMING = "+names"


def new_payload() -> str:
    """Return a fresh link payload: 22 of [A-Za-z0-9_-], 128 random bits."""
    return secrets.token_urlsafe(PAYLOAD_BYTES)


def payload_hash(payload: str) -> str:
    """Return what is stored of a personal or a coordinator's link."""
    return hashlib.sha256(payload.encode()).hexdigest()


def account(db: sqlite3.Connection, telegram_id: int) -> Account | None:
    """Return the account of a Telegram user, or None before [Setuju]."""
    return _account(db.execute("SELECT * FROM account WHERE telegram_id = ?", (telegram_id,)).fetchone())


def account_of_person(db: sqlite3.Connection, person_id: int) -> Account | None:
    """Return the account bound to a person, or None."""
    return _account(db.execute("SELECT * FROM account WHERE person_id = ?", (person_id,)).fetchone())


def consent(db: sqlite3.Connection, now: datetime, telegram_id: int, notice_version: str) -> Account:
    """Keep the consent (again) of a Telegram user; makes the account if there is none."""
    db.execute(
        "INSERT INTO account (telegram_id, consented_at, notice_version) VALUES (?, ?, ?)"
        " ON CONFLICT (telegram_id) DO UPDATE SET consented_at = excluded.consented_at,"
        " notice_version = excluded.notice_version, reachable = 1",
        (telegram_id, to_text(now), notice_version),
    )
    found = account(db, telegram_id)
    if found is None:
        raise LookupError("the account that was just kept is missing")
    return found


def bind(db: sqlite3.Connection, now: datetime, account_id: int, person_id: int, standing: str) -> None:
    """Bind an account to a person. Raises sqlite3.IntegrityError if the person is bound elsewhere."""
    db.execute(
        "UPDATE account SET person_id = ?, joined_at = ?, standing = ?, withdrawn_at = NULL, reachable = 1,"
        " paused_until = NULL WHERE id = ?",
        (person_id, to_text(now), standing, account_id),
    )


def set_standing(db: sqlite3.Connection, account_id: int, standing: str) -> None:
    """Mark an account claimed or verified."""
    db.execute("UPDATE account SET standing = ? WHERE id = ?", (standing, account_id))


def set_reachable(db: sqlite3.Connection, telegram_id: int, reachable: bool) -> bool:
    """Mark whether Telegram delivers to this user; returns whether that is a change."""
    return (
        db.execute(
            "UPDATE account SET reachable = ? WHERE telegram_id = ? AND reachable <> ?",
            (int(reachable), telegram_id, int(reachable)),
        ).rowcount
        == 1
    )


def withdraw(db: sqlite3.Connection, now: datetime, account_id: int) -> None:
    """Note that the person takes part no longer."""
    db.execute("UPDATE account SET withdrawn_at = ? WHERE id = ?", (to_text(now), account_id))


def withdrawn_before(db: sqlite3.Connection, moment: datetime) -> list[int]:
    """Return the Telegram users whose withdrawal is older than an instant."""
    found = db.execute("SELECT telegram_id FROM account WHERE withdrawn_at < ?", (to_text(moment),))
    return [int(row[0]) for row in found]


def set_pause(db: sqlite3.Connection, account_id: int, until: datetime | None) -> None:
    """Pause until an instant, or lift the pause."""
    db.execute("UPDATE account SET paused_until = ? WHERE id = ?", (to_text(until) if until else None, account_id))


def set_preferred_time(db: sqlite3.Connection, account_id: int, clock_time: str | None) -> None:
    """Set the hour ("12:15") at which the person wants to be written to; None for the usual one."""
    db.execute("UPDATE account SET preferred_time = ? WHERE id = ?", (clock_time, account_id))


# Personal links --------------------------------------------------------------------------------------


def invite(db: sqlite3.Connection, now: datetime, person_id: int) -> str:
    """Make a personal link's payload, shown once; voids the person's earlier ones."""
    db.execute(
        "UPDATE invitation SET voided_at = ? WHERE person_id = ? AND used_at IS NULL AND voided_at IS NULL",
        (to_text(now), person_id),
    )
    payload = new_payload()
    db.execute(
        "INSERT INTO invitation (person_id, payload_hash, created_at, expires_at) VALUES (?, ?, ?, ?)",
        (person_id, payload_hash(payload), to_text(now), to_text(now + PERSONAL_LINK_LIVES)),
    )
    return payload


def invited_person(db: sqlite3.Connection, now: datetime, payload: str) -> int | None:
    """Return whose personal link this is, if it is still good."""
    row = db.execute(
        "SELECT person_id FROM invitation WHERE payload_hash = ? AND used_at IS NULL AND voided_at IS NULL"
        " AND expires_at > ?",
        (payload_hash(payload), to_text(now)),
    ).fetchone()
    return None if row is None else int(row["person_id"])


def use_invitation(db: sqlite3.Connection, now: datetime, payload: str) -> None:
    """Void a personal link because it was used."""
    db.execute("UPDATE invitation SET used_at = ? WHERE payload_hash = ?", (to_text(now), payload_hash(payload)))


# Coordinators ----------------------------------------------------------------------------------------


def invite_coordinator(db: sqlite3.Connection, now: datetime, unit_id: int) -> tuple[int, str]:
    """Make a one-time link for a unit's coordinator; returns the coordinator's id and the payload."""
    payload = new_payload()
    cursor = db.execute(
        "INSERT INTO coordinator (unit_id, payload_hash, state, invited_at, expires_at) VALUES (?, ?, 'invited', ?, ?)",
        (unit_id, payload_hash(payload), to_text(now), to_text(now + COORDINATOR_LINK_LIVES)),
    )
    return cursor.lastrowid or 0, payload


def invited_coordinator(db: sqlite3.Connection, now: datetime, payload: str) -> sqlite3.Row | None:
    """Return the open invitation (id, unit_id, unit) of a coordinator's link, or None."""
    row: sqlite3.Row | None = db.execute(
        "SELECT c.id, c.unit_id, u.name AS unit FROM coordinator c JOIN unit u ON u.id = c.unit_id"
        " WHERE c.payload_hash = ? AND c.state = 'invited' AND c.expires_at > ?",
        (payload_hash(payload), to_text(now)),
    ).fetchone()
    return row


def accept_coordinator(db: sqlite3.Connection, now: datetime, coordinator_id: int, account_id: int, name: str) -> bool:
    """Use a coordinator's link; returns False when it was used or revoked meanwhile."""
    return (
        db.execute(
            "UPDATE coordinator SET state = 'active', account_id = ?, name = ?, accepted_at = ?"
            " WHERE id = ? AND state = 'invited'",
            (account_id, name, to_text(now), coordinator_id),
        ).rowcount
        == 1
    )


def revoke_coordinator(db: sqlite3.Connection, now: datetime, coordinator_id: int) -> bool:
    """Take a coordinator's right (or open link) away; returns False for an unknown or revoked one."""
    return (
        db.execute(
            "UPDATE coordinator SET state = 'revoked', revoked_at = ? WHERE id = ? AND state <> 'revoked'",
            (to_text(now), coordinator_id),
        ).rowcount
        == 1
    )


def coordinators(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return all coordinators: id, unit, name, state, telegram_id."""
    return db.execute(
        "SELECT c.id, c.unit_id, u.name AS unit, c.name, c.state, a.telegram_id FROM coordinator c"
        " JOIN unit u ON u.id = c.unit_id LEFT JOIN account a ON a.id = c.account_id ORDER BY c.id"
    ).fetchall()


def coordinated_units(db: sqlite3.Connection, telegram_id: int) -> list[tuple[int, str]]:
    """Return the units (id, name) that this Telegram user coordinates now."""
    return [
        (row["id"], row["name"])
        for row in db.execute(
            "SELECT DISTINCT u.id, u.name FROM coordinator c JOIN account a ON a.id = c.account_id"
            " JOIN unit u ON u.id = c.unit_id WHERE a.telegram_id = ? AND c.state = 'active' ORDER BY u.name",
            (telegram_id,),
        )
    ]


# Wrong tries -----------------------------------------------------------------------------------------


def note_wrong_try(db: sqlite3.Connection, now: datetime, telegram_id: int, session_id: int) -> None:
    """Count a well-formed NIP that did not lead to a person."""
    db.execute(
        "INSERT INTO wrong_try (telegram_id, session_id, at) VALUES (?, ?, ?)",
        (telegram_id, session_id, to_text(now)),
    )


def wrong_tries(db: sqlite3.Connection, now: datetime, telegram_id: int, session_id: int) -> tuple[int, int]:
    """Return the wrong tries of the last hour: of this account, and on this session's link by all."""
    since = to_text(now - timedelta(hours=1))
    by_account = db.execute(
        "SELECT count(*) FROM wrong_try WHERE telegram_id = ? AND at > ?", (telegram_id, since)
    ).fetchone()[0]
    by_link = db.execute(
        "SELECT count(*) FROM wrong_try WHERE session_id = ? AND at > ?", (session_id, since)
    ).fetchone()[0]
    return int(by_account), int(by_link)


# Conversations ---------------------------------------------------------------------------------------


def conversation(db: sqlite3.Connection, telegram_id: int) -> tuple[str, dict[str, Any]] | None:
    """Return what kind of conversation this user is in and its data, or None."""
    row = db.execute("SELECT kind, data FROM conversation WHERE telegram_id = ?", (telegram_id,)).fetchone()
    return None if row is None else (str(row["kind"]), json.loads(row["data"]))


def set_conversation(db: sqlite3.Connection, now: datetime, telegram_id: int, kind: str, data: dict[str, Any]) -> None:
    """Remember where a conversation stands; replaces an earlier one of this user."""
    db.execute(
        "INSERT INTO conversation (telegram_id, kind, data, updated_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (telegram_id) DO UPDATE SET kind = excluded.kind, data = excluded.data,"
        " updated_at = excluded.updated_at",
        (telegram_id, kind, json.dumps(data, ensure_ascii=False), to_text(now)),
    )


def end_conversation(db: sqlite3.Connection, telegram_id: int) -> None:
    """Forget this user's conversation."""
    db.execute("DELETE FROM conversation WHERE telegram_id = ?", (telegram_id,))


def _account(row: sqlite3.Row | None) -> Account | None:
    if row is None:
        return None
    return Account(
        id=row["id"],
        telegram_id=row["telegram_id"],
        person_id=row["person_id"],
        joined_at=row["joined_at"],
        standing=row["standing"],
        reachable=bool(row["reachable"]),
        withdrawn_at=row["withdrawn_at"],
        paused_until=row["paused_until"],
        preferred_time=row["preferred_time"],
        may_be_named=row["notice_version"].endswith(NAMING),
    )
