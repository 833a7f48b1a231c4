"""The guided tour. What comes next is read off the town, so a reload or a second browser changes nothing."""

import sqlite3
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.demo.page.town import PLAN, YOU_ID, Elsewhere, Town
from bot.demo.stage import ADMIN_ID, instant
from bot.demo.story import COORDINATOR_ID
from bot.sandbox import Person

_TEXTS = Path(__file__).with_name("tour.toml")
AFTER = instant(PLAN.session, "11.00")
MONDAY = instant(PLAN.session + timedelta(days=7), "07.00")
MONTH_OVER = instant(PLAN.session + timedelta(days=35), "08.05")
_NEVER_LATER = timedelta(days=40)


@dataclass(frozen=True)
class Seen:
    """What the needs are asked of: the town, the phone that is looked at, and what the store says of it all."""

    town: Town
    looking_at: int
    stored: dict[str, int]

    @property
    def you(self) -> Person:
        """The phone of whoever takes the tour."""
        return self.town.phones[YOU_ID].person

    @property
    def admin(self) -> Person:
        """The admin's phone."""
        return self.town.phones[ADMIN_ID].person


@cache
def steps() -> list[dict[str, Any]]:
    """Return the steps as they stand in the file."""
    found: list[dict[str, Any]] = tomllib.loads(_TEXTS.read_text("utf-8"))["step"]
    return found


async def shown(town: Town, looking_at: int) -> dict[str, Any] | None:
    """Return the step that the tour is at, with the next act; None when it is closed."""
    if town.tour_step is None or not town.ready:
        return None
    number = town.tour_step
    base = {"number": number + 1, "of": len(steps())}
    if number >= len(steps()):
        return base | {"number": len(steps()), "over": True}
    step = steps()[number]
    seen = Seen(town, looking_at, await town.stage.read(_stored))
    goal = next((goal for goal in step["goal"] if not NEEDS[goal["need"]](seen)), None)
    base |= {"over": False, "title": step["title"], "why": step["why"], "done": goal is None}
    return base if goal is None else base | {"goal": {key: goal[key] for key in goal if key != "need"}}


async def go(town: Town, how: str, looking_at: int) -> None:
    """Go on, back to the beginning, or out of the tour; or let time pass until the act's need holds."""
    if how == "next" and town.tour_step is not None:
        town.tour_step = min(town.tour_step + 1, len(steps()))
    elif how == "begin":
        town.tour_step = 0
    elif how == "close":
        town.tour_step = None
    elif how == "move":
        await _move(town, looking_at)
    town.changed()


async def _move(town: Town, looking_at: int) -> None:
    if town.tour_step is None or town.tour_step >= len(steps()):
        raise Elsewhere("Tur sudah selesai.")
    seen = Seen(town, looking_at, await town.stage.read(_stored))
    goal = next((g for g in steps()[town.tour_step]["goal"] if not NEEDS[g["need"]](seen)), None)
    if goal is None or "move" not in goal:
        return
    limit = min(MONTH_OVER, town.stage.clock.now() + _NEVER_LATER)
    await town.run_until(goal["move"], limit, lambda: NEEDS[goal["need"]](seen))


def _stored(db: sqlite3.Connection) -> dict[str, int]:
    """What has become of the one who takes the tour, and of the broadcast."""
    row = db.execute(
        "SELECT count(a.id) AS agreed, count(a.joined_at) AS joined,"
        " (SELECT count(*) FROM reaction r JOIN touchpoint t ON t.id = r.touchpoint_id WHERE t.person_id = a.person_id)"
        " AS reacted,"
        " (SELECT count(*) FROM answer w JOIN question q ON q.id = w.question_id"
        " WHERE w.person_id = a.person_id AND q.asks = 'reflection') AS reflected,"
        " (SELECT count(*) FROM touchpoint t WHERE t.person_id = a.person_id AND t.kind = 'quiz' AND NOT EXISTS"
        " (SELECT 1 FROM quiz_item i WHERE i.touchpoint_id = t.id AND i.answered_at IS NULL)"
        " AND EXISTS (SELECT 1 FROM quiz_item i WHERE i.touchpoint_id = t.id)) AS quizzed,"
        " (SELECT count(*) FROM broadcast) AS broadcast"
        " FROM (SELECT 1) LEFT JOIN account a ON a.telegram_id = ?",
        (YOU_ID,),
    ).fetchone()
    return dict(row)


def _has(person: Person, *labels: str) -> bool:
    """Whether the newest message of the bot with buttons bears all these."""
    newest = next((message for message in reversed(person.received) if message.buttons), None)
    return newest is not None and set(labels) <= set(newest.labels)


def _ever(person: Person, since: datetime, what: Callable[[Any], bool]) -> bool:
    return any(message.date >= since.timestamp() and what(message) for message in person.received)


def _said(person: Person, text: str) -> bool:
    return any(not message.from_bot and message.text == text for message in person.chat)


NEEDS: dict[str, Callable[[Seen], bool]] = {
    "looking_at_you": lambda seen: seen.looking_at == YOU_ID,
    "looking_at_coordinator": lambda seen: seen.looking_at == COORDINATOR_ID,
    "looking_at_admin": lambda seen: seen.looking_at == ADMIN_ID,
    "started": lambda seen: bool(seen.you.chat),
    "agreed": lambda seen: bool(seen.stored["agreed"]),
    "named": lambda seen: bool(seen.stored["joined"]) or _has(seen.you, "Ya"),
    "joined": lambda seen: bool(seen.stored["joined"]),
    "asked": lambda seen: _ever(seen.you, AFTER, lambda message: message.poll is None and bool(message.buttons)),
    "reacted": lambda seen: bool(seen.stored["reacted"]),
    "reflected": lambda seen: bool(seen.stored["reflected"]),
    "quiz_came": lambda seen: _ever(seen.you, AFTER, lambda message: message.poll is not None),
    "quizzed": lambda seen: bool(seen.stored["quizzed"]),
    "summary_came": lambda seen: _ever(
        seen.town.phones[COORDINATOR_ID].person, MONDAY, lambda message: "photo" in message.raw
    ),
    "reminded": lambda seen: any(tap.data.startswith("remind") for tap in seen.town.phones[COORDINATOR_ID].person.taps),
    "draft_asked": lambda seen: bool(seen.stored["broadcast"]) or _said(seen.admin, "/siaran"),
    "draft_given": lambda seen: (
        bool(seen.stored["broadcast"]) or _has(seen.admin, "Semua") or _has(seen.admin, "Kirim")
    ),
    "audience_chosen": lambda seen: bool(seen.stored["broadcast"]) or _has(seen.admin, "Kirim"),
    "broadcast": lambda seen: bool(seen.stored["broadcast"]),
    "month_over": lambda seen: seen.town.stage.clock.now() >= MONTH_OVER,
    "card_shown": lambda seen: _has(seen.admin, "Laporan dampak") or NEEDS["impact"](seen),
    "impact": lambda seen: _ever(seen.admin, AFTER, lambda message: message.text.startswith("Laporan dampak")),
}
