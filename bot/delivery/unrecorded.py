"""Outcomes that the store did not take before the process had to end, kept beside it until the next start.

Somebody's sqlite shell may hold the file for as long as it likes; a message that has arrived must not be sent
again for that. No word of a message stands here: numbers, and what Telegram answered.
"""

import json
import logging
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.delivery.calls import Outcome, Report
from bot.delivery.gather import Dropped
from bot.delivery.record import Result, record
from bot.store import outbox

log = logging.getLogger(__name__)
# All that follows from an outcome besides the row itself (record.py).
_FACTS = ("touchpoint", "question", "quiz_item", "progress_of")


def place(database: Path) -> Path:
    """Return the file: `<database>.unrecorded`."""
    real = database.resolve()
    return real.with_name(real.name + ".unrecorded")


def keep(file: Path, results: Iterable[Result]) -> None:
    """Write down what became of these rows. Raises OSError."""
    written = [_written(result) for result in results if isinstance(result.report, Report)]
    if not written:
        return
    descriptor = os.open(file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(written, out)
        out.flush()
        os.fsync(out.fileno())
    log.warning("outcomes kept beside the database count=%d", len(written))


def take_up(db: sqlite3.Connection, now: datetime, file: Path) -> None:
    """Record what was written down, of the rows that are still under way by the store's own account."""
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except ValueError:
        # Cut off by a crash: then these sends are of unknown outcome, as after any crash.
        log.warning("outcomes kept beside the database cannot be read")
        return
    for each in kept:
        row = outbox.under_way(db, each["id"], each["key"])
        # Each outcome that is recorded changes one of the two: what is found again was not taken up yet.
        if row is not None and [row.attempts, row.ambiguous] == each["tries"]:
            record(db, now, Result(row, _report(each["report"]), row.facts | each["facts"]))


def _written(result: Result) -> dict[str, Any]:
    facts = {name: result.facts[name] for name in _FACTS if name in result.facts}
    assert not isinstance(result.report, Dropped)
    report = asdict(result.report) | {"outcome": result.report.outcome.value}
    row = result.row
    return {
        "id": row.id,
        "key": row.dedupe_key,
        "tries": [row.attempts, row.ambiguous],
        "report": report,
        "facts": facts,
    }


def _report(kept: dict[str, Any]) -> Report:
    return Report(**kept | {"outcome": Outcome(kept["outcome"]), "message_ids": tuple(kept["message_ids"])})
