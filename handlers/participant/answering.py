"""Answering in words: text, voice, edits; and the buttons Lewati, Nanti, Ubah, Mengapa?"""

import json
import sqlite3
from datetime import datetime, time, timedelta

from telegram import Message

from bot.clock import to_text
from bot.domain.access import Right
from bot.domain.calendar import NOTICE_UNTIL
from bot.domain.journey import Kind
from bot.store import answers, broadcasts, commitments, ledger, outbox, people, planning, sessions, touches
from bot.store.answers import Words
from bot.store.outbox import Lane
from bot.store.planning import preferred_time
from handlers.door import Act, BadButton, Doing
from handlers.participant.sharing import reflection_to_share
from handlers.participant.supporting import outcome_to_share
from messages import toasts
from messages.words import RULES, STEP_NAMES

EVENING = time(19, 0)
LEFT_TO_ANSWER = timedelta(days=1)


def words_sent(act: Act) -> None:
    """A text or a voice note of a participant: to the question it belongs to, else kept as a note."""
    message, account = act.message, act.account
    words = _words(message, act.telegram_id) if message else None
    if words is None or account is None or account.person_id is None:
        act.reply("words_please")
        return
    question = _question(act, account.person_id, message)
    if question is None:
        if answers.keep(act.db, act.now, account.person_id, None, words, late=False):
            act.reply("note_kept", waiting=bool(touches.open_of(act.db, account.person_id)))
        return
    touchpoint = ledger.touchpoint(act.db, question["touchpoint_id"])
    if touchpoint is None:
        raise LookupError("a question without its touchpoint")
    late = touchpoint["closed_at"] is not None
    if not answers.keep(act.db, act.now, account.person_id, question, words, late=late):
        return
    touches.start(act.db, act.now, touchpoint["id"])
    _AFTER[question["asks"]](act, question, touchpoint, late)


def words_edited(act: Act) -> None:
    """An edit of a Telegram message edits the answer."""
    message = act.message
    if message is None or not message.text:
        return
    if not answers.edit(act.db, act.now, act.telegram_id, message.message_id, message.text):
        return
    plan = answers.open_plan_of(act.db, act.telegram_id, message.message_id)
    if plan is not None:
        # What is read back must be what will be kept.
        act.reply("touch", touchpoints=[plan])
    else:
        act.reply("stored", more=False, edited=True, late=False, question=None, share=None)


def skip(act: Act) -> None:
    """[Lewati]: counts as done. A reaction on the same message is skipped with it."""
    row = _own(act)
    if row["answered_at"] is not None or row["skipped_at"] is not None:
        act.toast = toasts.QUESTION_OVER
        return
    touches.skip(act.db, act.now, row["id"])
    if row["kind"] == Kind.REFLECTION and row["touch_id"] is not None:
        for other in touches.open_beside(act.db, row, Kind.REACTION):
            touches.skip(act.db, act.now, other["id"])
    planning.plan_after_answer(act.db, act.now, act.house.rules, row)
    act.reply("skipped")
    let_recap_go(act, row)


def later(act: Act) -> None:
    """[Nanti]: asks when."""
    row = _own(act)
    if row["answered_at"] is not None or row["skipped_at"] is not None:
        act.toast = toasts.QUESTION_OVER
        return
    act.reply("later", touchpoint=row["id"])


def in_an_hour(act: Act) -> None:
    """[Satu jam lagi]"""
    _ask_again(act, act.now + timedelta(hours=1))


def this_evening(act: Act) -> None:
    """[Malam ini], or half an hour on when it is evening already."""
    calendar = act.house.rules.calendars.city
    evening = calendar.at(calendar.local_day(act.now), EVENING)
    _ask_again(act, max(evening, act.now + timedelta(minutes=30)))


def tomorrow(act: Act) -> None:
    """[Besok]: at the person's hour; a day off moves on to the next working day, and is named."""
    account = act.account
    person = people.person(act.db, account.person_id) if account and account.person_id else None
    calendar = act.house.rules.calendars.of(person.unit if person else "")
    _ask_again(act, calendar.next_day(act.now, preferred_time(account)))


def change(act: Act) -> None:
    """[Ubah] under a stored answer: the next words replace it."""
    question = answers.own_question(act.db, act.arg(0), act.telegram_id)
    if question is None:
        raise BadButton
    answers.change_with_the_next(act.db, act.now, question["id"])
    act.reply("change")


def why(act: Act) -> None:
    """[Mengapa?]: which session and step, when planned, what put it off, what let it through now."""
    row = _own(act)
    session = sessions.get(act.db, row["session_id"])
    deferred = ledger.last_deferral(act.db, row["id"])
    act.reply(
        "why",
        title=session.title,
        start=to_text(session.start),
        step=STEP_NAMES.get(Kind(row["kind"]), row["kind"]),
        due=row["due_at"] or row["released_at"],
        deferred=RULES.get(deferred, deferred) if deferred else None,
        released=row["released_at"],
        rule=RULES.get(row["reason"], row["reason"]),
    )


def why_broadcast(act: Act) -> None:
    """[Mengapa?] under a broadcast's copy: for whom it is, and what let it through."""
    found = broadcasts.received(act.db, act.arg(0), act.telegram_id)
    if found is None:
        raise BadButton
    act.reply(
        "why_broadcast",
        audience=json.loads(found["audience"])["kind"],
        start=found["start_at"],
        urgent=bool(found["urgent"]),
        participant=found["person_id"] is not None,
    )


