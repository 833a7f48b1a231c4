"""Questions to Telegram outside of `run`: whose token is this, where do updates go, is a chat known?"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

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


class Questions:
    """Telegram, asked for one bot over one connection, which is opened by the first question.

    `seconds` is how long an answer may take. Every question raises Unreachable for what is no answer.
    """

    def __init__(self, api_base_url: str, token: str, seconds: float = SECONDS) -> None:
        # Only here: most commands ask nothing.
        import httpx

        self._base = f"{api_base_url}/bot{token}"
        self._client = httpx.Client(timeout=seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def me(self) -> Me:
        """Call getMe. Raises TokenRefused as well."""
        status, body, date = self._call("getMe", {})
        if status in (401, 404):
            raise TokenRefused
        username = body.get("username")
        if status != 200 or not isinstance(username, str):
            raise Unreachable(f"status {status}")
        return Me(username, _server_time(date))

    def webhook(self) -> Webhook:
        """Call getWebhookInfo."""
        status, body, _ = self._call("getWebhookInfo", {})
        try:
            at = body.get("last_error_date")
            moment = None if at is None else datetime.fromtimestamp(int(at), UTC)
            return Webhook(str(body["url"]), int(body["pending_update_count"]), body.get("last_error_message"), moment)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise Unreachable(f"status {status}") from None

    def knows_chat(self, telegram_id: int) -> bool:
        """Whether a user ever started the bot (getChat): to anybody else it cannot write first."""
        status, _, _ = self._call("getChat", {"chat_id": telegram_id})
        if status not in (200, 400, 403):
            raise Unreachable(f"status {status}")
        return status == 200

    def _call(self, method: str, parameters: dict[str, Any]) -> tuple[int, dict[str, Any], str | None]:
        """Return the status, the result ({} where it is none) and the Date of the answer."""
        import httpx

        try:
            answer = self._client.post(f"{self._base}/{method}", data=parameters)
            body = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            # `from None`: the cause's text may hold the address.
            raise Unreachable(type(error).__name__) from None
        result = body.get("result") if isinstance(body, dict) else None
        return answer.status_code, result if isinstance(result, dict) else {}, answer.headers.get("date")


def ask_me(api_base_url: str, token: str) -> Me:
    """Ask whose token this is, and nothing else. Raises TokenRefused, Unreachable."""
    with Questions(api_base_url, token) as telegram:
        return telegram.me()


def _server_time(header: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header) if header else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None
