"""What ruff does not see: a secret that lies about, and an exception from the security rules without a reason.

`make lint` calls it; it reads the files of the checkout and asks nobody else.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
SECRETS = {
    "a bot's token": re.compile(r"(?<!\d)\d{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    "a private key": re.compile("-----BEGIN [A-Z ]*" + "PRIVATE KEY-----"),
    "an age identity": re.compile("AGE-SECRET-" + "KEY-1[A-Z0-9]{20}"),
}
# Of the right form, and no bot's: what the tests of the redactor take out.
INVENTED = frozenset({"123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"})
# The secrets of the machine that this runs on are nobody's to commit, whatever their form.
OWN = ("SINAR_BOT_TOKEN", "SINAR_WEBHOOK_SECRET")
SHORTEST_OWN = 8  # characters: a shorter value stands in many files by chance
UNWATCHED = frozenset({".git", ".venv", "build", "data", "__pycache__"})

# `noqa` of a line or of a file, `ruff: disable[...]` of a block; what follows the codes is the reason.
EXCEPTION = re.compile(
    r"#\s*(?:ruff:\s*)?(?:(?i:noqa)|disable|file-ignore)\b(?P<codes>[:\[][\sA-Z0-9,]*\]?)?(?P<rest>.*)"
)
SECURITY = re.compile(r"\bS\d+\b|\bS\b")
REASON = re.compile(r"\s*(?:- |\()\w[\w\']*")


def watched(checkout: Path) -> list[Path]:
    """Return the files that are or may be committed; without git, all but what is made here."""
    if (checkout / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=checkout, capture_output=True, check=True).stdout
        files = [checkout / name for name in listed.decode().split("\0") if name]
    else:
        files = [file for file in checkout.rglob("*") if not UNWATCHED & set(file.relative_to(checkout).parts)]
    return sorted({file for file in files if file.is_file()})


def secrets(text: str, own: Iterable[str] = ()) -> list[str]:
    """Say what kinds of secret stand in a text, but not the secret: this is printed."""
    found = [what for what, form in SECRETS.items() if any(hit not in INVENTED for hit in form.findall(text))]
    return found + ["a secret of this machine's environment" for secret in own if secret in text]


def unexplained(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that lift a security rule, or all rules, without saying why."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in EXCEPTION.finditer(line):
            codes = found["codes"]
            if codes is None:
                yield number, "lifts every rule: name the one that is meant, and say why"
            elif SECURITY.search(codes) and not REASON.match(found["rest"]):
                yield number, "lifts a security rule and does not say why it is safe here"


def faults(checkout: Path, own: Iterable[str] = ()) -> list[str]:
    """Return what is wrong, one line each."""
    said, own = [], list(own)
    for file in watched(checkout):
        name = file.relative_to(checkout)
        text = file.read_bytes().decode("latin-1")
        said += [f"{name}: holds {what}" for what in secrets(text, own)]
        if file.suffix == ".py":
            said += [f"{name}:{number}: {what}" for number, what in unexplained(text)]
    return said


def main(checkout: Path = CHECKOUT) -> int:
    own = [value for value in map(os.environ.get, OWN) if value and len(value) >= SHORTEST_OWN]
    said = faults(checkout, own)
    print("\n".join(said) if said else "No secret lies about; every exception from the security rules says why.")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