def done(act: Act, touchpoint: sqlite3.Row) -> bool:
    """Note that a touchpoint is answered and plan what hangs on it; returns False when it was known."""
    fresh = ledger.touchpoint(act.db, touchpoint["id"])
    if fresh is None or not touches.answered(act.db, act.now, fresh):
        return False
    planning.plan_after_answer(act.db, act.now, act.house.rules, fresh)
    let_recap_go(act, fresh)
    return True


def let_recap_go(act: Act, touchpoint: sqlite3.Row) -> None:
    """The recap card waits for the self-check; after a late one it is an answer to that."""
    if touchpoint["kind"] != Kind.SELFCHECK:
        return
    recap = touches.of_kind(act.db, touchpoint["participant_id"], Kind.RECAP)
    if recap is None or outbox.let_go(act.db, recap["id"], act.now):
        return
    if recap["state"] == "expired":
        touches.release_again(act.db, act.now, recap["id"])
        act.reply("touch", touchpoints=[recap["id"]])


def _words(message: Message, telegram_id: int) -> Words | None:
    if message.text:
        return Words(telegram_id, message.message_id, text=message.text)
    if message.voice:
        voice = message.voice
        seconds = voice.duration if isinstance(voice.duration, int) else int(voice.duration.total_seconds())
        return Words(
            telegram_id,
            message.message_id,
            file_id=voice.file_id,
            file_unique_id=voice.file_unique_id,
            duration_seconds=seconds,
        )
    return None


def _question(act: Act, person_id: int, message: Message | None) -> sqlite3.Row | None:
    replied = message.reply_to_message if message else None
    if replied is not None:
        found = answers.shown_question(act.db, person_id, act.telegram_id, replied.message_id)
        if found is not None:
            return found
    return answers.question_for_text(act.db, act.now, person_id)


def _after_reflection(act: Act, question: sqlite3.Row, touchpoint: sqlite3.Row, late: bool) -> None:
    first = done(act, touchpoint)
    share = reflection_to_share(act, question)
    act.reply("stored", question=question["id"], share=share, more=not first, edited=False, late=late and first)


def _after_plan_words(act: Act, question: sqlite3.Row, touchpoint: sqlite3.Row, _late: bool) -> None:
    if touchpoint["answered_at"] is not None:
        act.reply("stored", question=None, share=None, more=True, edited=False, late=False)
    elif act.message is not None and act.message.voice is not None:
        # A plan is read back as a sentence, which a voice note cannot be: its words are still awaited.
        answers.ask_anew(act.db, act.now, question["id"])
        act.reply("plan_in_words", touchpoint=touchpoint["id"])
    else:
        _next_of_commitment(act, touchpoint)


def _next_of_commitment(act: Act, touchpoint: sqlite3.Row) -> None:
    cue, action = answers.plan_words(act.db, touchpoint["id"])
    if cue and not action:
        asked = answers.ask(act.db, act.now, touchpoint["person_id"], touchpoint["id"], "action")
        answers.ask_anew(act.db, act.now, asked)
    act.reply("touch", touchpoints=[touchpoint["id"]])


def _after_obstacle(act: Act, question: sqlite3.Row, touchpoint: sqlite3.Row, _late: bool) -> None:
    first = done(act, touchpoint)
    if commitments.checked(act.db, touchpoint["id"]) is None:
        # Words came before the tap: they are the answer, and the tap may follow.
        act.reply("followup_status", touchpoint=touchpoint["id"])
    elif first:
        act.reply("followup_done", share=outcome_to_share(act, touchpoint))
    else:
        act.reply("stored", question=question["id"], share=None, more=True, edited=False, late=False)


_AFTER = {
    "reflection": _after_reflection,
    "cue": _after_plan_words,
    "action": _after_plan_words,
    "obstacle": _after_obstacle,
    "plan": _after_obstacle,
}


def _own(act: Act) -> sqlite3.Row:
    row = ledger.own_touchpoint(act.db, act.arg(0), act.telegram_id)
    if row is None:
        raise BadButton
    return row


def _ask_again(act: Act, at: datetime) -> None:
    row = _own(act)
    if row["answered_at"] is not None or row["skipped_at"] is not None:
        act.toast = toasts.QUESTION_OVER
        return
    calendar = act.house.rules.calendars.city
    at = calendar.notice_open(at)
    evening = calendar.at(calendar.local_day(at), NOTICE_UNTIL)
    outbox.put(
        act.db,
        act.now,
        act.telegram_id,
        "touch",
        {"touchpoints": [row["id"]], "mode": "again"},
        key=f"again:{row['id']}:{to_text(at)}",
        lane=Lane.NOTICE,
        not_before=at,
        expires_at=max(evening, at + timedelta(minutes=30)),
    )
    touches.asked_again_at(act.db, row, at, LEFT_TO_ANSWER)
    act.reply("later_kept", at=to_text(at))


COMMANDS: dict[str, tuple[Right, Doing]] = {}
BUTTONS: dict[str, tuple[Right, Doing]] = {
    "skip": (Right.PARTICIPANT, skip),
    "later": (Right.PARTICIPANT, later),
    "in1h": (Right.PARTICIPANT, in_an_hour),
    "eve": (Right.PARTICIPANT, this_evening),
    "tomorrow": (Right.PARTICIPANT, tomorrow),
    "change": (Right.PARTICIPANT, change),
    "why": (Right.PARTICIPANT, why),
    "whycast": (Right.ANYONE, why_broadcast),
}
