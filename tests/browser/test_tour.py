"""The guided tour from end to end, on a phone's screen; the README's and the guides' pictures are made here."""

import os
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Served
from tests.browser.driver import LONG, Hand

NAMES = ("gabung", "jawaban", "kuis", "ringkasan", "siaran", "dampak")
MOST_BYTES = 200_000


def test_the_tour_from_end_to_end(served: Served, tmp_path: Path) -> None:
    wanted = os.environ.get("SINAR_PICTURES")
    folder = Path(wanted, "gambar") if wanted else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    with served.opened() as hand:
        join(hand, folder)
        _answer(hand, folder)
        _quiz(hand, folder)
        _summary(hand, folder)
        _broadcast(hand, folder)
        _impact(hand, folder)
        hand.tour_says("Tur selesai")
    for name in NAMES:
        assert 10_000 < (folder / f"{name}.png").stat().st_size < MOST_BYTES


def join(hand: Hand, folder: Path) -> None:
    hand.tour_says("Tur 1/6")
    hand.page.get_by_role("button", name="Pindai kode QR sesi").click()
    hand.tour_says("sampai bawah, lalu tekan “Setuju”")
    hand.tap("Setuju")
    hand.tour_says("NIP")
    hand.page.get_by_role("button", name="Kirim NIP saya").click()
    hand.tour_says("nama yang tersamar")
    hand.picture(folder, "gabung")
    hand.tap("Ya")
    hand.next_step()


def _answer(hand: Hand, folder: Path) -> None:
    hand.tour_says("majukan waktu")
    hand.move_on()
    hand.tour_says("satu angka")
    hand.tap("4")
    hand.tour_says("tulis saja")
    hand.tour.get_by_role("button", name="Isikan contoh").click()
    hand.page.get_by_role("button", name="Kirim", exact=True).last.click()
    hand.tour_says("Selesai")
    hand.picture(folder, "jawaban")
    hand.next_step()


def _quiz(hand: Hand, folder: Path) -> None:
    hand.move_on()
    hand.tour_says("Pilih satu jawaban")
    for item in range(1, 6):
        expect(hand.log.locator("fieldset[data-mark=poll]").last).to_contain_text(f"{item}/5")
        hand.vote(1)
        expect(hand.log.get_by_text("pilihan Anda").last).to_be_visible()
        if item == 2:
            expect(hand.log.locator("fieldset[data-mark=poll]").last).to_contain_text("3/5")
            hand.picture(folder, "kuis")
    hand.next_step()


def _summary(hand: Hand, folder: Path) -> None:
    hand.move_on()
    hand.tour_says("HP koordinator")
    hand.tour.get_by_role("button", name="Ambil HP itu").click()
    hand.tour_says("Lihat gambarnya")
    hand.picture(folder, "ringkasan")
    hand.tap("Ingatkan semua")
    hand.next_step()


def _broadcast(hand: Hand, folder: Path) -> None:
    hand.tour.get_by_role("button", name="Ambil HP itu").click()
    hand.tour_says("/siaran")
    for said in ("/siaran", "isi siarannya"):
        hand.tour_says(said)
        hand.tour.get_by_role("button", name="Isikan contoh").click()
        hand.page.get_by_role("button", name="Kirim", exact=True).last.click()
    hand.tour_says("Pilih penerima")
    hand.tap("Semua")
    hand.tour_says("Lihat jumlah penerimanya")
    hand.picture(folder, "siaran")
    hand.tap("Kirim")
    hand.next_step()


def _impact(hand: Hand, folder: Path) -> None:
    hand.tour_says("Tur 6/6")
    hand.move_on()
    hand.tour_says("Kirim /sesi")
    hand.tour.get_by_role("button", name="Isikan contoh").click()
    hand.page.get_by_role("button", name="Kirim", exact=True).last.click()
    hand.tap("17 Nov Ning Ita Sinar ASN")
    hand.tour_says("Laporan dampak")
    hand.tap("Laporan dampak")
    expect(hand.log.get_by_text("Laporan dampak: Ning Ita Sinar ASN").last).to_be_visible(timeout=LONG)
    hand.tour_says("Selesai")
    hand.picture(folder, "dampak")
    hand.next_step()
