"""What stands in the ledger after a session is planned, moved, cancelled, and after people join."""

import sqlite3
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.calendars import Calendars
from bot.clock import to_text
from bot.config import Config
from bot.domain.journey import Kind
from bot.store import accounts, due, ledger, planning, sessions, touches
from bot.store.database import migrations, run_migration
from bot.store.planning import Rules
from bot.store.sessions import Session
from messages.library import load_library
from scheduler.release import Gate

WIB = ZoneInfo("Asia/Jakarta")
LIBRARY = load_library()
RULES = Rules(LIBRARY.journeys, Calendars(Config()), cap=1)
GATE = Gate(RULES, LIBRARY)
STEPS = [step for step in LIBRARY.journeys["default"].steps if step.kind is not Kind.REMINDER]


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB).astimezone(UTC)


def session(db: sqlite3.Connection, start: str, hours: int = 3) -> Session:
    db.execute("INSERT OR IGNORE INTO unit (id, name) VALUES (1, 'Dinas Kesehatan')")
    return sessions.add(
        db,
        wib("2025-11-01 09:00"),
        title="Sesi",
        place="Aula",
        start=wib(start),
        end=wib(start) + timedelta(hours=hours),
        unit_ids=[1],
        journey="default",
        messages=[],
    )


def join(db: sqlite3.Connection, number: int, moment: str) -> None:
    db.execute("INSERT OR IGNORE INTO unit (id, name) VALUES (1, 'Dinas Kesehatan')")
    db.execute(
        "INSERT INTO person (id, nip, name, position, unit_id, added_at) VALUES (?, ?, 'Nama', 'Staf', 1, '2025')",
        (number, str(number)),
    )
    account = accounts.consent(db, wib(moment), 1000 + number, "1")
    accounts.bind(db, wib(moment), account.id, number, "verified")
    planning.plan_person(db, wib(moment), RULES, number)


def at(db: sqlite3.Connection, step: str, session_id: int = 1) -> sqlite3.Row:
    row: sqlite3.Row = db.execute(
        "SELECT * FROM touchpoint WHERE step = ? AND session_id = ?", (step, session_id)
    ).fetchone()
    return row


def move(db: sqlite3.Connection, now: str, start: str, hours: int = 3) -> None:
    sessions.move(db, 1, wib(start), wib(start) + timedelta(hours=hours))
    replan(db, now)


def replan(db: sqlite3.Connection, now: str) -> None:
    for one in sessions.to_replan(db):
        planning.replan(db, wib(now), RULES, one)


def serve(db: sqlite3.Connection, now: str) -> list[str]:
    """Let the gate decide; return the steps that it let through now."""
    sessions.freeze_invited(db, wib(now))
    before = {row[0] for row in db.execute("SELECT id FROM touchpoint WHERE released_at IS NOT NULL")}
    for person in due.people(db, wib(now), 100):
        GATE.serve(db, wib(now), person)
    return [
        row["step"]
        for row in db.execute("SELECT id, step FROM touchpoint WHERE released_at IS NOT NULL ORDER BY id")
        if row["id"] not in before
    ]


def test_every_step_is_planned_once_however_often_it_is_planned(db: sqlite3.Connection) -> None:
    session(db, "2025-11-17 08:00")
    join(db, 1, "2025-11-10 09:00")
    for _ in range(3):
        sessions.mark_replan(db, wib("2025-11-10 09:00"))
        replan(db, "2025-11-10 10:00")
    assert db.execute("SELECT count(*) FROM touchpoint").fetchone()[0] == len(LIBRARY.journeys["default"].steps)
    assert sum(ledger.tally(db, 1)[state] for state in SIX) == len(STEPS)
    assert (
        db.execute("SELECT max(n) FROM (SELECT count(*) AS n FROM decision GROUP BY touchpoint_id)").fetchone()[0] == 1
    )


SIX = ("planned", "deferred", "sent", "answered_early", "expired", "cancelled")


def test_moving_a_session_moves_every_unsent_step(db: sqlite3.Connection) -> None:
    session(db, "2025-11-17 08:00")
    join(db, 1, "2025-11-10 09:00")
    move(db, "2025-11-11 09:00", "2025-11-24 13:00")
    assert at(db, "kabar-sehari-sebelum")["due_at"] == to_text(wib("2025-11-21 13:15"))
    assert at(db, "kabar-pagi")["look_at"] == to_text(wib("2025-11-24 06:45"))
    assert at(db, "kesan")["due_at"] == to_text(wib("2025-11-24 18:00"))
    assert at(db, "komitmen")["due_at"] == to_text(wib("2025-11-25 12:15"))
    assert serve(db, "2025-11-18 12:15") == []


