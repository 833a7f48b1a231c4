"""The same handlers, texts and store behind python-telegram-bot's defaults: `python -m tests.bench.plain CONFIG`.

Its own poller and queue, its client over httpx, one update after the other, and each answer awaited before the next
update is looked at: what one writes after reading its examples. Nothing is stored before it is confirmed.
"""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any

from telegram import Update
from telegram.ext import Application, ApplicationBuilder

from bot.application import Sinar, assemble
from bot.calendars import Calendars
from bot.clock import SystemClock
from bot.config import load_config
from bot.delivery.calls import send
from bot.delivery.gather import Dropped
from bot.delivery.record import Result, record
from bot.delivery.worker import PEOPLE_LANES
from bot.intake.handling import UPDATE_ROW
from bot.reports.weekly import Weekly
from bot.sandbox import TOKEN
from bot.store import incoming, outbox
from bot.store.planning import Rules
from handlers import wiring
from handlers.door import House


class Plain(Application[Any, Any, Any, Any, Any, Any]):
    """Does in turn what Sinar does side by side."""

    sinar: Sinar

    async def process_update(self, update: object) -> None:
        """Handle one update and send its answers."""
        assert isinstance(update, Update)
        store, now, number = self.sinar.store, self.sinar.clock.now(), update.update_id
        kept = await store.write(lambda db: incoming.keep(db, now, [(number, 0, "{}")]))
        mark = UPDATE_ROW.set(kept[0].id)
        try:
            await super().process_update(update)
        finally:
            UPDATE_ROW.reset(mark)
        while rows := await store.write(lambda db: outbox.lease(db, self.sinar.clock.now(), PEOPLE_LANES, 16, ())):
            for row in rows:
                await self._answer(row)

    async def _answer(self, row: outbox.Row) -> None:
        out, facts = await self.sinar.delivery._composer.compose(row)
        report = out if isinstance(out, Dropped) else await send(self.bot, row.telegram_id, out)
        result = Result(row, report, facts)
        await self.sinar.store.write(lambda db: record(db, self.sinar.clock.now(), result))


async def main(path: Path) -> None:
    """Poll until SIGTERM."""
    config, clock = load_config(path), SystemClock()
    async with assemble(config, TOKEN, clock) as sinar:
        calendars, schedule = Calendars(config), config.schedule
        house = House(
            sinar.store,
            clock,
            config,
            Rules(sinar.library.journeys, calendars, schedule.touches_per_day, config.programme.later_half),
            sinar.library,
            Weekly(sinar.library, schedule.zone, config.privacy.minimum_group),
            lambda: "sinar_bot",
        )
        base = config.telegram.api_base_url
        builder = ApplicationBuilder().application_class(Plain).token(TOKEN).base_url(f"{base}/bot")
        app: Any = builder.job_queue(None).build()
        app.sinar = sinar
        wiring.install(app, house, app.bot)
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        async with app:
            await app.start()
            await app.updater.start_polling()
            await stop.wait()
            await app.updater.stop()
            await app.stop()


if __name__ == "__main__":
    os.environ.setdefault("PTB_TIMEDELTA", "1")
    logging.basicConfig(level=logging.ERROR)
    asyncio.run(main(Path(sys.argv[1])))
