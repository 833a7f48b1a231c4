"""Answering by taps: reaction, quiz votes, commitment, follow-up, self-check."""

import sqlite3

from bot.domain.access import Right
from bot.domain.journey import Kind
from bot.store import answers, commitments, ledger, quizzes, ratings, touches
from handlers.door import Act, BadButton, Doing
from handlers.participant.answering import done
from handlers.participant.supporting import outcome_to_share
from messages import toasts


def react(act: Act) -> None:
    """A number from 1 to 5 under the reaction's message; a second tap changes it."""
    row, score = _own(act, Kind.REACTION), act.arg(1)
    if not 1 <= score <= 5:
        raise BadButton
    ratings.react(act.db, act.now, row["id"], score)
    fresh = done(act, row)
    act.toast = toasts.score_kept(score)
    if fresh:
        _after_reaction(act, row, score)


def vote(act: Act) -> None:
    """A vote in a quiz's poll: feedback, then the next item or the score."""
    answer = act.update.poll_answer
    if answer is None or not answer.option_ids:
        return
    # A crash or a broken line can lie between a poll and its id: a vote in that copy counts as well.
    item = quizzes.by_poll(act.db, answer.poll_id) or quizzes.by_unseen_poll(act.db, act.telegram_id)
    account = act.account
    if item is None or account is None or account.person_id != item["person_id"] or not account.active:
        return
    content = act.house.library.items.get(item["item"])
    chosen = answer.option_ids[0]
    if content is None or not 0 <= chosen < len(content.options):
        return
    if not quizzes.vote(act.db, act.now, item["id"], chosen, correct=chosen == content.correct):
        return
    touches.start(act.db, act.now, item["touchpoint_id"])
    act.reply("quiz_reason", correct=chosen == content.correct, reason=content.reasons[chosen])
    following = quizzes.next_item(act.db, item["touchpoint_id"])
    if following is not None:
        act.reply("quiz_next", quiz_item=following["id"])
    else:
        _finish_quiz(act, item["touchpoint_id"])


def choose_value(act: Act) -> None:
    """One of the seven values under a commitment."""
    row, value = _own(act, Kind.COMMITMENT), act.choice(1)
    if value not in act.house.library.values:
        raise BadButton
    if row["answered_at"] is not None or row["skipped_at"] is not None:
        act.toast = toasts.QUESTION_OVER
        return
    draft = commitments.draft(act.db, row)
    commitments.choose_value(act.db, draft["id"], value)
    touches.start(act.db, act.now, row["id"])
    cue, action = answers.plan_words(act.db, row["id"])
    answers.ask(act.db, act.now, row["person_id"], row["id"], "cue")
    if cue and not action:
        answers.ask(act.db, act.now, row["person_id"], row["id"], "action")
    act.reply("touch", touchpoints=[row["id"]])


def promise(act: Act) -> None:
    """[Ya] under the commitment read back: it is made."""
    row = _own(act, Kind.COMMITMENT)
    cue, action = answers.plan_words(act.db, row["id"])
    draft = commitments.draft(act.db, row)
    if not (draft["value"] and cue and action):
        act.reply("touch", touchpoints=[row["id"]])
    elif commitments.made(act.db, act.now, draft["id"]):
        done(act, row)
        act.reply("commitment_made", touchpoint=row["id"], asked_on=ledger.next_due(act.db, row, Kind.FOLLOWUP))
    else:
        act.toast = toasts.COMMITMENT_KEPT


def rewrite(act: Act) -> None:
    """[Ubah] under the commitment read back: cue and action are asked anew."""
    row = _own(act, Kind.COMMITMENT)
    if row["answered_at"] is not None:
        act.toast = toasts.COMMITMENT_KEPT
        return
    for asks in ("action", "cue"):
        question = answers.question_of(act.db, row["id"], asks)
        if question is not None:
            answers.replace_from_now(act.db, act.now, question["id"])
            # One after the other: the action is asked once there is a cue.
            answers.close_question(act.db, act.now, question["id"])
    answers.ask_anew(act.db, act.now, answers.ask(act.db, act.now, row["person_id"], row["id"], "cue"))
    act.reply("touch", touchpoints=[row["id"]])


