"""What readers without the key answered, held against the key."""

import shutil
from pathlib import Path

from messages.check import Report, content_report
from tests.content.planted import FIRST, HARMONIS, LIBRARY, difference


def read_by(folder: Path, reader: str, answers: dict[str, int], extra: str = "") -> None:
    (folder / "readers").mkdir(exist_ok=True)
    lines = "\n".join(f"{name} = {answer}" for name, answer in answers.items())
    text = f'reader = "{reader}"\ndate = 2025-11-20\n{extra}[answers]\n{lines}\n'
    (folder / f"readers/{reader}.toml").write_text(text, encoding="utf-8")


KEY = {item.id: item.correct for item in LIBRARY.items.values()}
WRONG = {item.id: (item.correct + 1) % len(item.options) for item in LIBRARY.items.values()}


def readers_findings(folder: Path, before: Report, one: dict[str, int], other: dict[str, int]) -> list[str]:
    read_by(folder, "a", one)
    read_by(folder, "b", other)
    return difference(before, content_report(folder), folder, advice=False)


def test_readers_who_agree_with_the_key_are_no_fault(folder: Path, before: Report) -> None:
    assert readers_findings(folder, before, KEY, KEY | {FIRST.id: WRONG[FIRST.id]}) == []


def test_an_item_on_which_both_readers_contradict_the_key(folder: Path, before: Report) -> None:
    misled = KEY | {FIRST.id: WRONG[FIRST.id]}
    assert readers_findings(folder, before, misled, misled) == [
        f"{HARMONIS}: {FIRST.id}: all 2 readers chose another option than the key; rewrite or drop the item, "
        "then let it be read anew"
    ]


def test_an_item_that_was_not_read_twice(folder: Path, before: Report) -> None:
    less = {name: answer for name, answer in KEY.items() if name != FIRST.id}
    found = readers_findings(folder, before, KEY, less)
    assert len(found) == 1
    assert found[0].startswith(
        f"{HARMONIS}: {FIRST.id}: read by 1 of 2 readers; let somebody without the key answer it"
    )


def test_readers_who_match_the_key_too_seldom(folder: Path, before: Report) -> None:
    some = dict(list(WRONG.items())[: len(KEY) // 8])
    found = readers_findings(folder, before, KEY, KEY | some)
    assert len(found) == 1
    assert found[0].startswith(f"readers: answers: {2 * len(KEY) - len(some)} of {2 * len(KEY)} answers match the key")


def test_answers_that_fit_no_item(folder: Path, before: Report) -> None:
    assert readers_findings(folder, before, KEY, KEY | {"lama-01": 1}) == [
        "readers/b.toml: answers.lama-01: no item has this id; take the line out"
    ]


def test_an_answer_that_is_no_option(folder: Path, before: Report) -> None:
    assert readers_findings(folder, before, KEY, KEY | {FIRST.id: 7}) == [
        f"readers/b.toml: answers.{FIRST.id}: 7, but the item has 4 options (from 0); "
        "write which option the reader chose"
    ]


def test_a_reader_who_is_counted_twice_and_a_file_of_another_shape(folder: Path, before: Report) -> None:
    read_by(folder, "a", KEY)
    shutil.copy(folder / "readers/a.toml", folder / "readers/b.toml")
    read_by(folder, "c", KEY, extra="shown_key = true\n")
    found = difference(before, content_report(folder), folder, advice=False)
    assert len(found) == 2
    assert found[0].startswith('readers/b.toml: reader: "a" also wrote ')
    assert found[1].startswith("readers/c.toml: shown_key: ")
