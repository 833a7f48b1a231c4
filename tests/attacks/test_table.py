"""docs/security.md and the tree: each named test exists, no secret lies about, each exception has a reason."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
SECRETS = {
    "a bot's token": re.compile(r"(?<!\d)\d{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    "a private key": re.compile("-----BEGIN [A-Z ]*" + "PRIVATE KEY-----"),
    "an age identity": re.compile("AGE-SECRET-" + "KEY-1[A-Z0-9]{20}"),
}
# Of the right form, and no bot's: what the tests of the redactor take out.
INVENTED = frozenset({"123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"})


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=True).stdout
    return [CHECKOUT / name for name in names.decode().split("\0") if name and (CHECKOUT / name).is_file()]


def found(text: str) -> list[str]:
    return [what for what, form in SECRETS.items() if any(hit not in INVENTED for hit in form.findall(text))]


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


def test_no_tracked_file_holds_a_secret() -> None:
    if not (CHECKOUT / ".git").exists():
        pytest.skip("not a checkout of git: there is no list of tracked files")
    files = tracked()
    assert len(files) > 100
    held = {str(file): found(file.read_bytes().decode("latin-1")) for file in files}
    assert {name: what for name, what in held.items() if what} == {}


@pytest.mark.parametrize(
    "planted",
    ["token = 7123456789:" + "A" * 35, "-----BEGIN RSA " + "PRIVATE KEY-----", "AGE-SECRET-" + "KEY-1" + "Q" * 58],
)
def test_a_planted_secret_is_found(planted: str) -> None:
    assert len(found(planted)) == 1


def test_every_exception_from_the_security_rules_says_why() -> None:
    """`# noqa: S…` is followed by words: what makes it safe here."""
    bare = [
        f"{file.relative_to(CHECKOUT)}:{number}"
        for room in ("bot", "handlers", "messages", "scheduler")
        for file in (CHECKOUT / room).rglob("*.py")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"# noqa: S\d", line) and not re.search(r"# noqa: [A-Z0-9, ]+? +(- |\()[a-z]\w*", line)
    ]
    assert bare == []
