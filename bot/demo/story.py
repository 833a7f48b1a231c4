"""What happens in the demo: one session of one agency, the weeks before it and the month after it."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from bot.demo.crowd import EVENING, SOON, Attendee, answering, gather_crowd, learn
from bot.demo.stage import Stage, instant
from bot.roster.sample import AGENCY, sample_people, sample_workbook
from bot.sandbox import Person
from bot.store import facts, sessions

TITLE = "Ning Ita Sinar ASN"
PLACE = "Ruang Sabha Mandala Madya"
# Made up for the demo: nobody's words.
MESSAGES = (
    "(contoh) Layanan yang baik dimulai dari sapaan yang ramah.",
    "(contoh) Setiap keluhan warga adalah kesempatan untuk memperbaiki cara kerja.",
    "(contoh) Satu perubahan kecil yang dijalankan lebih berarti daripada sepuluh rencana.",
)
BROADCAST = (
    "Yth. Bapak/Ibu, foto dan materi sesi 17 November 2025 dapat diambil di Sekretariat sampai"
    " Jumat, 28 November 2025. Terima kasih. (contoh siaran)"
)
COORDINATOR_ID = 901
SEED = 17
A_WHILE = timedelta(minutes=20)
_PAYLOAD = re.compile(r"start=([A-Za-z0-9_-]+)")


@dataclass(frozen=True)
class Plan:
    """How large the demo is: people in the roster, and the day on which it ends."""

    people: int = 400
    first: date = date(2025, 11, 10)
    session: date = date(2025, 11, 17)
    last: date = date(2025, 12, 22)
    free: int = 0
    """So many people at the end of the roster have no phone in the story: somebody else may be them."""
    staff_acts: bool = True
    """Whether coordinator and admin go on acting of their own accord once all is prepared."""

    @property
    def start(self) -> datetime:
        """The instant at which all begins."""
        return instant(self.first, "09.00")


FULL = Plan()


@dataclass
class Story:
    """Who takes part, and what they do when."""

    stage: Stage
    plan: Plan
    crowd: list[Attendee]
    coordinator: Person
    session_id: int = 0
    payload: str = ""
    _answers_agreed: bool = field(default=False)

    @property
    def shown(self) -> Attendee:
        """The civil servant whose chat is shown."""
        return self.with_role("shown")

    def with_role(self, role: str) -> Attendee:
        """Return the person with this role."""
        return next(attendee for attendee in self.crowd if attendee.role == role)

    def others_with(self, role: str) -> list[Attendee]:
        """Return those who have this role beside the first, and have a phone that joins."""
        return [one for one in self.crowd if one.role == role and one.joins != "never"][1:]

    def on(self, day_of_session: int, clock_time: str, doing: Callable[[], Awaitable[None]]) -> None:
        """Agree on something for a day counted from the session's."""
        self.stage.at(instant(self.plan.session + timedelta(days=day_of_session), clock_time), doing)

    def does(self, day_of_session: int, clock_time: str, *acts: Callable[[], object]) -> None:
        """Agree on what people do, one act after the other."""
        self.on(day_of_session, clock_time, partial(self.stage.side_by_side, [acts]))


async def play(stage: Stage, plan: Plan) -> Story:
    """Let all of it happen; returns who took part."""
    story = agreed(stage, plan)
    await stage.live(instant(plan.last, "08.30"))
    return story


def agreed(stage: Stage, plan: Plan) -> Story:
    """Agree on everything that will happen, and let nothing happen yet."""
    people = sample_people(plan.people)[: plan.people - plan.free]
    story = Story(
        stage,
        plan,
        gather_crowd(stage, people, SEED),
        stage.box.person(COORDINATOR_ID, first_name="Ratri", last_name="Nawangwulan"),
    )
    stage.written_to = partial(_answers_follow, story)
    _agree_on_days(story)
    _agree_on_people(story)
    _agree_on_preparation(story)
    if plan.staff_acts:
        _agree_on_staff(story)
    return story


def _answers_follow(story: Story, stage: Stage) -> None:
    """The bot has written: soon after, those who look at their phones answer."""
    if story._answers_agreed:
        return
    story._answers_agreed = True

    async def answers() -> None:
        story._answers_agreed = False
        await answering(stage, story.crowd, SOON)

    stage.at(stage.clock.now() + A_WHILE, answers)


