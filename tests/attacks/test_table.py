"""docs/security.md: each threat has a test, and each named test exists."""

import ast
import re
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def test_every_test_named_in_the_table_exists() -> None:
    there = {
        node.name
        for file in (CHECKOUT / "tests").rglob("test_*.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    limits = (CHECKOUT / "docs/limits.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(test_\w+)`", limits)) - there == set()
    table = (CHECKOUT / "docs/security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", table))
    assert len(named) > 40
    assert named - there == set()
    rows = [line for line in table.splitlines() if line.startswith("| ") and not line.startswith(("| threat", "| ---"))]
    assert [row for row in rows if "`test_" not in row] == []
