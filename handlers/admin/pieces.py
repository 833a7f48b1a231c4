"""From an admin's message to what it says, so that it can be sent and edited exactly."""

from telegram import Message

from bot.domain.piece import Json, Piece

# An animation comes with a document beside it: it is asked first.
_KINDS = ("animation", "document", "video", "audio", "voice")


def piece_of(message: Message) -> Piece | None:
    """Return the message as a piece of a broadcast, or None for what cannot be one (a command, a sticker, a poll)."""
    if message.text:
        if message.text.startswith("/"):
            return None
        look: Json = {}
        if message.link_preview_options is not None:
            look["link_preview_options"] = message.link_preview_options.to_dict()
        entities = tuple(entity.to_dict() for entity in message.entities)
        return Piece("text", message.message_id, message.text, entities, look=look)
    kind, file_id = _file(message)
    if kind is None:
        return None
    look = {name: True for name in ("has_media_spoiler", "show_caption_above_media") if getattr(message, name, None)}
    if look.pop("has_media_spoiler", None):
        look["has_spoiler"] = True
    entities = tuple(entity.to_dict() for entity in message.caption_entities)
    return Piece(kind, message.message_id, message.caption or "", entities, file_id, look)


def _file(message: Message) -> tuple[str | None, str]:
    if message.photo:
        return "photo", message.photo[-1].file_id
    for kind in _KINDS:
        found = getattr(message, kind)
        if found is not None:
            return kind, str(found.file_id)
    return None, ""
