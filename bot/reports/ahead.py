"""Weeks published beside the writer: counted in a snapshot of their own, so that nobody's write waits for it."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bot.reports.weekly import Weekly
from bot.store.database import Store

# After so many a week is counted where it is written, while nobody else can write.
TRIES = 3


async def publish(store: Store, weekly: Weekly, now: datetime, weeks: Sequence[str]) -> None:
    """Publish those of the weeks, in their order, that were not yet; raises as `Weekly.frozen` does.

    What it stands on may change between the counting and the writing: then that week is counted again.
    """
    missing = await store.read(lambda db: weekly.unpublished(db, weeks))
    if missing:
        # Whoever writes just now may do so of a moment before a week's end; that belongs to the week.
        await store.write_quietly(lambda _db: None)
    for week in missing:
        if not await _published(store, weekly, now, week):
            await store.write_quietly(partial(weekly.frozen, now=now, week=week, unit=None))


async def _published(store: Store, weekly: Weekly, now: datetime, week: str) -> bool:
    for _ in range(TRIES):
        found = await store.read_at_length(partial(weekly.ready, now=now, week=week))
        if found is None or await store.write_quietly(partial(weekly.keep, now=now, publication=found)):
            return True
    return False
