"""`roster`, `invite`, `trace`, `coordinator`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.calendars import Calendars
from bot.clock import to_text
from bot.config import Config
from bot.roster.sample import sample_workbook
from bot.store import accounts, people, planning
from bot.store.turns import transact
from messages.library import load_library
from tests.cli.conftest import NIP, PEOPLE, UNIT, Office


def sheet(office: Office, count: int, bad_rows: int = 0) -> str:
    file = office.folder / f"{count}.xlsx"
    file.write_bytes(sample_workbook(count, bad_rows=bad_rows))
    return str(file)


async def test_an_import_is_a_dry_run_until_it_is_applied(office: Office) -> None:
    file = sheet(office, PEOPLE, bad_rows=2)
    dry = await office.json("roster", "import", file)
    assert {name: dry[name] for name in ("new", "changed", "moved", "gone", "applied")} == {
        "new": PEOPLE, "changed": 0, "moved": 0, "gone": 0, "applied": False,
    }  # fmt: skip
    assert [refused["row"] for refused in dry["refused"]] == [10, 11]
    assert all("NIP" in refused["reason"] for refused in dry["refused"])
    assert office.rows("SELECT count(*) FROM person") == [(0,)]

    done = await office.json("roster", "import", file, "--apply")
    assert done == dry | {"applied": True}
    assert office.rows("SELECT count(*) FROM person") == [(PEOPLE,)]
    assert office.rows("SELECT actor, act FROM audit") == [("cli", "roster_import")]


async def test_an_import_names_who_is_gone_and_is_undone(office: Office) -> None:
    await office.import_sample()
    gone = await office.json("roster", "import", sheet(office, PEOPLE - 2), "--apply")
    assert (gone["new"], gone["gone"]) == (0, 2)
    undone = await office.json("roster", "undo")
    assert undone["restored"] == 2
    assert office.rows("SELECT count(*) FROM person WHERE gone_at IS NULL") == [(PEOPLE,)]


async def test_nothing_to_undo(office: Office) -> None:
    assert "no import" in await office.refused("roster", "undo")


async def test_an_import_freezes_who_was_invited_and_asks_for_new_plans(office: Office) -> None:
    await office.import_sample()
    await office.add_session(start="2025-11-17T08:00", end="2025-11-17T11:00")
    coming = await office.add_session()
    with office.db() as db:
        db.execute("UPDATE session SET replan = 0")
    await office.json("roster", "import", sheet(office, PEOPLE + 3), "--apply")
    assert office.rows("SELECT count(*) FROM session_invited") == [(PEOPLE,)]
    assert office.rows("SELECT id FROM session WHERE replan = 1") == [(coming["id"],)]


@pytest.mark.parametrize(
    "content", [b"", b"NIP,NAMA,UNIT KERJA\n", b"NIP,NAMA,UNIT KERJA\n123,Budi,Dinas\n", b"\x00\x01"]
)
async def test_a_file_without_a_valid_row(office: Office, content: bytes) -> None:
    file = office.folder / "pegawai.csv"
    file.write_bytes(content)
    done = await office.call("roster", "import", str(file), "--apply", "--json")
    assert done.code == 1
    assert done.json["applied"] is False
    assert done.json["new"] == 0
    assert done.err.startswith("error: ")
    assert office.rows("SELECT count(*) FROM roster_import") == [(0,)]


async def test_rows_that_contradict_each_other_leave_none(office: Office) -> None:
    file = office.folder / "pegawai.csv"
    file.write_text(f"NIP,NAMA,UNIT KERJA\n'{NIP},Budi,Dinas\n'{NIP},Bayu,Dinas\n")
    done = await office.call("roster", "import", str(file), "--json")
    assert done.code == 1
    assert [refused["row"] for refused in done.json["refused"]] == [2, 3]


async def test_no_such_file(office: Office, tmp_path: Path) -> None:
    assert "No such file" in await office.refused("roster", "import", str(tmp_path / "none.xlsx"))
    assert "directory" in await office.refused("roster", "import", str(tmp_path))


async def test_an_invitation_voids_the_one_before(office: Office) -> None:
    await office.import_sample()
    first = await office.json("invite", NIP)
    second = await office.json("invite", f"{NIP[:8]} {NIP[8:]}")
    assert first["link"] is None
    assert first["payload"] != second["payload"]
    now = datetime.now(UTC)
    with office.db() as db:
        assert accounts.invited_person(db, now, first["payload"]) is None
        person = people.by_nip(db, NIP)
        assert person is not None
        assert accounts.invited_person(db, now, second["payload"]) == person.id
    assert second["payload"].encode() not in office.bytes()


async def test_the_link_bears_the_configured_name(office: Office) -> None:
    office.settings('[telegram]\nbot_username = "@sinar_bot"\n')
    await office.import_sample()
    done = await office.json("invite", NIP)
    assert done["link"] == f"https://t.me/sinar_bot?start={done['payload']}"


@pytest.mark.parametrize("command", ["invite", "trace"])
async def test_an_unknown_nip(office: Office, command: str) -> None:
    await office.import_sample()
    assert "no person" in await office.refused(command, "199001012015011009")
    assert "its form is wrong" in await office.refused(command, "12345")


async def test_who_is_gone_is_not_invited(office: Office) -> None:
    await office.import_sample()
    with office.db() as db:
        db.execute("UPDATE person SET gone_at = added_at WHERE nip = ?", (NIP,))
    assert "no longer in the roster" in await office.refused("invite", NIP)


async def test_coordinators(office: Office) -> None:
    await office.import_sample()
    made = await office.json("coordinator", "invite", "--unit", UNIT.upper())
    assert made["link"] is None
    assert len(made["payload"]) >= 16
    listed = (await office.json("coordinator", "list"))["coordinators"]
    assert listed == [{"id": made["id"], "unit": UNIT, "name": None, "state": "invited"}]
    await office.json("coordinator", "revoke", str(made["id"]))
    assert (await office.json("coordinator", "list"))["coordinators"][0]["state"] == "revoked"
    assert "revoked already" in await office.refused("coordinator", "revoke", str(made["id"]))
    assert "no coordinator" in await office.refused("coordinator", "revoke", "999999999999999999999")
    assert "did you mean" in await office.refused("coordinator", "invite", "--unit", "Dinas Kesehatan")
    assert [row[0] for row in office.rows("SELECT act FROM audit ORDER BY id")] == [
        "roster_import", "coordinator_invite", "coordinator_revoke",
    ]  # fmt: skip


async def test_a_unit_of_an_empty_roster(office: Office) -> None:
    assert "roster is empty" in await office.refused("coordinator", "invite", "--unit", "Dinas Kesehatan")


async def test_a_trace_tells_every_touch_and_no_answer(office: Office) -> None:
    await office.import_sample()
    session = await office.add_session()
    now = datetime.now(UTC)
    config = Config()
    rules = planning.Rules(load_library().journeys, Calendars(config), 1)

    def join(db: Any) -> None:
        person = people.by_nip(db, NIP)
        assert person is not None
        account = accounts.consent(db, now, 1001, "1")
        accounts.bind(db, now, account.id, person.id, "verified")
        planning.plan_person(db, now, rules, person.id)
        db.execute("UPDATE touchpoint SET state = 'deferred', reason = 'holiday' WHERE step = 'komitmen'")
        released = "UPDATE touchpoint SET state = 'released', released_at = ? WHERE step = 'kuis-a'"
        db.execute(released, (to_text(now),))

    with office.db() as db:
        transact(db, join)
    touches = (await office.json("trace", NIP))["touches"]
    for touch in touches:
        assert {"step", "session", "state", "due", "released", "reason"} <= touch.keys()
        assert touch["session"] == session["id"]
    by_step = {touch["step"]: touch for touch in touches}
    assert by_step["komitmen"]["state"] == "deferred"
    assert by_step["komitmen"]["reason"] == "holiday"
    assert by_step["kuis-a"]["state"] == "planned"
    assert by_step["kuis-a"]["released"].endswith("+07:00")
    assert by_step["kesan"]["due"] == "2030-11-18T13:00:00+07:00"
    tally = (await office.json("session", "show", str(session["id"])))["touchpoints"]
    assert sum(tally[name] for name in ("planned", "deferred", "sent", "answered_early", "expired", "cancelled")) == 12
    assert (tally["deferred"], tally["planned"]) == (1, 11)
    lines = await office.call("trace", NIP)
    assert "komitmen" in lines.out


async def test_a_trace_of_nobody_planned(office: Office) -> None:
    await office.import_sample()
    assert await office.json("trace", NIP) == {"touches": []}
