"""The table at the end: fault, tried, survived, lost, doubled, named."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.stress.world import Row

HEAD = ("fault", "tried", "survived", "lost", "doubled", "named")
KEY = "stress"


@pytest.fixture
def table(record_property: Callable[[str, object], None]) -> Callable[[Row], None]:
    """Take a row for the table that is printed when all is over."""
    return lambda row: record_property(KEY, json.dumps(row.line()))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print all rows, those of tests that failed too; the same fault from several tests is one line."""
    rows: dict[str, list[int]] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for key, value in getattr(report, "user_properties", []):
                if key == KEY and report.when == "call":
                    fault, *numbers = json.loads(value)
                    rows[fault] = [a + b for a, b in zip(rows.get(fault, [0] * 5), numbers, strict=True)]
    if not rows:
        return
    terminalreporter.section("nothing lost, doubles named")
    width = max(map(len, (*rows, HEAD[0])))
    lines = [HEAD, *((fault, *map(str, numbers)) for fault, numbers in rows.items())]
    for fault, *numbers in lines:
        terminalreporter.write_line(fault.ljust(width) + "".join(number.rjust(10) for number in numbers))
