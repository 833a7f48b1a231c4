"""The same figures counted again, from the raw rows, in plain Python: nothing of the reports' own queries."""

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bot.clock import to_text
from bot.reports.weekly import bounds
from tests.figures.cities import WIB

Row = dict[str, Any]
TABLES = (
    "unit",
    "person",
    "account",
    "session",
    "session_unit",
    "session_invited",
    "touchpoint",
    "quiz_item",
    "commitment",
    "commitment_check",
    "participant",
    "reaction",
    "selfcheck",
)
ASKING = {"prequiz": "quiz", "quiz": "quiz", "postquiz": "quiz", "commitment": "made", "followup": "kept"}
MEASURE = {"quiz": "quiz", "made": "made", "checks": "kept"}
Tables = dict[str, list[Row]]


@dataclass
class Truth:
    """A week of one unit or the city: everything, with the people (ids) behind it."""

    invited: set[int] = field(default_factory=set)
    joined: set[int] = field(default_factory=set)
    sent: int = 0
    answered: int = 0
    answered_people: set[int] = field(default_factory=set)
    waiting: set[int] = field(default_factory=set)
    quiz: list[Row] = field(default_factory=list)
    made: list[Row] = field(default_factory=list)
    checks: list[Row] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    """How many steps of which kind were delivered."""
    of: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Each measure, by session."""
    asked: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How many steps were delivered, or items answered, by measure and session."""

    @property
    def kept(self) -> int:
        return sum(check["outcome"] == "kept" for check in self.checks)

    @property
    def right(self) -> int:
        return sum(item["correct"] for item in self.quiz)

    @property
    def average(self) -> float | None:
        return round(100 * self.right / len(self.quiz), 1) if self.quiz else None

    def hardest(self, group: int) -> str | None:
        """The item with the least share of right answers, of those that enough people answered."""
        best: tuple[float, str] | None = None
        for name in sorted({item["item"] for item in self.quiz}):
            mine = [item for item in self.quiz if item["item"] == name]
            if len({item["person_id"] for item in mine}) >= group:
                share = sum(item["correct"] for item in mine) / len(mine)
                best = min(best, (share, name)) if best else (share, name)
        return best[1] if best else None

    def people(self, measure: str) -> int:
        """How many people stand behind a measure."""
        return len(
            {
                "answered": self.answered_people,
                "waiting": self.waiting,
                "quiz": {item["person_id"] for item in self.quiz},
                "made": {commitment["person_id"] for commitment in self.made},
                "kept": {check["person_id"] for check in self.checks},
            }[measure]
        )


def raw(db: sqlite3.Connection) -> Tables:
    """Return the raw rows as they are now."""
    return {name: [dict(row) for row in db.execute(f"SELECT * FROM {name}")] for name in TABLES}


def recount(table: Tables, week: str) -> dict[int | None, Truth]:
    """Return what a week really was, by unit (None: the city)."""
    start, end = (to_text(moment) for moment in bounds(week, WIB))
    unit_of = {person["id"]: person["unit_id"] for person in table["person"]}
    truth: dict[int | None, Truth] = {None: Truth(), **{unit["id"]: Truth() for unit in table["unit"]}}

    def within(moment: str | None) -> bool:
        return moment is not None and start <= moment < end

    def before_end(moment: str | None) -> bool:
        return moment is not None and moment < end

    joined = {
        account["person_id"]
        for account in table["account"]
        if before_end(account["joined_at"]) and not before_end(account["withdrawn_at"])
    }
    for session in table["session"]:
        if not before_end(session["created_at"]) or before_end(session["cancelled_at"]):
            continue
        if session["invited_frozen_at"] is not None:
            pairs = [
                (i["person_id"], i["unit_id"]) for i in table["session_invited"] if i["session_id"] == session["id"]
            ]
        else:
            units = {row["unit_id"] for row in table["session_unit"] if row["session_id"] == session["id"]}
            pairs = [
                (person["id"], person["unit_id"])
                for person in table["person"]
                if person["unit_id"] in units and person["added_at"] < end and not before_end(person["gone_at"])
            ]
        for person, unit in pairs:
            for one in (truth[unit], truth[None]):
                one.invited.add(person)
                if person in joined:
                    one.joined.add(person)
    for step in table["touchpoint"]:
        if step["kind"] == "reminder" or step["state"] != "sent" or not within(step["sent_at"]):
            continue
        for one in (truth[unit_of[step["person_id"]]], truth[None]):
            one.sent += 1
            one.kinds[step["kind"]] += 1
            one.asked["answered", step["session_id"]] += 1
            if step["kind"] in ASKING:
                one.asked[ASKING[step["kind"]], step["session_id"]] += 1
            if before_end(step["answered_at"]):
                one.answered += 1
                one.answered_people.add(step["person_id"])
                one.of["answered", step["session_id"]] += 1
            elif step["kind"] != "recap" and not before_end(step["skipped_at"]):
                one.waiting.add(step["person_id"])
    owner = {commitment["id"]: commitment for commitment in table["commitment"]}
    for check in table["commitment_check"]:
        check |= {key: owner[check["commitment_id"]][key] for key in ("person_id", "participant_id")}
    session_of = {row["id"]: row["session_id"] for row in table["participant"]}
    step_of = {step["id"]: step for step in table["touchpoint"]}
    for item in table["quiz_item"]:
        item["participant_id"] = step_of[item["touchpoint_id"]]["participant_id"]
    for name, moment, kept in (
        ("quiz_item", "answered_at", "quiz"),
        ("commitment", "made_at", "made"),
        ("commitment_check", "at", "checks"),
    ):
        for row in table[name]:
            if within(row[moment]):
                for one in (truth[unit_of[row["person_id"]]], truth[None]):
                    getattr(one, kept).append(row)
                    part = (MEASURE[kept], session_of[row["participant_id"]])
                    one.asked[part] += kept == "quiz"
                    one.of[part] += {"quiz": row.get("correct"), "checks": row.get("outcome") == "kept"}.get(kept, 1)
    return truth
