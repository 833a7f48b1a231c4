"""What may be said of a session, at the command line and in the chat alike."""

from typing import Literal

from bot.domain.roster import plain_text

# What three quotes, a prompt and the frame of the first reflection leave room for in one message.
LONGEST = {"title": 200, "place": 200, "message": 500}
MOST_MESSAGES = 3
Fault = Literal["empty", "long"]


def session_text(field: str, raw: str) -> tuple[str, Fault | None]:
    """Return a title, place or message on one line, and what is wrong with it if anything is."""
    text = plain_text(raw)
    if not text:
        return "", "empty"
    # Lengths are Telegram's: UTF-16 units.
    return text, "long" if len(text.encode("utf-16-le")) // 2 > LONGEST[field] else None
