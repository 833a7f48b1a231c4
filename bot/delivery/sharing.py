"""What a supporter or a coordinator is sent of what a person shares: looked up as it is sent.

So no word waits in the outbox, and an end of the support or of the right counts until the last moment.
"""

import sqlite3
from typing import Any

from bot.delivery.gather import Dropped, Gathered
from bot.store import answers, commitments, people, shares, supporters


def share(db: sqlite3.Connection, telegram_id: int, facts: dict[str, Any]) -> Gathered | Dropped:
    """Gather the commitment's sentence or a follow-up's outcome, if it was shared with this very chat."""
    supporter = supporters.get(db, facts["supporter"])
    if (
        supporter is None
        or supporter["telegram_id"] != telegram_id
        or not supporters.is_shared(db, supporter["id"], facts["share"])
    ):
        return Dropped("not shared")
    common = {"supporter": supporter["id"], "name": supporter["name"]}
    if facts["share"] == supporter["touchpoint_id"]:
        cue, action = answers.plan_words(db, facts["share"])
        if not (cue and action):
            return Dropped("no words")
        return Gathered("ally_sentence", common | {"cue": cue, "action": action})
    outcome = commitments.checked(db, facts["share"])
    if outcome is None:
        return Dropped("no outcome")
    return Gathered("ally_outcome", common | {"outcome": outcome["outcome"]})


def reflection(db: sqlite3.Connection, telegram_id: int, facts: dict[str, Any]) -> Gathered | Dropped:
    """Gather a reflection that its writer shared with the coordinators of the unit, of whom this chat must be one."""
    shared = shares.get(db, facts["question"])
    if shared is None or telegram_id not in {one["telegram_id"] for one in shares.readers(db, shared["unit_id"])}:
        return Dropped("not shared")
    words = answers.words_of(db, shared["question_id"])
    if not words:
        return Dropped("no words")
    return Gathered("reflection_shared", {"name": people.person(db, shared["person_id"]).name, "words": words})
