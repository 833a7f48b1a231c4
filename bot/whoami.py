"""Questions to Telegram outside of `run`: whose token is this, where do updates go, is a chat known?"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

SECONDS = 5.0


@dataclass(frozen=True)
class Me:
    """The bot as Telegram knows it; `server_time` is the answering machine's, where it says so."""

    username: str
    server_time: datetime | None


@dataclass(frozen=True)
class Webhook:
    """Where Telegram brings updates ("": they are fetched), and what keeps it from that (Bot API, WebhookInfo)."""

    url: str
    pending: int
    last_error: str | None
    last_error_at: datetime | None


class Unreachable(Exception):
    """No usable answer came; the message says why, without the address, which bears the token."""


class TokenRefused(Exception):
    """Telegram knows no bot with this token."""


def ask(api_base_url: str, token: str, seconds: float = SECONDS) -> Me:
    """Call getMe. Raises TokenRefused, and Unreachable for everything that is not an answer."""
    status, body, date = _call(api_base_url, token, "getMe", {}, seconds)
    if status in (401, 404):
        raise TokenRefused
    username = body.get("username")
    if status != 200 or not isinstance(username, str):
        raise Unreachable(f"status {status}")
    return Me(username, _server_time(date))


def webhook(api_base_url: str, token: str, seconds: float = SECONDS) -> Webhook:
    """Call getWebhookInfo. Raises Unreachable for everything that is not an answer."""
    status, body, _ = _call(api_base_url, token, "getWebhookInfo", {}, seconds)
    try:
        at = body.get("last_error_date")
        moment = None if at is None else datetime.fromtimestamp(int(at), UTC)
        return Webhook(str(body["url"]), int(body["pending_update_count"]), body.get("last_error_message"), moment)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise Unreachable(f"status {status}") from None


def knows_chat(api_base_url: str, token: str, telegram_id: int, seconds: float = SECONDS) -> bool:
    """Whether a user ever started the bot (getChat): to anybody else it cannot write first. Raises Unreachable."""
    status, _, _ = _call(api_base_url, token, "getChat", {"chat_id": telegram_id}, seconds)
    if status not in (200, 400, 403):
        raise Unreachable(f"status {status}")
    return status == 200


def _call(
    api_base_url: str, token: str, method: str, parameters: dict[str, Any], seconds: float
) -> tuple[int, dict[str, Any], str | None]:
    """Return the status, the result ({} where it is none) and the Date of the answer."""
    import httpx

    try:
        answer = httpx.post(f"{api_base_url}/bot{token}/{method}", data=parameters, timeout=seconds)
        body = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        # `from None`: the cause's text may hold the address.
        raise Unreachable(type(error).__name__) from None
    result = body.get("result") if isinstance(body, dict) else None
    return answer.status_code, result if isinstance(result, dict) else {}, answer.headers.get("date")


def _server_time(header: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header) if header else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None
