"""How figures are shown: medians with their lowest and highest, and promises with their limits."""

import statistics
from collections.abc import Sequence


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Return the median, and lowest to highest when there is more than one."""
    middle = f"{statistics.median(values):.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value below which `part` (0 to 1) of them lie; of none, not a number."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("nan")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under a head, in columns."""
    widths = [max(len(row[at]) for row in [head, *rows]) for at in range(len(head))]
    for row in [head, *rows]:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print()


def promise(number: str, words: str, value: float, most: float, *, at_least: bool = False, digits: int = 2) -> bool:
    """Print one thing that must be true: its figure, its limit, and whether it holds."""
    holds = value >= most if at_least else value <= most
    sign = ">=" if at_least else "<="
    told = "holds" if holds else "DOES NOT HOLD"
    print(f"  [{number}] {words}: {value:.{digits}f} ({sign} {most:g})  {told}")
    return holds
