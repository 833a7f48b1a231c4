"""What sessions' impact reports say from a week's publication on: worked out with it, and kept with it.

A session's results are those of the last published week. A result first appears with the minimum group of people and
moves only by as many; the last publication, when the journey and its late answers are over, says them for good.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.gain import between, paired_gain
from bot.domain.journey import LATER_BY, Kind
from bot.domain.suppression import Cell, hide, may_move, too_few
from bot.reports.impact.opening import opened
from bot.store import impact as queries
from bot.store import opened as openings
from bot.store import sessions
from bot.store.opened import Opened
from bot.store.sessions import Session
from messages.library import Library

# The post-quiz's day, its reminder and its last days are over by then; all is then told for good, the gain by unit.
SETTLED = timedelta(days=45)
WEEK = timedelta(days=7)
Cells = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Told:
    """What a session's report says from a publication on, and what it said and was before."""

    session: Session
    before: dict[str, Any]
    after: dict[str, Any] | None
    """None: what it said stays."""


@dataclass(frozen=True)
class Impacts:
    """What a week's publication means for sessions' reports: what of it may be counted, and what they say then."""

    opened: tuple[Opened, ...]
    told: tuple[Told, ...]


def next_impacts(
    db: sqlite3.Connection,
    week: tuple[datetime, datetime],
    figures: Mapping[int | None, Mapping[str, Any]],
    library: Library,
    minimum_group: int,
) -> Impacts:
    """Decide what of a week (its bounds) may be counted, and what reports of the sessions that it concerns say then.

    Only reads; `keep_impacts` writes it.
    """
    start, end = week
    found = tuple(opened(openings.parts(db, start, end), figures, minimum_group))
    session_ids = queries.to_tell(db, start - SETTLED - WEEK, end)
    with openings.as_if_kept(db, start, end, found, session_ids):
        told = tuple(_told(db, end, sessions.get(db, one), library, minimum_group) for one in session_ids)
    return Impacts(found, told)


def still_so(db: sqlite3.Connection, week: tuple[datetime, datetime], impacts: Impacts) -> bool:
    """Whether the sessions that a week concerns, and what their reports say, are as they were."""
    start, end = week
    return queries.to_tell(db, start - SETTLED - WEEK, end) == [one.session.id for one in impacts.told] and all(
        sessions.get(db, one.session.id) == one.session and queries.shown(db, one.session.id) == one.before
        for one in impacts.told
    )


def keep_impacts(db: sqlite3.Connection, now: datetime, week: tuple[datetime, datetime], impacts: Impacts) -> None:
    """Keep what may be counted of a week, and move the reports."""
    openings.keep(db, *week, impacts.opened)
    for one in impacts.told:
        if one.after is not None:
            queries.show(db, now, one.session.id, one.after)


def _told(db: sqlite3.Connection, until: datetime, session: Session, library: Library, minimum_group: int) -> Told:
    said = queries.shown(db, session.id)
    # Another minimum hides other cells: what was shown by the old one says nothing of the new one.
    before = said if said.get("minimum") == minimum_group else {}
    if before.get("final") or before.get("until", "") >= until.isoformat():
        return Told(session, said, None)
    known: Cells = before.get("cells", {})
    counted = _Counting(db, session, until, library, minimum_group)
    shown = shown_next(known, counted.cells(), minimum_group)
    if "halves" not in shown and until >= session.end + LATER_BY:
        # Once, when the later half begins: from then on both have had the same.
        shown |= counted.halves()
    final = until >= session.end + SETTLED
    return Told(session, said, {"minimum": minimum_group, "until": until.isoformat(), "final": final, "cells": shown})


def shown_next(before: Cells, now: Cells, minimum_group: int) -> Cells:
    """Return the cells to show, each with its number of people "n", after those that were shown before."""
    shown = dict(before)
    for key, cell in now.items():
        if may_move(before[key]["n"] if key in before else 0, cell["n"], minimum_group):
            shown[key] = cell
    return shown


class _Counting:
    def __init__(
        self, db: sqlite3.Connection, session: Session, until: datetime, library: Library, minimum_group: int
    ) -> None:
        self._db = db
        self._session = session
        self._until = until
        self._library = library
        self._minimum = minimum_group

    def cells(self) -> Cells:
        """Return every result with the number of people behind it, hidden or not."""
        cells: Cells = {
            name: {"n": people} for name, people in queries.people_who(self._db, self._session.id, self._until).items()
        }
        counts = queries.reactions(self._db, self._session.id, self._until)
        if sum(counts):
            cells["reaction"] = _reaction(counts, self._minimum)
        for row in queries.selfchecks(self._db, self._session.id, self._until):
            cells[f"value:{row['value']}"] = {"n": row["people"], "mean": row["mean"]}
        for row in queries.missed_items(self._db, self._session.id, self._until):
            wrong = None if too_few(row["wrong"], self._minimum) else row["wrong"]
            cells[f"item:{row['item']}"] = {"n": row["people"], "wrong": wrong}
        rows = queries.score_pairs(self._db, self._session.id, self._until)
        if rows:
            cells["gain"] = self._gain(rows)
        return cells

    def _gain(self, rows: Sequence[sqlite3.Row]) -> dict[str, Any]:
        # Where the content changed midway, the length of quiz that most people had is the one compared.
        items = Counter(row["items"] for row in rows).most_common(1)[0][0]
        every = [(row["before"], row["after"]) for row in rows if row["items"] == items]
        of_unit: dict[int, list[tuple[int, int]]] = {}
        for row in rows:
            if row["items"] == items:
                of_unit.setdefault(row["unit_id"], []).append((row["before"], row["after"]))
        hidden = hide(
            {
                unit: Cell(len(pairs), sum(after for _, after in pairs), items * len(pairs))
                for unit, pairs in of_unit.items()
            },
            self._minimum,
            queries.not_alone(self._db, self._session.id),
        )
        return {
            **asdict(paired_gain(every, items)),
            # What is hidden is not kept either: people may be erased, and this stays.
            "units": {
                str(unit): asdict(paired_gain(pairs, items))
                for unit, pairs in of_unit.items()
                if unit not in hidden.parts and not hidden.total
            },
        }

    def halves(self) -> Cells:
        journey = self._library.journeys.get(self._session.journey)
        step = next((step.id for step in journey.steps if step.kind is Kind.QUIZ), None) if journey else None
        rows = queries.halves(self._db, self._session.id, step, self._session.end + LATER_BY) if step else []
        if not rows:
            return {}
        items = Counter(row["items"] for row in rows).most_common(1)[0][0]
        first, later = (
            [row["score"] for row in rows if row["later"] == half and row["items"] == items] for half in (0, 1)
        )
        if too_few(min(len(first), len(later)), self._minimum):
            return {}
        return {"halves": {"n": len(first) + len(later), **asdict(between(first, later, items))}}


def _reaction(counts: Sequence[int], minimum: int) -> dict[str, Any]:
    n = sum(counts)
    mean = sum(score * people for score, people in enumerate(counts, 1)) / n
    # One number and the mean would give a small one away, so the spread is shown whole or not at all.
    whole = not any(people and too_few(people, minimum) for people in counts)
    return {"n": n, "mean": mean, "counts": list(counts) if whole else None}
