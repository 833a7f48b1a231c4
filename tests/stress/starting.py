"""Starts the bot as often as a test kills it, through the nursery that has read the program already."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from tests.outside.driver import PROJECT


class Nursery:
    """Starts bots quickly (see nursery.py); stands where a subprocess would."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        with (folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.stress.nursery"],
                cwd=PROJECT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.pid = 0
        self._code: int | None = 0

    def start(self, environment: dict[str, str]) -> None:
        """Start a bot; the one before must have ended."""
        assert self.poll() is not None
        order = {
            "arguments": ["run", "--config", str(self._folder / "config.toml")],
            "environment": {"SINAR_CRASH_AT": "", "SINAR_POINTS": ""} | environment,
            "log": str(self._folder / "log"),
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        self.pid, self._code = int(self._line()), None

    def poll(self) -> int | None:
        """Return the exit code of a bot that ended (negative: the signal), else None."""
        return self.wait(0) if self._code is None else self._code

    def wait(self, seconds: float = 10) -> int | None:
        """Wait for the end; returns None when it does not come in time."""
        if self._code is None and select.select([self._process.stdout], [], [], seconds)[0]:
            self._code = int(self._line())
        return self._code

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def close(self) -> None:
        """End the bot and the nursery."""
        self.kill()
        self._process.kill()
        self._process.communicate()

    def _line(self) -> bytes:
        assert self._process.stdout is not None
        # Unbuffered, so that what select() sees is all that there is.
        line = b""
        while not line.endswith(b"\n"):
            byte = os.read(self._process.stdout.fileno(), 1)
            assert byte, (self._folder / "log").read_text()[-3000:]
            line += byte
        return line
