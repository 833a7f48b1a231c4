"""Who was there: marks by list or by hand, also of people who have not joined, and their effect on the journey."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.clock import to_text
from bot.domain.attendance import Listed
from bot.domain.roster import Refusal, RefusalCode
from bot.store import ledger, planning, sessions
from bot.store.planning import HORIZON, Rules
from bot.store.sessions import Session

# Whoever is or may be expected: invited, or a participant (a guest too). :session and :query are given;
# a participant's own row counts before a mark, for scanning the code in the hall corrects it.
_PEOPLE = f"""
    SELECT p.id, p.nip, p.name, u.name AS unit, c.id AS participant_id,
           CASE WHEN c.checked_in_at IS NOT NULL THEN 1 WHEN c.absent_at IS NOT NULL THEN 0
                WHEN c.id IS NULL THEN m.present END AS present
    FROM (SELECT person_id FROM ({sessions.INVITED}) WHERE session_id = :session
          UNION SELECT person_id FROM participant WHERE session_id = :session) e
    JOIN person p ON p.id = e.person_id JOIN unit u ON u.id = p.unit_id
    LEFT JOIN participant c ON c.session_id = :session AND c.person_id = p.id
    LEFT JOIN attendance m ON m.session_id = :session AND m.person_id = p.id
"""  # noqa: S608 - constants within


@dataclass(frozen=True)
class ListDifference:
    """What a list would change: people (ids) to mark, how many stand so already, who is not in it."""

    present: tuple[int, ...]
    absent: tuple[int, ...]
    same: int
    unlisted: tuple[int, ...]
    refused: tuple[Refusal, ...]


def people(db: sqlite3.Connection, session_id: int, query: str = "") -> list[sqlite3.Row]:
    """Return who is expected, by name: id, name, unit, present (1, 0 or NULL); of a name's part or a NIP's start."""
    said = " ".join(query.split())
    digits = "".join(said.split())
    if digits.isascii() and digits.isdigit():
        where, names = "WHERE p.nip LIKE :query || '%'", {"session": session_id, "query": digits}
    else:
        folded = said.casefold()
        rows = db.execute(f"{_PEOPLE} ORDER BY p.name, p.id", {"session": session_id})
        return [row for row in rows if folded in str(row["name"]).casefold()]
    return db.execute(f"{_PEOPLE} {where} ORDER BY p.name, p.id", names).fetchall()


def one(db: sqlite3.Connection, session_id: int, person_id: int) -> sqlite3.Row | None:
    """Return the row of `people` for one person, or None for somebody who is not expected."""
    found: sqlite3.Row | None = db.execute(
        f"{_PEOPLE} WHERE p.id = :person", {"session": session_id, "person": person_id}
    ).fetchone()
    return found


def counts(db: sqlite3.Connection, session_id: int) -> dict[str, int]:
    """Return how many are marked present, marked absent, and not marked."""
    row = db.execute(
        "SELECT coalesce(sum(present = 1), 0), coalesce(sum(present = 0), 0),"  # noqa: S608 - a constant within
        f" coalesce(sum(present IS NULL), 0) FROM ({_PEOPLE})",
        {"session": session_id},
    ).fetchone()
    return {"present": int(row[0]), "absent": int(row[1]), "unmarked": int(row[2])}


def difference(
    db: sqlite3.Connection, session_id: int, rows: Sequence[Listed], refused: Sequence[Refusal]
) -> ListDifference:
    """Compare a list with what is marked; whoever is unknown or not expected is refused by row."""
    expected = {row["nip"]: row for row in people(db, session_id)}
    present: list[int] = []
    absent: list[int] = []
    left_out = list(refused)
    same = 0
    for listed in rows:
        row = expected.get(listed.nip)
        if row is None:
            left_out.append(_unexpected(db, listed))
        elif row["present"] == int(listed.present):
            same += 1
        else:
            (present if listed.present else absent).append(row["id"])
    named = {listed.nip for listed in rows} | {refusal.nip for refusal in refused}
    unlisted = [row["id"] for nip, row in expected.items() if nip not in named and row["present"] is None]
    left_out.sort(key=lambda refusal: refusal.row)
    return ListDifference(tuple(present), tuple(absent), same, tuple(unlisted), tuple(left_out))


def mark(
    db: sqlite3.Connection, now: datetime, rules: Rules, session: Session, person_id: int, present: bool | None
) -> None:
    """Mark a person present, absent, or neither (None); a mark can be corrected at any time.

    Who is absent gets no reaction and no first reflection; who is not so any more gets what is not past.
    """
    # A list comes days later; people were there while the session ran.
    at = to_text(min(max(now, session.start), session.end))
    if present is None:
        db.execute("DELETE FROM attendance WHERE session_id = ? AND person_id = ?", (session.id, person_id))
    else:
        db.execute(
            "INSERT INTO attendance (session_id, person_id, present, at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (session_id, person_id) DO UPDATE SET present = excluded.present, at = excluded.at",
            (session.id, person_id, int(present), at),
        )
    before = ledger.participant(db, session.id, person_id)
    if before is None:
        return
    db.execute(
        "UPDATE participant SET checked_in_at = CASE WHEN :present THEN coalesce(checked_in_at, :at) END,"
        " absent_at = CASE WHEN :absent THEN :at END WHERE id = :id",
        {"present": present is True, "absent": present is False, "at": at, "id": before["id"]},
    )
    if present is False:
        ledger.take_back(db, now, before["id"])
    elif before["absent_at"] is not None:
        ledger.revive_absent(db, now, before["id"])
    row = ledger.participant(db, session.id, person_id)
    if row is not None and not session.cancelled and now < session.end + HORIZON:
        planning.plan_participant(db, now, rules, session, row)


def _unexpected(db: sqlite3.Connection, listed: Listed) -> Refusal:
    found = db.execute(
        "SELECT p.name, u.name AS unit FROM person p JOIN unit u ON u.id = p.unit_id WHERE p.nip = ?", (listed.nip,)
    ).fetchone()
    if found is None:
        return Refusal(listed.row, RefusalCode.NOT_IN_ROSTER, "", listed.nip, listed.name)
    detail = f"{found['name']} ({found['unit']})"
    return Refusal(listed.row, RefusalCode.NOT_OF_SESSION, detail, listed.nip, found["name"])
