"""What was handled and is handed over again, as after a kill between two commits, counts once."""

import pytest

from tests.conftest import Rig


async def test_an_answer_that_is_handed_over_again_counts_once(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    await rig.add_people(6)
    person = await rig.join(1, await rig.add_session())
    await rig.go("2025-11-17 13:00")
    lanes = rig.sinar.lanes
    once = lanes.submit
    monkeypatch.setattr(lanes, "submit", lambda rows: once([row for row in rows for _ in range(2)]))
    before = len(person.received)
    person.send("Saya menyapa warga lebih dahulu.")
    await rig.settle()
    assert await rig.one("SELECT count(*) FROM answer") == 1
    heard = len(person.received)
    assert heard == before + 1
    person.send("/bantuan")
    await rig.settle()
    assert len(person.received) == heard + 1
