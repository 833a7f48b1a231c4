"""Makers of what a person gets of the own: progress and recap pictures, voice notes, /dataku."""

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from datetime import date
from functools import partial
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from bot.clock import Clock, from_text
from bot.delivery.compose import Maker
from bot.delivery.gather import Dropped
from bot.reports import pictures
from bot.reports.drawing import Drawing
from bot.reports.figures import ProgressCard, RecapCard, SelfCheck, ValueProgress
from bot.store import answers, commitments, owndata, people, sessions
from bot.store.database import Store
from bot.store.outbox import Row
from messages.library import Library
from messages.outgoing import Outgoing
from messages.texts import CAPTION_LIMIT, Texts, clip
from messages.words import CLOSED_WORDS


class OwnMakers:
    """What only its owner sees."""

    def __init__(self, store: Store, clock: Clock, library: Library, texts: Texts, zone: ZoneInfo) -> None:
        self._store = store
        self._clock = clock
        self._library = library
        self._texts = texts
        self._zone = zone
        # Nobody waits for Monday's pictures with an own one.
        self._drawing = Drawing()

    def makers(self) -> Mapping[str, Maker]:
        """Return the makers by the template they stand for."""
        return {
            "progress": self._progress,
            "recap": self._recap,
            "voice_again": self._voice,
            "dataku_json": self._json,
            "dataku_readable": self._readable,
        }

    async def _progress(self, row: Row) -> Outgoing | Dropped:
        today = self._clock.now().astimezone(self._zone).date()
        card = await self._store.read(lambda db: _progress_card(db, self._library, row.facts["person_id"], today))
        if card is None:
            return Outgoing("text", self._texts.render("progress_none", {}))
        png = await self._drawing.make(partial(pictures.progress_png, card))
        return Outgoing("photo", _caption(pictures.progress_words(card)), file=png, file_name="progres.png")

    async def _recap(self, row: Row) -> Outgoing | Dropped:
        facts = row.facts
        card = await self._store.read(
            lambda db: _recap_card(db, self._library, facts["person_id"], facts["session_id"], self._zone)
        )
        return await self._drawing.make(partial(recap_message, card))

    async def _voice(self, row: Row) -> Outgoing | Dropped:
        return Outgoing("voice", file_id=row.facts["file_id"])

    async def _json(self, row: Row) -> Outgoing | Dropped:
        document = await self._store.read(lambda db: owndata.document(db, row.telegram_id))
        body = (await asyncio.to_thread(json.dumps, document, ensure_ascii=False, indent=2)).encode()
        return Outgoing("document", file=body, file_name="data-saya.json")

    async def _readable(self, row: Row) -> Outgoing | Dropped:
        document = await self._store.read(lambda db: owndata.document(db, row.telegram_id))
        page = await asyncio.to_thread(_page, document)
        return Outgoing("document", file=page.encode(), file_name="data-saya.html")


def recap_message(card: RecapCard) -> Outgoing:
    """Draw the recap card, its words beside it; takes some hundredths of a second."""
    png = pictures.recap_png(card)
    return Outgoing("photo", _caption(pictures.recap_words(card)), file=png, file_name="kartu-ringkas.png")


def _caption(words: str) -> str:
    return clip(escape(words, quote=False), CAPTION_LIMIT)


def _progress_card(db: sqlite3.Connection, library: Library, person_id: int, today: date) -> ProgressCard | None:
    participant = db.execute(
        "SELECT * FROM participant WHERE person_id = ? ORDER BY joined_at DESC, id DESC LIMIT 1", (person_id,)
    ).fetchone()
    if participant is None:
        return None
    steps = db.execute(
        "SELECT count(*) AS total, coalesce(sum(answered_at IS NOT NULL OR skipped_at IS NOT NULL), 0) AS done"
        " FROM touchpoint WHERE participant_id = ? AND kind NOT IN ('reminder', 'recap')"
        " AND NOT (state = 'cancelled')",
        (participant["id"],),
    ).fetchone()
    return ProgressCard(
        name=people.person(db, person_id).name,
        session_title=sessions.get(db, participant["session_id"]).title,
        values=_values(db, library, person_id),
        steps_done=steps["done"],
        steps_total=max(steps["total"], steps["done"]),
        commitments=_sentences(db, person_id),
        as_of=today,
    )


