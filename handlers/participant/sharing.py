"""[Bagikan ke koordinator]: one reflection, shown once more and shared by a second tap; nothing else ever is."""

import sqlite3

from bot.domain.access import Right
from bot.store import answers, outbox, people, shares
from bot.store.outbox import Lane
from handlers.door import Act, BadButton, Doing
from messages import toasts


def reflection_to_share(act: Act, question: sqlite3.Row) -> int | None:
    """Return the question when its answer may be shared: written words, a coordinator to read them, not yet done."""
    unit = people.person(act.db, question["person_id"]).unit_id
    shareable = answers.words_of(act.db, question["id"]) and shares.readers(act.db, unit)
    return int(question["id"]) if shareable and shares.get(act.db, question["id"]) is None else None


def confirm(act: Act) -> None:
    """[Bagikan ke koordinator] under a stored reflection: who will read what, before anything is sent."""
    question = _own(act)
    person = people.person(act.db, question["person_id"])
    readers = shares.readers(act.db, person.unit_id)
    words = answers.words_of(act.db, question["id"])
    if shares.get(act.db, question["id"]) is not None:
        act.toast = toasts.SHARED_BEFORE
    elif not readers:
        act.reply("share_none")
    elif not words:
        act.toast = toasts.ONLY_WRITTEN
    else:
        names = [reader["name"] or "koordinator" for reader in readers]
        act.reply("share_confirm", question=question["id"], unit=person.unit, names=names, words=words)


def share(act: Act) -> None:
    """[Ya] under that question; a second tap shares nothing more."""
    question = _own(act)
    unit_id = people.person(act.db, question["person_id"]).unit_id
    readers = shares.readers(act.db, unit_id)
    if not readers:
        act.reply("share_none")
    elif not shares.share(act.db, act.now, question, unit_id):
        act.toast = toasts.SHARED_BEFORE
    else:
        for reader in readers:
            outbox.put(
                act.db,
                act.now,
                reader["telegram_id"],
                "reflection_shared",
                {"question": question["id"]},
                key=f"shared:{question['id']}:{reader['telegram_id']}",
                # This lane's rows are erased once they are sent.
                lane=Lane.PEOPLE,
                not_before=act.house.rules.calendars.city.notice_open(act.now),
            )
        act.reply("share_done")


def keep(act: Act) -> None:
    """[Batal] under that question."""
    act.toast = toasts.NOT_SHARED


def _own(act: Act) -> sqlite3.Row:
    question = answers.own_question(act.db, act.arg(0), act.telegram_id)
    if question is None or question["asks"] != "reflection":
        raise BadButton
    return question


BUTTONS: dict[str, tuple[Right, Doing]] = {
    "share": (Right.PARTICIPANT, confirm),
    "shareyes": (Right.PARTICIPANT, share),
    "shareno": (Right.PARTICIPANT, keep),
}
