"""Draws any update: every kind of Bot API 10, in its own shape, and the same with places dropped or changed."""
# ruff: noqa: E501 - a table of shapes reads better with one a line

import copy
from random import Random
from typing import Any

from telegram import Update

from bot.intake.receiving import all_storable
from handlers.wiring import BUTTONS, commands
from tests.conftest import nip
from tests.leaks import PLANTED

Json = dict[str, Any]
STRANGER, PARTICIPANT, COORDINATOR = 1050, 1001, 1003
HUGE = 2**63
TEXTS = (
    "Saya belajar melayani.", "", " ", "/start", "/bantuan", "/progres", "/riwayat 9", "/jeda 1 Januari", "/dataku",
    "/perbaiki nama", "/koordinator tambah", "/siar halo", "/sesi", "/audit", "/status", "/ringkasan 2025-W46",
    "/jejak 1", "/start s_" + "x" * 60, "/start " + "\x00", "😀" * 2000, "x" * 4096, "\u202eterbalik", "مرحبا",
    "\ud83d", "{{ 7*7 }}<b>", f"Saya {PLANTED} setiap hari.", nip(2), nip(9), "9" * 5000, "٣" * 18,
)  # fmt: skip
# /hapus asks first; what it asks is pressed rarely.
COMMANDS = tuple(sorted(commands()))
NUMBERS = (0, -1, 1, 2**31, 2**52, HUGE - 1, HUGE, -HUGE, -HUGE - 1, 2**64, 10**30)
WRONG = (None, "", "x", "😀" * 500, [], {}, [None], True, 1.5, -1, 0, HUGE - 1, HUGE, -HUGE - 1, 10**30)
# Fields without which an update is still one of Telegram's.
MAY_BE_MISSING = frozenset({"text", "caption", "entities", "reply_to_message", "via_bot", "language_code", "username", "data",
                            "message", "inline_message_id", "media_group_id", "file_name", "forward_origin", "media"})  # fmt: skip
RARELY = 0.05  # how often what ends a sender's way (erasure, a block) is kept when it is drawn
FILE = {"file_id": "f", "file_unique_id": "u"}
PICTURE = FILE | {"width": 9, "height": 9}
# One of Telegram's future, and those that the bot does not ask for, which come all the same when somebody else asked.
OTHER_KINDS = (
    "of_2031", "guest_message", "managed_bot", "purchased_paid_media", "pre_checkout_query", "shipping_query",
    "chat_boost", "removed_chat_boost", "chosen_inline_result", "deleted_business_messages", "edited_business_message",
    "message_reaction_count",
)  # fmt: skip


def user(number: int) -> Json:
    return {"id": number, "is_bot": False, "first_name": f"Orang {number}", "language_code": "id"}


def vote(number: int, poll_id: str, options: list[int]) -> Json:
    return {
        "poll_id": poll_id,
        "user": user(number),
        "option_ids": options,
        "option_persistent_ids": [str(o) for o in options],
    }


def private(number: int) -> Json:
    return {"id": number, "type": "private", "first_name": f"Orang {number}"}


def readable(update: Json) -> bool:
    """Whether the library knows this shape, nothing in it is empty, and the store can hold it."""
    if {} in update.values() or not all_storable(update):
        return False
    try:
        Update.de_json(update | {"update_id": 1}, None)
    except Exception:
        return False
    return True


class Storm:
    """Draws updates; the same seed gives the same storm."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)

    def command(self) -> Json:
        """A command as Telegram marks it, of any role, with words after it or none."""
        name = f"/{self.chance.choice(COMMANDS)}"
        words = self.chance.choice(("", "", " 1", " 2025-W46", " tambah", f" {nip(2)}", " 24-11-2025", " <b>x</b>"))
        entity = {"type": "bot_command", "offset": 0, "length": len(name)}
        return {"text": name + words, "entities": [entity]}

    def content(self) -> Json:
        pick, text = self.chance.choice, self.chance.choice(TEXTS)
        return pick((
            {"text": text}, {"text": text}, {"text": text}, self.command(), self.command(), self.command(),
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
        options = [{"text": letter, "voter_count": 0, "persistent_id": letter} for letter in "ab"]
        more = {"type": "quiz", "allows_multiple_answers": False, "correct_option_ids": [0]}
        return {"id": self.chance.choice(("1", "x", "")), "question": "?", "options": options, "total_voter_count": 1,
                "is_closed": False, "is_anonymous": False, "allows_revoting": False, "members_only": False} | more  # fmt: skip

    def message(self, sender: int, chat: Json) -> Json:
        number = self.chance.choice((1, 5, 9, 2**31, self.chance.randrange(1, 2000)))
        made = {"message_id": number, "date": 1_763_000_000, "chat": chat, "from": user(sender)} | self.content()
        if self.chance.random() < 0.15:
            made["reply_to_message"] = {"message_id": 3, "date": 1_763_000_000, "chat": chat, "text": "lama"}
        return made

    def data(self) -> str:
        parts = [
            self.verb(),
            *(str(self.chance.choice(("1", "2", "x", "", *NUMBERS))) for _ in "ab"),
        ]
        return self.chance.choice((":".join(parts)[:64], f"{self.verb()}:1"))

    def verb(self) -> str:
        found = self.chance.choice([*BUTTONS, "zz"])
        return found if found != "erase" or self.chance.random() < RARELY else "zz"

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
            return {kind: vote(sender, pick(("1", "x")), pick(([], [0], [9], [0, 1])))}
        return {kind: self.event(sender, pick((away, mine)))}

    def event(self, sender: int, chat: Json) -> Json:
        """The fields of all other kinds in one; each kind reads its own."""
        member, source = {"user": user(sender), "status": "member"}, {"source": "premium", "user": user(sender)}
        # A block is rare, for it ends all that waits for the sender.
        blocked = self.chance.random() < RARELY
        new = (
            {"status": "kicked", "until_date": 0}
            if blocked
            else self.chance.choice(({"status": "left"}, {"status": "member"}))
        )
        boost = {"boost_id": "b", "add_date": 1, "expiration_date": 2, "source": source}
        address = {
            "country_code": "ID",
            "state": "",
            "city": "Mojokerto",
            "street_line1": "",
            "street_line2": "",
            "post_code": "",
        }
        return {
            "chat": chat, "from": user(sender), "user": user(sender), "date": 1_763_000_000, "id": "9", "message_id": 1,
            "old_chat_member": member, "new_chat_member": member | new, "query": "q", "offset": "", "result_id": "1",
            "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "👍"}], "user_chat_id": sender, "is_enabled": True,
            "bot": user(7) | {"is_bot": True}, "paid_media_payload": "p", "currency": "IDR", "total_amount": 1,
            "invoice_payload": "p", "shipping_address": address, "boost": boost, "boost_id": "b", "remove_date": 1,
            "source": source, "business_connection_id": "9", "message_ids": [1], "reactions": [],
        }  # fmt: skip

    def spoilt(self, update: Json) -> tuple[Json, bool]:
        """One to three places dropped or made something else, never who it is from; and whether a type is wrong now.

        What keeps Telegram's types (another number, another text, an empty list for a list) the bot has to handle,
        however odd; only where a field is of another type, or is missing, it may give up after three tries.
        """
        update, foreign = copy.deepcopy(update), False
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
                    foreign = foreign or key not in MAY_BE_MISSING
                    del here[key]
                else:
                    new = self.chance.choice(WRONG if self.chance.random() < 0.6 else NUMBERS)
                    foreign = foreign or type(new) is not type(here[key])
                    here[key] = new
                break
        return update, foreign
