"""The webhook's door: secret checked, body stored, then 200."""

import hmac
import json
import logging

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from bot.intake.receiving import Receiver, has_id
from bot.logs import OF_PEOPLE

log = logging.getLogger(__name__)
LARGEST_BODY = 1024 * 1024  # bytes
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
