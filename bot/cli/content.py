"""`content check` and `content preview`: for whoever edits what people read."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.context import Context
from bot.cli.output import Refused, Result, fields
from bot.cli.planning import find_session, times
from bot.domain.calendar import WorkCalendar
from bot.private import write_private
from bot.store import sessions

if TYPE_CHECKING:
    from bot.calendars import Calendars
    from messages.preview.sample import SampleSession


def check(context: Context) -> Result:
    """Name every fault of the content folder, one a line: file, key, what is wrong, remedy.

    Faults make it exit 1; advice does not. How guessable the quizzes are is printed in any case.
    """
    from messages.check import content_report
    from messages.checking.balance import figures, table

    folder = _folder(context)
    report = content_report(folder)
    document = {
        "ok": not report.faults,
        "findings": report.faults,
        "advice": report.advice,
        "balance": figures(report.strategies),
    }
    lines = [
        *(report.faults or [f"{folder or 'the shipped content'}: no faults"]),
        *(f"advice: {line}" for line in report.advice),
        *(["", *table(report.strategies)] if report.strategies else []),
    ]
    return Result(document, lines, 1 if report.faults else 0)


def preview(context: Context) -> Result:
    """Write one HTML page that shows every step of every journey as people will see it."""
    from jinja2 import TemplateError

    from bot.calendars import Calendars
    from bot.config import Config
    from bot.making.examples import ExamplePictures
    from messages.library import SHIPPED, load_library
    from messages.preview.writing import write
    from messages.texts import Texts

    folder, target = _folder(context), Path(context.given.out).resolve()
    needs_no_settings = (
        context.given.folder is not None and context.given.session is None and context.given.start is None
    )
    config = Config() if needs_no_settings else context.config
    library = load_library(folder)
    texts = Texts(folder or SHIPPED, config.schedule.zone)
    session, calendar = _session(context, Calendars(config))
    pictures = ExamplePictures(library, texts, calendar, config.privacy.minimum_group)
    try:
        page = write(library, texts, calendar, session, pictures)
    except TemplateError as error:
        raise Refused(f"a template cannot be shown: {error}; see `content check`") from None
    try:
        write_private(target, page.encode())
    except OSError as error:
        raise Refused(f"{target}: cannot be written: {error.strerror or error}; name another file") from None
    steps = sum(len(journey.steps) for journey in library.journeys.values())
    document = {"file": str(target), "journeys": len(library.journeys), "steps": steps}
    return Result(document, fields(document))


def _session(context: Context, calendars: "Calendars") -> "tuple[SampleSession, WorkCalendar]":
    """Return what the page shows: the named session, the dates that were given, or an example."""
    from messages.preview.sample import sample_session

    sample, calendar = sample_session(context.now, calendars.city), calendars.city
    if context.given.start is not None:
        start, end = times(context)
        return replace(sample, start=start, end=end), calendar
    if context.given.session is None:
        return sample, calendar
    with context.database() as db:
        session = find_session(db, context.given.session)
        units = sessions.unit_names(db, session.id)
        quotes = tuple(sessions.messages(db, session.id))
    shown = replace(
        sample,
        start=session.start,
        end=session.end,
        title=session.title,
        place=session.place,
        quotes=quotes,
        unit=units[0],
        journey=session.journey,
    )
    return shown, calendars.of(units[0])


def _folder(context: Context) -> Path | None:
    if context.given.folder is not None:
        return Path(context.given.folder).resolve()
    return context.config.content.path
