"""What a person does at the page, by what stands there: names, labels, and nothing of its insides."""

import re
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

YOU, COORDINATOR, ADMIN, NEW_PHONE = "Anda: ", "Ratri Nawangwulan", "Admin BKPSDM", "HP baru"
# Milliseconds: the machine may be busy with other tests.
PATIENCE = 30_000
LONG = 120_000


class Hand:
    """One person before one browser."""

    def __init__(self, page: Page, address: str, *, patience: int = PATIENCE, long: int = LONG) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        self._patience = patience
        self._long = long
        page.set_default_timeout(patience)

    def watch(self) -> None:
        """Note every error of the page, and every request to anywhere else."""
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", self._note)
        self.page.on("request", self._check)

    def _note(self, message: ConsoleMessage) -> None:
        # An act that came too late is answered with 409, and said in words.
        if message.type == "error" and "409" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _check(self, request: Request) -> None:
        if not request.url.startswith(self.address):
            self.complaints.append(f"asked elsewhere: {request.url}")

    def wait_until_ready(self) -> None:
        """Wait until the town is prepared and the clock stands."""
        self.page.wait_for_selector("body[data-ready=true]", timeout=self._long)

    @property
    def log(self) -> Locator:
        """The chat of the phone that is held."""
        return self.page.get_by_role("log")

    @property
    def tour(self) -> Locator:
        """The tour's panel."""
        return self.page.get_by_role("region", name="Tur")

    @property
    def narrow(self) -> bool:
        """Whether one panel is shown at a time."""
        return self.page.get_by_role("navigation", name="Tampilan").is_visible()

    def tab(self, name: str) -> None:
        """Show a panel, where only one is shown."""
        if self.narrow:
            self.page.get_by_role("navigation", name="Tampilan").get_by_role("button", name=name).click()

    def hold(self, name: str) -> None:
        """Take somebody's phone."""
        self.tab("Orang")
        self.page.get_by_role("navigation", name="Orang", exact=True).get_by_role("button", name=name).first.click()
        expect(self.page.locator("#chat-name")).to_contain_text(name, timeout=self._patience)

    def tap(self, label: str) -> None:
        """Tap the newest button of the chat with this label."""
        self.log.get_by_role("button", name=label, exact=True).last.click()

    def say(self, text: str) -> None:
        """Write a message and send it."""
        self.page.get_by_label("Pesan", exact=True).fill(text)
        self.page.get_by_role("button", name="Kirim", exact=True).last.click()

    def vote(self, place: int = 0) -> None:
        """Choose an option of the newest quiz that is open."""
        quiz = self.log.locator("fieldset[data-mark=poll]").last
        quiz.get_by_role("button").nth(place).click()

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Wait until the newest of it stands in the chat."""
        expect(self.log.get_by_text(text).last).to_be_visible(timeout=self._patience)

    def tour_says(self, text: str) -> None:
        """Wait until the tour asks for this."""
        expect(self.tour).to_contain_text(text, timeout=self._long)

    def next_step(self) -> None:
        """Go on with the tour, once it says that the step is done."""
        self.tour.get_by_role("button", name=re.compile("Lanjut|Selesai")).click(timeout=self._long)

    def move_on(self) -> None:
        """Let the tour move the clock."""
        self.tour.get_by_role("button", name="Majukan waktu").click()

    def wait_for_the_clock(self) -> None:
        """Wait until the clock stands again."""
        self.wait_until_ready()

    def picture(self, folder: Path, name: str) -> Path:
        """Keep a picture of what is seen."""
        self.page.mouse.move(0, 0)
        self.page.wait_for_timeout(150)
        path = folder / f"{name}.png"
        self.page.screenshot(path=path, animations="disabled", caret="hide")
        return path
