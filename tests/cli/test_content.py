"""`content check` and `content preview`."""

import shutil
from pathlib import Path

import pytest

from messages.library import SHIPPED
from tests.cli.conftest import Office


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped content, to be spoiled."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "content"))


async def test_the_shipped_content_has_no_faults(office: Office, folder: Path) -> None:
    assert await office.json("content", "check") == {"ok": True, "findings": []}
    assert await office.json("content", "check", str(folder)) == {"ok": True, "findings": []}
    office.settings('[content]\npath = "content"\n')
    assert await office.json("content", "check") == {"ok": True, "findings": []}


async def test_a_folder_needs_no_settings(office: Office, folder: Path) -> None:
    office.config.unlink()
    assert (await office.json("content", "check", str(folder)))["ok"]


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


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
    assert (lines.code, lines.out.splitlines()) == (1, done.json["findings"])


async def test_faulty_content_is_refused_elsewhere(office: Office, folder: Path) -> None:
    spoil(folder / "journeys/default.toml", 'content = "pre"', 'content = "prre"')
    assert "'prre'" in await office.refused("content", "preview", str(folder), "--out", str(office.folder / "p.html"))
    office.settings('[content]\npath = "content"\n')
    assert "'prre'" in await office.refused("summary")


async def test_no_such_folder(office: Office) -> None:
    done = await office.call("content", "check", str(office.folder / "none"), "--json")
    assert done.code == 1
    assert "no such folder" in done.json["findings"][0]
