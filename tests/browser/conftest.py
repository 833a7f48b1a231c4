"""A real Chromium before the real page: `python -m bot demo --page` as a process of its own, one for a module."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from tests.browser.driver import Hand

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}

# The machine may be busy with other tests.
expect.set_options(timeout=30_000)


@dataclass
class Served:
    """The page as it is served: its address, and the browser to look at it."""

    address: str
    browser: Browser

    @contextmanager
    def opened(self, size: ViewportSize = PHONE, *, ready: bool = True, **how: object) -> Iterator[Hand]:
        """Open the page in a browser of its own; fails at the end if the page complained or asked anybody else."""
        context = self.browser.new_context(viewport=size, locale="id-ID", **how)  # type: ignore[arg-type]
        page = context.new_page()
        hand = Hand(page, self.address)
        hand.watch()
        page.goto(self.address)
        if ready:
            hand.wait_until_ready()
        yield hand
        context.close()
        assert hand.complaints == []


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """Run the page in `folder` on any free port, until the end; yields its address."""
    command = [sys.executable, "-m", "bot", "demo", "--page", "--port", "0"]
    surroundings = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=folder, env=surroundings, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[2]
        finally:
            process.terminate()
            assert process.wait(30) == 0


# Playwright keeps a loop running in this thread, which other modules' tests need for theirs: it ends with its module.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def served(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with started(tmp_path_factory.mktemp("page")) as address:
        yield Served(address, browser)
