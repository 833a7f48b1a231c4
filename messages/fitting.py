"""Lists of names within Telegram's lengths: as many as fit, and the number of the rest."""

import re
from collections.abc import Sequence
from html import unescape

from messages.library import units16

_TAG = re.compile(r"<[^<>]*>")
SEPARATOR = "; "
# What "dan 1.234 orang lagi" needs at most.
_REST = 32


def shown_length(markup: str) -> int:
    """Return the length of Telegram HTML as Telegram counts it: without the tags, in UTF-16 units."""
    return units16(unescape(_TAG.sub("", markup)))


def fit_names(names: Sequence[str], room: int) -> tuple[list[str], int]:
    """Return the first names that fit in `room` UTF-16 units (joined by "; "), and how many are left over."""
    whole = sum(units16(name) + len(SEPARATOR) for name in names)
    if whole <= room:
        return list(names), 0
    shown: list[str] = []
    left = room - _REST
    for name in names:
        left -= units16(name) + len(SEPARATOR)
        if left < 0:
            break
        shown.append(name)
    return shown, len(names) - len(shown)
