"""Who somebody is: the NIP that was typed, the masked name, [Ya], the own number."""

from bot.clock import to_text
from bot.domain.access import Right
from bot.domain.nip import clean_nip, mask_name, nip_fault
from bot.store import accounts, people, planning, sessions
from bot.store.outbox import Lane
from bot.store.sessions import Session
from handlers.door import Act, Doing
from handlers.participant import arriving
from messages.words import CONTACT_LABEL

NIP_DIGITS = 18
TRIES_OF_AN_ACCOUNT = 5
TRIES_ON_A_LINK = 20
NOBODY = 0  # no row has this id


def nip_typed(act: Act) -> None:
    """A message while the NIP is awaited."""
    _, data = accounts.conversation(act.db, act.telegram_id) or ("nip", {})
    try:
        session = sessions.get(act.db, data["session"])
    except (KeyError, LookupError):
        accounts.end_conversation(act.db, act.telegram_id)
        act.reply("link_invalid")
        return
    if not act.text:
        act.reply("ask_nip")
        return
    nip = clean_nip(act.text)
    digits = "".join(c for c in nip if c in "0123456789")
    if len(digits) == NIP_DIGITS:
        # "NIP saya 1980…": what stands around the number is no fault of form.
        nip = digits
    if fault := nip_fault(nip, act.now.astimezone(act.house.config.schedule.zone).date()):
        act.reply("nip_fault", fault=fault.value, digits=sum(c.isdigit() for c in nip))
    elif _resting(act, session):
        act.reply("nip_rest")
    else:
        _try_nip(act, session, nip)


def it_is_me(act: Act) -> None:
    """[Ya] under the masked name: the account is bound to the person."""
    found = accounts.conversation(act.db, act.telegram_id)
    account = act.account
    if found is None or found[0] != "confirm" or account is None:
        act.reply("already_joined", title=None) if account and account.active else act.reply("link_invalid")
        return
    data = found[1]
    person = people.person(act.db, data["person"])
    payload = data.get("payload")
    bound = accounts.account_of_person(act.db, person.id)
    spent = payload is not None and accounts.invited_person(act.db, act.now, payload) != person.id
    if spent or person.gone or (bound is not None and bound.id != account.id):
        accounts.end_conversation(act.db, act.telegram_id)
        if not payload:
            _await_nip(act, data.get("session"), person.nip)
        act.reply("link_invalid" if payload else "nip_unknown")
        return
    accounts.bind(act.db, act.now, account.id, person.id, "verified" if payload else "claimed")
    if payload:
        accounts.use_invitation(act.db, act.now, payload)
    accounts.end_conversation(act.db, act.telegram_id)
    theirs = planning.plan_person(act.db, act.now, act.house.rules, person.id)
    arriving.joined_in_the_hall(act, data.get("session"), person.id)
    act.reply("joined", greet=to_text(act.now), name=person.name, sessions=_told(act, theirs))
    if person.phone and not payload:
        act.reply("share_contact", contact_label=CONTACT_LABEL)


def not_me(act: Act) -> None:
    """[Tidak] under the masked name."""
    found = accounts.conversation(act.db, act.telegram_id)
    if found is None or found[0] != "confirm":
        act.reply("link_invalid")
        return
    session_id = found[1].get("session")
    if session_id is None:
        accounts.end_conversation(act.db, act.telegram_id)
        act.reply("link_invalid")
        return
    accounts.set_conversation(act.db, act.now, act.telegram_id, "nip", {"session": session_id})
    act.reply("not_me")


def awaiting_ya(act: Act) -> None:
    """A text instead of a tap on Ya or Tidak: the masked name is shown again, or a new NIP is taken."""
    found = accounts.conversation(act.db, act.telegram_id)
    data = found[1] if found else {}
    if data.get("session") is not None and sum(c.isdigit() for c in act.text) >= 8:
        accounts.set_conversation(act.db, act.now, act.telegram_id, "nip", {"session": data["session"]})
        nip_typed(act)
    elif "person" in data:
        ask_confirmation(act, data["person"], payload=data.get("payload"), session_id=data.get("session"))


