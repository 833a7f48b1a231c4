"""Two marks, and where they may not be found: the token in its own file alone, what somebody wrote in databases alone.

What is drawn in a picture or set in a PDF is not read here; that no words reach a report is shown where reports are
made (`test_what_somebody_wrote_reaches_the_writer_alone`).
"""

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bot.sandbox import TOKEN

# One word, so that neither JSON nor XML nor an address writes it otherwise. Tests type it where words are taken.
PLANTED = "penanda-rahasia"
# The half alone opens the bot as well as the whole, and stays as it is when the colon is escaped.
HALF = TOKEN.partition(":")[2]
CHUNK = 4 * 1024 * 1024  # bytes
MOST_OF_A_MEMBER = 32 * 1024 * 1024  # bytes unpacked: some tests leave zip bombs behind
# Where the token is kept, and where the one that the tests use is written down; copies of the checkout hold it too.
PLACES_OF_THE_TOKEN = ("data/sinar.env", "bot/sandbox/box.py")
DATABASE = (b"SQLite format 3\0", b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")  # the file, and its log in either order


@dataclass(frozen=True)
class Marks:
    """What is searched for."""

    secret: bytes
    words: bytes

    def in_text(self, text: str) -> list[str]:
        """Say what stands in a text that is neither's place, such as a log."""
        return self._named(self.secret in (data := text.encode("utf-8", "replace")), self.words in data)

    @staticmethod
    def _named(secret: bool, words: bool) -> list[str]:
        return ["the token"] * secret + ["what somebody wrote"] * words

    def in_stream(self, stream: IO[bytes], most: int | None = None) -> list[str]:
        """Read on to the end, or as far as `most` bytes, and say what stands there."""
        secret = words = False
        read, rest, overlap = 0, b"", max(len(self.secret), len(self.words)) - 1
        while (most is None or read < most) and (chunk := stream.read(CHUNK)):
            read += len(chunk)
            here = rest + chunk
            secret, words, rest = secret or self.secret in here, words or self.words in here, here[-overlap:]
        return self._named(secret, words)


MARKS = Marks(HALF.encode(), PLANTED.encode())


@dataclass
class Search:
    """What was looked at, and what was found where it may not be."""

    marks: Marks = MARKS
    files: int = 0
    size: int = 0
    databases: int = 0
    """Those in which the planted words stand, as they should."""
    found: list[str] = field(default_factory=list)

    def below(self, folders: Iterable[Path], since: float = 0.0) -> None:
        """Look at every file below the folders that was written after `since`, in seconds of the epoch."""
        for file in (file for folder in folders for file in sorted(folder.rglob("*"))):
            if not file.is_symlink() and file.is_file() and file.stat().st_mtime >= since:
                self._look(file)

    def _look(self, file: Path) -> None:
        self.files += 1
        self.size += file.stat().st_size
        with file.open("rb") as stream:
            database = stream.read(16).startswith(DATABASE) or ".db" in file.name
            stream.seek(0)
            held = self.marks.in_stream(stream)
        if "the token" in held and file.as_posix().endswith(PLACES_OF_THE_TOKEN):
            held.remove("the token")
        if database and "what somebody wrote" in held:
            self.databases += 1
            held.remove("what somebody wrote")
        self.found += [f"{file}: holds {what}" for what in held]
        self.found += [f"{file}, {name}: holds {what}" for name, what in self._unpacked(file)]

    def _unpacked(self, file: Path) -> Iterator[tuple[str, str]]:
        """Look into a workbook or another zip."""
        if not zipfile.is_zipfile(file):
            return
        try:
            with zipfile.ZipFile(file) as packed:
                for member in packed.infolist():
                    with packed.open(member) as stream:
                        for what in self.marks.in_stream(stream, MOST_OF_A_MEMBER):
                            yield member.filename, what
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
            # Broken on purpose by a test, or locked: the bot's own workbooks are neither.
            return
