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
    """One function that waits for its turn, what became of it, and who is to be told."""

    work: Callable[[sqlite3.Connection], Any]
    told: asyncio.Future[None]
    result: Any = None
    error: BaseException | None = None

    def end(self, result: Any = None, error: BaseException | None = None) -> None:
        """Note the outcome; a later one replaces it."""
        self.result, self.error = result, error


class Line:
    """Those who wait for a connection: as many as have come by then are taken along together.

    They share one hop to the thread and one commit, and are told after it; what fails undoes itself alone. Whoever
    wants to be alone is taken along by nobody: it takes its time, and only those wait for it who come while it runs.
    """

    def __init__(self, together: Callable[[sqlite3.Connection, list[Job]], None]) -> None:
        self.lock = asyncio.Lock()
        self._together = together
        self._waiting: list[Job] = []
        self._serving: asyncio.Task[None] | None = None

    async def turn(
        self, connection: aiosqlite.Connection, work: Callable[[sqlite3.Connection], T], *, alone: bool = False
    ) -> T:
        """Run `work`; returns its result or raises its error. Whoever is cancelled meanwhile ends once it has ended."""
        job = Job(work, asyncio.get_running_loop().create_future())
        if alone:
            await to_the_end(self._serve(connection, [job]))
        else:
            self._waiting.append(job)
            if self._serving is None:
                self._serving = asyncio.create_task(self._serve_all(connection))
                self._serving.add_done_callback(self._ended)
            await _end(job.told)
        if job.error is not None:
            raise job.error
        result: T = job.result
        return result

    async def _serve_all(self, connection: aiosqlite.Connection) -> None:
        try:
            while self._waiting:
                await self._serve(connection)
        finally:
            self._serving = None

    def _ended(self, served: asyncio.Task[None]) -> None:
        # Only the end of the event loop cancels it, perhaps before its first step: nobody may be left waiting.
        if served.cancelled() and self._serving in (served, None):
            self._serving = None
            jobs, self._waiting = self._waiting, []
            _tell(jobs, asyncio.CancelledError())

    async def _serve(self, connection: aiosqlite.Connection, alone: list[Job] | None = None) -> None:
        async with self.lock:
            jobs = alone or self._take()
            try:
                await hop(connection, lambda db: self._together(db, jobs))
            except asyncio.CancelledError as error:
                _tell(jobs, error)
                raise
            except BaseException as error:
                _tell(jobs, error)
            else:
                _tell(jobs)

    def _take(self) -> list[Job]:
        jobs, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
        return jobs


def _tell(jobs: list[Job], error: BaseException | None = None) -> None:
    for job in jobs:
        if error is not None:
            job.end(error=error)
        if not job.told.done():
            job.told.set_result(None)


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
    return await _end(asyncio.ensure_future(work))


async def _end(awaited: asyncio.Future[T]) -> T:
    try:
        return await asyncio.shield(awaited)
    except asyncio.CancelledError:
        if not awaited.cancelled():
            await asyncio.wait([awaited])
            if not awaited.cancelled():
                awaited.exception()
        raise
