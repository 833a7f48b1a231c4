"""`python -m tests.broken [NAME ...]`: take each defence away in a copy of the tree and see its tests turn red.

Ends with 0 when every named test failed by a failed assertion, with 1 when one stayed green or ended otherwise.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from xml.etree import ElementTree

from tests.broken.table import BREAKS, Break

CHECKOUT = Path(__file__).parents[2]
AT_ONCE = 2
LONGEST_SECONDS = 300
FIRST_SECOND = 1_000_000_000
# How pytest begins the message of an assertion that failed; anything else ended the test by accident.
ASSERTED = ("AssertionError", "assert ", "Failed: DID NOT RAISE")


@dataclass(frozen=True)
class Seen:
    """What became of one test under one break: "red", "STILL GREEN", or how else it ended."""

    test: str
    verdict: str
    seconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the breaks and print the table; returns the exit status."""
    asked = _arguments(arguments)
    chosen = [each for each in BREAKS if not asked.names or each.name in asked.names]
    if unknown := set(asked.names) - {each.name for each in chosen}:
        print(f"no such break: {', '.join(sorted(unknown))}")
        return 2
    green = 0
    with tempfile.TemporaryDirectory(prefix="sinar-broken-") as folder:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(min(asked.at_once, len(chosen))):
            trees.put(copy_tree(Path(folder) / str(number)))
        print(f"{'break':<44} {'test':<78} {'verdict':<12} seconds")
        with ThreadPoolExecutor(asked.at_once) as pool:
            for each, seen in zip(chosen, pool.map(lambda one: _in_a_free_tree(trees, one), chosen), strict=True):
                for one in seen:
                    green += one.verdict != "red"
                    name = one.test.partition("::")[2]
                    print(f"{each.name:<44} {name:<78} {one.verdict:<12} {one.seconds:.1f}", flush=True)
    print(f"{len(chosen)} breaks, {green} tests that did not turn red")
    return 1 if green else 0


def copy_tree(target: Path) -> Path:
    """Copy the tracked files as they are now; a checkout of git itself, for tests that ask git. Returns `target`."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=True).stdout
    for name in listed.decode().split("\0"):
        source = CHECKOUT / name
        if name and source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    subprocess.run(["git", "init", "-q"], cwd=target, check=True)
    subprocess.run(["git", "add", "-A"], cwd=target, check=True)
    return target


def broken(text: str, each: Break) -> str:
    """Return a file's text with the break in it. Raises ValueError unless what it replaces is there exactly once."""
    if (times := text.count(each.old)) != 1:
        raise ValueError(f"{each.name}: the text to replace is {times} times in {each.file}")
    return text.replace(each.old, each.new)


def try_out(tree: Path, each: Break) -> list[Seen]:
    """Apply a break in a copy of the tree, run its tests there, and mend the copy."""
    file = tree / each.file
    whole = file.read_text(encoding="utf-8")
    before = file.stat()
    file.write_text(broken(whole, each), encoding="utf-8")
    # Bytecode is known by the second of its source: no other break, and no whole file, has this one.
    second = FIRST_SECOND + BREAKS.index(each)
    os.utime(file, (second, second))
    try:
        return [_run(tree, test) for test in each.tests]
    finally:
        file.write_text(whole, encoding="utf-8")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.broken", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="breaks to try; all when none is named")
    parser.add_argument("--at-once", type=int, choices=range(1, AT_ONCE + 1), default=AT_ONCE)
    return parser.parse_args(arguments)


def _in_a_free_tree(trees: SimpleQueue[Path], each: Break) -> list[Seen]:
    tree = trees.get()
    try:
        return try_out(tree, each)
    finally:
        trees.put(tree)


def _run(tree: Path, test: str) -> Seen:
    report = tree / "broken-report.xml"
    report.unlink(missing_ok=True)
    began = time.monotonic()
    surroundings = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", f"--junitxml={report}", test]
    try:
        status = subprocess.run(
            command, cwd=tree, env=surroundings, capture_output=True, timeout=LONGEST_SECONDS, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        return Seen(test, "TOO LONG", time.monotonic() - began)
    return Seen(test, verdict(status, report), time.monotonic() - began)


def verdict(status: int, report: Path) -> str:
    """Say how a test ended, from pytest's exit status and its report."""
    if status == 0:
        return "STILL GREEN"
    if status != 1 or not report.exists():
        return f"STATUS {status}"
    ended = ElementTree.parse(report)
    messages = [failure.get("message", "") for failure in ended.iter("failure")]
    if any(message.startswith(ASSERTED) for message in messages):
        return "red"
    return (messages or ["ERROR"])[0].partition("\n")[0][:60]


if __name__ == "__main__":
    sys.exit(main())
