"""Which figures are not shown, so that no difference of shown figures tells of a small group.

What is protected: how many of a group of fewer than `minimum_group` people answered, were right, promised or kept;
none of them included. Whoever holds every output of every week and subtracts as he likes is left, for each hidden
part of a total, with all that a small group could have done.

What is not: who was invited and joined and what was sent (said openly, also by name), that all of a large group
answered or were right, and how many of a large group did not answer. A figure about `minimum_group` people or more
is only hidden where it would give a smaller one away.

Weeks do not overlap (each answer belongs to one week), so that totals and their parts are the only sums: the city and
its units, a shown unit and its sessions. A publication is decided whole and never changed. What grows over weeks (a
session's results) is made of shown parts alone, and moves by groups (`may_move`).
"""

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure: a count, the people behind it, and the most that it could be as far as anybody can see.

    Where `most` is 0 nothing was asked: that the count is 0 is known, and there is nothing to protect.
    """

    people: int
    value: int
    most: int

    @property
    def open(self) -> bool:
        """Whether an onlooker could not know the count beforehand."""
        return self.most > 0


@dataclass(frozen=True, slots=True)
class Hidden(Generic[K]):
    """The parts that are not shown, and whether their total is not either."""

    parts: frozenset[K]
    total: bool


def too_few(people: int, minimum_group: int) -> bool:
    """Whether so few people stand behind a figure that it is hidden by itself."""
    return people < minimum_group


def hide(parts: Mapping[K, Cell], minimum_group: int, also: Collection[K] = ()) -> Hidden[K]:
    """Decide what of a total and its parts is hidden.

    `also` are parts that must be hidden whatever their size (because another figure of theirs is). A total of
    too few people is hidden. Beside the small parts the ones with the fewest people are hidden until the small
    ones are covered; if then no open part would be shown, the total is hidden in their place.
    """
    small = frozenset(key for key, cell in parts.items() if too_few(cell.people, minimum_group) or key in also)
    if too_few(sum(cell.people for cell in parts.values()), minimum_group):
        return Hidden(small, True)
    hidden = set(small)
    # In the order of the parts where two have equally many people: the same each time.
    spare = sorted((key for key in parts if key not in small and parts[key].open), key=lambda key: parts[key].people)
    while not covered([parts[key] for key in hidden], minimum_group):
        if len(spare) <= 1:
            return Hidden(small, True)
        hidden.add(spare.pop(0))
    return Hidden(frozenset(hidden), False)


def covered(hidden: Collection[Cell], minimum_group: int) -> bool:
    """Whether hidden parts stay unknown to one who knows their sum and the most that each could be.

    At least two of them, `minimum_group` people together; each that is too small could be anything from nothing to
    `minimum_group` - 1 (or its most), and no other has one solution only, as the sum of one alone is.
    """
    cells = [cell for cell in hidden if cell.open]
    if not cells:
        return True
    if too_few(sum(cell.people for cell in cells), minimum_group):
        return False
    total, room = sum(cell.value for cell in cells), sum(cell.most for cell in cells)
    for cell in cells:
        least, most = max(0, total - (room - cell.most)), min(cell.most, total)
        if least == most:
            return False
        if too_few(cell.people, minimum_group) and (least > 0 or most < min(cell.most, minimum_group - 1)):
            return False
    return True


def may_move(people_shown: int, people_now: int, minimum_group: int) -> bool:
    """Whether figures that grow from Monday to Monday may show their new state, or stay as last shown.

    The two states differ by the people between them, who are nobody or a group of their own.
    """
    return people_now - people_shown >= minimum_group
