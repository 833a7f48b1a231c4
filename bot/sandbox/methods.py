"""One call of a method: checked, paced, done, and written down."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox import editing, hooking, profile, sending
from bot.sandbox.params import METHODS
from bot.sandbox.refusal import Json, Refusal, Upload
from bot.sandbox.validate import decode
from bot.sandbox.world import Call, Refused, World

HANDLERS: dict[str, Callable[[World, Json], Any]] = {
    **profile.HANDLERS,
    **sending.HANDLERS,
    **editing.HANDLERS,
    **hooking.HANDLERS,
}
NAMES = {name.lower(): name for name in METHODS}
"""Methods by their lower-case names, as Telegram looks them up."""
_MANY = {"sendMediaGroup": "media", "copyMessages": "message_ids"}


async def call(world: World, method: str, raw: Mapping[str, Any], uploads: Mapping[str, Upload]) -> Any:
    """Carry out one call and return its result; raises a Refusal after recording it."""
    params: Json = dict(raw)
    try:
        params = decode(method, raw, uploads)
        if method == "getUpdates":
            return await _fetch(world, params)
        count = len(params.get(_MANY.get(method, ""), "1"))
        world.limits.admit(method, params.get("chat_id"), count)
        result = HANDLERS[method](world, params)
    except Refusal as refusal:
        record_refusal(world, method, params, refusal)
        raise
    if isinstance(result, dict):
        result = dict(result)
    world.calls.append(Call(world.now(), time.monotonic(), method, params.get("chat_id"), params, result))
    world.changed()
    return result


def record_refusal(world: World, method: str, params: Json, refusal: Refusal) -> None:
    """Write a refusal down and tell whoever waits."""
    chat_id = params.get("chat_id")
    world.refused.append(
        Refused(world.now(), time.monotonic(), method, chat_id, params, refusal.code, refusal.description)
    )
    world.changed()


async def _fetch(world: World, params: Json) -> list[Json]:
    hooking.check_no_webhook(world)
    world.close_due_polls()
    world.fetches += 1
    world.updates.begin(params)
    world.changed()
    return await world.updates.fetch(params)
