"""The pictures of the content preview, drawn by what draws the bot's, of figures that are an example."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from bot.domain.calendar import WorkCalendar
from bot.domain.journey import QUIZZES, Journey, Kind
from bot.making.own import recap_message
from bot.making.summaries import summary_message
from bot.reports.caption import ToDo
from bot.reports.figures import RecapCard, SelfCheck, SummaryPicture, WeeklyFigures
from bot.reports.weekly import week_of
from messages.library import Library
from messages.outgoing import Outgoing
from messages.preview.sample import SampleSession
from messages.texts import Texts

_MONDAY_AT = time(8)
_LEVELS = (3, 4, 3, 2, 4, 3, 3)


class ExamplePictures:
    """Draws the recap card and the coordinator's summary of a session that is only an example."""

    def __init__(self, library: Library, texts: Texts, calendar: WorkCalendar, minimum_group: int) -> None:
        self._library = library
        self._texts = texts
        self._calendar = calendar
        self._minimum_group = minimum_group

    def recap(self, session: SampleSession, journey: Journey, commitment: str, at: datetime) -> Outgoing:
        """Return the journey's recap card, which comes at `at`: everything answered, most of it right."""
        quizzes = [step.content or "" for step in journey.steps if step.kind in QUIZZES]
        asked = sum(len(self._library.choose_items(quiz, {}, 1)) for quiz in quizzes)
        return recap_message(
            RecapCard(
                name=session.name,
                session_title=session.title,
                first_day=self._calendar.local_day(session.start),
                last_day=self._calendar.local_day(at),
                reflections=sum(step.kind is Kind.REFLECTION for step in journey.steps),
                quiz_right=asked - len(quizzes),
                quiz_asked=asked,
                commitment=commitment,
                commitment_state="kept",
                selfcheck=_selfcheck([value.short for value in self._library.values.values()]),
            )
        )

    def summary(self, session: SampleSession) -> tuple[datetime, Outgoing]:
        """Return the first summary of the unit after the session, and when it comes: the next Monday."""
        day = self._calendar.local_day(session.end)
        monday = day + timedelta(days=7 - day.weekday())
        item = next(iter(self._library.items.values()), None)
        figures = WeeklyFigures(
            week=week_of(day),
            unit=session.unit,
            invited=40,
            joined=34,
            sent=102,
            answered=81,
            quiz_average=78.4,
            hardest_item=item.id if item else None,
            hardest_value=self._library.values[item.value].name if item else None,
            commitments_made=28,
            commitments_kept=0,
            waiting=12,
        )
        picture = SummaryPicture(figures, None, item.question if item else None, session.unit, self._minimum_group)
        row = {"unit_id": 1, "week": figures.week}
        out = summary_message(self._texts, picture, ToDo(6), row)
        return self._calendar.at(self._calendar.workday_from(monday), _MONDAY_AT), out


def _selfcheck(names: Sequence[str]) -> list[SelfCheck]:
    return [SelfCheck(name, _LEVELS[place % len(_LEVELS)]) for place, name in enumerate(names)]
