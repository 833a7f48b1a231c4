"""Any update in any order from anybody: nothing stuck, nothing changed without the right."""
# ruff: noqa: E501 - a table of shapes reads better with one a line

import copy
import json
import logging
import os
from random import Random
from typing import Any

import pytest
from telegram import Update

from bot.intake import lanes as lanes_module
from bot.intake.receiving import all_storable
from handlers.wiring import BUTTONS
from tests.conftest import ADMIN, OTHER_UNIT, UNIT, Rig, nip

FUZZ = int(os.environ.get("SINAR_FUZZ", "5000"))
STRESS = int(os.environ.get("SINAR_FUZZ_STRESS", "200000"))
BATCH = 100
FIRST_ID = 800_000_000  # above what the sandbox counts
Json = dict[str, Any]
STRANGER, PARTICIPANT, COORDINATOR = 1050, 1001, 1003
# Tables that nobody below an admin may change by whatever they send.
PROTECTED = ("unit", "session", "session_unit", "session_message", "broadcast", "broadcast_target", "coordinator")
PROTECTED += ("roster_import", "roster_change")
HUGE = 2**63
TEXTS = (
    "Saya belajar melayani.", "", " ", "/start", "/bantuan", "/progres", "/riwayat 9", "/jeda 1 Januari", "/dataku",
    "/perbaiki nama", "/koordinator tambah", "/siar halo", "/sesi", "/audit", "/status", "/ringkasan 2025-W46",
    "/jejak 1", "/start s_" + "x" * 60, "/start " + "\x00", "😀" * 2000, "x" * 4096, "\u202eterbalik", "مرحبا",
    "\ud83d", "{{ 7*7 }}<b>", nip(2), nip(9), "9" * 5000, "٣" * 18,
)  # fmt: skip
NUMBERS = (0, -1, 1, 2**31, 2**52, HUGE - 1, HUGE, -HUGE, -HUGE - 1, 2**64, 10**30)
WRONG = (None, "", "x", "😀" * 500, [], {}, [None], True, 1.5, -1, 0, HUGE - 1, HUGE, -HUGE - 1, 10**30)
FILE = {"file_id": "f", "file_unique_id": "u"}
PICTURE = FILE | {"width": 9, "height": 9}
OTHER_KINDS = (
    "guest_message",
    "managed_bot",
    "purchased_paid_media",
    "of_2031",
    "pre_checkout_query",
    "removed_chat_boost",
)


def user(number: int) -> Json:
    return {"id": number, "is_bot": False, "first_name": f"Orang {number}", "language_code": "id"}


def private(number: int) -> Json:
    return {"id": number, "type": "private", "first_name": f"Orang {number}"}


def readable(update: Json) -> bool:
    """Whether the library knows this shape, and the store can hold it."""
    if not all_storable(update):
        return False
    try:
        Update.de_json(update | {"update_id": 1}, None)
    except Exception:
        return False
    return True


