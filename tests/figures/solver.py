"""A small exact solver: whole numbers within bounds, and sums of them within bounds.

It is the onlooker who holds every output and subtracts: for a number that is not shown it looks for solutions of
all that is known in which the number is this or that.
"""

from collections.abc import Hashable
from typing import TypeAlias

Name: TypeAlias = Hashable
Bounds: TypeAlias = dict[Name, tuple[int, int]]
TRIES = 2000


class Unsolved(Exception):
    """The search was given up before it found a solution or showed that there is none."""


class System:
    """Unknown whole numbers, and what is known of their sums."""

    def __init__(self) -> None:
        self.bounds: Bounds = {}
        self.sums: list[tuple[tuple[Name, ...], int, int]] = []
        self._of: dict[Name, list[int]] = {}

    def number(self, name: Name, least: int, most: int) -> None:
        """A number between `least` and `most`."""
        self.bounds[name] = (least, most)
        self._of.setdefault(name, [])

    def sum(self, names: tuple[Name, ...], least: int, most: int) -> None:
        """Numbers that together are between `least` and `most`."""
        for name in names:
            self._of[name].append(len(self.sums))
        self.sums.append((names, least, most))

    def can_be(self, name: Name, value: int) -> bool:
        """Whether there is a solution in which a number has this value; shown by one, every sum checked."""
        least, most = self.bounds[name]
        if not least <= value <= most:
            return False
        component = self._component(name)
        bounds = {one: self.bounds[one] for one in component} | {name: (value, value)}
        self._left = TRIES
        solution = self._solve(bounds, [name])
        if solution is None:
            return False
        for index in {index for one in component for index in self._of[one]}:
            names, lower, upper = self.sums[index]
            assert lower <= sum(solution[one] for one in names) <= upper
        return True

    def _component(self, name: Name) -> set[Name]:
        """All numbers that this one hangs together with."""
        found, waiting = {name}, [name]
        while waiting:
            for index in self._of[waiting.pop()]:
                more = set(self.sums[index][0]) - found
                found |= more
                waiting += more
        return found

    def _solve(self, bounds: Bounds, changed: list[Name]) -> dict[Name, int] | None:
        if not self._narrow(bounds, changed):
            return None
        open_ones = [name for name, (least, most) in bounds.items() if least < most]
        if not open_ones:
            return {name: least for name, (least, _) in bounds.items()}
        self._left -= 1
        if self._left < 0:
            raise Unsolved
        name = min(open_ones, key=lambda one: bounds[one][1] - bounds[one][0])
        least, most = bounds[name]
        middle = (least + most) // 2
        for part in ((least, middle), (middle + 1, most)):
            found = self._solve(bounds | {name: part}, [name])
            if found is not None:
                return found
        return None

    def _narrow(self, bounds: Bounds, changed: list[Name]) -> bool:
        """Draw bounds closer until nothing moves; False when there is no solution."""
        while changed:
            for index in self._of[changed.pop()]:
                names, lower, upper = self.sums[index]
                floor, ceiling = sum(bounds[one][0] for one in names), sum(bounds[one][1] for one in names)
                if floor > upper or ceiling < lower:
                    return False
                for one in names:
                    least, most = bounds[one]
                    new = (max(least, lower - (ceiling - most)), min(most, upper - (floor - least)))
                    if new[0] > new[1]:
                        return False
                    if new != (least, most):
                        bounds[one] = new
                        floor += new[0] - least
                        ceiling += new[1] - most
                        changed.append(one)
        return True
