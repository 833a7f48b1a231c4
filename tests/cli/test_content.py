"""`content check` and `content preview`."""

import re
import shutil
from pathlib import Path

import pytest

from messages.library import SHIPPED
from tests.cli.conftest import Office, spoil


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped content, to be spoiled."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "content"))


async def test_the_shipped_content_has_no_faults(office: Office, folder: Path) -> None:
    document = await office.json("content", "check")
    assert (document["ok"], document["findings"]) == (True, [])
    assert list(document["balance"]) == ["longest", "shortest", "first", "last", "most words of stem"]
    for found in document["balance"].values():
        assert found["fair"]
        assert abs(found["standard_errors"]) <= 2
    assert (await office.json("content", "check", str(folder)))["balance"] == document["balance"]
    office.settings('[content]\npath = "content"\n')
    assert (await office.json("content", "check"))["ok"]


async def test_how_guessable_the_bank_is_is_printed_also_when_all_is_well(office: Office) -> None:
    done = await office.call("content", "check")
    assert done.code == 0
    first, *_advice, longest, _shortest, _first, _last, stem = done.out.splitlines()
    assert first == "the shipped content: no faults"
    assert re.fullmatch(r"longest +\d+ +\d+\.\d% +25\.0%  [+-]\d\.\d\d \(fair\)", longest)
    assert stem.startswith("most words of stem")


async def test_advice_is_no_fault(office: Office, folder: Path) -> None:
    spoil(folder / "quizzes/a.toml", "count = 5", "count = 6")
    done = await office.call("content", "check", str(folder))
    assert done.code == 0
    assert "advice: " in done.out
    assert "quizzes/a.toml: draw.count: 6 items; ask 3 to 5" in done.out
    document = await office.json("content", "check", str(folder))
    assert any("draw.count: 6 items" in line for line in document["advice"])


async def test_a_folder_needs_no_settings(office: Office, folder: Path) -> None:
    office.config.unlink()
    assert (await office.json("content", "check", str(folder)))["ok"]


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("journeys/default.toml", 'content = "pre"', 'content = "prre"', "'prre'"),
        ("journeys/default.toml", 'offset = "-1wd"', 'offset = "-1 week"', "'-1 week'"),
        ("journeys/default.toml", "title =", "titel =", "titel"),
        ("values.toml", "[[value]]", "[[value]", "values.toml"),
        ("templates/reaction.j2", "{{", "{%", "reaction.j2: line 1"),
        ("templates/reflection.j2", "{{ prompt }}", "{{ promt }}", "reflection.j2: line"),
        ("templates/followup.j2", "| day", "| hari", "followup.j2: line"),
    ],
)
async def test_faults_are_named(office: Office, folder: Path, name: str, old: str, new: str, told: str) -> None:
    spoil(folder / name, old, new)
    done = await office.call("content", "check", str(folder), "--json")
    assert done.code == 1
    assert done.json["ok"] is False
    assert any(told in finding for finding in done.json["findings"]), done.json["findings"]
    lines = await office.call("content", "check", str(folder))
    assert lines.code == 1
    assert lines.out.splitlines()[: len(done.json["findings"])] == done.json["findings"]


async def test_faulty_content_is_refused_elsewhere(office: Office, folder: Path) -> None:
    spoil(folder / "journeys/default.toml", 'content = "pre"', 'content = "prre"')
    assert "'prre'" in await office.refused("content", "preview", str(folder), "--out", str(office.folder / "p.html"))
    office.settings('[content]\npath = "content"\n')
    assert "'prre'" in await office.refused("summary")


async def test_no_such_folder(office: Office) -> None:
    done = await office.call("content", "check", str(office.folder / "none"), "--json")
    assert done.code == 1
    assert "no such folder" in done.json["findings"][0]
