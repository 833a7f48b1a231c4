"""`content check` on the shipped content, and on copies with one planted fault each: it names that one alone."""

import re
import shutil
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import pytest

from bot.domain.journey import Kind
from messages import words
from messages.check import Report, content_report
from messages.checking import balance, samples, structure
from messages.library import SHIPPED, Item
from tests.content.planted import DATA, LIBRARY, TEMPLATES, Planted, difference, plant


def test_the_shipped_content_is_without_faults_and_complete() -> None:
    report = content_report(None)
    assert report.faults == []
    # How long sentences are on average is advice for who writes next; what is missing in the bank is not.
    assert [line for line in report.advice if "on average" not in line] == []
    assert {one.name for one in report.strategies} == {"longest", "shortest", "first", "last", "most words of stem"}
    assert all(one.judged and one.fair for one in report.strategies)


def only(fault: Planted, before: Report, folder: Path) -> None:
    """Assert that the planted fault is the only new finding, on one line that ends with a remedy."""
    plant(folder, fault)
    report = content_report(folder)
    found = difference(before, report, folder, advice=fault.advice)
    assert len(found) == 1, found
    assert found[0].startswith(fault.found), found
    assert "\n" not in found[0]
    assert difference(before, report, folder, advice=not fault.advice) == []


@pytest.mark.parametrize("fault", DATA, ids=lambda fault: fault.name[:40])
def test_a_fault_in_the_data_is_found(fault: Planted, before: Report, bare: Path, tmp_path: Path) -> None:
    only(fault, before, Path(shutil.copytree(bare, tmp_path / "content")))


@pytest.mark.parametrize("fault", TEMPLATES, ids=lambda fault: fault.name)
def test_a_fault_in_a_template_is_found(fault: Planted, before: Report, bare: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(bare, tmp_path / "content"))
    (folder / "templates").mkdir()
    shutil.copy(SHIPPED / fault.file, folder / fault.file)
    only(fault, before, folder)


def everywhere(folder: Path, change: Callable[[str], str]) -> None:
    for file in (folder / "quizzes").glob("*.toml"):
        file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")


def put_right_option_first(text: str) -> str:
    """Say of each item that its first option is the right one."""
    return re.sub(r"^correct = \d", "correct = 0", text, flags=re.M)


def test_a_position_that_gives_the_answer_away_is_found(folder: Path, before: Report) -> None:
    everywhere(folder, put_right_option_first)
    found = difference(before, content_report(folder), folder, advice=False)
    first = next(line for line in found if "quizzes: first: " in line)
    assert 'the right option is too often "first": 100.0% of' in first
    assert first.endswith("change the order of the options in some items (with correct and reasons)")
    # What is always first is never last, and that tells as much.
    assert any('quizzes: last: the right option is too seldom "last": 0.0%' in line for line in found)


def lengthened(item: Item, number: int) -> Item:
    options = tuple(f"{text} {'x' * 30 if place == number else ''}".strip() for place, text in enumerate(item.options))
    return item.model_copy(update={"options": options})


@pytest.mark.parametrize(
    ("strategy", "change"),
    [
        ("longest", lambda item: lengthened(item, item.correct)),
        (
            "shortest",
            lambda item: item.model_copy(
                update={
                    "options": tuple("ya" if place == item.correct else text for place, text in enumerate(item.options))
                }
            ),
        ),
        ("last", lambda item: item.model_copy(update={"correct": len(item.options) - 1})),
        (
            "most words of stem",
            lambda item: item.model_copy(
                update={
                    "options": tuple(
                        item.question if place == item.correct else "Diam" for place, text in enumerate(item.options)
                    )
                }
            ),
        ),
    ],
)
def test_each_blind_strategy_is_seen_to_win(strategy: str, change: Callable[[Item], Item]) -> None:
    found = {one.name: one for one in balance.strategies([change(item) for item in LIBRARY.items.values()])}[strategy]
    assert found.distance > 2
    assert not found.fair


