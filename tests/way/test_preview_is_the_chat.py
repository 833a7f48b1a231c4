"""What the preview shows is, word for word, what the bot sends to somebody who walks the journey."""

import re

import pytest

from bot.calendars import Calendars
from bot.store import answers
from messages.library import Library
from messages.preview.sample import SampleSession
from messages.preview.writing import write
from messages.texts import Texts
from tests.cli.preview_reading import Page
from tests.conftest import WIB, Rig, wib
from tests.way.test_journey import member


def told_apart(text: str, library: Library) -> str:
    """Blank out what is drawn for each person anew: the prompt, and the value that was chosen."""
    for prompt in library.prompt_by_id.values():
        text = text.replace(prompt.text, "(prompt)")
    for value in library.values.values():
        text = text.replace(value.name, "(value)")
    return re.sub(r"(?<=/7 \(value\)\n).*", "(definition)", text).strip()


@pytest.mark.parametrize("journey", ["singkat", "pemimpin"])
async def test_the_page_says_what_the_bot_sends(rig: Rig, journey: str) -> None:
    await rig.add_people(6)
    session = await rig.add_session(journey=journey)
    person = await rig.join(1, session)
    joined = len(person.received)
    eager = member(rig, 1, knows=1.0, keeps=1.0)
    sent: set[str] = set()

    def note() -> None:
        plain = (m for m in person.received[joined:] if not m.poll and not m.raw.get("photo"))
        sent.update(message.text for message in plain)

    while (planned := await rig.hand.next_moment()) is not None and planned < wib("2025-12-20 12:00"):
        await rig.hand.move(planned)
        note()
        while eager.act():
            await rig.settle()
            note()
    touchpoint = await rig.one("SELECT touchpoint_id FROM commitment")
    cue, action = await rig.sinar.store.read(lambda db: answers.plan_words(db, touchpoint))

    library = rig.sinar.library
    sample = SampleSession(
        session.start,
        session.end,
        title=session.title,
        place=session.place,
        name="Orang Ke1",
        quotes=("Melayani dengan hati.",),
        cue=cue or "",
        action=action or "",
        coach_cue=cue or "",
        coach_action=action or "",
    )
    texts = Texts(library.folder, WIB)
    page = Page(write(library, texts, Calendars(rig.config).city, sample))
    touches = page.chapters[library.journeys[journey].title]
    shown = {told_apart(text, library) for touch in touches for text in touch.texts}
    # Why an option is right or wrong stands in the library; which items a person gets is drawn.
    unknown = {text for text in sent if text[:1] not in "✅💡" and told_apart(text, library) not in shown}
    assert unknown == set()
    assert len(sent) > 25
