"""Simulated people: how they answer what the bot sends, by the buttons and polls that they see.

They know the chat alone, as a person does: labels, polls and prompts, nothing of the program.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox import Person, Stored

REFLECTIONS = (
    "Saya akan menyapa setiap pasien lebih dahulu dan menjelaskan alur layanan dengan tenang.",
    "Pesan yang paling saya ingat adalah mendengarkan sampai selesai sebelum menjawab.",
    "Minggu ini saya mencatat keluhan yang berulang dan membawanya ke rapat tim.",
    "Saya belajar meminta maaf lebih dulu ketika antrean terlambat.",
    "Saya ingin berbagi cara kerja yang saya pelajari kepada rekan baru.",
)
CUES = (
    "ada pasien yang bingung di loket",
    "antrean mulai panjang",
    "rekan saya tampak kewalahan",
    "rapat pagi dimulai",
)
ACTIONS = (
    "menyapanya dan mengantarnya ke ruang yang benar",
    "memberi tahu perkiraan waktu tunggu",
    "menawarkan bantuan lima belas menit",
    "menyampaikan satu usul perbaikan",
)
OBSTACLES = ("Minggu ini antrean sangat padat.", "Saya lupa karena ada tugas luar.", "Perlu waktu membiasakan diri.")


@dataclass
class Habit:
    """How likely a person does what. All from 0 to 1."""

    answers: float = 1.0
    knows: float = 0.7
    keeps: float = 0.6
    skips: float = 0.0


@dataclass
class Member:
    """One simulated person with a phone and habits; remembers what has been dealt with."""

    person: Person
    habit: Habit
    chance: random.Random
    answer_key: Callable[[str], int | None] = lambda _question: None
    said: list[str] = field(default_factory=list)
    _seen: int = 0
    _waiting: list[Stored] = field(default_factory=list)

    def act(self) -> bool:
        """Deal with the oldest message that awaits something; returns whether anything was done."""
        received = self.person.received
        self._waiting += received[self._seen :]
        self._seen = len(received)
        while self._waiting:
            message = self._waiting.pop(0)
            if self.chance.random() < self.habit.answers and self._answer(message):
                return True
        return False

    def _answer(self, message: Stored) -> bool:
        labels = message.labels
        if message.poll is not None:
            return self._vote(message)
        if "Sudah" in labels and "Belum" in labels:
            return self._report(message)
        if "1" in labels and "5" in labels:
            self.person.tap(self.chance.choice("345"), message)
            self._say(self.chance.choice(REFLECTIONS))
            return True
        if "Belum" in labels and "Selalu" in labels:
            return self._rate(message)
        if "Lewati" in labels and len(labels) > 3:
            self.person.tap(self.chance.choice([label for label in labels if label not in _COMMON]), message)
            return True
        if labels == ["Ya", "Ubah"]:
            self.person.tap("Ya", message)
            return True
        if "Lewati" in labels:
            return self._write(message)
        return False

    def _write(self, message: Stored) -> bool:
        if self.chance.random() < self.habit.skips:
            self.person.tap("Lewati", message)
        elif "Ketika …" in message.text:
            self._say(self.chance.choice(CUES))
        elif "saya akan …" in message.text:
            self._say(self.chance.choice(ACTIONS))
        elif "kendala" in message.text:
            self._say(self.chance.choice(OBSTACLES))
        else:
            self._say(self.chance.choice(REFLECTIONS))
        return True

    def _report(self, message: Stored) -> bool:
        kept = self.chance.random() < self.habit.keeps
        self.person.tap("Sudah" if kept else "Belum", message)
        return True

    def _rate(self, message: Stored) -> bool:
        self.person.tap(self.chance.choice(["Kadang", "Sering", "Selalu"]), message)
        # The same message asks the next question in place; it is looked at again.
        self._waiting.insert(0, message)
        return True

    def _vote(self, message: Stored) -> bool:
        poll = message.poll or {}
        right = self.answer_key(poll["question"])
        count = len(poll["options"])
        if right is not None and self.chance.random() < self.habit.knows:
            self.person.vote(message, right)
        else:
            self.person.vote(message, self.chance.randrange(count))
        return True

    def _say(self, text: str) -> None:
        self.person.send(text)
        self.said.append(text)


_COMMON = ("Lewati", "Nanti", "Mengapa?")
