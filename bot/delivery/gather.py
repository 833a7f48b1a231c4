"""Late binding: what a touch's message says is looked up as it is sent, not when it was queued.

Each function returns the facts of a template, or the reason why nothing must be sent any more.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.clock import from_text, to_text
from bot.domain.journey import QUIZZES, Kind
from bot.store import answers, commitments, ledger, people, quizzes, ratings, sessions
from messages.composing import is_today, poll_facts
from messages.library import Library
from messages.words import LOST_PROMPT, STEP_NAMES

Facts = dict[str, Any]


@dataclass(frozen=True)
class Dropped:
    """Nothing is sent: the reason, for the ledger."""

    reason: str


NO_RIGHT = Dropped("no right to it any more")


@dataclass(frozen=True)
class Gathered:
    template: str
    facts: Facts


def touch(db: sqlite3.Connection, now: datetime, library: Library, facts: Facts) -> Gathered | Dropped:
    """Gather the message of one or two steps of a touch: what is still open of them, as things stand."""
    rows = [row for touchpoint in facts["touchpoints"] if (row := ledger.touchpoint(db, touchpoint))]
    still_open = [row for row in rows if _awaits(row)]
    if not still_open:
        return Dropped("already done")
    # Words are asked for by the step that needs them; a reaction rides on a reflection's message.
    lead = next((row for row in still_open if row["kind"] != Kind.REACTION), still_open[0])
    session = sessions.get(db, lead["session_id"])
    mode = facts.get("mode", "")
    journey = library.journeys.get(session.journey)
    common: Facts = {
        "greet": to_text(now),
        "coach": journey is not None and journey.coach,
        "name": people.person(db, lead["person_id"]).name,
        "title": session.title,
        "touchpoint": lead["id"],
        "until": lead["closes_at"],
        "again": mode == "again",
        "remind": mode == "remind",
        "reminders": _open_reminders(db, facts.get("reminders", [])),
    }
    kind = Kind(lead["kind"])
    if kind in QUIZZES:
        return _quiz(db, library, lead, common)
    return _GATHER[kind](db, library, lead, common, still_open)


def catch_up(db: sqlite3.Connection, now: datetime, facts: Facts) -> Gathered | Dropped:
    """Gather the card after a leave: what still waits of that which waited as it was made."""
    rows = [row for touchpoint in facts["waiting"] if (row := ledger.touchpoint(db, touchpoint)) and _waits(row)]
    if not rows:
        return Dropped("already done")
    titles = {row["session_id"]: sessions.get(db, row["session_id"]).title for row in rows}
    several = len(set(titles.values())) > 1
    labels = _told_apart([STEP_NAMES[Kind(row["kind"])].capitalize() for row in rows])
    waiting = [
        {
            "touchpoint": row["id"],
            "label": label,
            "title": titles[row["session_id"]] if several else None,
            "until": row["closes_at"],
        }
        for row, label in zip(rows, labels, strict=True)
    ]
    name = people.person(db, rows[0]["person_id"]).name
    back = facts.get("back", True)
    return Gathered("catch_up", {"greet": to_text(now), "name": name, "waiting": waiting, "back": back})


def _told_apart(labels: list[str]) -> list[str]:
    """Number those that would read the same: "Kuis 1", "Kuis 2"."""
    return [
        f"{label} {labels[:place].count(label) + 1}" if labels.count(label) > 1 else label
        for place, label in enumerate(labels)
    ]


def _waits(row: sqlite3.Row) -> bool:
    closed = row["closed_at"] is not None
    return not closed and (row["state"] == "deferred" or _awaits(row))


def _awaits(row: sqlite3.Row) -> bool:
    return row["state"] in ("released", "sent") and row["answered_at"] is None and row["skipped_at"] is None


def _open_reminders(db: sqlite3.Connection, ids: list[int]) -> list[str]:
    rows = [row for touchpoint in ids if (row := ledger.touchpoint(db, touchpoint)) and _awaits(row)]
    return [STEP_NAMES[Kind(row["kind"])] for row in rows]


def _reminder(
    db: sqlite3.Connection, _library: Library, lead: sqlite3.Row, common: Facts, _open: list[sqlite3.Row]
) -> Gathered | Dropped:
    now = from_text(common["greet"])
    session = sessions.get(db, lead["session_id"])
    if session.cancelled:
        return Dropped("session cancelled")
    return Gathered(
        "reminder",
        common
        | {
            "start": to_text(session.start),
            "end": to_text(session.end),
            "place": session.place,
            "today": is_today(session.start, now),
        },
    )


def _reaction(
    _db: sqlite3.Connection, _library: Library, _lead: sqlite3.Row, common: Facts, _open: list[sqlite3.Row]
) -> Gathered | Dropped:
    return Gathered("reaction", common)


def _reflection(
    db: sqlite3.Connection, library: Library, lead: sqlite3.Row, common: Facts, still_open: list[sqlite3.Row]
) -> Gathered | Dropped:
    question = answers.question_of(db, lead["id"], "reflection")
    if question is None:
        return Dropped("the question is missing")
    session = sessions.get(db, lead["session_id"])
    first = library.journeys[session.journey].first_reflection() if session.journey in library.journeys else None
    prompt = library.prompt_by_id.get(question["prompt_id"] or "")
    reactions = [row["id"] for row in still_open if row["kind"] == Kind.REACTION]
    return Gathered(
        "reflection",
        common
        | {
            "question": question["id"],
            "prompt": prompt.text if prompt else LOST_PROMPT,
            "quotes": sessions.messages(db, session.id)[:3] if lead["step"] == first else [],
            "reaction": reactions[0] if reactions else None,
        },
    )


def _commitment(
    db: sqlite3.Connection, library: Library, lead: sqlite3.Row, common: Facts, _open: list[sqlite3.Row]
) -> Gathered | Dropped:
    return commitment_step(db, library, lead, common)


def commitment_step(db: sqlite3.Connection, library: Library, lead: sqlite3.Row, common: Facts) -> Gathered | Dropped:
    """Gather what a commitment lacks next: the value, the cue, the action, or the person's Ya."""
    draft = commitments.of_touchpoint(db, lead["id"])
    cue, action = answers.plan_words(db, lead["id"])
    value = library.values[draft["value"]].name if draft and draft["value"] in library.values else ""
    facts = common | {"touchpoint": lead["id"], "value": value, "cue": cue, "action": action}
    for asks, words in (("cue", cue), ("action", action)):
        if value and not words:
            question = answers.question_of(db, lead["id"], asks)
            return Gathered(f"commitment_{asks}", facts | {"question": question["id"] if question else None})
    if value:
        return Gathered("commitment_readback", facts)
    question = answers.question_of(db, lead["id"], "action" if cue else "cue")
    values = [{"id": value.id, "name": value.name} for value in library.values.values()]
    template = "commitment_value" if cue else "commitment"
    return Gathered(template, facts | {"values": values, "question": question["id"] if question else None})


