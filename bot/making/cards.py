"""What stands on a person's own cards: of progress over all sessions, and of one session when its month is over."""

import sqlite3
from collections import Counter
from datetime import date
from zoneinfo import ZoneInfo

from bot.clock import from_text
from bot.domain.plan import sentence
from bot.reports.figures import COMMITMENTS_SHOWN, ProgressCard, RecapCard, SelfCheck, ValueProgress
from bot.store import answers, commitments, ledger, people, progress, ratings, sessions
from messages.library import Library
from messages.words import CLOSED_WORDS


def progress_card(db: sqlite3.Connection, library: Library, person_id: int, today: date) -> ProgressCard | None:
    """Gather the progress card; None for who has joined no session."""
    participant = progress.newest_participant(db, person_id)
    if participant is None:
        return None
    total, done = progress.steps(db, participant["id"])
    made = commitments.of_person(db, person_id)
    return ProgressCard(
        name=people.person(db, person_id).name,
        session_title=sessions.get(db, participant["session_id"]).title,
        values=_values(db, library, person_id, made),
        steps_done=done,
        steps_total=max(total, done),
        commitments=[(_sentence(db, row), row["state"]) for row in made[:COMMITMENTS_SHOWN]],
        more_commitments=len(made[COMMITMENTS_SHOWN:]),
        as_of=today,
    )


def _values(db: sqlite3.Connection, library: Library, person_id: int, made: list[sqlite3.Row]) -> list[ValueProgress]:
    quizzed = progress.quizzed_by_value(db, person_id)
    touched = Counter({value: seen.asked for value, seen in quizzed.items()})
    for prompt_id in answers.prompts_answered(db, person_id):
        prompt = library.prompt_by_id.get(prompt_id)
        if prompt is not None:
            touched[prompt.value] += 1
    touched.update(row["value"] for row in made)
    return [
        ValueProgress(
            value.id,
            value.short,
            touched[value.id],
            quizzed[value.id].right / quizzed[value.id].asked if value.id in quizzed else None,
        )
        for value in library.values.values()
    ]


def recap_card(db: sqlite3.Connection, library: Library, person_id: int, session_id: int, zone: ZoneInfo) -> RecapCard:
    """Gather the recap card of a participant. Raises LookupError for who is none."""
    session = sessions.get(db, session_id)
    participant = ledger.participant(db, session_id, person_id)
    if participant is None:
        raise LookupError(f"person {person_id} is no participant of session {session_id}")
    quiz = progress.quizzed(db, participant["id"])
    reflections, last = progress.reflected(db, participant["id"])
    levels = ratings.levels(db, participant["id"])
    commitment = commitments.of_participant(db, participant["id"])
    return RecapCard(
        name=people.person(db, person_id).name,
        session_title=session.title,
        first_day=session.start.astimezone(zone).date(),
        last_day=(from_text(last) if last else session.end).astimezone(zone).date(),
        reflections=reflections,
        quiz_right=quiz.right,
        quiz_asked=quiz.asked,
        commitment=_sentence(db, commitment) if commitment else None,
        commitment_state=commitment["state"] if commitment else None,
        selfcheck=[SelfCheck(value.short, levels.get(value.id)) for value in library.values.values()],
    )


def _sentence(db: sqlite3.Connection, commitment: sqlite3.Row) -> str:
    plan = answers.rewritten_plan(db, commitment["id"])
    if plan:
        return plan
    cue, action = answers.plan_words(db, commitment["touchpoint_id"])
    if not (cue and action):
        # Written on an earlier phone, and this account is not verified.
        return CLOSED_WORDS
    return sentence(cue, action)
