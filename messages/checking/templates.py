"""The folder's own templates as text: what is said, without what decides when it is said."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from jinja2 import Environment

# Where one branch of a template ends and another begins, a sentence ends too.
BREAK = "¶"
_FACT = "X"
_SOURCE = re.compile(r"\{#-?\s*source:(.*?)-?#\}", re.S | re.I)
_TAG = re.compile(r"</?[a-z][^<>]*>")
_LEXER = Environment(autoescape=True)


@dataclass(frozen=True)
class Template:
    """`plain` has the file's lines, with one word for each fact; `source` is its comment {# source: … #}."""

    name: str
    file: str
    plain: str
    source: str


def own_templates(folder: Path) -> Iterator[Template]:
    """Give the templates of the folder itself, by name; they must be free of faults of syntax."""
    for path in sorted((folder / "templates").glob("*.j2")):
        text = path.read_text(encoding="utf-8")
        yield Template(path.stem, str(path), plain(text), " ".join(_SOURCE.findall(text)).strip())


def plain(text: str) -> str:
    """Return a template as it reads: comments and tags gone, a fact one word, the lines kept."""
    said, inside = "", ""
    tokens: list[tuple[str, str]] = []
    for _line, kind, value in _LEXER.lex(text):
        if kind in ("variable_begin", "block_begin"):
            inside, tokens = kind, []
        elif kind == "variable_end":
            said, inside = said + _fact(tokens), ""
        elif kind == "block_end":
            said, inside = said + _branch(tokens), ""
        elif inside:
            tokens.append((kind, value))
        elif kind == "data":
            said += value
            continue
        said += "\n" * value.count("\n")
    return unescape(_TAG.sub("", said))


def _fact(tokens: list[tuple[str, str]]) -> str:
    words = [value[1:-1] for kind, value in tokens if kind == "string" and any(letter.isalpha() for letter in value)]
    fact = f" {BREAK} ".join(words) or _FACT
    return f"{fact}." if ("name", "stop") in tokens else fact


def _branch(tokens: list[tuple[str, str]]) -> str:
    return f" {BREAK} " if any(kind == "name" and value in ("else", "elif") for kind, value in tokens) else ""
