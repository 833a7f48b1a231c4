"""What a backup is written to until it is whole, and how the nights know what a power cut left of one.

Whoever makes a backup has its folder locked (shared) meanwhile; half-made copies are dropped only by who gets that
lock alone. It is the operating system's (flock) and gone with its process. On a folder that cannot be locked, as on
some networks' file systems, copies are dropped as if nobody made any.
"""

import fcntl
import logging
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.private import make_private, touch_private

log = logging.getLogger(__name__)
LOGS = ("-wal", "-shm", "-journal")
_ENDS = re.compile(rf"(.+?)(?:\.[0-9a-f]{{8}})?\.(?:partial|sealing)(?:{'|'.join(LOGS)})?")


@dataclass(frozen=True)
class HalfMade:
    """The plain copy, empty and private (0600), and where it is encrypted to; both beside the target."""

    plain: Path
    sealing: Path


@contextmanager
def making(target: Path) -> Iterator[HalfMade]:
    """Make the files of a backup that is to become `target`; what is left of them at the end is dropped.

    Each time of another name, so two who make the same backup at once do not spoil it. Raises OSError.
    """
    name = f"{target.name}.{secrets.token_hex(4)}"
    made = HalfMade(target.with_name(f"{name}.partial"), target.with_name(f"{name}.sealing"))
    make_private(target.parent)
    with _locked(target.parent, fcntl.LOCK_SH):
        try:
            touch_private(made.plain)
            yield made
        finally:
            drop(made.plain)
            drop(made.sealing)


def forget(folder: Path, name: re.Pattern[str]) -> None:
    """Drop what is half made of the backups whose whole name matches, unless somebody is just making one there."""
    found = [file for file in folder.glob("*") if (match := _ENDS.fullmatch(file.name)) and name.fullmatch(match[1])]
    if not found:
        return
    try:
        with _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
            for file in found:
                _remove(file)
    except BlockingIOError:
        log.info("half-made copies left for now, one is being made folder=%s", folder)


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        log.warning("half-made copy not dropped file=%s reason=%s", file, error.strerror)


def drop(copy: Path) -> None:
    """Remove a database and its logs, where they are."""
    # What cannot even be looked for (a folder that is none) is not there; the reason is told by who writes.
    with suppress(OSError):
        for file in (copy, *(copy.with_name(copy.name + end) for end in LOGS)):
            file.unlink(missing_ok=True)


@contextmanager
def _locked(folder: Path, kind: int) -> Iterator[None]:
    """Hold the folder's lock, where it has one. Raises BlockingIOError when `kind` does not wait for who holds it."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        # Who writes into it tells why that cannot be done.
        yield
        return
    try:
        try:
            fcntl.flock(descriptor, kind)
        except BlockingIOError:
            raise
        except OSError:
            log.debug("no locks folder=%s", folder)
        yield
    finally:
        os.close(descriptor)
