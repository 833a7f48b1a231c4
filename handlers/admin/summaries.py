"""/ringkasan and /ekspor for admins: the city, or a unit by its name."""

import difflib

from bot.domain.access import Right
from bot.store import facts, sessions
from bot.store.sessions import UnknownUnit
from handlers.coordinator.own_units import Unit, actor
from handlers.coordinator.summaries import named_week, newest_week, over, show_summary
from handlers.door import Act, Doing

LONGEST_WEEK = 4  # words, such as "Senin, 17 November 2025"
# A workbook of so many units, a year of each, is made before anybody notices; of more it is said that it comes, should
# it not be there already: a hundredth of a second for each, several times that on a small server.
SOON_MADE = 20


def summary(act: Act) -> None:
    """/ringkasan [minggu lalu, 17 November, 2025-W47] [unit]: the frozen summary of the city or of one unit."""
    week, words = _leading_week(act)
    if not over(act, week):
        act.reply("coordinator_week_fault", week=newest_week(act))
        return
    unit = _named_unit(act, " ".join(words))
    if unit is not None or not words:
        show_summary(act, week, unit)


def export(act: Act) -> None:
    """/ekspor [unit]: a workbook of all units' weeks, or of one unit."""
    unit = _named_unit(act, " ".join(act.args))
    if unit is None and act.args:
        return
    week = newest_week(act)
    subject = f"unit:{unit[0]}" if unit else "city"
    facts.audit(act.db, act.now, actor(act), "export", f"{subject} week:{week}")
    units = sessions.units(act.db) if unit is None else [unit]
    if len(units) > SOON_MADE and not act.house.city_book_ready(week, units):
        act.reply("summary_xlsx_soon", units=len(units))
    act.reply("summary_xlsx", week=week, unit_id=unit[0] if unit else None)


def _leading_week(act: Act) -> tuple[str, list[str]]:
    """Return the week that the command begins with, else the newest; and the words that are left, a unit's name."""
    words = list(act.args)
    for count in range(min(len(words), LONGEST_WEEK), 0, -1):
        week = named_week(act, words[:count])
        if week is not None:
            return week, words[count:]
    return newest_week(act), words


def _named_unit(act: Act, name: str) -> Unit | None:
    """Return the unit of that name; tells the admin which names are close when there is none."""
    if not name:
        return None
    known = sessions.units(act.db)
    try:
        unit_id = sessions.unit_id(act.db, name)
    except UnknownUnit:
        folded = {unit.casefold(): unit for _, unit in known}
        close = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.4)
        act.reply("admin_unit_unknown", name=name, close=[folded[unit] for unit in close])
        return None
    return unit_id, dict(known)[unit_id]


COMMANDS: dict[str, tuple[Right, Doing]] = {
    "ringkasan": (Right.ADMIN, summary),
    "ekspor": (Right.ADMIN, export),
}
