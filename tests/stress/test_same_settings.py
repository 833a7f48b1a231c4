"""What is measured is what is killed: `make bench` and the crash tests run the shipped bot, with nothing loosened."""

import re
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

from bot.config import Config, Storage, Telegram, load_config
from bot.delivery import worker
from bot.store import turns
from bot.store.database import Store
from tests.bench.sinar import settings
from tests.stress.world import city

BENCH = Path(__file__).parents[1] / "bench"
# Where and how fast: all that a measurement or a crash test may choose of how the bot sends and stores.
CHOSEN = {"api_base_url", "messages_per_second", "bot_username", "path", "backup_dir"}


def chosen(config: Config) -> set[str]:
    """Return the keys of [telegram] and [storage] that are not as shipped."""
    found = set()
    for section, shipped in ((config.telegram, Telegram()), (config.storage, Storage())):
        found |= {name for name in type(section).model_fields if getattr(section, name) != getattr(shipped, name)}
    return found


async def test_both_run_the_bot_as_it_is_shipped(tmp_path: Path) -> None:
    measured = settings("http://127.0.0.1:1", tmp_path, 28)
    assert chosen(measured) <= CHOSEN
    (tmp_path / "city").mkdir()
    async with city(tmp_path / "city") as made:
        killed = load_config(made.folder / "config.toml")
        assert chosen(killed) <= CHOSEN
        assert tomllib.loads((made.folder / "config.toml").read_text())["telegram"].keys() <= CHOSEN
    assert measured.telegram.http_client == killed.telegram.http_client


async def test_the_store_of_both_is_synchronous_and_the_sizes_of_batches_have_no_setting(tmp_path: Path) -> None:
    async with Store(tmp_path / "sinar.db") as store:
        assert await store.write(lambda db: db.execute("PRAGMA synchronous").fetchone()[0]) == 2
    with closing(sqlite3.connect(tmp_path / "sinar.db")) as db:
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert worker.MOST_UNDER_WAY <= 16
    assert turns.MOST_TOGETHER <= 32
    # No measurement reaches into the bot to loosen anything.
    for file in BENCH.glob("*.py"):
        text = file.read_text()
        # The generator writes the cities' files before anything is measured.
        assert "PRAGMA synchronous" not in text or file.name == "city.py", file.name
        loosened = re.search(r"\b(database|turns|worker|pacing|outbox)\.[A-Z_]+ *=|setattr|monkeypatch", text)
        assert loosened is None, file.name
