"""No statement of the program walks through a big table: every command is said, and days pass, in a generated city."""

import ast
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.store.database import connect, prepare
from tests.bench.city import NOW, build
from tests.bench.sayings import heard, sayings
from tests.bench.town import settled_in
from tests.plans import ALLOWED, BIG, ROOT, SMALL, Plans, scans

# A row of these is deleted with the roster's undo at most: that it looks for what still needs it may take its time.
SELDOM_DELETED = frozenset({"unit", "session"})


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    prepare(tmp_path / "sinar.db")
    with closing(connect(tmp_path / "sinar.db")) as db:
        yield db


async def test_every_command_and_two_days_walk_through_no_big_table(tmp_path: Path, plans: Plans) -> None:
    build(tmp_path / "sinar.db", 300, 1)
    async with settled_in(tmp_path / "sinar.db") as town:
        await town.hand.look()
        for number, saying in enumerate(sayings()):
            await heard(town, saying, number)
        for hours in (4, 20):
            await town.hand.wait(timedelta(hours=hours))
        assert town.clock.now() > NOW + timedelta(hours=23)
        assert not town.box.world.refused
    # Of all that was seen so far in this process: each statement is looked at once.
    assert len(plans.seen) > 200
    assert plans.wrong() == {}
    assert "bot/store/figures.py:participation" in plans.scans, "the summaries were counted, and seen"


def test_every_table_is_known_as_big_or_small(empty: sqlite3.Connection) -> None:
    tables = {row[0] for row in empty.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == BIG | SMALL
    assert not BIG & SMALL


def test_deleting_a_row_walks_through_no_table_that_refers_to_it(empty: sqlite3.Connection) -> None:
    """SQLite looks for such rows at each DELETE, and says so in no plan."""
    for table in sorted(BIG):
        for key in empty.execute(f"SELECT * FROM pragma_foreign_key_list('{table}')").fetchall():
            if key["table"] not in SELDOM_DELETED:
                asked = f'SELECT 1 FROM {table} WHERE "{key["from"]}" = ?'
                assert scans(empty, asked, (1,)) == [], f"{table}.{key['from']}"


@pytest.mark.parametrize(
    ("sql", "walks"),
    [
        ("SELECT * FROM touchpoint WHERE person_id = 1", False),
        ("SELECT * FROM touchpoint t WHERE t.late = 1", True),
        ("SELECT count(*) FROM audit", True),
        ("SELECT max(id) FROM audit", False),
        ("SELECT p.name FROM unit u JOIN person AS p ON p.unit_id = u.id WHERE u.name = 'x'", False),
        ("SELECT p.name FROM unit u JOIN person AS p ON p.position = u.name", True),
        ("SELECT 1 FROM unit u JOIN outbox o ON o.lane = u.id", True),
        ("DELETE FROM answer WHERE edited_at < '2025'", True),
        ("SELECT 1 FROM commitment_check WHERE at < '2025'", True),
        ("SELECT 1 FROM commitment_check WHERE at >= '2024' AND at < '2025'", False),
        ("SELECT 1 FROM touchpoint WHERE look_at < '2025'", False),
        ("SELECT 1 FROM outbox WHERE state IN ('waiting', 'leased')", False),
        ("SELECT 1 FROM outbox WHERE dedupe_key GLOB 'a:' || lane", True),
    ],
)
def test_a_walk_is_seen(empty: sqlite3.Connection, sql: str, walks: bool) -> None:
    assert bool(scans(empty, sql)) == walks


def test_no_other_room_asks_the_database() -> None:
    """Statements are the store's; the demo alone asks its own small file."""
    said = {
        str(file.relative_to(ROOT)): node.value
        for room in ("bot", "handlers", "messages", "scheduler")
        for file in (ROOT / room).rglob("*.py")
        if not file.is_relative_to(ROOT / "bot/store") and not file.is_relative_to(ROOT / "bot/demo")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE|REPLACE) ", node.value)
    }
    assert said == {}


def test_every_exception_is_of_a_place_that_there_is() -> None:
    for place in ALLOWED:
        file, _, name = place.partition(":")
        assert f"def {name}(" in Path(file).read_text(encoding="utf-8"), place
