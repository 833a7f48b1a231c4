"""One message, one call to Telegram, and what its outcome means."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import httpx
from telegram import Bot, InputFile, InputPollOption, LinkPreviewOptions, Message
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.delivery import pieces
from bot.telegram_request import NotSent, reason
from messages.outgoing import Outgoing


class Outcome(Enum):
    SENT = "sent"
    BLOCKED = "blocked"
    DEFECT = "defect"
    LIMITED = "limited"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"
    REFUSED = "refused token"


@dataclass(frozen=True)
class Report:
    """What became of a call. `retry_after` is in seconds; `file_id` is that of a picture or document.

    `message_ids` are all that an album became; `message_id` is the first of them.
    """

    outcome: Outcome
    message_id: int | None = None
    message_ids: tuple[int, ...] = ()
    poll_id: str | None = None
    file_id: str | None = None
    error: str | None = None
    retry_after: float = 0.0


NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
# What was certainly not sent: the request never left (the exceptions of either client before anything is written).
_BEFORE_SENDING = (httpx.PoolTimeout, httpx.ConnectTimeout, httpx.ConnectError, NotSent)


async def send(bot: Bot, chat: int, out: Outgoing) -> Report:
    """Make the call and say what became of it; raises nothing that Telegram or the network can cause."""
    try:
        return await _SEND[out.how](bot, chat, out)
    except RetryAfter as error:
        after = error.retry_after
        seconds = after.total_seconds() if hasattr(after, "total_seconds") else float(after)
        return Report(Outcome.LIMITED, error=str(error), retry_after=seconds)
    except Forbidden as error:
        return Report(Outcome.BLOCKED, error=error.message)
    except BadRequest as error:
        return _bad_request(error, out)
    except InvalidToken as error:
        return Report(Outcome.REFUSED, error=error.message)
    except NetworkError as error:
        return _network(error)
    except (ChatMigrated, Conflict) as error:
        return Report(Outcome.DEFECT, error=error.message)
    except TelegramError as error:
        return Report(Outcome.UNKNOWN, error=error.message)


async def answers(bot: Bot) -> bool:
    """Whether Telegram answers at all just now; asks something that does nothing."""
    try:
        await bot.get_me()
    except NetworkError:
        return False
    except TelegramError:
        return True
    return True


def _bad_request(error: BadRequest, out: Outgoing) -> Report:
    text = error.message.lower()
    if "message is not modified" in text:
        return Report(Outcome.SENT, message_id=out.message_id)
    if "chat not found" in text or "user is deactivated" in text or "peer_id_invalid" in text:
        return Report(Outcome.BLOCKED, error=error.message)
    return Report(Outcome.DEFECT, error=error.message)


def _network(error: NetworkError) -> Report:
    if isinstance(error.__cause__, _BEFORE_SENDING):
        return Report(Outcome.NOT_SENT, error=reason(error))
    if error.__cause__ is None:
        # The server answered, with a status of 5xx: it says itself that it did nothing.
        return Report(Outcome.NOT_SENT, error=error.message)
    return Report(Outcome.UNKNOWN, error=reason(error))


async def _text(bot: Bot, chat: int, out: Outgoing) -> Report:
    message = await bot.send_message(
        chat,
        out.text,
        parse_mode=ParseMode.HTML,
        reply_markup=out.markup(),
        link_preview_options=NO_PREVIEW,
        disable_notification=out.quiet or None,
    )
    return Report(Outcome.SENT, message.message_id)


async def _photo(bot: Bot, chat: int, out: Outgoing) -> Report:
    message = await bot.send_photo(
        chat,
        out.file_id or _file(out),
        caption=out.text or None,
        parse_mode=ParseMode.HTML if out.text else None,
        reply_markup=out.markup(),
    )
    return Report(Outcome.SENT, message.message_id, file_id=message.photo[-1].file_id if message.photo else None)


async def _document(bot: Bot, chat: int, out: Outgoing) -> Report:
    message = await bot.send_document(
        chat,
        out.file_id or _file(out),
        caption=out.text or None,
        parse_mode=ParseMode.HTML if out.text else None,
        reply_markup=out.markup(),
    )
    return Report(Outcome.SENT, message.message_id, file_id=message.document.file_id if message.document else None)


async def _voice(bot: Bot, chat: int, out: Outgoing) -> Report:
    message = await bot.send_voice(
        chat, out.file_id or "", caption=out.text or None, parse_mode=ParseMode.HTML if out.text else None
    )
    return Report(Outcome.SENT, message.message_id)


async def _poll(bot: Bot, chat: int, out: Outgoing) -> Report:
    message = await bot.send_poll(
        chat,
        out.text,
        [InputPollOption(option) for option in out.options],
        is_anonymous=False,
        type="quiz",
        # Bot API 10 takes a list; the older singular parameter is gone.
        correct_option_ids=[out.correct],  # type: ignore[list-item]
        explanation=out.explanation or None,
        description=out.description or None,
        description_parse_mode=ParseMode.HTML if out.description else None,
        reply_markup=out.markup(),
    )
    return Report(Outcome.SENT, message.message_id, poll_id=message.poll.id if message.poll else None)


async def _copy(bot: Bot, chat: int, out: Outgoing) -> Report:
    if len(out.source_messages) == 1:
        copied = await bot.copy_message(chat, out.source_chat, out.source_messages[0], reply_markup=out.markup())
        return _arrived([copied.message_id])
    copies = await bot.copy_messages(chat, out.source_chat, list(out.source_messages))
    return _arrived([copy.message_id for copy in copies])


async def _pieces(bot: Bot, chat: int, out: Outgoing) -> Report:
    return _arrived(await pieces.send(bot, chat, out.source_chat, out.pieces, out.markup()))


async def _correction(bot: Bot, chat: int, out: Outgoing) -> Report:
    await pieces.edit(bot, chat, out.message_id, out.pieces[0], out.markup())
    return Report(Outcome.SENT, out.message_id)


def _arrived(ids: list[int]) -> Report:
    return Report(Outcome.SENT, ids[0] if ids else None, tuple(ids))


async def _edit(bot: Bot, chat: int, out: Outgoing) -> Report:
    markup: Any = out.markup()
    message = await bot.edit_message_text(
        out.text,
        chat,
        out.message_id,
        parse_mode=ParseMode.HTML,
        reply_markup=markup,
        link_preview_options=NO_PREVIEW,
    )
    return Report(Outcome.SENT, message.message_id if isinstance(message, Message) else out.message_id)


def _file(out: Outgoing) -> InputFile:
    return InputFile(out.file or b"", filename=out.file_name)


_SEND = {
    "text": _text,
    "photo": _photo,
    "document": _document,
    "voice": _voice,
    "poll": _poll,
    "copy": _copy,
    "edit": _edit,
    "pieces": _pieces,
    "correction": _correction,
}
