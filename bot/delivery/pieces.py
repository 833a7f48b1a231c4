"""A corrected broadcast at Telegram: its pieces sent as they now are, or one of them put in place of the old."""

from collections.abc import Sequence
from typing import Any

from telegram import (
    Bot,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
    MessageEntity,
)

from bot.domain.piece import Piece

Media = InputMediaAudio | InputMediaDocument | InputMediaPhoto | InputMediaVideo
_MEDIA: dict[str, Any] = {
    "photo": InputMediaPhoto,
    "document": InputMediaDocument,
    "video": InputMediaVideo,
    "audio": InputMediaAudio,
}
# Looks that a kind of media takes; the others would be refused.
_LOOKS = {
    "photo": ("has_spoiler", "show_caption_above_media"),
    "video": ("has_spoiler", "show_caption_above_media"),
}


async def send(bot: Bot, chat: int, source_chat: int, pieces: Sequence[Piece], markup: Any = None) -> list[int]:
    """Send the pieces, in their order and several as an album, which bears no buttons; returns their messages' ids."""
    if len(pieces) > 1:
        return [message.message_id for message in await bot.send_media_group(chat, [_media(p) for p in pieces])]
    piece = pieces[0]
    if piece.kind == "text":
        message = await bot.send_message(
            chat, piece.text, entities=_entities(piece), link_preview_options=_preview(piece), reply_markup=markup
        )
        return [message.message_id]
    if piece.file_replaced:
        captioned: dict[str, Any] = {
            "caption": piece.text or None,
            "caption_entities": _entities(piece),
            "reply_markup": markup,
        }
        if piece.kind == "photo":
            return [(await bot.send_photo(chat, piece.file_id, **captioned, **_look(piece))).message_id]
        return [(await bot.send_document(chat, piece.file_id, **captioned)).message_id]
    copied = await bot.copy_message(
        chat,
        source_chat,
        piece.message,
        caption=piece.text,
        caption_entities=_entities(piece),
        show_caption_above_media=piece.look.get("show_caption_above_media"),
        reply_markup=markup,
    )
    return [copied.message_id]


async def edit(bot: Bot, chat: int, message: int, piece: Piece, markup: Any = None) -> None:
    """Put the piece in the place of the delivered message; its buttons stay only if they are given again."""
    if piece.kind == "text":
        await bot.edit_message_text(
            piece.text,
            chat,
            message,
            entities=_entities(piece),
            link_preview_options=_preview(piece),
            reply_markup=markup,
        )
    elif piece.file_replaced:
        await bot.edit_message_media(_media(piece), chat, message, reply_markup=markup)
    else:
        await bot.edit_message_caption(
            chat,
            message,
            caption=piece.text,
            caption_entities=_entities(piece),
            show_caption_above_media=piece.look.get("show_caption_above_media"),
            reply_markup=markup,
        )


def _media(piece: Piece) -> Media:
    looks = {name: piece.look[name] for name in _LOOKS.get(piece.kind, ()) if name in piece.look}
    made: Media = _MEDIA[piece.kind](
        media=piece.file_id, caption=piece.text or None, caption_entities=_entities(piece), **looks
    )
    return made


def _look(piece: Piece) -> dict[str, Any]:
    return {name: piece.look[name] for name in _LOOKS["photo"] if name in piece.look}


def _entities(piece: Piece) -> tuple[MessageEntity, ...] | None:
    return tuple(MessageEntity.de_json(entity, None) for entity in piece.entities) or None


def _preview(piece: Piece) -> LinkPreviewOptions | None:
    found = piece.look.get("link_preview_options")
    return LinkPreviewOptions.de_json(found, None) if found else None
