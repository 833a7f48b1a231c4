"""The caption of a weekly picture: within Telegram's length, whatever the names."""

from dataclasses import replace

import pytest

from bot.reports.caption import ToDo, summary_caption
from messages.fitting import shown_length
from messages.library import SHIPPED
from messages.texts import Texts
from tests.conftest import WIB
from tests.reports import samples

TEXTS = Texts(SHIPPED, WIB)
LONG = tuple(f"Raden Ayu Siti <Nurhaliza> & Kusumaningrum {n} 😀" for n in range(120))


@pytest.mark.parametrize("missing", [(), LONG[:2], LONG])
@pytest.mark.parametrize("unanswered", [(), LONG[:2], LONG])
@pytest.mark.parametrize("waiting", [None, 130])
def test_it_fits_with_any_number_of_names(
    missing: tuple[str, ...], unanswered: tuple[str, ...], waiting: int | None
) -> None:
    picture = replace(samples.SUMMARY, figures=replace(samples.WEEK, waiting=waiting), hardest_text="Soal " * 80)
    caption = summary_caption(TEXTS, picture, ToDo(120, missing, unanswered))
    assert shown_length(caption) <= 1024
    assert "Menjawab 51 dari 60 pertanyaan" in caption
    assert ("orang lagi (lihat XLSX)" in caption) == (missing == LONG)
    for names in (missing, unanswered):
        assert not names or "Raden Ayu Siti &lt;Nurhaliza&gt; &amp; Kusumaningrum 0" in caption
    assert (str(waiting) in caption) == (waiting is not None)


def test_where_all_was_answered_nobody_waits() -> None:
    figures = replace(samples.WEEK, answered=samples.WEEK.sent)
    assert "Belum menjawab" not in summary_caption(TEXTS, replace(samples.SUMMARY, figures=figures), ToDo(0))
    assert "jumlahnya tidak ditampilkan" in summary_caption(TEXTS, samples.SUMMARY, ToDo(0))
