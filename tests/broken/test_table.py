"""The table of breaks and the code: each text is found once, each test exists, and endings are told apart."""

import ast
import json
from pathlib import Path

import pytest

from tests.broken.__main__ import CHECKOUT, broken, verdict
from tests.broken.table import BREAKS, Break, read


@pytest.mark.parametrize("each", BREAKS, ids=lambda each: each.name)
def test_what_is_replaced_is_there_exactly_once_and_its_tests_exist(each: Break) -> None:
    text = (CHECKOUT / each.file).read_text(encoding="utf-8")
    assert broken(text, each) != text
    assert each.tests
    for test in each.tests:
        file, _, name = test.partition("::")
        there = ast.parse((CHECKOUT / file).read_text(encoding="utf-8")).body
        assert name in {node.name for node in there if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_row_of_the_table_of_threats_has_a_break() -> None:
    lines = (CHECKOUT / "docs/security.md").read_text(encoding="utf-8").splitlines()
    rows = [line[2:] for line in lines if line.startswith("| ") and not line.startswith(("| threat", "| ---"))]
    assert len(rows) > 20
    assert [row for row in rows if not any(row.startswith(each.stands_for) for each in BREAKS)] == []


WHOLE = {"name": "a", "stands_for": "b", "file": "c", "old": "d", "new": "e", "tests": ["f::g"]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"old": None}, "a: missing or unknown: old"),
        ({"line": 7}, "a: missing or unknown: line"),
        ({"new": 7}, "a: name, .* are texts"),
        ({"tests": []}, "a: tests are"),
        ({"tests": ["f"]}, "a: tests are"),
        ({"tests": "f::g"}, "a: tests are"),
    ],
)
def test_an_entry_that_is_not_whole_is_refused_by_its_name(change: dict[str, object], said: str) -> None:
    def table(entry: dict[str, object]) -> str:
        # JSON's texts, numbers and lists are TOML's as well.
        return "[[break]]\n" + "".join(
            f"{key} = {json.dumps(value)}\n" for key, value in entry.items() if value is not None
        )

    assert [each.name for each in read(table(dict(WHOLE)))] == ["a"]
    with pytest.raises(ValueError, match=said):
        read(table(WHOLE | change))


def test_no_name_stands_twice() -> None:
    names = [each.name for each in BREAKS]
    assert len(set(names)) == len(names)


def test_a_text_that_is_gone_or_there_twice_is_refused() -> None:
    each = Break("name", "threat", "file.py", "a", "b", ())
    assert broken("xay", each) == "xby"
    for text in ("xy", "a a"):
        with pytest.raises(ValueError, match="name"):
            broken(text, each)


@pytest.mark.parametrize(
    ("status", "inside", "said"),
    [
        (0, "", "STILL GREEN"),
        (1, '<failure message="AssertionError: assert 1 == 2"/>', "red"),
        (1, '<failure message="assert 1 == 2"/>', "red"),
        (1, '<failure message="NameError: no such name"/>', "NameError: no such name"),
        (1, '<error message="ImportError"/>', "ERROR"),
        (2, '<error message="collection failure"/>', "STATUS 2"),
    ],
)
def test_only_a_failed_assertion_is_red(status: int, inside: str, said: str, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(f"<testsuites><testsuite><testcase>{inside}</testcase></testsuite></testsuites>")
    assert verdict(status, report) == said