def _followup(
    db: sqlite3.Connection, _library: Library, lead: sqlite3.Row, common: Facts, _open: list[sqlite3.Row]
) -> Gathered | Dropped:
    commitment = commitments.of_participant(db, lead["participant_id"])
    if commitment is None:
        return Dropped("no commitment")
    cue, action = answers.plan_words(db, commitment["touchpoint_id"])
    question = answers.question_of(db, lead["id"], "obstacle")
    plan = answers.rewritten_plan(db, commitment["id"])
    words = {"cue": cue, "action": action, "plan": plan, "question": question["id"] if question else None}
    return Gathered("followup", common | words)


def _selfcheck(
    db: sqlite3.Connection, library: Library, lead: sqlite3.Row, common: Facts, _open: list[sqlite3.Row]
) -> Gathered | Dropped:
    return Gathered("selfcheck", common | selfcheck_step(db, library, lead["id"]))


def selfcheck_step(db: sqlite3.Connection, library: Library, touchpoint_id: int) -> Facts:
    """Gather the next of the seven questions; "value_id" is None when all are answered."""
    done = ratings.rated(db, touchpoint_id)
    left = [value for value in library.values.values() if value.id not in done]
    if not left:
        return {"value_id": None}
    value = left[0]
    return {
        "first": not done,
        "number": len(done) + 1,
        "value_id": value.id,
        "value": value.name,
        "definition": value.definition,
    }


def _recap(
    _db: sqlite3.Connection, _library: Library, lead: sqlite3.Row, common: Facts, _open: list[sqlite3.Row]
) -> Gathered | Dropped:
    return Gathered("recap", common | {"person_id": lead["person_id"], "session_id": lead["session_id"]})


def _quiz(db: sqlite3.Connection, library: Library, lead: sqlite3.Row, common: Facts) -> Gathered | Dropped:
    item = quizzes.next_item(db, lead["id"])
    if item is None:
        return Dropped("already done")
    return quiz_item(db, library, item["id"], common)


def quiz_item(db: sqlite3.Connection, library: Library, quiz_item_id: int, common: Facts) -> Gathered | Dropped:
    """Gather one item of a quiz as a poll."""
    row = quizzes.item(db, quiz_item_id)
    if row is None or row["answered_at"] is not None:
        return Dropped("already answered")
    item = library.items.get(row["item"])
    if item is None:
        return Dropped(f"the content holds no item {row['item']}")
    total = len(quizzes.items(db, row["touchpoint_id"]))
    return Gathered(
        "poll",
        common
        | {
            "touchpoint": row["touchpoint_id"],
            "quiz_item": row["id"],
        }
        | poll_facts(item, row["position"], total),
    )


_GATHER = {
    Kind.REMINDER: _reminder,
    Kind.REACTION: _reaction,
    Kind.REFLECTION: _reflection,
    Kind.COMMITMENT: _commitment,
    Kind.FOLLOWUP: _followup,
    Kind.SELFCHECK: _selfcheck,
    Kind.RECAP: _recap,
}
