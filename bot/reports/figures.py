"""What reports say, as plain data: counted and suppressed elsewhere, shown by pictures, words and workbooks.

None among figures means hidden: fewer people than the minimum group, or a cell that would give one away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class WeeklyFigures:
    """One ISO week ("2025-W47") of one unit, or of the city where `unit` is None."""

    week: str
    unit: str | None
    invited: int
    joined: int
    sent: int
    answered: int | None
    quiz_average: float | None
    """0 to 100."""
    hardest_item: str | None
    """The id of a quiz item."""
    hardest_value: str | None
    """The name of the value that the hardest item is about, as people read it."""
    commitments_made: int | None
    commitments_kept: int | None
    waiting: int | None = None
    """People who had, at the week's end, not answered what came in it."""


@dataclass(frozen=True, slots=True)
class SummaryPicture:
    """A week beside the week before it (None: there is none to compare with)."""

    figures: WeeklyFigures
    before: WeeklyFigures | None
    hardest_text: str | None
    title: str
    minimum_group: int = 5


@dataclass(frozen=True, slots=True)
class ValueProgress:
    """One value on a person's own card."""

    value_id: str
    short: str
    touched: int
    """How many touches were about it so far."""
    level: float | None
    """Share of its quiz items answered right, 0 to 1; None before the first."""


# On a progress card, the newest so many.
COMMITMENTS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class ProgressCard:
    """Where one person stands, for that person alone."""

    name: str
    session_title: str
    values: Sequence[ValueProgress]
    steps_done: int
    steps_total: int
    commitments: Sequence[tuple[str, str]]
    """Sentence and state (made, kept, not_yet, changed) of the newest few, newest first."""
    more_commitments: int
    """How many there are besides."""
    as_of: date


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """How a person rated the own conduct on one value: 1 to 4, None where it was skipped."""

    short: str
    level: int | None


@dataclass(frozen=True, slots=True)
class RecapCard:
    """What one person did with one session, at the end of its journey, for that person alone."""

    name: str
    session_title: str
    first_day: date
    last_day: date
    reflections: int
    quiz_right: int
    quiz_asked: int
    commitment: str | None
    commitment_state: str | None
    selfcheck: Sequence[SelfCheck]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person in a coordinator's list: taking part, and nothing else."""

    name: str
    position: str
    joined: bool
    checked_in: bool
