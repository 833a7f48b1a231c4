"""getUpdates: a batch is committed before the next call confirms it.

python-telegram-bot's Updater would confirm what only its memory holds; so the call is made here, and the
answer is read here, where a batch that cannot be parsed can be stepped over.
"""

import asyncio
import json
import logging
import re
import time
from collections.abc import Callable
from typing import Any

from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from bot.intake.receiving import ALLOWED_UPDATES, Receiver, has_id
from bot.telegram_request import reason

log = logging.getLogger(__name__)
HOLD_SECONDS = 10
LONGEST_PAUSE = 15.0
# Seconds for which a refusal that may pass is asked again: a killed poll lingers, a token is refused by mistake.
PATIENCE = 60.0
UNREADABLE_BEFORE_SINGLE = 2
_UPDATE_ID = re.compile(rb'"update_id"\s*:\s*([0-9]{1,19})')


class Refused(Exception):
    """Telegram will not serve this process: the token is refused, or another poller holds the line."""


class TokenRefused(Refused):
    """Telegram does not take the token."""

    def __init__(self) -> None:
        super().__init__("Telegram refuses the token: check SINAR_BOT_TOKEN")


class Polling:
    """The poll loop."""

    def __init__(
        self, base_url: str, request: BaseRequest, receiver: Receiver, answered: Callable[[], None] | None = None
    ) -> None:
        """`answered` is called after each batch, also an empty one."""
        self._url = f"{base_url}/getUpdates"
        self._request = request
        self._receiver = receiver
        self._answered = answered
        self._offset: int | None = None
        self._unreadable = 0
        self._failures = 0
        self._refused_since: dict[str, float] = {}

    async def run(self) -> None:
        """Poll until cancelled. Raises Refused when going on is useless."""
        while True:
            pause = await self._turn()
            if pause:
                await asyncio.sleep(pause)

    async def _turn(self) -> float:
        single = self._unreadable >= UNREADABLE_BEFORE_SINGLE
        try:
            status, body = await self._request.do_request(
                self._url, "POST", request_data=self._parameters(single), read_timeout=HOLD_SECONDS + 10
            )
        except TelegramError as error:
            return self._pause(f"not reached: {reason(error)}")
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            return await self._cannot_read(status, body, single)
        return await self._use(answer)

    def _parameters(self, single: bool) -> RequestData:
        parameters: dict[str, object] = {
            "timeout": HOLD_SECONDS,
            "limit": 1 if single else 100,
            "allowed_updates": ALLOWED_UPDATES,
        }
        if self._offset is not None:
            parameters["offset"] = self._offset
        return RequestData([RequestParameter.from_input(key, value) for key, value in parameters.items()])

    async def _use(self, answer: Any) -> float:
        if not isinstance(answer, dict) or not answer.get("ok"):
            return self._refusal(answer if isinstance(answer, dict) else {})
        updates = answer.get("result")
        self._refused_since.clear()
        if not isinstance(updates, list) or not all(has_id(update) for update in updates):
            return self._pause("an answer without updates")
        if updates:
            try:
                await self._receiver.receive(updates)
            except Exception:
                # Not stored, so not confirmed: the same batch comes again.
                log.exception("updates not stored, nothing confirmed count=%d", len(updates))
                return self._pause("not stored")
            # From this batch, never from the store: ids may start anew after a silent week.
            self._offset = int(updates[-1]["update_id"]) + 1
        self._failures = self._unreadable = 0
        if self._answered is not None:
            self._answered()
        return 0.0

    def _refusal(self, answer: dict[str, Any]) -> float:
        code = answer.get("error_code")
        if code in (401, 404):
            if self._lasts("token"):
                raise TokenRefused
            return self._pause("the token is refused: check SINAR_BOT_TOKEN")
        if code == 409:
            if self._lasts("conflict"):
                raise Refused("another program polls with this token, or a webhook is set: stop it and start again")
            return self._pause("409 conflict")
        if code == 429:
            return float((answer.get("parameters") or {}).get("retry_after", 1))
        return self._pause(f"error {code}")

    def _lasts(self, refusal: str) -> bool:
        now = time.monotonic()
        return now - self._refused_since.setdefault(refusal, now) > PATIENCE

    async def _cannot_read(self, status: int, body: bytes, single: bool) -> float:
        self._unreadable += 1
        found = _UPDATE_ID.search(body)
        if single and status == 200 and found:
            update_id = int(found[1])
            try:
                await self._receiver.step_over(update_id, body.decode("utf-8", "replace"), "not JSON")
            except Exception:
                log.exception("an update that cannot be read was not kept update_id=%d", update_id)
                return self._pause("not stored")
            self._offset = update_id + 1
            self._unreadable = 0
            log.error("an update that cannot be read was kept aside update_id=%d", update_id)
            return 0.0
        return self._pause(f"no JSON, status {status}")

    def _pause(self, reason: str) -> float:
        self._failures += 1
        seconds = min(LONGEST_PAUSE, 0.5 * 2 ** min(self._failures - 1, 10))
        log.warning("poll failed reason=%s pause=%.1f", reason, seconds)
        return float(seconds)
