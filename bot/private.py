"""Files and folders that nobody but their owner may read, whatever the umask."""

import os
from pathlib import Path


def make_private(folder: Path) -> None:
    """Make a folder and the missing ones above it, for the owner alone (0700)."""
    for missing in reversed([folder, *folder.parents]):
        if not missing.exists():
            missing.mkdir(mode=0o700, exist_ok=True)


def touch_private(target: Path) -> None:
    """Make an empty file for the owner alone (0600) where there is none. Raises OSError."""
    make_private(target.parent)
    if not target.exists():
        os.close(os.open(target, os.O_CREAT | os.O_RDWR, 0o600))


def write_private(target: Path, data: bytes) -> None:
    """Write a file for the owner alone (0600), whole or not at all. Raises OSError."""
    partial = target.with_name(target.name + ".partial")
    make_private(target.parent)
    partial.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        partial.replace(target)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
