"""What a backup is written to until it is whole: held by whoever makes it, and forgotten once nobody does.

The plain copy (`.partial`) is locked, so that the nights, and whoever makes a backup by hand beside the running bot,
know a copy under way from one that a power cut left. The lock is the operating system's and is gone with its process.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.private import touch_private

LOGS = ("-wal", "-shm", "-journal")
_PLAIN, _SEALING = ".partial", ".sealing"
_ENDS = re.compile(rf"(.+)(?:{_PLAIN}|{_SEALING})(?:{'|'.join(LOGS)})?")


@dataclass(frozen=True)
class HalfMade:
    """The plain copy, empty and private (0600), and where it is encrypted to; both beside the target."""

    plain: Path
    sealing: Path


class UnderWay(OSError):
    """Another process is just making the same backup."""


@contextmanager
def making(target: Path) -> Iterator[HalfMade]:
    """Hold the files of a backup that is to become `target`; what is left of them at the end is dropped.

    Raises OSError when they cannot be made; UnderWay, which is one.
    """
    made = HalfMade(*_beside(target))
    held = _hold(made.plain)
    try:
        # What a power cut left of an earlier one of that name.
        os.ftruncate(held, 0)
        _drop_logs(made.plain)
        yield made
    finally:
        # Else it has become the target, and what stands there now is somebody else's next.
        if _stands_at(made.plain, held):
            drop(made.sealing)
            drop(made.plain)
        os.close(held)


def forget(folder: Path, name: re.Pattern[str]) -> None:
    """Drop what is half made of the backups whose whole name matches, but for those that somebody is just making.

    What cannot be dropped stays for the next time.
    """
    found = [match for file in folder.glob("*") if (match := _ENDS.fullmatch(file.name))]
    for target in {folder / match[1] for match in found if name.fullmatch(match[1])}:
        # Held meanwhile, so that nobody begins to make it between the look and the removal.
        with suppress(OSError), making(target):
            continue


def drop(copy: Path) -> None:
    """Remove a database and its logs, where they are."""
    # What cannot even be looked for (a folder that is none) is not there; the reason is told by who writes.
    with suppress(OSError):
        copy.unlink(missing_ok=True)
        _drop_logs(copy)


def _drop_logs(copy: Path) -> None:
    for end in LOGS:
        copy.with_name(copy.name + end).unlink(missing_ok=True)


def _beside(target: Path) -> tuple[Path, Path]:
    return target.with_name(target.name + _PLAIN), target.with_name(target.name + _SEALING)


def _hold(plain: Path) -> int:
    while True:
        touch_private(plain)
        # Who held it until now may remove it at any of these steps.
        with suppress(FileNotFoundError):
            descriptor = os.open(plain, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                raise UnderWay("another process is just making it") from None
            if _stands_at(plain, descriptor):
                return descriptor
            os.close(descriptor)


def _stands_at(plain: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), plain.stat())
    except FileNotFoundError:
        return False
