"""Methods that put messages into chats."""

import math
from collections.abc import Callable
from typing import Any

from telegram.constants import ChatAction, MediaGroupLimit, MessageLimit

from bot.sandbox.markup import formatted, utf16
from bot.sandbox.polls import Poll, make_poll
from bot.sandbox.refusal import Json, bad
from bot.sandbox.world import Chat, Stored, World

_ACTIONS = frozenset(str(action.value) for action in ChatAction)
_CONTENT = (
    *("text", "entities", "link_preview_options", "photo", "document", "voice", "sticker", "contact"),
    *("caption", "caption_entities", "show_caption_above_media", "has_media_spoiler"),
)


def text_of(params: Json) -> Json:
    """Return the text of a message with its entities; raises a 400 Refusal."""
    text, entities = formatted(params, "text", "parse_mode", "entities")
    if not text:
        raise bad("message text is empty" if not params["text"] else "text must be non-empty")
    if utf16(text) > MessageLimit.MAX_TEXT_LENGTH:
        raise bad("message is too long")
    content: Json = {"text": text}
    if entities:
        content["entities"] = entities
    if params.get("link_preview_options"):
        content["link_preview_options"] = params["link_preview_options"]
    return content


def caption_of(params: Json) -> Json:
    """Return the caption with its entities, nothing for an empty one; raises a 400 Refusal."""
    caption, entities = formatted(params, "caption", "parse_mode", "caption_entities")
    if utf16(caption) > MessageLimit.CAPTION_LENGTH:
        raise bad("message caption is too long")
    content: Json = {}
    if caption:
        content["caption"] = caption
    if entities:
        content["caption_entities"] = entities
    if params.get("show_caption_above_media"):
        content["show_caption_above_media"] = True
    return content


def media_of(world: World, kind: str, params: Json, field: str) -> Json:
    """Return a photo or document with its caption; raises a Refusal."""
    content: Json = {kind: world.files.take(kind, params[field]).shown}
    if params.get("has_spoiler"):
        content["has_media_spoiler"] = True
    return content | caption_of(params)


def _post(world: World, chat: Chat, params: Json, content: Json) -> Stored:
    extra: Json = {}
    reply = params.get("reply_parameters")
    if reply is not None:
        if reply.get("chat_id", chat.id) != chat.id:
            raise bad("replies in other chats are not served by this server")
        target = chat.find(reply["message_id"])
        if target is not None:
            extra["reply_to_message"] = {k: v for k, v in target.raw.items() if k != "reply_to_message"}
        elif not reply.get("allow_sending_without_reply"):
            raise bad("message to be replied not found")
    if params.get("protect_content"):
        extra["has_protected_content"] = True
    return world.post(chat, extra | content, markup=params.get("reply_markup"))


def send_message(world: World, params: Json) -> Json:
    """sendMessage."""
    content = text_of(params)
    return _post(world, world.reachable(params["chat_id"]), params, content).raw


def send_photo(world: World, params: Json) -> Json:
    """sendPhoto."""
    chat = world.reachable(params["chat_id"])
    return _post(world, chat, params, media_of(world, "photo", params, "photo")).raw


def send_document(world: World, params: Json) -> Json:
    """sendDocument."""
    chat = world.reachable(params["chat_id"])
    return _post(world, chat, params, media_of(world, "document", params, "document")).raw


def send_voice(world: World, params: Json) -> Json:
    """sendVoice."""
    chat = world.reachable(params["chat_id"])
    kept = world.files.take("voice", params["voice"], duration=params.get("duration", 0))
    return _post(world, chat, params, {"voice": kept.shown} | caption_of(params)).raw


def send_poll(world: World, params: Json) -> Json:
    """sendPoll."""
    chat = world.reachable(params["chat_id"])
    poll = make_poll(str(5_000_000_000 + world.number()), chat.id, params, world.now)
    stored = _post(world, chat, params, {"poll": poll.shown()})
    world.add_poll(poll)
    return stored.raw


