"""A session's results counted again, from the raw rows and what may be counted, in plain Python."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product

from bot.clock import to_text
from tests.figures.recount import Row, Tables


@dataclass
class Results:
    """What people (participants) did with one session, as far as it may be counted."""

    reflected: set[int] = field(default_factory=set)
    quizzed: set[int] = field(default_factory=set)
    committed: set[int] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)
    scores: set[tuple[int, int]] = field(default_factory=set)
    levels: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    items: dict[str, dict[int, tuple[str, int]]] = field(default_factory=lambda: defaultdict(dict))
    pairs: list[tuple[int, int]] = field(default_factory=list)


class _Counted:
    def __init__(self, table: Tables, opened: Collection[Row], session: int, until: datetime) -> None:
        self.table, self.session, self.until = table, session, to_text(until)
        self.opened = [row for row in opened if row["session_id"] == session]
        unit_of = {person["id"]: person["unit_id"] for person in table["person"]}
        there = {a["person_id"] for a in table["account"] if a["joined_at"] and not a["withdrawn_at"]}
        then = {row["person_id"]: row["unit_id"] for row in table["session_invited"] if row["session_id"] == session}
        self.unit = {
            row["id"]: unit_of[row["person_id"]]
            for row in table["participant"]
            if row["session_id"] == session
            and not row["guest"]
            and row["person_id"] in there
            and then.get(row["person_id"], unit_of[row["person_id"]]) == unit_of[row["person_id"]]
        }
        self.steps = {step["id"]: step for step in table["touchpoint"] if step["participant_id"] in self.unit}

    def may(self, kind: str, participant: int, at: str | None) -> Row | None:
        """The week in which this may be counted."""
        for row in self.opened:
            of_unit = row["kind"] == kind and row["unit_id"] == self.unit[participant]
            if of_unit and at is not None and row["begins"] <= at < row["ends"]:
                return row
        return None

    def done(self, step: Row) -> bool:
        """Whether the answer to a step counts."""
        if step["answered_at"] is None or step["answered_at"] >= self.until:
            return False
        if step["state"] == "answered_early" or self.may("late", step["participant_id"], step["sent_at"]):
            return True
        week = self.may("answered", step["participant_id"], step["sent_at"])
        return week is not None and bool(step["answered_at"] < week["ends"])


def results(table: Tables, opened: Collection[Row], session: int, until: datetime) -> Results:
    """Return what counts of a session's results before an instant."""
    counted, found = _Counted(table, opened, session, until), Results()
    done = {number: step for number, step in counted.steps.items() if counted.done(step)}
    found.reflected = {step["participant_id"] for step in done.values() if step["kind"] == "reflection"}
    for row in table["reaction"]:
        if row["touchpoint_id"] in done:
            found.scores.add((row["score"], done[row["touchpoint_id"]]["participant_id"]))
    for row in table["selfcheck"]:
        if row["touchpoint_id"] in done:
            found.levels[row["value"]].append((done[row["touchpoint_id"]]["participant_id"], row["level"]))
    _promises(counted, found)
    _quizzes(counted, found)
    return found


def _promises(counted: _Counted, found: Results) -> None:
    owner = {}
    for row in counted.table["commitment"]:
        if row["participant_id"] in counted.unit:
            owner[row["id"]] = row["participant_id"]
            early = row["made_at"] is not None and row["made_at"] < counted.until
            if early and counted.may("made", row["participant_id"], row["made_at"]):
                found.committed.add(row["participant_id"])
    last: dict[int, Row] = {}
    for row in sorted(counted.table["commitment_check"], key=lambda row: (row["at"], row["touchpoint_id"])):
        if row["commitment_id"] in owner and row["at"] < counted.until:
            last[row["commitment_id"]] = row
    for commitment, row in last.items():
        if row["outcome"] == "kept" and counted.may("kept", owner[commitment], row["at"]):
            found.kept.add(owner[commitment])


def _quizzes(counted: _Counted, found: Results) -> None:
    items: dict[int, list[Row]] = defaultdict(list)
    for row in counted.table["quiz_item"]:
        if row["touchpoint_id"] in counted.steps:
            items[row["touchpoint_id"]].append(row)
    end = next(row["end_at"] for row in counted.table["session"] if row["id"] == counted.session)
    before: dict[int, list[int]] = defaultdict(list)
    after: dict[int, list[int]] = defaultdict(list)
    for number, rows in items.items():
        step = counted.steps[number]
        who = step["participant_id"]
        open_ones = [
            row
            for row in rows
            if row["answered_at"]
            and row["answered_at"] < counted.until
            and counted.may("quiz", who, row["answered_at"])
        ]
        if step["kind"] == "quiz":
            for row in open_ones:
                this = (row["answered_at"], row["correct"])
                found.items[row["item"]][who] = min(found.items[row["item"]].get(who, this), this)
        if len(open_ones) < len(rows) or not step["answered_at"] or step["answered_at"] >= counted.until:
            continue
        score = sum(row["correct"] for row in rows)
        if step["kind"] != "prequiz":
            found.quizzed.add(who)
        if step["kind"] == "postquiz":
            after[who].append(score)
        elif step["kind"] == "prequiz" and step["answered_at"] < end:
            before[who].append(score)
    # A real journey has one of each.
    found.pairs = [pair for who in before for pair in product(before[who], after.get(who, []))]


def people_of(found: Results) -> dict[str, int]:
    """How many people stand behind each result, under the name that the report keeps it by."""
    people = {name: len(getattr(found, name)) for name in ("reflected", "quizzed", "committed", "kept")}
    people |= {f"value:{value}": len({who for who, _ in levels}) for value, levels in found.levels.items()}
    people |= {f"item:{item}": len(answers) for item, answers in found.items.items()}
    people |= {"reaction": len(found.scores)} if found.scores else {}
    return people | ({"gain": len(found.pairs)} if found.pairs else {})


def spread(found: Results) -> Counter[int]:
    """How many gave each reaction."""
    return Counter(score for score, _ in found.scores)