def test_moved_from_the_evening_to_the_noon_of_the_same_day_the_reminder_comes_at_once(db: sqlite3.Connection) -> None:
    """Not yet sent when the session comes nearer: its time is past, and it goes now."""
    session(db, "2025-11-20 17:00")
    join(db, 1, "2025-11-10 09:00")
    move(db, "2025-11-18 15:00", "2025-11-19 13:00")
    assert serve(db, "2025-11-18 15:00") == ["kabar-sehari-sebelum", "kuis-awal"]


def test_moved_earlier_on_the_same_day_nothing_comes_after_the_new_start(db: sqlite3.Connection) -> None:
    """The due time is the same, but what prepares for the session must not come once it has begun."""
    session(db, "2025-11-19 17:00")
    join(db, 1, "2025-11-10 09:00")
    move(db, "2025-11-18 09:00", "2025-11-19 13:00")
    for step in ("kabar-sehari-sebelum", "kabar-pagi", "kuis-awal"):
        assert at(db, step)["unsent_until"] == to_text(wib("2025-11-19 13:00"))
    assert serve(db, "2025-11-19 14:00") == []
    assert at(db, "kuis-awal")["state"] == "expired"


def test_moved_later_on_the_same_day_what_waits_is_not_lost(db: sqlite3.Connection) -> None:
    session(db, "2025-11-19 08:00")
    join(db, 1, "2025-11-10 09:00")
    db.execute(
        "INSERT INTO touch (person_id, day, released_at, source, counts) VALUES (1, '2025-11-18', 'x', 'journey', 1)"
    )
    assert serve(db, "2025-11-18 12:15") == ["kabar-sehari-sebelum"]
    assert (at(db, "kuis-awal")["state"], at(db, "kuis-awal")["reason"]) == ("deferred", "cap")
    move(db, "2025-11-18 16:00", "2025-11-19 14:00")
    assert at(db, "kuis-awal")["look_at"] == to_text(wib("2025-11-19 12:15"))
    assert serve(db, "2025-11-19 12:15") == ["kabar-pagi", "kuis-awal"]


def test_a_session_that_is_over_reminds_nobody(db: sqlite3.Connection) -> None:
    session(db, "2025-11-19 08:00")
    join(db, 1, "2025-11-10 09:00")
    move(db, "2025-11-19 09:00", "2025-11-19 06:00", hours=1)
    assert serve(db, "2025-11-19 12:00") == ["kesan", "refleksi-pertama"]
    assert {at(db, step)["state"] for step in ("kabar-pagi", "kabar-sehari-sebelum", "kuis-awal")} == {"expired"}


def test_cancelling_cancels_what_is_unsent_and_moving_revives_it(db: sqlite3.Connection) -> None:
    session(db, "2025-11-17 08:00")
    join(db, 1, "2025-11-10 09:00")
    sessions.cancel(db, wib("2025-11-11 09:00"), 1)
    replan(db, "2025-11-11 09:00")
    assert ledger.tally(db, 1)["cancelled"] == len(STEPS)
    assert serve(db, "2025-11-17 15:00") == []


def test_who_joins_on_the_way_gets_what_is_to_come_alone(db: sqlite3.Connection) -> None:
    session(db, "2025-11-17 08:00")
    join(db, 1, "2025-11-21 09:00")
    states = {row["step"]: row["state"] for row in db.execute("SELECT step, state FROM touchpoint")}
    past = {"kabar-sehari-sebelum", "kabar-pagi", "kuis-awal", "kesan", "refleksi-pertama", "komitmen", "kuis-a"}
    assert {step for step, state in states.items() if state == "cancelled"} == past
    assert serve(db, "2025-11-21 13:15") == []


def test_who_joins_in_the_hall_gets_the_prequiz_at_once(db: sqlite3.Connection) -> None:
    session(db, "2025-11-17 08:00")
    join(db, 1, "2025-11-17 07:40")
    assert serve(db, "2025-11-17 07:40") == ["kuis-awal"]


def test_steps_due_together_share_one_touch(db: sqlite3.Connection) -> None:
    session(db, "2025-11-17 08:00")
    join(db, 1, "2025-11-10 09:00")
    serve(db, "2025-11-14 13:15")
    assert serve(db, "2025-11-17 13:00") == ["kesan", "refleksi-pertama"]
    assert at(db, "kesan")["touch_id"] == at(db, "refleksi-pertama")["touch_id"]
    touches = db.execute("SELECT template, facts FROM outbox WHERE dedupe_key LIKE 'touch:%' ORDER BY id").fetchall()
    assert len(touches) == 3  # the reminder, the pre-quiz, and one for both steps


