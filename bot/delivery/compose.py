"""From an outbox row to the message that is sent: facts gathered as it is sent, then rendered."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.clock import Clock
from bot.delivery import gather, rectifying, sharing
from bot.delivery.gather import Dropped, Gathered
from bot.store.database import Store
from bot.store.outbox import Row
from messages.composing import message, poll
from messages.library import Library
from messages.outgoing import Outgoing
from messages.texts import Texts

# Makes messages that need more than a template: pictures, workbooks, documents. Given by the application.
Maker = Callable[[Row], Awaitable[Outgoing | Dropped]]


class Composer:
    """Turns rows into messages."""

    def __init__(self, store: Store, texts: Texts, library: Library, clock: Clock, makers: Mapping[str, Maker]) -> None:
        self._store = store
        self._texts = texts
        self._library = library
        self._clock = clock
        self._makers = makers

    async def compose(self, row: Row) -> tuple[Outgoing | Dropped, dict[str, Any]]:
        """Return the message of a row, or why there is none, and the facts that were gathered for it."""
        if row.template in self._makers:
            return await self._makers[row.template](row), row.facts
        gathered = await self._gather(row)
        if isinstance(gathered, Dropped):
            return gathered, row.facts
        facts = row.facts | gathered.facts
        if gathered.template in self._makers:
            return await self._makers[gathered.template](_with(row, gathered.template, facts)), facts
        if gathered.template == "poll":
            return poll(self._texts, facts), facts
        if gathered.template == "copy":
            return Outgoing("copy", source_chat=facts["source_chat"], source_messages=tuple(facts["messages"])), facts
        return message(self._texts, gathered.template, facts), facts

    async def _gather(self, row: Row) -> Gathered | Dropped:
        now, library = self._clock.now(), self._library
        if row.template == "touch":
            return await self._store.read(lambda db: gather.touch(db, now, library, row.facts))
        if row.template == "catch_up":
            return await self._store.read(lambda db: gather.catch_up(db, now, row.facts))
        if row.template == "ally_share":
            return await self._store.read(lambda db: sharing.share(db, row.telegram_id, row.facts))
        if row.template == "reflection_shared":
            return await self._store.read(lambda db: sharing.reflection(db, row.telegram_id, row.facts))
        if row.template == "correction_task":
            return await self._store.read(lambda db: rectifying.task(db, now, row.facts))
        if row.template == "quiz_next":
            return await self._store.read(lambda db: gather.quiz_item(db, library, row.facts["quiz_item"], {}))
        return Gathered(row.template, row.facts)


def _with(row: Row, template: str, facts: dict[str, Any]) -> Row:
    return Row(
        row.id,
        row.dedupe_key,
        row.lane,
        row.telegram_id,
        template,
        facts,
        row.expires_at,
        row.attempts,
        row.ambiguous,
        row.broadcast_id,
    )
