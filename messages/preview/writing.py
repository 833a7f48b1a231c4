"""A page that shows journeys as people will see them: the real templates, in time order, with a session's dates."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.clock import to_text
from bot.domain.calendar import WorkCalendar
from bot.domain.journey import Journey, Kind
from messages import formats
from messages.library import Library
from messages.preview.chat import OWN_WORDS, Aside, Chat, Part, Said, Sent, names
from messages.preview.dates import Moment, closes, moments
from messages.preview.page import Chapter, Touch, page
from messages.preview.sample import Pictures, SampleSession
from messages.texts import Texts
from messages.words import RULES, STEP_NAMES

_WEEK = timedelta(weeks=1)


def write(
    library: Library,
    texts: Texts,
    calendar: WorkCalendar,
    session: SampleSession,
    pictures: Pictures | None = None,
) -> str:
    """Return the page, complete in itself: every journey of the library, and what comes beside them.

    Without `pictures` their words stand in their place. Raises jinja2.TemplateError when a template cannot
    be rendered.
    """
    ordered = sorted(library.journeys.values(), key=lambda journey: (journey.id != session.journey, journey.title))
    chapters = [_journey(library, texts, calendar, session, journey, pictures) for journey in ordered]
    chapters.append(_beside(Chat(library, texts, session, pictures, ordered[0]), calendar))
    about = f"{session.title}. {formats.span(session.start, session.end, calendar.zone)}, {session.place}."
    return page(about, chapters, calendar.zone)


def _journey(
    library: Library,
    texts: Texts,
    calendar: WorkCalendar,
    session: SampleSession,
    journey: Journey,
    pictures: Pictures | None,
) -> Chapter:
    chat = Chat(library, texts, session, pictures, journey)
    found = moments(journey, session.start, session.end, calendar)
    touches = [_touch(chat, calendar, found, moment) for moment in found]
    sent = {step.id for moment in found for step in moment.steps}
    left_out = [step.id for step in journey.steps if step.id not in sent]
    about = f"Alur {journey.id}: {len(journey.steps)} langkah."
    if left_out:
        about += f" Dengan waktu sesi ini tidak terkirim: {', '.join(left_out)}."
    return Chapter(journey.title, about, tuple(touches))


def _touch(chat: Chat, calendar: WorkCalendar, found: list[Moment], moment: Moment) -> Touch:
    parts = list(_parts(chat, calendar, found, moment))
    if not moment.steps:
        note = f"Hanya bila belum dijawab: {', '.join(step.id for step in moment.unanswered)}."
        return Touch(moment.at, f"Pengingat: {names(moment.unanswered).lower()}", note, tuple(parts))
    note = ", ".join(f"{step.id} ({step.kind.value})" for step in moment.steps)
    if moment.rule not in ("due", "notice"):
        note += f"; ditunda: {RULES.get(moment.rule, moment.rule)}"
    return Touch(moment.at, names(moment.steps), note, tuple(parts))


def _parts(chat: Chat, calendar: WorkCalendar, found: list[Moment], moment: Moment) -> Iterator[Part]:
    lines = [STEP_NAMES[step.kind] for step in moment.unanswered]
    if not moment.steps:
        first = moment.unanswered[0]
        sent = next(earlier.at for earlier in found if first in earlier.steps)
        facts = chat.common(moment.at, closes(first, sent, calendar), remind=True, reminders=lines[1:])
        yield chat.opening(first, facts, at=moment.at)
        return
    kinds = [step.kind for step in moment.steps]
    rides = Kind.REFLECTION in kinds and Kind.REACTION in kinds
    for step in moment.steps:
        # A reaction that is due with a reflection is asked in that message.
        if rides and step.kind is Kind.REACTION:
            continue
        facts = chat.common(moment.at, closes(step, moment.at, calendar))
        asked_on = _next_followup(found, moment.at)
        yield from chat.parts(step, facts, at=moment.at, with_reaction=rides, asked_on=asked_on)
        if lines and step.kind not in (Kind.PREQUIZ, Kind.QUIZ, Kind.POSTQUIZ, Kind.RECAP):
            opening = chat.opening(step, facts | {"reminders": lines}, at=moment.at, with_reaction=rides)
            yield Aside(f"Bila belum dijawab: {', '.join(lines)}", (opening,))
            lines = []


def _next_followup(found: list[Moment], after: datetime) -> datetime | None:
    later = (m.at for m in found if m.at > after and any(step.kind is Kind.FOLLOWUP for step in m.steps))
    return next(later, None)


def _beside(chat: Chat, calendar: WorkCalendar) -> Chapter:
    """What may come besides a journey's steps: before it, when things change, and to the coordinator."""
    session = chat.session
    start, end = to_text(session.start), to_text(session.end)
    dates = {"start": start, "end": end, "title": session.title, "place": session.place}
    joined, moved = session.start - _WEEK, session.start - timedelta(days=3)
    after = calendar.next_day(session.end)
    away = calendar.next_day(after + _WEEK)
    later = {"start": to_text(session.start + _WEEK), "end": to_text(session.end + _WEEK)}
    greeted = {"name": session.name, "greet": to_text(joined)}
    waiting = [
        {"touchpoint": 1, "label": STEP_NAMES[Kind.COMMITMENT].capitalize(), "title": None, "until": to_text(away)},
        {"touchpoint": 2, "label": STEP_NAMES[Kind.QUIZ].capitalize(), "title": None, "until": to_text(away)},
    ]
    why = {
        "title": session.title,
        "start": start,
        "step": STEP_NAMES[Kind.COMMITMENT],
        "due": to_text(after),
        "deferred": None,
        "released": to_text(after),
        "rule": RULES["due"],
    }
    touches = [
        Touch(joined, "Bergabung", "Jawaban setelah Ya", (chat.said("joined", greeted | {"sessions": [dates]}),)),
        Touch(moved, "Sesi dipindah", "Contoh: sepekan kemudian", (chat.said("session_moved", dates | later),)),
        Touch(moved, "Sesi dibatalkan", "Contoh", (chat.said("session_cancelled", dates),)),
        Touch(
            after,
            "Mengapa? dan Nanti",
            "Tombol di bawah setiap sentuhan",
            (
                Said("Mengapa?", tapped=True),
                chat.said("why", why),
                Said("Nanti", tapped=True),
                chat.said("later", {"touchpoint": 1}),
                Said("Besok", tapped=True),
                chat.said("later_kept", {"at": to_text(calendar.next_day(after))}),
                Said("Lewati", tapped=True),
                chat.said("skipped", {}),
            ),
        ),
        Touch(
            away,
            "Jawaban terlambat",
            "Diterima juga setelah waktunya lewat",
            (
                Said(OWN_WORDS),
                chat.said("stored", {"question": 1, "share": 1, "more": False, "edited": False, "late": True}),
            ),
        ),
        Touch(
            away,
            "Kembali dari jeda",
            "Satu kartu, bukan tumpukan pesan",
            (chat.said("catch_up", greeted | {"greet": to_text(away), "waiting": waiting, "back": True}),),
        ),
        _summary(chat, calendar),
    ]
    about = "Yang dapat datang di luar langkah alur, dan ringkasan mingguan bagi koordinator unit."
    return Chapter("Di luar alur", about, tuple(sorted(touches, key=lambda touch: touch.at)))


def _summary(chat: Chat, calendar: WorkCalendar) -> Touch:
    if chat.pictures is not None:
        at, out = chat.pictures.summary(chat.session)
        return Touch(at, "Ringkasan bagi koordinator", "Angka contoh", (Sent(out),))
    at = calendar.next_day(chat.session.end + _WEEK)
    facts = {
        "words": f"{chat.session.unit} (gambar).",
        "missing": 6,
        "names": [],
        "more": 0,
        "waiting": 7,
        "asked": True,
    }
    facts |= {"unanswered": [], "unanswered_more": 0}
    said = chat.said("summary", facts | {"unit_id": 1, "week": "2025-W47"})
    return Touch(at, "Ringkasan bagi koordinator", "Angka contoh", (said,))
