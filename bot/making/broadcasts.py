"""Makers of a broadcast: its copies, their corrections, and the names of those whom it is for or did not reach."""

import json
import sqlite3
from collections.abc import Mapping
from html import unescape
from typing import Any

from bot.clock import Clock
from bot.config import Config
from bot.delivery.compose import Maker
from bot.delivery.gather import NO_RIGHT, Dropped
from bot.delivery.session_reminder import reminder_facts
from bot.domain.piece import from_json
from bot.store import accounts, audiences, broadcast_ledger, broadcasts, people, sessions
from bot.store.database import Store
from bot.store.outbox import Row
from messages.keyboards import broadcast_why
from messages.outgoing import Outgoing
from messages.texts import Texts


class BroadcastMakers:
    """What is read of a broadcast as it is sent."""

    def __init__(self, store: Store, clock: Clock, config: Config, texts: Texts) -> None:
        self._store = store
        self._clock = clock
        self._config = config
        self._texts = texts

    def makers(self) -> Mapping[str, Maker]:
        """Return the makers by the template they stand for."""
        return {
            "broadcast_copy": self._broadcast,
            "broadcast_correction": self._correction,
            "broadcast_pieces": self._pieces,
            "broadcast_names": self._names,
        }

    async def _broadcast(self, row: Row) -> Outgoing | Dropped:
        return await self._store.read(lambda db: self._copy(db, row))

    def _copy(self, db: sqlite3.Connection, row: Row) -> Outgoing | Dropped:
        found = broadcasts.get(db, row.facts["broadcast"])
        if found is None or found["state"] == "stopped":
            return Dropped("stopped")
        session = sessions.get(db, found["session_id"]) if found["session_id"] is not None else None
        if session is not None and (session.cancelled or session.start <= self._clock.now()):
            return Dropped("the session is cancelled or has begun")
        pieces = from_json(json.loads(found["pieces"]))
        messages = tuple(json.loads(found["messages"]))
        # An album bears no buttons.
        rows = broadcast_why(found["id"]) if len(messages) == 1 else ()
        if any(piece.corrected for piece in pieces):
            return Outgoing("pieces", rows=rows, source_chat=found["admin_telegram_id"], pieces=pieces)
        if messages:
            return Outgoing("copy", rows=rows, source_chat=found["admin_telegram_id"], source_messages=messages)
        account = accounts.account(db, row.telegram_id)
        if session is None or account is None or account.person_id is None:
            return Dropped("no participant any more")
        name = people.person(db, account.person_id).name
        facts = reminder_facts(session, self._clock.now(), name, self._config.schedule.zone)
        return Outgoing("text", self._texts.render("reminder", facts))

    async def _correction(self, row: Row) -> Outgoing | Dropped:
        """One delivered message, with the piece as it stands now: a later correction counts."""
        found = await self._store.read(lambda db: broadcasts.get(db, row.facts["broadcast"]))
        pieces = from_json(json.loads(found["pieces"])) if found is not None else ()
        if len(pieces) <= row.facts["piece"]:
            return Dropped("the content is erased")
        rows = broadcast_why(row.facts["broadcast"]) if len(pieces) == 1 else ()
        piece = pieces[row.facts["piece"]]
        return Outgoing("correction", rows=rows, message_id=row.facts["message"], pieces=(piece,))

    async def _pieces(self, row: Row) -> Outgoing:
        return Outgoing("pieces", source_chat=row.facts["source_chat"], pieces=from_json(row.facts["pieces"]))

    async def _names(self, row: Row) -> Outgoing | Dropped:
        """A plain text file: who gets a draft ("audience"), or whom a broadcast did not reach ("broadcast")."""
        if row.telegram_id not in self._config.access.admins:
            return NO_RIGHT
        facts = await self._store.read(lambda db: self._listed(db, row.facts))
        page = unescape(self._texts.render("broadcast_names", facts))
        name = (
            "penerima-siaran.txt" if facts["broadcast"] is None else f"siaran-{facts['broadcast']}-tidak-terkirim.txt"
        )
        # Windows' editors read UTF-8 with this mark alone.
        return Outgoing("document", file=page.encode("utf-8-sig"), file_name=name)

    def _listed(self, db: sqlite3.Connection, facts: dict[str, Any]) -> dict[str, Any]:
        may_name = self._config.privacy.names_unanswered
        if "broadcast" in facts:
            rows = broadcast_ledger.not_received(db, facts["broadcast"], names_unanswered=may_name)
            return {"broadcast": facts["broadcast"], "rows": rows}
        named = audiences.names(db, self._clock.now(), facts["audience"], names_unanswered=may_name)
        rows = [{"name": name, "unit": unit, "kind": None} for name, unit in named]
        return {"broadcast": None, "rows": rows}
