"""The way to Telegram over aiohttp: for python-telegram-bot what its own one over httpx is, at a quarter of the cost.

Its faults have the same classes (TimedOut, NetworkError). Their cause says what the default one's cause says as well,
whether the request can have left at all, and holds nothing of the address, for the address bears the token.
"""

import functools
import io
import ssl
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

KEPT_OPEN = 15.0  # seconds that an idle connection is kept
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# Whatever goes wrong before there is a connection: nothing was written to it.
_BEFORE_SENDING = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.ClientHttpProxyError,
)


class NotSent(Exception):
    """The cause of a fault that came before anything was written; its words are the kind of the fault alone."""


class Broken(Exception):
    """The cause of a fault after which nobody knows whether Telegram has the request."""


def reason(error: TelegramError) -> str:
    """Return the kind of a fault for a log, whichever client met it; never an address."""
    cause = error.__cause__
    return str(cause) if isinstance(cause, NotSent | Broken) else type(cause or error).__name__


class AiohttpRequest(BaseRequest):
    """Requests on at most `connections` connections, kept open between calls. All lengths are seconds.

    A call may take as long as connecting, writing and reading together; a silence within an answer, `read_timeout`.
    """

    def __init__(
        self,
        connections: int,
        *,
        read_timeout: float = 5.0,
        write_timeout: float = 5.0,
        connect_timeout: float = 5.0,
        pool_timeout: float = 1.0,
        media_write_timeout: float = 20.0,
    ) -> None:
        self._connections = connections
        self._read_timeout = read_timeout
        self._write_timeout = write_timeout
        self._connect_timeout = connect_timeout
        self._pool_timeout = pool_timeout
        self._media_write_timeout = media_write_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds that a silence in an answer may last when the call does not say otherwise."""
        return self._read_timeout

    async def initialize(self) -> None:
        """Open the session, unless it is open; no connection is made yet."""
        if self._session is not None and not self._session.closed:
            return
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEPT_OPEN),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self.USER_AGENT},
        )

    async def shutdown(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Return the status and body of the answer. Raises TimedOut and NetworkError, from NotSent or Broken."""
        if self._session is None:
            raise RuntimeError("this request is not initialized")
        files = request_data is not None and request_data.contains_files
        timeout = _timeout(
            # A file that is fetched may take its time, as long as it keeps coming.
            method != "GET",
            _given(read_timeout, self._read_timeout),
            _given(write_timeout, self._media_write_timeout if files else self._write_timeout),
            _given(connect_timeout, self._connect_timeout),
            _given(pool_timeout, self._pool_timeout),
        )
        fault: TelegramError
        try:
            async with self._session.request(
                method,
                url,
                data=_body(request_data),
                headers=None if files or request_data is None else _FORM,
                timeout=timeout,
                allow_redirects=False,
                proxy=_proxy_for(url),
                ssl=_trusted() if url.startswith("https:") else True,
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, OSError) as error:
            kind = type(error).__name__
            cause = NotSent(kind) if isinstance(error, _BEFORE_SENDING) else Broken(kind)
            fault = TimedOut() if isinstance(error, TimeoutError) else NetworkError(f"aiohttp.{kind}")
        # Raised out here, so that aiohttp's own error, which may name the address, does not hang on it as context.
        raise fault from cause


def _given(value: Any, default: float) -> float | None:
    return default if isinstance(value, type(BaseRequest.DEFAULT_NONE)) else value


@functools.lru_cache(64)
def _timeout(
    bounded: bool, read: float | None, write: float | None, connect: float | None, pool: float | None
) -> aiohttp.ClientTimeout:
    before = None if connect is None or pool is None else connect + pool
    whole = None if before is None or read is None or write is None or not bounded else before + write + read
    return aiohttp.ClientTimeout(total=whole, connect=before, sock_connect=connect, sock_read=read)


def _body(data: RequestData | None) -> bytes | aiohttp.FormData | None:
    if data is None:
        return None
    if not data.contains_files:
        return urlencode(data.json_parameters).encode()
    # Names of files go out as they are; by its own rule aiohttp would write %20 for a space in them.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, kind) in data.multipart_data.items():
        # Bytes would go out in one piece, however long, and hold everybody else up meanwhile.
        part = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, part, filename=file_name, content_type=kind)
    return form


@functools.cache
def _trusted() -> ssl.SSLContext:
    # The certificates that the default trusts, so that a change of the client changes nothing there.
    return httpx.create_ssl_context()


def _proxy_for(url: str) -> str | None:
    parts = urlsplit(url)
    return _proxy(parts.scheme, parts.hostname or "")


@functools.lru_cache(16)
def _proxy(scheme: str, host: str) -> str | None:
    """Return what the environment (HTTPS_PROXY, ALL_PROXY, NO_PROXY) says, as the default heeds it.

    aiohttp's own `trust_env` would look for passwords in ~/.netrc, too, at each call.
    """
    proxies = getproxies()
    found = proxies.get(scheme) or proxies.get("all")
    return None if not found or proxy_bypass(host) else found
