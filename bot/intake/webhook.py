"""The webhook: its door (secret checked, body stored, then 200), and that Telegram knows of it."""

import asyncio
import hmac
import json
import logging
from collections.abc import Callable

from telegram import Bot
from telegram.error import InvalidToken, TelegramError
from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from bot.intake.polling import TokenRefused
from bot.intake.receiving import ALLOWED_UPDATES, Receiver, has_id
from bot.logs import OF_PEOPLE

log = logging.getLogger(__name__)
LARGEST_BODY = 1024 * 1024  # bytes
LOOK_EVERY = 60.0  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name


class _Door(RequestHandler):
    def initialize(self, receiver: Receiver, secret: str) -> None:
        self._receiver = receiver
        self._secret = secret

    async def post(self) -> None:
        given = self.request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            self.send_error(403)
            return
        try:
            update = json.loads(self.request.body)
        except (ValueError, RecursionError):
            update = None
        if not has_id(update):
            self.send_error(400)
            return
        await self._receiver.receive([update])
        self.set_status(200)

    def log_exception(self, *args: object) -> None:
        log.error("webhook request failed", exc_info=args, extra=OF_PEOPLE)  # type: ignore[arg-type]

    def write_error(self, status_code: int, **_kwargs: object) -> None:
        self.finish(str(status_code))


def serve(listen: str, receiver: Receiver, secret: str) -> HTTPServer:
    """Listen on "host:port" for Telegram's posts; every path is the same door.

    Raises OSError, and ValueError for an empty secret, which every post without one would match.
    """
    if not secret:
        raise ValueError("a webhook needs a secret")
    host, port = listen.rsplit(":", 1)
    door = Application([(r"/.*", _Door, {"receiver": receiver, "secret": secret})], log_function=lambda _: None)
    server = HTTPServer(door, max_body_size=LARGEST_BODY, max_buffer_size=LARGEST_BODY)
    server.listen(int(port), host)
    return server


async def announce(
    bot: Bot, url: str, secret: str, well: Callable[[], None] | None = None, every: float = LOOK_EVERY
) -> None:
    """Set the webhook, and again whenever it is gone, until cancelled. Raises TokenRefused.

    `well` is called at each look (`every` seconds) at which nothing waits at Telegram: what it could not bring for
    long is an alarm.
    """
    pause = FIRST_PAUSE
    while True:
        try:
            await bot.set_webhook(url, secret_token=secret, allowed_updates=ALLOWED_UPDATES)
        except InvalidToken:
            raise TokenRefused from None
        except TelegramError as error:
            log.warning("webhook not set reason=%s", error.message)
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)
        else:
            pause = FIRST_PAUSE
            await _until_gone(bot, url, well, every)
            log.warning("webhook is gone, setting it again")


async def _until_gone(bot: Bot, url: str, well: Callable[[], None] | None, every: float) -> None:
    while True:
        try:
            info = await bot.get_webhook_info()
        except TelegramError as error:
            log.warning("webhook not looked at reason=%s", error.message)
        else:
            if info.url != url:
                return
            if not info.pending_update_count and well is not None:
                well()
            elif info.last_error_message:
                log.warning("webhook waiting=%d reason=%s", info.pending_update_count, info.last_error_message)
        await asyncio.sleep(every)
