"""What the page shows at a moment, seen from one phone: people, chat, clock, plan, outbox and tour."""

import sqlite3
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from bot.clock import from_text, to_text
from bot.demo.page import tour
from bot.demo.page.chat_view import chat_view
from bot.demo.page.town import Phone, Town
from bot.demo.stage import ADMIN_ID, ZONE
from bot.demo.story import COORDINATOR_ID, TITLE
from bot.domain.journey import Kind
from bot.sandbox.limits import is_send
from messages import formats
from messages.words import STEP_NAMES

Json = dict[str, Any]
_MOST_PLANNED, _MOST_WAITING = 12, 6
_NAMES = {
    "broadcast": "siaran",
    "copy": "siaran",
    "summary": "ringkasan mingguan",
    "alarm": "peringatan untuk admin",
    "catch_up": "kartu setelah jeda",
}


async def state(town: Town, number: int) -> Json:
    """Return everything; raises Elsewhere for a phone that is not there."""
    phone = town.phone(number)
    now = town.stage.clock.now()
    stored = await town.stage.read(partial(_stored, town=town, phone=phone, now=now))
    world = town.stage.box.world
    return {
        "ready": town.ready,
        "running": town.running,
        "bot": {"name": world.bot["first_name"], "username": world.bot["username"]},
        "day": formats.day(now.astimezone(ZONE).date()),
        "time": formats.clock_time(now, ZONE),
        "session": {"title": TITLE, "payload": town.story.payload},
        "people": [_person(town, one) for one in town.phones.values()],
        "chat": chat_view(town, phone) | {"joined": stored["joined"]},
        "planned": stored["planned"],
        "outbox": stored["outbox"] | {"sent": sum(is_send(call.method) for call in world.calls)},
        "tour": await tour.shown(town, number),
    }


def _person(town: Town, phone: Phone) -> Json:
    chat = phone.person.chat
    seen = town.seen.get(phone.person.id, 0)
    last = chat[-1] if chat else None
    return {
        "id": phone.person.id,
        "name": phone.name,
        "role": phone.role,
        "group": phone.group,
        "unread": sum(message.from_bot and message.id > seen for message in chat),
        "last": _beginning(last.text) if last else "",
        "time": _when(last.date, town.stage.now) if last else "",
    }


def _beginning(text: str) -> str:
    return " ".join(text.split())[:80] or "(lampiran)"


def _when(seconds: int, now: datetime) -> str:
    at = datetime.fromtimestamp(seconds, ZONE)
    return f"{at:%H.%M}" if at.date() == now.date() else formats.day_short(at.date())


def _stored(db: sqlite3.Connection, town: Town, phone: Phone, now: datetime) -> Json:
    joined = db.execute(
        "SELECT 1 FROM account WHERE telegram_id = ? AND joined_at IS NOT NULL", (phone.person.id,)
    ).fetchone()
    return {
        "joined": joined is not None,
        "planned": {"mine": _summary_for(town, phone, now) + _planned_for(db, phone), "all": _planned_for_all(db, now)},
        "outbox": _outbox(db, town, now),
    }


def _summary_for(town: Town, phone: Phone, now: datetime) -> list[Json]:
    """The next Monday's summary, where the phone gets one."""
    if phone.person.id not in (COORDINATOR_ID, ADMIN_ID):
        return []
    calendar = town.calendar
    day = calendar.local_day(now)
    monday = day - timedelta(days=day.weekday())
    coming = (calendar.at(calendar.workday_from(monday + weeks), time(8)) for weeks in (timedelta(0), timedelta(7)))
    return [{"at": _moment(to_text(next(at for at in coming if at > now))), "what": _NAMES["summary"]}]


def _planned_for(db: sqlite3.Connection, phone: Phone) -> list[Json]:
    rows = db.execute(
        "SELECT t.kind, min(t.look_at) AS at FROM touchpoint t JOIN account a ON a.person_id = t.person_id"
        " WHERE a.telegram_id = ? AND t.look_at IS NOT NULL AND t.state IN ('planned', 'deferred')"
        " GROUP BY t.id ORDER BY at, t.id LIMIT ?",
        (phone.person.id, _MOST_PLANNED),
    )
    return [{"at": _moment(row["at"]), "what": _step_name(row["kind"])} for row in rows]


def _planned_for_all(db: sqlite3.Connection, now: datetime) -> list[Json]:
    """The plan of all, by day and kind, for each has an hour of the own; the Monday's summary and the broadcasts are in
    the outbox when they come."""
    rows = db.execute(
        "SELECT date(look_at, '+7 hours') AS day, kind, min(look_at) AS first, max(look_at) AS last, count(*) AS people"
        " FROM touchpoint WHERE look_at > ? AND state IN ('planned', 'deferred')"
        " GROUP BY day, kind ORDER BY first, kind LIMIT ?",
        (to_text(now), _MOST_PLANNED),
    )
    return [
        {"at": _span(row["first"], row["last"]), "what": _step_name(row["kind"]), "people": row["people"]}
        for row in rows
    ]


def _outbox(db: sqlite3.Connection, town: Town, now: datetime) -> Json:
    row = db.execute(
        "SELECT count(*) FILTER (WHERE state = 'waiting' AND not_before <= :now) AS waiting,"
        " count(*) FILTER (WHERE state = 'leased') AS leaving,"
        " count(*) FILTER (WHERE state = 'waiting' AND not_before > :now) AS later"
        " FROM outbox WHERE state IN ('waiting', 'leased')",
        {"now": to_text(now)},
    ).fetchone()
    newest = db.execute(
        "SELECT template, telegram_id, state, finished_at FROM outbox"
        " WHERE lane > 0 AND state NOT IN ('cancelled', 'expired')"
        " ORDER BY coalesce(finished_at, 'z') DESC, id DESC LIMIT ?",
        (_MOST_WAITING,),
    )
    return dict(row) | {"newest": [_row(town, entry) for entry in newest]}


def _row(town: Town, row: sqlite3.Row) -> Json:
    phone = town.phones.get(row["telegram_id"])
    words = {"waiting": "menunggu", "leased": "sedang dikirim", "sent": "terkirim", "blocked": "diblokir"}
    return {
        "what": _template_name(row["template"]),
        "to": phone.name if phone else "",
        "state": words.get(row["state"], "gagal"),
        "at": f"{from_text(row['finished_at']).astimezone(ZONE):%H.%M}" if row["finished_at"] else "",
    }


def _template_name(template: str) -> str:
    return _NAMES.get(template) or (_step_name(template) if template in set(Kind) else template.replace("_", " "))


def _step_name(kind: str) -> str:
    return STEP_NAMES[Kind(kind)]


def _span(first: str, last: str) -> str:
    start, end = _moment(first), _moment(last)
    return start if start == end else f"{start}–{end.rsplit(' ', 1)[1]}"


def _moment(text: str) -> str:
    at = from_text(text).astimezone(ZONE)
    return f"{formats.day_short(at.date())} {at:%H.%M}"
