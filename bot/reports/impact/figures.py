"""What the impact report says, as plain data. None means hidden or not there yet: fewer than the minimum group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.gain import Between, Gain


@dataclass(frozen=True, slots=True)
class Reaction:
    """How people liked the session, 1 to 5. `counts` is None where a score was given by a few alone."""

    n: int
    mean: float
    counts: Sequence[int] | None


@dataclass(frozen=True, slots=True)
class ValueLevel:
    """How people rate their own conduct on one value, 1 to 4."""

    short: str
    n: int | None
    mean: float | None


@dataclass(frozen=True, slots=True)
class MissedItem:
    """A quiz item after the session, and how many were wrong when first asked it."""

    item: str
    question: str
    value: str
    people: int
    wrong: int | None


@dataclass(frozen=True, slots=True)
class UnitGain:
    """One unit's share in the gain."""

    unit: str
    invited: int
    joined: int
    gain: Gain | None


@dataclass(frozen=True, slots=True)
class Impact:
    """One session. Of the funnel, the first three are never hidden: they tell of taking part, not of results."""

    session_id: int
    title: str
    place: str
    start: datetime
    end: datetime
    as_of: datetime
    minimum_group: int
    invited: int
    attended: int
    joined: int
    guests: int
    reflected: int | None
    quizzed: int | None
    committed: int | None
    kept: int | None
    reaction: Reaction | None
    gain: Gain | None
    values: Sequence[ValueLevel]
    missed: Sequence[MissedItem]
    """The most missed first; those whose number is hidden last."""
    units: Sequence[UnitGain]
    """All invited units; `gain` is None for those that are hidden, and for all until `by_unit`."""
    by_unit: bool
    """Whether the gain is shown by unit: once, when the journey is over, and then for good."""
    gain_from: datetime | None
    """When the post-quiz comes; None where the journey has no pair of quizzes."""
    settled_from: datetime

    until: datetime | None = None
    """Results are of what was done before it: the end of the week last published; None before the first."""
    halves: Between | None = None
    """The two halves of the first quiz, where a random half started later."""

    def anything(self) -> bool:
        """Whether there is a result to show at all."""
        results = (self.reflected, self.quizzed, self.committed, self.kept, self.reaction, self.gain)
        return any(result is not None for result in results) or any(value.n for value in self.values)
