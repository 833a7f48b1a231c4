"""Maker of an import's whole difference, for as long as its dry run waits for a decision."""

from collections.abc import Mapping
from functools import partial

from bot.clock import Clock
from bot.config import Config
from bot.delivery.compose import Maker
from bot.delivery.gather import NO_RIGHT, Dropped
from bot.making.drawing import Drawing
from bot.reports.difference import difference_workbook
from bot.roster import wire
from bot.store import accounts, roster
from bot.store.database import Store
from bot.store.outbox import Row
from messages.outgoing import Outgoing
from messages.texts import Texts


class ImportMakers:
    """What an import would do, row by row, for the admin who sent the file."""

    def __init__(self, store: Store, clock: Clock, config: Config, texts: Texts, drawing: Drawing) -> None:
        self._store = store
        self._clock = clock
        self._admins = config.access.admins
        self._texts = texts
        self._drawing = drawing

    def makers(self) -> Mapping[str, Maker]:
        """Return the makers by the template they stand for."""
        return {"admin_import_all": self._difference}

    async def _difference(self, row: Row) -> Outgoing | Dropped:
        if row.telegram_id not in self._admins:
            return NO_RIGHT
        waiting = await self._store.read(lambda db: accounts.conversation(db, row.telegram_id))
        if waiting is None or waiting[0] != "import" or waiting[1]["key"] != row.facts["key"]:
            return Dropped("the dry run is over")
        kept = waiting[1].get("rows")
        if kept is None:
            return Dropped("the dry run is of an earlier version")
        found = await self._store.read_at_length(lambda db: roster.difference(db, *wire.from_text(kept)))
        book = await self._drawing.make(partial(difference_workbook, found, self._clock.now()))
        return Outgoing("document", self._texts.render(row.template, {}), file=book, file_name="perbedaan-pegawai.xlsx")
