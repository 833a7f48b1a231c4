"""Sessions: what was planned, for whom, and who is invited."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from bot.clock import from_text, to_text
from bot.store.accounts import new_payload

# In place of the start that people were told: what they know is no longer so.
TOLD_ANOTHER_PLACE = "another place"


class UnknownUnit(LookupError):
    """No unit of that name is in the roster; the message names it."""


@dataclass(frozen=True)
class Session:
    """One event. Instants are aware, UTC."""

    id: int
    title: str
    place: str
    start: datetime
    end: datetime
    journey: str
    payload: str
    created: datetime
    cancelled: bool
    frozen: bool

    def state(self, now: datetime) -> str:
        """Return planned, running, over or cancelled."""
        if self.cancelled:
            return "cancelled"
        if now < self.start:
            return "planned"
        return "running" if now < self.end else "over"


def unit_id(db: sqlite3.Connection, name: str) -> int:
    """Return the id of a unit by its name as in the roster, case ignored; raises UnknownUnit."""
    wanted = " ".join(name.split())
    row = db.execute("SELECT id FROM unit WHERE name = ?", (wanted,)).fetchone()
    if row is None:
        # SQLite folds only ASCII case; names with other letters are compared here.
        folded = wanted.casefold()
        for unit in db.execute("SELECT id, name FROM unit"):
            if unit["name"].casefold() == folded:
                return int(unit["id"])
        raise UnknownUnit(name)
    return int(row["id"])


def units(db: sqlite3.Connection) -> list[tuple[int, str]]:
    """Return all units: id and name, by name."""
    return [(row["id"], row["name"]) for row in db.execute("SELECT id, name FROM unit ORDER BY name")]


def unit_sizes(db: sqlite3.Connection) -> dict[int, int]:
    """Return how many people each unit has now, by its id."""
    return dict(db.execute("SELECT unit_id, count(*) FROM person WHERE gone_at IS NULL GROUP BY unit_id").fetchall())


def add(
    db: sqlite3.Connection,
    now: datetime,
    *,
    title: str,
    place: str,
    start: datetime,
    end: datetime,
    unit_ids: list[int],
    journey: str,
    messages: list[str],
) -> Session:
    """Plan a session. Raises sqlite3.IntegrityError when it does not end after it begins."""
    cursor = db.execute(
        "INSERT INTO session (title, place, start_at, end_at, journey, payload, created_at, told_start_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (title, place, to_text(start), to_text(end), journey, new_payload(), to_text(now), to_text(start)),
    )
    session_id = cursor.lastrowid or 0
    db.executemany(
        "INSERT INTO session_unit (session_id, unit_id) VALUES (?, ?)",
        [(session_id, unit) for unit in dict.fromkeys(unit_ids)],
    )
    db.executemany(
        "INSERT INTO session_message (session_id, position, text) VALUES (?, ?, ?)",
        [(session_id, position, text) for position, text in enumerate(messages, 1)],
    )
    return get(db, session_id)


def move(db: sqlite3.Connection, session_id: int, start: datetime, end: datetime) -> None:
    """Give a session new times; the timetable re-plans every unsent touch at its next look."""
    db.execute(
        "UPDATE session SET start_at = ?, end_at = ?, replan = replan + 1 WHERE id = ?",
        (to_text(start), to_text(end), session_id),
    )
    # A session that had begun and is to begin again later invites the people of its new start.
    unfrozen = db.execute(
        "UPDATE session SET invited_frozen_at = NULL WHERE id = ? AND invited_frozen_at < ?",
        (session_id, to_text(start)),
    ).rowcount
    if unfrozen:
        db.execute("DELETE FROM session_invited WHERE session_id = ?", (session_id,))


def cancel(db: sqlite3.Connection, now: datetime, session_id: int) -> None:
    """Cancel a session; the timetable cancels every unsent touch at its next look."""
    db.execute(
        "UPDATE session SET cancelled_at = ?, replan = replan + 1 WHERE id = ? AND cancelled_at IS NULL",
        (to_text(now), session_id),
    )


def rename(db: sqlite3.Connection, session_id: int, title: str, place: str) -> None:
    """Give a session another title or place; whoever knew of it is told of another place at the next look."""
    db.execute(
        "UPDATE session SET told_start_at = ?, replan = replan + 1"
        " WHERE id = ? AND place <> ? AND cancelled_at IS NULL",
        (TOLD_ANOTHER_PLACE, session_id, place),
    )
    db.execute("UPDATE session SET title = ?, place = ? WHERE id = ?", (title, place, session_id))


def invite_units(db: sqlite3.Connection, session_id: int, unit_ids: list[int]) -> None:
    """Set which units are invited; the timetable plans for those added, and cancels for those left out."""
    db.execute("DELETE FROM session_unit WHERE session_id = ?", (session_id,))
    db.executemany(
        "INSERT INTO session_unit (session_id, unit_id) VALUES (?, ?)",
        [(session_id, unit) for unit in dict.fromkeys(unit_ids)],
    )
    mark_for_replan(db, session_id)


def set_messages(db: sqlite3.Connection, session_id: int, texts: list[str]) -> None:
    """Set what was said, for the quotes of the first reflection."""
    db.execute("DELETE FROM session_message WHERE session_id = ?", (session_id,))
    db.executemany(
        "INSERT INTO session_message (session_id, position, text) VALUES (?, ?, ?)",
        [(session_id, position, text) for position, text in enumerate(texts, 1)],
    )


def unit_ids(db: sqlite3.Connection, session_id: int) -> list[int]:
    """Return the ids of the invited units."""
    found = db.execute("SELECT unit_id FROM session_unit WHERE session_id = ? ORDER BY unit_id", (session_id,))
    return [int(row["unit_id"]) for row in found]


def who_knows(db: sqlite3.Connection, session_id: int) -> list[int]:
    """Return the chats (telegram ids) of those who take part and can be told of a change."""
    return [
        int(row["telegram_id"])
        for row in db.execute(
            "SELECT a.telegram_id FROM participant p JOIN account a ON a.person_id = p.person_id"
            " WHERE p.session_id = ? AND a.withdrawn_at IS NULL AND a.reachable = 1",
            (session_id,),
        )
    ]


def get(db: sqlite3.Connection, session_id: int) -> Session:
    """Return a session; raises LookupError for an unknown id."""
    row = db.execute("SELECT * FROM session WHERE id = ?", (session_id,)).fetchone()
    if row is None:
        raise LookupError(f"no session has the id {session_id}")
    return _session(row)


def every(db: sqlite3.Connection) -> list[Session]:
    """Return all sessions, the newest start first."""
    return [_session(row) for row in db.execute("SELECT * FROM session ORDER BY start_at DESC, id DESC")]


def count(db: sqlite3.Connection) -> int:
    """Return how many sessions there are."""
    return int(db.execute("SELECT count(*) FROM session").fetchone()[0])


def newest(db: sqlite3.Connection, limit: int, after: int = 0) -> list[Session]:
    """Return up to `limit` sessions, the newest start first, `after` so many."""
    rows = db.execute("SELECT * FROM session ORDER BY start_at DESC, id DESC LIMIT ? OFFSET ?", (limit, after))
    return [_session(row) for row in rows]


def newest_live(db: sqlite3.Connection, limit: int) -> list[Session]:
    """Return up to `limit` sessions that are not cancelled, the newest start first."""
    rows = db.execute(
        "SELECT * FROM session WHERE cancelled_at IS NULL ORDER BY start_at DESC, id DESC LIMIT ?", (limit,)
    )
    return [_session(row) for row in rows]


def any_before(db: sqlite3.Connection, moment: datetime) -> bool:
    """Whether a session had been planned by that instant."""
    found = db.execute("SELECT 1 FROM session WHERE created_at <= ? LIMIT 1", (to_text(moment),)).fetchone()
    return found is not None


def by_payload(db: sqlite3.Connection, payload: str) -> Session | None:
    """Return the session whose link this is, or None."""
    row = db.execute("SELECT * FROM session WHERE payload = ?", (payload,)).fetchone()
    return None if row is None else _session(row)


def to_replan(db: sqlite3.Connection) -> list[Session]:
    """Return the sessions whose plan must be made anew."""
    return [_session(row) for row in db.execute("SELECT * FROM session WHERE replan > 0 ORDER BY id")]


def replan_mark(db: sqlite3.Connection, session_id: int) -> int:
    """Return how often a new plan of the session was asked for since the last one was made."""
    return int(db.execute("SELECT replan FROM session WHERE id = ?", (session_id,)).fetchone()[0])


def mark_replan(db: sqlite3.Connection, since: datetime, unit_ids: list[int] | None = None) -> None:
    """Ask for a new plan of the sessions that end after `since` (of these units, or all)."""
    if unit_ids is None:
        db.execute("UPDATE session SET replan = replan + 1 WHERE end_at > ?", (to_text(since),))
    for unit in unit_ids or []:
        db.execute(
            "UPDATE session SET replan = replan + 1 WHERE end_at > ? AND id IN"
            " (SELECT session_id FROM session_unit WHERE unit_id = ?)",
            (to_text(since), unit),
        )


def mark_for_replan(db: sqlite3.Connection, session_id: int) -> None:
    """Ask for a new plan of one session."""
    db.execute("UPDATE session SET replan = replan + 1 WHERE id = ?", (session_id,))


def replanned(db: sqlite3.Connection, session_id: int, mark: int) -> bool:
    """Note that a session's plan is as it should be; False when it was asked for again since `mark` was read."""
    return db.execute("UPDATE session SET replan = 0 WHERE id = ? AND replan = ?", (session_id, mark)).rowcount == 1


