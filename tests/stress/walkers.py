"""People who go through a short journey while the bot is killed under them, and the admin who broadcasts to them."""

import random
from dataclasses import dataclass, field

from bot.demo.cast import Member
from bot.sandbox import Person, Stored
from tests.leaks import PLANTED

JOURNEY = """
title = "Alur kilat"

[[step]]
id = "refleksi"
kind = "reflection"
anchor = "joined"
offset = "+1s"
content = "awal"

[[step]]
id = "komitmen"
kind = "commitment"
anchor = "answered:refleksi"
offset = "+1s"

[[step]]
id = "kuis"
kind = "quiz"
anchor = "answered:komitmen"
offset = "+1s"
content = "a"
"""


def fingerprint(message: Stored) -> tuple[str, tuple[str, ...]]:
    """What makes two messages the same to whoever reads them."""
    options = [option["text"] for option in (message.poll or {}).get("options", [])]
    return message.text, (*message.labels, *options)


def labels_of(message: Stored) -> list[str]:
    """The buttons of a message; those of a poll as well, but not its options, which differ."""
    return [*message.labels, "poll"] if message.poll else message.labels


class Walker(Member):
    """A person who joins and does all that is asked; of two copies of a message it touches one, either one."""

    nip: str = ""
    payload: str = ""
    begun: bool = False
    _known: dict[int, tuple[str, tuple[str, ...]]]

    def act(self) -> bool:
        """Do the next thing; returns whether there was one."""
        if not self.begun:
            self.begun, self._known, self._touched = True, {}, set()
            self.person.start(self.payload)
            return True
        new = {m.id: fingerprint(m) for m in self.person.received if m.id not in self._known}
        self._known |= new
        for message in self.person.received:
            mark = self._known[message.id]
            if mark in self._touched:
                continue
            copies = [m for m in self.person.received if self._known[m.id] == mark]
            self._touched.add(mark)
            # Drawn from the buttons, so that everybody who is asked the same does the same.
            self.chance = random.Random(repr(labels_of(copies[-1])))
            if self._join(message.labels, copies[-1]) or self._answer(copies[-1]):
                return True
        return False

    def _say(self, text: str) -> None:
        """Write with the mark that may be found in no log, whatever became of the bot meanwhile."""
        super()._say(f"{text} {PLANTED}")

    def _join(self, labels: list[str], message: Stored) -> bool:
        if "Setuju" in labels:
            self.person.tap("Setuju", message)
        elif labels[:1] == ["Ya"] and "Ubah" not in labels:
            self.person.tap("Ya", message)
        elif "ketik NIP" in message.text and not labels:
            self.person.send(self.nip)
        else:
            return False
        return True


@dataclass
class Announcer:
    """The admin, who sends one broadcast to all who have joined."""

    person: Person
    text: str
    said: list[str] = field(default_factory=list)

    def act(self) -> bool:
        """Do the next step when the bot is ready for it."""
        step = ("/siaran", self.text, "Semua", "Kirim", None)[len(self.said)]
        if step is None:
            return False
        if step == "/siaran":
            self.seen = len(self.person.received)
            self.person.send(step)
        elif len(self.person.received) == self.seen:
            return False
        elif step == self.text:
            self.person.send(step)
        else:
            fresh = [m for m in self.person.received[self.seen :] if step in m.labels]
            if not fresh:
                return False
            self.person.tap(step, fresh[-1])
        self.said.append(step)
        return True
