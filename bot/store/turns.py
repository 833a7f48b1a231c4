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
    result: Any = None
    error: BaseException | None = None
    _over: bool = False
    _told: asyncio.Future[None] | None = None

    def end(self, result: Any = None, error: BaseException | None = None) -> None:
        """Note the outcome; a later one replaces it."""
        self.result, self.error = result, error

    def tell(self) -> None:
        """Let who waits go on: the outcome stands."""
        self._over = True
        if self._told is not None and not self._told.done():
            self._told.set_result(None)

    async def over(self) -> None:
        """Wait until it has ended; whoever is cancelled meanwhile, however often, is so once it has ended."""
        cancelled = None
        while not self._over:
            # A cancellation takes the future with it; it costs half of what asyncio.shield() does.
            self._told = asyncio.get_running_loop().create_future()
            try:
                await self._told
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled


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
        job = Job(work)
        if alone:
            await to_the_end(self._serve(connection, [job]))
        else:
            self._waiting.append(job)
            if self._serving is None:
                self._serving = asyncio.create_task(self._serve_all(connection))
                self._serving.add_done_callback(self._ended)
            await job.over()
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
        job.tell()


def write_together(db: sqlite3.Connection, jobs: list[Job]) -> None:
    """Run several writes in one transaction. When it could not be committed nothing is kept: raises then, or tells a
    lone one."""
    if len(jobs) == 1:
        try:
            jobs[0].end(transact(db, jobs[0].work))
        except BaseException as error:
            # Not raised here: whatever it is, it is this one's alone, and a future that is to hold StopIteration never
            # ends.
            jobs[0].end(error=error)
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
    """Await `work`; whoever is cancelled meanwhile, however often, is so once it has ended."""
    task, cancelled = asyncio.ensure_future(work), None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        # Looked at, else it is reported as never looked at.
        task.exception()
    raise cancelled
