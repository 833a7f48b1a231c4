"""What is wrong with the bot, looked for at every look of the timetable, and told to the admins.

The rules of telling are bot/domain/alarm.py's; here the facts are gathered, none of which a person wrote. How long
something lasts inside the process is measured by the monotonic clock: a wall clock that jumps raises no alarm.
"""

import asyncio
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from bot.calendars import Calendars
from bot.clock import to_text
from bot.domain.alarm import Alarm, Say, step
from bot.store import alarms, facts, outbox
from bot.store.backup import copies
from bot.store.database import Store
from bot.store.outbox import Lane
from messages.library import SHIPPED, ContentError, load_library
from messages.texts import Texts
from scheduler.housekeeping import BACKUP_FAILED, LAST_BACKUP
from scheduler.summaries import Summaries

# A fact that stands from the moment at which Telegram refuses the token until it takes one again.
TOKEN_REFUSED = "token_refused"  # noqa: S105 - the name of a fact, not a secret
SILENT_POLLER = 600.0  # seconds without a sign that the way in works
FAILING_LOOKS = 300.0  # seconds
STALLED_QUEUE = 300.0  # seconds for which messages have been waiting longer than
WAITING_LONG = timedelta(minutes=10)
LITTLE_DISK = 512 * 2**20
OLD_BACKUP = timedelta(days=3)
ASIDE_COUNTS = timedelta(days=1)
FILES_EVERY = timedelta(minutes=1)
KINDS = ("token", "poller", "queue", "look", "summary", "disk", "backup_failed", "backup_old", "aside", "content")

# A kind's facts for the message, None where all is well; a kind that cannot be judged just now is left out.
Troubles = dict[str, dict[str, Any] | None]


def free_bytes(place: Path) -> int:
    """Return how much room there is beside a file."""
    return shutil.disk_usage(place.parent).free


