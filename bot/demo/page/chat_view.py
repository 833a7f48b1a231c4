"""A chat as the page draws it: plain data, no markup. What is bold or a link stays an entity in its place."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from bot.demo.page.town import Phone, Town
from bot.demo.stage import ZONE
from bot.sandbox import Stored, World
from messages import formats

Json = dict[str, Any]
_ENTITIES = ("type", "offset", "length", "url")
_ALL_PRIVATE = ("commands", "all_private_chats", "")


def chat_view(town: Town, phone: Phone) -> Json:
    """Return one phone's chat with the bot."""
    person, world = phone.person, town.stage.box.world
    return {
        "id": person.id,
        "name": phone.name,
        "role": phone.role,
        "nip": phone.nip,
        "started": world.chats[person.id].started,
        "blocked": person.blocked,
        "typing": person.id in town.answering,
        "messages": [message_view(world, message, person.id) for message in person.chat],
        "keyboard": _keyboard(person.keyboard),
        "keyboard_aside": _gone_on(person.chat),
        "commands": _commands(world, person.id),
    }


def message_view(world: World, message: Stored, number: int) -> Json:
    """Return one message."""
    raw = message.raw
    at = datetime.fromtimestamp(message.date, ZONE)
    shown: Json = {
        "id": message.id,
        "mine": not message.from_bot,
        "time": f"{at:%H.%M}",
        "at": at.isoformat(),
        "day": formats.day(at.date()),
        "edited": "edit_date" in raw,
        "text": raw.get("text") or raw.get("caption") or "",
        "entities": [
            {key: entity[key] for key in _ENTITIES if key in entity}
            for entity in raw.get("entities") or raw.get("caption_entities") or []
        ],
        "buttons": [
            [_button(button) for button in row] for row in raw.get("reply_markup", {}).get("inline_keyboard", [])
        ],
        "editable": not message.from_bot and "text" in raw and not raw["text"].startswith("/"),
    }
    shown |= dict(_attachments(raw))
    if message.poll is not None:
        shown["poll"] = _poll(world, message.poll, number)
    if "reply_to_message" in raw:
        quoted = raw["reply_to_message"]
        shown["reply"] = quoted.get("text") or quoted.get("caption") or "Pesan"
    return shown


def _attachments(raw: Json) -> Iterator[tuple[str, Json]]:
    if "photo" in raw:
        largest = raw["photo"][-1]
        yield "photo", {"url": f"file/{largest['file_id']}", "width": largest["width"], "height": largest["height"]}
    if "document" in raw:
        document = raw["document"]
        size = f"{formats.number(document['file_size'] // 1000 + 1)} kB"
        yield "document", {"url": f"file/{document['file_id']}", "name": document["file_name"], "size": size}
    if "voice" in raw:
        yield "voice", {"seconds": raw["voice"]["duration"]}
    if "contact" in raw:
        yield "contact", {"name": raw["contact"]["first_name"], "phone": raw["contact"]["phone_number"]}
    if "sticker" in raw:
        yield "sticker", {"emoji": raw["sticker"].get("emoji", "")}


def _button(button: Json) -> Json:
    copied = {"copy": button["copy_text"]["text"]} if "copy_text" in button else {}
    return {key: button[key] for key in ("text", "callback_data", "url", "style") if key in button} | copied


def _poll(world: World, poll: Json, number: int) -> Json:
    chosen = world.polls[poll["id"]].votes.get(number, ())
    over = bool(chosen) or poll["is_closed"]
    right = poll.get("correct_option_ids", []) if over else []
    return {
        "question": poll["question"],
        "description": poll.get("description", ""),
        "quiz": poll["type"] == "quiz",
        "over": over,
        "closed": poll["is_closed"],
        "explanation": poll.get("explanation", "") if chosen else "",
        "options": [
            {
                "text": option["text"],
                "chosen": place in chosen,
                "right": place in right,
                "votes": option["voter_count"] if over else None,
            }
            for place, option in enumerate(poll["options"])
        ],
        "total": poll["total_voter_count"],
    }


def _keyboard(keyboard: Json | None) -> list[list[str]]:
    return [[key["text"] for key in row] for row in keyboard["keyboard"]] if keyboard else []


def _gone_on(chat: list[Stored]) -> bool:
    """Whether the person has written since the reply keyboard came."""
    newest = next((message for message in reversed(chat) if message.keyboard or not message.from_bot), None)
    return newest is not None and not newest.from_bot


def _commands(world: World, number: int) -> list[Json]:
    own = world.settings.get(("commands", "chat", str(number), ""))
    found: list[Json] = own or world.settings.get(_ALL_PRIVATE, [])
    return [{"command": f"/{entry['command']}", "description": entry["description"]} for entry in found]
