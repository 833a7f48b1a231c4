"""/status, /audit, /jejak: how the bot is doing, who did what, one person's touches without a word of an answer."""

import sqlite3
from dataclasses import asdict
from typing import Any

from bot.clock import to_text
from bot.domain.access import Right
from bot.domain.nip import clean_nip
from bot.store import alarms, facts, ledger, overview, people, rectifications
from bot.version import version
from handlers.coordinator.own_units import actor
from handlers.door import Act, Doing
from messages.words import STEP_NAMES
from messages.words_staff import ACTORS, ACTS, SUBJECTS, TOUCH_RULES, TOUCH_STATES

LINES_OF_AUDIT = 12
# The newest touches; with three times each they stay below a message's 4,096.
TOUCHES_SHOWN = 22
_EXPLAINED = frozenset({"deferred", "cancelled"})


def status(act: Act) -> None:
    """/status"""
    open_alarms = [{"kind": kind, "since": since} for kind, since in alarms.open_ones(act.db)]
    tasks = [row["due_at"] for row in rectifications.open_ones(act.db)]
    standing = asdict(overview.standing(act.db, act.now))
    act.reply("admin_status", now=to_text(act.now), version=version(), alarms=open_alarms, tasks=tasks, **standing)


def audit(act: Act) -> None:
    """/audit: who did what, the newest first."""
    _show_audit(act, 1)


def turn_audit(act: Act) -> None:
    """Another page of the audit."""
    _show_audit(act, act.arg(0), edit=act.message.message_id if act.message else 0)


def _show_audit(act: Act, page: int, edit: int = 0) -> None:
    total = facts.audit_length(act.db)
    pages = max(1, -(-total // LINES_OF_AUDIT))
    page = min(max(1, page), pages)
    lines = [
        {
            "at": row["at"],
            "actor": _actor(act, row["actor"]),
            "act": ACTS.get(row["act"], row["act"]),
            "subject": "; ".join(_subject(act, part) for part in row["subject"].split()),
        }
        for row in facts.audited(act.db, LINES_OF_AUDIT, (page - 1) * LINES_OF_AUDIT)
    ]
    act.reply("admin_audit", lines=lines, total=total, page=page, pages=pages, edit=edit)


def _actor(act: Act, said: str) -> str:
    """Name who did it: a person or coordinator by name, an admin by the number that the settings hold."""
    kind, _, key = said.partition(":")
    if kind != "telegram":
        return ACTORS.get(said, said)
    name = facts.named(act.db, kind, key)
    if key.isdigit() and int(key) in act.house.config.access.admins:
        return f"Admin {name or key}"
    return name or f"akun {key}"


def _subject(act: Act, said: str) -> str:
    kind, _, key = said.partition(":")
    name = facts.named(act.db, kind, key)
    label = SUBJECTS.get(kind, kind)
    return f"{label} {name or key}".strip()


def trace(act: Act) -> None:
    """/jejak NIP: every touch of a person, and why it came or did not."""
    person = people.by_nip(act.db, clean_nip(" ".join(act.args)))
    if person is None:
        act.reply("admin_trace_unknown", asked=bool(act.args))
        return
    facts.audit(act.db, act.now, actor(act), "trace", f"person:{person.id}")
    rows = ledger.trace(act.db, person.id)
    kinds = {step.id: step.kind for journey in act.house.rules.journeys.values() for step in journey.steps}
    act.reply(
        "admin_trace",
        name=person.name,
        unit=person.unit,
        left_out=max(0, len(rows) - TOUCHES_SHOWN),
        touches=[_touch(row, kinds) for row in rows[-TOUCHES_SHOWN:]],
    )


def _touch(row: sqlite3.Row, kinds: dict[str, Any]) -> dict[str, Any]:
    state = row["state"]
    return {
        "session": row["session"],
        "session_id": row["session_id"],
        "step": STEP_NAMES[kinds[row["step"]]] if row["step"] in kinds else row["step"],
        "state": TOUCH_STATES.get(state, state),
        "due": row["due_at"],
        "reason": TOUCH_RULES.get(row["reason"]) if state in _EXPLAINED else None,
        "sent": row["sent_at"],
        "answered": row["answered_at"],
        "late": bool(row["late"]),
        "skipped": row["skipped_at"],
        "closed": row["closed_at"] is not None and row["answered_at"] is None and row["skipped_at"] is None,
    }


COMMANDS: dict[str, tuple[Right, Doing]] = {
    "status": (Right.ADMIN, status),
    "audit": (Right.ADMIN, audit),
    "jejak": (Right.ADMIN, trace),
}
BUTTONS: dict[str, tuple[Right, Doing]] = {"auditpage": (Right.ADMIN, turn_audit)}
