"""`content check` and `content preview`: for whoever edits what people read."""

from pathlib import Path

from bot.cli.context import Context
from bot.cli.output import Refused, Result, fields
from bot.private import write_private


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
    from messages.library import SHIPPED, load_library
    from messages.preview import sample_session, write
    from messages.texts import Texts

    folder, target = _folder(context), Path(context.given.out).resolve()
    config = Config() if context.given.folder is not None else context.config
    library = load_library(folder)
    texts = Texts(folder or SHIPPED, config.schedule.zone)
    calendar = Calendars(config).city
    try:
        page = write(library, texts, calendar, sample_session(context.now, calendar))
    except TemplateError as error:
        raise Refused(f"a template cannot be shown: {error}; see `content check`") from None
    try:
        write_private(target, page.encode())
    except OSError as error:
        raise Refused(f"{target}: cannot be written: {error.strerror or error}; name another file") from None
    steps = sum(len(journey.steps) for journey in library.journeys.values())
    document = {"file": str(target), "journeys": len(library.journeys), "steps": steps}
    return Result(document, fields(document))


def _folder(context: Context) -> Path | None:
    if context.given.folder is not None:
        return Path(context.given.folder).resolve()
    return context.config.content.path