class Storm:
    """Draws updates; the same seed gives the same storm."""

    def __init__(self, seed: int, buttons: list[str]) -> None:
        self.chance = Random(seed)
        self.buttons = buttons

    def content(self) -> Json:
        pick, text = self.chance.choice, self.chance.choice(TEXTS)
        return pick((
            {"text": text}, {"text": text}, {"text": text},
            {"text": text, "entities": [{"type": "bot_command", "offset": 0, "length": pick((0, 1, 6, 5000))}]},
            {"photo": [PICTURE], "caption": text}, {"photo": []}, {"voice": FILE | {"duration": 3}},
            {"video_note": FILE | {"length": 9, "duration": 3}}, {"document": FILE | {"file_name": "../../x.xlsx"}},
            {"sticker": PICTURE | {"type": "regular", "is_animated": False, "is_video": False}},
            {"contact": {"phone_number": "08", "first_name": "A", "user_id": pick((-1, 2**52, PARTICIPANT))}},
            {"location": {"latitude": -7.4, "longitude": 112.4}}, {"dice": {"emoji": "🎲", "value": 3}},
            {"poll": self.poll()}, {"text": text, "via_bot": user(7) | {"is_bot": True}},
            {"photo": [PICTURE], "media_group_id": "9"}, {"new_chat_members": [user(5)]}, {"migrate_to_chat_id": -99},
            {"text": text, "forward_origin": {"type": "user", "date": 1, "sender_user": user(COORDINATOR)}}, {},
        ))  # fmt: skip

    def poll(self) -> Json:
        options = [{"text": "a", "voter_count": 0}, {"text": "b", "voter_count": 1}]
        more = {"type": "quiz", "allows_multiple_answers": False, "correct_option_id": 0}
        return {"id": self.chance.choice(("1", "x", "")), "question": "?", "options": options, "total_voter_count": 1,
                "is_closed": False, "is_anonymous": False} | more  # fmt: skip

    def message(self, sender: int, chat: Json) -> Json:
        number = self.chance.choice((1, 5, 9, 2**31, self.chance.randrange(1, 2000)))
        made = {"message_id": number, "date": 1_763_000_000, "chat": chat, "from": user(sender)} | self.content()
        if self.chance.random() < 0.15:
            made["reply_to_message"] = {"message_id": 3, "date": 1_763_000_000, "chat": chat, "text": "lama"}
        return made

    def data(self) -> str:
        parts = [
            self.chance.choice([*BUTTONS, "zz"]),
            *(str(self.chance.choice(("1", "2", "x", "", *NUMBERS))) for _ in "ab"),
        ]
        return self.chance.choice((":".join(parts)[:64], self.chance.choice(self.buttons)))

    def plain(self, sender: int) -> Json:
        pick, mine = self.chance.choice, private(sender)
        away = pick(({"id": -500, "type": "group", "title": "G"}, {"id": -100500, "type": "supergroup", "title": "S"},
                     {"id": -100501, "type": "channel", "title": "K"}, {"id": 5, "type": "of_2031"}))  # fmt: skip
        chat = pick((mine, mine, mine, away))
        kind = pick((
            "message", "message", "message", "edited_message", "callback_query", "callback_query", "poll_answer", "poll",
            "channel_post", "edited_channel_post", "my_chat_member", "chat_member", "message_reaction", "inline_query",
            "chat_join_request", "business_message", "business_connection", pick(OTHER_KINDS),
        ))  # fmt: skip
        if kind.endswith(("message", "channel_post")):
            return {kind: self.message(sender, chat)}
        if kind == "callback_query":
            query = {
                "id": str(self.chance.randrange(10**9)),
                "from": user(sender),
                "chat_instance": "1",
                "data": self.data(),
            }
            return {kind: query | pick(({"message": self.message(sender, chat)}, {"inline_message_id": "9"}, {}))}
        if kind == "poll":
            return {kind: self.poll()}
        if kind == "poll_answer":
            return {
                kind: {"poll_id": pick(("1", "x")), "user": user(sender), "option_ids": pick(([], [0], [9], [0, 1]))}
            }
        member = {"user": user(sender), "status": "member"}
        about = {"chat": away, "from": user(sender), "date": 1_763_000_000}
        return {kind: about | {"old_chat_member": member, "new_chat_member": member | {"status": "left"}, "id": "9",
                "query": "q", "offset": "", "user": user(sender), "message_id": 1, "old_reaction": [],
                "new_reaction": [{"type": "emoji", "emoji": "👍"}], "user_chat_id": sender, "is_enabled": True}}  # fmt: skip

    def spoilt(self, update: Json) -> Json:
        """One to three places dropped or made something else; never who it is from."""
        update = copy.deepcopy(update)
        for _ in range(self.chance.randrange(1, 4)):
            here: Any = update
            while True:
                keys = [k for k in (here if isinstance(here, dict) else range(len(here))) if k != "from"]
                if not keys:
                    break
                key = self.chance.choice(keys)
                if isinstance(here[key], dict | list) and here[key] and self.chance.random() < 0.8:
                    here = here[key]
                    continue
                if self.chance.random() < 0.3:
                    del here[key]
                else:
                    here[key] = self.chance.choice(WRONG if self.chance.random() < 0.6 else NUMBERS)
                break
        return update


