"""Work on a connection: in one transaction, in turn; those who wait together share a hop to its thread and a commit."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")
MOST_TOGETHER = 32


def transact(db: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    """Run `work` in one immediate transaction; whatever it raises undoes it and is raised again."""
    db.execute("BEGIN IMMEDIATE")
    try:
        result = work(db)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    return result


@dataclass(eq=False)
class Job:
    """One function that waits for its turn, and what became of it."""

    work: Callable[[sqlite3.Connection], Any]
    done: bool = False
    result: Any = None
    error: BaseException | None = None

    def end(self, result: Any = None, error: BaseException | None = None) -> None:
        """Note the outcome; a later one replaces it."""
        self.done, self.result, self.error = True, result, error


class Line:
    """Those who wait for a connection. Whoever's turn it is takes along all who have come meanwhile.

    They share one hop to the thread and one commit, and are told after it; what fails undoes itself alone. Whoever
    wants to be alone is taken along by nobody: it takes its time, and only those wait for it who come while it runs.
    """

    def __init__(self, together: Callable[[sqlite3.Connection, list[Job]], None]) -> None:
        self.lock = asyncio.Lock()
        self._together = together
        self._waiting: list[Job] = []

    async def turn(
        self, connection: aiosqlite.Connection, work: Callable[[sqlite3.Connection], T], *, alone: bool = False
    ) -> T:
        """Run `work`; returns its result or raises its error."""
        job = Job(work)
        if not alone:
            self._waiting.append(job)
        async with self.lock:
            if not job.done:
                jobs = [job] if alone else self._take()
                try:
                    await hop(connection, lambda db: self._together(db, jobs))
                except BaseException as error:
                    for each in jobs:
                        each.end(error=error)
                    raise
        if job.error is not None:
            raise job.error
        result: T = job.result
        return result

    def _take(self) -> list[Job]:
        jobs, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
        return jobs


def write_together(db: sqlite3.Connection, jobs: list[Job]) -> None:
    """Run several writes in one transaction. Raises when it could not be committed: then nothing is kept."""
    if len(jobs) == 1:
        jobs[0].end(transact(db, jobs[0].work))
        return

    def each_in_turn(db: sqlite3.Connection) -> None:
        for job in jobs:
            db.execute("SAVEPOINT one_of_several")
            try:
                job.end(job.work(db))
            except BaseException as error:
                if not db.in_transaction:
                    # SQLite itself gave up on the whole (a full disk): nothing of the others is left either.
                    raise
                db.execute("ROLLBACK TO one_of_several")
                job.end(error=error)
            db.execute("RELEASE one_of_several")

    transact(db, each_in_turn)


def read_together(db: sqlite3.Connection, jobs: list[Job]) -> None:
    """Run several reads in one snapshot, taken after the last of them was asked for."""
    db.execute("BEGIN")
    try:
        for job in jobs:
            try:
                job.end(job.work(db))
            except BaseException as error:
                job.end(error=error)
    finally:
        db.execute("ROLLBACK")


async def hop(connection: aiosqlite.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    """Run `work` on the connection's thread, whole."""
    # aiosqlite hands single statements to its thread; a whole transaction in one hop costs half as much
    # and cannot be interleaved, so its (private) door to that thread is used directly.
    run: Callable[..., Coroutine[Any, Any, T]] = connection._execute
    return await run(work, connection._conn)


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Await `work`, and when cancelled, end only once it has ended."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not task.cancelled():
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()
        raise
