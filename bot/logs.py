"""Logs: one line a record, key=value or JSON, to stderr; no secret in any of them.

Every line said while one update is handled, or one row of the outbox is sent, bears the same `trace`: `u17` is the
stored update 17 and whatever it brought about, `o88` a row that the clock put into the outbox.
"""

import json
import logging
import os
import sqlite3
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal
from urllib.parse import quote

Form = Literal["keys", "json"]
REDACTED = "[redacted]"
# These log each request with its address, and the address bears the token.
_CHATTY = ("aiohttp", "httpx", "httpcore", "telegram", "apscheduler", "tornado.access")
# syslog's priorities, by the least level that has them (sd-daemon(3)).
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (0, 7))
_TRACE: ContextVar[str | None] = ContextVar("trace", default=None)


@contextmanager
def following(trace: str) -> Iterator[None]:
    """Put this id on every line that is logged inside; a thread needs it said anew."""
    mark = _TRACE.set(trace)
    try:
        yield
    finally:
        _TRACE.reset(mark)


def of_update(row_id: int) -> str:
    """Return the id of a stored update, which what it brought about bears as well."""
    return f"u{row_id}"


# `log.exception(…, extra=OF_PEOPLE)`: the error may hold what a person wrote, so its traceback says kinds and places.
OF_PEOPLE = {"of_people": True}
# What these say is the machine's own.
_SAY_NO_WORDS = (OSError, sqlite3.Error)


class Redactor:
    """Takes secrets out of texts: as they are, as they stand in an address, and the token's secret half alone."""

    def __init__(self, secrets: Iterable[str | None]) -> None:
        forms: set[str] = set()
        for secret in secrets:
            if secret:
                half = secret.partition(":")[2]
                forms |= {form for part in (secret, half) if part for form in (part, quote(part, safe=""))}
        # The longest first, so that no half of a secret is left over.
        self._forms = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return the text without the secrets."""
        for form in self._forms:
            text = text.replace(form, REDACTED)
        return text


class RedactingFilter(logging.Filter):
    """Rewrites a record before it is formatted: message, arguments, traceback, stack."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the secrets out; never drops a record."""
        try:
            message = record.getMessage()
        except Exception as error:  # a record whose arguments do not fit must not end the process
            message = f"{record.msg} (not formatted: {error})"
        record.msg, record.args = self._redact(message), None
        if record.exc_info and record.exc_info[0] is not None:
            of_people = getattr(record, "of_people", False)
            record.exc_text = _wordless(record.exc_info[1]) if of_people else _whole(record.exc_info)
        if record.exc_text:
            record.exc_text = self._redact(record.exc_text)
        # The exception itself would still hold what its text no longer does.
        record.exc_info = None
        if record.stack_info:
            record.stack_info = self._redact(record.stack_info)
        return True


def _whole(given: tuple[Any, Any, Any]) -> str:
    return "".join(traceback.format_exception(*given)).rstrip()


def _wordless(error: BaseException | None) -> str:
    """Return a traceback with its causes, without what the errors say, which may be what somebody wrote."""
    told: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        said = f": {error}" if isinstance(error, _SAY_NO_WORDS) else ""
        frames = "".join(traceback.format_tb(error.__traceback__))
        told.append(f"Traceback (most recent call last):\n{frames}{type(error).__qualname__}{said}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\nafter this one:\n\n".join(told)


class KeyValueFormatter(logging.Formatter):
    """`at=… level=… logger=… trace=… msg="…"`, the traceback on the lines after it.

    For the journal, which has a time and a priority of its own: no `at`, and `<3>` before each line.
    """

    def __init__(self, *, journal: bool = False) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line, and its traceback."""
        message = (
            record.getMessage().replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
        )
        trace = _TRACE.get()
        line = "" if self._journal else f"at={_at(record)} "
        line += f"level={record.levelname.lower()} logger={record.name} "
        line += f'trace={trace} msg="{message}"' if trace else f'msg="{message}"'
        for more in (record.exc_text, record.stack_info):
            if more:
                line += "\n  " + more.replace("\n", "\n  ")
        if not self._journal:
            return line
        prefix = _prefix(record)
        return prefix + line.replace("\n", "\n" + prefix)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `at`, `level`, `logger`, `trace`, `msg`, and `error` for a traceback."""

    def __init__(self, *, journal: bool = False) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        document = {
            "at": None if self._journal else _at(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "trace": _TRACE.get(),
            "msg": record.getMessage(),
            "error": "\n".join(more for more in (record.exc_text, record.stack_info) if more) or None,
        }
        line = json.dumps({key: value for key, value in document.items() if value is not None}, ensure_ascii=False)
        return _prefix(record) + line if self._journal else line


def set_up(secrets: Iterable[str | None], form: Form = "keys", level: str = "info") -> None:
    """Send all logs of this process to stderr, without `secrets`; what nobody caught is logged too."""
    handler = logging.StreamHandler(sys.stderr)
    journal = goes_to_journal(os.environ, sys.stderr.fileno())
    handler.setFormatter(JsonFormatter(journal=journal) if form == "json" else KeyValueFormatter(journal=journal))
    handler.addFilter(RedactingFilter(Redactor(secrets)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    # A traceback that Python itself prints passes no filter.
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


def goes_to_journal(environment: Mapping[str, str], descriptor: int) -> bool:
    """Whether systemd's journal reads this descriptor: JOURNAL_STREAM names its device and inode (systemd.exec(5))."""
    named = environment.get("JOURNAL_STREAM", "")
    if not named:
        return False
    found = os.fstat(descriptor)
    return named == f"{found.st_dev}:{found.st_ino}"


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _prefix(record: logging.LogRecord) -> str:
    return f"<{next(priority for least, priority in _PRIORITIES if record.levelno >= least)}>"


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("bot").critical("ended by an error", exc_info=(kind, error, trace))


def _uncaught_in_thread(given: threading.ExceptHookArgs) -> None:
    if given.exc_value is not None:
        _uncaught(given.exc_type, given.exc_value, given.exc_traceback)


def _unraisable(given: "sys.UnraisableHookArgs") -> None:
    error = given.exc_value
    told = f"{given.err_msg or 'error in a finalizer'} object={given.object!r}"
    trace = (type(error), error, error.__traceback__) if error is not None else None
    logging.getLogger("bot").error(told, exc_info=trace)
