"""Reads breaks.toml: which defences are taken away, one at a time, and the tests that must turn red."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("breaks.toml")
TEXTS = ("name", "stands_for", "file", "old", "new")


@dataclass(frozen=True)
class Break:
    """The smallest change that takes a defence away: `old`, once in `file`, becomes `new`."""

    name: str
    stands_for: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def read(table: str) -> tuple[Break, ...]:
    """Return the breaks of a table in their order. Raises ValueError, with the entry's name, where one is not whole."""
    return tuple(_one(entry) for entry in tomllib.loads(table)["break"])


def _one(entry: Mapping[str, object]) -> Break:
    name = entry.get("name")
    if wrong := set(entry) ^ {*TEXTS, "tests"}:
        raise ValueError(f"{name}: missing or unknown: {', '.join(sorted(wrong))}")
    if not all(isinstance(entry[key], str) for key in TEXTS):
        raise ValueError(f"{name}: {', '.join(TEXTS)} are texts")
    tests = entry["tests"]
    if not isinstance(tests, list) or not tests or not all("::" in str(test) for test in tests):
        raise ValueError(f"{name}: tests are a list of FILE::NAME, and not an empty one")
    return Break(**{key: str(entry[key]) for key in TEXTS}, tests=tuple(tests))


BREAKS = read(TABLE.read_text(encoding="utf-8"))
