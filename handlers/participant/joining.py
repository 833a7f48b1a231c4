"""Joining: a link, the notice, consent; who it is follows in identifying.py. Before [Setuju] nothing is kept."""

from typing import Any

from bot.clock import to_text
from bot.domain.access import Right
from bot.store import accounts, sessions
from bot.store.accounts import Account
from bot.store.sessions import Session
from handlers.door import Act, Doing
from handlers.participant import arriving, identifying, supporting
from messages.menus import ADMIN_MENU, COORDINATOR_MENU

NOTICE_VERSION = "2026-11"
BACKUP_DAYS_A_COPY = 1


def start(act: Act) -> None:
    """/start, with or without a link's payload."""
    payload = act.args[0] if act.args else ""
    account = act.account
    if act.roles.admin:
        act.menu = ADMIN_MENU
    if not payload:
        if account is not None and account.active:
            act.reply("already_joined", title=None)
        elif act.roles.admin or act.roles.units:
            show_help(act)
        else:
            act.reply("stranger", greet=to_text(act.now))
        return
    if supporting.opened(act, payload):
        return
    meaning = _resolve(act, payload)
    if meaning is None:
        act.reply("link_invalid")
    elif account is not None and account.active and "session" in meaning:
        arriving.scanned(act, account.person_id or 0, meaning["session"])
    elif account is not None and account.active and "person" in meaning:
        _linked_by_member(act, account, payload, meaning["person"])
    elif (session := meaning.get("session")) and arriving.closed(act, session):
        act.reply("session_closed", title=session.title, cancelled=session.cancelled)
    else:
        _show_notice(act, payload, meaning)


def agree(act: Act) -> None:
    """[Setuju] under the notice: from here on there is an account."""
    payload = act.choice(0)
    meaning = _resolve(act, payload)
    if meaning is None:
        act.reply("link_invalid")
        return
    known = act.account
    if known is not None and known.active and "coordinator" not in meaning:
        act.reply("already_joined", title=None)
        return
    naming = accounts.NAMING if act.args[1:] == ["names"] else ""
    account = accounts.consent(act.db, act.now, act.telegram_id, f"{NOTICE_VERSION}{naming}")
    if "coordinator" in meaning:
        _become_coordinator(act, account.id, meaning["coordinator"])
    elif "person" in meaning:
        identifying.ask_confirmation(act, meaning["person"], payload=payload, session_id=None)
    else:
        session: Session = meaning["session"]
        accounts.set_conversation(act.db, act.now, act.telegram_id, "nip", {"session": session.id})
        act.reply("ask_nip")


def refuse(act: Act) -> None:
    """[Tidak] under the notice: nothing was kept, nothing is."""
    account = act.account
    if account is None:
        act.reply("refused")
    elif account.active:
        act.reply("already_joined", title=None)
    else:
        act.reply("refused")


def _resolve(act: Act, payload: str) -> dict[str, Any] | None:
    if session := sessions.by_payload(act.db, payload):
        return {"session": session}
    if (person_id := accounts.invited_person(act.db, act.now, payload)) is not None:
        return {"person": person_id}
    if coordinator := accounts.invited_coordinator(act.db, act.now, payload):
        return {"coordinator": coordinator}
    return None


def _show_notice(act: Act, payload: str, meaning: dict[str, Any]) -> None:
    privacy = act.house.config.privacy
    coordinator = meaning.get("coordinator")
    session = meaning.get("session")
    act.reply(
        "notice",
        payload=payload,
        greet=to_text(act.now),
        role="coordinator" if coordinator else "participant",
        unit=coordinator["unit"] if coordinator else None,
        title=session.title if session else None,
        minimum_group=privacy.minimum_group,
        names_unanswered=privacy.names_unanswered,
        later_half=act.house.config.programme.later_half,
        retention_days=privacy.retention_days,
        backup_days=act.house.config.storage.backups_kept * BACKUP_DAYS_A_COPY,
    )


def _become_coordinator(act: Act, account_id: int, invitation: Any) -> None:
    user = act.update.effective_user
    name = user.full_name if user else ""
    if accounts.accept_coordinator(act.db, act.now, invitation["id"], account_id, name):
        act.menu = ADMIN_MENU if act.roles.admin else COORDINATOR_MENU
        act.reply("coordinator_welcome", unit=invitation["unit"])
    else:
        act.reply("link_invalid")


def _linked_by_member(act: Act, account: Account, payload: str, person_id: int) -> None:
    """The own personal link, opened by an account that had joined with the NIP alone, verifies it."""
    if account.person_id != person_id or account.standing == "verified":
        act.reply("already_joined", title=None)
        return
    accounts.use_invitation(act.db, act.now, payload)
    accounts.set_standing(act.db, account.id, "verified")
    act.reply("contact_verified")


def show_help(act: Act) -> None:
    """/bantuan: what this user can do."""
    roles = act.roles
    act.reply("help", participant=roles.participant, coordinator=bool(roles.units), admin=roles.admin)


COMMANDS: dict[str, tuple[Right, Doing]] = {
    "start": (Right.ANYONE, start),
    "bantuan": (Right.ANYONE, show_help),
    "help": (Right.ANYONE, show_help),
}
BUTTONS: dict[str, tuple[Right, Doing]] = {
    "agree": (Right.ANYONE, agree),
    "refuse": (Right.ANYONE, refuse),
}
