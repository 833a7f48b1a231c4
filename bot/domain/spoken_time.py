"""Times as an admin writes them: "17 Nov 08.00", "besok pukul 8", "Senin 17 November 2025 pukul 8 sampai 11"."""

import re
from datetime import date, datetime, time, timedelta

# Of text whose blanks are single ones (`_plain`): a run of them would be tried from each of its places.
_CLOCK = r"([01]?[0-9]|2[0-3])(?:[.:]([0-5][0-9]))? ?(pagi|siang|sore|malam)? ?(?:wib)?\.?"
_AT = r"(pukul|jam|pkl)?\.? ?"
_TIME = re.compile(rf"(?<![0-9.:/-]){_AT}{_CLOCK}$")
_UNTIL = r" ?(?:-|\bsampai(?: dengan)?\b|\bhingga\b|\bs\.?/?d\.?(?![a-z])) ?"
_SPAN = re.compile(rf"(?<![0-9.:/-]){_AT}{_CLOCK}{_UNTIL}{_AT}{_CLOCK}$")
_NUMBERS = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})(?:[-/. ]([0-9]{4}))?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NAMED = re.compile(r"([0-9]{1,2}) ([a-z]{3,9})\.?(?: ([0-9]{4}))?")
_SOON = {"hari ini": 0, "besok": 1, "lusa": 2}
_WEEKDAYS = {"senin": 0, "selasa": 1, "rabu": 2, "kamis": 3, "jumat": 4, "sabtu": 5, "minggu": 6}
# Which hours each part of the day adds twelve to: "jam 1 siang" is 13.00, "jam 11 siang" is 11.00.
_AFTERNOON = {"siang": range(1, 6), "sore": range(1, 8), "malam": range(6, 12)}
# 29 February without a year may lie this far ahead (the century years are none).
_YEARS_AHEAD = 9
_MONTHS = (
    ("januari",),
    ("februari", "pebruari"),
    ("maret",),
    ("april",),
    ("mei",),
    ("juni",),
    ("juli",),
    ("agustus", "agu", "ags", "agt"),
    ("september",),
    ("oktober",),
    ("november", "nopember"),
    ("desember",),
)


def spoken_time(text: str, now: datetime) -> datetime | None:
    """Return the instant that `text` names, in the zone of `now`; None for what is not understood.

    Without a day it is the next such time; a day without a year is the next such day. A bare hour needs
    "pukul" or "jam" before it.
    """
    said = _plain(text)
    found = _TIME.search(said)
    if found is None or not (found[1] or found[3]):
        return None
    return _moment(said[: found.start()], _time(found[2], found[3], found[4]), now)


def spoken_hour(text: str) -> time | None:
    """Return the time of day that `text` names ("15.30", "9", "jam 7 pagi"); None when not understood."""
    found = _TIME.search(_plain(text))
    return _time(found[2], found[3], found[4]) if found is not None and found.start() == 0 else None


def spoken_span(text: str, now: datetime) -> tuple[datetime, datetime] | None:
    """Return beginning and end that `text` names, on one day, in the zone of `now`; None when not understood.

    The end may lie before the beginning: that is for the caller to refuse in words. A weekday that is not
    the date's own makes the whole not understood.
    """
    said = _plain(text)
    found = _SPAN.search(said)
    if found is None:
        return None
    named = said[: found.start()]
    if not named.strip() and not (found[1] or found[3] or found[7]):
        # "17-11" alone is rather a day than hours.
        return None
    start = _moment(named, _time(found[2], found[3], found[4] or found[8]), now)
    if start is None:
        return None
    until = _time(found[6], found[7], found[8] or found[4])
    return start, datetime.combine(start.date(), until, now.tzinfo)


def spoken_day(text: str, today: date) -> date | None:
    """Return the day that `text` names ("24-11-2026", "24 Nov", "besok", "Senin"); None when not understood."""
    return _day(_plain(text), today)


def _plain(text: str) -> str:
    lowered = text.casefold().replace(",", " ").replace("jum'at", "jumat").replace("jum’at", "jumat")
    return " ".join(lowered.translate(_DASHES).split())


_DASHES = str.maketrans({"–": "-", "—": "-", "‑": "-", "−": "-"})


def _time(hour: str, minute: str | None, part: str | None) -> time:
    number = int(hour)
    return time(number + 12 if part in _AFTERNOON and number in _AFTERNOON[part] else number, int(minute or 0))


def _moment(named: str, at: time, now: datetime) -> datetime | None:
    named = named.strip().removesuffix("-").strip().removesuffix(" pada").removeprefix("hari ").strip()
    if named == "ini":
        named = "hari ini"
    if not named:
        day = now.date() if at > now.time() else now.date() + timedelta(days=1)
    else:
        spoken = _day(named, now.date())
        if spoken is None:
            return None
        day = spoken
    return datetime.combine(day, at, now.tzinfo)


def _day(named: str, today: date) -> date | None:
    if named in _SOON:
        return today + timedelta(days=_SOON[named])
    first, _, rest = named.partition(" ")
    if first in _WEEKDAYS:
        if rest:
            day = _day(rest, today)
            return day if day is not None and day.weekday() == _WEEKDAYS[first] else None
        return today + timedelta(days=(_WEEKDAYS[first] - today.weekday()) % 7 or 7)
    try:
        return _written(named, today)
    except ValueError:
        return None


def _written(named: str, today: date) -> date | None:
    """Read a written day; raises ValueError for one that no calendar has."""
    if found := _ISO.fullmatch(named):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMBERS.fullmatch(named):
        return _next(int(found[1]), int(found[2]), found[3], today)
    if found := _NAMED.fullmatch(named):
        for month, names in enumerate(_MONTHS, 1):
            if found[2] in names or (len(found[2]) == 3 and names[0].startswith(found[2])):
                return _next(int(found[1]), month, found[3], today)
    return None


def _next(day: int, month: int, year: str | None, today: date) -> date:
    if year is not None:
        return date(int(year), month, day)
    for ahead in range(_YEARS_AHEAD):
        try:
            found = date(today.year + ahead, month, day)
        except ValueError:
            continue
        if found >= today:
            return found
    raise ValueError("no year has such a day")
