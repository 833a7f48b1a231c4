"""Pictures for a phone (PNG, 1080 pixels wide) and the poster for the hall (PDF, A4).

All functions are synchronous and take some hundredths of a second: call them off the event loop. Equal data
gives equal bytes. What a picture says stands in words beside it (`*_words`).
"""

import io
from typing import Any

import segno

from bot.reports.figures import ProgressCard, RecapCard, SummaryPicture, WeeklyFigures
from bot.reports.typesetting import PIXELS_PER_POINT, drawable, page, picture
from bot.reports.words import (
    CITY,
    NOBODY_INVITED,
    NOT_SHOWN,
    NOTHING_SENT,
    STATES,
    Change,
    answered_change,
    count_words,
    group_words,
    joined_change,
    level_words,
    poster_words,
    progress_words,
    qr_words,
    quiz_change,
    recap_words,
    share,
    share_words,
    state_words,
    summary_words,
    touched_words,
    within,
)
from messages import formats

__all__ = [
    "poster_pdf",
    "poster_words",
    "progress_png",
    "progress_words",
    "qr_png",
    "qr_words",
    "recap_png",
    "recap_words",
    "summary_data",
    "summary_png",
    "summary_words",
]

_NAME, _TITLE, _SENTENCE = 200, 240, 400

# The quiet zone that the QR standard asks for, in modules; within it nothing may be drawn.
_QUIET_ZONE = 4
_QR_PIXELS = 1020


def summary_png(summary: SummaryPicture) -> bytes:
    """Draw a week of one unit, or of the city."""
    return picture("summary", summary_data(summary))


def summary_data(summary: SummaryPicture) -> dict[str, Any]:
    """Return all that the picture of a week is drawn from."""
    now, before = summary.figures, summary.before
    return {
        "title": drawable(summary.title, _TITLE),
        "under": _under(summary),
        "joined": _joined(summary),
        "answered": _answered(summary),
        "quiz": {
            "average": None if now.quiz_average is None else formats.decimal(now.quiz_average),
            "words": NOT_SHOWN,
            "change": _plain(quiz_change(now, before)),
        },
        "commitments": {
            "words": NOT_SHOWN if now.commitments_made is None and now.commitments_kept is None else None,
            "rows": [
                {"number": None if count is None else count_words(count), "verb": verb}
                for count, verb in ((now.commitments_made, "dibuat"), (now.commitments_kept, "ditepati"))
            ],
        },
        "hardest": None
        if not summary.hardest_text
        else {
            "text": drawable(summary.hardest_text, _SENTENCE),
            "value": drawable(now.hardest_value, _NAME) if now.hardest_value else None,
        },
        "note": _note(now, summary.minimum_group),
    }


def progress_png(card: ProgressCard, dark: bool = False) -> bytes:
    """Draw where one person stands."""
    return picture(
        "progress",
        {
            "dark": dark,
            "name": drawable(card.name, _NAME),
            "session": drawable(card.session_title, _TITLE),
            "steps": _part(card.steps_done, card.steps_total),
            "values": [
                {
                    "short": drawable(value.short, 60),
                    "touched": touched_words(value.touched),
                    "share": within(value.level),
                    "level": None if value.level is None else level_words(value.level),
                }
                for value in card.values
            ],
            "commitments": [_commitment(*pair) for pair in card.commitments],
            "more": _more(card.more_commitments),
            "note": f"Per {formats.day(card.as_of)}. Hanya Anda yang menerima gambar ini.",
        },
    )


def _more(commitments: int) -> str | None:
    return f"dan {formats.number(commitments)} komitmen lain" if commitments else None