def contact_shared(act: Act) -> None:
    """[Bagikan nomor saya]: Telegram vouches only for the sender's own contact."""
    contact = act.message.contact if act.message else None
    account = act.account
    if contact is None or account is None or account.person_id is None:
        act.reply("words_please")
        return
    person = people.person(act.db, account.person_id)
    own = contact.user_id == act.telegram_id
    if own and person.phone and _digits(contact.phone_number) == _digits(person.phone):
        accounts.set_standing(act.db, account.id, "verified")
        act.reply("contact_verified")
    else:
        act.reply("contact_other")


def ask_confirmation(act: Act, person_id: int, *, payload: str | None, session_id: int | None) -> None:
    """Show the masked name; [Ya] or [Tidak] is awaited."""
    person = people.person(act.db, person_id)
    data = {"person": person_id, "payload": payload, "session": session_id}
    accounts.set_conversation(act.db, act.now, act.telegram_id, "confirm", data)
    act.reply("confirm_person", name=mask_name(person.name), unit=person.unit)


def _try_nip(act: Act, session: Session, nip: str) -> None:
    person = people.by_nip(act.db, nip)
    # All is asked for a number that nobody has as well: the time an answer takes must not tell who exists.
    number = person.id if person is not None else NOBODY
    bound = accounts.account_of_person(act.db, number)
    mine = bound is not None and bound.telegram_id == act.telegram_id
    invited = sessions.is_invited(act.db, session.id, number)
    if person is not None and not person.gone and invited and (bound is None or mine):
        ask_confirmation(act, person.id, payload=None, session_id=session.id)
        return
    accounts.note_wrong_try(act.db, act.now, act.telegram_id, session.id)
    _await_nip(act, session.id, nip)
    act.reply("nip_unknown")
    by_account, by_link = accounts.wrong_tries(act.db, act.now, act.telegram_id, session.id)
    if by_account == TRIES_OF_AN_ACCOUNT or by_link == _tries_on_link(act, session):
        for admin in act.house.config.access.admins:
            act.reply("nip_alarm", to=admin, lane=Lane.NOTICE, title=session.title, tries=by_link)


def _await_nip(act: Act, session_id: int | None, tried: str) -> None:
    """Go on awaiting a NIP; the one just tried is kept for [Saya ganti nomor/HP], whoever's it is."""
    data = {"session": session_id, "tried": tried}
    accounts.set_conversation(act.db, act.now, act.telegram_id, "nip", data)


def _resting(act: Act, session: Session) -> bool:
    by_account, by_link = accounts.wrong_tries(act.db, act.now, act.telegram_id, session.id)
    return by_account >= TRIES_OF_AN_ACCOUNT or by_link >= _tries_on_link(act, session)


def _tries_on_link(act: Act, session: Session) -> int:
    if arriving.in_the_hall(session, act.now):
        return max(TRIES_ON_A_LINK, sessions.counts(act.db, session)["invited"] // 10)
    return TRIES_ON_A_LINK


def _told(act: Act, theirs: list[Session]) -> list[dict[str, str]]:
    return [
        {
            "title": session.title,
            "place": session.place,
            "start": to_text(session.start),
            "end": to_text(session.end),
        }
        for session in theirs
        if act.now < session.end
    ]


def _digits(phone: str) -> str:
    digits = "".join(c for c in phone if c in "0123456789")
    return "62" + digits[1:] if digits.startswith("0") else digits


BUTTONS: dict[str, tuple[Right, Doing]] = {
    "itsme": (Right.ANYONE, it_is_me),
    "notme": (Right.ANYONE, not_me),
}
CONVERSATIONS: dict[str, Doing] = {"nip": nip_typed, "confirm": awaiting_ya}
