"""Every command of every role, and what is behind the heaviest buttons, said by one of those whom it may concern."""

from collections.abc import Iterator
from dataclasses import dataclass

from messages.menus import ADMIN_MENU, COORDINATOR_MENU, PARTICIPANT_MENU
from tests.bench.city import TELEGRAM, nip
from tests.bench.town import People, Took

# Units, those first that had a session last.
LATELY = (
    "SELECT su.unit_id FROM session_unit su JOIN session s ON s.id = su.session_id AND s.invited_frozen_at IS NOT NULL"
    " GROUP BY su.unit_id ORDER BY max(s.start_at) DESC"
)


@dataclass(frozen=True)
class Saying:
    """A command with the taps that take it on; only the last of the words is measured.

    `whole`: it tells or erases all that is stored on who says it, which is five times as much after five years. Whether
    it grows with the city's history is seen by who came a year ago ("newcomer"), and judged there.
    """

    role: str
    name: str
    words: tuple[str, ...]
    whole: bool = False


def sayings() -> Iterator[Saying]:
    """Return every command of every role, and what is behind the heaviest buttons."""
    for name in PARTICIPANT_MENU:
        if name not in ("berhenti", "hapus", "dataku"):
            yield Saying("participant", f"/{name}", (f"/{name}",))
    yield Saying("newcomer", "/dataku", ("/dataku",))
    yield Saying("participant", "/dataku", ("/dataku",), whole=True)
    yield Saying("participant", "words to the open question", ("Saya menyapa lebih dahulu.",))
    for name in COORDINATOR_MENU:
        if name not in PARTICIPANT_MENU:
            yield Saying("coordinator", f"/{name}", (f"/{name}",))
    yield Saying("coordinator", "[Per sesi]", ("/ringkasan", "[Per sesi]"))
    for name in ADMIN_MENU:
        # A trial is a small house of its own and knows nothing of the city.
        if name not in ("jejak", "coba", "bantuan"):
            yield Saying("admin", f"/{name}", (f"/{name}",))
    yield Saying("admin", "/jejak NIP", ("/jejak {nip}",))
    yield Saying("admin", "/ekspor", ("/ekspor",))
    yield Saying("admin", "a session's card", ("/sesi", "=session:{session}"))
    yield Saying("admin", "a session's impact", ("/sesi", "=impact:{session}"))
    yield Saying("admin", "/siaran, who has not answered", ("/siaran", "Mohon dijawab.", "[Belum menjawab]"))
    yield Saying("admin", "/siaran, everybody", ("/siaran", "Selamat pagi.", "[Semua]"))
    yield Saying("participant", "/berhenti", ("/berhenti",))
    yield Saying("newcomer", "/hapus, [Ya]", ("/hapus", "[Ya]"))
    yield Saying("participant", "/hapus, [Ya]", ("/hapus", "[Ya]"), whole=True)


async def heard(town: People, saying: Saying, number: int) -> Took:
    """Let one person say it; returns what its last words took."""
    chat = 37 + 11 * number
    # Of units that had a session lately, in each city: where nobody has anything open there is nothing to remind of.
    units = await town.column(LATELY)
    coordinator = town.coordinator(units[number % len(units)] - 1)
    person = {
        "participant": town.participant(chat),
        "newcomer": town.newcomer(number),
        "coordinator": coordinator,
        "admin": town.admin,
    }[saying.role]
    # A session of two months ago: all of it is told by now.
    session = await town.one("SELECT id FROM session WHERE end_at < '2025-09-15' ORDER BY end_at DESC LIMIT 1")
    took = Took(0.0, 0.0)
    for words in saying.words:
        took = await town.said(person, words.format(nip=nip(town.participant(chat).id - TELEGRAM), session=session))
    return took
