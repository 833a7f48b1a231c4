"""A past week as people type it: "minggu lalu", "17 November", "3 minggu lalu", "2025-W47"."""

import re
from datetime import date, timedelta

from bot.domain.spoken_time import spoken_day

_ISO_WEEK = re.compile(r"([0-9]{4})-w([0-9]{2})")
_AGO = re.compile(r"(?:([1-9][0-9]?|se|dua|tiga|empat) ?)?(?:minggu|pekan)(?: yang)? lalu")
_NUMBERS = {"se": 1, "dua": 2, "tiga": 3, "empat": 4}
_YEAR = timedelta(days=365)


def spoken_week(text: str, today: date) -> date | None:
    """Return the Monday of the week that `text` names, or of the day in it; None for what is not understood.

    A day without a year is the latest such day up to today; whether the week is over is for the caller to ask.
    """
    said = " ".join(text.casefold().split())
    day = _day(said, today)
    return None if day is None else day - timedelta(days=day.weekday())


def _day(said: str, today: date) -> date | None:
    if found := _ISO_WEEK.fullmatch(said):
        try:
            return date.fromisocalendar(int(found[1]), int(found[2]), 1)
        except ValueError:
            return None
    if found := _AGO.fullmatch(said):
        ago = found[1] or "se"
        return today - timedelta(weeks=_NUMBERS.get(ago) or int(ago))
    if said in ("minggu ini", "pekan ini"):
        return today
    if said == "kemarin":
        return today - timedelta(days=1)
    if not any(letter.isdigit() for letter in said):
        # A bare weekday or "besok" is no way to name a week that is over.
        return None
    return spoken_day(said, today - _YEAR + timedelta(days=1))
