"""The webhook: its methods, and the courier that brings updates to it."""

import asyncio
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from telegram.constants import WebhookLimit
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from bot.sandbox.refusal import Json, bad, conflict, to_json
from bot.sandbox.updates import Pending
from bot.sandbox.world import Webhook, World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the name of a header
ANSWER_TIME = 60.0
"""Seconds the bot has for one delivery."""
LONGEST_PAUSE = 60.0

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}$")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def check_no_webhook(world: World) -> None:
    """Raise the 409 of a getUpdates while a webhook is set."""
    if world.webhook is not None:
        raise conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )


def set_webhook(world: World, params: Json) -> bool:
    """setWebhook; plain HTTP is taken for this machine alone."""
    url, secret = params["url"], params.get("secret_token")
    if secret is not None and not _SECRET.match(secret):
        raise bad("secret token contains unallowed characters")
    most = params.get("max_connections", 40)
    if not WebhookLimit.MIN_CONNECTIONS_LIMIT <= most <= WebhookLimit.MAX_CONNECTIONS_LIMIT:
        raise bad("max_connections must be between 1 and 100")
    parts = urlsplit(url)
    if url and parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    world.updates.allow(params.get("allowed_updates"))
    if params.get("drop_pending_updates"):
        world.updates.forget()
    world.webhook = Webhook(url, secret, most) if url else None
    if url:
        world.updates.oust("terminated by setWebhook request")
    return True


def delete_webhook(world: World, params: Json) -> bool:
    """deleteWebhook."""
    world.webhook = None
    if params.get("drop_pending_updates"):
        world.updates.forget()
    return True


def webhook_info(world: World, _params: Json) -> Json:
    """getWebhookInfo."""
    world.updates.expire()
    hook = world.webhook
    info: Json = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates.pending),
    }
    if hook:
        info["max_connections"] = hook.max_connections
        if hook.last_error:
            info["last_error_date"], info["last_error_message"] = hook.last_error
    info["allowed_updates"] = sorted(world.updates.allowed)
    return info


class Courier:
    """Delivers updates to the webhook: in order within a chat, several chats at once, again until taken."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._client = AsyncHTTPClient(force_instance=True, max_clients=100)
        self._trips: dict[int, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None
        self.first_pause = 1.0
        """Seconds before a delivery is tried again; doubles up to a minute."""

    def start(self) -> None:
        """Begin to deliver whenever a webhook is set."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End all deliveries."""
        tasks = [*self._trips.values(), *([self._task] if self._task else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._client.close()

    async def _run(self) -> None:
        while True:
            hook = self._world.webhook
            if hook is not None:
                self._send_out(hook)
            await self._world.bell.heard()

    def _send_out(self, hook: Webhook) -> None:
        self._world.updates.expire()
        for update in list(self._world.updates.pending):
            if len(self._trips) >= hook.max_connections:
                return
            if update.chat not in self._trips:
                self._trips[update.chat] = asyncio.create_task(self._deliver(hook, update))

    async def _deliver(self, hook: Webhook, update: Pending) -> None:
        pause = self.first_pause
        try:
            while self._world.webhook is hook and update in self._world.updates.pending:
                error = await self._attempt(hook, update)
                if error is None:
                    self._world.updates.drop(update)
                    return
                hook.last_error = (int(self._world.now()), error)
                self._world.changed()
                await self._rest(hook, pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                self._world.updates.expire()
        finally:
            self._trips.pop(update.chat, None)
            self._world.changed()

    async def _rest(self, hook: Webhook, pause: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + pause
        while self._world.webhook is hook and (left := end - loop.time()) > 0:
            await self._world.bell.heard(left)

    async def _attempt(self, hook: Webhook, update: Pending) -> str | None:
        headers = {"Content-Type": "application/json"}
        if hook.secret:
            headers[SECRET_HEADER] = hook.secret
        request = HTTPRequest(
            hook.url,
            method="POST",
            headers=headers,
            body=to_json(update.body),
            request_timeout=ANSWER_TIME,
            follow_redirects=False,
        )
        try:
            await self._client.fetch(request)
        except HTTPClientError as error:
            return f"Wrong response from the webhook: {error.code} {error.message}"
        except OSError as error:
            return f"Connection failed: {error}"
        return None


HANDLERS: dict[str, Callable[[World, Json], Any]] = {
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": webhook_info,
}
