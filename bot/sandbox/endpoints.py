"""The Bot API's addresses: reading requests, meeting planned faults, writing answers."""

import asyncio
import contextlib
import json
import re
import socket
import struct
from collections.abc import Coroutine, Mapping
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from bot.sandbox.box import Box
from bot.sandbox.faults import HTML_PAGE, Fault, Plan
from bot.sandbox.methods import NAMES, call
from bot.sandbox.refusal import Json, Refusal, Upload, bad, to_json
from bot.sandbox.world import World

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{10,}$")
METHOD_PATH = re.compile(r"/bot([^/]+)/([^/]+)")
FILE_PATH = re.compile(r"/file/bot([^/]+)/(.+)")


def check_token(box: Box, token: str) -> None:
    """Raise a Refusal of 404 (no token at all) or 401 unless the token is the bot's."""
    if token != box.world.token:
        raise Refusal(401, "Unauthorized") if _TOKEN.match(token) else Refusal(404, "Not Found")


async def answered(world: World, method: str, raw: Mapping[str, Any], uploads: Mapping[str, Upload]) -> tuple[int, str]:
    """Carry out a request whose parameters are the strings of its form; returns HTTP's status and the body."""
    return await _written(call(world, method, raw, uploads))


async def _written(acting: Coroutine[Any, Any, Any]) -> tuple[int, str]:
    try:
        return 200, to_json({"ok": True, "result": await acting})
    except Refusal as refusal:
        return refusal.code, to_json(refusal.as_json())


def routes(box: Box) -> list[Any]:
    """Return the addresses a bot uses."""
    return [
        (METHOD_PATH.pattern, _Method, {"box": box}),
        (FILE_PATH.pattern, _File, {"box": box}),
    ]


class _Handler(RequestHandler):
    def initialize(self, box: Box) -> None:
        self.box = box
        self.gone = asyncio.get_running_loop().create_future()

    def on_connection_close(self) -> None:
        if not self.gone.done():
            self.gone.set_result(None)

    def set_default_headers(self) -> None:
        self.clear_header("Server")

    def admitted(self, token: str) -> bool:
        """Check the token; otherwise answer that it is none of ours."""
        try:
            check_token(self.box, token)
        except Refusal as refusal:
            self.refuse(refusal)
            return False
        return True

    def refuse(self, refusal: Refusal) -> None:
        """Answer with ok=false."""
        self.answer(refusal.as_json(), refusal.code)

    def answer(self, body: Any, status: int = 200) -> None:
        """Answer with JSON."""
        self.set_status(status, None if status < 600 else "Error")
        self.set_header("Content-Type", "application/json")
        self.finish(body if isinstance(body, str) else to_json(body))

    def write_error(self, status_code: int, **_kwargs: Any) -> None:
        self.refuse(Refusal(status_code, self._reason))


class Nothing(RequestHandler):
    def prepare(self) -> None:
        self.set_status(404)
        self.set_header("Content-Type", "application/json")
        self.finish(to_json(Refusal(404, "Not Found").as_json()))


class _File(_Handler):
    def get(self, token: str, path: str) -> None:
        if not self.admitted(token):
            return
        found = self.box.world.files.at(path)
        if found is None:
            self.refuse(Refusal(404, "Not Found"))
            return
        self.set_header("Content-Type", "application/octet-stream")
        self.finish(found.body)


class _Method(_Handler):
    async def get(self, token: str, name: str) -> None:
        await self._serve(token, name)

    async def post(self, token: str, name: str) -> None:
        await self._serve(token, name)

    async def _serve(self, token: str, name: str) -> None:
        if not self.admitted(token):
            return
        method = NAMES.get(name.lower())
        if method is None:
            self.refuse(Refusal(404, "Not Found"))
            return
        try:
            raw, uploads = self._read()
        except Refusal as refusal:
            self.refuse(refusal)
            return
        delay = self.box.faults.delay(method)
        if delay:
            await asyncio.sleep(delay / 2)
        plan = self.box.faults.find(method, raw)
        if plan is not None and not plan.fault.acts:
            await self._fail(plan, "")
            return
        status, body = await self._act(method, raw, uploads)
        if delay:
            await asyncio.sleep(delay / 2)
        if plan is not None:
            await self._fail(plan, body)
        elif not self.gone.done():
            self.answer(body, status)

    async def _act(self, method: str, raw: Json, uploads: dict[str, Upload]) -> tuple[int, str]:
        if method != "getUpdates":
            return await answered(self.box.world, method, raw, uploads)
        return await _written(self._unless_gone(call(self.box.world, method, raw, uploads)))

    async def _unless_gone(self, acting: Coroutine[Any, Any, Any]) -> Any:
        """Let a long poll end with its connection, so that it takes no updates into the void."""
        task = asyncio.ensure_future(acting)
        await asyncio.wait({task, self.gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
            return []
        return await task

    def _read(self) -> tuple[Json, dict[str, Upload]]:
        request = self.request
        raw: Json = {}
        for name, values in request.arguments.items():
            if len(values) > 1:
                raise bad(f'parameter "{name}" is given twice')
            try:
                raw[name] = values[0].decode()
            except UnicodeDecodeError as error:
                raise bad("strings must be encoded in UTF-8") from error
        if request.headers.get("Content-Type", "").startswith("application/json") and request.body:
            try:
                given = json.loads(request.body)
            except ValueError as error:
                raise bad("can't parse the JSON body") from error
            if not isinstance(given, dict):
                raise bad("the JSON body must be an object")
            raw |= given
        uploads = {
            name: Upload(files[0].filename, files[0].body, files[0].content_type)
            for name, files in request.files.items()
        }
        return raw, uploads

    async def _fail(self, plan: Plan, body: str) -> None:
        match plan.fault:
            case Fault.RESET_BEFORE | Fault.RESET_AFTER:
                self._cut(b"")
            case Fault.HALF_AFTER:
                whole = body.encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(whole)}\r\n\r\n"
                self._cut(head.encode() + whole[: len(whole) // 2])
            case Fault.HANG_BEFORE | Fault.HANG_AFTER:
                closing = asyncio.ensure_future(self.box.closing.wait())
                await asyncio.wait({self.gone, closing}, return_when=asyncio.FIRST_COMPLETED)
                closing.cancel()
                self._cut(b"")
            case Fault.HTML_BEFORE | Fault.HTML_AFTER:
                self.set_status(502)
                self.set_header("Content-Type", "text/html")
                self.finish(HTML_PAGE)
            case Fault.STATUS_BEFORE | Fault.STATUS_AFTER:
                self.refuse(Refusal(plan.status, plan.description, plan.retry_after))

    def _cut(self, last_words: bytes) -> None:
        """Break the connection off: after a piece of an answer, or with a reset."""
        if self.gone.done():
            self._finished = True
            return
        stream = self.detach()
        if last_words:
            with contextlib.suppress(StreamClosedError):
                stream.write(last_words).add_done_callback(lambda _: stream.close())
            return
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stream.close()
