"""People act as their apps let them, and the bot hears of it."""

from typing import Any

import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)

from bot.sandbox import Impossible, Sandbox, Tap
from tests.sandbox.conftest import HandTime

ANI = 1001


async def drain(bot: Bot) -> list[Update]:
    """Fetch and confirm everything."""
    updates = list(await bot.get_updates())
    if updates:
        await bot.get_updates(offset=updates[-1].update_id + 1)
    return updates


async def last(bot: Bot) -> Any:
    return (await drain(bot))[-1].effective_message


def keys(**buttons: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(t, callback_data=d)] for t, d in buttons.items()])


async def test_start_and_texts(box: Sandbox, bot: Bot, clock: HandTime) -> None:
    ani = box.person(ANI, first_name="Ani", last_name="W", username="ani", language_code="id")
    assert box.person(ANI) is ani
    ani.start("abc-DEF_1")
    ani.send("😀 /bantuan ya", reply_to=1)
    start, text = await drain(bot)
    assert start.message is not None
    assert start.message.text == "/start abc-DEF_1"
    assert start.message.parse_entities() == {start.message.entities[0]: "/start"}
    assert start.message.date.timestamp() == clock.value
    assert start.effective_user is not None
    assert (start.effective_user.full_name, start.effective_user.language_code) == ("Ani W", "id")
    assert text.message is not None
    assert text.message.reply_to_message == start.message
    assert list(text.message.parse_entities().values()) == ["/bantuan"]
    for wrong in ("a b", "a" * 65, "é"):
        with pytest.raises(Impossible):
            ani.start(wrong)
    with pytest.raises(Impossible):
        ani.send("a" * 4097)


async def test_tapping_finds_the_newest_button(box: Sandbox, bot: Bot) -> None:
    ani = box.person(ANI)
    ani.start()
    for number in (1, 2):
        await bot.send_message(ANI, f"Siap {number}?", reply_markup=keys(Ya=f"y{number}", Tidak=f"t{number}"))
    tap = ani.tap("Ya")
    assert isinstance(tap, Tap)
    assert tap.data == "y2"
    older = ani.tap("Tidak", message=2)
    by_data = ani.tap("t1")
    forged = ani.press_data("admin:all", 2)
    queries = [u.callback_query for u in await drain(bot) if u.callback_query]
    assert [q.data for q in queries] == ["y2", "t1", "t1", "admin:all"]
    assert [q.message.message_id for q in queries if q.message] == [3, 2, 2, 2]
    assert isinstance(older, Tap)
    assert isinstance(by_data, Tap)
    assert forged.data == "admin:all"
    with pytest.raises(LookupError, match=r"no button 'Lewati'; there are \['Ya', 'Tidak', 'Ya', 'Tidak'\]"):
        ani.tap("Lewati")


async def test_links_on_buttons(box: Sandbox, bot: Bot) -> None:
    ani = box.person(ANI)
    ani.start()
    link = f"https://t.me/{(await bot.get_me()).username}?start=abc"
    rows = [[InlineKeyboardButton("Gabung", url=link)], [InlineKeyboardButton("Buka", url="https://a.id/x")]]
    await bot.send_message(ANI, "Tautan", reply_markup=InlineKeyboardMarkup(rows))
    assert ani.tap("Buka") is None
    assert ani.tap("Gabung") is None
    assert ani.opened == ["https://a.id/x", link]
    assert (await last(bot)).text == "/start abc"


async def test_reply_keys_send_texts_and_numbers(box: Sandbox, bot: Bot) -> None:
    ani = box.person(ANI, first_name="Ani")
    ani.start()
    share = KeyboardButton("Bagikan nomor saya", request_contact=True)
    await bot.send_message(ANI, "Nomor?", reply_markup=ReplyKeyboardMarkup([[share, "Lewati"]]))
    ani.tap("Lewati")
    assert (await last(bot)).text == "Lewati"
    ani.tap("Bagikan nomor saya")
    assert (await last(bot)).contact.user_id == ANI
    ani.send_contact(own=False, phone="+62800")
    other = (await last(bot)).contact
    assert (other.user_id, other.phone_number) == (None, "+62800")
    await bot.send_message(ANI, "Baik", reply_markup=ReplyKeyboardRemove())
    assert ani.keyboard is None
    with pytest.raises(LookupError):
        ani.tap("Lewati")


