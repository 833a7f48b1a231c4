"""The crash matrix: one bot after the other, each killed at a named point or at a random moment."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.stress.walkers import Announcer, Walker
from tests.stress.world import City, Row, city

TOGETHER = 3
RANDOM_EVERY = 4
MOST_UNDER_WAY = 16


async def rehearse(world: City) -> list[str]:
    """Serve two people without a fault: they are the measure. Returns the points that were passed, by name."""
    listing = world.folder / "points"
    world.start(listing=str(listing))
    first, second = world.newcomers(2)
    assert await world.walk([first, second])
    assert await world.walk([world.announcer()])
    world.measure = world.told(first), world.kept(first)
    assert (world.told(second), world.kept(second)) == world.measure
    assert len(first.said) == 3
    assert world.compare(Row("none")) is None
    assert world.stop() == 0
    return sorted(set(listing.read_text().splitlines()))


class Matrix:
    """Kills until the number is reached; then everybody is held against the measure."""

    def __init__(self, world: City, points: list[str], seed: int) -> None:
        self.world = world
        self.chance = random.Random(seed)
        self.used: Counter[str] = Counter(dict.fromkeys(points, 0))
        self.chance.shuffle(points)
        self.points = points
        self.rows = {"kill -9 at a named point": Row("kill -9 at a named point")}
        self.rows["kill -9 at a random moment"] = Row("kill -9 at a random moment")
        self.under_way: set[tuple[Any, ...]] = set()
        self.armed = ""
        self.rounds = 0

    @property
    def kills(self) -> int:
        return sum(row.tried for row in self.rows.values())

    def begin(self) -> None:
        """Start the next bot, told where to die."""
        if self.kills % RANDOM_EVERY == RANDOM_EVERY - 1 or not self.points:
            self.armed = ""
        else:
            # The point that was met least often so far; `points` were shuffled, so ties fall anywhere.
            self.armed = min(self.points, key=lambda point: self.used[point])
        often = 1 if self.used[self.armed] == 0 else self.chance.randint(1, 4)
        self.world.start(crash_at=f"{self.armed}#{often}" if self.armed else "")

    def buried(self) -> None:
        """Look at what a bot that died left behind, and count it."""
        named = bool(self.armed)
        self.rows["kill -9 at a named point" if named else "kill -9 at a random moment"].tried += 1
        self.used[self.armed] += 1
        self.world.kills += 1
        self.world.sound()
        leased = self.world.leased()
        assert len(leased) <= MOST_UNDER_WAY
        # All that was under way at the kills before was counted by the bot when it rose again, one for one; what is
        # in both it has not come to count yet.
        assert self.world.named() == len(self.under_way - leased), (self.world.named(), self.under_way, leased)
        self.under_way |= leased

    async def run(self, kills: int) -> None:
        """Serve people, three at a time, with a bot that is killed again and again."""
        self.begin()
        while self.kills < kills:
            walkers = self.world.newcomers(TOGETHER)
            died = await self._serve(walkers)
            died = await self._serve([self.world.announcer()]) or died
            if not died and self.armed:
                # Passed once in the life of a database, it does not come again.
                self.points.remove(self.armed)
                self._kill()
        self.world.kill()
        self.buried()
        self.world.start()
        assert await self.world.walk(self.world.walkers)
        row = Row("all")
        self.world.compare(row)
        self._add_up(row)

    async def _serve(self, walkers: Sequence[Walker | Announcer]) -> bool:
        died = False
        while True:
            mortal = asyncio.create_task(self._kill_at_random()) if not self.armed else None
            done = await self.world.walk(walkers)
            if mortal is not None:
                mortal.cancel()
            if done:
                return died
            died = True
            assert self.world.process is not None
            assert self.world.process.poll() == -9, self.world.logged()[-3000:]
            self.buried()
            self.begin()

    async def _kill_at_random(self) -> None:
        await asyncio.sleep(0.3 + self.chance.random() * 1.5)
        self.world.process.kill()  # type: ignore[union-attr]

    def _kill(self) -> None:
        self.world.kill()
        self.armed = ""
        self.buried()
        self.begin()

    def _add_up(self, row: Row) -> None:
        world = self.world
        assert world.query("SELECT count(*) FROM incoming WHERE state <> 'done'")[0][0] == 0
        assert world.query("SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'cancelled', 'expired')") == [(0,)]
        # Each send under way at a kill is counted, and nothing comes twice that was not.
        assert world.named() == len(self.under_way), (world.named(), self.under_way)
        assert row.doubled <= world.named()
        assert row.lost == 0
        for each in self.rows.values():
            each.survived = each.tried
        last = self.rows["kill -9 at a named point"]
        last.doubled, last.named = row.doubled, world.named()


async def crash_matrix(folder: Path, kills: int, seed: int) -> list[Row]:
    """Kill so many times; returns the table's rows. Raises AssertionError for what was lost or doubled unnamed."""
    async with city(folder) as world:
        matrix = Matrix(world, await rehearse(world), seed)
        await matrix.run(kills)
        return list(matrix.rows.values())