def test_nobody_who_is_done_closed_or_gone_is_reminded(db: sqlite3.Connection) -> None:
    session(db, "2025-11-17 08:00")
    for number in range(1, 6):
        join(db, number, "2025-11-10 09:00")
    serve(db, "2025-11-17 13:00")
    now = wib("2025-11-17 13:01")
    of = {row["person_id"]: row["id"] for row in db.execute("SELECT * FROM touchpoint WHERE step = 'refleksi-pertama'")}
    for touchpoint in of.values():
        touches.sent(db, now, touchpoint)
    row = ledger.touchpoint(db, of[1])
    assert row is not None
    touches.answered(db, now, row)
    touches.skip(db, now, of[2])
    accounts.set_pause(db, 3, wib("2025-12-01 00:00"))
    accounts.set_reachable(db, 1004, False)
    # All that the day after brings but the reminder is taken away.
    db.execute("UPDATE touchpoint SET look_at = NULL, state = 'cancelled' WHERE state = 'planned'")
    serve(db, "2025-11-18 13:00")
    reminded = db.execute("SELECT person_id FROM touchpoint WHERE reminded_at IS NOT NULL").fetchall()
    assert [row[0] for row in reminded] == [5]
    assert db.execute("SELECT remind_at FROM touchpoint WHERE id = ?", (of[3],)).fetchone()[0] > to_text(
        wib("2025-12-01 00:00")
    )
    serve(db, "2025-11-19 13:00")
    assert db.execute("SELECT count(*) FROM outbox WHERE dedupe_key LIKE 'remind:%'").fetchone()[0] == 1


def test_a_reminder_on_a_day_with_a_touch_is_a_line_under_it(db: sqlite3.Connection) -> None:
    session(db, "2025-11-17 08:00")
    join(db, 1, "2025-11-10 09:00")
    serve(db, "2025-11-17 13:00")
    reflection = at(db, "refleksi-pertama")["id"]
    touches.sent(db, wib("2025-11-17 13:00"), reflection)
    assert serve(db, "2025-11-18 12:15") == ["komitmen"]
    facts = db.execute("SELECT facts FROM outbox ORDER BY id DESC LIMIT 1").fetchone()[0]
    assert f'"reminders": [{reflection}]' in facts
    assert touches.on_day(db, 1, wib("2025-11-18 12:15").date()) == 1


def in_memory() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.row_factory = sqlite3.Row
    for number, sql in migrations():
        run_migration(db, number, sql)
    return db


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(6, 20)), min_size=1, max_size=3),
    st.lists(st.integers(1, 24 * 9), min_size=5, max_size=25),
    st.integers(0, 30),
    st.data(),
)
def test_the_ledger_adds_up_and_no_day_has_two_touches(
    starts: list[tuple[int, int]], gaps: list[int], joined: int, data: st.DataObject
) -> None:
    """Whatever is planned, moved and cancelled, and however long nobody looked."""
    db = in_memory()
    first = wib("2025-11-03 00:00")
    for day, hour in starts:
        session(db, (first + timedelta(days=day, hours=hour)).astimezone(WIB).strftime("%Y-%m-%d %H:%M"))
    join(db, 1, (first + timedelta(days=joined, hours=10)).astimezone(WIB).strftime("%Y-%m-%d %H:%M"))
    now = first + timedelta(days=joined, hours=10)
    ids = [one.id for one in sessions.every(db)]
    for gap in gaps:
        now += timedelta(hours=gap)
        text = now.astimezone(WIB).strftime("%Y-%m-%d %H:%M")
        what = data.draw(st.sampled_from(["look", "look", "look", "move", "cancel"]))
        chosen = data.draw(st.sampled_from(ids))
        if what == "move":
            start = now + timedelta(hours=data.draw(st.integers(-30, 200)))
            sessions.move(db, chosen, start, start + timedelta(hours=3))
        elif what == "cancel" and len(ids) > 1:
            sessions.cancel(db, now, chosen)
        sessions.freeze_invited(db, now)
        replan(db, text)
        touches.close_expired(db, now)
        before = db.execute("SELECT coalesce(max(id), 0) FROM touch").fetchone()[0]
        serve(db, text)
        calendar = RULES.calendars.city
        counted = db.execute("SELECT count(*) FROM touch WHERE id > ? AND counts = 1", (before,)).fetchone()[0]
        assert not counted or calendar.closed(now) is None
        # What was let through is with Telegram at once.
        for row in db.execute("SELECT id FROM touchpoint WHERE state = 'released'").fetchall():
            touches.sent(db, now, row["id"])
        for one in ids:
            rows = db.execute(
                "SELECT count(*) FROM touchpoint WHERE session_id = ? AND kind <> 'reminder'", (one,)
            ).fetchone()[0]
            assert sum(ledger.tally(db, one)[state] for state in SIX) == rows
            assert rows in (0, len(STEPS))
    most = db.execute(
        "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM touch WHERE counts = 1 GROUP BY person_id, day)"
    ).fetchone()[0]
    assert most <= 1
    late = db.execute(
        "SELECT count(*) FROM touchpoint WHERE kind IN ('reminder', 'prequiz')"
        " AND released_at IS NOT NULL AND unsent_until IS NOT NULL AND released_at >= unsent_until"
    ).fetchone()[0]
    assert late == 0
    db.close()