async def test_votes(box: Sandbox, bot: Bot) -> None:
    ani, budi = box.person(ANI), box.person(1002)
    ani.start()
    budi.start()
    sent = await bot.send_poll(
        ANI, "Ibu kota?", ["A", "B"], type="quiz", correct_option_ids=[1], is_anonymous=False, explanation="B"
    )
    assert sent.poll is not None
    await drain(bot)
    ani.vote(sent.message_id, 0)
    answer, counted = await drain(bot)
    assert answer.poll_answer is not None
    assert answer.poll_answer.poll_id == sent.poll.id
    assert answer.poll_answer.option_ids == (0,)
    assert answer.poll_answer.option_persistent_ids == (sent.poll.options[0].persistent_id,)
    assert answer.poll_answer.user is not None
    assert answer.poll_answer.user.id == ANI
    assert counted.poll is not None
    assert [option.voter_count for option in counted.poll.options] == [1, 0]
    chosen: list[int | list[int]] = [1, []]
    for again in chosen:
        with pytest.raises(Impossible, match="cannot be changed"):
            ani.vote(sent.message_id, again)
    stopped = await bot.stop_poll(ANI, sent.message_id)
    assert stopped.is_closed
    with pytest.raises(Impossible, match="closed"):
        ani.vote(sent.message_id, 1)
    with pytest.raises(Impossible, match="not a poll"):
        ani.vote(1, 0)
    await drain(bot)


async def test_votes_in_plain_and_anonymous_polls(box: Sandbox, bot: Bot) -> None:
    ani = box.person(ANI)
    ani.start()
    open_poll = await bot.send_poll(ANI, "Mana?", ["A", "B"], is_anonymous=False)
    hidden = await bot.send_poll(ANI, "Mana?", ["A", "B"], allows_multiple_answers=True)
    await drain(bot)
    with pytest.raises(Impossible, match="one answer"):
        ani.vote(open_poll.message_id, [0, 1])
    with pytest.raises(Impossible, match="no such option"):
        ani.vote(open_poll.message_id, 2)
    ani.vote(open_poll.message_id, 0)
    ani.vote(open_poll.message_id, [])
    ani.vote(hidden.message_id, [1, 0])
    updates = await drain(bot)
    assert [u.poll_answer.option_ids for u in updates if u.poll_answer] == [(0,), ()]
    assert ani.last.poll is not None
    assert [option["voter_count"] for option in ani.last.poll["options"]] == [1, 1]


async def test_a_poll_closes_by_the_clock(box: Sandbox, bot: Bot, clock: HandTime) -> None:
    ani = box.person(ANI)
    ani.start()
    sent = await bot.send_poll(ANI, "Mana?", ["A", "B"], open_period=60)
    await drain(bot)
    clock.value += 60
    (update,) = await drain(bot)
    assert update.poll is not None
    assert update.poll.is_closed
    with pytest.raises(Impossible, match="closed"):
        ani.vote(sent.message_id, 0)


async def test_files_go_both_ways(box: Sandbox, bot: Bot) -> None:
    ani = box.person(ANI)
    ani.start()
    ani.send_document("daftar.csv", b"a;b", "text/csv", caption="Daftar")
    document = (await last(bot)).document
    assert (document.file_name, document.mime_type) == ("daftar.csv", "text/csv")
    assert await (await document.get_file()).download_as_bytearray() == b"a;b"
    again = await bot.send_document(ANI, document.file_id)
    assert again.document == document
    mine = await bot.send_document(ANI, b"{}", filename="data saya é.json")
    assert mine.document is not None
    assert mine.document.file_name == "data saya é.json"
    assert box.world.files.by_id(mine.document.file_id).body == b"{}"
    ani.send_voice(b"OggS...", seconds=7)
    voice = (await last(bot)).voice
    assert ani.chat[-1].raw["voice"]["duration"] == 7
    assert voice.file_size == 7
    ani.send_photo(caption="Foto")
    photo = await last(bot)
    assert (photo.caption, len(photo.photo)) == ("Foto", 1)
    ani.send_sticker("👍")
    assert (await last(bot)).sticker.emoji == "👍"
    ani.send_location()
    assert (await last(bot)).location is not None


