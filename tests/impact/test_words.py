"""What the report says: golden sentences, never more than the interval allows."""

from dataclasses import replace

import pytest

from bot.domain.gain import Gain, paired_gain
from bot.reports.impact import words
from tests.impact import samples


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (samples.GAIN, "Pengetahuan naik rata-rata 0,6 dari 3 butir (rentang 95%: 0,3–0,9; n = 48)."),
        (
            Gain(48, 3, 2.2, 1.6, -0.6, -0.88, -0.31),
            "Pengetahuan turun rata-rata 0,6 dari 3 butir (rentang 95%: 0,3–0,9; n = 48).",
        ),
        (
            Gain(9, 3, 2.0, 2.1, 0.1, -0.2, 0.4),
            "Belum terlihat perubahan pengetahuan: rata-rata +0,1 dari 3 butir (rentang 95%: −0,2 sampai 0,4; n = 9).",
        ),
        (
            Gain(1200, 3, 2.0, 2.1, 0.1, 0.012, 0.19),
            "Pengetahuan naik rata-rata 0,1 dari 3 butir (rentang 95%: 0,01–0,19; n = 1.200).",
        ),
        (
            Gain(30, 3, 2.0, 2.0, 0.0, -0.2, 0.2),
            "Belum terlihat perubahan pengetahuan: rata-rata 0 dari 3 butir (rentang 95%: −0,2 sampai 0,2; n = 30).",
        ),
    ],
)
def test_a_gain_in_words(gain: Gain, said: str) -> None:
    assert words.gain_words(gain) == said


def test_a_rise_never_reads_as_if_it_held_zero() -> None:
    said = words.gain_words(Gain(400, 3, 2.0, 2.05, 0.05, 0.0004, 0.1))
    assert said.startswith("Pengetahuan naik")
    assert "(rentang 95%: 0,0004–" in said


def test_the_caption_in_words() -> None:
    assert "\n".join(words.caption_lines(samples.IMPACT)) == (
        "Laporan dampak: Ning Ita Sinar ASN, Senin, 17 November 2025.\n"
        "Pengetahuan naik rata-rata 0,6 dari 3 butir (rentang 95%: 0,3–0,9; n = 48).\n"
        "Diundang 120, hadir 103, bergabung 99 (83%); tamu 4.\n"
        "Hasil sampai Minggu, 4 Januari 2026: merefleksikan 81, mengerjakan kuis 74, "
        "berkomitmen 62, menepati 38 (menurut pengakuan sendiri).\n"
        "Kesan rata-rata 4,3 dari 5 (n = 77).\n"
        "Tanpa kelompok pembanding; hasil bagi layanan tidak diukur. Keikutsertaan bukan kinerja."
    )


def test_what_is_not_there_yet_is_said_with_its_day() -> None:
    said = "\n".join(words.caption_lines(samples.EARLY))
    assert "Perubahan pengetahuan: mulai Rabu, 17 Desember 2025, setelah lima orang mengerjakan kuis awal" in said
    assert "mengerjakan kuis <5, berkomitmen <5, menepati <5" in said
    late = words.gain_missing(replace(samples.EARLY, as_of=samples.IMPACT.as_of))
    assert late == "Perubahan pengetahuan: belum ada lima orang yang mengerjakan kuis awal dan kuis akhir."
    assert "tidak diukur" in words.gain_missing(replace(samples.EARLY, gain_from=None))


def test_the_limits_are_named() -> None:
    said = " ".join(words.limits(samples.IMPACT))
    for limit in (
        "tingkat 4) tidak diukur",
        "tanpa kelompok pembanding",
        "kesulitannya dianggap sama",
        "yang tidak menjawab mungkin berbeda",
        "Keikutsertaan bukan kinerja",
    ):
        assert limit in said


def test_the_same_people_twice_are_no_change() -> None:
    assert words.gain_headline(paired_gain([(2, 2)] * 40, 3)) == "Belum terlihat perubahan pengetahuan"
