"""Answering beyond the plain way: a quiz that says until when, a spoken plan, a plan rewritten, a NIP put right."""

from datetime import timedelta

import pytest

from bot.sandbox import Fault, Person
from bot.store import sessions
from tests.conftest import Rig, nip, wib


async def joined(rig: Rig) -> Person:
    await rig.add_people(6)
    return await rig.join(1, await rig.add_session())


async def test_a_quiz_greets_above_its_first_poll_and_says_until_when(rig: Rig) -> None:
    person = await joined(rig)
    await rig.run_until("2025-11-20 12:20")
    poll = person.last.poll
    assert poll is not None
    assert "Bapak/Ibu Orang Ke1" in poll["description"]
    assert "Ditunggu sampai" in poll["description"]
    person.vote(person.last, 0)
    await rig.settle()
    following = person.last.poll
    assert following is not None
    assert "description" not in following


@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("touched", [0, -1])
async def test_a_vote_counts_in_a_copy_of_a_poll_that_the_bot_never_heard_of(
    rig: Rig, copies: int, touched: int
) -> None:
    person = await joined(rig)
    await rig.run_until("2025-11-20 12:00")
    before = len(person.received)
    rig.box.faults.plan(Fault.RESET_AFTER, "sendPoll", times=copies)
    await rig.go("2025-11-20 12:15")
    for number in (1, 2):
        await rig.hand.wait(timedelta(seconds=5))
        polls = [m for m in person.received[before:] if m.poll and m.poll["question"].startswith(f"{number}/")]
        assert len(polls) == 2
        rig.box.faults.plan(Fault.RESET_AFTER, "sendPoll", times=copies)
        person.vote(polls[touched], 0)
        await rig.settle()
        assert await rig.one("SELECT count(*) FROM quiz_item WHERE answered_at IS NOT NULL") == number


async def test_a_quiz_that_was_left_says_so_where_it_goes_on(rig: Rig) -> None:
    person = await joined(rig)
    await rig.run_until("2025-11-20 12:20")
    person.vote(person.last, 0)
    await rig.settle()
    person.send("/lanjut")
    await rig.settle()
    assert person.last.labels == ["Komitmen", "Kuis"]
    person.tap("Kuis", person.last)
    await rig.settle()
    poll = person.last.poll
    assert poll is not None
    assert poll["question"].startswith("2/5")
    assert "dilanjutkan" in poll["description"]


async def test_a_spoken_plan_is_kept_and_asked_for_in_writing(rig: Rig) -> None:
    person = await joined(rig)
    await rig.run_until("2025-11-18 12:20")
    person.tap("Kompeten")
    await rig.settle()
    person.send_voice()
    await rig.settle()
    assert "perlu ditulis singkat" in person.last.text
    await rig.go("2025-11-18 13:00")
    person.send("ada warga bingung")
    await rig.settle()
    assert "… saya akan …" in person.last.text
    person.send("menyapanya")
    await rig.settle()
    assert "Ketika ada warga bingung, saya akan menyapanya." in person.last.text


async def test_the_last_follow_up_shows_the_plan_as_it_was_rewritten(rig: Rig) -> None:
    person = await joined(rig)
    await rig.run_until("2025-11-18 12:20")
    person.tap("Kompeten")
    await rig.settle()
    person.send("ada warga bingung")
    await rig.settle()
    person.send("menyapanya")
    await rig.settle()
    person.tap("Ya")
    await rig.settle()
    await rig.run_until("2025-11-27 12:20")
    person.tap("Berubah")
    await rig.settle()
    person.send("Ketika rapat dimulai, saya akan mendengar dahulu")
    await rig.settle()
    await rig.run_until("2025-12-18 12:20")
    follow = next(m for m in reversed(person.received) if "Sudah" in m.labels)
    assert "saya akan mendengar dahulu" in follow.text
    assert "ada warga bingung" not in follow.text
    person.send("/progres")
    await rig.settle()
    assert "saya akan mendengar dahulu" in person.last.text


async def test_a_nip_is_put_right_by_editing_the_message(rig: Rig) -> None:
    await rig.add_people(2)
    session = await rig.add_session()
    person = rig.phone(1)
    person.start(session.payload)
    await rig.settle()
    person.tap("Setuju")
    await rig.settle()
    typed = person.send(nip(1)[:-1])
    await rig.settle()
    assert "18 angka" in person.last.text
    person.edit(typed, nip(1))
    await rig.settle()
    assert person.last.labels == ["Ya", "Tidak"]


async def test_an_edit_of_a_stranger_is_no_fault_of_theirs(rig: Rig) -> None:
    person = rig.phone(7)
    said = person.send("halo")
    await rig.settle()
    before = len(person.received)
    person.edit(said, "halo?")
    await rig.settle()
    assert len(person.received) == before


async def test_the_reminder_of_a_session_says_why(rig: Rig) -> None:
    person = await joined(rig)
    await rig.run_until("2025-11-17 07:00")
    reminder = next(m for m in reversed(person.received) if "Hari ini" in m.text)
    person.tap("Mengapa?", reminder)
    await rig.settle()
    assert "Mengapa pesan ini?" in person.last.text
    assert "pengingat sesi" in person.last.text


