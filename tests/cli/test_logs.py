"""No secret in any log: not in messages, arguments, tracebacks, stacks, nor what nobody caught."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from bot.logs import (
    OF_PEOPLE,
    JsonFormatter,
    KeyValueFormatter,
    RedactingFilter,
    Redactor,
    following,
    goes_to_journal,
)
from bot.sandbox import Sandbox
from tests.cli.conftest import CHECKOUT, UNIT, Office

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


def test_json_is_one_object_a_line_with_the_traceback_in_it(kept: _Kept) -> None:
    kept.setFormatter(JsonFormatter())
    log = logging.getLogger("tests.logs")
    with following("u17"):
        log.info('a "b"\nc %s', TOKEN)
        try:
            raise RuntimeError(SECRET)
        except RuntimeError:
            log.exception("failed")
    log.info("after")
    first, second, third = (json.loads(line) for line in kept.lines)
    assert not any("\n" in line or leaks(line) for line in kept.lines)
    assert first | {"at": ""} == {
        "at": "", "level": "info", "logger": "tests.logs", "trace": "u17", "msg": 'a "b"\nc [redacted]',
    }  # fmt: skip
    assert "RuntimeError: [redacted]" in second["error"]
    assert "trace" not in third


@pytest.mark.parametrize("form", [KeyValueFormatter, JsonFormatter])
def test_the_journal_gets_a_priority_on_every_line_and_no_second_time(
    kept: _Kept, form: type[KeyValueFormatter | JsonFormatter]
) -> None:
    kept.setFormatter(form(journal=True))
    log = logging.getLogger("tests.logs")
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.CRITICAL):
        log.log(level, "said")
    try:
        raise RuntimeError
    except RuntimeError:
        log.exception("failed")
    assert [line[:3] for line in kept.lines] == ["<7>", "<6>", "<4>", "<2>", "<3>"]
    assert all(line.startswith("<3>") for line in kept.lines[-1].splitlines())
    assert not any(" at=" in line or '"at"' in line for line in kept.lines)


def test_the_journal_is_known_by_the_descriptor_that_it_reads(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log:
        found = os.fstat(log.fileno())
        assert goes_to_journal({"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}, log.fileno())
        # Handed on by a parent that the journal reads, while our lines go elsewhere.
        assert not goes_to_journal({"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino + 1}"}, log.fileno())
        assert not goes_to_journal({}, log.fileno())


def _running(office: Office, out: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "run", "--config", str(office.config)],
        cwd=CHECKOUT, env=office.environment, stdout=out, stderr=out,
    )  # fmt: skip


async def test_one_id_goes_from_the_update_to_everything_sent_for_it(online: Office, box: Sandbox) -> None:
    """Also to what goes to somebody else; and what the clock sends has an id of its own. No word of anybody."""
    online.settings(
        f'[telegram]\napi_base_url = "{box.api_base_url}"\n[access]\nadmins = [7]\n'
        '[schedule]\nlook_every_seconds = 0.1\n[log]\nform = "json"\n'
    )
    await online.import_sample()
    payload = (await online.json("coordinator", "invite", "--unit", UNIT))["payload"]
    admin, coordinator = box.person(7, first_name="Admin"), box.person(8, first_name="Bu Koordinator")
    log = online.folder / "log"
    with log.open("wb") as out:
        process = _running(online, out)
    try:
        coordinator.start(payload)
        await box.until(lambda: len(coordinator.received) >= 1, 60)
        coordinator.tap("Setuju")
        await box.until(lambda: len(coordinator.received) >= 2, 60)
        admin.send("/koordinator")
        await box.until(lambda: len(admin.received) >= 1, 60)
        admin.tap("crevoke:1")
        await box.until(lambda: len(admin.received) >= 2, 60)
        admin.tap("Ya")
        await box.until(lambda: len(admin.received) >= 3, 60)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 20) == 0
    finally:
        process.kill()
        process.wait()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    tap = [line for line in lines if "kind=callback_query" in line["msg"]][-1]["trace"]
    told = [line["msg"] for line in lines if line.get("trace") == tap]
    assert told[0].startswith("update stored update_id=")
    assert told[1] == "update handled kind=callback_query"
    assert any(message.startswith("sent ") and "template=admin_coordinator_revoked" in message for message in told)
    with online.db() as db:
        waiting = db.execute(
            "SELECT template, facts FROM outbox WHERE telegram_id = 8 AND template = 'admin_coordinator_ended'"
        ).fetchall()
    # It waits for the hour of notices, or has gone under the same id.
    sent = "template=admin_coordinator_ended" in "".join(told)
    assert sent or [json.loads(row["facts"])["cause"] for row in waiting] == [tap]
    assert "Bu Koordinator" not in log.read_text()
