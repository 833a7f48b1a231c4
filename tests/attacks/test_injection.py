"""Markup, templates and directions of writing in every name and every answer: shown as typed, refused by nobody."""

from collections.abc import Iterable
from datetime import timedelta

from bot.sandbox import Person
from bot.store import accounts, sessions
from tests.conftest import ADMIN, UNIT, Rig, nip, wib

MARKUP = '<b>x</b><a href="tg://user?id=1">y</a>&amp;&lt;{{7*7}}{% raw %}${7*7}#{7*7}'
RTL = "\u202eHTML\u202c \u200f\u0627\u0628\u0629"
FULL = "&" * 4096
ANSWERS = (
    MARKUP,
    RTL,
    FULL,
    "<" * 4096,
    "{{ config }}{{ ''.__class__.__mro__ }}",
    "\U0001f600" * 2048,
    "=1+1",
    "</b>\n" * 500,
)
NAME = f"Siti {MARKUP[:60]} {RTL}"


def shown(who: Person) -> str:
    return "\n".join(message.text for message in who.received)


def marked(who: Person) -> Iterable[str]:
    """The words that the bot's messages make bold, link and the like."""
    for message in who.received:
        for kind in ("entities", "caption_entities"):
            for entity in message.raw.get(kind, []):
                units = message.text.encode("utf-16-le")
                start, end = entity["offset"], entity["offset"] + entity["length"]
                yield entity["type"] + ":" + units[2 * start : 2 * end].decode("utf-16-le", "replace")


async def injected(rig: Rig) -> Person:
    """Each name that is stored holds markup: unit, people, position, title, place, messages, Telegram's own names."""
    unit = f"Dinas {MARKUP[:80]}"
    await rig.add_people(6, unit)

    def rename(db: object) -> None:
        db.execute("UPDATE person SET name = ? || id, position = ?", (NAME, MARKUP))  # type: ignore[attr-defined]

    await rig.write(rename)
    session = await rig.add_session(units=(unit,), title=f"Sesi {MARKUP[:60]}", messages=[MARKUP, RTL, FULL[:200]])
    await rig.write(lambda db: db.execute("UPDATE session SET place = ?", (f"Aula {MARKUP}",)))
    boss = rig.people[500] = rig.box.person(1500, first_name=MARKUP[:64], last_name=RTL)
    boss.start(
        await rig.write(lambda db: accounts.invite_coordinator(db, rig.clock.now(), sessions.unit_id(db, unit))[1])
    )
    await rig.settle()
    boss.tap("Setuju")
    await rig.settle()
    first = rig.phone(1)
    first.start(session.payload)
    await rig.settle()
    first.tap("Setuju")
    await rig.settle()
    first.send(nip(1))
    await rig.settle()
    # Unit, session, person and position have been shown here; a refusal would leave no button to go on with.
    assert [refused.description for refused in rig.box.world.refused] == []
    first.tap("Ya")
    await rig.settle()
    for number in range(2, 7):
        await rig.join(number, session)
    return boss


async def test_markup_and_templates_in_every_name_are_shown_as_typed(rig: Rig) -> None:
    boss = await injected(rig)
    admin = rig.people[ADMIN]
    await rig.run_until("2025-11-17 13:30", timedelta(hours=12))
    for command in ("/sesi", "/koordinator", "/audit", f"/jejak {nip(1)}", "/status", "/siaran"):
        admin.send(command)
        await rig.settle()
        admin.tap(admin.last.labels[0]) if admin.last.labels else None
        await rig.settle()
    for command in ("/peserta", "/ringkasan", "/ingatkan", "/ekspor", "/bantuan"):
        boss.send(command)
        await rig.settle()
    for command in ("/progres", "/dataku", "/riwayat", "/pengaturan", f"/perbaiki {MARKUP}"):
        rig.phone(1).send(command)
        await rig.settle()
    await rig.run_until("2025-11-24 09:00", timedelta(hours=12))
    everybody = [admin, boss, *(rig.phone(n) for n in range(1, 7))]
    assert [refused.description for refused in rig.box.world.refused] == []
    assert await rig.rows("SELECT template, error FROM outbox WHERE state = 'failed'") == []
    said = "\n".join(shown(who) for who in everybody)
    assert said.count("<b>x</b>") > 10
    assert "{{7*7}}" in said
    assert "49{%" not in said
    assert "\u202e" in said
    # Nothing that was typed became bold or a link to somebody: neither the b's content alone nor the mention.
    words = [word for who in everybody for word in marked(who)]
    assert [word for word in words if word.partition(":")[2] in ("x", "y") or word.startswith("text_")] == []


async def test_markup_and_templates_in_every_answer_are_kept_and_shown_as_typed(rig: Rig) -> None:
    await rig.add_people(6)
    session = await rig.add_session()
    person = await rig.join(1, session)
    for answer in ANSWERS:
        person.send(answer)
        await rig.settle()
        person.send("/riwayat")
        await rig.settle()
    await rig.go("2025-11-17 13:00")
    person.send(MARKUP, reply_to=person.last)
    await rig.settle()
    await rig.go("2025-11-18 12:15")
    person.tap(person.last.labels[0])
    await rig.settle()
    for words in (MARKUP, FULL):
        person.send(words)
        await rig.settle()
    person.tap("Ya", person.last)
    await rig.settle()
    person.send(f"/perbaiki {FULL[:4000]}")
    for command in ("/riwayat", "/progres", "/dataku"):
        person.send(command)
        await rig.settle()
    assert [refused.description for refused in rig.box.world.refused] == []
    assert await rig.rows("SELECT template, error FROM outbox WHERE state = 'failed'") == []
    kept = [row[0] for row in await rig.rows("SELECT text FROM answer ORDER BY id")]
    assert kept[: len(ANSWERS)] == [answer.strip() for answer in ANSWERS]
    said = shown(person)
    assert MARKUP in said
    assert RTL in said
    assert "&&&&" in said
    assert [word for word in marked(person) if word.partition(":")[2] in ("x", "y")] == []
    assert wib("2025-11-18 12:15") <= rig.clock.now()
    assert UNIT in said


async def test_what_a_template_would_run_stays_words_in_a_broadcast(rig: Rig) -> None:
    await rig.add_people(6)
    person = await rig.join(1, await rig.add_session())
    admin = rig.people[ADMIN]
    admin.send("/siaran")
    await rig.settle()
    admin.send(MARKUP)
    await rig.settle()
    for label in ("Semua", "Kirim"):
        admin.tap(label)
        await rig.settle()
    await rig.hand.look()
    assert person.last.text == MARKUP
    assert "entities" not in person.last.raw
    assert rig.box.world.refused == []
