"""What the stress tests share."""

import json
from collections.abc import Callable

import pytest

from tests.stress.table import KEY
from tests.stress.world import Row


@pytest.fixture
def table(record_property: Callable[[str, object], None]) -> Callable[[Row], None]:
    """Take a row for the table that is printed when all is over."""
    return lambda row: record_property(KEY, json.dumps(row.line()))
