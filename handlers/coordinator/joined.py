"""/peserta for coordinators: who has joined, invitations to forward, [Bukan dia]."""

from bot.domain.access import Right
from bot.store import accounts, facts, figures, outbox, people, unbinding
from bot.store.outbox import Lane
from handlers.coordinator.own_units import Unit, actor, button_unit, own_units
from handlers.door import Act, BadButton, Denied, Doing
from handlers.paging import page_of
from messages import toasts
from messages.fitting import fit_names

# UTF-16 units for each of the two lists of names, of a message's 4,096.
ROOM = 1600


def members(act: Act) -> None:
    """/peserta: for each own unit who has joined, and whom nobody has verified."""
    for unit in own_units(act):
        _show_members(act, unit, 1)
        _show_claimed(act, unit, 1)


def turn_members(act: Act) -> None:
    """Another page of those who have not joined."""
    unit = button_unit(act)
    _show_members(act, unit, act.arg(1), edit=_pressed(act))


def turn_claimed(act: Act) -> None:
    """Another page of those who have joined with a NIP alone."""
    unit = button_unit(act)
    _show_claimed(act, unit, act.arg(1), edit=_pressed(act))


def invite(act: Act) -> None:
    """A name of those who have not joined: its personal link, shown once, to be forwarded."""
    try:
        person = people.person(act.db, act.arg(0))
    except LookupError:
        raise BadButton from None
    act.require_unit(person.unit_id)
    account = accounts.account_of_person(act.db, person.id)
    if person.gone:
        raise BadButton
    if account is not None and account.active:
        act.toast = toasts.HAS_JOINED
        return
    payload = accounts.invite(act.db, act.now, person.id)
    facts.audit(act.db, act.now, actor(act), "invite", f"person:{person.id}")
    act.toast = toasts.FORWARD_IT
    act.reply(
        "coordinator_invitation",
        name=person.name,
        link=act.link(payload),
        payload=payload,
        days=accounts.PERSONAL_LINK_LIVES.days,
    )


def not_them(act: Act) -> None:
    """[Bukan dia]: a claimed account is set loose, is told so, and the person can join anew."""
    account_id = act.arg(0)
    found = unbinding.claim(act.db, account_id)
    if found is None:
        raise BadButton
    if not (act.roles.admin or found["unit_id"] in act.roles.units):
        raise Denied
    unbinding.unbind(act.db, act.now, account_id)
    facts.audit(act.db, act.now, actor(act), "not_them", f"person:{found['person_id']}")
    outbox.put(
        act.db,
        act.now,
        found["telegram_id"],
        "coordinator_not_you",
        {},
        key=f"notthem:{act.row}",
        lane=Lane.NOTICE,
        not_before=act.house.rules.calendars.city.notice_open(act.now),
    )
    act.reply("coordinator_unbound", name=found["name"])


def _show_members(act: Act, unit: Unit, page: int, edit: int = 0) -> None:
    missing = figures.not_joined(act.db, unit[0])
    joined = [row["name"] for row in figures.members(act.db, unit[0]) if row["joined"]]
    shown, turning = page_of(missing, page)
    joined_names, joined_more = fit_names(joined, ROOM)
    missing_names, missing_more = fit_names([row["name"] for row in missing], ROOM)
    act.reply(
        "coordinator_people",
        unit=unit[1],
        unit_id=unit[0],
        joined=len(joined),
        missing=len(missing),
        joined_names=joined_names,
        joined_more=joined_more,
        missing_names=missing_names,
        missing_more=missing_more,
        choices=[{"id": row["id"], "label": row["name"]} for row in shown],
        edit=edit,
        **turning,
    )


def _show_claimed(act: Act, unit: Unit, page: int, edit: int = 0) -> None:
    found = unbinding.claimed(act.db, unit[0])
    if not found and not edit:
        return
    shown, turning = page_of(found, page)
    act.reply(
        "coordinator_claimed",
        unit=unit[1],
        unit_id=unit[0],
        total=len(found),
        people=[{"name": row["name"], "at": row["joined_at"]} for row in shown],
        choices=[{"id": row["id"], "label": row["name"]} for row in shown],
        edit=edit,
        **turning,
    )


def _pressed(act: Act) -> int:
    return act.message.message_id if act.message else 0


COMMANDS: dict[str, tuple[Right, Doing]] = {"peserta": (Right.COORDINATOR, members)}
# The unit decides: a coordinator's own, or any for an admin.
BUTTONS: dict[str, tuple[Right, Doing]] = {
    "people": (Right.ANYONE, turn_members),
    "claimed": (Right.ANYONE, turn_claimed),
    "invite": (Right.ANYONE, invite),
    "notthem": (Right.ANYONE, not_them),
}
