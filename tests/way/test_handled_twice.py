"""What was handled and is handed over again, as after a kill between two commits, counts once."""

import pytest

from tests.conftest import Rig, nip


@pytest.fixture
def each_twice(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hand every stored update over two times."""
    once = rig.sinar.lanes.submit
    monkeypatch.setattr(rig.sinar.lanes, "submit", lambda rows: once([row for row in rows for _ in range(2)]))


@pytest.mark.usefixtures("each_twice")
async def test_an_answer_that_is_handed_over_again_counts_once(rig: Rig) -> None:
    await rig.add_people(6)
    person = await rig.join(1, await rig.add_session())
    await rig.go("2025-11-17 13:00")
    before = len(person.received)
    person.send("Saya menyapa warga lebih dahulu.")
    await rig.settle()
    assert await rig.one("SELECT count(*) FROM answer") == 1
    assert len(person.received) == before + 1


@pytest.mark.usefixtures("each_twice")
async def test_a_wrong_nip_that_is_handed_over_again_is_one_try(rig: Rig) -> None:
    await rig.add_people(2)
    person = rig.phone(1)
    person.start((await rig.add_session()).payload)
    await rig.settle()
    person.tap("Setuju")
    await rig.settle()
    for _ in range(4):
        person.send(nip(99))
        await rig.settle()
    person.send(nip(1))
    await rig.settle()
    assert person.last.labels == ["Ya", "Tidak"]
