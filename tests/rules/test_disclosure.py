"""What of a session's results may be shown: by groups alone, by subtraction and over time."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.disclosure import hidden_of, shown_next

MINIMUM = 5
counts = st.dictionaries(st.integers(0, 30), st.integers(0, 40), max_size=12)


@given(counts)
def test_no_part_and_no_rest_of_a_total_is_small(people: dict[int, int]) -> None:
    hidden = hidden_of(people, MINIMUM)
    assert {part for part, count in people.items() if count < MINIMUM} <= hidden
    if hidden and hidden != set(people):
        assert len(hidden) > 1
        assert sum(people[part] for part in hidden) >= MINIMUM
    if all(count >= MINIMUM for count in people.values()):
        assert not hidden


def test_a_small_part_takes_the_next_smallest_with_it() -> None:
    assert hidden_of({"a": 3, "b": 12, "c": 7, "d": 30}, MINIMUM) == {"a", "c"}
    assert hidden_of({"a": 3, "b": 1, "c": 7, "d": 30}, MINIMUM) == {"a", "b", "c"}
    assert hidden_of({"a": 3, "b": 4, "c": 7}, MINIMUM) == {"a", "b"}
    assert hidden_of({"a": 5}, MINIMUM) == set()


@given(st.lists(st.integers(0, 60), max_size=40))
def test_two_reports_differ_by_a_group_or_by_nobody(history: list[int]) -> None:
    shown: dict[str, dict[str, int]] = {}
    seen = []
    for n in history:
        shown = shown_next(shown, {"gain": {"n": n}}, MINIMUM)
        seen += [shown["gain"]["n"]] if "gain" in shown else []
    assert all(n >= MINIMUM for n in seen)
    assert all(a == b or abs(a - b) >= MINIMUM for a, b in pairwise(seen))


def test_what_a_few_changed_stays_as_it_was_shown() -> None:
    before = {"gain": {"n": 8, "mean": 0.5}}
    assert shown_next(before, {"gain": {"n": 8, "mean": 0.9}}, MINIMUM) == before
    assert shown_next(before, {"gain": {"n": 12, "mean": 0.9}}, MINIMUM) == before
    assert shown_next(before, {"gain": {"n": 3, "mean": 0.9}}, MINIMUM) == before
    assert shown_next(before, {}, MINIMUM) == before
    assert shown_next(before, {"gain": {"n": 13, "mean": 0.9}}, MINIMUM) == {"gain": {"n": 13, "mean": 0.9}}
