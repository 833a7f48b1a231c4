"""What people tap as a number: the reaction to a session, the levels of the self-check."""

import sqlite3
from datetime import datetime

from bot.clock import to_text


def react(db: sqlite3.Connection, now: datetime, touchpoint_id: int, score: int) -> None:
    """Keep the reaction, 1 to 5; a later one takes its place."""
    db.execute(
        "INSERT INTO reaction (touchpoint_id, score, at) VALUES (?, ?, ?)"
        " ON CONFLICT (touchpoint_id) DO UPDATE SET score = excluded.score, at = excluded.at",
        (touchpoint_id, score, to_text(now)),
    )


def rate(db: sqlite3.Connection, now: datetime, touchpoint_id: int, value: str, level: int) -> None:
    """Keep the level, 1 to 4, of one value of the self-check; a later one takes its place."""
    db.execute(
        "INSERT INTO selfcheck (touchpoint_id, value, level, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (touchpoint_id, value) DO UPDATE SET level = excluded.level, at = excluded.at",
        (touchpoint_id, value, level, to_text(now)),
    )


def rated(db: sqlite3.Connection, touchpoint_id: int) -> set[str]:
    """Return the values that have a level at this self-check."""
    return {row["value"] for row in db.execute("SELECT value FROM selfcheck WHERE touchpoint_id = ?", (touchpoint_id,))}


def levels(db: sqlite3.Connection, participant_id: int) -> dict[str, int]:
    """Return the levels of a participant's self-check by value."""
    return {
        row["value"]: row["level"]
        for row in db.execute(
            "SELECT s.value, s.level FROM selfcheck s JOIN touchpoint t ON t.id = s.touchpoint_id"
            " WHERE t.participant_id = ?",
            (participant_id,),
        )
    }
