"""An address on this machine that says whether the bot is well: 200 or 503, a small JSON, nothing of a person."""

import json
from datetime import datetime, timedelta

from tornado.httpserver import HTTPServer
from tornado.web import Application, RequestHandler

from bot.clock import Clock, from_text
from bot.store import alarms, facts
from bot.store.database import Store
from scheduler.timetable import LAST_LOOK, silent_after


class _Health(RequestHandler):
    def initialize(self, store: Store, clock: Clock, patience: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._patience = patience

    async def get(self) -> None:
        last, troubles = await self._store.read(lambda db: (facts.fact(db, LAST_LOOK), alarms.open_ones(db)))
        looked = _recently(last, self._clock.now(), self._patience)
        well = looked and not troubles
        self.set_status(200 if well else 503)
        self.set_header("Content-Type", "application/json")
        document = {"ok": well, "last_look": last, "alarms": [{"kind": kind, "since": at} for kind, at in troubles]}
        self.finish(json.dumps(document))

    def write_error(self, status_code: int, **_kwargs: object) -> None:
        # A store that cannot be read is no good health either.
        self.set_status(503 if status_code == 500 else status_code)
        self.finish(json.dumps({"ok": False}))


def _recently(last: str | None, now: datetime, patience: timedelta) -> bool:
    return last is not None and abs(now - from_text(last)) <= patience


def serve(listen: str, store: Store, clock: Clock, look_every_seconds: float) -> HTTPServer:
    """Listen on "host:port", a loopback address by the settings; every path answers the same. Raises OSError."""
    host, port = listen.rsplit(":", 1)
    door = Application(
        [(r"/.*", _Health, {"store": store, "clock": clock, "patience": silent_after(look_every_seconds)})],
        log_function=lambda _: None,
    )
    server = HTTPServer(door, max_body_size=1024, max_buffer_size=64 * 1024)
    server.listen(int(port), host.strip("[]"))
    return server