def _agree_on_days(story: Story) -> None:
    """Each day: the night's work, the evening's look at the phone; on Mondays the summaries."""
    plan, stage = story.plan, story.stage
    for number in range((plan.last - plan.first).days + 1):
        day = plan.first + timedelta(days=number)
        for clock_time in ("02.05", *(["08.00"] if day.weekday() == 0 else [])):
            stage.at(instant(day, clock_time), _nothing)
        stage.at(instant(day, "19.30"), partial(answering, stage, story.crowd, EVENING))


async def _nothing() -> None:
    """The timetable looks, that is all."""


def _agree_on_people(story: Story) -> None:
    before = [attendee for attendee in story.crowd if attendee.joins == "before"]
    for wave, (day, clock_time) in enumerate(((-7, "10.00"), (-5, "12.30"), (-3, "09.30"))):
        story.on(day, clock_time, partial(_join, story, before[wave::3]))
    hall = [attendee for attendee in story.crowd if attendee.joins == "hall"]
    for wave, clock_time in enumerate(("07.15", "07.35", "07.50", "08.20")):
        story.on(0, clock_time, partial(_arrive, story, before[wave::4], hall[wave::4]))
    refusing = story.crowd[-1].person
    story.on(-5, "12.40", partial(_refuse, story, refusing))
    for day in (4, 8, 15):
        story.on(day, "20.30", partial(_practised, story))

    shown = story.shown.person
    story.does(7, "20.00", partial(shown.tap, "Mengapa?"))
    story.does(18, "20.00", partial(shown.send, "/progres"), partial(shown.send, "/riwayat"))
    postponing = story.with_role("postpones").person
    story.does(7, "12.17", partial(postponing.tap, "Nanti"), partial(postponing.tap, "Satu jam lagi"))
    pausing = story.with_role("pauses")
    story.does(2, "20.00", partial(pausing.person.send, "/jeda 7"))
    blocking = story.with_role("blocks")
    story.does(3, "20.00", partial(_leave, blocking, blocking.person.block))
    story.does(14, "20.00", partial(_return, blocking))
    for number, attendee in enumerate(story.others_with("pauses")):
        story.does(number % 12 + 1, "20.05", partial(attendee.person.send, f"/jeda {number % 3 * 4 + 3}"))
    for number, attendee in enumerate(story.others_with("blocks")):
        story.does(number % 20 + 1, "20.10", partial(_leave, attendee, attendee.person.block))
        if number % 2:
            story.does(number % 20 + 8, "20.15", partial(_return, attendee))
    withdrawing = story.with_role("withdraws")
    story.does(4, "20.00", partial(_leave, withdrawing, partial(withdrawing.person.send, "/berhenti")))
    erasing = story.with_role("erases")
    story.does(
        8,
        "20.00",
        partial(_leave, erasing, partial(erasing.person.send, "/hapus")),
        partial(erasing.person.tap, "Ya"),
    )


def _agree_on_preparation(story: Story) -> None:
    story.on(-7, "09.00", partial(_prepare, story))
    story.on(-4, "14.00", partial(_invite_somebody, story))


def _agree_on_staff(story: Story) -> None:
    admin, coordinator = story.stage.admin, story.coordinator
    story.does(1, "09.00", partial(admin.send, "/sesi"), partial(_tap_starting, admin, "17 Nov"))
    story.does(1, "09.05", partial(coordinator.tap, "Ingatkan semua"))
    story.does(7, "08.05", partial(coordinator.tap, "Per sesi"), partial(coordinator.tap, "Unduh XLSX"))
    story.does(
        9,
        "09.30",
        partial(admin.send, "/siaran"),
        partial(admin.send, BROADCAST),
        partial(admin.tap, "Semua"),
        partial(admin.tap, "Kirim"),
    )
    story.does(14, "08.05", partial(coordinator.send, "/peserta"))
    story.does(35, "08.05", partial(admin.send, "/status"), partial(admin.send, "/audit"))


