"""What the sandbox holds, whoever reaches it: one world, its clock, its people, the faults that are planned."""

import asyncio
import time
from collections.abc import Callable

from bot.sandbox.faults import Faults
from bot.sandbox.people import Group, Person
from bot.sandbox.refusal import Json, Now
from bot.sandbox.world import World

TOKEN = "700000001:sandbox-token-that-opens-nothing"  # noqa: S105 - opens nothing, as it says


class Box:
    """The state behind the addresses."""

    def __init__(self, token: str = TOKEN, now: Now = time.time) -> None:
        self._base_now = now
        self.clock_offset = 0.0
        """Seconds added to what `now` returns."""
        self.world: World = World(token, self.now)
        self.faults = Faults()
        self.people: dict[int, Person] = {}
        self.closing = asyncio.Event()

    def now(self) -> float:
        """Return the world's time, epoch seconds."""
        return self._base_now() + self.clock_offset

    def person(
        self,
        user_id: int,
        *,
        first_name: str = "Warga",
        last_name: str | None = None,
        username: str | None = None,
        language_code: str = "id",
    ) -> Person:
        """Return the person with this id; names are taken at the first call."""
        if user_id not in self.people:
            user: Json = {"id": user_id, "is_bot": False, "first_name": first_name}
            more = {"last_name": last_name, "username": username, "language_code": language_code}
            self.people[user_id] = Person(self.world, user | {k: v for k, v in more.items() if v})
        return self.people[user_id]

    def group(self, chat_id: int, title: str = "Grup") -> Group:
        """Return the group with this (negative) id, with the bot as a member."""
        return Group(self.world, chat_id, title)

    async def until(self, predicate: Callable[[], object], timeout: float = 10) -> None:  # noqa: ASYNC109
        """Wait until `predicate` holds, asked at each change; raises TimeoutError."""
        await self.world.bell.until(predicate, timeout, getattr(predicate, "__name__", "the state waited for"))

    async def settled(self, timeout: float = 10) -> None:  # noqa: ASYNC109
        """Wait until the bot has confirmed all updates; raises TimeoutError."""
        await self.world.bell.until(self._quiet, timeout, "confirmation of all updates")

    def _quiet(self) -> bool:
        self.world.updates.expire()
        return not self.world.updates.pending
