"""What of a week impact reports may count: only what stands in figures that the week itself shows.

So nothing that a week hides is in any session's results, and no sum of both can tell of it. Where a shown figure of
a unit is made of several sessions, it is divided among them by the rule that divides the city among its units.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bot.domain.suppression import Cell, hide
from bot.store.opened import Opened, Part

SHOWN_BY = {
    "answered": "answered",
    "quiz": "quiz_average",
    "made": "commitments_made",
    "kept": "commitments_kept",
}


def opened(
    parts: Collection[Part], figures: Mapping[int | None, Mapping[str, Any]], minimum_group: int
) -> Iterator[Opened]:
    """Yield the parts that may be counted beside a week's figures as published (by unit; None: the city)."""
    for kind, name in SHOWN_BY.items():
        of_kind = [part for part in parts if part.kind == kind]
        hidden: list[Part] = []
        for unit_id in sorted({part.unit_id for part in of_kind}):
            of_unit = [part for part in of_kind if part.unit_id == unit_id]
            if figures.get(unit_id, {}).get(name) is None:
                hidden += of_unit
                continue
            yield from _divided(kind, unit_id, of_unit, minimum_group)
            # An answer after its week is of somebody who waited at its end: how many did must be no secret.
            if kind == "answered" and len(of_unit) == 1 and figures[unit_id]["waiting"] is not None:
                yield Opened(of_unit[0].session_id, "late", unit_id)
        # The city less the units shown: known in whole, so it may be counted in whole, for one session alone.
        of_one = len({part.session_id for part in hidden}) == 1 and not any(part.guests for part in hidden)
        if figures[None][name] is not None and of_one:
            yield from (Opened(part.session_id, kind, part.unit_id, alone=False) for part in hidden)


def _divided(kind: str, unit_id: int, of_unit: Collection[Part], minimum_group: int) -> Iterator[Opened]:
    found = hide(
        {part.session_id: Cell(part.people, part.value, max(part.value, part.asked)) for part in of_unit}, minimum_group
    )
    if not found.total:
        yield from (Opened(one.session_id, kind, unit_id) for one in of_unit if one.session_id not in found.parts)