@pytest.mark.parametrize("absent", [True, False])
def test_who_was_absent_gets_no_reaction_and_no_first_reflection(db: sqlite3.Connection, absent: bool) -> None:
    session(db, "2025-11-17 08:00")
    join(db, 1, "2025-11-10 09:00")
    if absent:
        db.execute("UPDATE participant SET absent_at = ?", (to_text(wib("2025-11-17 09:00")),))
    expected = [] if absent else ["kesan", "refleksi-pertama"]
    assert serve(db, "2025-11-17 13:00") == expected
    assert touches.on_day(db, 1, wib("2025-11-17 13:00").date()) == len(expected[:1])


def plans(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    columns = "participant_id, step, state, due_at, look_at, unsent_until, reason"
    return [tuple(row) for row in db.execute(f"SELECT {columns} FROM touchpoint ORDER BY participant_id, step")]


def test_a_plan_made_some_a_write_and_broken_off_is_the_one_made_at_once(db: sqlite3.Connection) -> None:
    now = wib("2025-11-11 09:00")
    session(db, "2025-11-17 08:00")
    for number in range(1, 6):
        join(db, number, "2025-11-10 09:00")
    start = wib("2025-11-24 13:00")
    sessions.move(db, 1, start, start + timedelta(hours=3))
    db.execute("SAVEPOINT at_once")
    replan(db, "2025-11-11 09:00")
    whole = plans(db)
    db.execute("ROLLBACK TO at_once")
    assert plans(db) != whole
    # One a write; the process ends after two of them, and begins again from what it finds.
    left = planning.begin_replan(db, now, sessions.get(db, 1))
    for _ in range(2):
        left = planning.plan_some(db, now, RULES, left, seconds=0)
    assert len(left) == 3
    assert [one.id for one in sessions.to_replan(db)] == [1]
    mark, left = sessions.replan_mark(db, 1), planning.begin_replan(db, now, sessions.get(db, 1))
    while left:
        left = planning.plan_some(db, now, RULES, left, seconds=0)
    assert sessions.replanned(db, 1, mark)
    assert plans(db) == whole
    assert sessions.to_replan(db) == []


def test_what_is_asked_for_while_a_plan_is_made_is_not_forgotten(db: sqlite3.Connection) -> None:
    now = wib("2025-11-11 09:00")
    session(db, "2025-11-17 08:00")
    for number in range(1, 4):
        join(db, number, "2025-11-10 09:00")
    mark = sessions.replan_mark(db, 1)
    left = planning.plan_some(db, now, RULES, planning.begin_replan(db, now, sessions.get(db, 1)), seconds=0)
    sessions.cancel(db, now, 1)
    assert planning.plan_some(db, now, RULES, left) == ()
    assert not sessions.replanned(db, 1, mark)
    replan(db, "2025-11-11 09:00")
    assert sessions.to_replan(db) == []
    assert {row["reason"] for row in db.execute("SELECT reason FROM touchpoint WHERE state = 'cancelled'")} == {
        "session_cancelled"
    }
    assert ledger.tally(db, 1)["planned"] == 0


def test_who_is_erased_while_a_plan_is_made_has_none(db: sqlite3.Connection) -> None:
    session(db, "2025-11-17 08:00")
    db.execute("INSERT INTO person (id, nip, name, position, unit_id, added_at) VALUES (7, '7', 'N', 'S', 1, '2025')")
    assert planning.plan_some(db, wib("2025-11-11 09:00"), RULES, [99]) == ()
    assert plans(db) == []


def test_the_gate_looks_at_what_waits_and_not_at_all_that_there_ever_was(db: sqlite3.Connection) -> None:
    session(db, "2025-11-17 08:00")
    join(db, 1, "2025-11-10 09:00")
    asked: list[str] = []
    db.set_trace_callback(asked.append)
    assert serve(db, "2025-11-17 13:15")
    db.set_trace_callback(None)
    steps = [
        row["detail"]
        for sql in dict.fromkeys(asked)
        if "FROM touchpoint" in sql or "UPDATE touchpoint" in sql or "FROM broadcast_target" in sql
        for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")
    ]
    assert any("touchpoint_person_look" in step for step in steps)
    assert any("touchpoint_person_remind" in step for step in steps)
    assert any("broadcast_target_person_look" in step for step in steps)
    assert [step for step in steps if "INDEX touchpoint_person (" in step] == []