async def test_the_pre_quiz_closes_as_the_session_starts_also_when_that_moves(rig: Rig) -> None:
    person = await joined(rig)
    await rig.run_until("2025-11-14 13:20")
    poll = person.last.poll
    assert poll is not None
    assert "Senin, 17 November 2025" in poll["description"]
    session = await rig.one("SELECT id FROM session")
    await rig.write(lambda db: sessions.move(db, session, wib("2025-11-18 08:00"), wib("2025-11-18 11:00")))
    await rig.run_until("2025-11-17 12:00")
    assert await rig.one("SELECT closed_at IS NULL FROM touchpoint WHERE kind = 'prequiz'")
    await rig.run_until("2025-11-18 08:10")
    assert await rig.one("SELECT closed_at IS NOT NULL FROM touchpoint WHERE kind = 'prequiz'")
    person.send("/lanjut")
    await rig.settle()
    assert "Tidak ada yang menunggu" in person.last.text


async def test_an_edited_plan_is_read_back_anew(rig: Rig) -> None:
    person = await joined(rig)
    await rig.run_until("2025-11-18 12:20")
    person.tap("Kompeten")
    await rig.settle()
    person.send("ada warga bingung")
    await rig.settle()
    action = person.send("menyapanya")
    await rig.settle()
    person.edit(action, "menyapanya lebih dulu")
    await rig.settle()
    assert "saya akan menyapanya lebih dulu." in person.last.text
    assert person.last.labels == ["Ya", "Ubah"]


async def planned(rig: Rig) -> Person:
    person = await joined(rig)
    await rig.run_until("2025-11-18 12:20")
    person.tap("Kompeten")
    await rig.settle()
    return person


async def says(rig: Rig, person: Person, text: str) -> str:
    """Say it a while later: the order of what was asked must not hang on one instant."""
    await rig.hand.wait(timedelta(seconds=20))
    person.send(text)
    await rig.settle()
    return person.last.text


async def test_ubah_under_a_plan_asks_cue_then_action_then_reads_back(rig: Rig) -> None:
    person = await planned(rig)
    await says(rig, person, "ada tamu")
    await says(rig, person, "menyapa")
    await rig.hand.wait(timedelta(seconds=20))
    person.tap("Ubah")
    await rig.settle()
    assert "Ketika …" in person.last.text
    assert "… saya akan …" in await says(rig, person, "ada rapat")
    assert "Ketika ada rapat, saya akan mencatat." in await says(rig, person, "mencatat")


async def test_the_frame_typed_with_the_words_is_not_said_twice(rig: Rig) -> None:
    person = await planned(rig)
    await says(rig, person, "Ketika ada tamu,")
    assert "Ketika ada tamu, saya akan menyapa." in await says(rig, person, "saya akan menyapa.")


async def test_a_whole_plan_in_one_message_is_read_back_at_once(rig: Rig) -> None:
    person = await planned(rig)
    assert "Ketika ada tamu, saya akan menyapa." in await says(rig, person, "Ketika ada tamu, saya akan menyapa.")
    assert person.last.labels == ["Ya", "Ubah"]


async def test_ubah_keeps_the_old_answer_until_the_new_one_comes_also_late(rig: Rig) -> None:
    person = await joined(rig)
    await rig.go("2025-11-17 13:00")
    await says(rig, person, "yang pertama")
    person.tap("Ubah")
    await rig.settle()
    assert await rig.one("SELECT count(*) FROM answer WHERE replaced_at IS NULL") == 1
    await rig.hand.wait(timedelta(minutes=40))
    assert "tersimpan" in await says(rig, person, "yang kedua")
    assert [row[0] for row in await rig.rows("SELECT text FROM answer WHERE replaced_at IS NULL")] == ["yang kedua"]
    await says(rig, person, "dan tambahannya")
    assert await rig.one("SELECT count(*) FROM answer WHERE replaced_at IS NULL") == 2


async def test_the_words_after_jeda_are_the_day(rig: Rig) -> None:
    person = await joined(rig)
    assert "Sampai tanggal berapa" in await says(rig, person, "/jeda")
    assert "berhenti mengirim sampai Kamis, 20 November 2025" in await says(rig, person, "20 November")
    assert "Tanggalnya belum terbaca" in await says(rig, person, "/jeda kapan saja")
    assert "paling lama 90 hari" in await says(rig, person, "/jeda 200")


async def test_other_words_after_jeda_are_an_answer(rig: Rig) -> None:
    person = await joined(rig)
    await rig.go("2025-11-17 13:00")
    await says(rig, person, "/jeda")
    assert "tersimpan" in await says(rig, person, "ini jawaban saya")
    assert await rig.one("SELECT count(*) FROM answer WHERE question_id IS NOT NULL") == 1


async def test_an_hour_as_people_write_it(rig: Rig) -> None:
    person = await joined(rig)
    for said in ("9", "jam 9 pagi", "09.00", "pukul 9"):
        assert "09.00" in await says(rig, person, f"/pengaturan {said}")
    assert "belum terbaca" in await says(rig, person, "/pengaturan nanti saja")
    assert "di luar jam kerja" in await says(rig, person, "/pengaturan 20.00")


async def test_help_is_no_dead_end_for_who_has_not_joined(rig: Rig) -> None:
    assert "pindai kode QR" in await says(rig, rig.phone(9), "/bantuan")