def snapshot(db: Any) -> dict[str, list[str]]:
    names = {name: sorted(repr(tuple(row)) for row in db.execute(f"SELECT * FROM {name}")) for name in PROTECTED}
    # Who erases the own account ends the own right with it: that is theirs to do, and no more than that.
    ended = "SELECT id, unit_id, payload_hash, state IN ('active', 'revoked') FROM coordinator"
    names["coordinator"] = [repr(tuple(row)) for row in db.execute(ended)]
    people = "SELECT id, nip, name, position, unit_id FROM person"
    return names | {"person": sorted(repr(tuple(row)) for row in db.execute(people))}


async def weather(rig: Rig, count: int, seed: int) -> None:
    """Send the storm; then judge what is left of the bot."""
    await rig.add_people(5)
    await rig.add_people(2, OTHER_UNIT, first=20)
    session = await rig.add_session()
    await rig.join(1, session)
    await rig.join(2, session)
    await rig.coordinator(3, UNIT)
    await rig.go("2025-11-17 13:00")
    storm, before = Storm(seed, [f"{verb}:1" for verb in BUTTONS]), await rig.sinar.store.read(snapshot)
    number, spoilt = FIRST_ID, set[int]()
    for _ in range(0, count, BATCH):
        batch = []
        for _ in range(BATCH):
            number += 1
            update = storm.plain(storm.chance.choice((STRANGER, PARTICIPANT, COORDINATOR)))
            if not readable(update):
                spoilt.add(number)
            if storm.chance.random() < 0.4:
                update = storm.spoilt(update)
                spoilt.add(number)
            batch.append(update | {"update_id": number})
        await rig.sinar.receiver.receive(json.loads(json.dumps(batch)))
        await rig.hand.quiet()
    # Only what was spoilt may fail: what has Telegram's shape is handled at the first try.
    left = await rig.rows("SELECT update_id, state, error FROM incoming WHERE state <> 'done' OR attempts > 0")
    assert [tuple(row) for row in left if row["state"] == "waiting" or row["update_id"] not in spoilt] == []
    after = await rig.sinar.store.read(snapshot)
    assert {name for name in after if after[name] != before[name]} == set()
    assert await rig.one("SELECT count(*) FROM outbox WHERE telegram_id < 0") == 0
    for person in (rig.phone(2), rig.people[ADMIN]):
        heard = person.last
        person.send("/bantuan")
        await rig.settle()
        assert person.last is not heard


async def test_a_storm_of_any_updates_leaves_nothing_stuck_and_nothing_changed(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes_module, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(logging.getLogger("bot.intake.lanes"), "disabled", True)
    await weather(rig, FUZZ, 7)


@pytest.mark.slow
@pytest.mark.timeout(1500)
async def test_a_long_storm(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes_module, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(logging.getLogger("bot.intake.lanes"), "disabled", True)
    await weather(rig, STRESS, 8)


async def test_half_a_character_is_kept_aside_at_once(rig: Rig) -> None:
    chat = {"id": 1001, "type": "private"}
    message = {"message_id": 1, "date": 1_763_000_000, "chat": chat, "from": user(1001), "text": "\ud83d"}
    await rig.sinar.receiver.receive([{"update_id": FIRST_ID, "message": message}])
    await rig.hand.quiet()
    assert await rig.one("SELECT state FROM incoming WHERE update_id = ?", FIRST_ID) == "aside"


@pytest.mark.parametrize("chat", [{"id": 1001, "type": "private", "x": [2**63]}, 7])
async def test_what_nobody_can_read_is_kept_aside_at_once(rig: Rig, chat: Any) -> None:
    message = {"message_id": 1, "date": 1_763_000_000, "chat": chat, "from": user(1001), "text": "/bantuan"}
    await rig.sinar.receiver.receive([{"update_id": FIRST_ID, "message": message}])
    await rig.hand.quiet()
    found = await rig.rows("SELECT state, error, attempts FROM incoming WHERE update_id = ?", FIRST_ID)
    assert [tuple(row) for row in found] == [("aside", "Unreadable", 1)]
