"""Words that do not belong into what people read: the list is words.toml, with the source of each rule."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from messages.checking.finding import Finding
from messages.checking.passages import Passage

_LIST = Path(__file__).with_name("words.toml")


@dataclass(frozen=True)
class Rule:
    """One rule of the list: what it looks for, where, and what to write instead of each word."""

    id: str
    what: str
    pattern: str
    instead: dict[str, str]
    remedy: str
    parts: frozenset[str]
    cased: bool
    advice: bool


def findings(passages: list[Passage]) -> Iterator[Finding]:
    """Give every word that the list refuses, once a passage."""
    everything = "\n".join(passage.text for passage in passages)
    sought = [(rule, found) for rule in rules() if (found := _sought(rule, everything))]
    for passage in passages:
        for rule, pattern in sought:
            if rule.parts and passage.part not in rule.parts:
                continue
            for word in sorted({match[0] for match in pattern.finditer(passage.text)}):
                yield Finding(passage.file, passage.key, f'"{word}" {rule.what}', _remedy(rule, word), rule.advice)


@cache
def rules() -> tuple[Rule, ...]:
    """Read the list. It ships with the check: a fault in it is a defect, not the officer's."""
    read = tomllib.loads(_LIST.read_text(encoding="utf-8"))
    return tuple(_rule(entry) for entry in read["rule"])


def _rule(entry: dict[str, Any]) -> Rule:
    cased = entry.get("case", False)
    instead: dict[str, str] = entry.get("instead", {})
    return Rule(
        id=entry["id"],
        what=entry["what"],
        pattern=entry.get("pattern", ""),
        instead=instead if cased else {word.casefold(): right for word, right in instead.items()},
        remedy=entry.get("remedy", ""),
        parts=frozenset(entry.get("parts", ())),
        cased=cased,
        advice=entry.get("advice", False),
    )


def _sought(rule: Rule, everything: str) -> re.Pattern[str] | None:
    """Return what to look for passage by passage, or None where the rule is kept everywhere.

    Looking for a plain word in the whole is a hundred times faster than an expression over each passage.
    """
    if rule.pattern:
        pattern = re.compile(rule.pattern, 0 if rule.cased else re.IGNORECASE)
        return pattern if pattern.search(everything) else None
    text = everything if rule.cased else everything.casefold()
    present = sorted((word for word in rule.instead if word in text), key=len, reverse=True)
    if not present:
        return None
    # A hyphen or an apostrophe joins a word, so that "lo" is not found in "lo-fi"; longer words come first.
    expression = rf"(?<![\w'’-])(?:{'|'.join(map(re.escape, present))})(?![\w'’-])"
    return re.compile(expression, 0 if rule.cased else re.IGNORECASE)


def _remedy(rule: Rule, found: str) -> str:
    right = rule.instead.get(found if rule.cased else found.casefold())
    return f'write "{right}"' if right else rule.remedy
