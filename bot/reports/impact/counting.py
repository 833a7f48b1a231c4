"""Counts a session's impact, hides what few stand behind, and keeps what was shown so that it moves by groups."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from bot.calendars import Calendars
from bot.domain.disclosure import Cells, hidden_of, shown_next
from bot.domain.gain import Between, Gain, between, paired_gain
from bot.domain.journey import LATER_BY, Journey, Kind, resolve
from bot.reports.impact.figures import Impact, MissedItem, Reaction, UnitGain, ValueLevel
from bot.store import impact as queries
from bot.store.sessions import Session
from messages.library import Library

# The post-quiz's day, its reminder and its last days are over by then; the gain is then settled, and shown by unit.
SETTLED = timedelta(days=45)
Pair = tuple[int, int, int]


class ImpactCount:
    """Counts inside a transaction that others opened; what is shown is kept in the same one."""

    def __init__(self, library: Library, calendars: Calendars, minimum_group: int) -> None:
        self._library = library
        self._calendars = calendars
        self._minimum = minimum_group

    def count(self, db: sqlite3.Connection, now: datetime, session: Session) -> Impact:
        """Return the report of a session as it may be shown now."""
        before = queries.shown(db, session.id)
        if before.get("minimum") != self._minimum:
            # Another minimum hides other cells: what was shown by the old one says nothing of the new one.
            before = {}
        settled = now >= session.end + SETTLED
        known: Cells = before.get("cells", {})
        shown = shown_next(known, self._cells(db, session), self._minimum)
        by_unit = bool(before.get("by_unit"))
        if by_unit:
            shown["gain"] = known["gain"]
        if "halves" not in shown and now >= session.end + LATER_BY:
            # Once, when the later half begins: from then on both have had the same.
            shown |= self._halves(db, session)
        by_unit = by_unit or (settled and "gain" in shown)
        kept = {"minimum": self._minimum, "by_unit": by_unit, "cells": shown}
        if kept != before:
            queries.show(db, now, session.id, kept)
        return self._figures(db, now, session, shown, by_unit=by_unit)

    def _cells(self, db: sqlite3.Connection, session: Session) -> Cells:
        """Return every result with the number of people behind it, hidden or not."""
        cells: Cells = {name: {"n": people} for name, people in queries.people_who(db, session.id).items()}
        counts = queries.reactions(db, session.id)
        if sum(counts):
            cells["reaction"] = _reaction(counts, self._minimum)
        for row in queries.selfchecks(db, session.id):
            cells[f"value:{row['value']}"] = {"n": row["people"], "mean": row["mean"]}
        for row in queries.missed_items(db, session.id):
            wrong = row["wrong"] if row["wrong"] >= self._minimum else None
            cells[f"item:{row['item']}"] = {"n": row["people"], "wrong": wrong}
        rows = queries.score_pairs(db, session.id)
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
        hidden = hidden_of({unit: len(pairs) for unit, pairs in of_unit.items()}, self._minimum)
        return {
            **asdict(paired_gain(every, items)),
            # What is hidden is not kept either: people may be erased, and this stays.
            "units": {
                str(unit): asdict(paired_gain(pairs, items)) for unit, pairs in of_unit.items() if unit not in hidden
            },
        }

    def _halves(self, db: sqlite3.Connection, session: Session) -> Cells:
        journey = self._library.journeys.get(session.journey)
        step = next((step.id for step in journey.steps if step.kind is Kind.QUIZ), None) if journey else None
        rows = queries.halves(db, session.id, step, session.end + LATER_BY) if step else []
        if not rows:
            return {}
        items = Counter(row["items"] for row in rows).most_common(1)[0][0]
        first, later = (
            [row["score"] for row in rows if row["later"] == half and row["items"] == items] for half in (0, 1)
        )
        if min(len(first), len(later)) < self._minimum:
            return {}
        return {"halves": {"n": len(first) + len(later), **asdict(between(first, later, items))}}

    def _figures(
        self, db: sqlite3.Connection, now: datetime, session: Session, cells: Cells, *, by_unit: bool
    ) -> Impact:
        gain = cells.get("gain", {})
        units: Mapping[str, Any] = gain.get("units", {}) if by_unit else {}
        attendance = queries.attendance(db, session.id)
        return Impact(
            session_id=session.id,
            title=session.title,
            place=session.place,
            start=session.start,
            end=session.end,
            as_of=now,
            minimum_group=self._minimum,
            invited=attendance["invited"],
            attended=attendance["attended"],
            joined=attendance["joined"],
            guests=attendance["guests"],
            reflected=_people(cells, "reflected"),
            quizzed=_people(cells, "quizzed"),
            committed=_people(cells, "committed"),
            kept=_people(cells, "kept"),
            reaction=Reaction(**cells["reaction"]) if "reaction" in cells else None,
            gain=Gain(**{key: value for key, value in gain.items() if key != "units"}) if gain else None,
            values=[
                ValueLevel(
                    value.short, _people(cells, f"value:{value.id}"), cells.get(f"value:{value.id}", {}).get("mean")
                )
                for value in self._library.values.values()
            ],
            missed=self._missed(cells),
            units=[
                UnitGain(
                    row["name"],
                    row["invited"],
                    row["joined"],
                    Gain(**units[str(row["unit_id"])]) if str(row["unit_id"]) in units else None,
                )
                for row in queries.attendance_by_unit(db, session.id)
            ],
            by_unit=by_unit,
            gain_from=self._gain_from(session),
            settled_from=session.end + SETTLED,
            halves=Between(**{key: value for key, value in cells["halves"].items() if key != "n"})
            if "halves" in cells
            else None,
        )

    def _missed(self, cells: Cells) -> list[MissedItem]:
        found = []
        for key, cell in cells.items():
            kind, _, item_id = key.partition(":")
            item = self._library.items.get(item_id)
            if kind == "item" and item is not None:
                value = self._library.values[item.value].name
                found.append(MissedItem(item.id, item.question, value, cell["n"], cell["wrong"]))
        return sorted(found, key=lambda item: (-(item.wrong or 0) / item.people, item.item))

    def _gain_from(self, session: Session) -> datetime | None:
        journey: Journey | None = self._library.journeys.get(session.journey)
        steps = journey.steps if journey else ()
        kinds = {step.kind for step in steps}
        if Kind.PREQUIZ not in kinds:
            return None
        last = [step for step in steps if step.kind is Kind.POSTQUIZ and step.anchor == "end"]
        return resolve(last[0].offset, session.end, self._calendars.city, None) if last else None


def _reaction(counts: Sequence[int], minimum: int) -> dict[str, Any]:
    n = sum(counts)
    mean = sum(score * people for score, people in enumerate(counts, 1)) / n
    # One number and the mean would give a small one away, so the spread is shown whole or not at all.
    whole = all(people == 0 or people >= minimum for people in counts)
    return {"n": n, "mean": mean, "counts": list(counts) if whole else None}


def _people(cells: Cells, key: str) -> int | None:
    return cells[key]["n"] if key in cells else None