def send_media_group(world: World, params: Json) -> list[Json]:
    """sendMediaGroup."""
    media = params["media"]
    if not MediaGroupLimit.MIN_MEDIA_LENGTH <= len(media) <= MediaGroupLimit.MAX_MEDIA_LENGTH:
        raise bad("an album has 2 to 10 items")
    if len({item["type"] for item in media}) > 1:
        raise bad("document can't be mixed with other media types")
    chat = world.reachable(params["chat_id"])
    contents = [media_of(world, item["type"], item, "media") for item in media]
    album = {"media_group_id": str(6_000_000_000 + world.number())}
    return [_post(world, chat, params, album | content).raw for content in contents]


def _source(world: World, params: Json, message_id: int, act: str) -> Stored:
    _, source = world.message(params["from_chat_id"], message_id, f"message to {act} not found")
    if source.raw.get("has_protected_content"):
        raise bad(f"message can't be {'copied' if act == 'copy' else 'forwarded'}")
    return source


def _copied(world: World, chat: Chat, source: Stored) -> Json:
    content = {key: source.raw[key] for key in _CONTENT if key in source.raw}
    if source.poll is not None:
        old = world.polls[source.poll["id"]]
        new_id = str(5_000_000_000 + world.number())
        options = [o | {"persistent_id": f"{new_id}-{i}"} for i, o in enumerate(old.options)]
        facts = {k: v for k, v in old.facts.items() if k not in ("open_period", "close_date")}
        new = Poll(new_id, facts, options, chat.id, math.inf)
        world.add_poll(new)
        content["poll"] = new.shown()
    if not content:
        raise bad("message can't be copied")
    return content


def copy_message(world: World, params: Json) -> Json:
    """copyMessage."""
    source = _source(world, params, params["message_id"], "copy")
    chat = world.reachable(params["chat_id"])
    content = _copied(world, chat, source)
    if "caption" in params:
        if not any(kind in content for kind in ("photo", "document", "voice")):
            raise bad("there is no caption in the message to copy")
        content = {k: v for k, v in content.items() if k not in ("caption", "caption_entities")}
        content |= caption_of(params)
    return {"message_id": _post(world, chat, params, content).id}


def copy_messages(world: World, params: Json) -> list[Json]:
    """copyMessages; messages that are not there are skipped, what was an album stays one."""
    ids = params["message_ids"]
    if not 1 <= len(ids) <= 100 or sorted(set(ids)) != ids:
        raise bad("message_ids must be 1 to 100 numbers in strictly increasing order")
    chat, origin = world.reachable(params["chat_id"]), world.chat(params["from_chat_id"])
    sources = [source for i in ids if (source := origin.find(i)) is not None]
    if not sources:
        raise bad("there are no messages to copy")
    copies = []
    albums: dict[str, str] = {}
    contents = []
    for source in sources:
        if source.raw.get("has_protected_content"):
            raise bad("message can't be copied")
        album = source.raw.get("media_group_id")
        known = {"media_group_id": albums.setdefault(album, str(6_000_000_000 + world.number()))} if album else {}
        contents.append(known | _copied(world, chat, source))
    for content in contents:
        if params.get("remove_caption"):
            content.pop("caption", None)
            content.pop("caption_entities", None)
        copies.append({"message_id": _post(world, chat, params, content).id})
    return copies


def forward_message(world: World, params: Json) -> Json:
    """forwardMessage."""
    source = _source(world, params, params["message_id"], "forward")
    chat = world.reachable(params["chat_id"])
    content = {key: source.raw[key] for key in (*_CONTENT, "poll") if key in source.raw}
    if not content:
        raise bad("message can't be forwarded")
    origin = {"type": "user", "sender_user": source.raw["from"], "date": source.date}
    return _post(world, chat, params, {"forward_origin": origin} | content).raw


def send_chat_action(world: World, params: Json) -> Any:
    """sendChatAction."""
    if params["action"] not in _ACTIONS:
        raise bad("wrong parameter action in request")
    world.reachable(params["chat_id"]).actions.append(params["action"])
    return True


HANDLERS: dict[str, Callable[[World, Json], Any]] = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "sendDocument": send_document,
    "sendVoice": send_voice,
    "sendPoll": send_poll,
    "sendMediaGroup": send_media_group,
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
    "forwardMessage": forward_message,
    "sendChatAction": send_chat_action,
}
