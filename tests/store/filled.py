"""A store in which every column of every table about a person holds something of that person's own."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

# What is the office's, or of nobody: none of it came from a person or the chat.
OFFICE = frozenset(
    {"unit", "person", "roster_import", "roster_change", "session", "session_unit", "session_message"}
    | {"session_invited", "broadcast", "weekly", "weekly_open", "impact", "audit", "fact", "alarm"}
)
# In the order in which references allow it: what cannot be just anything. {p} is the person's number,
# {t} the Telegram user's, and each row's own id is the person's number as well.
PERSONAL: dict[str, dict[str, int | str]] = {
    "account": {"telegram_id": "{t}", "person_id": "{p}", "standing": "claimed", "reachable": 1},
    "invitation": {"person_id": "{p}"},
    "coordinator": {"unit_id": 1, "state": "active", "account_id": "{p}"},
    "wrong_try": {"telegram_id": "{t}"},
    "conversation": {"telegram_id": "{t}"},
    "participant": {"session_id": 1, "person_id": "{p}"},
    "touch": {"person_id": "{p}", "source": "journey"},
    "attendance": {"session_id": 1, "person_id": "{p}", "present": 1},
    "touchpoint": {"participant_id": "{p}", "person_id": "{p}", "session_id": 1, "state": "sent", "touch_id": "{p}"},
    "decision": {"touchpoint_id": "{p}"},
    "question": {"person_id": "{p}", "touchpoint_id": "{p}", "asks": "cue"},
    "shown": {"telegram_id": "{t}", "touchpoint_id": "{p}", "question_id": "{p}"},
    "answer": {"person_id": "{p}", "question_id": "{p}", "touchpoint_id": "{p}", "telegram_id": "{t}", "kind": "text"},
    "reaction": {"touchpoint_id": "{p}", "score": 4},
    "selfcheck": {"touchpoint_id": "{p}", "level": 3},
    "quiz_item": {"touchpoint_id": "{p}", "person_id": "{p}"},
    "poll": {"quiz_item_id": "{p}", "telegram_id": "{t}"},
    "commitment": {"touchpoint_id": "{p}", "participant_id": "{p}", "person_id": "{p}", "state": "made"},
    "commitment_check": {"touchpoint_id": "{p}", "commitment_id": "{p}", "outcome": "kept"},
    "move": {"person_id": "{p}", "old_telegram_id": "{t}", "state": "asked"},
    "supporter": {"person_id": "{p}", "commitment_id": "{p}", "state": "active"},
    "supporter_share": {"supporter_id": "{p}", "touchpoint_id": "{p}"},
    "reflection_share": {"question_id": "{p}", "person_id": "{p}", "unit_id": 1},
    "rectification": {"person_id": "{p}", "telegram_id": "{t}"},
    "incoming": {"lane": "{t}", "state": "aside"},
    "outbox": {"lane": 2, "telegram_id": "{t}", "state": "waiting", "broadcast_id": 1},
    "broadcast_target": {"broadcast_id": 1, "telegram_id": "{t}", "person_id": "{p}", "state": "planned"},
}


@dataclass
class Filled:
    """One person's rows: the marker in each text column, the number in each free whole-number column."""

    person: int
    telegram: int
    values: dict[tuple[str, str], int | str] = field(default_factory=dict)

    def texts(self) -> Iterator[tuple[tuple[str, str], str]]:
        """All markers that were planted."""
        for place, value in self.values.items():
            if isinstance(value, str) and value.startswith("tanda-"):
                yield place, value


def tables(db: sqlite3.Connection) -> list[str]:
    """Return the names of all tables."""
    return [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]


def columns(db: sqlite3.Connection, table: str) -> list[sqlite3.Row]:
    """Return a table's columns: name, type, pk."""
    return db.execute("SELECT name, type, pk FROM pragma_table_info(?)", (table,)).fetchall()


def office(db: sqlite3.Connection) -> None:
    """What the office's own tables must hold before a person can be filled in."""
    moment = "2025-11-01T00:00:00.000000+00:00"
    db.execute("INSERT INTO unit (id, name) VALUES (1, 'Dinas Kesehatan')")
    db.execute(
        "INSERT INTO session (id, title, place, start_at, end_at, journey, payload, created_at)"
        " VALUES (1, 'Sesi', 'Aula', ?, ?, 'default', 'payload', ?)",
        (moment, moment.replace("T00", "T03"), moment),
    )
    db.execute(
        "INSERT INTO broadcast (id, admin_telegram_id, messages, audience, state, created_at, start_at)"
        " VALUES (1, 900, '[]', 'all', 'running', ?, ?)",
        (moment, moment),
    )


def fill(db: sqlite3.Connection, person: int) -> Filled:
    """Give the person a row in every table about people, with a marker of its own in every text column."""
    made = Filled(person, 770_000_000 + person)
    db.execute(
        "INSERT INTO person (id, nip, name, position, unit_id, added_at) VALUES (?, ?, 'Nama', 'Staf', 1, '2025')",
        (person, f"19800101200501{1:d}{person:03d}"),
    )
    db.execute("INSERT INTO session_invited (session_id, person_id, unit_id) VALUES (1, ?, 1)", (person,))
    for number, (table, fixed) in enumerate(PERSONAL.items()):
        row: dict[str, int | str] = {}
        for place, column in enumerate(columns(db, table)):
            name = column["name"]
            if name in fixed:
                value = fixed[name]
                row[name] = int(str(value).format(p=person, t=made.telegram)) if str(value).startswith("{") else value
            elif name == "id":
                row[name] = person
            elif column["type"] == "TEXT":
                row[name] = f"tanda-{person}-{table}-{name}"
            else:
                row[name] = 5_000_000 + person * 100_000 + number * 100 + place
        made.values.update({(table, name): value for name, value in row.items()})
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))
    return made
