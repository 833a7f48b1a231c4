"""A picture or document goes up once; whoever else is to have it gets it by the id that Telegram gave it."""

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import replace

from telegram import Bot

from bot.delivery.calls import Outcome, Report, send
from messages.outgoing import Outgoing

MOST_KNOWN = 64
_FORGOTTEN = "file identifier"  # in what Telegram says of an id that it does not (any longer) know


class Uploads:
    """Remembers what was uploaded, by its content; in memory alone, as an upload more does no harm."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, str] = OrderedDict()
        self._under_way: dict[bytes, asyncio.Lock] = {}

    async def send(self, bot: Bot, chat: int, out: Outgoing) -> Report:
        """Send a message; what is equal to a file that is just going up waits for its id."""
        if out.file is None:
            return await send(bot, chat, out)
        key = hashlib.sha256(f"{out.how} {out.file_name}\n".encode() + out.file).digest()
        lock = self._under_way.setdefault(key, asyncio.Lock())
        async with lock:
            file_id = self._known.get(key)
            if file_id is None:
                try:
                    return await self._upload(bot, chat, out, key)
                finally:
                    # Whoever waits has the lock in hand; who comes later finds the id, or makes a new lock.
                    self._under_way.pop(key, None)
        self._under_way.pop(key, None)
        report = await send(bot, chat, replace(out, file=None, file_id=file_id))
        if report.outcome is Outcome.DEFECT and _FORGOTTEN in (report.error or "").lower():
            return await self._upload(bot, chat, out, key)
        return report

    async def _upload(self, bot: Bot, chat: int, out: Outgoing, key: bytes) -> Report:
        self._known.pop(key, None)
        report = await send(bot, chat, out)
        if report.file_id is not None:
            self._known[key] = report.file_id
            if len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        return report
