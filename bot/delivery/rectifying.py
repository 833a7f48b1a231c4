"""A correction that was asked for, as the admins are told of it: the wish is looked up as it is sent."""

import sqlite3
from datetime import datetime
from typing import Any

from bot.clock import from_text
from bot.delivery.gather import Dropped, Gathered
from bot.store import rectifications


def task(db: sqlite3.Connection, now: datetime, facts: dict[str, Any]) -> Gathered | Dropped:
    """Gather the task, unless it is done or its person has been erased meanwhile."""
    row = rectifications.get(db, facts["task"])
    if row is None or row["done_at"] is not None:
        return Dropped("done")
    shown = {name: row[name] for name in ("name", "unit", "wish")}
    over = from_text(row["due_at"]) <= now
    return Gathered("correction_task", shown | {"task": row["id"], "due": row["due_at"], "over": over})
