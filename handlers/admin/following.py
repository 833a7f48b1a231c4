"""A broadcast after [Kirim]: its card, [Hentikan], [Lanjutkan], [Ulangi yang gagal], [Daftar nama]; any admin's."""

import sqlite3
from typing import Any

from bot.clock import from_text
from bot.domain.access import Right
from bot.store import broadcast_ledger, broadcasts, corrections, facts, outbox, reminding, sessions
from handlers.coordinator.own_units import actor
from handlers.door import Act, BadButton, Doing
from messages import formats, toasts

LISTED = 10


def listed(act: Act) -> None:
    """[Siaran sebelumnya]: the newest ten."""
    zone = act.house.config.schedule.zone
    choices = []
    for row in broadcasts.latest(act.db, LISTED):
        total = sum(broadcasts.tally(act.db, row["id"]).values())
        when = from_text(row["start_at"])
        day = f"{formats.day_short(when, zone)} {formats.clock_time(when, zone)}"
        choices.append({"id": row["id"], "label": f"{day} · {formats.number(total)} orang"})
    act.reply("broadcast_list", choices=choices)


def card(act: Act) -> None:
    """One of them, as it stands now."""
    show_card(act, _broadcast(act)["id"])


def stop(act: Act) -> None:
    """[Hentikan]: what is not with Telegram yet does not go, nor is it corrected."""
    row = _broadcast(act)
    ran = broadcasts.stop(act.db, act.now, row["id"])
    corrected = corrections.stop(act.db, act.now, row["id"])
    if not ran and not corrected:
        act.toast = toasts.BROADCAST_OVER
        return
    facts.audit(act.db, act.now, actor(act), "broadcast_stop", f"broadcast:{row['id']}")
    if ran and row["session_id"] is not None:
        reminding.give_session_reminders_back(act.db, act.now, row["session_id"], row["id"])
    _show_everywhere(act, row)


def resume(act: Act) -> None:
    """[Lanjutkan]: on to those whom a stopped broadcast had not reached."""
    row = _broadcast(act)
    if row["session_id"] is not None:
        session = sessions.get(act.db, row["session_id"])
        if session.cancelled or session.start <= act.now:
            act.toast = toasts.SESSION_BEGUN
            return
    if row["state"] != "stopped" or not broadcasts.reopen(act.db, act.now, row["id"], ("stopped",)):
        act.toast = toasts.NOTHING_TO_GO_ON_WITH
        return
    if row["session_id"] is not None:
        reminding.replace_session_reminders(act.db, act.now, row["session_id"])
    facts.audit(act.db, act.now, actor(act), "broadcast_resume", f"broadcast:{row['id']}")
    _show_everywhere(act, row)


def retry(act: Act) -> None:
    """[Ulangi yang gagal]: failures alone; whoever blocked the bot is not written to again."""
    row = _broadcast(act)
    if not broadcasts.reopen(act.db, act.now, row["id"], ("failed",)):
        act.toast = toasts.NOTHING_FAILED
        return
    facts.audit(act.db, act.now, actor(act), "broadcast_retry", f"broadcast:{row['id']}")
    _show_everywhere(act, row)


def list_not_received(act: Act) -> None:
    """[Daftar nama]: by whom it was not received, and why, as a document."""
    row = _broadcast(act)
    facts.audit(act.db, act.now, actor(act), "broadcast_names", f"broadcast:{row['id']}")
    act.reply("broadcast_names", broadcast=row["id"])


def show_card(act: Act, broadcast_id: int, *, to: int | None = None, **more: Any) -> None:
    """Show how a broadcast stands; `progress_of` makes the message the one that is kept up to date."""
    row = broadcasts.get(act.db, broadcast_id)
    if row is None:
        raise BadButton
    later = row["state"] == "scheduled"
    figures = broadcast_ledger.figures(act.db, row)
    if more.get("progress_of") or (to and more.get("edit")):
        broadcasts.set_progress_shown(act.db, broadcast_id, broadcast_ledger.shown(figures))
    act.reply("broadcast_progress", to=to, **figures, start=row["start_at"] if later else None, **more)


def _show_everywhere(act: Act, row: sqlite3.Row) -> None:
    """Edit the card that is kept up to date, and the one whose button was pressed where that is another."""
    # What was queued to be shown before must not come after this.
    outbox.cancel_key(act.db, f"progress:{row['id']}:*", act.now, "superseded")
    owner, kept = row["admin_telegram_id"], row["progress_message_id"]
    pressed = act.message.message_id if act.message else 0
    if kept is not None:
        show_card(act, row["id"], to=owner, edit=kept)
    if (owner, kept) != (act.telegram_id, pressed):
        show_card(act, row["id"], edit=pressed)


def _broadcast(act: Act) -> sqlite3.Row:
    row = broadcasts.get(act.db, act.arg(0))
    if row is None:
        raise BadButton
    return row


BUTTONS: dict[str, tuple[Right, Doing]] = {
    "blist": (Right.ADMIN, listed),
    "bcard": (Right.ADMIN, card),
    "bstop": (Right.ADMIN, stop),
    "bresume": (Right.ADMIN, resume),
    "bretry": (Right.ADMIN, retry),
    "bmissed": (Right.ADMIN, list_not_received),
}
