"""A store of its own for each test, with the real schema, inside an open transaction."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.domain.roster import RosterRow
from bot.roster.errors import FileFault, RosterFileError
from bot.roster.sheets import parse
from bot.store.database import connect, prepare
from tests.roster.files import HEADER, TODAY, workbook


def fault(data: bytes) -> FileFault:
    """Return why a file is refused."""
    with pytest.raises(RosterFileError) as raised:
        parse(data, TODAY)
    return raised.value.code


def one(*row: Any, header: tuple[str, ...] = HEADER) -> RosterRow:
    """Return the one row of a workbook."""
    rows, refused = parse(workbook([header, row]), TODAY)
    assert not refused
    return rows[0]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = tmp_path / "sinar.db"
    prepare(path)
    with closing(connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("ROLLBACK")
