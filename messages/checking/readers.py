"""What fresh readers answered without the key: readers/*.toml in the content folder, kept beside the items.

One file a reader, written by whoever gives the questions to somebody who does not know the answers:

    reader = "A"                # who read: any name or number
    date = 2025-11-20           # when
    [answers]                   # of every item: which option was chosen, counted from 0 as `correct` is
    loyal-01 = 2
    loyal-02 = 1

Where there are such files, every item has the answer of at least two readers, 95 % of all answers match the key, and
no item was answered otherwise by all its readers: that item misleads.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from messages.checking.finding import Finding
from messages.checking.passages import item_places, place
from messages.library import Library

FEWEST_READERS = 2
MATCHING = 0.95


class Reading(BaseModel):
    """One reader's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    reader: str = Field(min_length=1)
    date: date
    answers: dict[str, int]


def findings(library: Library) -> Iterator[Finding]:
    """Give every fault of the readers' files, and every item on which they contradict the key."""
    readings: dict[str, Reading] = {}
    for path in sorted((library.folder / "readers").glob("*.toml")):
        try:
            readings[str(path)] = Reading.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            yield Finding(str(path), "", str(error), "mend the line named")
        except ValidationError as error:
            for fault in error.errors():
                key = ".".join(map(str, fault["loc"]))
                yield Finding(str(path), key, fault["msg"], "write reader, date and [answers] with item = number")
    if readings:
        yield from _doubled(readings)
        yield from _foreign(library, readings)
        yield from _items(library, readings)
        yield from _matching(library, readings)


def _doubled(readings: Mapping[str, Reading]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for file, reading in readings.items():
        if reading.reader in seen:
            wrong = f'"{reading.reader}" also wrote {seen[reading.reader]}'
            yield Finding(file, "reader", wrong, "keep one file for each reader")
        seen.setdefault(reading.reader, file)


def _foreign(library: Library, readings: Mapping[str, Reading]) -> Iterator[Finding]:
    for file, reading in readings.items():
        for name, answer in reading.answers.items():
            item = library.items.get(name)
            if item is None:
                yield Finding(file, f"answers.{name}", "no item has this id", "take the line out")
            elif not 0 <= answer < len(item.options):
                wrong = f"{answer}, but the item has {len(item.options)} options (from 0)"
                yield Finding(file, f"answers.{name}", wrong, "write which option the reader chose")


def _items(library: Library, readings: Mapping[str, Reading]) -> Iterator[Finding]:
    for file, item in item_places(library):
        answers = [reading.answers[item.id] for reading in readings.values() if item.id in reading.answers]
        if len(answers) < FEWEST_READERS:
            wrong = f"read by {len(answers)} of {FEWEST_READERS} readers"
            yield Finding(file, item.id, wrong, "let somebody without the key answer it, and note it in readers/")
        elif item.correct not in answers:
            wrong = f"all {len(answers)} readers chose another option than the key"
            yield Finding(file, item.id, wrong, "rewrite or drop the item, then let it be read anew")


def _matching(library: Library, readings: Mapping[str, Reading]) -> Iterator[Finding]:
    marked = [
        answer == library.items[name].correct
        for reading in readings.values()
        for name, answer in reading.answers.items()
        if name in library.items
    ]
    if marked and sum(marked) < MATCHING * len(marked):
        wrong = f"{sum(marked)} of {len(marked)} answers match the key (at least {MATCHING:.0%})"
        yield Finding(place(library, "readers"), "answers", wrong, "rewrite the items on which readers and key differ")
