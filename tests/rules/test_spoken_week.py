"""Which week somebody means who types one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.spoken_week import spoken_week
from messages import formats

TODAY = date(2025, 12, 3)  # a Wednesday


@pytest.mark.parametrize(
    ("said", "monday"),
    [
        ("minggu lalu", "2025-11-24"),
        ("Pekan  lalu", "2025-11-24"),
        ("2 minggu lalu", "2025-11-17"),
        ("tiga pekan yang lalu", "2025-11-10"),
        ("minggu ini", "2025-12-01"),
        ("kemarin", "2025-12-01"),
        ("2025-W47", "2025-11-17"),
        ("2025-w01", "2024-12-30"),
        ("19 November 2025", "2025-11-17"),
        ("19 Nov", "2025-11-17"),
        ("Rabu 19 November", "2025-11-17"),
        ("19/11", "2025-11-17"),
        ("2025-11-23", "2025-11-17"),
        ("24 Desember", "2024-12-23"),
    ],
)
def test_a_week_is_understood(said: str, monday: str) -> None:
    assert spoken_week(said, TODAY) == date.fromisoformat(monday)


@pytest.mark.parametrize(
    "said", ["", "minggu", "senin", "besok", "minggu depan", "2025-W54", "99-99", "31 November", "47", "0 minggu lalu"]
)
def test_what_names_no_week_is_not_guessed(said: str) -> None:
    assert spoken_week(said, TODAY) is None


@given(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(0, 360))
def test_a_day_of_the_last_year_as_the_bot_writes_it_is_its_own_week(today: date, ago: int) -> None:
    day = today - timedelta(days=ago)
    monday = day - timedelta(days=day.weekday())
    assert spoken_week(formats.day(day), today) == monday
    if (day.month, day.day) != (2, 29):
        assert spoken_week(f"{day.day}/{day.month}", today) == monday
