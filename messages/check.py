"""`content check`: everything that is wrong with a content folder, and what would make it better."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from messages.checking import balance, bank, law, likeness, readers, reading, rendering, structure, words
from messages.checking.finding import Finding
from messages.checking.passages import passages
from messages.library import SHIPPED, ContentError, Library, load_library

# Any city's hours will do to see whether the texts hold.
_ZONE = ZoneInfo("Asia/Jakarta")


@dataclass(frozen=True)
class Report:
    """`faults` make the check fail, `advice` does not; both one a line: file, key, what is wrong, remedy."""

    faults: list[str]
    advice: list[str] = field(default_factory=list)
    strategies: list[balance.Strategy] = field(default_factory=list)


def content_findings(folder: Path | None) -> list[str]:
    """Return every fault of a content folder (None: the shipped one)."""
    return content_report(folder).faults


def content_report(folder: Path | None) -> Report:
    """Read a content folder (None: the shipped one) and apply every rule to it.

    What cannot be read is reported alone: the other rules need content that holds together.
    """
    root = folder or SHIPPED
    try:
        library = load_library(root)
    except ContentError as error:
        return Report([*str(error).splitlines(), *(found.line() for found in structure.syntax(root))])
    if unusable := [found.line() for found in (*structure.syntax(root), *structure.kinds(root))]:
        return Report(unusable)
    found = sorted(_findings(library), key=lambda one: (one.file, one.key))
    return Report(
        faults=[one.line() for one in found if not one.advice],
        advice=[one.line() for one in found if one.advice],
        strategies=balance.strategies(list(library.items.values())),
    )


def _findings(library: Library) -> Iterator[Finding]:
    said = passages(library)
    rendered = list(rendering.findings(library, _ZONE))
    yield from rendered
    if all(one.advice for one in rendered):
        # Else it would name once more what has been named.
        yield from structure.preview(library, _ZONE)
    yield from structure.findings(library)
    yield from words.findings(said)
    yield from reading.findings(said)
    yield from law.findings(library, said)
    yield from bank.findings(library)
    yield from balance.findings(library)
    yield from likeness.findings(library)
    yield from readers.findings(library)
