"""What the preview pretends where it is not told: a session, a name, an example of a commitment."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Protocol

from bot.domain.calendar import WorkCalendar
from bot.domain.journey import Journey
from messages.outgoing import Outgoing


@dataclass(frozen=True)
class SampleSession:
    """The session that the page shows. Instants are aware, UTC; nobody of that name exists."""

    start: datetime
    end: datetime
    title: str = "Ning Ita Sinar ASN: Pelayanan dari Hati"
    place: str = "Pendopo Sabha Kridatama"
    name: str = "Sekar Wulandari, S.K.M."
    unit: str = "Dinas Kesehatan"
    quotes: tuple[str, ...] = ("Warga tidak membaca struktur organisasi. Warga membaca wajah kita di loket.",)
    cue: str = "ada warga yang bingung di loket"
    action: str = "menyapanya lebih dulu dan mengantarnya ke petugas yang tepat"
    coach_cue: str = "anggota tim membawa masalah kepada saya"
    coach_action: str = "bertanya lebih dulu apa yang sudah dicoba"
    journey: str = "default"
    """The journey that is shown first."""


class Pictures(Protocol):
    """Draws what the bot sends as pictures; given by whoever may draw."""

    def recap(self, session: SampleSession, journey: Journey, commitment: str, at: datetime) -> Outgoing:
        """Return the journey's recap card, which comes at `at`."""
        ...

    def summary(self, session: SampleSession) -> tuple[datetime, Outgoing]:
        """Return the first summary of the unit after the session, and when it comes."""
        ...


def sample_session(now: datetime, calendar: WorkCalendar) -> SampleSession:
    """Return a session on the second working day after `now`, 08.00 to 11.00."""
    day = calendar.add_workdays(calendar.local_day(now), 2)
    return SampleSession(calendar.at(day, time(8)), calendar.at(day, time(11)))