async def _prepare(story: Story) -> None:
    """The admin brings in the roster; the session is planned; the coordinator is invited."""
    stage, admin = story.stage, story.stage.admin
    await stage.act(partial(admin.start))
    await stage.act(partial(admin.send, "/peserta"))
    workbook = sample_workbook(story.plan.people)
    await stage.act(partial(admin.send_document, "data-pegawai-contoh.xlsx", workbook))
    await stage.act(partial(admin.tap, "Terapkan"))
    await stage.write(partial(_plan_session, story))
    await stage.act(partial(admin.send, "/sesi"))
    await stage.act(partial(_tap_starting, admin, "17 Nov"))
    await stage.act(partial(admin.send, "/koordinator"))
    await stage.act(partial(admin.tap, "Undang"))
    await stage.act(partial(_tap_starting, admin, AGENCY[:20]))
    await stage.act(partial(_follow_link, story.coordinator, admin))
    await stage.act(partial(story.coordinator.tap, "Setuju"))


def _plan_session(story: Story, db: Any) -> None:
    """As `python -m bot session add` does."""
    now, day = story.stage.clock.now(), story.plan.session
    session = sessions.add(
        db,
        now,
        title=TITLE,
        place=PLACE,
        start=instant(day, "08.00"),
        end=instant(day, "11.00"),
        unit_ids=[sessions.unit_id(db, AGENCY)],
        journey="default",
        messages=list(MESSAGES),
    )
    facts.audit(db, now, "cli", "session_add", f"session:{session.id}")
    story.session_id, story.payload = session.id, session.payload


async def _join(story: Story, attendees: Sequence[Attendee]) -> None:
    await story.stage.side_by_side(
        [attendee.way_by_session(story.payload) for attendee in attendees if not attendee.joined]
    )


async def _arrive(story: Story, members: Sequence[Attendee], others: Sequence[Attendee]) -> None:
    """People come into the hall and scan the code: those who have joined already, and those who have not."""
    scans = [
        [partial(attendee.person.start, story.payload)]
        for attendee in members
        if attendee.joined and (attendee.role or attendee.member.chance.random() < 0.9)
    ]
    joins = [attendee.way_by_session(story.payload) for attendee in others if not attendee.joined]
    await story.stage.side_by_side([*scans, *joins])


async def _refuse(story: Story, person: Person) -> None:
    await story.stage.side_by_side([[partial(person.start, story.payload), partial(person.tap, "Tidak")]])


async def _practised(story: Story) -> None:
    learn(story.crowd, 0.06)


async def _invite_somebody(story: Story) -> None:
    """The coordinator makes a personal link and forwards it to the person, who joins by it."""
    stage, coordinator = story.stage, story.coordinator
    await stage.act(partial(coordinator.send, "/peserta"))
    labels = [label for message in reversed(coordinator.received) for label in message.labels]
    buttons = [label for label in labels if label.startswith("Undang: ")]
    waiting = {attendee.name: attendee for attendee in story.crowd if not attendee.joined}
    found = next(
        ((label, waiting[name]) for label in buttons if (name := label.removeprefix("Undang: ")) in waiting), None
    )
    if found is None:
        stage.faults.append("/peserta shows the coordinator nobody to invite")
        return
    label, invited = found
    await stage.act(partial(coordinator.tap, label))
    payload = _payload_in(coordinator)
    await stage.side_by_side([invited.way_by_invitation(payload)])


def _leave(attendee: Attendee, how: Callable[[], object]) -> None:
    attendee.away = True
    how()


def _return(attendee: Attendee) -> None:
    attendee.away = False
    attendee.person.start()


def _tap_starting(person: Person, beginning: str) -> None:
    """Tap the newest button whose label begins so."""
    for message in reversed(person.received):
        label = next((label for label in message.labels if label.startswith(beginning)), None)
        if label is not None:
            person.tap(label, message)
            return
    raise LookupError(f"no button begins with {beginning!r}")


def _follow_link(person: Person, sender: Person) -> None:
    person.start(_payload_in(sender))


def _payload_in(person: Person) -> str:
    found = _PAYLOAD.search(person.last.text)
    if found is None:
        raise LookupError("the newest message has no link")
    return found[1]