def recap_png(card: RecapCard, dark: bool = False) -> bytes:
    """Draw what one person did with one session."""
    return picture(
        "recap",
        {
            "dark": dark,
            "name": drawable(card.name, _NAME),
            "session": drawable(card.session_title, _TITLE),
            "days": formats.day_range(card.first_day, card.last_day),
            "reflections": formats.number(card.reflections),
            "quiz": {"right": formats.number(card.quiz_right), "asked": formats.number(card.quiz_asked)}
            if card.quiz_asked
            else None,
            "commitment": _commitment(card.commitment, card.commitment_state or "") if card.commitment else None,
            "selfcheck": [{"short": drawable(v.short, 60), "level": v.level} for v in card.selfcheck],
            "note": "Terima kasih atas langkah Bapak/Ibu. Hanya Anda yang menerima gambar ini.",
        },
    )


def qr_png(link: str, caption: str) -> bytes:
    """Draw the code of a link, with what it is for under it."""
    code = segno.make_qr(link, error="m")
    # An even number of pixels a module, so that edges stay sharp when the code stands in the middle.
    module = _QR_PIXELS // code.symbol_size(border=_QUIET_ZONE)[0] // 2 * 2
    side = module * code.symbol_size(border=_QUIET_ZONE)[0]
    return picture(
        "qr",
        {
            "svg": _svg(code),
            "side": side / PIXELS_PER_POINT,
            "margin": (1080 - _QR_PIXELS) // 2 / PIXELS_PER_POINT,
            "caption": drawable(caption, _TITLE),
        },
    )


def poster_pdf(title: str, place: str, when_text: str, link: str) -> bytes:
    """Set the sheet that hangs in the hall: the event, the code, the link and the three steps of joining."""
    return page(
        "poster",
        {
            "title": drawable(title, 140),
            "place": drawable(place, 100),
            "when": drawable(when_text, 100),
            "link": link,
            "link-words": drawable(link.removeprefix("https://")),
            "svg": _svg(segno.make_qr(link, error="m")),
            # A long title takes its room from the code: all must stand on one sheet.
            "code": 320 if len(title) + len(place) + len(when_text) <= 180 else 280,
        },
    )


def _under(summary: SummaryPicture) -> list[str]:
    unit = summary.figures.unit or CITY
    week = formats.week_label(summary.figures.week)
    return [week] if unit.casefold() in summary.title.casefold() else [drawable(unit, _NAME), week]


def _joined(summary: SummaryPicture) -> dict[str, Any]:
    now = summary.figures
    if now.invited == 0 and now.joined == 0:
        return {"part": None, "words": NOBODY_INVITED}
    return _part(now.joined, now.invited, "orang", joined_change(now, summary.before))


def _answered(summary: SummaryPicture) -> dict[str, Any]:
    now = summary.figures
    if now.sent == 0:
        return {"part": None, "words": NOTHING_SENT}
    if now.answered is None:
        return {"part": None, "words": f"{formats.number(now.sent)} pertanyaan terkirim; jawaban {NOT_SHOWN}"}
    return _part(now.answered, now.sent, "pertanyaan", answered_change(now, summary.before))


def _note(now: WeeklyFigures, minimum_group: int) -> str:
    results = (now.answered, now.quiz_average, now.commitments_made, now.commitments_kept)
    if None not in results:
        return "Jawaban perorangan tidak pernah ditampilkan."
    group = group_words(minimum_group)
    return f"Tidak ditampilkan: hasil kelompok di bawah {group} orang, dan angka yang dapat mengungkapnya."


def _part(part: int, whole: int, unit: str = "", change: Change | None = None) -> dict[str, Any]:
    return {
        "part": formats.number(part),
        "whole": formats.number(whole),
        "unit": unit,
        "percent": share_words(part, whole),
        "share": share(part, whole),
        "change": _plain(change),
    }


def _plain(change: Change | None) -> dict[str, str] | None:
    return {"direction": change.direction, "words": change.words} if change else None


def _commitment(sentence: str, state: str) -> dict[str, str]:
    return {
        "sentence": drawable(sentence, _SENTENCE),
        "state": state if state in STATES else "",
        "words": drawable(state_words(state), 60),
    }


def _svg(code: segno.QRCode) -> str:
    out = io.BytesIO()
    code.save(out, kind="svg", border=_QUIET_ZONE, dark="#000", light="#fff", xmldecl=False)
    return out.getvalue().decode()
