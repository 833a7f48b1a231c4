"""Law in the content: the seven values in its wording, and a source wherever a text names a law.

Where a source is written: `source = "…"` in a value, an item or a prompt; `{# source: … #}` in a template.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from messages.checking.finding import Finding
from messages.checking.passages import Passage, place
from messages.library import Library, Value

_LAW = Path(__file__).with_name("law.toml")


def findings(library: Library, passages: list[Passage]) -> Iterator[Finding]:
    """Give every value that is not the law's, and every legal statement without a source."""
    yield from _values(library)
    yield from _statements(passages)


def _values(library: Library) -> Iterator[Finding]:
    file, law = place(library, "values.toml"), _law()["value"]
    names, lawful = [value.name for value in library.values.values()], [value["name"] for value in law]
    if names != lawful:
        yield Finding(file, "value.name", f"the values are {', '.join(names)}", f"the law's are {', '.join(lawful)}")
    by_name = {value["name"]: value for value in law}
    for value in library.values.values():
        if value.name in by_name:
            yield from _wording(file, value, by_name[value.name])
        if not re.search(_law()["law"], value.source):
            wrong = f'"{value.source}" is not where the values stand'
            remedy = 'name "UU Nomor 20 Tahun 2023, Pasal 4 ayat (2)"'
            yield Finding(file, f"{value.id}.source", wrong, remedy)


def _wording(file: str, value: Value, law: dict[str, Any]) -> Iterator[Finding]:
    if _bare(value.definition) != _bare(law["definition"]):
        yield Finding(file, f"{value.id}.definition", "is not the law's wording", f'write "{law["definition"]}"')
    for number, (ours, lawful) in enumerate(zip(value.behaviours, law["behaviours"], strict=True)):
        if _bare(ours) != _bare(lawful):
            key = f"{value.id}.behaviours[{number}]"
            yield Finding(file, key, "is not the law's wording", f'write "{lawful}"')


def _statements(passages: list[Passage]) -> Iterator[Finding]:
    named = re.compile("|".join(_law()["statements"]))
    for passage in passages:
        found = named.search(passage.text)
        if found and not passage.source.strip():
            wrong = f'"{found[0]}" is a legal statement without a source'
            yield Finding(passage.file, passage.key, wrong, _where_to_write(passage))


def _where_to_write(passage: Passage) -> str:
    if passage.part == "template":
        return "write {# source: law, article #} into the template"
    if passage.part == "title":
        return "leave the law out of a title"
    return 'write source = "law, article" beside it'


def _bare(text: str) -> str:
    return " ".join(text.split()).rstrip(".;").casefold()


@cache
def _law() -> dict[str, Any]:
    return tomllib.loads(_LAW.read_text(encoding="utf-8"))