def told_start(db: sqlite3.Connection, session_id: int) -> str | None:
    """Return of which start people were told last ("cancelled": of none any more), or None."""
    found: str | None = db.execute("SELECT told_start_at FROM session WHERE id = ?", (session_id,)).fetchone()[0]
    return found


def note_told(db: sqlite3.Connection, session_id: int, start: str) -> None:
    """Note of which start people are told."""
    db.execute("UPDATE session SET told_start_at = ? WHERE id = ?", (start, session_id))


def unit_names(db: sqlite3.Connection, session_id: int) -> list[str]:
    """Return the names of the invited units."""
    return [
        row["name"]
        for row in db.execute(
            "SELECT u.name FROM session_unit s JOIN unit u ON u.id = s.unit_id WHERE s.session_id = ? ORDER BY u.name",
            (session_id,),
        )
    ]


def messages(db: sqlite3.Connection, session_id: int) -> list[str]:
    """Return what was said, as the admin typed it in, in order."""
    return [
        row["text"]
        for row in db.execute("SELECT text FROM session_message WHERE session_id = ? ORDER BY position", (session_id,))
    ]


def freeze_invited(db: sqlite3.Connection, now: datetime) -> None:
    """Write down who is invited to each session that has begun: the units' people as of the start.

    Asked at every look and before every change of the roster, so that the list is never younger.
    """
    for row in db.execute(
        "SELECT id FROM session WHERE invited_frozen_at IS NULL AND start_at <= ?", (to_text(now),)
    ).fetchall():
        db.execute(
            "INSERT INTO session_invited (session_id, person_id, unit_id)"
            " SELECT s.session_id, p.id, p.unit_id FROM session_unit s"
            " JOIN person p ON p.unit_id = s.unit_id AND p.gone_at IS NULL WHERE s.session_id = ?",
            (row["id"],),
        )
        db.execute("UPDATE session SET invited_frozen_at = ? WHERE id = ?", (to_text(now), row["id"]))


