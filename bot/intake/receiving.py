"""What every way in shares: a batch is stored in one commit, then (and only then) confirmed."""

import json
import logging
import re
from collections.abc import Sequence
from typing import Any

from bot import logs
from bot.clock import Clock
from bot.intake.lanes import Lanes
from bot.store import incoming
from bot.store.database import Store

log = logging.getLogger(__name__)
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "poll_answer", "my_chat_member"]
# Where in an update the user or chat stands whose order it keeps (Bot API, Update).
_SPEAKERS = (
    ("message", "chat"),
    ("edited_message", "chat"),
    ("callback_query", "from"),
    ("poll_answer", "user"),
    ("my_chat_member", "chat"),
)
# What only a number too long or half a letter can look like, save whole letters beyond the first plane, such as emoji.
_SUSPECT = re.compile(r"[0-9]{19}|\\ud[89a-f]", re.IGNORECASE)


class Receiver:
    """Stores what came and hands it to the lanes."""

    def __init__(self, store: Store, clock: Clock, lanes: Lanes) -> None:
        self._store = store
        self._clock = clock
        self._lanes = lanes

    async def receive(self, updates: Sequence[dict[str, Any]]) -> None:
        """Store a batch (committed when this returns) and have it handled; raises if it was not stored."""
        # In ASCII: half a surrogate pair, which a client can send, could not be stored otherwise.
        batch = [(int(update["update_id"]), lane_of(update), json.dumps(update)) for update in updates]
        now = self._clock.now()
        kept = await self._store.write(lambda db: incoming.keep(db, now, batch))
        for row in kept:
            with logs.following(logs.of_update(row.id)):
                log.info("update stored update_id=%d", row.update_id)
        self._lanes.submit(kept)

    async def step_over(self, update_id: int, raw: str, error: str) -> None:
        """Keep an update aside that cannot be read at all."""
        now = self._clock.now()
        await self._store.write(lambda db: incoming.aside(db, update_id, now, raw, error))


def lane_of(update: dict[str, Any]) -> int:
    """Return the user or chat whose order an update keeps; 0 for what belongs to nobody."""
    for kind, speaker in _SPEAKERS:
        part = update.get(kind)
        if isinstance(part, dict) and isinstance(part.get(speaker), dict):
            found = part[speaker].get("id")
            return found if isinstance(found, int) and storable(found) else 0
    return 0


def has_id(update: object) -> bool:
    """Whether this is an update with a number that can be kept."""
    found = update.get("update_id") if isinstance(update, dict) else None
    return isinstance(found, int) and not isinstance(found, bool) and storable(found)


def storable(number: int) -> bool:
    """Whether SQLite's integers reach to this number: one beyond them would refuse the whole batch for ever."""
    return -(2**63) <= number < 2**63


def is_storable(raw: str, parsed: object) -> bool:
    """Whether the store can hold every whole number and every text of an update, given as ASCII JSON and parsed."""
    return _SUSPECT.search(raw) is None or all_storable(parsed)


def all_storable(part: object) -> bool:
    """Whether the store can hold every whole number and every text in a JSON value, however deep it lies."""
    left = [part]
    while left:
        here = left.pop()
        if isinstance(here, dict):
            left.extend(here.values())
        elif isinstance(here, list):
            left.extend(here)
        elif isinstance(here, int) and not storable(here):
            return False
        elif isinstance(here, str) and any("\ud800" <= letter <= "\udfff" for letter in here):
            # Half a character: JSON can write it, UTF-8 cannot.
            return False
    return True
