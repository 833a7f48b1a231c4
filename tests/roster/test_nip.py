"""The form of NIP and NI PPPK, and how they are hidden."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.nip import NipFault, clean_nip, mask_name, nip_fault
from tests.roster.files import PNS, PPPK, TODAY

births = st.dates(date(1940, 1, 1), date(2007, 12, 31))
months = st.dates(date(1960, 1, 1), date(2025, 11, 17)).map(lambda day: f"{day:%Y%m}")
contracts = st.tuples(st.integers(2019, 2025), st.integers(21, 29)).map(lambda both: f"{both[0]}{both[1]}")
serials = st.integers(1, 999).map(lambda serial: f"{serial:03d}")
nips = st.builds(
    lambda born, appointed, sex, serial: f"{born:%Y%m%d}{appointed}{sex}{serial}",
    births,
    months | contracts,
    st.sampled_from("12"),
    serials,
)
fillings = st.sampled_from(["", " ", ".", "-", "  ", "\u00a0", "–", "\u200b", "_"])


@given(nips)
def test_every_number_of_the_right_form_is_accepted(nip: str) -> None:
    assert nip_fault(nip, TODAY) is None


@given(nips, st.lists(fillings, min_size=18, max_size=18), st.sampled_from(["", "'", "NIP ", "nip. ", "NIP: "]))
def test_what_people_write_around_the_digits_is_stripped(nip: str, gaps: list[str], label: str) -> None:
    assert clean_nip(label + "".join(a + b for a, b in zip(nip, gaps, strict=True))) == nip


@given(st.text(max_size=40))
def test_any_text_gets_an_answer(text: str) -> None:
    nip = clean_nip(text)
    fault = nip_fault(nip, TODAY)
    if fault is None:
        assert len(nip) == 18
        assert nip.isascii()
        assert nip.isdigit()


@pytest.mark.parametrize(
    ("nip", "fault"),
    [
        ("", NipFault.LENGTH),
        (PNS[:-1], NipFault.LENGTH),
        (PNS + "1", NipFault.LENGTH),
        ("198001012005O11001", NipFault.DIGITS),
        ("١٩٨٠٠١٠١٢٠٠٥٠١١٠٠١", NipFault.DIGITS),
        ("１９８００１０１２００５０１１００１", NipFault.DIGITS),
        ("198001012005011²01", NipFault.DIGITS),
        ("197902292005011001", NipFault.BIRTH_DATE),
        ("198013012005011001", NipFault.BIRTH_DATE),
        ("000001012005011001", NipFault.BIRTH_DATE),
        ("202511172025111001", NipFault.BIRTH_DATE),
        ("198001012005001001", NipFault.APPOINTMENT),
        ("198001012005131001", NipFault.APPOINTMENT),
        ("198001012005201001", NipFault.APPOINTMENT),
        ("198001012005301001", NipFault.APPOINTMENT),
        ("198001012025121001", NipFault.APPOINTMENT),
        ("198001012026211001", NipFault.APPOINTMENT),
        ("198001012005010001", NipFault.SEX_DIGIT),
        ("198001012005013001", NipFault.SEX_DIGIT),
        ("198001012005011000", NipFault.SERIAL),
        (PNS, None),
        (PPPK, None),
        ("200012312024291001", None),
        ("198001012025111001", None),
        ("193001011950011001", None),
    ],
)
def test_each_fault_is_named(nip: str, fault: NipFault | None) -> None:
    assert nip_fault(nip, TODAY) is fault


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Budi Santoso", "B••• S••••••"),
        ("  dr. Siti   Aminah, M.Kes ", "d•. S••• A•••••, M.•••"),
        ("Ma'ruf", "M•'•••"),
        ("E\u0301va", "É••"),
        ("", ""),
    ],
)
def test_a_masked_name_keeps_the_first_letters(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@given(st.text(max_size=60))
def test_no_name_shows_more_than_one_letter_a_word(name: str) -> None:
    assert all(sum(char.isalnum() for char in word) <= 1 for word in mask_name(name).split())
