"""Whom a broadcast reaches: the numbers before it is sent are those of the accounts that then get it."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.clock import to_text
from bot.store import audiences, reminding
from bot.store.broadcasts import Target

NOW = datetime(2025, 11, 17, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)
# Not gone and taking part: of the first unit 1 and 2, of the second 6 and 7.
GONE, WITHDRAWN, NEVER_JOINED = 3, 4, 5
CHOICES: list[dict[str, Any]] = [
    {"kind": "all"},
    {"kind": "units", "units": [1]},
    {"kind": "units", "units": [1, 2]},
    {"kind": "session", "session": 1},
    {"kind": "session", "session": 2},
    {"kind": "unanswered"},
    {"kind": "coordinators"},
]


@pytest.fixture
def city(db: sqlite3.Connection) -> sqlite3.Connection:
    """Two units of seven people, three sessions: over two years ago, over last week, to come."""
    at = to_text(NOW - 900 * DAY)
    db.executemany("INSERT INTO unit (id, name) VALUES (?, ?)", [(1, "Dinas Satu"), (2, "Dinas Dua")])
    for person, name in enumerate(("Cici", "budi", "Ani", "Dedi", "Eka", "Fitri", "Gani"), 1):
        unit = 1 if person <= NEVER_JOINED else 2
        gone = at if person == GONE else None
        db.execute(
            "INSERT INTO person (id, nip, name, position, unit_id, added_at, gone_at)"
            " VALUES (?, ?, ?, 'Staf', ?, ?, ?)",
            (person, str(person), name, unit, at, gone),
        )
        if person != NEVER_JOINED:
            db.execute(
                "INSERT INTO account (telegram_id, person_id, consented_at, notice_version, joined_at, withdrawn_at)"
                " VALUES (?, ?, ?, '1+named', ?, ?)",
                (100 + person, person, at, at, at if person == WITHDRAWN else None),
            )
    for session, ended in ((1, NOW - 700 * DAY), (2, NOW - 7 * DAY), (3, NOW + DAY)):
        db.execute(
            "INSERT INTO session (id, title, place, start_at, end_at, journey, payload, created_at, invited_frozen_at)"
            " VALUES (?, 'Sesi', 'Aula', ?, ?, 'default', ?, ?, ?)",
            (session, to_text(ended - DAY / 8), to_text(ended), str(session), at, at if ended < NOW else None),
        )
        db.execute("INSERT INTO session_unit (session_id, unit_id) VALUES (?, 1)", (session,))
    db.executemany("INSERT INTO session_invited VALUES (?, ?, 1)", [(s, p) for s in (1, 2) for p in range(1, 6)])
    # Gani is a guest of the second one, and coordinates both units.
    db.execute("INSERT INTO participant (session_id, person_id, joined_at, guest) VALUES (2, 7, ?, 1)", (at,))
    db.executemany(
        "INSERT INTO coordinator (unit_id, payload_hash, state, invited_at, expires_at, account_id, name)"
        " SELECT ?, ?, 'active', ?, ?, id, 'Gani K.' FROM account WHERE person_id = 7",
        [(1, "a", at, at), (2, "b", at, at)],
    )
    return db


def step(db: sqlite3.Connection, person: int, session: int, kind: str = "quiz", **also: str) -> int:
    """Plant a step that was sent and stands open; returns its number."""
    db.execute(
        "INSERT OR IGNORE INTO participant (session_id, person_id, joined_at) VALUES (?, ?, '2023')", (session, person)
    )
    row = {"step": f"{kind}-{len(also)}", "kind": kind, "state": "sent", "reason": "due", "sent_at": "2023"} | also
    return (
        db.execute(
            f"INSERT INTO touchpoint (participant_id, person_id, session_id, {', '.join(row)})"
            f" SELECT id, person_id, session_id, {', '.join('?' * len(row))} FROM participant"
            " WHERE person_id = ? AND session_id = ?",
            (*row.values(), person, session),
        ).lastrowid
        or 0
    )


def people(db: sqlite3.Connection, choice: dict[str, Any]) -> list[int]:
    return sorted(target.person_id or 0 for target in audiences.chosen(db, NOW, choice).targets)


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_the_number_and_the_names_are_those_of_the_accounts(city: sqlite3.Connection, choice: dict[str, Any]) -> None:
    for person in (1, 3, 4, 6):
        step(city, person, 2)
    audience = audiences.chosen(city, NOW, choice)
    size = audiences.size(city, NOW, choice)
    assert (size.accounts, size.never_joined) == (len(audience.targets), audience.never_joined)
    assert len(set(audience.targets)) == len(audience.targets) > 0
    named = audiences.names(city, NOW, choice, names_unanswered=False)
    assert len(named) == (0 if choice["kind"] == "unanswered" else size.accounts)
    assert named == sorted(named, key=lambda name: name[0].casefold())
    assert audiences.names(city, NOW, choice, names_unanswered=False, limit=1) == named[:1]


@pytest.mark.parametrize(
    ("choice", "reached", "never_joined"),
    [
        (CHOICES[0], [1, 2, 6, 7], 2),
        (CHOICES[1], [1, 2], 2),
        # The one who is gone was invited to what has begun.
        (CHOICES[4], [1, 2, 7], 2),
        ({"kind": "session", "session": 3}, [1, 2], 2),
        (CHOICES[6], [7], 0),
    ],
    ids=str,
)
def test_who_is_gone_or_withdrew_is_not_reached(
    city: sqlite3.Connection, choice: dict[str, Any], reached: list[int], never_joined: int
) -> None:
    assert people(city, choice) == reached
    assert audiences.size(city, NOW, choice).never_joined == never_joined


def test_a_coordinator_who_is_no_participant_is_reached_as_a_coordinator(city: sqlite3.Connection) -> None:
    city.execute("UPDATE account SET joined_at = NULL WHERE person_id = 7")
    assert audiences.chosen(city, NOW, {"kind": "coordinators"}).targets == (Target(107, None),)
    assert audiences.names(city, NOW, {"kind": "coordinators"}, names_unanswered=False) == [("Gani", "Dinas Dua")]


def test_who_has_not_answered_has_a_step_open_of_a_journey_that_goes_on(city: sqlite3.Connection) -> None:
    unanswered = {"kind": "unanswered"}
    step(city, 1, 2)
    step(city, 1, 2, "reflection")
    step(city, 2, 2, answered_at="2025")
    step(city, 6, 2, "recap")
    assert people(city, unanswered) == [1]
    # A pre-quiz has lost its sense once the session runs.
    step(city, 2, 2, "prequiz")
    step(city, 6, 3, "prequiz")
    assert people(city, unanswered) == [1, 6]
    city.execute("UPDATE session SET cancelled_at = '2025' WHERE id = 3")
    assert people(city, unanswered) == [1]


def test_nobody_is_asked_for_what_was_left_half_done_years_ago(city: sqlite3.Connection) -> None:
    old, new = step(city, 1, 1, started_at="2023"), step(city, 2, 2, started_at="2025")
    assert people(city, {"kind": "unanswered"}) == [2]
    assert reminding.remind_unit(city, NOW, 1) == 1
    reminded = "SELECT id FROM touchpoint WHERE remind_at IS NOT NULL"
    assert [row["id"] for row in city.execute(reminded)] == [new] != [old]


def test_no_such_audience(city: sqlite3.Connection) -> None:
    for choice in ({"kind": "x"}, {}, {"kind": "session", "session": 99}):
        for ask in (audiences.chosen, audiences.size):
            with pytest.raises(LookupError):
                ask(city, NOW, choice)


@pytest.mark.parametrize("kind", ["all", "unanswered"])
def test_the_largest_are_counted_within_indexes(db: sqlite3.Connection, kind: str) -> None:
    """No row is fetched for those who are counted: that is what grew with the people."""
    asked: list[str] = []
    # Asked once before: what watches over plans explains, on this connection, each statement that it sees first.
    audiences.size(db, NOW, {"kind": kind})
    db.set_trace_callback(asked.append)
    audiences.size(db, NOW, {"kind": kind})
    db.set_trace_callback(None)
    steps = [row["detail"] for sql in asked for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")]
    fetched = [step for step in steps if step.startswith(("SCAN", "SEARCH")) and "COVERING INDEX" not in step]
    # Sessions are few, and what they leave is held in memory.
    assert [step for step in fetched if step not in ("SCAN s", "SCAN w", "SCAN CONSTANT ROW")] == []
    assert any("touchpoint_unanswered" in step for step in steps) == (kind == "unanswered")
    assert any("account_taking_part" in step for step in steps)
