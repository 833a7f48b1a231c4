"""Corrections that people asked for: [Sudah diperbaiki], [Tidak dapat, alasan…]; the person is told either way."""

import sqlite3

from bot.domain.access import Right
from bot.store import accounts, facts, rectifications
from handlers.coordinator.own_units import actor
from handlers.door import Act, BadButton, Doing
from messages import toasts

KIND = "alasan_perbaikan"
LONGEST_REASON = 1000


def done(act: Act) -> None:
    """[Sudah diperbaiki]: closed, and the person is told."""
    task = _open(act, act.arg(0))
    if task is not None:
        _close(act, task, "done")
        act.reply("correction_done", to=task["told_at"])


def refuse(act: Act) -> None:
    """[Tidak dapat, alasan…]: asks for the reason, which the person will read."""
    task = _open(act, act.arg(0))
    if task is not None:
        accounts.set_conversation(act.db, act.now, act.telegram_id, KIND, {"task": task["id"]})
        act.reply("correction_reason_ask", name=task["name"])


def keep(act: Act) -> None:
    """[Batal] under that question: the task stays open."""
    accounts.end_conversation(act.db, act.telegram_id)
    act.reply("correction_stays")


def reason_said(act: Act) -> None:
    """The reason: sent to the person and kept nowhere."""
    _, data = accounts.conversation(act.db, act.telegram_id) or ("", {})
    reason = act.text.strip()
    if not reason or len(reason) > LONGEST_REASON:
        task = rectifications.get(act.db, data["task"])
        act.reply("correction_reason_ask", name=task["name"] if task else "")
        return
    accounts.end_conversation(act.db, act.telegram_id)
    task = rectifications.get(act.db, data["task"])
    if task is None or task["done_at"] is not None:
        act.reply("correction_closed_before")
        return
    _close(act, task, "refused")
    act.reply("correction_refused", to=task["told_at"], reason=reason)


def _open(act: Act, number: int) -> sqlite3.Row | None:
    task = rectifications.get(act.db, number)
    if task is None:
        raise BadButton
    if task["done_at"] is not None:
        act.toast = toasts.REQUEST_DEALT_WITH
        return None
    return task


def _close(act: Act, task: sqlite3.Row, outcome: str) -> None:
    rectifications.close(act.db, act.now, task["id"], act.telegram_id, outcome)
    facts.audit(act.db, act.now, actor(act), f"correction_{outcome}", f"person:{task['person_id']}")
    act.reply("correction_closed", name=task["name"], refused=outcome == "refused")


BUTTONS: dict[str, tuple[Right, Doing]] = {
    "rectdone": (Right.ADMIN, done),
    "rectno": (Right.ADMIN, refuse),
    "rectkeep": (Right.ADMIN, keep),
}
CONVERSATIONS: dict[str, Doing] = {KIND: reason_said}
