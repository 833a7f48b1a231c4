"""The search at the end of a run finds what is planted, wherever it is, and makes the run fail."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.leak_watch import CHECKOUT
from tests.leaks import CHUNK, Marks, Search

# Not those of this run: what is planted here is to be found here alone.
MARKS = Marks(b"kunci-percobaan", b"tulisan-percobaan")
SECRET, WORDS = MARKS.secret.decode(), MARKS.words.decode()
CONFTEST = f"""
from tests.leak_watch import LeakWatch
from tests.leaks import Marks

def pytest_configure(config):
    config.pluginmanager.register(LeakWatch(config, Marks({MARKS.secret!r}, {MARKS.words!r})))
"""
CLEAN = f"""
import sqlite3

def test_words_stand_in_a_database(tmp_path):
    with sqlite3.connect(tmp_path / "sinar") as db:
        db.execute("CREATE TABLE answer AS SELECT '{WORDS}' AS text")
    db.close()
"""
LEAKING = f"""
import asyncio, logging, sqlite3, subprocess, sys, zipfile

CHILD = [sys.executable, "-c", "import sys; sys.exit('{SECRET}')"]

def test_file(tmp_path):
    (tmp_path / "log").write_text("level=error {WORDS}")

def test_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", "<t>" + "x" * 5000 + "{WORDS}</t>")

def test_database(tmp_path):
    with sqlite3.connect(tmp_path / "sinar") as db:
        db.execute("CREATE TABLE fact AS SELECT '{SECRET}' AS text")
    db.close()

def test_record():
    logging.getLogger("bot.delivery.worker").info("sent text=%s", "{WORDS}")

def test_traceback():
    try:
        raise ValueError("{WORDS}")
    except ValueError:
        logging.getLogger("scheduler.look").exception("failed")

def test_print():
    print("{SECRET}", file=sys.stderr)

def test_child():
    assert subprocess.run(CHILD, capture_output=True).returncode == 1

def test_later_child():
    async def call():
        child = await asyncio.create_subprocess_exec(*CHILD, stderr=subprocess.PIPE)
        await child.communicate()
    asyncio.run(call())
"""


def run(folder: Path, tests: str, *more: str) -> tuple[int, list[str]]:
    """Run tests that are watched; returns the exit status and the lines about what was found."""
    (folder / "case").mkdir()
    (folder / "case/conftest.py").write_text(CONFTEST)
    (folder / "case/test_it.py").write_text(tests)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(folder / "pytest.ini"), "--basetemp"]
    command += [str(folder / "base"), "-p", "no:cacheprovider", *more, str(folder / "case")]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False)
    assert " passed" in done.stdout, done.stdout + done.stderr
    assert "failed" not in done.stdout
    return done.returncode, [line for line in done.stdout.splitlines() if ": holds " in line]


@pytest.mark.parametrize("more", [(), ("-n", "2")], ids=["alone", "with workers"])
def test_whatever_leaks_makes_the_run_fail_and_is_named(tmp_path: Path, more: tuple[str, ...]) -> None:
    status, found = run(tmp_path, LEAKING, *more)
    assert status == 1
    text = "\n".join(found)
    for place in (
        "test_file0/log: holds what somebody wrote",
        "test_workbook0/a.xlsx, xl/sharedStrings.xml: holds what somebody wrote",
        "test_database0/sinar: holds the token",
        "test_record, Captured log call: holds what somebody wrote",
        "test_traceback, Captured log call: holds what somebody wrote",
        "test_print, Captured stderr call: holds the token",
    ):
        assert place in text
    assert sum("children/" in line and "holds the token" in line for line in found) == 2


def test_words_in_a_database_are_where_they_belong(tmp_path: Path) -> None:
    assert run(tmp_path, CLEAN) == (0, [])


def test_a_mark_across_two_pieces_is_found_and_the_end_is_kept_to() -> None:
    stream = io.BytesIO(b"x" * (CHUNK - 5) + MARKS.secret + b"y" * CHUNK + MARKS.words)
    assert MARKS.in_stream(stream) == ["the token", "what somebody wrote"]
    stream.seek(0)
    assert MARKS.in_stream(stream, CHUNK + 1) == ["the token"]


def test_broken_and_locked_archives_stop_no_search(tmp_path: Path) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as packed:
        packed.writestr("x.xml", "y" * 1000)
    (tmp_path / "broken.xlsx").write_bytes(whole.getvalue().replace(b"y" * 100, b"z" * 100))
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "zz.txt").write_bytes(MARKS.secret)
    search = Search(MARKS)
    search.below([tmp_path])
    assert [Path(line).name for line in search.found] == ["zz.txt: holds the token"]
    assert search.files == 2
