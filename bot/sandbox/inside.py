"""The same server without a network, for a bot in the same process: only the bytes on the wire are left out.

A request is read, checked, paced, done and written down by the very functions behind the HTTP address, from
the strings that would have stood in its form; the answer is JSON text. Planned faults are the network's.
"""

from typing import IO, Any
from urllib.parse import unquote, urlsplit

from telegram.request import BaseRequest, RequestData

from bot.sandbox.box import Box
from bot.sandbox.endpoints import FILE_PATH, METHOD_PATH, answered, check_token
from bot.sandbox.methods import NAMES
from bot.sandbox.refusal import Refusal, Upload, to_json


class Inside(BaseRequest):
    """python-telegram-bot's way to a sandbox of the same process."""

    def __init__(self, box: Box) -> None:
        self._box = box

    @property
    def read_timeout(self) -> float | None:
        """None: there is no line that could fall silent."""
        return None

    async def initialize(self) -> None:
        """Nothing has to be opened."""

    async def shutdown(self) -> None:
        """Nothing has to be closed."""

    async def do_request(
        self,
        url: str,
        method: str,  # noqa: ARG002 - the name is python-telegram-bot's
        request_data: RequestData | None = None,
        *_timeouts: Any,
        **_more: Any,
    ) -> tuple[int, bytes]:
        """Answer one request with its HTTP status and body."""
        try:
            return await self._answer(unquote(urlsplit(url).path), request_data)
        except Refusal as refusal:
            return refusal.code, to_json(refusal.as_json()).encode()

    async def _answer(self, path: str, data: RequestData | None) -> tuple[int, bytes]:
        if asked := METHOD_PATH.fullmatch(path):
            token, name = asked.groups()
            check_token(self._box, token)
            method = NAMES.get(name.lower())
            if method is None:
                raise Refusal(404, "Not Found")
            raw, uploads = (data.json_parameters, _uploads(data)) if data else ({}, {})
            status, body = await answered(self._box.world, method, raw, uploads)
            return status, body.encode()
        if asked := FILE_PATH.fullmatch(path):
            check_token(self._box, asked[1])
            found = self._box.world.files.at(asked[2])
            if found is not None:
                return 200, found.body
        raise Refusal(404, "Not Found")


def _uploads(data: RequestData) -> dict[str, Upload]:
    if not data.contains_files:
        return {}
    return {name: Upload(file, _bytes(body), mime) for name, (file, body, mime) in data.multipart_data.items()}


def _bytes(body: bytes | IO[bytes]) -> bytes:
    return body if isinstance(body, bytes) else body.read()
