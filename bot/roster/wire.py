"""How rows and refusals travel between processes, or wait for a decision: one JSON document a line.

The last line tells that nothing is missing.
"""

import json
from collections.abc import Iterable, Iterator

from bot.domain.attendance import Listed
from bot.domain.roster import Refusal, RefusalCode, RosterRow
from bot.roster.errors import FileFault, RosterFileError


def to_lines(rows: Iterable[RosterRow], refused: Iterable[Refusal]) -> Iterator[str]:
    """Write rows and refusals, each on a line without its end."""
    count = 0
    for row in rows:
        count += 1
        yield json.dumps({"row": [row.row, row.nip, row.name, row.position, row.unit, row.phone]})
    for refusal in refused:
        count += 1
        yield json.dumps({"refused": [refusal.row, refusal.code, refusal.detail, refusal.nip, refusal.name]})
    yield json.dumps({"end": count})


def to_text(rows: Iterable[RosterRow], refused: Iterable[Refusal]) -> str:
    """Write rows and refusals as one text, to be kept."""
    return "\n".join(to_lines(rows, refused))


def from_text(text: str) -> tuple[list[RosterRow], list[Refusal]]:
    """Read what `to_text` wrote; raises as `from_lines` does."""
    return from_lines(text.split("\n"))


def list_to_lines(rows: Iterable[Listed], refused: Iterable[Refusal]) -> Iterator[str]:
    """Write an attendance list's rows and refusals, each on a line without its end."""
    *lines, end = to_lines([], refused)
    count = json.loads(end)["end"]
    for row in rows:
        count += 1
        yield json.dumps({"listed": [row.row, row.nip, row.name, row.present]})
    yield from lines
    yield json.dumps({"end": count})


def error_line(error: RosterFileError) -> str:
    """Write the refusal of a whole file."""
    return json.dumps({"error": [error.code, error.detail]})


def from_lines(lines: Iterable[str | bytes]) -> tuple[list[RosterRow], list[Refusal]]:
    """Read what `to_lines` or `error_line` wrote.

    Raises RosterFileError if that is what was written, EOFError if the end is missing.
    """
    rows, _, refused = _from_lines(lines)
    return rows, refused


def list_from_lines(lines: Iterable[str | bytes]) -> tuple[list[Listed], list[Refusal]]:
    """Read what `list_to_lines` or `error_line` wrote; raises as `from_lines` does."""
    _, listed, refused = _from_lines(lines)
    return listed, refused


def _from_lines(lines: Iterable[str | bytes]) -> tuple[list[RosterRow], list[Listed], list[Refusal]]:
    rows: list[RosterRow] = []
    listed: list[Listed] = []
    refused: list[Refusal] = []
    for line in lines:
        item = json.loads(line)
        if "row" in item:
            rows.append(RosterRow(*item["row"]))
        elif "listed" in item:
            listed.append(Listed(*item["listed"]))
        elif "refused" in item:
            row, code, detail, nip, name = item["refused"]
            refused.append(Refusal(row, RefusalCode(code), detail, nip, name))
        elif "error" in item:
            raise RosterFileError(FileFault(item["error"][0]), item["error"][1])
        elif item.get("end") == len(rows) + len(listed) + len(refused):
            return rows, listed, refused
    raise EOFError("the rows end before their last line")
