"""Telegram's deep links: what opens the bot with a payload."""


def deep_link(bot_username: str | None, payload: str) -> str | None:
    """Return the link of a payload, or None while the bot's name is not known."""
    return f"https://t.me/{bot_username}?start={payload}" if bot_username else None
