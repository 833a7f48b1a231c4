"""From facts to a message as Telegram gets it. The bot and the preview make theirs here, so that both say the same."""

from datetime import datetime, timedelta
from typing import Any

from messages.keyboards import KEYBOARDS, RIDING, SLOW_OFFER, quiz
from messages.keyboards_people import PEOPLE_KEYBOARDS
from messages.keyboards_staff import STAFF_KEYBOARDS
from messages.library import Item
from messages.outgoing import Outgoing
from messages.texts import Texts

Facts = dict[str, Any]
ALL_KEYBOARDS = KEYBOARDS | PEOPLE_KEYBOARDS | STAFF_KEYBOARDS
HALF_A_DAY = timedelta(hours=12)


def message(texts: Texts, template: str, facts: Facts) -> Outgoing:
    """Make the message of a template, with the buttons that belong under it.

    Raises jinja2.TemplateError for a template that is missing or asks for a fact that is not given.
    """
    text = texts.render(template, facts)
    keyboard = ALL_KEYBOARDS.get(template)
    rows = keyboard(facts) if keyboard else ()
    if facts.get("slow_offer") and template in RIDING:
        rows = (*rows, *SLOW_OFFER)
    if facts.get("edit"):
        return Outgoing("edit", text, rows, message_id=facts["edit"])
    return Outgoing("text", text, rows, contact_label=facts.get("contact_label"), quiet=bool(facts.get("quiet")))


def poll_facts(item: Item, position: int, total: int) -> Facts:
    """Return what a poll asks: one item of a quiz, with its place in it."""
    return {
        "question_text": f"{position}/{total} {item.question}",
        "options": list(item.options),
        "correct": item.correct,
        "explanation": item.explanation,
        "total": total,
    }


def poll(texts: Texts, facts: Facts) -> Outgoing:
    """Make the poll of one quiz item; the first of a touch greets above it and says until when."""
    return Outgoing(
        "poll",
        # A poll's question is plain text to Telegram, not HTML.
        facts["question_text"],
        quiz(facts),
        options=tuple(facts["options"]),
        correct=facts["correct"],
        explanation=facts["explanation"],
        # The next ones follow a vote, with no more than the item.
        description=texts.render("quiz_lead", facts) if "greet" in facts else "",
    )


def is_today(start: datetime, now: datetime) -> bool:
    """Whether a reminder calls a session today's: it begins within half a day."""
    return start - now < HALF_A_DAY