def test_ties_are_shared_and_few_items_are_not_judged() -> None:
    alike = [item.model_copy(update={"options": ("aaaa", "bbbb", "cccc", "dddd")}) for item in LIBRARY.items.values()]
    longest = balance.strategies(alike)[0]
    assert (longest.score, longest.distance) == (pytest.approx(0.25), 0.0)
    few = balance.strategies([item.model_copy(update={"correct": 0}) for item in alike[:10]])[2]
    assert (few.score, few.judged, few.fair) == (1.0, False, True)


def test_a_template_that_no_message_uses_is_named(folder: Path, before: Report) -> None:
    (folder / "templates").mkdir()
    (folder / "templates/salam.j2").write_text("Selamat pagi.", encoding="utf-8")
    found = difference(before, content_report(folder), folder, advice=True)
    assert found == ["templates/salam.j2: no message has this name; name it as a shipped template, or take it away"]


def test_a_value_whose_id_does_not_fit_into_a_button_is_named(folder: Path) -> None:
    long = "berorientasi-pelayanan-prima-demi-kepuasan-masyarakat"
    for file in folder.rglob("*.toml"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace('"berorientasi-pelayanan"', f'"{long}"'), encoding="utf-8")
    (folder / "quizzes/berorientasi-pelayanan.toml").rename(folder / f"quizzes/{long}.toml")
    faults = content_report(folder).faults
    assert faults
    assert all("values.toml: buttons of " in line and "shorten the id of the value" in line for line in faults)


def test_a_quiz_that_draws_more_than_there_is_and_a_lone_follow_up_are_named(folder: Path, before: Report) -> None:
    quiz = folder / "quizzes/a.toml"
    quiz.write_text('title = "Kuis A"\n[draw]\ncount = 5\nfrom = ["pre"]\n', encoding="utf-8")
    journey = folder / "journeys/default.toml"
    text = journey.read_text(encoding="utf-8")
    journey.write_text(text.replace('kind = "commitment"', 'kind = "reaction"'), encoding="utf-8")
    found = difference(before, content_report(folder), folder, advice=False)
    lone = "asks what became of a commitment that this journey never asks for"
    assert [line.split(";")[0] for line in found] == [
        f"journeys/default.toml: tindak-lanjut-akhir.kind: {lone}",
        f"journeys/default.toml: tindak-lanjut-pertama.kind: {lone}",
        "quizzes/a.toml: draw.count: draws 5 of 3 items",
    ]


def test_a_kind_of_step_is_refused_with_the_name_of_what_it_lacks(
    folder: Path, before: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = StrEnum("Kinds", {kind.name: kind.value for kind in Kind} | {"RENUNGAN": "renungan"})
    monkeypatch.setattr(structure, "Kind", kinds)
    found = difference(before, content_report(folder), folder, advice=False)
    assert {line.removeprefix(f"{SHIPPED.parent}/").partition("; ")[0] for line in found} == {
        'checking/samples.py: TOUCHES: the kind "renungan" is missing',
        'templates/renungan.j2: is missing: a step of kind "renungan" has nothing to say',
        'words.py: STEP_NAMES: the kind "renungan" has no name',
    }
    monkeypatch.setitem(words.STEP_NAMES, kinds["RENUNGAN"], "renungan")
    monkeypatch.setattr(samples, "TOUCHES", samples.TOUCHES | {"renungan"})
    (folder / "templates").mkdir()
    (folder / "templates/renungan.j2").write_text("Renungan", encoding="utf-8")
    assert difference(before, content_report(folder), folder, advice=False) == []


def test_a_small_folder_is_usable_and_gets_advice(folder: Path) -> None:
    keep = {"pre", "post", "a", "b"}
    for file in (folder / "quizzes").glob("*.toml"):
        if file.stem not in keep:
            head, first, *_rest = file.read_text(encoding="utf-8").split("\n[[item]]\n")
            file.write_text(f"{head}\n[[item]]\n{first}", encoding="utf-8")
    report = content_report(folder)
    assert report.faults == []
    assert any("harmonis: 0 items for behaviour" in line for line in report.advice)
    assert any("items from 1 kinds of work" in line for line in report.advice)
    assert not any(one.judged for one in report.strategies)
