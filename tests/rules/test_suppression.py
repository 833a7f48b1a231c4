"""What is hidden, so that no subtraction uncovers a small group."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.suppression import Cell, covered, hide, may_move

FIVE = 5


def cell(people: int, most: int = 40) -> Cell:
    return Cell(people, people, most)


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    people = draw(st.integers(0, 12))
    value = draw(st.integers(people, 3 * people))
    return Cell(people, value, value + draw(st.sampled_from([0, 0, 1, 3, 30])))


parts = st.dictionaries(st.integers(1, 9), cells(), min_size=1, max_size=6)


def solutions(known: dict[int, Cell], hidden: frozenset[int], wanted: int) -> set[int]:
    """Every count that one hidden part can have, given the sum of all hidden ones and the most of each: tried out."""
    total = sum(known[key].value for key in hidden)
    sums = {0}
    for key in hidden - {wanted}:
        sums = {have + more for have in sums for more in range(min(known[key].most, total) + 1) if have + more <= total}
    return {total - have for have in sums if total - have <= known[wanted].most}


@given(parts)
def test_a_hidden_part_can_be_all_that_a_small_group_can_be(known: dict[int, Cell]) -> None:
    found = hide(known, FIVE)
    for key, part in known.items():
        assert part.people >= FIVE or key in found.parts
        if key in found.parts and part.most and not found.total:
            possible = solutions(known, found.parts, key)
            assert len(possible) > 1
            if part.people < FIVE:
                assert possible >= set(range(min(part.most, FIVE - 1) + 1))


@given(parts, st.sets(st.integers(1, 9)))
def test_what_must_be_hidden_is_and_nothing_without_need(known: dict[int, Cell], also: set[int]) -> None:
    found = hide(known, FIVE, also)
    small = {key for key, part in known.items() if part.people < FIVE or key in also}
    assert small <= found.parts <= set(known)
    if not any(known[key].most for key in small):
        assert found == hide(known, FIVE, also & small)
        assert found.parts == small
        assert found.total == (sum(part.people for part in known.values()) < FIVE)


def test_a_small_part_takes_the_next_smallest_with_it() -> None:
    found = hide({"a": cell(30), "b": cell(3), "c": cell(8), "d": cell(12)}, FIVE)
    assert (found.parts, found.total) == ({"b", "c"}, False)


def test_the_total_is_hidden_where_else_no_part_would_be_shown() -> None:
    found = hide({"a": cell(30), "b": cell(3)}, FIVE)
    assert (found.parts, found.total) == ({"b"}, True)


def test_two_small_parts_of_enough_people_cover_each_other() -> None:
    found = hide({"a": cell(30), "b": cell(3), "c": cell(4)}, FIVE)
    assert (found.parts, found.total) == ({"b", "c"}, False)
    found = hide({"a": cell(30), "b": cell(2), "c": cell(2), "d": cell(9)}, FIVE)
    assert (found.parts, found.total) == ({"b", "c", "d"}, False)


def test_where_nothing_was_asked_there_is_nothing_to_cover() -> None:
    found = hide({"a": cell(30), "b": Cell(0, 0, 0), "c": Cell(0, 0, 0)}, FIVE)
    assert (found.parts, found.total) == ({"b", "c"}, False)


def test_that_nobody_answered_is_covered_as_well() -> None:
    assert hide({"a": cell(30), "b": cell(0)}, FIVE).total


def test_all_who_were_asked_answering_needs_room_elsewhere() -> None:
    # The large one answered all that it was asked: so the small one answered some.
    assert not covered([Cell(8, 8, 8), Cell(3, 3, 10)], FIVE)
    assert covered([Cell(8, 8, 11), Cell(3, 3, 10)], FIVE)


def test_a_part_hidden_alone_is_told_by_its_total_however_large() -> None:
    assert not covered([Cell(8, 5, 8)], FIVE)
    found = hide({"a": cell(30), "b": cell(8), "c": cell(12)}, FIVE, {"b"})
    assert (found.parts, found.total) == ({"b", "c"}, False)


def test_what_grows_moves_with_a_group_of_new_people() -> None:
    assert not may_move(12, 16, FIVE)
    assert may_move(12, 17, FIVE)
    assert not may_move(12, 7, FIVE)
