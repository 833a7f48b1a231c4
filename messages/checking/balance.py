"""Whether an item can be guessed without being read: the blind strategies over the whole bank.

The test. A strategy chooses one option of each item by what it looks like. Where k options tie, each is chosen
with 1/k, so an item scores 1/k if the right one is among them and 0 if not. By chance an item with m options
scores 1/m whatever the strategy does, if the right option is independent of looks: the item's expectation is 1/m,
its variance (k/m)·(1/k)² − (1/m)² = 1/(k·m) − 1/m². Over n items both are added up;
a strategy whose sum lies more than two standard errors from what is expected, on either side, is a fault (an avoided
longest option is as telling as a favoured one). Below 30 items nothing is concluded.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from messages.checking.finding import Finding
from messages.checking.passages import place
from messages.checking.reading import words
from messages.library import Item, Library, units16

FEWEST_ITEMS = 30
STANDARD_ERRORS = 2.0


@dataclass(frozen=True)
class Strategy:
    """What a blind strategy scored over the bank, and what chance gives; shares from 0 to 1."""

    name: str
    items: int
    score: float
    chance: float
    error: float

    @property
    def distance(self) -> float:
        """How many standard errors the score lies above chance."""
        return (self.score - self.chance) / self.error if self.error else 0.0

    @property
    def judged(self) -> bool:
        """Whether there are items enough to conclude anything."""
        return self.items >= FEWEST_ITEMS

    @property
    def fair(self) -> bool:
        """Whether it scores as chance does."""
        return not self.judged or abs(self.distance) <= STANDARD_ERRORS


def strategies(items: Sequence[Item]) -> list[Strategy]:
    """Return what each blind strategy scores over these items."""
    return [_strategy(name, choose, items) for name, choose in _CHOOSERS.items()]


def findings(library: Library) -> Iterator[Finding]:
    """Give every strategy that does better or worse than chance."""
    for found in strategies(list(library.items.values())):
        if not found.fair:
            much = "often" if found.distance > 0 else "seldom"
            wrong = (
                f'the right option is too {much} "{found.name}": {found.score:.1%} of {found.items} items, '
                f"{found.distance:+.1f} standard errors from {found.chance:.1%}"
            )
            yield Finding(place(library, "quizzes"), found.name, wrong, _REMEDIES[found.name])


def table(found: Sequence[Strategy]) -> list[str]:
    """Return the strategies as lines for people."""
    lines = [f"{'BLIND STRATEGY':<20}  {'ITEMS':>5}  {'SCORE':>6}  {'CHANCE':>6}  STANDARD ERRORS"]
    for one in found:
        verdict = "too few items to judge" if not one.judged else "fair" if one.fair else "NOT FAIR"
        figures = f"{one.items:>5}  {one.score:>6.1%}  {one.chance:>6.1%}  {one.distance:+.2f}"
        lines.append(f"{one.name:<20}  {figures} ({verdict})")
    return lines


def figures(found: Sequence[Strategy]) -> dict[str, dict[str, object]]:
    """Return the strategies as a document for programs, by name."""
    return {
        one.name: {
            "items": one.items,
            "score": round(one.score, 4),
            "chance": round(one.chance, 4),
            "standard_errors": round(one.distance, 2),
            "fair": one.fair if one.judged else None,
        }
        for one in found
    }


def _strategy(name: str, choose: Callable[[Item], list[int]], items: Sequence[Item]) -> Strategy:
    if not items:
        return Strategy(name, 0, 0.0, 0.0, 0.0)
    score = expected = variance = 0.0
    for item in items:
        tied, m = choose(item), len(item.options)
        score += 1 / len(tied) if item.correct in tied else 0.0
        expected += 1 / m
        variance += 1 / (len(tied) * m) - 1 / m**2
    n = len(items)
    return Strategy(name, n, score / n, expected / n, math.sqrt(max(0.0, variance)) / n)


def _best(measure: Callable[[Item, str], int]) -> Callable[[Item], list[int]]:
    def choose(item: Item) -> list[int]:
        measured = [measure(item, option) for option in item.options]
        return [place for place, value in enumerate(measured) if value == max(measured)]

    return choose


def _shared_words(item: Item, option: str) -> int:
    return len(_content_words(item.question) & _content_words(option))


def _content_words(text: str) -> set[str]:
    return {word.casefold() for word in words(text) if len(word) > 3}


_CHOOSERS: dict[str, Callable[[Item], list[int]]] = {
    "longest": _best(lambda _item, option: units16(option)),
    "shortest": _best(lambda _item, option: -units16(option)),
    "first": lambda _item: [0],
    "last": lambda item: [len(item.options) - 1],
    "most words of stem": _best(_shared_words),
}
_REMEDIES = {
    "longest": "shorten right options or lengthen wrong ones in some items, or the other way round",
    "shortest": "lengthen right options or shorten wrong ones in some items, or the other way round",
    "first": "change the order of the options in some items (with correct and reasons)",
    "last": "change the order of the options in some items (with correct and reasons)",
    "most words of stem": "say it in other words than the question's, in the right option or in wrong ones",
}
