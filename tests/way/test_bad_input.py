"""What people really send: each gets a clear word, and nothing is lost."""

from datetime import timedelta

from bot.clock import to_text
from bot.store import accounts, sessions
from bot.store.sessions import Session
from tests.conftest import ADMIN, OTHER_UNIT, Rig, nip, wib


async def in_the_first_reflection(rig: Rig) -> None:
    await rig.add_people(6)
    session = await rig.add_session()
    await rig.join(1, session)
    await rig.go("2025-11-17 13:00")


async def answers(rig: Rig) -> list[str]:
    return [row[0] for row in await rig.rows("SELECT text FROM answer ORDER BY id")]


async def test_an_unknown_link(rig: Rig) -> None:
    rig.phone(1).start("A" * 22)
    await rig.settle()
    assert "tidak berlaku" in rig.phone(1).last.text
    assert await rig.one("SELECT count(*) FROM account") == 0


async def test_nothing_is_kept_before_consent(rig: Rig) -> None:
    await rig.add_people(2)
    session = await rig.add_session()
    person = rig.phone(1)
    person.start(session.payload)
    await rig.settle()
    tables = [row[0] for row in await rig.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        for row in await rig.rows(f"SELECT * FROM {table}"):
            # The update's own row keeps its id, time, outcome, and whose order it kept.
            assert table == "incoming" or str(person.id) not in [str(value) for value in tuple(row)], table
    assert await rig.rows("SELECT raw FROM incoming WHERE raw IS NOT NULL") == []
    person.tap("Tidak")
    await rig.settle()
    assert "Tidak ada data yang disimpan" in person.last.text
    assert await rig.one("SELECT count(*) FROM account") == 0


async def test_the_form_of_a_nip_gets_an_exact_hint_and_does_not_count(rig: Rig) -> None:
    await rig.add_people(2)
    session = await rig.add_session()
    person = rig.phone(1)
    person.start(session.payload)
    await rig.settle()
    person.tap("Setuju")
    await rig.settle()
    for _ in range(7):
        person.send("1980")
        await rig.settle()
        assert "18 angka" in person.last.text
    person.send(nip(1))
    await rig.settle()
    assert person.last.labels == ["Ya", "Tidak"]


async def test_unknown_foreign_and_bound_nips_get_the_same_answer(rig: Rig) -> None:
    await rig.add_people(2)
    await rig.add_people(2, unit=OTHER_UNIT, first=50)
    session = await rig.add_session()
    await rig.join(1, session)
    person = rig.phone(2)
    person.start(session.payload)
    await rig.settle()
    person.tap("Setuju")
    await rig.settle()
    told = set()
    for number in (99, 50, 1):
        person.send(nip(number))
        await rig.settle()
        told.add(person.last.text)
    assert len(told) == 1


async def test_five_wrong_nips_then_an_hours_rest(rig: Rig) -> None:
    await rig.add_people(2)
    session = await rig.add_session()
    person = rig.phone(1)
    person.start(session.payload)
    await rig.settle()
    person.tap("Setuju")
    await rig.settle()
    for _ in range(5):
        person.send(nip(99))
        await rig.settle()
        assert "tidak dapat dipakai" in person.last.text
    person.send(nip(1))
    await rig.settle()
    assert "terlalu banyak" in person.last.text
    assert "percobaan NIP" in rig.people[ADMIN].last.text
    await rig.hand.wait(timedelta(minutes=61))
    person.send(nip(1))
    await rig.settle()
    assert person.last.labels == ["Ya", "Tidak"]


async def test_a_bound_nip_is_never_taken_over(rig: Rig) -> None:
    await rig.add_people(2)
    session = await rig.add_session()
    owner = await rig.join(1, session)
    thief = rig.phone(9)
    thief.start(session.payload)
    await rig.settle()
    thief.tap("Setuju")
    await rig.settle()
    thief.send(nip(1))
    await rig.settle()
    thief.press_data("itsme", thief.last)
    await rig.settle()
    bound = await rig.rows("SELECT telegram_id FROM account WHERE person_id IS NOT NULL")
    assert [tuple(row) for row in bound] == [(owner.id,)]


async def test_a_personal_link_binds_once(rig: Rig) -> None:
    await rig.add_people(2)
    await rig.add_session()
    payload = await rig.write(lambda db: accounts.invite(db, rig.clock.now(), 1))
    first, second = rig.phone(1), rig.phone(2)
    first.start(payload)
    second.start(payload)
    await rig.settle()
    first.tap("Setuju")
    second.tap("Setuju")
    await rig.settle()
    first.tap("Ya")
    await rig.settle()
    second.tap("Ya")
    await rig.settle()
    bound = await rig.rows("SELECT telegram_id, standing FROM account WHERE person_id IS NOT NULL")
    assert [tuple(row) for row in bound] == [(first.id, "verified")]
    assert "tidak berlaku" in second.last.text


async def test_an_expired_personal_link(rig: Rig) -> None:
    await rig.add_people(2)
    payload = await rig.write(lambda db: accounts.invite(db, rig.clock.now(), 1))
    await rig.hand.wait(timedelta(days=15))
    rig.phone(1).start(payload)
    await rig.settle()
    assert "tidak berlaku" in rig.phone(1).last.text


async def test_a_sticker_where_words_are_awaited(rig: Rig) -> None:
    await in_the_first_reflection(rig)
    rig.phone(1).send_sticker()
    await rig.settle()
    assert "tulisan atau pesan suara" in rig.phone(1).last.text


async def test_a_long_answer_and_one_in_five_messages(rig: Rig) -> None:
    await in_the_first_reflection(rig)
    person = rig.phone(1)
    parts = ["<&{{7*7}}" + "a" * 4087, "dua", "tiga", "empat", "lima"]
    for part in parts:
        person.send(part)
    await rig.settle()
    assert await answers(rig) == parts
    questions = await rig.rows("SELECT DISTINCT question_id FROM answer")
    assert len(questions) == 1


async def test_an_edit_follows_the_message(rig: Rig) -> None:
    await in_the_first_reflection(rig)
    person = rig.phone(1)
    sent = person.send("salah ketik")
    await rig.settle()
    person.edit(sent, "sudah benar")
    await rig.settle()
    assert await answers(rig) == ["sudah benar"]


async def test_ubah_replaces_the_answer(rig: Rig) -> None:
    await in_the_first_reflection(rig)
    person = rig.phone(1)
    person.send("yang pertama")
    await rig.settle()
    person.tap("Ubah")
    await rig.settle()
    person.send("yang kedua")
    await rig.settle()
    kept = await rig.rows("SELECT text FROM answer WHERE replaced_at IS NULL")
    assert [row[0] for row in kept] == ["yang kedua"]


async def test_a_voice_note_is_kept_by_its_file_id_alone(rig: Rig) -> None:
    await in_the_first_reflection(rig)
    person = rig.phone(1)
    person.send_voice(seconds=9)
    await rig.settle()
    row = (await rig.rows("SELECT kind, text, duration_seconds, file_id IS NOT NULL FROM answer"))[0]
    assert tuple(row) == ("voice", None, 9, 1)
    person.send("/riwayat")
    await rig.settle()
    assert person.last.raw.get("voice")


async def test_a_text_with_nothing_open_is_a_note(rig: Rig) -> None:
    await rig.add_people(2)
    session = await rig.add_session()
    person = await rig.join(1, session)
    person.send("sekadar catatan")
    await rig.settle()
    assert "catatan pribadi" in person.last.text
    assert await answers(rig) == ["sekadar catatan"]


async def test_a_reply_belongs_to_the_message_it_replies_to(rig: Rig) -> None:
    await in_the_first_reflection(rig)
    person = rig.phone(1)
    prompt = person.last
    await rig.go("2025-11-18 12:15")
    person.send("untuk refleksi", reply_to=prompt)
    await rig.settle()
    asked = await rig.rows("SELECT q.asks FROM answer a JOIN question q ON q.id = a.question_id")
    assert [row[0] for row in asked] == ["reflection"]


async def test_a_late_answer_is_accepted_and_marked(rig: Rig) -> None:
    await in_the_first_reflection(rig)
    person = rig.phone(1)
    prompt = person.last
    await rig.run_until("2025-11-21 15:00")
    assert await rig.one("SELECT closed_at IS NOT NULL FROM touchpoint WHERE step = 'refleksi-pertama'")
    person.send("terlambat", reply_to=prompt)
    await rig.settle()
    assert "waktunya sudah lewat" in person.last.text
    row = (await rig.rows("SELECT answered_at IS NOT NULL, late FROM touchpoint WHERE step = 'refleksi-pertama'"))[0]
    assert tuple(row) == (1, 1)


async def test_a_button_of_last_month(rig: Rig) -> None:
    await in_the_first_reflection(rig)
    person = rig.phone(1)
    prompt = person.last
    person.send("jawaban saya")
    await rig.settle()
    await rig.hand.wait(timedelta(days=35))
    person.tap("Lewati", prompt)
    await rig.settle()
    assert await rig.one("SELECT skipped_at IS NULL FROM touchpoint WHERE step = 'refleksi-pertama'")


async def test_lewati_and_nanti(rig: Rig) -> None:
    await in_the_first_reflection(rig)
    person = rig.phone(1)
    person.tap("Nanti")
    await rig.settle()
    person.tap("Satu jam lagi")
    await rig.settle()
    assert "14.00 WIB" in person.last.text
    await rig.go("2025-11-17 14:00")
    assert "Sesuai permintaan Anda" in person.last.text
    person.tap("Lewati", person.last)
    await rig.settle()
    tally = await rig.summary_of(await _session(rig))
    assert (tally["answered"], tally["skipped"]) == (0, 2)


async def test_foreign_and_random_buttons_change_nothing(rig: Rig) -> None:
    await in_the_first_reflection(rig)
    stranger = rig.phone(2)
    stranger.start()
    # Who has joined may press such buttons, of touches of the own.
    colleague = await rig.join(3, await rig.add_session(title="Sesi lain"))
    await rig.settle()
    before = [tuple(row) for row in await rig.rows("SELECT * FROM touchpoint WHERE person_id = 1 ORDER BY id")]
    number = await rig.one("SELECT id FROM touchpoint WHERE step = 'refleksi-pertama' AND person_id = 1")
    for data in (f"skip:{number}", f"react:{number}:5", "react:x", "value:1", ":", "bogus:1:2", "level:1:a:9", "erase"):
        for other in (stranger, colleague):
            other.press_data(data, other.last)
            await rig.settle()
    assert [tuple(row) for row in await rig.rows("SELECT * FROM touchpoint WHERE person_id = 1 ORDER BY id")] == before
    assert await rig.one("SELECT count(*) FROM incoming WHERE state = 'aside'") == 0


async def test_hapus_leaves_nothing_and_joining_again_works(rig: Rig) -> None:
    await in_the_first_reflection(rig)
    person = rig.phone(1)
    person.send("penanda-rahasia-sekali")
    await rig.settle()
    person.send("/hapus")
    await rig.settle()
    person.tap("Ya")
    await rig.settle()
    assert "sudah dihapus" in person.last.text
    await rig.sinar.store.checkpoint()
    for path in rig.sinar.store.path.parent.iterdir():
        assert b"penanda-rahasia-sekali" not in path.read_bytes()
        assert b"penanda-rahasia" not in path.read_bytes()
    session = await _session(rig)
    await rig.join(1, session)
    assert await rig.one("SELECT count(*) FROM account WHERE joined_at IS NOT NULL") == 1


async def test_berhenti_stops_everything(rig: Rig) -> None:
    await in_the_first_reflection(rig)
    person = rig.phone(1)
    person.send("/berhenti")
    await rig.settle()
    assert person.last.labels == ["Hapus"]
    count = len(person.received)
    await rig.run_until("2025-11-27 13:00")
    assert len(person.received) == count


async def test_a_pause_holds_and_lanjut_ends_it(rig: Rig) -> None:
    await in_the_first_reflection(rig)
    person = rig.phone(1)
    person.send("/jeda 7")
    await rig.settle()
    assert "24 November 2025" in person.last.text
    count = len(person.received)
    await rig.run_until("2025-11-21 13:00")
    assert len(person.received) == count
    person.send("/lanjut")
    await rig.settle()
    await rig.hand.look()
    assert len(person.received) == count + 1
    assert person.last.labels == ["Refleksi"]


async def test_a_session_that_moved_takes_its_touches_with_it(rig: Rig) -> None:
    await rig.add_people(2)
    session = await rig.add_session()
    person = await rig.join(1, session)
    await rig.write(lambda db: sessions.move(db, session.id, wib("2025-11-19 13:00"), wib("2025-11-19 15:00")))
    await rig.hand.look()
    assert "Ada perubahan jadwal" in person.last.text
    due = await rig.one("SELECT due_at FROM touchpoint WHERE step = 'refleksi-pertama'")
    assert due == to_text(wib("2025-11-19 17:00"))
    await rig.write(lambda db: sessions.cancel(db, rig.clock.now(), session.id))
    await rig.hand.look()
    assert "dibatalkan" in person.last.text
    assert {row[0] for row in await rig.rows("SELECT state FROM touchpoint")} == {"cancelled"}


async def _session(rig: Rig) -> Session:
    return await rig.sinar.store.read(lambda db: sessions.get(db, 1))
