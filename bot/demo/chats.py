"""A chat as text: days, times, who, what, the buttons under it, and what was tapped."""

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.demo.stage import ZONE, Stage
from bot.private import make_private
from bot.sandbox import Person, Stored, Tap
from messages import formats
from messages.texts import clip

WIDTH = 88
# So much of a message is shown again when the bot has changed it in place.
AFTER_CHANGE = 200
BOT = "Sinar"
PICTURE, DOCUMENT, CHANGED = "📷", "📎", "✎"


@dataclass(frozen=True)
class Shown:
    """A chat that is shown: its file name, what it is, and whose."""

    name: str
    title: str
    person: Person


@dataclass(frozen=True)
class _Line:
    at: int
    by_bot: bool
    order: int
    who: str
    text: str


def keep_pictures(stage: Stage, chat: Shown, folder: Path) -> dict[int, Path]:
    """Write the pictures that the bot sent into a chat; returns their files by message."""
    make_private(folder)
    kept = {}
    for message in chat.person.received:
        if "photo" in message.raw:
            upload = stage.box.world.files.by_id(message.raw["photo"][-1]["file_id"])
            kept[message.id] = folder / f"{_local(message.date):%Y-%m-%d-%H%M}-{chat.name}-{upload.name}"
            kept[message.id].write_bytes(upload.body)
    return kept


def told(stage: Stage, chat: Shown, pictures: dict[int, Path]) -> list[str]:
    """Return the chat, line by line. What the bot changed in place stands as it was sent and as it ended."""
    lines: list[str] = []
    day = None
    for line in sorted(_lines(stage, chat, pictures), key=lambda line: (line.at, line.by_bot, line.order)):
        moment = _local(line.at)
        if moment.date() != day:
            day = moment.date()
            lines += ["", f"--- {formats.day(day)} ---"]
        lines += _block(f"{moment:%H.%M}  {line.who}: ", line.text)
    return lines


def _lines(stage: Stage, chat: Shown, pictures: dict[int, Path]) -> Iterator[_Line]:
    person = chat.person
    name = str(person.user["first_name"])
    first_sent, labels = _as_sent(stage, person), _labels(stage)
    for message in person.chat:
        who = BOT if message.from_bot else name
        first = first_sent.get(message.id, message)
        yield _Line(message.date, message.from_bot, message.id, who, _said(stage, first, person, pictures))
        if first.text != message.text:
            text = clip(_said(stage, message, person, {}), AFTER_CHANGE)
            yield _Line(int(message.raw["edit_date"]), True, message.id, who, f"{CHANGED} {text}")
    for number, tap in enumerate(person.taps):
        yield _Line(int(tap.at), False, number, name, _tapped(tap, labels))


def _as_sent(stage: Stage, person: Person) -> dict[int, Stored]:
    """Return the messages with text that were sent to a person, as they were then, by number."""
    return {
        call.result["message_id"]: Stored(call.result, from_bot=True, keyboard=_keyboard(call.params))
        for call in stage.box.world.calls
        if call.chat_id == person.id and call.method == "sendMessage"
    }


def _keyboard(params: dict[str, Any]) -> dict[str, Any] | None:
    markup = params.get("reply_markup")
    found: dict[str, Any] = json.loads(markup) if isinstance(markup, str) else markup or {}
    return found if "keyboard" in found else None


def _said(stage: Stage, message: Stored, person: Person, pictures: dict[int, Path]) -> str:
    parts = []
    raw = message.raw
    if message.id in pictures:
        parts.append(f"{PICTURE} {pictures[message.id].name}")
    if "document" in raw:
        parts.append(f"{DOCUMENT} {raw['document']['file_name']} ({raw['document']['file_size'] // 1000 + 1} kB)")
    if "contact" in raw:
        parts.append("(kontak dibagikan)")
    if message.poll is not None:
        parts.append(_poll(stage, message.poll, person))
    elif message.text:
        parts.append(message.text)
    if message.keyboard is not None:
        parts += [f"[{button['text']}]" for row in message.keyboard.get("keyboard", []) for button in row]
    if message.labels:
        parts.append(" ".join(f"[{label}]" for label in message.labels))
    return "\n".join(parts)


def _poll(stage: Stage, poll: dict[str, Any], person: Person) -> str:
    chosen = stage.box.world.polls[poll["id"]].votes.get(person.id, ())
    right = poll.get("correct_option_ids", [])
    lines = [poll["description"], "", poll["question"]] if poll.get("description") else [poll["question"]]
    for number, option in enumerate(poll["options"]):
        mark = "●" if number in chosen else "○"
        verdict = (" ✓" if number in right else " ✗" if number in chosen else "") if chosen else ""
        lines.append(f"{mark} {option['text']}{verdict}")
    if chosen and poll.get("explanation"):
        lines.append(f"({poll['explanation']})")
    return "\n".join(lines)


def _tapped(tap: Tap, labels: dict[str, str]) -> str:
    label = f"→ [{labels.get(tap.data, tap.data)}]"
    return f"{label}  «{tap.toast}»" if tap.toast else label


def _labels(stage: Stage) -> dict[str, str]:
    """What stood on each button that the bot ever sent, by its data: a message may have lost it since."""
    return {
        button["callback_data"]: button["text"]
        for call in stage.box.world.calls
        for button in _buttons(call.params.get("reply_markup"))
        if "callback_data" in button
    }


def _buttons(markup: Any) -> Iterator[dict[str, Any]]:
    found = json.loads(markup) if isinstance(markup, str) else markup
    for row in (found or {}).get("inline_keyboard", []):
        yield from row


def _block(lead: str, text: str) -> list[str]:
    lines: list[str] = []
    indent = " " * 7
    for paragraph in text.split("\n"):
        wrapped = textwrap.wrap(paragraph, WIDTH - len(indent), break_long_words=False, break_on_hyphens=False)
        lines += [indent + line for line in wrapped or [""]]
    lines[0] = lead + lines[0].strip() if len(lead) + len(lines[0]) < WIDTH else "\n".join([lead.rstrip(), lines[0]])
    return "\n".join(lines).split("\n")


def _local(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, ZONE)
