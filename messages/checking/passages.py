"""Every passage that people read, with its place: what the rules about words and sentences look at."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from messages.checking.templates import own_templates
from messages.library import Item, Library, Prompt

Part = Literal["question", "option", "explanation", "reason", "prompt", "missed", "value", "title", "template"]


@dataclass(frozen=True)
class Passage:
    """One text: of `file`, at `key`; `source` is what the file says it rests on ("" where it says nothing)."""

    file: str
    key: str
    text: str
    part: Part
    source: str = ""


def passages(library: Library) -> list[Passage]:
    """Return all passages of the data files and the folder's own templates, file by file."""
    families = (_of_values, _of_prompts, _of_quizzes, _of_journeys, _of_templates)
    return [passage for family in families for passage in family(library)]


def place(library: Library, file: str) -> str:
    """Return a file of the content folder as findings name it."""
    return str(library.folder / file)


def item_places(library: Library) -> Iterator[tuple[str, Item]]:
    """Give each quiz item with its file."""
    for quiz in library.quizzes.values():
        for item in quiz.items:
            yield place(library, f"quizzes/{quiz.id}.toml"), item


def prompt_places(library: Library) -> Iterator[tuple[str, Prompt]]:
    """Give each prompt with its file."""
    for name, prompts in library.prompts.items():
        for prompt in prompts:
            yield place(library, f"prompts/{name}.toml"), prompt


def _of_values(library: Library) -> Iterator[Passage]:
    file = place(library, "values.toml")
    for value in library.values.values():
        # `older` is left out: it is kept as it once was written.
        named = {"name": value.name, "short": value.short, "definition": value.definition}
        named |= {f"behaviours[{number}]": text for number, text in enumerate(value.behaviours)}
        for key, text in named.items():
            yield Passage(file, f"{value.id}.{key}", text, "value", value.source)
        yield Passage(file, f"{value.id}.missed", value.missed, "missed", value.source)


def _of_prompts(library: Library) -> Iterator[Passage]:
    for file, prompt in prompt_places(library):
        yield Passage(file, f"{prompt.id}.text", prompt.text, "prompt", prompt.source)


def _of_quizzes(library: Library) -> Iterator[Passage]:
    for quiz in library.quizzes.values():
        yield Passage(place(library, f"quizzes/{quiz.id}.toml"), "title", quiz.title, "title")
    for file, item in item_places(library):
        yield Passage(file, f"{item.id}.question", item.question, "question", item.source)
        for number, option in enumerate(item.options):
            yield Passage(file, f"{item.id}.options[{number}]", option, "option", item.source)
        yield Passage(file, f"{item.id}.explanation", item.explanation, "explanation", item.source)
        for number, reason in enumerate(item.reasons):
            yield Passage(file, f"{item.id}.reasons[{number}]", reason, "reason", item.source)


def _of_journeys(library: Library) -> Iterator[Passage]:
    for journey in library.journeys.values():
        yield Passage(place(library, f"journeys/{journey.id}.toml"), "title", journey.title, "title")


def _of_templates(library: Library) -> Iterator[Passage]:
    for template in own_templates(library.folder):
        for line, text in enumerate(template.plain.splitlines(), 1):
            if text.strip():
                yield Passage(template.file, f"line {line}", text, "template", template.source)
