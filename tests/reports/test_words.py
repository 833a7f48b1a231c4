"""Pictures in words: the same figures, never more than a caption holds."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports import pictures, words
from bot.reports.figures import SummaryPicture
from tests.reports import samples


def test_the_summary_in_words() -> None:
    assert pictures.summary_words(samples.SUMMARY) == (
        "DinkesPPKB, 17–23 November 2025.\n"
        "Bergabung 34 dari 40 orang, naik 3 orang dari minggu lalu.\n"
        "Menjawab 51 dari 60 pertanyaan, naik dari 73% minggu lalu.\n"
        "Rata-rata kuis 78,4 dari 100, turun dari 79,9 minggu lalu.\n"
        "Paling sering keliru (Akuntabel): Apa yang sebaiknya dilakukan petugas loket?\n"
        "Komitmen: dibuat 28, ditepati 21."
    )


def test_what_is_hidden_is_said_to_be_hidden() -> None:
    said = pictures.summary_words(SummaryPicture(samples.HIDDEN_WEEK, samples.WEEK, None, "DLH"))
    assert (
        "Menjawab: belum ada, atau tidak ditampilkan untuk melindungi kelompok di bawah lima orang"
        " (terkirim 4 pertanyaan)." in said
    )
    assert "Rata-rata kuis: belum ada, atau tidak ditampilkan untuk melindungi kelompok di bawah lima orang." in said
    assert "Komitmen: belum ada, atau tidak ditampilkan untuk melindungi kelompok di bawah lima orang." in said
    assert "Bergabung 3 dari 40 orang, turun 31 orang dari minggu lalu." in said


def test_an_empty_week_in_words() -> None:
    said = pictures.summary_words(SummaryPicture(samples.EMPTY_WEEK, None, None, "Kota Mojokerto"))
    assert "Belum ada yang diundang." in said
    assert "Belum ada pertanyaan terkirim minggu ini." in said


def test_progress_and_recap_in_words() -> None:
    progress = pictures.progress_words(samples.PROGRESS)
    assert progress.startswith("Progres Siti Rahmawati, S.KM., Sesi Inspirasi DinkesPPKB, per Jumat, 28 Nov")
    assert "Langkah selesai: 12 dari 18." in progress
    assert "Berorientasi Pelayanan: belum dilatih, kuis 0% benar." in progress
    assert "menyapa lebih dahulu (sedang dijalankan)." in progress
    assert "Komitmen lain: 2." in progress
    recap = pictures.recap_words(samples.RECAP)
    assert "17 November – 18 Desember 2025" in recap
    assert "Kuis: 17 dari 20 jawaban benar." in recap
    assert "menyapa lebih dahulu (sudah dilakukan)." in recap
    assert "Cermin diri (1 sampai 4): Berorientasi Pelayanan 1, Akuntabel 2" in recap
    assert "Kuis" not in pictures.recap_words(samples.EMPTY_RECAP)


def test_links_stand_in_the_words() -> None:
    assert samples.LINK in pictures.qr_words(samples.LINK, "Sesi")
    assert samples.LINK in pictures.poster_words("Sesi", "Aula", "Senin", samples.LINK)


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, ""),
        (0, 40, "0%"),
        (40, 40, "100%"),
        (34, 40, "85%"),
        (1, 4000, "1%"),
        (3999, 4000, "99%"),
        (50, 40, "100%"),
    ],
)
def test_all_and_none_are_said_of_all_and_none_alone(part: int, whole: int, said: str) -> None:
    assert words.share_words(part, whole) == said


def test_changes_compare_shares_and_what_reads_the_same_is_the_same() -> None:
    week, before = samples.WEEK, samples.WEEK_BEFORE
    same = words.Change("same", "sama seperti minggu lalu")
    assert words.joined_change(week, week) == same
    assert words.joined_change(before, week) == words.Change("down", "turun 3 orang dari minggu lalu")
    assert words.answered_change(week, replace(week, sent=120, answered=102)) == same
    assert words.answered_change(week, samples.HIDDEN_WEEK) is None
    assert words.answered_change(week, samples.EMPTY_WEEK) is None
    assert words.quiz_change(week, replace(week, quiz_average=78.41)) == same
    assert words.quiz_change(week, None) is None
    assert words.joined_change(week, None) is None


@pytest.mark.parametrize(("group", "said"), [(5, "lima"), (10, "sepuluh"), (12, "12")])
def test_the_minimum_group_is_named(group: int, said: str) -> None:
    assert (
        words.hidden_words(group)
        == f"belum ada, atau tidak ditampilkan untuk melindungi kelompok di bawah {said} orang"
    )


WORDS: list[Callable[[str], str]] = [
    lambda text: pictures.summary_words(samples.hostile_summary(text)),
    lambda text: pictures.progress_words(samples.hostile_progress(text)),
    lambda text: pictures.recap_words(samples.hostile_recap(text)),
    lambda text: pictures.qr_words(samples.LINK, text),
    lambda text: pictures.poster_words(text, text, text, samples.LINK),
]


@given(st.text(alphabet=st.characters(), max_size=600), st.sampled_from(WORDS))
def test_words_fit_a_caption_of_telegram(text: str, say: Callable[[str], str]) -> None:
    said = say(text)
    assert len(said.encode("utf-16-le")) // 2 <= 1024
    assert len(say(text + "😀" * 600).encode("utf-16-le")) // 2 <= 1024
