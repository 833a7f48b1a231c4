"""/koordinator: who coordinates, [Undang] for a unit, [Cabut] and whether that is meant."""

import sqlite3

from bot.domain.access import Right
from bot.store import accounts, facts, outbox, sessions
from bot.store.outbox import Lane
from handlers.coordinator.own_units import actor
from handlers.door import Act, BadButton, Doing
from handlers.paging import page_of
from messages import toasts
from messages.words_staff import COORDINATOR_STATES, NOT_OPENED


def show(act: Act) -> None:
    """/koordinator: those who coordinate or are invited, paged."""
    _show(act, 1)


def turn(act: Act) -> None:
    """Another page of coordinators."""
    _show(act, act.arg(0), edit=_pressed(act))


def list_units(act: Act) -> None:
    """[Undang]: for which unit?"""
    page = act.arg(0)
    shown, turning = page_of(sessions.units(act.db), page)
    choices = [{"id": unit_id, "label": name} for unit_id, name in shown]
    act.reply("admin_coordinator_units", choices=choices, **turning)


def invite(act: Act) -> None:
    """A unit: the one-time link of a coordinator, shown once."""
    unit_id = act.arg(0)
    unit = dict(sessions.units(act.db)).get(unit_id)
    if unit is None:
        raise BadButton
    coordinator_id, payload = accounts.invite_coordinator(act.db, act.now, unit_id)
    facts.audit(act.db, act.now, actor(act), "coordinator_invite", f"coordinator:{coordinator_id}")
    act.reply(
        "admin_coordinator_invitation",
        unit=unit,
        link=act.link(payload),
        payload=payload,
        days=accounts.COORDINATOR_LINK_LIVES.days,
    )


def ask_to_revoke(act: Act) -> None:
    """[Cabut]: says whose right would end, and asks."""
    row = _wanted(act)
    if row["state"] == "revoked":
        act.toast = toasts.REVOKED_BEFORE
        return
    act.reply("admin_coordinator_revoke_ask", id=row["id"], name=row["name"] or NOT_OPENED, unit=row["unit"])


def keep(act: Act) -> None:
    """[Batal]: nothing is taken away."""
    act.reply("admin_coordinator_kept", edit=_pressed(act))


def revoke(act: Act) -> None:
    """[Ya]: the right ends at once, and whoever had it is told."""
    row = _wanted(act)
    wanted = row["id"]
    if not accounts.revoke_coordinator(act.db, act.now, wanted):
        act.toast = toasts.REVOKED_BEFORE
        return
    facts.audit(act.db, act.now, actor(act), "coordinator_revoke", f"coordinator:{wanted}")
    if row["telegram_id"] is not None:
        outbox.put(
            act.db,
            act.now,
            row["telegram_id"],
            "admin_coordinator_ended",
            {"unit": row["unit"]},
            key=f"revoked:{wanted}",
            lane=Lane.NOTICE,
            not_before=act.house.rules.calendars.city.notice_open(act.now),
        )
    act.reply("admin_coordinator_revoked", name=row["name"] or NOT_OPENED, unit=row["unit"])


def _wanted(act: Act) -> sqlite3.Row:
    """Return the coordinator of the button; raises BadButton when there is none."""
    wanted = act.arg(0)
    row = next((row for row in accounts.coordinators(act.db) if row["id"] == wanted), None)
    if row is None:
        raise BadButton
    return row


def _show(act: Act, page: int, edit: int = 0) -> None:
    live = [row for row in accounts.coordinators(act.db) if row["state"] != "revoked"]
    live.sort(key=lambda row: (row["unit"].casefold(), row["id"]))
    shown, turning = page_of(live, page)
    act.reply(
        "admin_coordinators",
        total=len(live),
        people=[
            {"name": row["name"] or NOT_OPENED, "unit": row["unit"], "state": COORDINATOR_STATES[row["state"]]}
            for row in shown
        ],
        choices=[{"id": row["id"], "label": f"{row['name'] or NOT_OPENED} – {row['unit']}"} for row in shown],
        edit=edit,
        **turning,
    )


def _pressed(act: Act) -> int:
    return act.message.message_id if act.message else 0


COMMANDS: dict[str, tuple[Right, Doing]] = {"koordinator": (Right.ADMIN, show)}
BUTTONS: dict[str, tuple[Right, Doing]] = {
    "cpage": (Right.ADMIN, turn),
    "cunits": (Right.ADMIN, list_units),
    "cinvite": (Right.ADMIN, invite),
    "crevoke": (Right.ADMIN, ask_to_revoke),
    "crevokeno": (Right.ADMIN, keep),
    "crevokeyes": (Right.ADMIN, revoke),
}
