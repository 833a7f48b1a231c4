"""Items, options and prompts that say the same twice.

Two texts are compared by their shingles (each run of three words; words alone for options of one item, which are
short): shared shingles over all shingles, Jaccard's measure. The same words are a fault, 0.5 and more (0.75 among
the options of an item) is advice. Sentences that stand in many texts, "Apa yang sebaiknya Anda lakukan?", do not count.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from messages.checking.finding import Finding
from messages.checking.passages import item_places, prompt_places
from messages.checking.reading import sentences, words
from messages.library import Library

ALIKE = 0.5
OPTIONS_ALIKE = 0.75
SHINGLE = 3
# A sentence in more texts than this is a phrase of the form, not of the case.
STOCK = 3


@dataclass(frozen=True)
class _Text:
    file: str
    key: str
    name: str
    text: str


def findings(library: Library) -> Iterator[Finding]:
    """Give each pair of texts that is the same or nearly so; the later one is named."""
    items = list(item_places(library))
    yield from _pairs([_Text(file, f"{item.id}.question", item.id, item.question) for file, item in items])
    yield from _pairs([_Text(file, f"{item.id}.options", item.id, ". ".join(item.options)) for file, item in items])
    yield from _pairs([_Text(file, f"{p.id}.text", p.id, p.text) for file, p in prompt_places(library)])
    for file, item in items:
        own = [_Text(file, f"{item.id}.options[{n}]", f"options[{n}]", text) for n, text in enumerate(item.options)]
        yield from _compared(own, [frozenset(_words(one.text)) for one in own], OPTIONS_ALIKE)


def _pairs(texts: Sequence[_Text]) -> Iterator[Finding]:
    split = [[" ".join(_words(sentence)) for sentence in sentences(one.text)] for one in texts]
    stock = {said for said, times in Counter(s for said in split for s in set(said)).items() if times > STOCK}
    shingles = [_shingles([sentence for sentence in said if sentence not in stock]) for said in split]
    yield from _compared(texts, shingles, ALIKE)


def _compared(texts: Sequence[_Text], marks: Sequence[frozenset[str]], alike: float) -> Iterator[Finding]:
    said = [" ".join(_words(one.text)) for one in texts]
    for (one, first, own), (other, second, others) in combinations(zip(texts, marks, said, strict=True), 2):
        if own == others:
            yield Finding(other.file, other.key, f"says the same as {one.name}", "write another one, or leave one out")
        elif (share := _jaccard(first, second)) >= alike:
            wrong = f"is nearly the same as {one.name} ({share:.0%} alike)"
            yield Finding(other.file, other.key, wrong, "tell another case, or in other words", advice=True)


def _jaccard(first: frozenset[str], second: frozenset[str]) -> float:
    shared = len(first & second)
    return shared / (len(first) + len(second) - shared) if shared else 0.0


def _shingles(said: Sequence[str]) -> frozenset[str]:
    found = set()
    for sentence in said:
        run = sentence.split()
        found |= {" ".join(run[at : at + SHINGLE]) for at in range(max(1, len(run) - SHINGLE + 1))}
    return frozenset(found)


def _words(text: str) -> list[str]:
    return [word.casefold().strip("./-") for word in words(text)]
