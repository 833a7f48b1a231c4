"""The driving side over HTTP, for another process or a page: JSON under /sandbox/."""

import base64
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from tornado.web import RequestHandler

from bot.sandbox.box import Box
from bot.sandbox.faults import Fault
from bot.sandbox.people import Impossible, Person
from bot.sandbox.refusal import Json, to_json
from bot.sandbox.world import Stored, Tap

_HOSTS = ("127.0.0.1", "localhost", "[::1]")
_LATEST = 1_000


def routes(box: Box) -> list[Any]:
    """Return the addresses of the control side."""
    return [
        (r"/sandbox/(\w+)(?:/(-?\d+))?(?:/(\w+))?", _Control, {"box": box}),
    ]


class _Control(RequestHandler):
    def initialize(self, box: Box) -> None:
        self.box = box

    def prepare(self) -> None:
        """Keep web pages of other origins out: their requests carry another host or no JSON type."""
        foreign = self.request.host_name not in _HOSTS
        kind = self.request.headers.get("Content-Type", "")
        if foreign or (self.request.method == "POST" and not kind.startswith("application/json")):
            self._answer({"error": "the control side takes JSON from this machine alone"}, 403)

    async def get(self, topic: str, number: str | None, part: str | None) -> None:
        await self._do(_READ.get((topic, number is not None, part)), int(number or 0))

    async def post(self, topic: str, number: str | None, part: str | None) -> None:
        if topic == "people" and number is not None and part in _ACTS:
            await self._do(lambda box, n, given: _act(box, n, str(part), given), int(number))
            return
        await self._do(_WRITE.get((topic, number is not None, part)), int(number or 0))

    async def _do(self, handler: Callable[[Box, int, Json], Any] | None, number: int) -> None:
        if handler is None:
            self._answer({"error": "no such address"}, 404)
            return
        try:
            given = json.loads(self.request.body) if self.request.body else {}
            given |= {key: self.get_query_argument(key) for key in self.request.query_arguments}
            result = handler(self.box, number, given)
            if hasattr(result, "__await__"):
                result = await result
        except TimeoutError as error:
            self._answer({"error": str(error)}, 408)
        except (LookupError, ValueError, TypeError, Impossible) as error:
            self._answer({"error": f"{type(error).__name__}: {error}"}, 400)
        else:
            self._answer(result)

    def _answer(self, body: Any, status: int = 200) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(to_json(body))


def _message(stored: Stored) -> Json:
    return stored.raw | {
        "from_bot": stored.from_bot,
        "deleted": stored.deleted,
        "edits": stored.edits,
        "keyboard": stored.keyboard,
    }


def _chats(box: Box, _number: int, _given: Json) -> list[Json]:
    return [
        chat.info
        | {
            "started": chat.started,
            "blocked": chat.blocked,
            "messages": len(chat.messages),
            "last_message_id": chat.last_id,
        }
        for chat in box.world.chats.values()
    ]


def _messages(box: Box, number: int, given: Json) -> list[Json]:
    after = int(given.get("after", 0))
    return [_message(stored) for stored in box.world.chats[number].messages.values() if stored.id > after]


def _latest(entries: list[Any], given: Json) -> Json:
    start = int(given.get("from", max(0, len(entries) - _LATEST)))
    return {"total": len(entries), "from": start, "entries": [asdict(entry) for entry in entries[start:]]}


def _taps(box: Box, number: int, _given: Json) -> list[Json]:
    return [asdict(tap) for tap in _known(box, number).taps]


def _clock(box: Box, _number: int, given: Json) -> Json:
    if "offset" in given:
        box.clock_offset = float(given["offset"])
    box.clock_offset += float(given.get("advance", 0))
    box.world.changed()
    return {"now": box.now(), "offset": box.clock_offset}


async def _wait(box: Box, _number: int, given: Json) -> Json:
    await box.settled(float(given.get("timeout", 10)))
    return {"settled": True}


def _updates(box: Box, _number: int, _given: Json) -> Json:
    updates = box.world.updates
    updates.expire()
    return {"pending": len(updates.pending), "lost": len(updates.lost), "waiting": updates.waiting}


def _add_person(box: Box, _number: int, given: Json) -> Json:
    return box.person(int(given.pop("id")), **given).user


def _limits(box: Box, _number: int, given: Json) -> Json:
    box.world.limits.set(given.pop("per_second"), given.pop("kind", "bucket"), **given)
    return {"set": True}


def _faults(box: Box, _number: int, given: Json) -> Json:
    if given.get("clear"):
        box.faults.clear()
        return {"set": True}
    if "latency" in given:
        box.faults.latency = float(given["latency"])
        return {"set": True}
    box.faults.plan(Fault(given.pop("fault")), given.pop("method", None), **given)
    return {"set": True}


def _known(box: Box, number: int) -> Person:
    if number not in box.people:
        raise LookupError(f"there is no person {number}")
    return box.people[number]


def _act(box: Box, number: int, act: str, given: Json) -> Any:
    """Let a person act; files come as base64 under `body`."""
    if "body" in given:
        given["body"] = base64.b64decode(given["body"], validate=True)
    done = _ACTS[act](_known(box, number), **given)
    if isinstance(done, Stored):
        return _message(done)
    return asdict(done) if isinstance(done, Tap) else {"done": True}


_ACTS: dict[str, Callable[..., Any]] = {
    "start": Person.start,
    "send": Person.send,
    "edit": Person.edit,
    "tap": Person.tap,
    "press_data": Person.press_data,
    "vote": Person.vote,
    "photo": Person.send_photo,
    "document": Person.send_document,
    "voice": Person.send_voice,
    "sticker": Person.send_sticker,
    "contact": Person.send_contact,
    "location": Person.send_location,
    "block": Person.block,
    "unblock": Person.unblock,
    "deactivate": Person.deactivate,
    "delete_chat": Person.delete_chat,
}
_Key = tuple[str, bool, str | None]
_READ: dict[_Key, Callable[[Box, int, Json], Any]] = {
    ("chats", False, None): _chats,
    ("chats", True, "messages"): _messages,
    ("people", True, "taps"): _taps,
    ("calls", False, None): lambda box, _, given: _latest(box.world.calls, given),
    ("refused", False, None): lambda box, _, given: _latest(box.world.refused, given),
    ("clock", False, None): lambda box, _, __: _clock(box, 0, {}),
    ("updates", False, None): _updates,
    ("wait", False, None): _wait,
}
_WRITE: dict[_Key, Callable[[Box, int, Json], Any]] = {
    ("people", False, None): _add_person,
    ("clock", False, None): _clock,
    ("limits", False, None): _limits,
    ("faults", False, None): _faults,
}
