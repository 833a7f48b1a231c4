"""A session's impact report as it stands: who took part, now, and its results as last published."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.calendars import Calendars
from bot.domain.gain import Between, Gain
from bot.domain.journey import Journey, Kind, resolve
from bot.reports.impact.figures import Impact, MissedItem, Reaction, UnitGain, ValueLevel
from bot.reports.impact.publishing import SETTLED, Cells
from bot.reports.weekly import ONE_WEEK, Weekly, last_week, monday_of, week_of
from bot.store import impact as queries
from bot.store.sessions import Session
from messages.library import Library

_JOINING = 4 * ONE_WEEK


class ImpactCount:
    """Reads inside a transaction that others opened; weeks that nobody asked for are published in it first."""

    def __init__(self, library: Library, calendars: Calendars, weekly: Weekly) -> None:
        self._library = library
        self._calendars = calendars
        self.weekly = weekly
        self._minimum = weekly.minimum_group

    def count(self, db: sqlite3.Connection, now: datetime, session: Session) -> Impact:
        """Return the report of a session as it stands since the last week was published."""
        for week in self.weekly.unpublished(db, self.weeks(now, session)):
            self.weekly.frozen(db, now, week, None)
        known = queries.shown(db, session.id)
        if known.get("minimum") != self._minimum:
            known = {}
        return self._figures(db, now, session, known)

    def weeks(self, now: datetime, session: Session) -> list[str]:
        """Return the weeks, over by now, in which something may have happened that counts for a session's report."""
        zone = self._calendars.city.zone
        # The pre-quiz is answered on joining, which may be weeks before.
        monday = monday_of(week_of((session.start - _JOINING).astimezone(zone).date()))
        last = min(monday_of(last_week(now, zone)), monday_of(week_of((session.end + SETTLED).astimezone(zone).date())))
        return [week_of(monday + number * ONE_WEEK) for number in range((last - monday) // ONE_WEEK + 1)]

    def _figures(self, db: sqlite3.Connection, now: datetime, session: Session, known: Mapping[str, Any]) -> Impact:
        cells: Cells = known.get("cells", {})
        gain = cells.get("gain", {})
        units: Mapping[str, Any] = gain.get("units", {}) if known.get("final") else {}
        attendance = queries.attendance(db, session.id)
        return Impact(
            session_id=session.id,
            title=session.title,
            place=session.place,
            start=session.start,
            end=session.end,
            as_of=now,
            until=datetime.fromisoformat(known["until"]).astimezone(self._calendars.city.zone) if known else None,
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
            by_unit=bool(gain) and bool(known.get("final")),
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


def _people(cells: Cells, key: str) -> int | None:
    return cells[key]["n"] if key in cells else None
