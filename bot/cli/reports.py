"""`summary` and `export`: the weekly figures, suppressed as everywhere."""

import sqlite3
from argparse import ArgumentTypeError
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from re import fullmatch

from bot.cli.context import ACTOR, Context, find_unit
from bot.cli.output import Refused, Result, fields
from bot.private import write_private
from bot.reports.figures import WeeklyFigures
from bot.reports.weekly import ONE_WEEK, Weekly, as_contract, bounds, last_week, monday_of, week_of
from bot.store import facts, figures, sessions
from bot.store.turns import transact
from messages.library import load_library

_EVER = datetime(1, 1, 1, tzinfo=UTC)


def written_week(text: str) -> str:
    """Read the form of an ISO week such as 2025-W47, for argparse."""
    if not fullmatch(r"[0-9]{4}-W[0-9]{2}", text):
        raise ArgumentTypeError(f"{text!r} is no week: write such as 2025-W47")
    return text


def summary(context: Context) -> Result:
    """Show a week's figures of a unit or the city; with --send also queue its messages."""
    week = _whole_week(context, context.given.week)
    weekly = _weekly(context)

    def work(db: sqlite3.Connection) -> tuple[WeeklyFigures, int | None]:
        unit = find_unit(db, context.given.unit) if context.given.unit is not None else None
        found = weekly.frozen(db, context.now, week, unit)
        if not context.given.send:
            return found, None
        queued = _queue(context, db, weekly, week, unit[0] if unit else None)
        facts.audit(db, context.now, ACTOR, "summary_send", f"week:{week} unit:{unit[0] if unit else 'city'}")
        return found, queued

    found, queued = context.write(work)
    document = as_contract(found)
    shown = {name: "hidden (few people)" if value is None else value for name, value in document.items()}
    made, kept = found.commitments_made, found.commitments_kept
    shown |= {"unit": found.unit or "the city", "commitments": f"made {_shown(made)}, kept {_shown(kept)}"}
    if queued is None:
        return Result(document, fields(shown))
    told = f"{queued} messages queued" if queued else "nothing queued: everybody has it already, or nobody is to get it"
    return Result(document | {"queued": queued}, [*fields(shown), told])


def export(context: Context) -> Result:
    """Write all weeks since the first session, city and units, to an XLSX file."""
    from bot.reports.workbooks import aggregates_workbook

    target = Path(context.given.file).resolve()
    weekly = _weekly(context)
    with context.database() as db:
        first = min((session.start for session in sessions.every(db) if not session.cancelled), default=None)
        units = [unit for unit in sessions.units(db) if figures.has_sessions(db, unit[0], _EVER)]
        weeks = _weeks(context, first) if first else []
        rows: list[WeeklyFigures] = []
        for week in weeks:
            # A week a transaction: a running bot waits for none of them long.
            rows += transact(db, partial(_rows, context=context, weekly=weekly, week=week, units=units))
    try:
        write_private(target, aggregates_workbook(rows))
    except OSError as error:
        raise Refused(f"{target}: cannot be written: {error.strerror or error}; name another file") from None
    document = {"file": str(target), "weeks": len(weeks), "rows": len(rows)}
    return Result(document, fields(document))


def _rows(
    db: sqlite3.Connection, context: Context, weekly: Weekly, week: str, units: list[tuple[int, str]]
) -> list[WeeklyFigures]:
    return [weekly.frozen(db, context.now, week, unit) for unit in (None, *units)]


def _weeks(context: Context, first: datetime) -> list[str]:
    zone = context.config.schedule.zone
    monday = monday_of(week_of(first.astimezone(zone).date()))
    last = monday_of(last_week(context.now, zone))
    return [week_of(monday + n * ONE_WEEK) for n in range((last - monday) // ONE_WEEK + 1)]


def _whole_week(context: Context, wanted: str | None) -> str:
    zone = context.config.schedule.zone
    week = wanted or last_week(context.now, zone)
    try:
        begin = monday_of(week)
        over = week <= last_week(context.now, zone)
        if over:
            bounds(week, zone)
    except (ValueError, OverflowError):
        raise Refused(f"there is no week {week}; write such as {last_week(context.now, zone)}") from None
    if not over:
        raise Refused(f"{week} (from {begin}) is not over yet; the last whole week is {last_week(context.now, zone)}")
    return week


def _weekly(context: Context) -> Weekly:
    config = context.config
    return Weekly(load_library(config.content.path), config.schedule.zone, config.privacy.minimum_group)


def _queue(context: Context, db: sqlite3.Connection, weekly: Weekly, week: str, unit_id: int | None) -> int:
    from bot.calendars import Calendars
    from scheduler.summaries import Summaries

    config = context.config
    summaries = Summaries(
        Calendars(config), weekly, tuple(config.access.admins), weekly_summary=config.schedule.weekly_summary
    )
    return summaries.queue(db, context.now, week, unit_id=unit_id)


def _shown(figure: int | None) -> str:
    return "hidden" if figure is None else str(figure)
