"""The chat page of the demo: be any of the people, in a browser, with the real bot and a clock to move."""

from bot.demo.page.running import DEFAULT_PORT, Beside, run

__all__ = ["DEFAULT_PORT", "Beside", "run"]
