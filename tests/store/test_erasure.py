"""/hapus leaves nothing of a person: not in a table, not in the bytes on the disk."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.clock import to_text
from bot.store import erasure
from bot.store.database import Store
from tests.store.conftest import on_disk
from tests.store.filled import OFFICE, PERSONAL, Filled, columns, fill, office, tables

# Of a coordinator's seat, what the office made when it offered it.
OF_THE_SEAT = {("coordinator", name) for name in ("payload_hash", "invited_at", "expires_at", "revoked_at")}


def everything(db: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    return {table: [tuple(row) for row in db.execute(f"SELECT * FROM {table}")] for table in tables(db)}


def test_every_table_is_known_to_be_the_offices_or_a_persons(db: sqlite3.Connection) -> None:
    """A new table must be sorted here, and if it is a person's, be erased and shown in /dataku."""
    assert set(tables(db)) == OFFICE | set(PERSONAL)
    assert not OFFICE & set(PERSONAL)


async def test_nothing_of_the_person_is_left_in_the_files(store: Store, path: Path) -> None:
    await store.write(office)
    gone: Filled = await store.write(lambda db: fill(db, 1))
    stays: Filled = await store.write(lambda db: fill(db, 2))
    before = on_disk(path)
    for _, marker in [*gone.texts(), *stays.texts()]:
        assert marker.encode() in before
    await store.write(lambda db: erasure.erase(db, gone.telegram))
    await store.checkpoint()
    after = on_disk(path)
    assert {place for place, marker in gone.texts() if marker.encode() in after} == OF_THE_SEAT
    assert [place for place, marker in stays.texts() if marker.encode() not in after] == []


async def test_long_words_are_gone_as_well(store: Store, path: Path) -> None:
    await store.write(office)
    filled: Filled = await store.write(lambda db: fill(db, 1))
    words = " ".join(f"kata{n:05d}" for n in range(4000))
    await store.write(lambda db: db.execute("UPDATE answer SET text = ?", (words,)))
    await store.write(lambda db: db.execute("UPDATE answer SET text = 'pendek'"))
    await store.write(lambda db: db.execute("UPDATE answer SET text = ?", (words,)))
    await store.write(lambda db: erasure.erase(db, filled.telegram))
    await store.checkpoint()
    left = on_disk(path)
    assert [n for n in range(4000) if f"kata{n:05d}".encode() in left] == []


async def test_the_numbers_are_gone_and_the_offices_row_and_all_others_stay(store: Store) -> None:
    await store.write(office)
    other: Filled = await store.write(lambda db: fill(db, 2))
    before = await store.read(everything)
    gone: Filled = await store.write(lambda db: fill(db, 1))
    await store.write(lambda db: erasure.erase(db, gone.telegram))
    after = await store.read(everything)
    numbers = {value for value in gone.values.values() if isinstance(value, int) and value > 1_000_000}
    for table, rows in after.items():
        assert not [row for row in rows if numbers & set(row)], table
    added = {table: [row for row in after[table] if row not in before[table]] for table in after}
    # The roster's row and the invitation to the session are the office's; the coordinator's seat stands empty.
    assert {table: len(rows) for table, rows in added.items() if rows} == {
        "person": 1,
        "session_invited": 1,
        "coordinator": 1,
    }
    lost = [table for table in before if any(row not in after[table] for row in before[table])]
    assert lost == []
    assert other.telegram in {row[1] for row in after["account"]}


async def test_erasing_leaves_no_way_for_the_seat_to_act(store: Store) -> None:
    await store.write(office)
    gone: Filled = await store.write(lambda db: fill(db, 1))
    await store.write(lambda db: erasure.erase(db, gone.telegram))
    (row,) = await store.read(lambda db: db.execute("SELECT * FROM coordinator").fetchall())
    assert (row["state"], row["account_id"], row["name"]) == ("revoked", None, None)


async def test_a_stranger_and_a_second_time_do_no_harm(store: Store) -> None:
    await store.write(office)
    gone: Filled = await store.write(lambda db: fill(db, 1))
    before = await store.read(everything)
    await store.write(lambda db: erasure.erase(db, 123))
    assert await store.read(everything) == before
    for _ in range(2):
        await store.write(lambda db: erasure.erase(db, gone.telegram))
    assert await store.read(lambda db: db.execute("SELECT count(*) FROM answer").fetchone()[0]) == 0


async def test_an_update_still_to_be_handled_is_not_lost(store: Store) -> None:
    await store.write(office)
    gone: Filled = await store.write(lambda db: fill(db, 1))
    await store.write(lambda db: db.execute("UPDATE incoming SET state = 'waiting'"))
    await store.write(lambda db: erasure.erase(db, gone.telegram))
    assert await store.read(lambda db: db.execute("SELECT count(*) FROM incoming").fetchone()[0]) == 1


def test_retention_erases_old_words_and_no_young_ones(db: sqlite3.Connection) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    office(db)
    fill(db, 1)
    fill(db, 2)
    db.execute("UPDATE answer SET created_at = ? WHERE person_id = 1", (to_text(now - timedelta(days=366)),))
    db.execute("UPDATE answer SET created_at = ? WHERE person_id = 2", (to_text(now - timedelta(days=364)),))
    db.execute("UPDATE outbox SET finished_at = NULL")
    erasure.retire(db, now, timedelta(days=365), timedelta(days=35))
    assert [row[0] for row in db.execute("SELECT person_id FROM answer")] == [2]
    assert db.execute("SELECT count(*) FROM outbox").fetchone()[0] == 2


def test_personal_tables_are_filled_in_every_column(db: sqlite3.Connection) -> None:
    """The tests above prove nothing about a column that the filling leaves empty."""
    office(db)
    fill(db, 1)
    for table in PERSONAL:
        row = db.execute(f"SELECT * FROM {table}").fetchone()
        assert [column["name"] for column in columns(db, table) if row[column["name"]] is None] == []
