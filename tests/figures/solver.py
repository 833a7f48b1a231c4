"""A small exact solver: whole numbers within bounds, and sums of them within bounds.

It is the onlooker who holds every output and subtracts: for a number that is not shown it looks for solutions of
all that is known in which the number is this or that.
"""

import random
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import TypeAlias

Name: TypeAlias = Hashable
Bounds: TypeAlias = dict[Name, tuple[int, int]]
Pick: TypeAlias = Callable[[list[Name], Bounds], Name]
TRIES = 300
RESTARTS = 30


class Unsolved(Exception):
    """The search was given up before it found a solution or showed that there is none."""


class System:
    """Unknown whole numbers, and what is known of their sums."""

    def __init__(self) -> None:
        self.bounds: Bounds = {}
        self.sums: list[tuple[tuple[Name, ...], int, int]] = []
        self._of: dict[Name, list[int]] = {}
        self._near: dict[Name, int] = {}
        # Searches that found no solution and did not show that there is none: counted as if there were none.
        self.given_up = 0

    def number(self, name: Name, least: int, most: int, near: int = 0) -> None:
        """A number between `least` and `most`; solutions are looked for `near` a value first."""
        self.bounds[name] = (least, most)
        self._near[name] = near
        self._of.setdefault(name, [])

    def sum(self, names: tuple[Name, ...], least: int, most: int) -> None:
        """Numbers that together are between `least` and `most`."""
        for name in names:
            self._of[name].append(len(self.sums))
        self.sums.append((names, least, most))

    def at_its_end(self, names: tuple[Name, ...], value: int) -> bool:
        """Whether numbers together have the least or the most that they can have."""
        return value in (sum(self.bounds[name][0] for name in names), sum(self.bounds[name][1] for name in names))

    def can_be(self, name: Name, value: int) -> bool:
        """Whether there is a solution in which a number has this value; shown by one, every sum checked."""
        least, most = self.bounds[name]
        if not least <= value <= most:
            return False
        component = self._component([name])
        bounds = {one: self.bounds[one] for one in component} | {name: (value, value)}
        return self._solvable(component, bounds, [name])

    def together(self, names: tuple[Name, ...], value: int) -> bool:
        """Whether there is a solution in which these numbers together have this value."""
        self.sum(names, value, value)
        component = self._component(names)
        found = self._solvable(component, {one: self.bounds[one] for one in component}, list(names))
        self.sums.pop()
        for name in names:
            self._of[name].pop()
        return found

    def _solvable(self, component: Sequence[Name], bounds: Bounds, changed: list[Name]) -> bool:
        try:
            solution = self._search(bounds, changed)
        except Unsolved:
            self.given_up += 1
            return False
        if solution is None:
            return False
        for index in {index for one in component for index in self._of[one]}:
            names, lower, upper = self.sums[index]
            assert lower <= sum(solution[one] for one in names) <= upper
        return True

    def _component(self, names: Sequence[Name]) -> list[Name]:
        """All numbers that these hang together with, the nearest first."""
        found = dict.fromkeys(names)
        waiting = deque(names)
        while waiting:
            for index in self._of[waiting.popleft()]:
                more = [one for one in self.sums[index][0] if one not in found]
                found |= dict.fromkeys(more)
                waiting += more
        return list(found)

    def _search(self, bounds: Bounds, changed: list[Name]) -> dict[Name, int] | None:
        """Search with the farthest numbers fixed first, so that the nearest make up for what was changed; then, in
        another order each time, since one bad choice at the start can cost a search."""
        rng = random.Random(1)
        picks: list[Pick] = [lambda ones, _: ones[-1], lambda ones, now: min(ones, key=lambda o: now[o][1] - now[o][0])]
        for pick in [*picks, *[lambda ones, _: rng.choice(ones)] * RESTARTS]:
            self._left, self._pick = TRIES, pick
            try:
                return self._solve(dict(bounds), list(changed))
            except Unsolved:
                continue
        raise Unsolved

    def _solve(self, bounds: Bounds, changed: list[Name]) -> dict[Name, int] | None:
        if not self._narrow(bounds, changed):
            return None
        open_ones = [name for name, (least, most) in bounds.items() if least < most]
        if not open_ones:
            return {name: least for name, (least, _) in bounds.items()}
        self._left -= 1
        if self._left < 0:
            raise Unsolved
        name = self._pick(open_ones, bounds)
        least, most = bounds[name]
        near = min(max(self._near[name], least), most)
        # The value itself first, then what is on either side of it.
        for part in ((near, near), (near + 1, most), (least, near - 1)):
            if part[0] > part[1]:
                continue
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
