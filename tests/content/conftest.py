"""Copies of the shipped content, to be spoiled."""

import shutil
from pathlib import Path

import pytest

from messages.check import Report, content_report
from messages.library import SHIPPED


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped data without readers, and without templates of its own: those of the shipped folder are used then."""
    folder = Path(shutil.copytree(SHIPPED, tmp_path_factory.mktemp("bare") / "content"))
    shutil.rmtree(folder / "templates")
    shutil.rmtree(folder / "readers")
    return folder


@pytest.fixture(scope="module")
def before() -> Report:
    return content_report(SHIPPED)


@pytest.fixture
def folder(bare: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bare, tmp_path / "content"))
