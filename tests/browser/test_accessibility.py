"""No serious accessibility fault, by axe-core: the chat page in light and dark, wide and narrow, and the preview."""

import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.conftest import DESK, PHONE, ROOT, Served
from tests.browser.driver import ADMIN, Hand

GRAVE = ("serious", "critical")


SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def grave_faults(page: Page) -> list[str]:
    """What axe-core finds of weight, in light and dark: the rule, where, and why."""
    faults = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        faults += [
            f"{scheme} {fault['id']}: {node['target']} {node['failureSummary']}"
            for fault in Axe().run(page).response["violations"]
            if fault["impact"] in GRAVE
            for node in fault["nodes"]
        ]
    return faults


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["390", "wide"])
def test_the_chat_page(served: Served, size: ViewportSize) -> None:
    # The content policy keeps axe's script out as it keeps out any other; here it is let in.
    with served.opened(size, bypass_csp=True) as hand:
        assert grave_faults(hand.page) == []
        _open_much(hand)
        for panel in ("Obrolan", "Orang", "Waktu") if hand.narrow else ("",):
            if panel:
                hand.tab(panel)
            assert grave_faults(hand.page) == []


def _open_much(hand: Hand) -> None:
    """Buttons, a picture, a quiz, a list of commands and a dialog."""
    hand.hold(ADMIN)
    hand.say("/sesi")
    hand.log.get_by_role("button", name="17 Nov Ning Ita Sinar ASN").last.click()
    hand.log.get_by_role("img").last.wait_for()
    hand.page.get_by_role("button", name="Daftar perintah").click()


def test_a_fault_of_weight_is_found(served: Served) -> None:
    with served.opened(bypass_csp=True) as hand:
        hand.page.evaluate("document.querySelector('#attach').removeAttribute('aria-label')")
        hand.page.evaluate("document.querySelector('#attach').textContent = ''")
        assert any("button-name" in fault for fault in grave_faults(hand.page))


def test_the_preview(browser: Browser, preview: Path) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(preview.as_uri())
    assert grave_faults(page) == []
    page.close()


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("preview") / "alur.html"
    command = [sys.executable, "-m", "bot", "content", "preview", "--out", str(file)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return file