def kept(act: Act) -> None:
    """[Sudah]"""
    row = _followed_up(act, "kept")
    if row is not None:
        done(act, row)
        act.reply("followup_kept", share=outcome_to_share(act, row))


def not_yet(act: Act) -> None:
    """[Belum]: the obstacle is asked, unless it was written already."""
    row = _followed_up(act, "not_yet")
    if row is not None:
        _ask_words(act, row, "obstacle", "followup_obstacle")


def changed(act: Act) -> None:
    """[Berubah]: the rewritten plan is asked."""
    row = _followed_up(act, "changed")
    if row is not None:
        _ask_words(act, row, "plan", "followup_plan")


def level(act: Act) -> None:
    """One of the seven questions of the self-check; a second tap on an old one changes nothing done."""
    row, value, chosen = _own(act, Kind.SELFCHECK), act.choice(1), act.arg(2)
    if value not in act.house.library.values or not 1 <= chosen <= 4:
        raise BadButton
    if row["answered_at"] is not None or row["skipped_at"] is not None:
        act.toast = toasts.QUESTION_OVER
        return
    touches.start(act.db, act.now, row["id"])
    ratings.rate(act.db, act.now, row["id"], value, chosen)
    edited = act.message.message_id if act.message else 0
    if len(ratings.rated(act.db, row["id"])) >= len(act.house.library.values):
        done(act, row)
        act.reply("selfcheck_done", edit=edited)
    else:
        act.reply("touch", touchpoints=[row["id"]], edit=edited)


def _own(act: Act, kind: Kind) -> sqlite3.Row:
    row = ledger.own_touchpoint(act.db, act.arg(0), act.telegram_id)
    if row is None or row["kind"] != kind:
        raise BadButton
    return row


def _after_reaction(act: Act, row: sqlite3.Row, score: int) -> None:
    beside = touches.open_beside(act.db, row, Kind.REFLECTION)
    if beside and act.message is not None:
        # The numbers go, the prompt stays where it was.
        act.reply("touch", touchpoints=[beside[0]["id"], row["id"]], edit=act.message.message_id)
    else:
        act.reply("reaction_kept", score=score)


def _finish_quiz(act: Act, touchpoint_id: int) -> None:
    row = ledger.touchpoint(act.db, touchpoint_id)
    if row is None:
        return
    done(act, row)
    items = quizzes.items(act.db, touchpoint_id)
    values = dict.fromkeys(item["value"] for item in items if not item["correct"])
    library = act.house.library
    act.reply(
        "quiz_score",
        right=sum(item["correct"] for item in items),
        asked=len(items),
        missed=[library.values[value].missed for value in values if value in library.values],
    )


def _followed_up(act: Act, outcome: str) -> sqlite3.Row | None:
    """Keep the outcome; returns None when there is nothing (more) to follow up."""
    row = _own(act, Kind.FOLLOWUP)
    commitment = commitments.of_participant(act.db, row["participant_id"])
    told = commitments.checked(act.db, row["id"]) is not None
    over = row["skipped_at"] is not None or (row["answered_at"] is not None and told)
    if commitment is None or over:
        act.toast = toasts.QUESTION_OVER
        return None
    commitments.check(act.db, act.now, row["id"], commitment["id"], outcome)
    touches.start(act.db, act.now, row["id"])
    return row


def _ask_words(act: Act, row: sqlite3.Row, asks: str, template: str) -> None:
    written = answers.question_of(act.db, row["id"], "obstacle")
    if written is not None and answers.count_of(act.db, written["id"]):
        done(act, row)
        act.reply("followup_done", share=outcome_to_share(act, row))
        return
    question = answers.ask(act.db, act.now, row["person_id"], row["id"], asks)
    act.reply(template, touchpoint=row["id"], question=question)


BUTTONS: dict[str, tuple[Right, Doing]] = {
    "react": (Right.PARTICIPANT, react),
    "value": (Right.PARTICIPANT, choose_value),
    "promise": (Right.PARTICIPANT, promise),
    "rewrite": (Right.PARTICIPANT, rewrite),
    "kept": (Right.PARTICIPANT, kept),
    "notyet": (Right.PARTICIPANT, not_yet),
    "changed": (Right.PARTICIPANT, changed),
    "level": (Right.PARTICIPANT, level),
}
