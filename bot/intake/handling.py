"""Gives a stored update to its handlers, and says whether one of them marked it done; a handler's error is raised."""

import json
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from telegram import Update
from telegram.ext import Application, ApplicationBuilder, CallbackContext, ExtBot

from bot.clock import Clock
from bot.intake.lanes import Handle
from bot.intake.receiving import is_storable
from bot.store import incoming
from bot.store.database import Store
from bot.store.incoming import Incoming

log = logging.getLogger(__name__)
App = Application[Any, Any, Any, Any, Any, Any]
# The stored row of the update that is being handled.
UPDATE_ROW: ContextVar[int] = ContextVar("update_row")
# The last stored row that a handler of this context has marked done, so that the store need not be asked.
DONE_ROW: ContextVar[int] = ContextVar("done_row", default=0)
# Errors of the update that is being handled: process_update() itself keeps silent about them.
_ERRORS: ContextVar[list[Exception]] = ContextVar("errors")


def application_over(bot: ExtBot[None]) -> App:
    """Return what holds handlers, without python-telegram-bot's own way in and timer; one bot may have several."""
    # No updater: polling is our own, so that an update is stored before it is confirmed. No job queue: the
    # timetable asks the store.
    app: App = ApplicationBuilder().bot(bot).updater(None).job_queue(None).build()
    app.add_error_handler(_remember_error)
    return app


def handling(
    app: App, store: Store, clock: Clock, elsewhere: Callable[[Incoming], Awaitable[bool]] | None = None
) -> Handle:
    """Return what handles an update by the handlers of `app`, unless `elsewhere` has taken it."""

    async def handle(row: Incoming) -> bool:
        if elsewhere is not None and await elsewhere(row):
            return False
        given = json.loads(row.raw)
        try:
            # Of some kinds the library takes an empty one, and fails only when it is asked who did it.
            whole = {} not in given.values() and is_storable(row.raw, given)
            update = Update.de_json(given, app.bot) if whole else None
        except Exception as error:
            # Of another shape than Telegram's: trying again would only hold up its chat.
            log.warning("update cannot be read row=%d kind=%s", row.id, type(error).__name__)
            update = None
        if update is None:
            await store.write(lambda db: incoming.unreadable(db, row.id, clock.now()))
            return True
        # Of an earlier try, which may have been a trial's: its store knows the same number.
        DONE_ROW.set(0)
        errors: list[Exception] = []
        marks = (UPDATE_ROW.set(row.id), _ERRORS.set(errors))
        try:
            await app.process_update(update)
        finally:
            UPDATE_ROW.reset(marks[0])
            _ERRORS.reset(marks[1])
        if errors:
            raise errors[0]
        return DONE_ROW.get() == row.id

    return handle


async def _remember_error(_update: object, context: CallbackContext[Any, Any, Any, Any]) -> None:
    if context.error is not None:
        _ERRORS.get().append(context.error)
