"""`summary` and `export`."""

import io
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest

from bot.clock import to_text
from bot.config import Config
from bot.reports.weekly import last_week, week_before, week_of
from bot.store import accounts
from bot.store.turns import transact
from tests.cli.conftest import PEOPLE, UNIT, Office

ZONE = Config().schedule.zone
KEYS = {"week", "unit", "invited", "joined", "sent", "answered", "quiz_average", "hardest_item", "commitments"}


def weeks_ago(count: int) -> tuple[str, str]:
    """Return begin and end of a session so many weeks ago, as they are written."""
    day = datetime.now(UTC) - timedelta(weeks=count)
    return f"{day:%Y-%m-%d}T08:00", f"{day:%Y-%m-%d}T11:00"


async def held(office: Office, weeks: int) -> None:
    """Import the sample and hold a session so many weeks ago, as if it had been planned then."""
    await office.import_sample()
    start, end = weeks_ago(weeks)
    await office.add_session(start=start, end=end)
    long_ago = to_text(datetime.now(UTC) - timedelta(weeks=weeks + 4))
    with office.db() as db:
        db.execute("UPDATE session SET created_at = ?", (long_ago,))
        db.execute("UPDATE person SET added_at = ?", (long_ago,))


async def test_the_city_and_a_unit(office: Office) -> None:
    await held(office, 3)
    week = last_week(datetime.now(UTC), ZONE)
    city = await office.json("summary")
    assert set(city) == KEYS
    assert city == {
        "week": week,
        "unit": None,
        "invited": PEOPLE,
        "joined": 0,
        "sent": 0,
        "answered": None,
        "quiz_average": None,
        "hardest_item": None,
        "commitments": {"made": None, "kept": None},
    }
    unit = await office.json("summary", "--unit", UNIT.upper(), "--week", week)
    assert unit == city | {"unit": UNIT}


async def test_figures_once_shown_stay(office: Office) -> None:
    await held(office, 3)
    first = await office.json("summary")
    with office.db() as db:
        db.execute("UPDATE session SET cancelled_at = created_at")
    assert await office.json("summary") == first


async def test_weeks_that_cannot_be_shown(office: Office) -> None:
    await office.import_sample()
    this_week = week_of(datetime.now(UTC).astimezone(ZONE).date())
    for week in (this_week, "2099-W01", "9999-W52"):
        assert "is not over yet" in await office.refused("summary", "--week", week)
    for week in ("2025-W60", "2025-W00", "0000-W01", "0001-W01"):
        assert "there is no week" in await office.refused("summary", "--week", week)
    assert office.rows("SELECT count(*) FROM weekly") == [(0,)]


async def test_an_unknown_unit(office: Office) -> None:
    await office.import_sample()
    assert "no unit 'Antariksa'" in await office.refused("summary", "--unit", "Antariksa")


async def test_sending_queues_once(office: Office) -> None:
    await held(office, 2)
    await office.json("coordinator", "invite", "--unit", UNIT)

    now = datetime.now(UTC)
    with office.db() as db:
        account = transact(db, lambda db: accounts.consent(db, now, 55, "1"))
        transact(db, lambda db: accounts.accept_coordinator(db, now, 1, account.id, "Bayu"))
    unit = await office.json("summary", "--unit", UNIT, "--send")
    assert unit["queued"] == 1
    everybody = await office.json("summary", "--send")
    assert everybody["queued"] == 1  # the admin; the coordinator has it
    assert (await office.json("summary", "--send"))["queued"] == 0
    assert office.rows("SELECT telegram_id, template FROM outbox ORDER BY id") == [(55, "summary"), (7, "summary")]


async def test_an_export_of_all_whole_weeks(office: Office) -> None:
    await held(office, 3)
    file = office.folder / "rekap.xlsx"
    done = await office.json("export", str(file))
    assert (done["weeks"], done["rows"]) == (3, 6)
    sheet = openpyxl.load_workbook(io.BytesIO(file.read_bytes())).active
    assert sheet is not None
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    flat = [value for row in cells for value in row]
    last = last_week(datetime.now(UTC), ZONE)
    assert {last, week_before(last), UNIT, PEOPLE} <= set(flat)
    assert file.stat().st_mode & 0o777 == 0o600


async def test_an_export_before_the_first_session(office: Office) -> None:
    file = office.folder / "rekap.xlsx"
    assert (await office.json("export", str(file)))["rows"] == 0
    assert file.exists()


@pytest.mark.parametrize("name", ["", "config.toml/rekap.xlsx"])
async def test_an_export_that_cannot_be_written(office: Office, name: str) -> None:
    assert "cannot be written" in await office.refused("export", str(office.folder / name))
    assert sorted(file.name for file in office.folder.iterdir()) == ["config.toml", "data"]
