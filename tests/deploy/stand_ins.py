"""A server's own programs for the runbook's blocks: `sudo`, `systemctl`, `git`, `make`; all else is the real thing."""

import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]

# Drops the change of user, and runs the command as who we are.
SUDO = """#!/bin/sh
[ "$1" = -u ] && shift 2
exec "$@"
"""

# What is typed for it is noted down.
NOTED = """#!/bin/sh
echo "$(basename "$0") $*" >> "{state}/typed"
[ "$3" = rev-parse ] && echo 0123456789abcdef
[ "$3" = pull ] && [ -d "{state}/newer" ] && cp -r "{state}/newer/." "{house}/"
exit 0
"""

# Starts what the unit starts, in the places of this machine.
SYSTEMCTL = """#!{python}
import os, re, signal, subprocess, sys, time
from pathlib import Path
state, house, config = Path("{state}"), "{house}", "{config}"
pid = state / "pid"

def end(number):
    if not pid.exists():
        return
    process = int(pid.read_text())
    pid.unlink()
    try:
        os.kill(process, number)
        for _ in range(600):
            os.kill(process, 0)
            time.sleep(0.05)
    except ProcessLookupError:
        return
    raise SystemExit("it did not end")

def start():
    unit = (Path("{checkout}") / "deploy/sinar.service").read_text()
    command = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)[1]
    command = command.replace("/opt/sinar", house).replace("/etc/sinar/config.toml", config).split()
    # A shell between, which ends at once: so that nobody here has to wait for the process.
    with (state / "journal").open("ab") as journal:
        told = subprocess.run(["sh", "-c", '"$@" >&2 & echo $!', "sh", *command], cwd=house, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=journal, start_new_session=True)
    pid.write_text(told.stdout.decode().split()[0])

words = sys.argv[1:]
assert words[-1] == "sinar", words
if words[0] == "kill":
    end(getattr(signal, words[1].removeprefix("--signal=")))
elif words[0] in ("stop", "restart"):
    end(signal.SIGTERM)
if words[0] in ("start", "restart"):
    start()
"""


def put_in_place(folder: Path, state: Path, house: Path, config: Path) -> None:
    """Write the programs into the folder."""
    places = {"state": str(state), "house": str(house), "config": str(config), "python": sys.executable}
    texts = {"sudo": SUDO, "systemctl": SYSTEMCTL, "git": NOTED, "make": NOTED}
    for name, text in texts.items():
        written = text
        for place, value in (places | {"checkout": str(CHECKOUT)}).items():
            written = written.replace("{" + place + "}", value)
        (folder / name).write_text(written)
        (folder / name).chmod(0o755)
