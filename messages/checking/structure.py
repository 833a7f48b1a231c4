"""Whether the folder holds together beyond what reading it shows: templates, journeys' times, the preview."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, TemplateError, TemplateSyntaxError

from bot.domain.calendar import WorkCalendar
from bot.domain.journey import QUIZZES, Journey, Kind, Offset, Step
from messages import words
from messages.checking import samples
from messages.checking.finding import Finding
from messages.checking.passages import place
from messages.library import SHIPPED, Library
from messages.preview.sample import sample_session
from messages.preview.writing import write
from messages.texts import Texts

# Any session will do to see whether the templates hold.
_DAY = datetime(2025, 11, 14, tzinfo=UTC)
# A working day is at least a day, and at most a week's end longer; hours are for comparing alone.
_HOURS = {"wd": 24.0, "d": 24.0, "h": 1.0, "m": 1 / 60, "s": 1 / 3600}
# What tells and does not ask needs no end.
_TELLING = frozenset({Kind.REMINDER, Kind.RECAP, Kind.PREQUIZ})


def syntax(folder: Path) -> Iterator[Finding]:
    """Give every template that cannot be read."""
    environment = Environment(autoescape=True)
    for path in sorted((folder / "templates").glob("*.j2")):
        try:
            environment.parse(path.read_text(encoding="utf-8"))
        except TemplateSyntaxError as error:
            remedy = "write {{ fact }}, {% if fact %} … {% endif %}, {# comment #}"
            yield Finding(str(path), f"line {error.lineno}", error.message or "cannot be read", remedy)
        except (OSError, UnicodeDecodeError) as error:
            yield Finding(str(path), "", str(error), "save it as a text file in UTF-8")


def kinds(folder: Path) -> Iterator[Finding]:
    """Give what a kind of step lacks that every kind needs; a quiz speaks in polls and has no message of its own."""
    for kind in Kind:
        if kind not in words.STEP_NAMES:
            remedy = "say what people call such a step"
            yield Finding(words.__file__, "STEP_NAMES", f'the kind "{kind}" has no name', remedy)
        if kind in QUIZZES:
            continue
        template = f"templates/{kind}.j2"
        if not any((root / template).is_file() for root in (folder, SHIPPED)):
            wrong = f'is missing: a step of kind "{kind}" has nothing to say'
            yield Finding(str(folder / template), "", wrong, "write what its message says")
        if kind.value not in samples.TOUCHES:
            wrong, remedy = f'the kind "{kind}" is missing', "add it: its message gets the facts of every touch"
            yield Finding(samples.__file__, "TOUCHES", wrong, remedy)


def findings(library: Library) -> Iterator[Finding]:
    """Give what does not fit in journeys."""
    for journey in library.journeys.values():
        for step in journey.steps:
            yield from _times(place(library, f"journeys/{journey.id}.toml"), step)
        yield from _order(place(library, f"journeys/{journey.id}.toml"), journey)


def _times(file: str, step: Step) -> Iterator[Finding]:
    for key, length in (("expires", step.expires), ("remind_after", step.remind_after)):
        if length is not None and length.count <= 0:
            wrong = "is not after the sending, from which it counts"
            yield Finding(file, f"{step.id}.{key}", wrong, 'write such as "+3wd"')
    if step.expires and step.remind_after and _hours(step.remind_after) >= _hours(step.expires):
        wrong, remedy = "comes when the step is over", "let it come before expires"
        yield Finding(file, f"{step.id}.remind_after", wrong, remedy)
    if step.expires is None and step.kind not in _TELLING:
        wrong = "is missing: the question never closes"
        yield Finding(file, f"{step.id}.expires", wrong, 'write such as expires = "+4wd"', advice=True)


def _hours(length: Offset) -> float:
    return length.count * _HOURS[length.unit]


def _order(file: str, journey: Journey) -> Iterator[Finding]:
    """A step that needs a commitment is of no use before one."""
    kinds = [step.kind for step in journey.steps]
    for step in journey.steps:
        if step.kind is Kind.FOLLOWUP and Kind.COMMITMENT not in kinds:
            wrong = "asks what became of a commitment that this journey never asks for"
            yield Finding(file, f"{step.id}.kind", wrong, "add a step of kind commitment, or take this one out")


def preview(library: Library, zone: ZoneInfo) -> Iterator[Finding]:
    """Give the template on which the preview of a journey fails."""
    calendar = WorkCalendar(zone)
    try:
        write(library, Texts(library.folder, zone), calendar, sample_session(_DAY, calendar))
    except (TemplateError, ValueError) as error:
        # A template's own name is not in the error; the last template line of its traceback is.
        file, key = last_template(error, place(library, "templates"))
        yield Finding(file, key, str(error), "compare it with the shipped template of that name")


def last_template(error: Exception, folder: str) -> tuple[str, str]:
    """Return the file and the line of a template at which rendering failed (`folder` where there is none)."""
    file, key, trace = folder, "", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.endswith(".j2"):
            file, key = name, f"line {trace.tb_lineno}"
        trace = trace.tb_next
    return file, key
