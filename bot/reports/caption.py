"""The words under a weekly picture: the same figures, then what to do about them, within a caption's length."""

from dataclasses import dataclass, replace
from typing import Any

from bot.reports.figures import SummaryPicture
from bot.reports.words import summary_words
from messages.fitting import fit_names, shown_length
from messages.texts import CAPTION_LIMIT, Texts, clip

# The hardest item's words in a caption; the picture has them whole.
HARDEST_IN_CAPTION = 140
_SEE_WORKBOOK = len(" (lihat XLSX)")


@dataclass(frozen=True, slots=True)
class ToDo:
    """Whom to invite, and who may be reminded."""

    missing_total: int
    missing: tuple[str, ...] = ()
    """Names of those who have not joined; empty where only their number is told."""
    unanswered: tuple[str, ...] = ()
    """Names of those who have not answered and agreed to be named so."""
    number: bool = True
    """Whether the number of those who have not answered may stand beside the names."""


def summary_caption(texts: Texts, picture: SummaryPicture, todo: ToDo) -> str:
    """Return the caption, in Telegram's HTML. Names that do not fit are told as a number."""
    now, hardest = picture.figures, picture.hardest_text
    short = replace(picture, hardest_text=clip(hardest, HARDEST_IN_CAPTION) if hardest else None)
    facts: dict[str, Any] = {
        "words": summary_words(short),
        "missing": todo.missing_total,
        "names": [],
        "more": 0,
        "asked": now.sent > 0 and now.answered != now.sent,
        "waiting": now.waiting if todo.number else None,
        "unanswered": [],
        "unanswered_more": 0,
    }
    around = shown_length(texts.render("summary", facts | {"words": ""}))
    facts["words"] = clip(facts["words"], CAPTION_LIMIT - around - 2)
    for names, more, wanted in (("names", "more", todo.missing), ("unanswered", "unanswered_more", todo.unanswered)):
        if wanted:
            room = CAPTION_LIMIT - shown_length(texts.render("summary", facts)) - _SEE_WORKBOOK
            facts[names], facts[more] = fit_names(wanted, room // 2 if names == "names" and todo.unanswered else room)
    return texts.render("summary", facts)
