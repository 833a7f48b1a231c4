"""The chat of one step: what the bot says, what a person might answer, and what the bot says to that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.clock import to_text
from bot.domain.journey import QUIZZES, Journey, Kind, Step
from bot.domain.plan import sentence
from messages.composing import is_today, message, poll, poll_facts
from messages.library import Item, Library
from messages.outgoing import Outgoing
from messages.preview.sample import Pictures, SampleSession
from messages.texts import Texts
from messages.words import STEP_NAMES

Facts = dict[str, Any]
# Which of a set's prompts and items are shown; every person gets others.
_SEED = 1
OWN_WORDS = "(tulisan Bapak/Ibu sendiri)"


@dataclass(frozen=True)
class Sent:
    """A message of the bot."""

    out: Outgoing


@dataclass(frozen=True)
class Said:
    """What a person answers: words, or the label of the button that was tapped."""

    text: str
    tapped: bool = False


@dataclass(frozen=True)
class Aside:
    """What comes instead, or besides, folded away under its label."""

    label: str
    parts: tuple["Sent | Said", ...]


Part = Sent | Said | Aside


@dataclass(frozen=True)
class Chat:
    """Makes the parts of each step, from the library and the real templates."""

    library: Library
    texts: Texts
    session: SampleSession
    pictures: Pictures | None
    journey: Journey

    def said(self, template: str, facts: Facts) -> Sent:
        """Make one message of the bot."""
        return Sent(message(self.texts, template, facts))

    def common(self, at: datetime, closes: datetime | None, **more: Any) -> Facts:
        """Return what every touch's template is given (as bot/delivery/gather.py gives it)."""
        return {
            "greet": to_text(at),
            "coach": self.journey.coach,
            "name": self.session.name,
            "title": self.session.title,
            "touchpoint": 1,
            "until": to_text(closes) if closes else None,
            "again": False,
            "remind": False,
            "reminders": [],
        } | more

    def parts(
        self, step: Step, facts: Facts, *, at: datetime, with_reaction: bool, asked_on: datetime | None
    ) -> list[Part]:
        """Return a step's messages with an example of their answers."""
        if step.kind in QUIZZES:
            return self._quiz(self.items(step), facts)
        if step.kind is Kind.REMINDER:
            return [self.opening(step, facts, at=at)]
        if step.kind is Kind.REACTION:
            return [self.opening(step, facts, at=at), Said("4", True), self.said("reaction_kept", {"score": 4})]
        if step.kind is Kind.REFLECTION:
            return self._reflection(step, facts, at, with_reaction)
        if step.kind is Kind.COMMITMENT:
            return self._commitment(self.opening(step, facts, at=at), facts, asked_on)
        if step.kind is Kind.FOLLOWUP:
            return self._followup(self.opening(step, facts, at=at))
        if step.kind is Kind.SELFCHECK:
            return self._selfcheck(facts)
        return [self._recap(at)]

    def opening(self, step: Step, facts: Facts, *, at: datetime, with_reaction: bool = False) -> Sent:
        """Make the message by which a step begins, or by which it is asked once more."""
        if step.kind in QUIZZES:
            items = self.items(step)
            return Sent(poll(self.texts, facts | poll_facts(items[0], 1, len(items))))
        return self.said(step.kind.value, facts | self._more(step, at, with_reaction))

    def items(self, step: Step) -> list[Item]:
        """Return the items that a quiz shows to somebody new."""
        return self.library.choose_items(step.content or "", {}, _SEED)

    def _more(self, step: Step, at: datetime, with_reaction: bool) -> Facts:
        session = self.session
        if step.kind is Kind.REMINDER:
            return {
                "start": to_text(session.start),
                "end": to_text(session.end),
                "place": session.place,
                "today": is_today(session.start, at),
            }
        if step.kind is Kind.REFLECTION:
            first = step.id == self.journey.first_reflection()
            return {
                "question": 1,
                "prompt": self.library.choose_prompt(step.content or "", None, (), _SEED).text,
                "quotes": list(session.quotes[:3]) if first else [],
                "reaction": 2 if with_reaction else None,
            }
        if step.kind is Kind.COMMITMENT:
            values = [{"id": value.id, "name": value.name} for value in self.library.values.values()]
            return {"values": values, "question": 1, "value": "", "cue": None, "action": None}
        if step.kind is Kind.SELFCHECK:
            return self._level(0)
        if step.kind is Kind.FOLLOWUP:
            return {"cue": self._cue, "action": self._action, "plan": "", "question": 1}
        return {}

    @property
    def _cue(self) -> str:
        return self.session.coach_cue if self.journey.coach else self.session.cue

    @property
    def _action(self) -> str:
        return self.session.coach_action if self.journey.coach else self.session.action

    def _reflection(self, step: Step, facts: Facts, at: datetime, with_reaction: bool) -> list[Part]:
        stored = self.said("stored", {"question": 1, "share": 1, "more": False, "edited": False, "late": False})
        alone = self.opening(step, facts, at=at)
        answered: list[Part] = [Said(OWN_WORDS), stored]
        if not with_reaction:
            return [alone, *answered]
        asked = self.opening(step, facts, at=at, with_reaction=True)
        return [asked, Said("4", True), Aside("Pesan yang sama setelah diketuk", (alone,)), *answered]

    def _commitment(self, asked: Sent, facts: Facts, asked_on: datetime | None) -> list[Part]:
        value = next(iter(self.library.values.values())).name
        cue, action = self._cue, self._action
        chosen = facts | {"value": value, "question": 1, "cue": None, "action": None}
        due = to_text(asked_on) if asked_on else None
        return [
            asked,
            Said(value, True),
            self.said("commitment_cue", chosen),
            Said(cue),
            self.said("commitment_action", chosen | {"cue": cue}),
            Said(action),
            self.said("commitment_readback", chosen | {"cue": cue, "action": action}),
            Said("Ya", True),
            self.said("commitment_made", {"touchpoint": 1, "asked_on": due}),
        ]

    def _followup(self, asked: Sent) -> list[Part]:
        question = {"touchpoint": 1, "question": 1}
        done = self.said("followup_done", {"share": None})
        obstacle, plan = Said(OWN_WORDS), Said(OWN_WORDS)
        return [
            asked,
            Said("Sudah", True),
            self.said("followup_kept", {"share": None}),
            Aside(
                "Bila yang diketuk Belum",
                (Said("Belum", True), self.said("followup_obstacle", question), obstacle, done),
            ),
            Aside(
                "Bila yang diketuk Berubah",
                (Said("Berubah", True), self.said("followup_plan", question), plan, done),
            ),
        ]

    def _level(self, place: int) -> Facts:
        value = list(self.library.values.values())[place]
        return {
            "first": place == 0,
            "number": place + 1,
            "value_id": value.id,
            "value": value.name,
            "definition": value.definition,
        }

    def _selfcheck(self, facts: Facts) -> list[Part]:
        every = [self.said("selfcheck", facts | self._level(place)) for place in range(len(self.library.values))]
        rest = tuple(part for asked in every[1:] for part in (asked, Said("Sering", True)))
        return [
            every[0],
            Said("Sering", True),
            Aside(f"{len(every) - 1} pertanyaan berikutnya, di pesan yang sama", rest),
            self.said("selfcheck_done", {}),
        ]

    def _recap(self, at: datetime) -> Sent:
        if self.pictures is not None:
            return Sent(self.pictures.recap(self.session, self.journey, sentence(self._cue, self._action), at))
        words = f"Kartu ringkas (gambar): yang {self.session.name} kerjakan sejak sesi “{self.session.title}”."
        return self.said("recap", {"words": words})

    def _quiz(self, items: Sequence[Item], facts: Facts) -> list[Part]:
        parts: list[Part] = []
        for place, item in enumerate(items, 1):
            more = facts if place == 1 else {"touchpoint": 1}
            parts.append(Sent(poll(self.texts, more | poll_facts(item, place, len(items)))))
            # A vote is seen in the poll itself.
            parts.append(self._reason(item, item.correct))
            wrong = [number for number in range(len(item.options)) if number != item.correct]
            others = tuple(
                part for number in wrong for part in (Said(item.options[number], True), self._reason(item, number))
            )
            parts.append(Aside("Balasan untuk pilihan lain", others))
        score = {"asked": len(items), "missed": []}
        missed = [self.library.values[value].missed for value in dict.fromkeys(item.value for item in items)]
        parts.append(self.said("quiz_score", score | {"right": len(items)}))
        parts.append(Aside("Bila semuanya keliru", (self.said("quiz_score", score | {"right": 0, "missed": missed}),)))
        return parts

    def _reason(self, item: Item, chosen: int) -> Sent:
        return self.said("quiz_reason", {"correct": chosen == item.correct, "reason": item.reasons[chosen]})


def names(steps: Sequence[Step]) -> str:
    """Return what steps are called, as one line that begins with a capital."""
    line = ", ".join(dict.fromkeys(STEP_NAMES[step.kind] for step in steps))
    return line[:1].upper() + line[1:]
