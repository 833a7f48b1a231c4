"""A part of pytest: when all tests are over, nothing that was logged, said or written may hold a planted mark."""

import asyncio.subprocess
import logging
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.leaks import MARKS, Marks, Search

CHECKOUT = Path(__file__).parents[1]
OURS = ("bot", "handlers", "messages", "scheduler")
WRITTEN_TO = ("data", "build")  # of the checkout: where a bot without a folder of its own would write


class ChildrenKept:
    """Keeps what child processes say beside the other files of the run, where it is searched with them."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._count = 0

    def put_in(self, patch: pytest.MonkeyPatch) -> None:
        """Listen to every process whose output is gathered, until the patch is undone."""
        sync, later = subprocess.Popen.communicate, asyncio.subprocess.Process.communicate

        def communicate(process: Any, *args: Any, **more: Any) -> Any:
            said = sync(process, *args, **more)
            self._keep(*said)
            return said

        async def communicate_later(process: Any, *args: Any, **more: Any) -> Any:
            said = await later(process, *args, **more)
            self._keep(*said)
            return said

        patch.setattr(subprocess.Popen, "communicate", communicate)
        patch.setattr(asyncio.subprocess.Process, "communicate", communicate_later)

    def _keep(self, *said: str | bytes | None) -> None:
        data = [part.encode("utf-8", "replace") if isinstance(part, str) else part for part in said if part]
        if data:
            folder = self._folder() / "children"
            folder.mkdir(exist_ok=True)
            self._count += 1
            (folder / str(self._count)).write_bytes(b"\n".join(data))


class LeakWatch:
    """Searches the logs as reports come in, and the files at the end; what it finds makes the run fail."""

    def __init__(self, config: pytest.Config, marks: Marks = MARKS) -> None:
        self._config = config
        self._patch = pytest.MonkeyPatch()
        self._search = Search(marks)
        self._began = time.time()
        self._took = 0.0
        # A worker of xdist searches nothing: all folders lie below the controller's, all reports go there.
        self._in_charge = not hasattr(config, "workerinput")
        ChildrenKept(self._basetemp).put_in(self._patch)
        # As talkative as the bot is when it runs.
        for name in OURS:
            logging.getLogger(name).setLevel(logging.INFO)

    def _basetemp(self) -> Path:
        """The folder of all folders that tests wrote into; pytest keeps it, and those of two runs before."""
        return self._config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined,no-any-return]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Search what was logged and printed."""
        if self._in_charge:
            for title, text in report.sections:
                held = self._search.marks.in_text(text)
                self._search.found += [f"{report.nodeid}, {title}: holds {what}" for what in held]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Search the files, and say so in the exit status."""
        self._patch.undo()
        if not self._in_charge:
            return
        began = time.monotonic()
        self._search.below([self._basetemp()])
        self._search.below([CHECKOUT / name for name in WRITTEN_TO], self._began)
        self._took = time.monotonic() - began
        if self._search.found and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Name each place."""
        search = self._search
        if search.found:
            terminalreporter.section("planted marks that were found", red=True)
            for line in search.found:
                terminalreporter.write_line(line)
        terminalreporter.write_line(
            f"searched for the token and planted words: {search.files} files, {search.size / 2**20:.0f} MiB, "
            f"{self._took:.1f} s; {len(search.found)} found where none may be, "
            f"words in {search.databases} databases, where they belong"
        )