INVITED = """
    SELECT session_id, person_id, unit_id FROM session_invited
    UNION ALL
    SELECT su.session_id, p.id, p.unit_id FROM session s
    JOIN session_unit su ON su.session_id = s.id
    JOIN person p ON p.unit_id = su.unit_id AND p.gone_at IS NULL
    WHERE s.invited_frozen_at IS NULL
"""


def is_invited(db: sqlite3.Connection, session_id: int, person_id: int) -> bool:
    """Whether the person belongs to the session's invited units (as of its start, once it has begun)."""
    session = get(db, session_id)
    if session.frozen:
        found = db.execute(
            "SELECT 1 FROM session_invited WHERE session_id = ? AND person_id = ?", (session_id, person_id)
        ).fetchone()
    else:
        found = db.execute(
            "SELECT 1 FROM person p JOIN session_unit s ON s.unit_id = p.unit_id"
            " WHERE s.session_id = ? AND p.id = ? AND p.gone_at IS NULL",
            (session_id, person_id),
        ).fetchone()
    return found is not None


def inviting(db: sqlite3.Connection, person_id: int) -> list[Session]:
    """Return the sessions, not cancelled, to which the person is invited, oldest first."""
    return [
        _session(row)
        for row in db.execute(
            "SELECT * FROM session WHERE cancelled_at IS NULL AND id IN ("
            " SELECT session_id FROM session_invited WHERE person_id = :person UNION"
            " SELECT su.session_id FROM session_unit su JOIN person p ON p.unit_id = su.unit_id"
            " JOIN session s ON s.id = su.session_id"
            " WHERE p.id = :person AND p.gone_at IS NULL AND s.invited_frozen_at IS NULL)"
            " ORDER BY start_at, id",
            {"person": person_id},
        )
    ]


