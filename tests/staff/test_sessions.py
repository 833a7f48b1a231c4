"""Sessions in the chat: planned step by step, changed, moved, cancelled; each as people type and tap it."""

from bot.sandbox import Person
from tests.conftest import ADMIN, OTHER_UNIT, UNIT, wib
from tests.staff.conftest import Office, told


def said(who: Person, words: str) -> str:
    """The newest message with these words."""
    return next(told_of for m in reversed(who.received) if words in (told_of := str(m.text or m.raw.get("caption"))))


async def drafted(office: Office, when: str = "19 Nov 08.00–11.00") -> str:
    """Go to the read-back of a new session for one unit."""
    admin = office.admin
    await office.say(admin, "/sesi")
    await office.tap(admin, "Buat sesi")
    await office.say(admin, "Sinar & Terang")
    await office.say(admin, "Pendopo <Graha>")
    await office.say(admin, when)
    await office.tap(admin, OTHER_UNIT)
    await office.tap(admin, "Lanjut")
    await past_journeys(office)
    await office.say(admin, "Melayani dengan hati.")
    return await office.tap(admin, "Lanjut")


async def past_journeys(office: Office) -> None:
    journeys = office.rig.sinar.library.journeys
    if len(journeys) > 1:
        await office.tap(office.admin, journeys["default"].title)


async def new_session(office: Office) -> dict[str, object]:
    (row,) = await office.rig.rows("SELECT * FROM session WHERE id <> ?", office.session.id)
    return dict(row)


async def test_a_session_is_planned_step_by_step_and_read_back(office: Office) -> None:
    read_back = await drafted(office)
    assert "Rabu, 19 November 2025, 08.00–11.00 WIB" in read_back
    assert "Sinar & Terang" in read_back
    assert "Pendopo <Graha>" in read_back
    assert f"{OTHER_UNIT} (3 orang)" in read_back
    assert "1. Melayani dengan hati." in read_back
    assert office.admin.last.labels == ["Simpan", "Ubah", "Batal"]
    assert await office.rig.one("SELECT count(*) FROM session") == 1
    await office.tap(office.admin, "Simpan")
    row = await new_session(office)
    assert (row["title"], row["place"], row["journey"]) == ("Sinar & Terang", "Pendopo <Graha>", "default")
    assert row["start_at"] == "2025-11-19T01:00:00.000000+00:00"
    card = said(office.admin, "Sentuhan")
    assert "Diundang 3, bergabung 0" in card
    assert str(row["payload"]) in card
    assert "photo" in office.admin.last.raw
    assert await office.rig.one("SELECT count(*) FROM conversation") == 0
    assert (f"telegram:{ADMIN}", "session_add") in await office.audited()


async def test_what_cannot_be_is_refused_with_what_to_type(office: Office) -> None:
    admin = office.admin
    await office.forge(admin, "snew")
    assert "terlalu panjang" in await office.say(admin, "x" * 201)
    await office.say(admin, "Judul")
    admin.send_photo()
    await office.rig.settle()
    assert "sebagai tulisan" in told(admin)
    await office.say(admin, "Tempat")
    assert "belum terbaca" in await office.say(admin, "pekan depan")
    assert "belum terbaca" in await office.say(admin, "Senin 18 November 08.00–11.00")
    assert "sesudah jam mulai" in await office.say(admin, "19 Nov 11.00–08.00")
    assert "sudah lewat" in await office.say(admin, "1 Nov 2025 08.00–11.00")
    assert "Terpilih: 0 dari 2" in await office.say(admin, "besok 08.00-11.00")
    await office.tap(admin, "Lanjut")
    assert "Pilih paling sedikit satu perangkat daerah." in admin.toasts
    await office.tap(admin, "Semua")
    assert f"{UNIT}; {OTHER_UNIT}" in told(admin)
    await office.tap(admin, f"✓ {UNIT}")
    assert "Terpilih: 1 dari 2" in told(admin)
    await office.tap(admin, "Lanjut")
    await past_journeys(office)
    for number in range(3):
        await office.say(admin, f"Pesan {number}")
    assert "paling banyak" in await office.say(admin, "Pesan keempat")
    await office.tap(admin, "Kosongkan")
    assert "Selasa, 11 November 2025, 08.00–11.00 WIB" in await office.tap(admin, "Lanjut")
    assert "Pesan sesi: belum ada" in told(admin)


