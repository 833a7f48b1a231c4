"""Words that do not belong into what people read: the list is words.toml, with the source of each rule."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from messages.checking.finding import Finding
from messages.checking.passages import Passage

_LIST = Path(__file__).with_name("words.toml")


@dataclass(frozen=True)
class Rule:
    """One rule of the list: what it looks for, where, and what to write instead of each word."""

    id: str
    what: str
    pattern: re.Pattern[str]
    instead: dict[str, str]
    remedy: str
    parts: frozenset[str]
    advice: bool


def findings(passages: list[Passage]) -> Iterator[Finding]:
    """Give every word that the list refuses, once a passage."""
    everything = "\n".join(passage.text for passage in passages)
    broken = [rule for rule in rules() if rule.pattern.search(everything)]
    for passage in passages:
        for rule in broken:
            if rule.parts and passage.part not in rule.parts:
                continue
            for found in sorted({match[0] for match in rule.pattern.finditer(passage.text)}):
                yield Finding(passage.file, passage.key, f'"{found}" {rule.what}', _remedy(rule, found), rule.advice)


@cache
def rules() -> tuple[Rule, ...]:
    """Read the list. It ships with the check: a fault in it is a defect, not the officer's."""
    read = tomllib.loads(_LIST.read_text(encoding="utf-8"))
    return tuple(_rule(entry) for entry in read["rule"])


def _rule(entry: dict[str, object]) -> Rule:
    instead: dict[str, str] = dict(entry.get("instead", {}))  # type: ignore[call-overload]
    cased = bool(entry.get("case"))
    pattern = str(entry["pattern"]) if "pattern" in entry else _any_of(instead)
    return Rule(
        id=str(entry["id"]),
        what=str(entry["what"]),
        pattern=re.compile(pattern, 0 if cased else re.IGNORECASE),
        instead=instead if cased else {word.casefold(): right for word, right in instead.items()},
        remedy=str(entry.get("remedy", "")),
        parts=frozenset(entry.get("parts", ())),  # type: ignore[call-overload]
        advice=bool(entry.get("advice")),
    )


def _any_of(words: dict[str, str]) -> str:
    # A hyphen or an apostrophe joins a word, so that "lo" is not found in "lo-fi"; longer words come first.
    longest_first = sorted(words, key=len, reverse=True)
    return rf"(?<![\w'’-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w'’-])"


def _remedy(rule: Rule, found: str) -> str:
    right = rule.instead.get(found) or rule.instead.get(found.casefold())
    return f'write "{right}"' if right else rule.remedy
