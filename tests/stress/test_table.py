"""The table is there whatever is run, and by how many workers."""

import pytest

from tests.stress.table import NAME


def test_the_table_belongs_to_the_whole_run(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.pluginmanager.has_plugin(NAME)