async def test_a_field_is_changed_before_it_is_saved(office: Office) -> None:
    await drafted(office, "15 Nov 08.00–11.00")
    assert "itu hari libur" in told(office.admin)
    await office.tap(office.admin, "Ubah")
    await office.tap(office.admin, "Waktu")
    read_back = await office.say(office.admin, "17 Nov 2026 pukul 8 sampai 11")
    assert "Selasa, 17 November 2026, 08.00–11.00 WIB (372 hari lagi)" in read_back
    assert "hari libur" not in read_back
    await office.tap(office.admin, "Ubah")
    await office.tap(office.admin, "Judul")
    assert "Judul: Lain" in await office.say(office.admin, "Lain")


async def test_batal_a_command_and_old_buttons_leave_nothing(office: Office) -> None:
    await drafted(office)
    old = office.admin.last
    await office.tap(office.admin, "Batal")
    for label in ("Simpan", "Ubah", "Batal"):
        office.admin.tap(label, old)
        await office.rig.settle()
    assert "sudah tidak berlaku" in office.admin.toasts[-1]
    await drafted(office)
    newer = office.admin.last
    await office.say(office.admin, "/status")
    office.admin.tap("Simpan", newer)
    await drafted(office)
    office.admin.tap("Simpan", newer)
    office.admin.tap("Simpan", old)
    await office.rig.settle()
    assert await office.rig.one("SELECT count(*) FROM session") == 1
    office.admin.tap("Simpan")
    office.admin.tap("Simpan")
    await office.rig.settle()
    assert await office.rig.one("SELECT count(*) FROM session") == 2


async def test_title_place_messages_and_units_of_a_session_are_changed(office: Office) -> None:
    admin, number = office.admin, office.session.id
    await office.rig.go("2025-11-10 09:30")
    await office.forge(admin, f"sedit:{number}")
    await office.tap(admin, "Tempat")
    assert "7 peserta diberi tahu tempat yang baru" in await office.say(admin, "Gedung Baru")
    await office.tap(admin, "Ubah")
    await office.tap(admin, "Pesan sesi")
    await office.say(admin, "Jaga integritas.")
    await office.tap(admin, "Lanjut")
    await office.tap(admin, "Ubah")
    await office.tap(admin, "Perangkat daerah")
    await office.tap(admin, OTHER_UNIT)
    await office.tap(admin, "Lanjut")
    await office.tap(admin, "Simpan")
    assert "Diundang 15" in said(admin, "Sentuhan")
    assert "Pesan sesi: 2" in said(admin, "Sentuhan")
    await office.rig.hand.look()
    assert "Gedung Baru" in told(office.rig.phone(1))
    heard = len(office.rig.phone(1).received)
    await office.rig.hand.look()
    assert len(office.rig.phone(1).received) == heard
    assert await office.rig.one("SELECT subject FROM audit WHERE act = 'session_edit'") == (
        f"session:{number} place units messages"
    )


async def test_a_unit_taken_off_gets_nothing_more_and_comes_back(office: Office) -> None:
    admin, number = office.admin, office.session.id
    await office.rig.hand.look()
    before = await office.rig.summary_of(office.session)
    for first, second in ((OTHER_UNIT, f"✓ {UNIT}"), (UNIT, f"✓ {OTHER_UNIT}")):
        await office.forge(admin, f"sedit:{number}")
        await office.tap(admin, "Perangkat daerah")
        await office.tap(admin, first)
        await office.tap(admin, second)
        await office.tap(admin, "Lanjut")
        await office.tap(admin, "Simpan")
        await office.rig.hand.look()
        tally = await office.rig.summary_of(office.session)
        assert sum(tally[state] for state in ("planned", "cancelled")) == before["planned"] + before["cancelled"]
        assert (tally["planned"] == 0) == (first == OTHER_UNIT)
    assert tally == before


