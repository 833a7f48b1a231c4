"""Coba sebagai peserta: a whole journey in the admin's own chat, and no figure that moves by it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.application import assemble
from bot.demo.byhand import ByHand
from bot.reports.weekly import Weekly
from bot.sandbox import TOKEN, Person
from bot.store import erasure, sessions
from tests.conftest import ADMIN, WIB, Rig
from tests.staff.conftest import Office, told

A_DAY = timedelta(minutes=1)
# What changes by the mere running of the bot, and by any update at all.
NOT_COMPARED = {"incoming", "audit", "sqlite_sequence"}


async def dump(rig: Rig) -> dict[str, list[Any]]:
    """All rows of the real tables, but for what every update and every look leaves."""

    def work(db: Any) -> dict[str, list[Any]]:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: [tuple(row) for row in db.execute(f"SELECT * FROM {name}") if row[0] not in ("last_look",)]
            for name in names
            if name not in NOT_COMPARED
        }

    found: dict[str, list[Any]] = await rig.sinar.store.read(work)
    return found


def files(rig: Rig) -> list[Path]:
    path = rig.config.storage.path
    return sorted(path.parent.glob(f"{path.name}.trial-*"))


async def begin(office: Office, who: Person) -> None:
    assert "Satu hari berlalu dalam satu menit" in await office.say(who, "/coba")
    who.tap(who.last.labels[0])
    await office.rig.settle()
    assert "Percobaan dimulai" in told(who)
    await office.rig.hand.look()


async def walk(office: Office, who: Person, days: float) -> set[str]:
    """Let so many days of the trial pass and answer what comes; returns what was done."""
    done: set[str] = set()
    seen = 0
    for _ in range(int(days * 8)):
        await office.rig.hand.wait(A_DAY / 8)
        while len(who.received) > seen:
            message = who.received[seen]
            seen += 1
            labels = message.labels
            if message.poll is not None:
                who.vote(message, 0)
                done.add("quiz")
            elif "Sudah" in labels:
                who.tap("Sudah", message)
                done.add("follow-up")
            elif "Selalu" in labels:
                for _ in range(7):
                    who.tap("Selalu", message)
                    await office.rig.settle()
                done.add("self-check")
            elif labels == ["Ya", "Ubah"]:
                who.tap("Ya", message)
                done.add("commitment")
            elif "Lewati" in labels and len(labels) > 3 and "1" not in labels:
                who.tap(labels[0], message)
            elif "Lewati" in labels:
                who.send("saya menyapa warga lebih dahulu")
                done.add("words")
            elif "photo" in message.raw:
                done.add("picture")
            await office.rig.settle()
    return done


async def figures(office: Office) -> str:
    rig = office.rig
    session = office.session

    def work(db: Any) -> Any:
        weekly = Weekly(rig.sinar.library, WIB, 5)
        return [sessions.counts(db, sessions.get(db, session.id)), repr(weekly.peek(db, "2025-W46", None))]

    tally = await rig.summary_of(session)
    return json.dumps([tally, await rig.sinar.store.read(work)])


async def test_a_whole_journey_leaves_every_real_table_as_it_was(office: Office) -> None:
    rig, admin = office.rig, office.admin
    await rig.hand.look()
    before, counted = await dump(rig), await figures(office)
    await begin(office, admin)
    assert files(rig)[0].name == f"{rig.config.storage.path.name}.trial-{ADMIN}"
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files(rig))
    during = await dump(rig)
    assert {name for name in before if before[name] != during[name]} <= {"fact"}
    done = await walk(office, admin, 36)
    assert {"quiz", "words", "commitment", "follow-up", "self-check", "picture"} <= done
    assert await figures(office) == counted
    await rig.hand.wait(A_DAY * 5)
    await rig.settle()
    assert "Percobaan selesai" in told(admin)
    assert files(rig) == []
    assert await dump(rig) == before


async def test_it_is_stopped_at_any_time_and_erased(office: Office) -> None:
    rig, admin = office.rig, office.admin
    await begin(office, admin)
    await walk(office, admin, 1)
    old = next(message for message in reversed(admin.received) if "Lewati" in message.labels)
    assert "dihentikan" in await office.say(admin, "/coba")
    await rig.hand.look()
    assert files(rig) == []
    admin.tap("Lewati", old)
    await rig.settle()
    assert "tidak berlaku" in admin.toasts[-1]
    said = len(admin.received)
    await rig.hand.wait(A_DAY * 3)
    assert len(admin.received) == said


async def test_commands_of_the_admin_stay_with_the_real_house(office: Office) -> None:
    await begin(office, office.admin)
    await walk(office, office.admin, 0.5)
    assert "Ning Ita Sinar ASN" in await office.say(office.admin, "/sesi")
    await office.tap(office.admin, "Hentikan")
    await office.rig.hand.look()
    assert files(office.rig) == []


async def test_it_is_for_admins_alone(office: Office) -> None:
    stranger = office.coordinator
    await office.say(stranger, "/coba")
    await office.forge(stranger, "try:default")
    await office.rig.hand.look()
    assert files(office.rig) == []


async def test_a_restart_in_the_middle_goes_on_and_a_revoked_admin_s_trial_ends(office: Office) -> None:
    rig, admin = office.rig, office.admin
    await begin(office, admin)
    await walk(office, admin, 0.5)
    await rig.hand.__aexit__(None, None, None)
    async with assemble(rig.config, TOKEN, rig.clock) as again, ByHand(again, rig.clock) as hand:
        said = len(admin.received)
        for _ in range(24):
            await hand.wait(A_DAY / 8)
        assert len(admin.received) > said
    revoked = rig.config.model_copy(update={"access": rig.config.access.model_copy(update={"admins": []})})
    async with assemble(revoked, TOKEN, rig.clock) as last, ByHand(last, rig.clock) as hand:
        await hand.look()
        assert files(rig) == []
    await rig.hand.__aenter__()


async def test_two_admins_at_once_do_not_mix(office: Office) -> None:
    rig, other = office.rig, office.rig.box.person(907, first_name="Admin Dua")
    rig.config.access.admins.append(907)
    other.start()
    await rig.settle()
    await begin(office, office.admin)
    await begin(office, other)
    await walk(office, other, 1)
    assert len({file.name.split("-")[1] for file in files(rig) if file.suffix.count("-") == 1}) == 2
    trials = rig.sinar.trials
    for number, answered in ((ADMIN, False), (907, True)):
        trial = trials.running(number)
        assert trial is not None
        found = await trial.store.read(
            lambda db: db.execute("SELECT count(*) FROM touchpoint WHERE answered_at IS NOT NULL").fetchone()[0]
        )
        assert (found > 0) is answered


async def test_an_erasure_ends_it(office: Office) -> None:
    rig, admin = office.rig, office.admin
    await begin(office, admin)
    assert files(rig)
    await rig.write(lambda db: erasure.erase(db, ADMIN))
    await rig.hand.look()
    assert files(rig) == []
