"""Whose each row is, so that an act can be told from an act on what is somebody else's."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

# Each SELECT gives a table's rows with whose they are: a chat (Telegram id), a second chat, a person.
OF_CHATS = {
    "account": "SELECT telegram_id, NULL, person_id, * FROM account",
    "conversation": "SELECT telegram_id, NULL, NULL, * FROM conversation",
    "answer": "SELECT telegram_id, NULL, person_id, * FROM answer",
    "wrong_try": "SELECT telegram_id, NULL, NULL, * FROM wrong_try",
    "move": "SELECT new_telegram_id, old_telegram_id, person_id, * FROM move",
    "supporter": "SELECT telegram_id, NULL, person_id, * FROM supporter",
    "rectification": "SELECT telegram_id, NULL, person_id, * FROM rectification",
}
OF_PERSONS = (
    "participant", "touch", "touchpoint", "question", "quiz_item", "commitment", "reflection_share", "attendance",
    "invitation",
)  # fmt: skip
OF_TOUCHPOINTS = ("reaction", "selfcheck", "commitment_check", "supporter_share", "decision")
# What a coordinator may never change of the own unit's people: what they wrote, chose, promised.
INNERMOST = frozenset({
    "answer", "reaction", "selfcheck", "quiz_item", "commitment", "commitment_check", "reflection_share",
    "rectification", "supporter", "supporter_share", "question",
})  # fmt: skip
# Nobody's below an admin: no act of theirs may change a row.
OFFICE = (
    "unit", "person", "session", "session_unit", "session_message", "session_invited", "broadcast", "broadcast_target",
    "roster_import", "roster_change", "impact", "weekly", "weekly_open",
)  # fmt: skip
# Figures that the first one to ask for them has the bot count, if it is somebody with that right.
PUBLISHED = frozenset({"impact", "weekly", "weekly_open"})
# What people below an admin do that is written down.
AUDITED = {"move_asked", "move_objected"}
AUDITED_OF_COORDINATORS = AUDITED | {"remind_all", "export", "invite", "not_them", "move_approved", "move_refused"}


@dataclass(frozen=True)
class Row:
    """A row as it stands, and whose it is."""

    table: str
    chats: frozenset[int]
    person: int | None
    values: tuple[object, ...]


Rows = frozenset[Row]


@dataclass(frozen=True)
class Senders:
    """Who sent a batch: their chats, the persons they are, and the people of the units that they coordinate."""

    chats: frozenset[int]
    persons: frozenset[int] = frozenset()
    led: frozenset[int] = frozenset()
    led_chats: frozenset[int] = frozenset()

    def __or__(self, later: "Senders") -> "Senders":
        """What they were before or after a batch: joining and erasing oneself are acts of its own."""
        return Senders(self.chats, self.persons | later.persons, self.led | later.led, self.led_chats | later.led_chats)


def rows(db: sqlite3.Connection) -> Rows:
    """Return every row that is somebody's or the office's."""
    questions = dict(OF_CHATS)
    questions |= {name: f"SELECT NULL, NULL, person_id, * FROM {name}" for name in OF_PERSONS}
    questions |= {
        name: f"SELECT NULL, NULL, t.person_id, r.* FROM {name} r JOIN touchpoint t ON t.id = r.touchpoint_id"
        for name in OF_TOUCHPOINTS
    }
    questions |= {name: f"SELECT NULL, NULL, NULL, * FROM {name}" for name in OFFICE}
    questions["coordinator"] = (
        "SELECT a.telegram_id, NULL, NULL, c.id, c.unit_id, c.payload_hash, c.state FROM coordinator c"
        " LEFT JOIN account a ON a.id = c.account_id"
    )
    questions["audit"] = "SELECT CAST(substr(actor, 10) AS INTEGER), NULL, NULL, id, actor, act, subject FROM audit"
    return frozenset(
        Row(name, frozenset(chat for chat in row[:2] if chat), row[2], tuple(row[3:]))
        for name, sql in questions.items()
        for row in map(tuple, db.execute(sql))
    )


def senders(db: sqlite3.Connection, chats: Iterable[int]) -> Senders:
    """Return who these chats are now."""
    marks = ",".join(str(chat) for chat in chats)
    persons = f"SELECT person_id FROM account WHERE telegram_id IN ({marks}) AND person_id > 0"
    led = (
        "SELECT p.id, led.telegram_id FROM coordinator c JOIN account a ON a.id = c.account_id"
        " JOIN person p ON p.unit_id = c.unit_id LEFT JOIN account led ON led.person_id = p.id"
        f" WHERE c.state = 'active' AND a.telegram_id IN ({marks})"
    )
    found = [tuple(row) for row in db.execute(led)]
    return Senders(
        frozenset(chats),
        frozenset(row[0] for row in db.execute(persons)),
        frozenset(person for person, _ in found),
        frozenset(chat for _, chat in found if chat),
    )


def trespasses(before: Rows, after: Rows, senders: Senders) -> list[str]:
    """Say which rows were changed by senders to whom they do not belong."""
    gone, new = before - after, after - before
    if senders.led:
        published = {(row.table, row.values[0]) for row in new if row.table in PUBLISHED}
        gone -= {row for row in gone if (row.table, row.values[0]) in published}
        new -= {row for row in new if row.table in PUBLISHED}
    return [
        f"{sign}{row}" for sign, part in (("-", gone), ("+", new)) for row in part if not _theirs(row, sign, senders)
    ]


def _theirs(row: Row, sign: str, senders: Senders) -> bool:
    if row.table in OFFICE:
        return False
    mine = bool(row.chats & senders.chats) or row.person in senders.persons
    if row.table == "audit":
        acts = AUDITED_OF_COORDINATORS if senders.led else AUDITED
        return sign == "+" and mine and row.values[2] in acts
    if row.table == "coordinator":
        # Who erases the own account ends the own right with it, and can do no more than that.
        return mine if sign == "-" else row.values[3] == "revoked"
    led = row.person in senders.led or bool(row.chats & senders.led_chats)
    return mine or (led and row.table not in INNERMOST)
