"""The nights' work: a checked backup, and the erasure of what is due by the retention time."""

import asyncio
import logging
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from apscheduler.triggers.cron import CronTrigger

from bot.calendars import Calendars
from bot.clock import from_text, to_text
from bot.store import accounts, backup, erasure, facts, incoming, outbox, roster, tombstones
from bot.store.database import Store, StoreError

log = logging.getLogger(__name__)
LAST_BACKUP = "last_backup"
BACKUP_FAILED = "backup_failed"
LAST_CLEANING = "last_cleaning"
AFTER_WITHDRAWAL = timedelta(days=30)
AFTER_SENDING = timedelta(days=35)
A_NIGHT, AN_INSTANT = timedelta(days=1), timedelta(microseconds=1)
HOUR_OF_THE_NIGHT = "2"


@dataclass(frozen=True)
class Housekeeping:
    """What runs once a night, or as soon as the bot runs again after a night it missed."""

    store: Store
    calendars: Calendars
    backup_dir: Path
    backups_kept: int
    backup_public_key: str | None
    retention: timedelta
    _nights: dict[datetime, datetime] = field(default_factory=dict, init=False, repr=False, compare=False)

    async def look(self, now: datetime) -> None:
        """Do the night's work if it has not been done since the last 02.00; empty the log after an erasure."""
        holds_erased, done = await self.store.read(
            lambda db: (_log_holds_erased(db), facts.fact_with_time(db, LAST_CLEANING))
        )
        # Again at a look: a crash may have come first, and the answer to /hapus was on its way meanwhile.
        if holds_erased and await self.store.checkpoint():
            await self.store.write(lambda db: facts.drop_fact(db, tombstones.LOG_TO_EMPTY))
        night = self._last_night(now)
        if done is not None and night <= from_text(done[1]) <= now:
            return
        await self._clean(now)
        await self._back_up(now)
        await self.store.write(lambda db: facts.set_fact(db, LAST_CLEANING, to_text(night), now))

    def _last_night(self, now: datetime) -> datetime:
        # It is asked for at every look and changes with a minute's begin at most.
        minute = now.replace(second=0, microsecond=0)
        if minute not in self._nights:
            self._nights.clear()
            trigger = CronTrigger(hour=HOUR_OF_THE_NIGHT, timezone=self.calendars.city.zone)
            night = trigger.get_next_fire_time(None, minute - A_NIGHT + AN_INSTANT)
            self._nights[minute] = from_text(to_text(night)) if night else minute
        return self._nights[minute]

    async def _clean(self, now: datetime) -> None:
        withdrawn = await self.store.read(lambda db: accounts.withdrawn_before(db, now - AFTER_WITHDRAWAL))
        for telegram_id in withdrawn:
            await self.store.write(
                partial(tombstones.erase, now=now, database=self.store.path, telegram_id=telegram_id)
            )
        if withdrawn:
            await self.store.checkpoint()
        await self.store.write(lambda db: incoming.forget_old(db, now))
        await self.store.write(lambda db: roster.forget_changes(db, now))
        await self.store.write(lambda db: erasure.retire(db, now, self.retention, AFTER_SENDING))

    async def _back_up(self, now: datetime) -> None:
        local = now.astimezone(self.calendars.city.zone)
        age = self.backups_kept * A_NIGHT
        # It is asked once a night: what would be over its time by the next one goes now.
        backup.forget_old_copies(self.store.path, now, age - A_NIGHT)
        try:
            made = await asyncio.to_thread(
                backup.nightly,
                self.store.path,
                self.backup_dir,
                local,
                self.backups_kept,
                self.backup_public_key,
            )
        except StoreError as error:
            reason = str(error)
            log.error("backup failed reason=%s", reason)
            await self.store.write(lambda db: facts.set_fact(db, BACKUP_FAILED, reason, now))
        else:
            await self.store.write(lambda db: facts.set_fact(db, LAST_BACKUP, made.name, now))
            await self.store.write(lambda db: facts.drop_fact(db, BACKUP_FAILED))
        # After it: a night that could be backed up never leaves the folder empty.
        backup.forget_aged(self.backup_dir, local, age)


def _log_holds_erased(db: sqlite3.Connection) -> bool:
    return facts.fact(db, tombstones.LOG_TO_EMPTY) is not None and not outbox.on_its_way(db, "erased")
