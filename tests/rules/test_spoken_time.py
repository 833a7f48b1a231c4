"""When a session is, as an admin types it."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.spoken_time import spoken_span, spoken_time
from messages import formats
from tests.conftest import WIB

NOW = datetime(2025, 11, 12, 9, 30, tzinfo=WIB)  # a Wednesday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [
        ("17 Nov 08.00–11.00", "2025-11-17 08:00", "11:00"),
        ("Senin 17 November 2025 pukul 8 sampai 11", "2025-11-17 08:00", "11:00"),
        ("besok 08.00-11.00", "2025-11-13 08:00", "11:00"),
        ("Besok, pukul 08.00 s.d. 11.00 WIB", "2025-11-13 08:00", "11:00"),
        ("besok jam 8 s/d 11", "2025-11-13 08:00", "11:00"),
        ("17/11/2025 8:00 - 11:30", "2025-11-17 08:00", "11:30"),
        ("17-11-2025 8-11", "2025-11-17 08:00", "11:00"),
        ("2025-11-17 08:00–11:00", "2025-11-17 08:00", "11:00"),
        ("hari Senin pukul 13.00 hingga pukul 15.30", "2025-11-17 13:00", "15:30"),
        ("Jumat jam 8 pagi sampai jam 11 siang", "2025-11-14 08:00", "11:00"),
        ("lusa jam 1 siang - 3 sore", "2025-11-14 13:00", "15:00"),
        ("lusa jam 7-9 malam", "2025-11-14 19:00", "21:00"),
        ("lusa 8-1 siang", "2025-11-14 08:00", "13:00"),
        ("10.00-12.00", "2025-11-12 10:00", "12:00"),
        ("08.00-11.00", "2025-11-13 08:00", "11:00"),
        ("5 Januari 08.00–11.00", "2026-01-05 08:00", "11:00"),
        ("29 Feb 08.00–11.00", "2028-02-29 08:00", "11:00"),
        ("hari ini 13.00–15.00", "2025-11-12 13:00", "15:00"),
        ("17 Nov 11.00–08.00", "2025-11-17 11:00", "08:00"),
    ],
)
def test_a_span_is_understood(said: str, start: str, end: str) -> None:
    assert spoken_span(said, NOW) == (at(start), at(f"{start[:10]} {end}"))


@pytest.mark.parametrize(
    "said",
    [
        "",
        "17 Nov",
        "17 Nov 08.00",
        "17-11",
        "8-11",
        "17 Nov 08.00 sampai selesai",
        "Selasa 17 November 2025 pukul 8 sampai 11",
        "31 Nov 08.00–11.00",
        "17 Nov 08.00–25.00",
        "17 Nov 08.00–11.00 WITA",
        "08.00–11.00 17 Nov",
    ],
)
def test_what_is_no_span_is_not_guessed(said: str) -> None:
    assert spoken_span(said, NOW) is None


def test_an_hour_alone_needs_its_word() -> None:
    assert spoken_time("besok pukul 8", NOW) == at("2025-11-13 08:00")
    assert spoken_time("besok jam 7 malam", NOW) == at("2025-11-13 19:00")
    assert spoken_time("besok 8", NOW) is None
    assert spoken_time("17 Nov 2025", NOW) is None


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(said: str) -> None:
    spoken_span(said, NOW)


days = st.dates(date(2020, 1, 1), date(2090, 12, 31))
clocks = st.times().map(lambda t: time(t.hour, t.minute))


@given(days, days, clocks, clocks)
def test_what_the_bot_says_back_it_also_understands(today: date, day: date, start: time, end: time) -> None:
    assume(start < end)
    now = datetime.combine(today, time(9), WIB)
    said = formats.span(datetime.combine(day, start, WIB), datetime.combine(day, end, WIB))
    assert spoken_span(said, now) == (datetime.combine(day, start, WIB), datetime.combine(day, end, WIB))


@given(days, st.integers(0, 364), clocks, clocks, st.sampled_from(["-", "–", " - ", " sampai ", " s.d. ", " hingga "]))
def test_without_a_year_it_is_the_next_such_day(today: date, ahead: int, start: time, end: time, until: str) -> None:
    day = today + timedelta(days=ahead)
    assume((day.month, day.day) != (2, 29))
    now = datetime.combine(today, time(9), WIB)
    span = f"{start:%H.%M}{until}{end:%H.%M}"
    for named in (f"{day.day} {formats.day_short(day).split()[1]}", f"{day.day}/{day.month}"):
        assert spoken_span(f"{named} {span}", now) == (
            datetime.combine(day, start, WIB),
            datetime.combine(day, end, WIB),
        )
