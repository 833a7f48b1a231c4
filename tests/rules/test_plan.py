"""A plan's words: with or without the frame that was shown, in one message or two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import plan


@pytest.mark.parametrize(
    "said", ["ada tamu", "ketika ada tamu", "Ketika ada tamu,", "Jika ada tamu.", "kalau: ada tamu"]
)
def test_a_cue_stands_without_its_frame(said: str) -> None:
    assert plan.cue(said) == "ada tamu"


@pytest.mark.parametrize("said", ["menyapa", "saya akan menyapa", "Saya akan menyapa.", "maka saya akan menyapa"])
def test_an_action_stands_without_its_frame(said: str) -> None:
    assert plan.action(said) == "menyapa"


@pytest.mark.parametrize("said", ["Ketika ada tamu, saya akan menyapa.", "jika ada tamu maka saya akan menyapa"])
def test_a_whole_sentence_is_both(said: str) -> None:
    assert plan.both(said) == ("ada tamu", "menyapa")


@pytest.mark.parametrize("said", ["ada tamu", "saya akan menyapa", "ketika, saya akan "])
def test_a_part_is_not_both(said: str) -> None:
    assert plan.both(said) is None


@given(st.text(min_size=1).filter(lambda text: text.strip(" .,;:…\n\t\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029")))
def test_no_words_are_lost_whole(said: str) -> None:
    assert plan.cue(said)
    assert plan.action(said)
