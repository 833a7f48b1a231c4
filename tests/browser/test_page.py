"""The chat page in a real browser: several people, the clock, a reload, the keyboard alone, names that are markup."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Error, FilePayload, expect

from tests.browser import test_tour
from tests.browser.conftest import DESK, PHONE, Served
from tests.browser.driver import ADMIN, COORDINATOR, LONG, NEW_PHONE, Hand


@pytest.fixture
def hand(served: Served) -> Iterator[Hand]:
    with served.opened(DESK) as found:
        yield found


def test_two_people_at_once_see_the_same_town(served: Served) -> None:
    with served.opened(DESK) as one, served.opened() as other:
        one.hold(ADMIN)
        other.hold(COORDINATOR)
        one.say("/status")
        one.sees("Keadaan bot")
        other.say("/ringkasan")
        other.sees(re.compile("Ringkasan|ringkasan"))
        other.hold(ADMIN)
        other.sees("Keadaan bot")
        one.say("/audit")
        other.sees("/audit")
        other.sees("Siapa melakukan apa")


def test_a_reload_in_the_middle_changes_nothing(hand: Hand) -> None:
    hand.hold(NEW_PHONE)
    hand.page.get_by_role("button", name="Pindai kode QR sesi").click()
    hand.sees("teman refleksi sesi")
    hand.page.reload()
    hand.wait_until_ready()
    expect(hand.page.locator("#chat-name")).to_contain_text(NEW_PHONE)
    hand.tap("Setuju")
    hand.sees(re.compile("NIP"))


def test_what_is_said_and_edited_stands_in_the_chat(hand: Hand) -> None:
    hand.hold(NEW_PHONE)
    hand.say("Halo <b>Sinar</b>")
    bubble = hand.log.get_by_role("article").filter(has_text="Halo <b>Sinar</b>")
    expect(bubble).to_be_visible()
    bubble.get_by_role("button", name="Ubah pesan ini").click()
    hand.say("Halo lagi")
    expect(hand.log.get_by_role("article").filter(has_text="Halo lagi")).to_contain_text("diedit")


def test_files_and_voice_notes_go_both_ways(hand: Hand) -> None:
    hand.hold(ADMIN)
    before = hand.log.get_by_role("article").count()
    sheet: FilePayload = {"name": "data.csv", "mimeType": "text/csv", "buffer": b"NIP,NAMA\n1,x\n"}
    hand.page.set_input_files("#file", files=[sheet])
    hand.sees("📄 data.csv")
    expect(hand.log.get_by_role("article").nth(before + 1)).to_be_visible()
    with hand.page.expect_download() as told:
        hand.log.get_by_role("link", name=re.compile("data.csv")).click()
    assert Path(told.value.path()).read_bytes() == b"NIP,NAMA\n1,x\n"
    hand.hold(NEW_PHONE)
    hand.page.get_by_role("button", name="Kirim pesan suara contoh").click()
    hand.sees("Pesan suara, 7 detik")


def test_a_link_is_opened_on_another_phone(hand: Hand) -> None:
    hand.hold(ADMIN)
    hand.say("/sesi")
    hand.log.get_by_role("button", name=re.compile("^17 Nov")).last.click()
    hand.log.get_by_role("button", name="?start=").last.click()
    hand.page.get_by_role("dialog").get_by_role("button", name=NEW_PHONE).click()
    expect(hand.page.locator("#chat-name")).to_contain_text(NEW_PHONE)
    hand.sees(re.compile(r"^/start "))


def test_a_press_of_a_command_in_the_menu_is_sent(hand: Hand) -> None:
    hand.hold(ADMIN)
    hand.page.get_by_role("button", name="Daftar perintah").click()
    hand.page.get_by_role("list", name="Perintah").get_by_role("button", name="Kelola koordinator").click()
    hand.sees("/koordinator")
    expect(hand.page.get_by_label("Pesan", exact=True)).to_be_focused()


def test_the_clock_moves_and_others_live_on(hand: Hand) -> None:
    hand.hold(COORDINATOR)
    expect(hand.page.locator("#day")).to_have_text("Senin, 17 November 2025")
    for how, time in (("Satu jam", re.compile(r"^0[89]\.")), ("Sampai pesan berikut", re.compile(r"^08\.00"))):
        hand.page.get_by_role("button", name=how, exact=True).click()
        expect(hand.page.locator("#time")).to_have_text(time, timeout=LONG)
        hand.wait_for_the_clock()
    expect(hand.page.locator("#day")).to_have_text("Senin, 24 November 2025")
    expect(hand.log.get_by_role("img").last).to_be_visible()
    hand.page.get_by_role("button", name="Satu hari", exact=True).click()
    expect(hand.page.locator("#day")).to_have_text("Selasa, 25 November 2025", timeout=LONG)
    expect(hand.page.locator("#all")).to_contain_text("orang")


def test_by_the_keyboard_alone(served: Served) -> None:
    with served.opened(DESK) as hand:
        page = hand.page
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Langsung ke kotak tulis")).to_be_focused()
        _tab_to(hand, "Admin BKPSDM")
        page.keyboard.press("Enter")
        expect(page.locator("#chat-name")).to_have_text(ADMIN)
        expect(page.get_by_label("Pesan", exact=True)).to_be_focused()
        page.keyboard.type("/bantuan")
        page.keyboard.press("Enter")
        hand.sees("/bantuan")
        expect(page.get_by_label("Pesan", exact=True)).to_be_focused()
        page.keyboard.type("/koordinator")
        page.keyboard.press("Enter")
        invite = hand.log.get_by_role("button", name="Undang", exact=True).last
        expect(invite).to_be_visible()
        _shift_tab_to(hand, "Undang")
        page.keyboard.press("Space")
        hand.sees(re.compile("perangkat daerah"))
        assert page.evaluate("document.activeElement !== document.body"), "the focus was lost"


def _tab_to(hand: Hand, name: str) -> None:
    _step_to(hand, name, "Tab")


def _shift_tab_to(hand: Hand, name: str) -> None:
    _step_to(hand, name, "Shift+Tab")


def _step_to(hand: Hand, name: str, key: str) -> None:
    for _ in range(80):
        hand.page.keyboard.press(key)
        said = hand.page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).textContent"
            " + (document.activeElement.ariaLabel ?? '')"
        )
        if said.strip().startswith(name):
            return
    raise AssertionError(f"{name!r} is not reached by {key}")


def test_at_390_pixels_nothing_is_cut_off(served: Served) -> None:
    with served.opened() as hand:
        assert hand.narrow
        hand.hold(ADMIN)
        hand.say("/sesi")
        for panel in ("Orang", "Obrolan", "Waktu"):
            hand.tab(panel)
            assert hand.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
            wide = hand.page.evaluate(
                "[...document.querySelectorAll('body *')].filter((one) => one.checkVisibility()"
                " && !one.closest('.skip, .hidden') && one.getBoundingClientRect().right > innerWidth + 1)"
                ".map((one) => one.outerHTML.slice(0, 80))"
            )
            assert wide == []


def test_a_name_that_is_markup_is_only_a_name(served: Served) -> None:
    markup = "<script>document.title='x'</script><img src=x onerror=\"document.title='x'\">"
    with served.opened(DESK) as hand:
        hand.hold(NEW_PHONE)
        hand.say(f"{markup} https://example.com/")
        hand.sees("<script>document.title='x'</script>")
        hand.hold(ADMIN)
        hand.say("/sesi")
        hand.log.get_by_role("button", name=re.compile("^17 Nov")).last.click()
        hand.tap("Ubah")
        hand.tap("Judul")
        hand.say(markup)
        # What the bot says of it, in bold, is the text as well.
        expect(hand.log.locator("b").filter(has_text=markup).last).to_be_visible()
        hand.tap("Batal")
        expect(hand.page).to_have_title("Sinar: coba di peramban")
        assert hand.log.locator("script, img[src=x]").count() == 0
        assert hand.page.locator("a[href^=http]").count() == 0


@pytest.mark.parametrize(
    ("script", "text"),
    [("tour.js", "export function drawTour() {}"), ("main.js", ""), ("message.js", "export const drawMessage = 1;")],
)
def test_the_tour_fails_on_a_page_that_is_broken_on_purpose(
    served: Served, tmp_path: Path, script: str, text: str
) -> None:
    page = served.browser.new_page(viewport=PHONE)
    page.route(f"**/{script}", lambda route: route.fulfill(body=text, content_type="text/javascript"))
    page.goto(served.address)
    hand = Hand(page, served.address, patience=3_000, long=3_000)
    with pytest.raises((AssertionError, Error)):
        test_tour.join(hand, tmp_path)
    page.close()