def _values(db: sqlite3.Connection, library: Library, person_id: int) -> list[ValueProgress]:
    asked: dict[str, tuple[int, int]] = {
        row["value"]: (row["n"], row["good"])
        for row in db.execute(
            "SELECT value, count(*) AS n, sum(correct) AS good FROM quiz_item"
            " WHERE person_id = ? AND answered_at IS NOT NULL GROUP BY value",
            (person_id,),
        )
    }
    touched: dict[str, int] = {value: count for value, (count, _) in asked.items()}
    for prompt_id in answers.prompts_answered(db, person_id):
        prompt = library.prompt_by_id.get(prompt_id)
        if prompt is not None:
            touched[prompt.value] = touched.get(prompt.value, 0) + 1
    for row in db.execute("SELECT value FROM commitment WHERE person_id = ? AND state <> 'draft'", (person_id,)):
        touched[row["value"]] = touched.get(row["value"], 0) + 1
    return [
        ValueProgress(
            value.id,
            value.short,
            touched.get(value.id, 0),
            asked[value.id][1] / asked[value.id][0] if value.id in asked else None,
        )
        for value in library.values.values()
    ]


def _sentences(db: sqlite3.Connection, person_id: int) -> list[tuple[str, str]]:
    rows = db.execute(
        "SELECT * FROM commitment WHERE person_id = ? AND state <> 'draft' ORDER BY made_at DESC", (person_id,)
    ).fetchall()
    return [(_sentence(db, row), row["state"]) for row in rows]


def _sentence(db: sqlite3.Connection, commitment: sqlite3.Row) -> str:
    plan = answers.rewritten_plan(db, commitment["id"])
    if plan:
        return plan
    cue, action = answers.plan_words(db, commitment["touchpoint_id"])
    if not (cue and action):
        # Written on an earlier phone, and this account is not verified.
        return CLOSED_WORDS
    return f"Ketika {cue}, saya akan {action}."


def _recap_card(db: sqlite3.Connection, library: Library, person_id: int, session_id: int, zone: ZoneInfo) -> RecapCard:
    session = sessions.get(db, session_id)
    participant = db.execute(
        "SELECT id FROM participant WHERE person_id = ? AND session_id = ?", (person_id, session_id)
    ).fetchone()
    mine = (participant["id"],)
    quiz = db.execute(
        "SELECT count(*) AS n, coalesce(sum(q.correct), 0) AS good FROM quiz_item q"
        " JOIN touchpoint t ON t.id = q.touchpoint_id WHERE t.participant_id = ? AND q.answered_at IS NOT NULL",
        mine,
    ).fetchone()
    reflections, last = db.execute(
        "SELECT coalesce(sum(kind = 'reflection'), 0), max(answered_at) FROM touchpoint"
        " WHERE participant_id = ? AND answered_at IS NOT NULL",
        mine,
    ).fetchone()
    levels = {
        row["value"]: row["level"]
        for row in db.execute(
            "SELECT s.value, s.level FROM selfcheck s JOIN touchpoint t ON t.id = s.touchpoint_id"
            " WHERE t.participant_id = ?",
            mine,
        )
    }
    commitment = commitments.of_participant(db, participant["id"])
    return RecapCard(
        name=people.person(db, person_id).name,
        session_title=session.title,
        first_day=session.start.astimezone(zone).date(),
        last_day=(from_text(last) if last else session.end).astimezone(zone).date(),
        reflections=reflections,
        quiz_right=quiz["good"],
        quiz_asked=quiz["n"],
        commitment=_sentence(db, commitment) if commitment else None,
        commitment_state=commitment["state"] if commitment else None,
        selfcheck=[SelfCheck(value.short, levels.get(value.id)) for value in library.values.values()],
    )


def _page(document: Mapping[str, Any]) -> str:
    """Return the document as a plain page that a phone's browser shows."""
    parts = ["<!doctype html><html lang='id'><meta charset='utf-8'><title>Data saya di Sinar</title>"]
    parts.append("<meta name='viewport' content='width=device-width'><style>body{font:16px sans-serif;margin:1em}")
    parts.append("td{border-top:1px solid #ccc;padding:.3em;vertical-align:top}</style><h1>Data saya di Sinar</h1>")
    for name, content in document.items():
        parts.append(f"<h2>{escape(name)}</h2>")
        for entry in content if isinstance(content, list) else [content]:
            parts.append("<table>" + "".join(_cells(entry)) + "</table>")
    return "".join(parts)


def _cells(entry: object) -> list[str]:
    pairs = entry.items() if isinstance(entry, dict) else [("", entry)]
    return [
        f"<tr><td>{escape(str(key))}</td><td>{escape('–' if value is None else str(value))}</td></tr>"
        for key, value in pairs
    ]
