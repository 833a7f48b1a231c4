"""Ask a vulnerability database about the pinned packages: `make audit`."""

import json
import subprocess
import sys
import venv
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
PLACE = CHECKOUT / "build/audit"
UNREACHABLE = 2
PATIENCE_S = 300


def unreachable(why: str) -> int:
    print(f"The vulnerability database could not be reached; nothing was checked. Try again later. ({why})")
    return UNREACHABLE


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1][:200] if lines else "no answer"


def installed() -> str | None:
    """Make the environment if it is not there; return why that did not work."""
    if (PLACE / "bin/pip-audit").exists():
        return None
    venv.create(PLACE, with_pip=True, clear=True)
    command = [str(PLACE / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pip-audit"]
    try:
        made = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        return "pip-audit could not be fetched in time"
    return None if made.returncode == 0 else f"pip-audit could not be fetched: {last_line(made.stderr)}"


def judged(answer: str, errors: str) -> int:
    """Read pip-audit's JSON: 0 clean, 1 vulnerable, 2 when not every package was looked up."""
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return unreachable(last_line(errors))
    skipped = [found["name"] for found in packages if "skip_reason" in found]
    if skipped or not packages:
        return unreachable("not looked up: " + ", ".join(skipped or ["any package"]))
    bad = [
        f"{found['name']} {found['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no release'}"
        for found in packages
        for flaw in found["vulns"]
    ]
    print("\n".join(bad) if bad else f"{len(packages)} packages were looked up; none is known to be vulnerable.")
    return 1 if bad else 0


def main() -> int:
    why = installed()
    if why is not None:
        return unreachable(why)
    command = [str(PLACE / "bin/pip-audit"), "--requirement", str(CHECKOUT / "requirements.lock")]
    command += ["--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "20"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        return unreachable("no answer in time")
    return judged(asked.stdout, asked.stderr)


if __name__ == "__main__":
    sys.exit(main())
