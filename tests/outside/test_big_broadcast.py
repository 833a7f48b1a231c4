"""A broadcast to all through `run`: 429s, 403s, 400s, lost connections, a kill, a stop, a resume; then the totals.

The ledger is held against the server's own record of what it put into which chat.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.roster.sample import sample_people, sample_workbook
from bot.sandbox import Fault, Person
from bot.store import sessions
from bot.store.database import Store
from tests.conftest import ADMIN
from tests.outside.driver import Outside, outside

pytestmark = pytest.mark.timeout(280)
FIRST = 10_000
UNDER_WAY = 16


def always_noon() -> dict[str, str]:
    """A calendar on which it is about noon of a working day now, whenever now is."""
    now = datetime.now(UTC)
    behind = now.hour - 12
    zone = f"Etc/GMT{behind:+d}"
    today = now.astimezone(ZoneInfo(zone)).date()
    return {
        "timezone": f'"{zone}"',
        "workdays": '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]',
        "holidays_removed": f'["{today}"]',
    }


@dataclass
class Hall:
    """All who have joined, and what is to become of some of them."""

    world: Outside
    admin: Person
    count: int

    @property
    def blocked(self) -> set[int]:
        return set(range(FIRST, FIRST + self.count, 20))

    @property
    def gone(self) -> set[int]:
        return set(range(FIRST + 7, FIRST + self.count, 100))

    @property
    def refused(self) -> set[int]:
        return set(range(FIRST + 13, FIRST + self.count, 200))

    def sent(self) -> Counter[int]:
        """How many copies the server put into each chat."""
        calls = self.world.box.world.calls
        return Counter(int(c.chat_id) for c in calls if c.method == "copyMessage" and c.chat_id != ADMIN)

    def ledger(self) -> Counter[str]:
        return Counter(dict(self.world.query("SELECT state, count(*) FROM broadcast_target GROUP BY 1")))

    def ambiguous(self) -> int:
        return int(self.world.query("SELECT coalesce(sum(ambiguous), 0) FROM outbox WHERE broadcast_id = 1")[0][0])

    def state(self) -> str:
        return str(self.world.query("SELECT state FROM broadcast WHERE id = 1")[0][0])

    async def say(self, text: str) -> None:
        self.admin.send(text)
        await self.world.settle()

    async def tap(self, label: str) -> None:
        self.admin.tap(label)
        await self.world.settle()

    async def reached(self, share: float) -> None:
        """Wait until that share of the hall has a copy."""
        box = self.world.box.world
        before = len(box.calls)
        await self.world.until(lambda: len(box.calls) - before >= 10, 60)
        await self.world.until(lambda: len(self.sent()) >= share * self.count, 120)

    def spoil(self) -> None:
        """Let a few calls go wrong in every way that a broadcast meets."""
        faults = self.world.box.faults
        faults.flood(1, "copyMessage", times=3)
        for fault in (Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.STATUS_BEFORE, Fault.HTML_AFTER):
            faults.plan(fault, "copyMessage", times=2)


async def crowd(world: Outside, folder: Path, count: int) -> Hall:
    """Everybody of the roster has joined; nobody's chat is told of the blocks but by a 403."""
    (folder / "roster.xlsx").write_bytes(sample_workbook(count, bad_rows=0))
    await world.command("roster", "import", str(folder / "roster.xlsx"), "--apply")
    nips = [person.nip for person in sample_people(count)]

    def join(db: Any) -> None:
        assert sessions.units(db)
        db.executemany(
            "INSERT INTO account (telegram_id, person_id, consented_at, notice_version, joined_at, standing)"
            " SELECT ?, id, added_at, '2026-11', added_at, 'claimed' FROM person WHERE nip = ?",
            [(FIRST + number, nip) for number, nip in enumerate(nips)],
        )

    async with Store(folder / "data/sinar.db") as store:
        await store.write(join)
    admin = world.box.person(ADMIN, first_name="Admin")
    hall = Hall(world, admin, count)
    for number in range(FIRST, FIRST + count):
        world.box.person(number)
        chat = world.box.world.chats[number]
        chat.started = True
        chat.blocked = number in hall.blocked
        chat.deactivated = number in hall.gone
    world.box.faults.plan(
        Fault.STATUS_BEFORE,
        "copyMessage",
        times=None,
        when=lambda _, raw: int(raw["chat_id"]) in hall.refused,
        status=400,
        description="Bad Request: message can't be copied",
    )
    return hall


