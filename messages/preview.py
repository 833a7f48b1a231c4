"""A page that shows a journey as people will see it: its messages in time order, from the real templates."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from bot.clock import to_text
from bot.domain.calendar import WorkCalendar
from bot.domain.journey import QUIZZES, Due, Journey, Kind, Step, Times, due, resolve
from messages import formats
from messages.keyboards import KEYBOARDS, quiz
from messages.library import Item, Library
from messages.outgoing import Rows
from messages.preview_page import Bubble, Poll, Touch, page
from messages.texts import Texts

Facts = dict[str, Any]
_SEED = 1
_ANSWERS_AFTER = timedelta(hours=1)
_TAGS = re.compile(r"(</?(?:b|strong|i|em|u|s|code|pre|blockquote|tg-spoiler)>)")


@dataclass(frozen=True)
class SampleSession:
    """The session that the page pretends: nobody in it exists. Instants are aware, UTC."""

    start: datetime
    end: datetime
    title: str = "Ning Ita Sinar ASN: Pelayanan dari Hati"
    place: str = "Pendopo Sabha Kridatama"
    name: str = "Sekar Wulandari, S.K.M."
    quotes: tuple[str, ...] = ("Warga tidak membaca struktur organisasi. Warga membaca wajah kita di loket.",)
    cue: str = "ada warga yang bingung di loket"
    action: str = "menyapanya lebih dulu dan mengantarnya ke petugas yang tepat"


def sample_session(now: datetime, calendar: WorkCalendar) -> SampleSession:
    """Return a session on the second working day after `now`, 08.00 to 11.00."""
    day = calendar.add_workdays(calendar.local_day(now), 2)
    return SampleSession(calendar.at(day, time(8)), calendar.at(day, time(11)))


def write(library: Library, texts: Texts, calendar: WorkCalendar, session: SampleSession) -> str:
    """Return the page, complete in itself: every journey of the library, a touch a moment.

    Raises jinja2.TemplateError when a template cannot be rendered.
    """
    journeys = []
    for journey in library.journeys.values():
        preview = _Preview(library, texts, calendar, session, journey)
        journeys.append((f"{journey.title} ({journey.id})", list(preview.touches())))
    about = f"{session.title}, {formats.span(session.start, session.end, calendar.zone)}, {session.place}"
    return page(about, journeys)


class _Preview:
    def __init__(
        self, library: Library, texts: Texts, calendar: WorkCalendar, session: SampleSession, journey: Journey
    ) -> None:
        self._library = library
        self._texts = texts
        self._calendar = calendar
        self._session = session
        self._journey = journey

    def touches(self) -> Iterator[Touch]:
        """Give the touches in time order; steps that are due together are one."""
        moments: dict[datetime, list[Step]] = {}
        for step, at in self._dates():
            moments.setdefault(at, []).append(step)
        for at in sorted(moments):
            steps = moments[at]
            rides = any(step.kind is Kind.REFLECTION for step in steps)
            bubbles: list[Bubble | Poll] = []
            for step in steps:
                # A reaction that is due with a reflection is asked in that message.
                if not (rides and step.kind is Kind.REACTION):
                    bubbles += self._step(step, at, with_reaction=rides and any(s.kind is Kind.REACTION for s in steps))
            names = ", ".join(f"{step.id} ({step.kind.value})" for step in steps)
            yield Touch(formats.moment(at, self._calendar.zone), names, tuple(bubbles))

    def _dates(self) -> list[tuple[Step, datetime]]:
        """Return each step with its instant, as if everything were answered an hour after it came."""
        joined = self._session.start - timedelta(days=7)
        answered: dict[str, datetime] = {}
        dated: list[tuple[Step, datetime]] = []
        for step in self._journey.steps:
            times = Times(self._session.start, self._session.end, joined, self._session.start, answered)
            found: Due = due(step, times, self._calendar)
            if found.at is not None:
                dated.append((step, found.at))
                answered[step.id] = found.at + _ANSWERS_AFTER
        return dated

    def _step(self, step: Step, at: datetime, *, with_reaction: bool) -> list[Bubble | Poll]:
        facts = self._facts(step, at)
        if step.kind in QUIZZES:
            return self._quiz(step)
        if step.kind is Kind.REFLECTION:
            return [self._reflection(step, facts, with_reaction=with_reaction)]
        if step.kind is Kind.COMMITMENT:
            names = ("commitment", "commitment_cue", "commitment_action", "commitment_readback", "commitment_made")
            return [self._bubble(name, facts) for name in names]
        if step.kind is Kind.SELFCHECK:
            return self._selfcheck(facts)
        return [self._bubble(step.kind.value, facts)]

    def _facts(self, step: Step, at: datetime) -> Facts:
        session = self._session
        closes = resolve(step.expires, at, self._calendar, None) if step.expires else None
        values = list(self._library.values.values())
        return {
            "greet": to_text(at),
            "name": session.name,
            "title": session.title,
            "place": session.place,
            "start": to_text(session.start),
            "end": to_text(session.end),
            "today": self._calendar.local_day(at) == self._calendar.local_day(session.start),
            "touchpoint": 1,
            "question": 1,
            "until": to_text(closes) if closes else None,
            "again": False,
            "remind": False,
            "reminders": [],
            "values": [{"id": value.id, "name": value.name} for value in values],
            "value": values[0].name if values else "",
            "cue": session.cue,
            "action": session.action,
            "plan": "",
            "words": f"Kartu ringkas (gambar): yang {session.name} kerjakan sejak sesi “{session.title}”.",
        }

    def _reflection(self, step: Step, facts: Facts, *, with_reaction: bool) -> Bubble:
        prompt = self._library.choose_prompt(step.content or "", None, (), _SEED)
        first = step.id == self._journey.first_reflection()
        quotes = list(self._session.quotes) if first else []
        more = {"prompt": prompt.text, "quotes": quotes, "reaction": 2 if with_reaction else None}
        return self._bubble("reflection", facts | more)

    def _selfcheck(self, facts: Facts) -> list[Bubble | Poll]:
        return [
            self._bubble(
                "selfcheck",
                facts
                | {
                    "first": number == 1,
                    "number": number,
                    "value_id": value.id,
                    "value": value.name,
                    "definition": value.definition,
                },
            )
            for number, value in enumerate(self._library.values.values(), 1)
        ]

    def _quiz(self, step: Step) -> list[Bubble | Poll]:
        items = self._library.choose_items(step.content or "", {}, _SEED)
        return [self._poll(item, number, len(items)) for number, item in enumerate(items, 1)]

    def _poll(self, item: Item, number: int, total: int) -> Poll:
        options = tuple(
            (option, reason, place == item.correct)
            for place, (option, reason) in enumerate(zip(item.options, item.reasons, strict=True))
        )
        question = f"{number}/{total} {item.question}"
        return Poll(question, options, item.explanation, _labels(quiz({"touchpoint": 1})))

    def _bubble(self, template: str, facts: Facts) -> Bubble:
        keyboard = KEYBOARDS.get(template)
        text = self._texts.render(template, facts)
        return Bubble(_safe(text), _labels(keyboard(facts)) if keyboard else ())


def _labels(rows: Rows) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(button.label for button in row) for row in rows)


def _safe(text: str) -> str:
    """Keep Telegram's plain tags; whatever else a template holds is shown, not obeyed."""
    parts = _TAGS.split(text)
    return "".join(part if _TAGS.fullmatch(part) else _escaped(part) for part in parts)


def _escaped(part: str) -> str:
    # The templates have escaped what people typed; only bare angle brackets are left to escape.
    return part.replace("<", "&lt;").replace(">", "&gt;")
