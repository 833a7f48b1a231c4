"""What of a session's results may be shown: groups of a minimum alone, also by subtraction and over time."""

from collections.abc import Hashable, Mapping
from typing import Any, TypeVar

K = TypeVar("K", bound=Hashable)
Cells = dict[str, dict[str, Any]]


def shown_next(before: Cells, now: Cells, minimum: int) -> Cells:
    """Return the cells to show, each with its number of people "n", after those that were shown before.

    A cell first appears with `minimum` people and changes only by as many: else two reports would differ by the
    answers of a few. One that has fewer people now (an erasure) stays as it was shown.
    """
    shown = dict(before)
    for key, cell in now.items():
        if cell["n"] >= minimum and (key not in before or abs(cell["n"] - before[key]["n"]) >= minimum):
            shown[key] = cell
    return shown


def hidden_of(people: Mapping[K, int], minimum: int) -> set[K]:
    """Return which parts of a shown total must be hidden so that no subtraction gives a small one away.

    Those below the minimum, and while they are alone or together fewer than the minimum, the next smallest one.
    """
    order = sorted(people, key=lambda part: people[part])
    hidden = {part for part in order if people[part] < minimum}
    for part in order:
        if not hidden or (len(hidden) > 1 and sum(people[one] for one in hidden) >= minimum):
            break
        hidden.add(part)
    return hidden
