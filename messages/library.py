"""The content folder, read and checked: values, prompts, quizzes, journeys."""

import random
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from bot.domain import recall
from bot.domain.journey import QUIZZES, Journey, Kind, Offset, Step, faults, parse_offset

SHIPPED = Path(__file__).parent / "content"
SETTINGS = ("loket", "lapangan", "kantor", "klinik", "sekolah", "ketertiban", "darurat")
M = TypeVar("M", bound=BaseModel)


class ContentError(Exception):
    """The content folder cannot be used; the message names file, key and remedy, one fault a line."""


def units16(text: str) -> int:
    """Return the length of `text` as Telegram counts it: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def _at_most(limit: int) -> Any:
    def check(text: object) -> object:
        if isinstance(text, str) and units16(text) > limit:
            raise ValueError(f"{units16(text)} characters, Telegram takes {limit}: shorten it")
        return text

    return BeforeValidator(check)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Value(_Entry):
    id: str
    name: str
    short: str
    definition: str
    behaviours: tuple[str, str, str]
    older: tuple[str, ...] = ()
    source: str
    missed: str


class Prompt(_Entry):
    id: str
    value: str
    setting: Literal[SETTINGS]  # type: ignore[valid-type]
    text: str
    source: str = ""


class Item(_Entry):
    id: str
    value: str
    behaviour: int = Field(ge=0, le=3)
    setting: Literal[SETTINGS]  # type: ignore[valid-type]
    question: Annotated[str, _at_most(300)]
    options: tuple[Annotated[str, _at_most(100)], ...] = Field(min_length=2, max_length=10)
    correct: int = Field(ge=0)
    explanation: Annotated[str, _at_most(200)]
    reasons: tuple[str, ...]
    # What the item rests on; needed where it names a law.
    source: str = ""

    @model_validator(mode="after")
    def _fits(self) -> "Item":
        if self.correct >= len(self.options):
            raise ValueError(f"correct = {self.correct}, but there are {len(self.options)} options (from 0)")
        if len(self.reasons) != len(self.options):
            raise ValueError("give one reason for each option")
        return self


class Draw(_Entry):
    """A quiz that takes its items from other quizzes."""

    count: int = Field(ge=1, le=10)
    from_: tuple[str, ...] = Field(alias="from", min_length=1)
    missed_first: bool = False


class _ValuesFile(_Entry):
    value: tuple[Value, ...]


class _PromptFile(_Entry):
    title: str
    prompt: tuple[Prompt, ...] = Field(min_length=1)


class _QuizFile(_Entry):
    title: str
    item: tuple[Item, ...] = ()
    draw: Draw | None = None


class _StepEntry(_Entry):
    id: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    kind: Kind
    anchor: str
    offset: str
    expires: str | None = None
    remind_after: str | None = None
    content: str | None = None


class _JourneyFile(_Entry):
    title: str
    coach: bool = False
    step: tuple[_StepEntry, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Quiz:
    id: str
    title: str
    items: tuple[Item, ...]
    draw: Draw | None


@dataclass(frozen=True)
class Library:
    """All content by id. Every reference in it has been checked."""

    folder: Path
    values: dict[str, Value]
    prompts: dict[str, tuple[Prompt, ...]]
    quizzes: dict[str, Quiz]
    journeys: dict[str, Journey]

    @cached_property
    def items(self) -> dict[str, Item]:
        """Every quiz item of every file, by its id."""
        return {item.id: item for quiz in self.quizzes.values() for item in quiz.items}

    @cached_property
    def prompt_by_id(self) -> dict[str, Prompt]:
        """Every prompt of every set, by its id."""
        return {prompt.id: prompt for prompts in self.prompts.values() for prompt in prompts}

    def choose_prompt(self, prompt_set: str, value: str | None, seen: Iterable[str], seed: int) -> Prompt:
        """Choose a prompt of the set: of that value if there is one, not seen before if possible.

        `seed` (a touchpoint's id) makes the choice the same each time it is asked.
        """
        every = self.prompts[prompt_set]
        fitting = [prompt for prompt in every if prompt.value == value] or list(every)
        known = set(seen)
        fresh = [prompt for prompt in fitting if prompt.id not in known] or fitting
        return random.Random(seed).choice(fresh)  # noqa: S311 - a choice of texts, no secret

    def choose_items(self, quiz_id: str, history: recall.History, seed: int) -> list[Item]:
        """Choose a quiz's items for a person: its own, or drawn from others by the rule of recall."""
        quiz = self.quizzes[quiz_id]
        if quiz.draw is None:
            return list(quiz.items)
        pool = {item.id: item.value for source in quiz.draw.from_ for item in self.quizzes[source].items}
        chosen = recall.choose(pool, history, quiz.draw.count, seed, missed_first=quiz.draw.missed_first)
        return [self.items[item] for item in chosen]


def load_library(folder: Path | None = None) -> Library:
    """Read the content folder (the shipped one if None).

    Raises ContentError with every fault found: file, key, remedy.
    """
    reader = _Reader(folder or SHIPPED)
    library = reader.library()
    if reader.faults:
        raise ContentError("\n".join(reader.faults))
    return library


class _Reader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[str] = []
        self._unread = False

    def library(self) -> Library:
        if not self.folder.is_dir():
            self.faults.append(f"{self.folder}: no such folder; set [content] path or leave it out")
        values = self._file(self.folder / "values.toml", _ValuesFile)
        library = Library(
            folder=self.folder,
            values={value.id: value for value in values.value} if values else {},
            prompts={name: file.prompt for name, file in self._folder("prompts", _PromptFile)},
            quizzes={
                name: Quiz(name, file.title, file.item, file.draw) for name, file in self._folder("quizzes", _QuizFile)
            },
            journeys={name: self._journey(name, file) for name, file in self._folder("journeys", _JourneyFile)},
        )
        # What stands in a file that cannot be read is not missing; it would be named once for each mention.
        if not self._unread:
            self._references(library)
        return library

    def _folder(self, name: str, model: type[M]) -> list[tuple[str, M]]:
        files = sorted((self.folder / name).glob("*.toml"))
        if not files and self.folder.is_dir():
            self.faults.append(f"{self.folder / name}: no *.toml in it; copy the shipped folder's")
        return [(path.stem, entry) for path in files if (entry := self._file(path, model))]

    def _file(self, path: Path, model: type[M]) -> M | None:
        try:
            return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self.faults.append(f"{path}: {error}")
        except ValidationError as error:
            for item in error.errors():
                key = ".".join(str(part) for part in item["loc"])
                self.faults.append(f"{path}: {key}: {item['msg'].removeprefix('Value error, ')}")
        self._unread = True
        return None

    def _journey(self, name: str, file: _JourneyFile) -> Journey:
        steps = []
        for entry in file.step:
            where = f"{self.folder / 'journeys' / name}.toml: step {entry.id}"
            offset = self._offset(entry.offset, where)
            if offset is None:
                continue
            expires = self._offset(entry.expires, where) if entry.expires else None
            remind = self._offset(entry.remind_after, where) if entry.remind_after else None
            steps.append(Step(entry.id, entry.kind, entry.anchor, offset, expires, remind, entry.content))
        self.faults += [f"{self.folder / 'journeys'}: {fault}" for fault in faults(name, steps)]
        return Journey(name, file.title, tuple(steps), file.coach)

    def _offset(self, text: str, where: str) -> Offset | None:
        try:
            return parse_offset(text)
        except ValueError as error:
            self.faults.append(f"{where}: {error}")
            return None

    def _references(self, library: Library) -> None:
        self._doubled("prompt", [p.id for prompts in library.prompts.values() for p in prompts])
        self._doubled("item", [item.id for quiz in library.quizzes.values() for item in quiz.items])
        for name, prompts in library.prompts.items():
            for prompt in prompts:
                self._known(f"prompts/{name}.toml: {prompt.id}: value", prompt.value, library.values)
        for quiz in library.quizzes.values():
            for item in quiz.items:
                self._known(f"quizzes/{quiz.id}.toml: {item.id}: value", item.value, library.values)
            for source in quiz.draw.from_ if quiz.draw else ():
                self._known(f"quizzes/{quiz.id}.toml: draw.from", source, library.quizzes)
            if not quiz.items and quiz.draw is None:
                self.faults.append(f"{self.folder}/quizzes/{quiz.id}.toml: give it [[item]]s or a [draw]")
        needs: list[tuple[Callable[[Kind], bool], dict[str, Any], str]] = [
            (lambda kind: kind in QUIZZES, library.quizzes, "the id of a quiz"),
            (lambda kind: kind is Kind.REFLECTION, library.prompts, "the id of a set of prompts"),
        ]
        for journey in library.journeys.values():
            for step in journey.steps:
                for applies, known, what in needs:
                    if applies(step.kind) and step.content not in known:
                        self.faults.append(
                            f"{self.folder}/journeys/{journey.id}.toml: step {step.id}: content "
                            f"{step.content!r} must be {what}: {', '.join(sorted(known))}"
                        )

    def _known(self, where: str, name: str, known: dict[str, Any]) -> None:
        if name not in known:
            self.faults.append(f"{self.folder}/{where} {name!r} is unknown; one of {', '.join(sorted(known))}")

    def _doubled(self, what: str, ids: list[str]) -> None:
        for name in sorted({name for name in ids if ids.count(name) > 1}):
            self.faults.append(f"{self.folder}: {what} id {name!r} stands twice; ids are unique over all files")
