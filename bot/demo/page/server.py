"""The page's server: this machine alone, no request to anywhere else, everything that is shown comes as data."""

import asyncio
import hashlib
import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from bot.demo.page import tour
from bot.demo.page.acts import act
from bot.demo.page.state import state
from bot.demo.page.town import Elsewhere, Town
from bot.sandbox import Impossible

STATIC = Path(__file__).with_name("static")
HOST = "127.0.0.1"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_LARGEST_BODY = 16_000_000
_POLL_SECONDS = 20.0
# Between two answers to a page, so that drawing it does not slow what is drawn; more of it while the clock runs.
_BREATH_SECONDS, _LONG_BREATH_SECONDS = 0.12, 0.4
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def serve(town: Town, port: int, static: Path = STATIC) -> tuple[HTTPServer, int]:
    """Listen on loopback; port 0 takes any free one. Returns the server and its port. Raises OSError."""
    sockets = bind_sockets(port, HOST, socket.AF_INET)
    found = sockets[0].getsockname()[1]
    given = {"town": town, "hosts": {f"{HOST}:{found}", f"localhost:{found}"}}
    door = Application(
        [
            (r"/state", _State, given),
            (r"/act", _Act, given),
            (r"/file/([\w-]+)", _File, given),
            (r"/([\w.-]*)", _Static, given | {"static": static}),
        ],
        log_function=lambda _: None,
    )
    server = HTTPServer(door, max_body_size=_LARGEST_BODY, max_buffer_size=_LARGEST_BODY)
    server.add_sockets(sockets)
    return server, found


class _Guarded(RequestHandler):
    """Answers this machine's browser on this very page; pages of other origins, or under other names, get nothing."""

    def initialize(self, town: Town, hosts: set[str], static: Path = STATIC) -> None:
        self.town = town
        self.hosts = hosts
        self.static = static
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Content-Security-Policy", _POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")
        self.set_header("Cache-Control", "no-store")

    def prepare(self) -> None:
        """Refuse whoever comes from elsewhere."""
        origin = self.request.headers.get("Origin")
        named = self.request.host in self.hosts
        at_home = origin is None or origin in {f"http://{host}" for host in self.hosts}
        of_json = self.request.method != "POST" or self.request.headers.get("Content-Type") == "application/json"
        if not (named and at_home and of_json and self.request.headers.get("Sec-Fetch-Site") != "cross-site"):
            self.tell({"error": "Halaman ini hanya untuk komputer ini."}, 403)

    def on_connection_close(self) -> None:
        """Let whoever waits for this page stop waiting."""
        if not self.gone.done():
            self.gone.set_result(None)

    def tell(self, body: Any, status: int = 200) -> None:
        """Answer with JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(body, ensure_ascii=False))

    def write_error(self, status_code: int, **_kwargs: Any) -> None:
        self.tell({"error": self._reason}, status_code)

    async def tried(self, doing: Callable[[], Awaitable[Any]]) -> Any:
        """Do something; what cannot be done is answered in words."""
        try:
            return await doing()
        except Elsewhere as error:
            self.tell({"error": str(error)}, 409)
        except (Impossible, LookupError):
            self.tell({"error": "Itu tidak dapat dilakukan lagi di obrolan ini."}, 409)
        except (ValueError, TypeError):
            self.tell({"error": "Permintaan itu tidak dapat dibaca."}, 400)
        return None


class _State(_Guarded):
    async def get(self) -> None:
        """Answer what is shown, as soon as it differs from what the page has (`tag`), at the latest after 20 s."""
        tag = self.get_query_argument("tag", "")
        end = asyncio.get_running_loop().time() + _POLL_SECONDS
        while not self.gone.done():
            shown = await self.tried(self._now)
            if shown is None:
                return
            text = json.dumps(shown, ensure_ascii=False)
            current = hashlib.sha256(text.encode()).hexdigest()[:16]
            left = end - asyncio.get_running_loop().time()
            if current != tag or left <= 0:
                self.set_header("Content-Type", "application/json")
                self.finish(f'{{"tag":"{current}","state":{text}}}')
                return
            # At the latest after a second: what changed while this was being read rang for nobody.
            await self.town.stage.box.world.bell.heard(min(left, 1.0))
            await asyncio.sleep(_BREATH_SECONDS if self.town.running is None else _LONG_BREATH_SECONDS)

    async def _now(self) -> Any:
        return await state(self.town, int(self.get_query_argument("phone")))


class _Act(_Guarded):
    async def post(self) -> None:
        """Do one thing: an act of a phone, a move of the clock, a step of the tour."""
        done = await self.tried(self._act)
        if done is not None:
            self.tell(done)

    async def _act(self) -> dict[str, Any]:
        given = json.loads(self.request.body)
        number = int(given["phone"])
        kind = str(given["do"])
        if kind == "move":
            await self.town.move(str(given["how"]), number)
        elif kind == "tour":
            await tour.go(self.town, str(given["how"]), number)
        elif kind == "see":
            self.town.see(self.town.phone(number).person.id, int(given["last"]))
            self.town.changed()
        else:
            return await act(self.town, number, kind, given)
        return {"done": True}


class _File(_Guarded):
    def get(self, file_id: str) -> None:
        """Give a file of a chat: pictures to be shown, everything else to be kept."""
        try:
            upload = self.town.stage.box.world.files.by_id(file_id)
        except KeyError:
            self.tell({"error": "Berkas itu tidak ada."}, 404)
            return
        kind = next((kind for magic, kind in _PICTURES.items() if upload.body.startswith(magic)), None)
        self.set_header("Content-Type", kind or "application/octet-stream")
        if kind is None or "download" in self.request.query_arguments:
            self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(upload.name, safe='')}")
        self.finish(upload.body)


class _Static(_Guarded):
    def get(self, name: str) -> None:
        """Give a file of the page."""
        path = self.static / (name or "index.html")
        if path.suffix not in _TYPES or not path.is_file():
            self.tell({"error": "Tidak ada di sini."}, 404)
            return
        self.set_header("Content-Type", f"{_TYPES[path.suffix]}; charset=utf-8")
        self.finish(path.read_bytes())