def invited_with_account(db: sqlite3.Connection, session: Session) -> list[int]:
    """Return the invited people (ids) who have joined."""
    if session.frozen:
        rows = db.execute(
            "SELECT i.person_id FROM session_invited i JOIN account a ON a.person_id = i.person_id"
            " WHERE i.session_id = ? AND a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL",
            (session.id,),
        )
    else:
        rows = db.execute(
            "SELECT p.id FROM session_unit s JOIN person p ON p.unit_id = s.unit_id AND p.gone_at IS NULL"
            " JOIN account a ON a.person_id = p.id WHERE s.session_id = ?"
            " AND a.joined_at IS NOT NULL AND a.withdrawn_at IS NULL",
            (session.id,),
        )
    return [int(row[0]) for row in rows]


def counts(db: sqlite3.Connection, session: Session) -> dict[str, int]:
    """Return invited, joined (of the invited), attended (by code, list or hand) and guests of a session."""
    if session.frozen:
        invited = db.execute("SELECT count(*) FROM session_invited WHERE session_id = ?", (session.id,)).fetchone()[0]
    else:
        invited = db.execute(
            "SELECT count(*) FROM session_unit s JOIN person p ON p.unit_id = s.unit_id"
            " AND p.gone_at IS NULL WHERE s.session_id = ?",
            (session.id,),
        ).fetchone()[0]
    attended, guests = db.execute(
        "SELECT coalesce(sum(checked_in_at IS NOT NULL), 0), coalesce(sum(guest), 0) FROM participant"
        " WHERE session_id = ?",
        (session.id,),
    ).fetchone()
    # Marked by list or by hand, and not joined.
    attended += db.execute(
        "SELECT count(*) FROM attendance m WHERE m.session_id = ? AND m.present = 1 AND NOT EXISTS"
        " (SELECT 1 FROM participant c WHERE c.session_id = m.session_id AND c.person_id = m.person_id)",
        (session.id,),
    ).fetchone()[0]
    return {
        "invited": int(invited),
        "joined": len(invited_with_account(db, session)),
        "attended": int(attended),
        "guests": int(guests),
    }


def _session(row: sqlite3.Row) -> Session:
    return Session(
        id=row["id"],
        title=row["title"],
        place=row["place"],
        start=from_text(row["start_at"]),
        end=from_text(row["end_at"]),
        journey=row["journey"],
        payload=row["payload"],
        created=from_text(row["created_at"]),
        cancelled=row["cancelled_at"] is not None,
        frozen=row["invited_frozen_at"] is not None,
    )
