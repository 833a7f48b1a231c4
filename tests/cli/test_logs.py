"""No secret in any log: not in messages, arguments, tracebacks, stacks, nor what nobody caught."""

import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.logs import OF_PEOPLE, KeyValueFormatter, RedactingFilter, Redactor
from tests.cli.conftest import CHECKOUT

TOKEN = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
SECRET = "webhook_secret-1"


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def kept() -> Iterator[_Kept]:
    handler = _Kept()
    handler.setFormatter(KeyValueFormatter())
    handler.addFilter(RedactingFilter(Redactor([TOKEN, SECRET, None, ""])))
    log = logging.getLogger("tests.logs")
    log.propagate = False
    log.setLevel(logging.DEBUG)
    log.addHandler(handler)
    yield handler
    log.removeHandler(handler)


def leaks(text: str) -> bool:
    return any(part in text for part in (TOKEN, TOKEN.partition(":")[2], SECRET))


def test_messages_arguments_and_addresses(kept: _Kept) -> None:
    log = logging.getLogger("tests.logs")
    log.info(f"https://api.telegram.org/bot{TOKEN}/getMe")
    log.info("url=%s secret=%r", f"/bot{TOKEN.replace(':', '%3A')}/getMe", {"secret": SECRET})
    log.info("%(token)s", {"token": TOKEN})
    log.warning("half %s", TOKEN.partition(":")[2])
    log.info("user=%d", 7)
    assert len(kept.lines) == 5
    assert not any(leaks(line) for line in kept.lines)
    assert kept.lines[0].endswith('msg="https://api.telegram.org/bot[redacted]/getMe"')
    assert 'level=info logger=tests.logs msg="user=7"' in kept.lines[4]


def test_tracebacks_causes_and_stacks(kept: _Kept) -> None:
    log = logging.getLogger("tests.logs")
    try:
        try:
            raise ValueError(f"no host in {TOKEN}")
        except ValueError as error:
            raise RuntimeError(SECRET) from error
    except RuntimeError:
        log.exception("failed for %s", TOKEN, stack_info=True)
    text = kept.lines[0]
    assert not leaks(text)
    assert "RuntimeError" in text
    assert "ValueError" in text
    assert "Stack (most recent call last)" in text


def test_what_people_wrote_stands_in_no_traceback_of_an_update(kept: _Kept) -> None:
    """Kinds, places and what the machine itself says are there, also of the causes."""
    written = "rahasia hati"
    try:
        try:
            raise KeyError(written)
        except KeyError as error:
            raise OSError(28, "No space left on device") from error
    except OSError:
        logging.getLogger("tests.logs").exception("update failed row=1", extra=OF_PEOPLE)
    assert written not in kept.lines[0]
    for expected in ("KeyError", "OSError: [Errno 28] No space left on device", "test_logs.py"):
        assert expected in kept.lines[0]


def test_a_record_is_one_line_whatever_it_holds(kept: _Kept) -> None:
    log = logging.getLogger("tests.logs")
    log.info('a "b"\nlevel=error\rforged \\')
    log.info("%d people", "seven")
    assert kept.lines[0].endswith('msg="a \\"b\\"\\nlevel=error\\rforged \\\\"')
    assert "seven" not in kept.lines[0]
    assert "%d people (not formatted" in kept.lines[1]


SCRIPT = """
import asyncio, logging, sys, threading, warnings
from bot.logs import set_up
token, secret = sys.argv[1:]
set_up([token, secret])

def fail():
    raise ValueError(f"/bot{token}/ {secret}")

class Finalizer:
    def __del__(self):
        fail()

async def forgotten():
    asyncio.get_running_loop().create_future().set_exception(ValueError(token))

thread = threading.Thread(target=fail)
thread.start(); thread.join()
Finalizer()
asyncio.run(forgotten())
warnings.warn(token)
logging.getLogger("httpx").info("HTTP Request")
logging.getLogger("telegram.Bot").warning("told %s", token)
fail()
"""


def test_what_nobody_caught_is_redacted_too() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, TOKEN, SECRET], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert not leaks(done.stderr)
    assert done.stderr.count("ended by an error") == 2
    assert done.stderr.count("[redacted]") >= 6
    assert "HTTP Request" not in done.stderr
