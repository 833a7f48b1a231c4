"""The notice names the half that starts later where the city switches it on, and there alone."""

from pathlib import Path

import pytest

from bot.config import Programme
from tests.conftest import rigged


@pytest.mark.parametrize("on", [False, True])
async def test_the_notice_says_so_where_it_is_on(tmp_path: Path, on: bool) -> None:
    async with rigged(tmp_path) as rig:
        # The settings as the handlers see them; all else stays.
        object.__setattr__(rig.config, "programme", Programme(later_half=on))
        await rig.add_people(6)
        session = await rig.add_session()
        person = rig.phone(1)
        person.start(session.payload)
        await rig.settle()
        assert ("separuh peserta yang dipilih acak" in person.last.text) is on
        assert Programme().later_half is False
