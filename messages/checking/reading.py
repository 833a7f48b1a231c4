"""Reading ease: short sentences. No formula for Indonesian is used, since none is established; words are counted.

A sentence has at most 25 words (a fact counts as one), the sentences of a text 15 on average, a case that is
asked about at most 35 words and 4 sentences: it is read on a phone, within two minutes for five of them.
"""

import re
from collections.abc import Iterator

from messages.checking.finding import Finding
from messages.checking.passages import Passage
from messages.checking.templates import BREAK

WORDS_OF_A_SENTENCE = 25
WORDS_ON_AVERAGE = 15
WORDS_OF_A_QUESTION = 35
SENTENCES_OF_A_QUESTION = 4
# The average of a sentence or two says nothing that the longest does not.
FEWEST_FOR_AN_AVERAGE = 2
# The law's own wording is long; it may not be shortened.
_QUOTED = frozenset({"value", "title"})
_END = re.compile(rf"(?<=[.?!…:;])[\"”’)]*\s+|{BREAK}|•")
_WORD = re.compile(r"\w[\w./'’-]*")


def findings(passages: list[Passage]) -> Iterator[Finding]:
    """Give every sentence and text that is too long to read in passing."""
    for passage in passages:
        if passage.part in _QUOTED:
            continue
        lengths = [len(words(sentence)) for sentence in sentences(passage.text)]
        yield from _sentences(passage, lengths)
        if passage.part == "question":
            yield from _question(passage, lengths)


def sentences(text: str) -> list[str]:
    """Split a text where a full stop, a question mark, a colon or a new branch of a template ends a thought."""
    return [part for part in _END.split(text) if _WORD.search(part)]


def words(text: str) -> list[str]:
    """Return the words of a text; "Bapak/Ibu" and "if-then" are one each."""
    return _WORD.findall(text)


def _sentences(passage: Passage, lengths: list[int]) -> Iterator[Finding]:
    longest = max(lengths, default=0)
    if longest > WORDS_OF_A_SENTENCE:
        wrong = f"a sentence of {longest} words (at most {WORDS_OF_A_SENTENCE})"
        yield Finding(passage.file, passage.key, wrong, "make two sentences of it")
    elif len(lengths) >= FEWEST_FOR_AN_AVERAGE and sum(lengths) > WORDS_ON_AVERAGE * len(lengths):
        wrong = f"{sum(lengths) / len(lengths):.1f} words a sentence (at most {WORDS_ON_AVERAGE} on average)"
        yield Finding(passage.file, passage.key, wrong, "shorten or divide its sentences", advice=True)


def _question(passage: Passage, lengths: list[int]) -> Iterator[Finding]:
    if sum(lengths) > WORDS_OF_A_QUESTION or len(lengths) > SENTENCES_OF_A_QUESTION:
        wrong = f"a case of {sum(lengths)} words in {len(lengths)} sentences"
        remedy = f"keep to {WORDS_OF_A_QUESTION} words in {SENTENCES_OF_A_QUESTION} sentences"
        yield Finding(passage.file, passage.key, wrong, remedy)
