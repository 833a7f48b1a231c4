"""A database of one's own for each test."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.store.database import Store, connect, prepare


def on_disk(path: Path) -> bytes:
    """All that stands in the file and beside it."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(path.name + "*")))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "sinar.db"


@pytest.fixture
def db(path: Path) -> Iterator[sqlite3.Connection]:
    prepare(path)
    with closing(connect(path)) as made:
        # Here nothing is told of power cuts, and each statement is a commit of its own.
        made.execute("PRAGMA synchronous = OFF")
        yield made


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    async with Store(path) as made:
        yield made
