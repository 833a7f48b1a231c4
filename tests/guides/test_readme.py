"""README, its Indonesian twin and the other pages: links lead somewhere, commands exist, the twins say the same."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.parsing import parse

CHECKOUT = Path(__file__).parents[2]
PAGES = sorted(
    [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")], key=lambda page: str(page.relative_to(CHECKOUT))
)
TWINS = ("README.md", "README.id.md")


def read(name: str) -> str:
    return (CHECKOUT / name).read_text()


def sections(text: str) -> dict[str, str]:
    _, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    return {part.splitlines()[0]: part for part in parts}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    for target in targets:
        if not target.startswith(("http", "#", "mailto")):
            assert (page.parent / target.partition("#")[0]).resolve().exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_anchors_are_headings(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)\s#]*)#([^)\s]+)\)", page.read_text()):
        if target.startswith("http"):
            continue
        there = (page.parent / target).read_text() if target else page.read_text()
        slugs = {
            re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.*)$", there, re.M)
        }
        assert anchor in slugs, anchor


def test_paths_that_are_named_in_code_exist() -> None:
    for page in (CHECKOUT / "docs/engineer").glob("*.md"):
        for path in re.findall(r"`((?:bot|handlers|messages|scheduler|tests|docs)/[\w/.-]+)`", page.read_text()):
            if "00NN" not in path:
                assert (CHECKOUT / path).exists(), path


def test_the_twins_have_the_same_sections_commands_and_proofs() -> None:
    english, indonesian = (sections(read(name)) for name in TWINS)
    assert len(english) == len(indonesian)
    for one, other in zip(english.values(), indonesian.values(), strict=True):
        assert bool(re.search(r"^\| ", one, re.M)) >= bool(re.search(r"^\| ", other, re.M))
    makes = [re.findall(r"^make (\w+)", read(name), re.M) for name in TWINS]
    assert makes[0] == makes[1] != []
    (_, promises), (_, janji) = list(english.items())[1], list(indonesian.items())[1]
    assert re.findall(r"\]\(([^)]+)\)", promises) == re.findall(r"\]\(([^)]+)\)", janji)


@pytest.mark.parametrize("name", TWINS)
def test_every_promise_is_a_link_to_what_holds_it(name: str) -> None:
    section = list(sections(read(name)).values())[1]
    promises = re.findall(r"^- (.*?)(?=^- |\Z)", section, re.MULTILINE | re.DOTALL)
    assert len(promises) >= 7
    for promise in promises:
        # Each part between two commas or stops has its proof.
        assert re.findall(r"\]\((tests/[\w/]+\.py|docs/[\w./]+)\)", promise), promise


@pytest.mark.parametrize("name", TWINS)
def test_targets_and_commands_that_are_named_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.M))
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", read(name), re.M)) <= targets
    helped = subprocess.run(
        [sys.executable, "-m", "bot", "--help"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout
    for command in re.findall(r"python -m bot ([a-z]+)", read(name)):
        assert re.search(rf"^    {command}\b", helped, re.M), command


def test_each_whole_command_of_the_readme_is_understood() -> None:
    spans = re.findall(r"`python -m bot ([^`]+)`", read("README.md"))
    whole = [words for words in spans if not re.search(r"[…\[]|--help", words)]
    assert len(whole) >= 5
    for words in whole:
        parse(words.replace(" ID", " 1").split())
