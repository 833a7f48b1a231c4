"""Lists that are shown a page at a time."""

from collections.abc import Sequence
from typing import Any, TypeVar

T = TypeVar("T")
PAGE = 8


def page_of(items: Sequence[T], wanted: int) -> tuple[list[T], dict[str, Any]]:
    """Return the items of a page (counted from 1, kept in bounds) and the facts "page" and "pages"."""
    begin, turning = page_at(len(items), wanted)
    return list(items[begin : begin + PAGE]), turning


def page_at(total: int, wanted: int) -> tuple[int, dict[str, Any]]:
    """Return how many of all items come before a page (counted from 1, kept in bounds), and the same facts."""
    pages = max(1, -(-total // PAGE))
    page = min(max(1, wanted), pages)
    return (page - 1) * PAGE, {"page": page, "pages": pages}
