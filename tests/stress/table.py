"""The table at the end: fault, tried, survived, lost, doubled, named."""

import json
from collections.abc import Iterator
from typing import Any

NAME = "stress-table"
HEAD = ("fault", "tried", "survived", "lost", "doubled", "named")
KEY = "stress"  # by which a test's report carries a row, from a worker too


class Table:
    """A plugin of the whole run: who prints collects nothing when workers do, so it sees no conftest here."""

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print all rows, those of tests that failed too; the same fault from several tests is one line."""
        rows: dict[str, list[int]] = {}
        for fault, *numbers in _rows(terminalreporter):
            rows[fault] = [a + b for a, b in zip(rows.get(fault, [0] * 5), numbers, strict=True)]
        if not rows:
            return
        terminalreporter.section("nothing lost, doubles named")
        width = max(map(len, (*rows, HEAD[0])))
        lines = [HEAD, *((fault, *map(str, numbers)) for fault, numbers in rows.items())]
        for fault, *figures in lines:
            terminalreporter.write_line(fault.ljust(width) + "".join(figure.rjust(10) for figure in figures))


def _rows(terminalreporter: Any) -> Iterator[list[Any]]:
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for key, value in getattr(report, "user_properties", []):
                if key == KEY and report.when == "call":
                    yield json.loads(value)
