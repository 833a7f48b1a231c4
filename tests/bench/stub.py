"""Telegram's place in the measurements: bare HTTP on loopback, in a process of its own, quicker than who is measured.

It knows nothing but what the measurements need: how far it is away, how many sends a second it allows and by which
count, who got what and when, and updates that wait. `python -m tests.bench.stub` prints its port and serves until its
standard input ends. It imports nothing of the project, and its answers are the same for all.
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote_plus

GRACE = 2.0  # seconds
HALT = 3.0  # seconds for which a 429 refuses every send
_CHAT = re.compile(rb"(?:^|&)chat_id=(-?\d+)")
_FIELD = re.compile(rb"(?:^|&)(offset|limit|timeout)=(\d+)")
_ME = {
    "id": 700000001,
    "is_bot": True,
    "first_name": "Sinar",
    "username": "sinar_bot",
    "can_join_groups": False,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}


class Limit:
    """How many sends a second are allowed: by a bucket that saves up, by any second's window, or by both."""

    def __init__(self, kind: str, rate: float) -> None:
        self._kind = kind
        self._rate = rate
        self._tokens = rate
        self._at = 0.0
        self._recent: deque[float] = deque()
        self._halted_until = 0.0

    def refuses(self, now: float) -> int:
        """Return the retry_after of a 429 (whole seconds), or 0 when the send may go."""
        if self._kind == "none":
            return 0
        if now < self._halted_until:
            return int(self._halted_until - now) + 1
        self._tokens = min(self._rate, self._tokens + (now - self._at) * self._rate)
        self._at = now
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        full = self._kind != "bucket" and len(self._recent) >= self._rate
        if full or (self._kind != "window" and self._tokens < 1):
            self._halted_until = now + HALT
            return int(HALT)
        self._tokens -= 1
        self._recent.append(now)
        return 0


class World:
    """What the server knows. Times are monotonic seconds, as seen at the server's door."""

    def __init__(self) -> None:
        self.set_up({})

    def set_up(self, given: dict[str, Any]) -> None:
        """Begin anew: `distance` in seconds there and back; `limit` none, bucket, window or both; `rate` a second."""
        self.distance = float(given.get("distance", 0.0))
        self.limit = Limit(given.get("limit", "none"), float(given.get("rate", 30)))
        self.got: Counter[int] = Counter()
        self.arrived: list[float] = []
        self.refused = 0
        self.refused_answers = 0
        self.message_id = 0
        self.update_id = 1000
        self.updates: deque[tuple[int, bytes]] = deque()
        self.news = asyncio.Event()
        self.confirmed = 0
        self.first_asked = 0.0
        self.asked: dict[int, float] = {}
        self.waits: list[float] = []

    def report(self) -> dict[str, Any]:
        """What was seen since the last call that began anew."""
        busiest = 0
        first = 0
        for last, moment in enumerate(self.arrived):
            while self.arrived[first] <= moment - 1:
                first += 1
            busiest = max(busiest, last - first + 1)
        return {
            "chats": len([chat for chat in self.got if chat < FIRST_ASKER]),
            "messages": sum(count for chat, count in self.got.items() if chat < FIRST_ASKER),
            "seconds": self.arrived[-1] - self.arrived[0] if self.arrived else 0.0,
            "busiest": busiest,
            "refused": self.refused,
            "refused_answers": self.refused_answers,
            "confirmed": self.confirmed,
            "since_first_ask": time.monotonic() - self.first_asked,
            "waits": self.waits,
            # Who asked just as the run ended is not held against it.
            "unanswered": sum(time.monotonic() - moment > GRACE for moment in self.asked.values()),
        }

    def ask(self, given: dict[str, Any]) -> dict[str, Any]:
        """Let so many new people write a command, now; when each is answered is noted."""
        now = time.monotonic()
        for _ in range(int(given.get("count", 1))):
            self.update_id += 1
            chat = FIRST_ASKER + self.update_id
            person = {"id": chat, "is_bot": False, "first_name": "Orang"}
            text = str(given.get("text", "/bantuan"))
            update = {
                "update_id": self.update_id,
                "message": {
                    "message_id": self.update_id,
                    "date": int(time.time()),
                    "chat": {"id": chat, "type": "private", "first_name": "Orang"},
                    "from": person,
                    "text": text,
                    "entities": [{"type": "bot_command", "offset": 0, "length": len(text)}],
                },
            }
            self.updates.append((self.update_id, json.dumps(update).encode()))
            self.asked[chat] = now
        self.news.set()
        return {}

    async def fetch(self, body: bytes) -> bytes:
        """getUpdates: confirm what is below the offset, then wait for what is not."""
        given = {name: int(value) for name, value in _FIELD.findall(body)}
        self.first_asked = self.first_asked or time.monotonic()
        while self.updates and self.updates[0][0] < given.get(b"offset", 0):
            self.confirmed = self.updates.popleft()[0]
        if not self.updates:
            self.news.clear()
            try:
                await asyncio.wait_for(self.news.wait(), min(given.get(b"timeout", 0), 10) or 0.01)
            except TimeoutError:
                return _ok(b"[]")
        limit = given.get(b"limit", 100)
        return _ok(b"[" + b",".join([raw for _, raw in list(self.updates)[:limit]]) + b"]")

    def send(self, body: bytes) -> bytes:
        """A message for a chat: counted, or refused."""
        now = time.monotonic()
        found = _CHAT.search(body)
        chat = int(found[1]) if found else 0
        wait = self.limit.refuses(now)
        if wait:
            self.refused += 1
            self.refused_answers += chat >= FIRST_ASKER
            told = {"ok": False, "error_code": 429, "description": f"Too Many Requests: retry after {wait}"}
            return _answer(429, json.dumps(told | {"parameters": {"retry_after": wait}}).encode())
        self.message_id += 1
        self.got[chat] += 1
        if chat in self.asked:
            self.waits.append(now - self.asked.pop(chat))
        elif chat < FIRST_ASKER:
            self.arrived.append(now)
        return _ok(
            b'{"message_id":%d,"date":1700000000,"chat":{"id":%d,"type":"private","first_name":"Orang"},"text":"Halo"}'
            % (self.message_id, chat)
        )


