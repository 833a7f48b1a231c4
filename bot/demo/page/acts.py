"""What a person can do at the page, in the terms of the sandbox's people."""

import base64
from collections.abc import Callable
from functools import partial
from typing import Any

from bot.demo.page.town import Elsewhere, Phone, Town
from bot.sandbox import Tap

Json = dict[str, Any]
_SHARES_NUMBER = "request_contact"
_VOICE_SECONDS = 7


async def act(town: Town, number: int, kind: str, given: Json) -> Json:
    """Let a phone do one thing; returns what pops up. Raises Elsewhere, Impossible, LookupError, ValueError."""
    if kind not in _ACTS:
        raise Elsewhere("Halaman ini tidak mengenal perbuatan itu.")
    doing = partial(_ACTS[kind], town.phone(number), given)
    done = await town.act(number, lambda _person: doing())
    town.see(number)
    if isinstance(done, Tap):
        return {"toast": done.toast, "alert": done.alert}
    return {"toast": None, "alert": False}


def _tap(phone: Phone, given: Json) -> Any:
    """Press an inline button: it must stand there, as in an app."""
    person, data, message_id = phone.person, str(given["data"]), int(given["message"])
    message = next((one for one in person.received if one.id == message_id), None)
    if message is None or data not in [button.get("callback_data") for button in message.buttons]:
        raise Elsewhere("Tombol itu sudah tidak ada di pesan tersebut.")
    return person.press_data(data, message)


def _press(phone: Phone, given: Json) -> Any:
    """Press a button of the reply keyboard."""
    label = str(given["text"])
    keys = [key for row in (phone.person.keyboard or {}).get("keyboard", []) for key in row]
    key = next((key for key in keys if key["text"] == label), None)
    if key is None:
        raise Elsewhere("Tombol itu sudah tidak ada.")
    if key.get(_SHARES_NUMBER):
        return phone.person.send_contact(phone=phone.telephone or "+6281234567890")
    return phone.person.send(label)


def _vote(phone: Phone, given: Json) -> Any:
    return phone.person.vote(int(given["message"]), int(given["option"]))


def _start(phone: Phone, given: Json) -> Any:
    return phone.person.start(str(given["payload"]) if given.get("payload") else None)


def _file(phone: Phone, given: Json) -> Any:
    """Send a file; a picture goes as a picture."""
    body = base64.b64decode(str(given["body"]), validate=True)
    name = str(given["name"])[:120]
    if name.lower().endswith((".png", ".jpg", ".jpeg")):
        return phone.person.send_photo(body)
    return phone.person.send_document(name, body)


def _say(phone: Phone, given: Json) -> Any:
    reply = int(given["reply"]) if given.get("reply") else None
    return phone.person.send(str(given["text"]), reply)


def _edit(phone: Phone, given: Json) -> Any:
    return phone.person.edit(int(given["message"]), str(given["text"]))


def _block(phone: Phone, _given: Json) -> Any:
    return phone.person.unblock() if phone.person.blocked else phone.person.block()


_ACTS: dict[str, Callable[[Phone, Json], Any]] = {
    "start": _start,
    "say": _say,
    "edit": _edit,
    "tap": _tap,
    "press": _press,
    "vote": _vote,
    "file": _file,
    "voice": lambda phone, _given: phone.person.send_voice(seconds=_VOICE_SECONDS),
    "block": _block,
}