def adds_up(hall: Hall, *, over: bool) -> None:
    """The ledger's totals equal the server's count; what came twice is within what is named as uncertain."""
    sent, ledger = hall.sent(), hall.ledger()
    assert ledger.total() == hall.count
    by_reason = dict(hall.world.query("SELECT reason, count(*) FROM broadcast_target GROUP BY 1"))
    maybe, uncertain = by_reason.get("maybe", 0), by_reason.get("uncertain", 0)
    assert ledger["delivered"] - uncertain <= len(sent) <= ledger["delivered"] + maybe
    assert maybe + uncertain <= hall.ambiguous()
    assert max(sent.values()) <= 2
    assert sent.total() - len(sent) <= hall.ambiguous()
    if over:
        rows = hall.world.query("SELECT telegram_id, state FROM broadcast_target WHERE reason <> 'uncertain'")
        unsure = set(range(FIRST, FIRST + hall.count)) - {chat for chat, _ in rows}
        assert len(unsure) == uncertain <= 3 * 2
        fates = {"blocked": hall.blocked | hall.gone, "failed": hall.refused, "delivered": set(sent)}
        for state, chats in fates.items():
            assert {chat for chat, known in rows if known == state} == chats - unsure
        assert {known for _, known in rows} == set(fates)
        assert maybe == 0


async def broadcast_to(folder: Path, count: int) -> None:
    async with outside(folder, None, per_second=1000, **always_noon()) as world:
        hall = await crowd(world, folder, count)
        world.start()
        hall.admin.start()
        await world.until(lambda: (folder / "data/sinar.db-wal").exists() and bool(hall.admin.received))
        await hall.say("/siaran")
        await hall.say("Apel pagi pukul 07.30.")
        await hall.tap("Semua")
        assert f"{count:,}".replace(",", ".") + " orang" in hall.admin.last.text
        hall.admin.tap("Kirim")
        hall.spoil()
        await hall.reached(0.2)
        world.kill()
        world.start()
        await hall.reached(0.4)
        hall.spoil()
        await hall.reached(0.5)
        hall.admin.tap("Hentikan")
        await world.until(lambda: hall.state() == "stopped" and not hall.ledger()["queued"])
        await world.settle()
        adds_up(hall, over=False)
        halted = hall.sent()
        await world.settle()
        assert hall.sent() == halted
        assert hall.ledger()["stopped"] > 0
        hall.admin.tap("Lanjutkan")
        hall.spoil()
        await world.until(lambda: hall.state() == "done", 120)
        await world.settle()
        adds_up(hall, over=True)
        assert hall.ambiguous() <= UNDER_WAY * world.kills + 3 * 4
        card = hall.admin.last.text
        assert "Siaran selesai" in card
        for line, state in (("Terkirim", "delivered"), ("Memblokir", "blocked"), ("Gagal", "failed")):
            assert f"{line}: {hall.ledger()[state]:,}".replace(",", ".") in card
        attempts = world.query("SELECT telegram_id, attempts FROM outbox WHERE state IN ('failed', 'blocked')")
        assert {chat for chat, _ in attempts} <= hall.blocked | hall.gone | hall.refused
        seen = Counter(r.chat_id for r in world.box.world.refused if r.code == 403)
        # One under way at the kill is asked for once more.
        assert sum(seen.values()) - len(seen) <= UNDER_WAY
        assert world.query("PRAGMA integrity_check") == [("ok",)]
        acts = [row[0] for row in world.query("SELECT act FROM audit WHERE act GLOB 'broadcast*' ORDER BY id")]
        assert acts == ["broadcast", "broadcast_stop", "broadcast_resume"]
        assert world.query("SELECT count(*) FROM touch WHERE counts = 1")[0][0] == (hall.ledger()["delivered"])
        assert world.stop() == 0


async def test_six_hundred(tmp_path: Path) -> None:
    await broadcast_to(tmp_path, 600)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_four_thousand(tmp_path: Path) -> None:
    await broadcast_to(tmp_path, 4000)
