"""/ringkasan, /ingatkan, /ekspor, and the buttons under a unit's summary."""

from collections.abc import Sequence

from bot.domain.access import Right
from bot.domain.spoken_week import spoken_week
from bot.domain.suppression import too_few
from bot.reports.weekly import bounds, last_week, week_of
from bot.store import facts, overview, reminding
from handlers.coordinator.own_units import Unit, actor, button_unit, own_units
from handlers.door import Act, BadButton, Doing

# As many as a phone shows without scrolling far.
SESSIONS_SHOWN = 5


def summary(act: Act) -> None:
    """/ringkasan [minggu lalu, 17 November, 2025-W47]: the frozen summary of each own unit."""
    week = named_week(act, act.args) if act.args else newest_week(act)
    if week is None or not over(act, week):
        act.reply("coordinator_week_fault", week=newest_week(act))
        return
    for unit in own_units(act):
        show_summary(act, week, unit)


def newest_week(act: Act) -> str:
    """Return the last whole week."""
    return last_week(act.now, act.house.config.schedule.zone)


def named_week(act: Act, words: Sequence[str]) -> str | None:
    """Return the ISO week that the words of a command name, or None; whether it is over is another question."""
    today = act.now.astimezone(act.house.config.schedule.zone).date()
    monday = spoken_week(" ".join(words), today)
    return None if monday is None else week_of(monday)


def over(act: Act, week: str) -> bool:
    """Whether there is such a week and it has ended."""
    try:
        _, end = bounds(week, act.house.config.schedule.zone)
    except (ValueError, OverflowError):
        return False
    return end <= act.now


def show_summary(act: Act, week: str, unit: Unit | None) -> None:
    """Queue the week's picture; as it is made, its figures are kept, if they were not yet."""
    act.reply("summary", week=week, unit_id=unit[0] if unit else None)


def remind(act: Act) -> None:
    """/ingatkan: as [Ingatkan semua], for each own unit."""
    _say_reminded(act, own_units(act))


def remind_all(act: Act) -> None:
    """[Ingatkan semua]"""
    _say_reminded(act, [button_unit(act)])


def export(act: Act) -> None:
    """/ekspor: a workbook of each own unit."""
    for unit in own_units(act):
        _export(act, unit, newest_week(act))


def download(act: Act) -> None:
    """[Unduh XLSX]"""
    unit, week = button_unit(act), act.choice(1)
    if not over(act, week):
        raise BadButton
    _export(act, unit, week)


def per_session(act: Act) -> None:
    """[Per sesi]: who takes part, by session; results are told by the week alone."""
    unit_id, name = button_unit(act)
    found = overview.sessions_of_unit(act.db, unit_id, SESSIONS_SHOWN)
    act.reply(
        "coordinator_per_session",
        unit=name,
        sessions=[{key: row[key] for key in ("title", "start_at", "invited", "joined", "attended")} for row in found],
    )


def _say_reminded(act: Act, units: Sequence[Unit]) -> None:
    group = act.house.weekly.minimum_group
    act.reply("coordinator_reminded", group=group, units=[_remind(act, unit) for unit in units])


def _remind(act: Act, unit: Unit) -> dict[str, object]:
    people = reminding.remind_unit(act.db, act.now, unit[0])
    if people:
        facts.audit(act.db, act.now, actor(act), "remind_all", f"unit:{unit[0]}")
    # No number: it moves with each answer, and beside Monday's it would tell of single people.
    few = people is not None and too_few(people, act.house.weekly.minimum_group)
    return {"name": unit[1], "again": people is None, "some": bool(people), "few": few}


def _export(act: Act, unit: Unit, week: str) -> None:
    facts.audit(act.db, act.now, actor(act), "export", f"unit:{unit[0]} week:{week}")
    act.reply("summary_xlsx", week=week, unit_id=unit[0])


COMMANDS: dict[str, tuple[Right, Doing]] = {
    "ringkasan": (Right.COORDINATOR, summary),
    "ingatkan": (Right.COORDINATOR, remind),
    "ekspor": (Right.COORDINATOR, export),
}
# The unit decides: a coordinator's own, or any for an admin (`button_unit`).
BUTTONS: dict[str, tuple[Right, Doing]] = {
    "remindall": (Right.ANYONE, remind_all),
    "xlsx": (Right.ANYONE, download),
    "persession": (Right.ANYONE, per_session),
}