FIRST_ASKER = 5_000_000


def _ok(result: bytes) -> bytes:
    return _answer(200, b'{"ok":true,"result":' + result + b"}")


def _answer(status: int, body: bytes) -> bytes:
    phrase = b"OK" if status == 200 else b"Too Many Requests"
    return (
        b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nConnection: keep-alive\r\nContent-Length: %d\r\n\r\n"
        % (status, phrase, len(body))
        + body
    )


class Door(asyncio.Protocol):
    """One connection; requests on it come one after the other."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._buffer = b""
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Take what has come; answer each request that is whole."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            at = head.lower().find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            body = self._buffer[end + 4 : end + 4 + length]
            self._buffer = self._buffer[end + 4 + length :]
            self._serve(head.split(b" ", 2)[1], body)

    def _serve(self, target: bytes, body: bytes) -> None:
        path, _, query = target.partition(b"?")
        method = path.rsplit(b"/", 1)[1].lower()
        if path.startswith(b"/control/"):
            self._write(_control(self._world, method, body))
        elif method == b"getupdates":
            self._later(lambda: self._world.fetch(body or query))
        elif self._world.distance:
            half = self._world.distance / 2
            asyncio.get_running_loop().call_later(half, self._back_after, half, method, body)
        else:
            self._write(self._do(method, body))

    def _back_after(self, half: float, method: bytes, body: bytes) -> None:
        asyncio.get_running_loop().call_later(half, self._write, self._do(method, body))

    def _later(self, doing: Callable[[], Awaitable[bytes]]) -> None:
        async def answer() -> None:
            await asyncio.sleep(self._world.distance / 2)
            found = await doing()
            await asyncio.sleep(self._world.distance / 2)
            self._write(found)

        task = asyncio.create_task(answer())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _do(self, method: bytes, body: bytes) -> bytes:
        if method in (b"sendmessage", b"sendphoto", b"sendpoll", b"copymessage"):
            return self._world.send(body)
        return _ok(json.dumps(_ME).encode() if method == b"getme" else b"true")

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


def _control(world: World, what: bytes, body: bytes) -> bytes:
    given = json.loads(unquote_plus(body.decode()) or "{}")
    done = {b"anew": world.set_up, b"ask": world.ask}.get(what)
    if done is not None:
        done(given)
        return _ok(b"true")
    return _answer(200, json.dumps(world.report()).encode())


async def _serve_until_the_input_ends() -> None:
    loop = asyncio.get_running_loop()
    world = World()
    server = await loop.create_server(lambda: Door(world), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve_until_the_input_ends())
