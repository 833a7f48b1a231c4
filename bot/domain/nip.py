"""The form of an ASN's number: NIP (PNS) and NI PPPK, 18 digits each.

Form only: there is no checksum, age limits are nobody's business here, and a number is no proof of
who typed it (it is printed on letters).
"""

import unicodedata
from datetime import date
from enum import StrEnum

NIP_LENGTH = 18
_LEADING_MARKS = "'`´‘’"
_LABELS = ("NIPPPPK", "NIPPPK", "NIPBARU", "NIP")
_SEPARATORS = ".-‐‑‒–—−_"
_MASK = "•"


class NipFault(StrEnum):
    """What is wrong with a number's form; the first that applies, in this order."""

    DIGITS = "digits"
    LENGTH = "length"
    BIRTH_DATE = "birth_date"
    APPOINTMENT = "appointment"
    SEX_DIGIT = "sex_digit"
    SERIAL = "serial"


def clean_nip(raw: str) -> str:
    """Strip what people write around and between the digits: spaces, dots, hyphens, a leading apostrophe
    or the label "NIP". Anything else stays, for `nip_fault` to name."""
    text = "".join(
        char
        for char in raw
        if not (char.isspace() or char in _SEPARATORS or unicodedata.category(char) in ("Cc", "Cf"))
    )
    text = text.lstrip(_LEADING_MARKS)
    for label in _LABELS:
        if text[: len(label)].upper() == label:
            return text[len(label) :].lstrip(":" + _LEADING_MARKS)
    return text


def nip_fault(nip: str, today: date) -> NipFault | None:
    """Say what is wrong with a cleaned number, or None; `today` is the date where the people are.

    Positions 13-14 tell the two forms apart: a month (01..12) for PNS, 2 and the contract's count
    (21..29) for PPPK, whose month of appointment the number does not hold.
    """
    if nip.strip("0123456789"):
        return NipFault.DIGITS
    if len(nip) != NIP_LENGTH:
        return NipFault.LENGTH
    if not _is_past_date(nip[:8], today):
        return NipFault.BIRTH_DATE
    if not _is_appointment(int(nip[8:12]), int(nip[12:14]), today):
        return NipFault.APPOINTMENT
    if nip[14] not in "12":
        return NipFault.SEX_DIGIT
    if nip[15:] == "000":
        return NipFault.SERIAL
    return None


def mask_name(name: str) -> str:
    """Keep each word's first letter: "Budi Santoso" becomes "B••• S••••••"."""
    return " ".join(_mask_word(word) for word in unicodedata.normalize("NFC", name).split())


def _mask_word(word: str) -> str:
    masked: list[str] = []
    first = True
    for char in word:
        if char.isalnum() and first:
            masked.append(char)
            first = False
        elif char.isalnum() or unicodedata.category(char).startswith("M"):
            masked.append(_MASK)
        else:
            masked.append(char)
    return "".join(masked)


def _is_past_date(digits: str, today: date) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return born < today


def _is_appointment(year: int, month: int, today: date) -> bool:
    if 1 <= month <= 12:
        return (year, month) <= (today.year, today.month)
    return 21 <= month <= 29 and year <= today.year