@dataclass
class Alarms:
    """Gathers the facts, judges them, queues what is to be told."""

    store: Store
    calendars: Calendars
    admins: tuple[int, ...]
    summaries: Summaries
    backup_dir: Path
    content: Path | None
    listens: bool = True
    free: Callable[[Path], int] = free_bytes
    monotonic: Callable[[], float] = time.monotonic
    _heard: float | None = None
    _lasting: dict[str, float] = field(default_factory=dict)
    _files: Troubles = field(default_factory=dict)
    _files_at: datetime | None = None
    _content_seen: frozenset[tuple[str, int]] | None = None
    _content_fault: str | None = None

    def hear(self) -> None:
        """Note that the way in works: getUpdates was answered, or nothing waits for the webhook."""
        self._heard = self.monotonic()

    async def look(self, now: datetime, *, look_failed: bool) -> None:
        """Judge everything as it is now and queue what is to be told."""
        troubles = self._process(look_failed)
        if self._files_at is None or abs(now - self._files_at) >= FILES_EVERY:
            self._files, self._files_at = await asyncio.to_thread(self._look_at_files), now
        troubles |= self._files
        # Most looks change nothing and cost no commit.
        troubles, changes = await self.store.read(lambda db: self._looked_through(db, now, troubles))
        if changes:
            await self.store.write(lambda db: self._judge(db, now, troubles))

    def _looked_through(self, db: sqlite3.Connection, now: datetime, known: Troubles) -> tuple[Troubles, bool]:
        troubles = known | self._in_store(db, now, known)
        return troubles, any(self._steps(db, now, troubles))

    def _process(self, look_failed: bool) -> Troubles:
        found: Troubles = {"look": {} if self._lasts("look", look_failed, FAILING_LOOKS) else None}
        if self.listens:
            if self._heard is None:
                # Since the start there was none yet: counted from now.
                self.hear()
            silent = self.monotonic() - (self._heard or 0.0)
            found["poller"] = {"minutes": int(silent // 60)} if silent >= SILENT_POLLER else None
        return found

    def _lasts(self, name: str, now_so: bool, seconds: float) -> bool:
        if not now_so:
            self._lasting.pop(name, None)
            return False
        return self.monotonic() - self._lasting.setdefault(name, self.monotonic()) >= seconds

    def _look_at_files(self) -> Troubles:
        free = self.free(self.store.path)
        return {
            "disk": {"mebibytes": free // 2**20} if free < LITTLE_DISK else None,
            "content": {"fault": fault} if (fault := self._look_at_content()) else None,
        }

    def _look_at_content(self) -> str | None:
        """Read the content again when its files have changed; what was there at the start has been read."""
        folder = self.content or SHIPPED
        seen = frozenset(_files(folder))
        if self._content_seen is not None and seen != self._content_seen:
            self._content_fault = _content_fault(folder, self.calendars)
        self._content_seen = seen
        return self._content_fault

    def _in_store(self, db: sqlite3.Connection, now: datetime, known: Troubles) -> Troubles:
        found: Troubles = {"token": {} if facts.fact(db, TOKEN_REFUSED) else None}
        waiting = alarms.stalled(db, now, WAITING_LONG)
        stalled = self._lasts("queue", waiting > 0, STALLED_QUEUE)
        # While Telegram is silent the queue stands still because of that, which is told already.
        if not known.get("poller"):
            found["queue"] = {"count": waiting} if stalled else None
        failed = facts.fact(db, BACKUP_FAILED)
        found["backup_failed"] = {"reason": failed} if failed else None
        if not failed:
            found["backup_old"] = self._old_backup(db, now)
        aside = alarms.kept_aside(db, now - ASIDE_COUNTS)
        found["aside"] = {"count": aside} if aside else None
        if not known["look"]:
            missed = self.summaries.missed(db, now)
            found["summary"] = {"week": missed} if missed else None
        return found

    def _old_backup(self, db: sqlite3.Connection, now: datetime) -> dict[str, Any] | None:
        made = [copy.made for copy in copies(self.backup_dir)]
        local = now.astimezone(self.calendars.city.zone).replace(tzinfo=None)
        if made:
            return {"days": (local - made[-1]).days} if local - made[-1] > OLD_BACKUP else None
        return {"days": None} if facts.fact(db, LAST_BACKUP) else None

    def _steps(
        self, db: sqlite3.Connection, now: datetime, troubles: Troubles
    ) -> list[tuple[str, Alarm | None, Alarm | None, Say | None]]:
        """Return what changes: kind, the alarm before and after, and what is to be told."""
        awake = self.calendars.city.notice_open(now) == now
        changed = []
        for kind in KINDS:
            if kind not in troubles:
                continue
            before = alarms.get(db, kind)
            # While an earlier word waits, such as one that Telegram's absence holds back, no second one is added;
            # that it is over takes the earlier one's place.
            may_tell = awake and (troubles[kind] is None or not outbox.waits(db, f"alarm:{kind}:*"))
            after, say = step(before, troubles[kind] is not None, now, may_tell)
            if after != before or say:
                changed.append((kind, before, after, say))
        return changed

    def _judge(self, db: sqlite3.Connection, now: datetime, troubles: Troubles) -> None:
        for kind, before, after, say in self._steps(db, now, troubles):
            alarms.keep(db, kind, after)
            if say is Say.OVER:
                outbox.cancel_key(db, f"alarm:{kind}:*", now, "over")
            if say is None or (alarm := after or before) is None:
                continue
            told = {
                "kind": kind,
                "say": say.value,
                "since": to_text(alarm.since),
                "until": to_text(alarm.ended_at) if alarm.ended_at else None,
                "about": troubles[kind] or {},
            }
            for admin in self.admins:
                key = f"alarm:{kind}:{to_text(now)}:{admin}"
                outbox.put(db, now, admin, alarms.ALARM, told, key=key, lane=Lane.NOTICE)


def _files(folder: Path | str) -> Iterator[tuple[str, int]]:
    """Yield path and time of change of each file in a folder and those in it, asking the disk once a file."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(entry.path)
            elif entry.is_file():
                yield entry.path, entry.stat().st_mtime_ns


def _content_fault(folder: Path, calendars: Calendars) -> str | None:
    """Return why the content of a folder cannot be read, or None."""
    try:
        load_library(folder)
        texts = Texts(folder, calendars.city.zone)
        for file in sorted((folder / "templates").glob("*.j2")):
            texts.asks_for(file.stem)
    except ContentError as error:
        return str(error)
    except TemplateError as error:
        return f"{file.name}: {error.message}"
    except OSError as error:
        return str(error)
    return None
