"""What a message is before it is sent: plain data between what to say and Telegram."""

from dataclasses import dataclass, field
from typing import Literal

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup

from bot.domain.piece import Piece

How = Literal["text", "photo", "document", "poll", "copy", "edit", "voice", "pieces", "correction"]


@dataclass(frozen=True)
class Button:
    """An inline button; exactly one of `data` (at most 64 bytes) and `url` is set."""

    label: str
    data: str | None = None
    url: str | None = None


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True)
class Outgoing:
    """One call to Telegram. `text` is Telegram HTML: message (4096), caption (1024) or question (300)."""

    how: How
    text: str = ""
    rows: Rows = ()
    contact_label: str | None = None
    quiet: bool = False
    file: bytes | None = None
    file_id: str | None = None
    file_name: str = ""
    options: tuple[str, ...] = ()
    correct: int = 0
    explanation: str = ""
    # Above a poll (1024): Telegram HTML.
    description: str = ""
    source_chat: int = 0
    source_messages: tuple[int, ...] = field(default=())
    message_id: int = 0
    # Of a corrected broadcast: all of them are sent ("pieces"), or the one edits `message_id` ("correction").
    pieces: tuple[Piece, ...] = ()

    def markup(self) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
        """Return the keyboard in Telegram's form, or None."""
        if self.contact_label:
            button = KeyboardButton(self.contact_label, request_contact=True)
            return ReplyKeyboardMarkup([[button]], resize_keyboard=True, one_time_keyboard=True)
        if not self.rows:
            return None
        return InlineKeyboardMarkup(
            [[InlineKeyboardButton(b.label, callback_data=b.data, url=b.url) for b in row] for row in self.rows]
        )
