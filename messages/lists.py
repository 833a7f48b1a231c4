"""Buttons for lists: one a row, and the row that turns pages."""

from collections.abc import Sequence
from typing import Any

from messages.outgoing import Button, Rows
from messages.texts import clip

Facts = dict[str, Any]
LABEL = 60


def listed(choices: Sequence[Facts], verb: str, before: str = "", after: str = "") -> Rows:
    """One button a row: `choices` have "id" and "label"; `after` ends the data."""
    return tuple(
        (Button(clip(f"{before}{choice['label']}", LABEL), f"{verb}:{choice['id']}{after}"),) for choice in choices
    )


def turning(facts: Facts, verb: str) -> Rows:
    """The row that turns pages, where there is more than one."""
    row = []
    if facts["page"] > 1:
        row.append(Button("‹ Sebelumnya", f"{verb}:{facts['page'] - 1}"))
    if facts["page"] < facts["pages"]:
        row.append(Button("Berikutnya ›", f"{verb}:{facts['page'] + 1}"))
    return (tuple(row),) if row else ()
