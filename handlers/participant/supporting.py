"""Pendukung: a one-time link for a colleague, who agrees first and sees only what is shared by a tap."""

import sqlite3

from bot.domain.access import Right
from bot.domain.journey import Kind
from bot.store import commitments, ledger, outbox, supporters
from bot.store.outbox import Lane
from handlers.door import Act, BadButton, Doing
from messages import toasts


def invite(act: Act) -> None:
    """[Ajak pendukung] under a commitment that was made: a link to forward, shown once."""
    row = ledger.own_touchpoint(act.db, act.arg(0), act.telegram_id)
    commitment = commitments.of_touchpoint(act.db, row["id"]) if row is not None else None
    if commitment is None or commitment["state"] == "draft":
        raise BadButton
    payload = supporters.invite(act.db, act.now, commitment)
    if payload is None:
        act.toast = toasts.HAS_SUPPORTER
        return
    act.reply(
        "ally_link",
        link=act.link(payload),
        payload=payload,
        days=supporters.LINK_LIVES.days,
    )


def opened(act: Act, payload: str) -> bool:
    """A supporter's link: what it is about, before anything is kept. Returns False when it is no such link."""
    found = supporters.invited(act.db, act.now, payload)
    if found is None:
        return False
    if found["owner_id"] == act.telegram_id:
        act.reply("ally_own_link")
    else:
        act.reply("ally_notice", name=found["name"], payload=payload)
    return True


def agree(act: Act) -> None:
    """[Setuju] of the colleague: both are told."""
    found = supporters.invited(act.db, act.now, act.choice(0))
    if found is None or found["owner_id"] == act.telegram_id:
        act.reply("link_invalid")
        return
    supporters.agree(act.db, act.now, found["id"], act.telegram_id)
    act.reply("ally_welcome", supporter=found["id"], name=found["name"])
    _notice(act, found, found["owner_id"], "ally_joined", {"supporter": found["id"]})


def decline(act: Act) -> None:
    """[Tidak] of the colleague: nothing of them is kept, and nobody is told."""
    found = supporters.invited(act.db, act.now, act.choice(0))
    if found is not None and found["owner_id"] != act.telegram_id:
        supporters.decline(act.db, act.now, found["id"])
    act.reply("ally_declined")


def share_sentence(act: Act) -> None:
    """[Bagikan komitmen]: the sentence, and nothing else that was written."""
    found = supporters.get(act.db, act.arg(0))
    if found is None or found["owner_id"] != act.telegram_id:
        raise BadButton
    _share(act, found if found["state"] == "active" else None, found["touchpoint_id"])


def share_outcome(act: Act) -> None:
    """[Bagikan ke pendukung] under a follow-up: its outcome, never the words."""
    row = ledger.own_touchpoint(act.db, act.arg(0), act.telegram_id)
    if row is None or row["kind"] != Kind.FOLLOWUP:
        raise BadButton
    _share(act, _supporter_of(act, row), row["id"])


def end(act: Act) -> None:
    """[Akhiri dukungan], by either side; the other is told."""
    found = supporters.get(act.db, act.arg(0))
    if found is None or act.telegram_id not in (found["owner_id"], found["telegram_id"]):
        raise BadButton
    if not supporters.end(act.db, act.now, found["id"]):
        act.toast = toasts.SUPPORT_OVER
        return
    act.reply("ally_ended")
    other = found["telegram_id"] if act.telegram_id == found["owner_id"] else found["owner_id"]
    _notice(act, found, other, "ally_ended_told", {"name": found["name"], "owner": other == found["owner_id"]})


def outcome_to_share(act: Act, followup: sqlite3.Row) -> int | None:
    """Return the follow-up's touchpoint when there is a supporter with whom its outcome may be shared."""
    return int(followup["id"]) if _supporter_of(act, followup) is not None else None


def _supporter_of(act: Act, followup: sqlite3.Row) -> sqlite3.Row | None:
    check = commitments.checked(act.db, followup["id"])
    return supporters.active(act.db, check["commitment_id"]) if check is not None else None


def _share(act: Act, supporter: sqlite3.Row | None, touchpoint_id: int) -> None:
    if supporter is None:
        act.toast = toasts.SUPPORT_OVER
    elif supporters.share(act.db, act.now, supporter["id"], touchpoint_id):
        facts = {"supporter": supporter["id"], "share": touchpoint_id}
        _notice(act, supporter, supporter["telegram_id"], "ally_share", facts, f":{touchpoint_id}")
        act.toast = toasts.SHARED_WITH_SUPPORTER
    else:
        act.toast = toasts.SHARED_BEFORE


def _notice(
    act: Act, supporter: sqlite3.Row, to: int | None, template: str, facts: dict[str, object], more: str = ""
) -> None:
    if to is None:
        return
    outbox.put(
        act.db,
        act.now,
        to,
        template,
        facts,
        key=f"ally:{supporter['id']}:{template}{more}",
        # This lane's rows are erased once they are sent: nobody keeps who supports whom longer than needed.
        lane=Lane.PEOPLE,
        not_before=act.house.rules.calendars.city.notice_open(act.now),
    )


BUTTONS: dict[str, tuple[Right, Doing]] = {
    "ally": (Right.PARTICIPANT, invite),
    "allyyes": (Right.ANYONE, agree),
    "allyno": (Right.ANYONE, decline),
    "allyshare": (Right.PARTICIPANT, share_sentence),
    "allyout": (Right.PARTICIPANT, share_outcome),
    "allyend": (Right.ANYONE, end),
}
