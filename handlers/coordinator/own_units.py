"""Units, and who acts, as coordinators and admins name them in commands and buttons."""

from bot.store import accounts, sessions
from handlers.door import Act, BadButton

Unit = tuple[int, str]


def own_units(act: Act) -> list[Unit]:
    """Return the units (id, name) that the user coordinates now."""
    return accounts.coordinated_units(act.db, act.telegram_id)


def button_unit(act: Act, index: int = 0) -> Unit:
    """Return the unit that a button names; raises Denied for one that is not the user's to see."""
    unit_id = act.arg(index)
    act.require_unit(unit_id)
    name = dict(sessions.units(act.db)).get(unit_id)
    if name is None:
        raise BadButton
    return unit_id, name


def actor(act: Act) -> str:
    """Return the user as the audit names people."""
    return f"telegram:{act.telegram_id}"