async def test_moving_says_how_many_are_told_and_tells_them(office: Office) -> None:
    admin = office.admin
    await office.rig.hand.look()
    await office.forge(admin, f"smove:{office.session.id}")
    assert "sudah lewat" in await office.say(admin, "1 Nov 2025 08.00–11.00")
    asked = await office.say(admin, "Selasa 18 Nov pukul 9 sampai 12")
    assert "Dari: Senin, 17 November 2025, 08.00–11.00 WIB" in asked
    assert "Ke: Selasa, 18 November 2025, 09.00–12.00 WIB" in asked
    assert "7 peserta akan diberi tahu" in asked
    old = admin.last
    await office.tap(admin, "Simpan")
    assert "18 November 2025, 09.00–12.00" in said(admin, "Sentuhan")
    await office.rig.hand.look()
    assert "Selasa, 18 November 2025, 09.00–12.00 WIB" in told(office.rig.phone(1))
    due = await office.rig.rows("SELECT DISTINCT due_at FROM touchpoint WHERE step = 'kabar-sehari-sebelum'")
    assert [row["due_at"][:10] for row in due] == ["2025-11-17"]
    admin.tap("Simpan", old)
    await office.rig.settle()
    assert [act for _, act in await office.audited()].count("session_move") == 1


async def test_a_running_session_may_have_ended_early(office: Office) -> None:
    await office.rig.go("2025-11-17 10:30")
    await office.forge(office.admin, f"smove:{office.session.id}")
    asked = await office.say(office.admin, "17 Nov 08.00–10.15")
    assert "Tidak ada peserta yang perlu diberi tahu" in asked
    await office.tap(office.admin, "Simpan")
    assert await office.rig.one("SELECT end_at FROM session") == "2025-11-17T03:15:00.000000+00:00"


async def test_cancelling_is_confirmed_tells_and_stops_the_touches(office: Office) -> None:
    admin = office.admin
    await office.rig.hand.look()
    asked = await office.forge(admin, f"send:{office.session.id}")
    assert "7 peserta akan diberi tahu" in asked
    assert "7 peserta akan diberi tahu" in await office.say(admin, "ya")
    await office.tap(admin, "Batal")
    assert await office.rig.one("SELECT cancelled_at FROM session") is None
    await office.forge(admin, f"send:{office.session.id}")
    await office.tap(admin, "Ya, tiadakan")
    assert "(dibatalkan)" in told(admin)
    assert admin.last.labels == []
    await office.rig.hand.look()
    assert "dibatalkan" in told(office.rig.phone(1))
    assert (await office.rig.summary_of(office.session))["planned"] == 0
    for verb in ("sedit", "smove", "send", "attend"):
        await office.forge(admin, f"{verb}:{office.session.id}")
        assert admin.toasts[-1] == "Sesi ini sudah dibatalkan."


async def test_many_sessions_are_paged(office: Office) -> None:
    for day in range(1, 10):
        await office.rig.add_session(f"2025-12-0{day} 08:00", f"2025-12-0{day} 11:00", title=f"Sesi {day}")
    assert "halaman 1 dari 2" in await office.say(office.admin, "/sesi")
    await office.tap(office.admin, "Berikutnya ›")
    assert "halaman 2 dari 2" in told(office.admin)
    assert "Sesi 1:" in told(office.admin)
    await office.tap(office.admin, "17 Nov Ning Ita Sinar ASN")
    assert "Diundang 12" in said(office.admin, "Sentuhan")


async def test_the_roster_that_changed_meanwhile_is_asked_about_again(office: Office) -> None:
    await drafted(office)
    await office.rig.write(
        lambda db: db.execute("UPDATE conversation SET data = replace(data, '\"units\": [2]', '\"units\": [2, 99]')")
    )
    assert "Terpilih: 1 dari 2" in await office.tap(office.admin, "Simpan")
    await office.rig.go("2025-11-20 08:00")
    await office.tap(office.admin, "Lanjut")
    assert "Kapan sesinya" in await office.tap(office.admin, "Simpan")
    assert await office.rig.one("SELECT count(*) FROM session") == 1
    assert wib("2025-11-20 08:00") == office.rig.clock.now()
