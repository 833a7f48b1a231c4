"""`session`: add, list, show, move, cancel."""

import re

import pytest

from tests.cli.conftest import PEOPLE, UNIT, Office


async def test_a_session_from_planning_to_cancelling(office: Office) -> None:
    await office.import_sample()
    made = await office.add_session("--message", "Senyum dulu.", "--message", "Lalu layani.")
    assert made["link"] is None
    shown = await office.json("session", "show", str(made["id"]))
    assert {
        name: shown[name]
        for name in ("title", "place", "start", "end", "state", "payload", "units", "journey", "journey_title")
    } == {
        "title": "Sinar",
        "place": "Pendopo",
        "start": "2030-11-18T08:00:00+07:00",
        "end": "2030-11-18T11:00:00+07:00",
        "state": "planned",
        "payload": made["payload"],
        "units": [UNIT],
        "journey": "default",
        "journey_title": "Alur baku 31 hari",
    }
    assert {name: shown[name] for name in ("invited", "joined", "attended", "guests")} == {
        "invited": PEOPLE, "joined": 0, "attended": 0, "guests": 0,
    }  # fmt: skip
    assert set(shown["touchpoints"]) == {
        "planned", "deferred", "sent", "answered_early", "expired", "cancelled", "answered", "late", "skipped",
    }  # fmt: skip
    assert office.rows("SELECT text FROM session_message ORDER BY position") == [("Senyum dulu.",), ("Lalu layani.",)]

    identity = str(made["id"])
    moved = await office.json("session", "move", identity, "--start", "2030-11-19T01:00Z", "--end", "2030-11-19 11:00")
    assert (moved["start"], moved["end"]) == ("2030-11-19T08:00:00+07:00", "2030-11-19T11:00:00+07:00")
    assert (await office.json("session", "cancel", identity))["state"] == "cancelled"
    listed = (await office.json("session", "list"))["sessions"]
    assert [(entry["id"], entry["state"]) for entry in listed] == [(made["id"], "cancelled")]
    assert "is cancelled" in await office.refused("session", "cancel", identity)
    assert "is cancelled" in await office.refused(
        "session", "move", identity, "--start", "2030-11-19T08:00", "--end", "2030-11-19T09:00"
    )
    assert [row[0] for row in office.rows("SELECT act FROM audit WHERE subject LIKE 'session:%' ORDER BY id")] == [
        "session_add", "session_move", "session_cancel",
    ]  # fmt: skip
    assert {row[0] for row in office.rows("SELECT actor FROM audit")} == {"cli"}


async def test_states_follow_the_clock(office: Office) -> None:
    await office.import_sample()
    await office.add_session(start="2025-11-17T08:00", end="2025-11-17T11:00")
    await office.add_session(start="2025-11-17T08:00", end="2099-11-17T11:00")
    listed = (await office.json("session", "list"))["sessions"]
    assert [entry["state"] for entry in listed] == ["running", "over"]


async def test_the_zone_is_the_configured_one(office: Office) -> None:
    office.settings('[schedule]\ntimezone = "Asia/Jayapura"\n')
    await office.import_sample()
    made = await office.add_session()
    assert (await office.json("session", "show", str(made["id"])))["start"] == "2030-11-18T08:00:00+09:00"
    assert office.rows("SELECT start_at FROM session") == [("2030-11-17T23:00:00.000000+00:00",)]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2030-11-18T11:00", "2030-11-18T08:00"),
        ("2030-11-18T08:00", "2030-11-18T08:00"),
        ("2030-11-18T08:00", "2030-11-18T00:30Z"),
        ("0001-01-01T00:00", "2030-11-18T08:00"),
        ("2030-11-18T08:00", "9999-12-31T23:59"),
    ],
)
async def test_times_that_cannot_be(office: Office, start: str, end: str) -> None:
    await office.import_sample()
    told = await office.refused(
        "session", "add", "--title", "T", "--place", "P", "--start", start, "--end", end, "--unit", UNIT
    )
    assert "give an --end after --start" in told or "between 2000 and 2100" in told
    assert office.rows("SELECT count(*) FROM session") == [(0,)]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--unit", "Dinas Kesehatan"), "did you mean"),
        (("--unit", UNIT, "--unit", "Antariksa"), "no unit 'Antariksa'"),
        (
            ("--unit", UNIT, "--journey", "kilat"),
            "no journey 'kilat' in the content; one of default, pemimpin, singkat",
        ),
        (("--unit", UNIT, "--title", " "), "the title is empty"),
        (("--unit", UNIT, "--message", "x" * 501), "longer than 500"),
    ],
)
async def test_what_a_session_cannot_have(office: Office, more: tuple[str, ...], told: str) -> None:
    await office.import_sample()
    base = ("--title", "T", "--place", "P", "--start", "2030-11-18T08:00", "--end", "2030-11-18T09:00")
    assert told in await office.refused("session", "add", *base, *more)
    assert office.rows("SELECT count(*) FROM session") == [(0,)]


async def test_a_session_chooses_its_journey(office: Office) -> None:
    await office.import_sample()
    made = await office.add_session("--journey", "singkat")
    shown = await office.json("session", "show", str(made["id"]))
    assert (shown["journey"], shown["journey_title"]) == ("singkat", "Alur singkat 7 hari")
    assert "Alur singkat 7 hari" in (await office.call("session", "show", str(made["id"]))).out
    office.settings('[content]\npath = "nowhere"\n')
    assert (await office.json("session", "show", str(made["id"])))["journey_title"] is None


@pytest.mark.parametrize("identity", ["1", "0", "99999999999999999999999"])
async def test_an_unknown_session(office: Office, identity: str) -> None:
    assert "no session has the id" in await office.refused("session", "show", identity)
    assert "no session has the id" in await office.refused("session", "cancel", identity)
    times = ("--start", "2030-11-18T08:00", "--end", "2030-11-18T09:00")
    assert "no session has the id" in await office.refused("session", "move", identity, *times)


async def test_units_ignore_case_and_count_once(office: Office) -> None:
    await office.import_sample()
    made = await office.add_session("--unit", UNIT.lower(), "--unit", f" {UNIT.upper()} ")
    assert (await office.json("session", "show", str(made["id"])))["units"] == [UNIT]


async def test_lines_for_people(office: Office) -> None:
    await office.import_sample()
    made = await office.add_session()
    listed = await office.call("session", "list")
    assert "TITLE" in listed.out
    assert "Sinar" in listed.out
    shown = await office.call("session", "show", str(made["id"]))
    assert re.search(rf"^invited +{PEOPLE}$", shown.out, re.MULTILINE)