async def test_edits_blocks_and_cleared_chats(box: Sandbox, bot: Bot) -> None:
    ani = box.person(ANI)
    ani.start()
    said = ani.send("Satu")
    ani.edit(said.id, "Dua")
    edited = (await drain(bot))[-1]
    assert edited.edited_message is not None
    assert edited.edited_message.text == "Dua"
    ani.block()
    ani.block()
    with pytest.raises(Impossible):
        ani.send("Halo")
    ani.start()
    blocked, unblocked, start = await drain(bot)
    for update, status in ((blocked, "kicked"), (unblocked, "member")):
        assert update.my_chat_member is not None
        assert update.my_chat_member.new_chat_member.status == status
    assert start.message is not None
    sent = await bot.send_message(ANI, "Halo")
    with pytest.raises(Impossible):
        ani.edit(sent.message_id, "x")
    ani.delete_chat()
    assert ani.chat == []
    with pytest.raises(LookupError):
        _ = ani.last


async def test_albums_copies_and_forwards(box: Sandbox, bot: Bot) -> None:
    ani, budi = box.person(ANI), box.person(1002)
    ani.start()
    budi.start()
    album = await bot.send_media_group(
        ANI, [InputMediaDocument(b"a", filename="a.txt"), InputMediaDocument(b"b", filename="b.txt")], caption="Dua"
    )
    assert album[0].media_group_id == album[1].media_group_id
    assert [m.caption for m in album] == ["Dua", None]
    assert [message_id.message_id for message_id in await bot.copy_messages(1002, ANI, [2, 3, 9])] == [2, 3]
    assert [m.text for m in budi.received] == ["Dua", ""]
    groups = {m.raw["media_group_id"] for m in budi.received}
    assert len(groups) == 1
    assert groups != {album[0].media_group_id}
    await bot.copy_message(1002, ANI, 2, caption="<b>Lain</b>", parse_mode="HTML")
    assert budi.last.text == "Lain"
    forwarded = await bot.forward_message(1002, ANI, 1)
    assert forwarded.text == "/start"
    assert forwarded.forward_origin is not None
    swapped = await bot.edit_message_media(InputMediaDocument(b"c", filename="c.txt", caption="C"), ANI, 2)
    assert not isinstance(swapped, bool)
    assert (ani.chat[1].text, ani.chat[1].raw["document"]["file_name"]) == ("C", "c.txt")
    poll = await bot.send_poll(ANI, "Mana?", ["A", "B"], is_anonymous=False)
    copy = await bot.copy_message(1002, ANI, poll.message_id)
    budi.vote(copy.message_id, 1)
    assert poll.poll is not None
    assert budi.last.poll is not None
    assert budi.last.poll["id"] != poll.poll.id


async def test_groups_in_privacy_mode(box: Sandbox, bot: Bot) -> None:
    ani, group = box.person(ANI), box.group(-500, "Dinas")
    ani.send("Halo semua", group=group)
    ani.send("/start", group=group)
    (update,) = await drain(bot)
    assert update.effective_chat is not None
    assert (update.effective_chat.id, update.effective_chat.type) == (-500, "group")
    await bot.send_message(-500, "Halo")
    assert [m.from_bot for m in group.chat.visible()] == [False, False, True]


async def test_the_bot_itself(box: Sandbox, bot: Bot) -> None:
    ani = box.person(ANI)
    ani.start()
    await bot.set_my_commands([("bantuan", "Bantuan")], language_code="id")
    assert [c.command for c in await bot.get_my_commands(language_code="id")] == ["bantuan"]
    await bot.delete_my_commands(language_code="id")
    assert await bot.get_my_commands(language_code="id") == ()
    await bot.set_my_name("Sinar Baru")
    assert (await bot.get_my_name("id")).name == "Sinar Baru"
    await bot.set_my_description("Panjang")
    await bot.set_my_short_description("Pendek")
    assert (await bot.get_my_short_description()).short_description == "Pendek"
    sent = await bot.send_message(ANI, "Sematkan")
    await bot.pin_chat_message(ANI, sent.message_id)
    chat = await bot.get_chat(ANI)
    assert chat.pinned_message is not None
    assert chat.pinned_message.text == "Sematkan"
    await bot.unpin_chat_message(ANI)
    await bot.send_chat_action(ANI, "typing")
    assert box.world.chats[ANI].actions == ["typing"]
    await bot.set_chat_menu_button(ANI)
    assert (await bot.get_chat_menu_button(ANI)).type == "default"
