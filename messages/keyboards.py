"""The buttons under each message. Callback data is `verb:id[:choice]`: ids, never authority.

Labels that people learn once are exact: Setuju, Tidak, Ya, Batal, Lewati, Nanti, Ubah, Mengapa? and so on.
"""

from collections.abc import Callable
from typing import Any

from messages.outgoing import Button, Rows

Facts = dict[str, Any]
SELFCHECK_LEVELS = ("Belum", "Kadang", "Sering", "Selalu")
EVENING_LABEL = "Malam ini"


def wait_row(touchpoint: int) -> tuple[Button, ...]:
    """The row of every message that plain words answer."""
    return (
        Button("Lewati", f"skip:{touchpoint}"),
        Button("Nanti", f"later:{touchpoint}"),
        why(touchpoint),
    )


def why(touchpoint: int) -> Button:
    """The button on every touch that tells why it came now."""
    return Button("Mengapa?", f"why:{touchpoint}")


def broadcast_why(broadcast: int) -> Rows:
    """Under a broadcast's copy."""
    return ((Button("Mengapa?", f"whycast:{broadcast}"),),)


def reaction_row(touchpoint: int) -> tuple[Button, ...]:
    """The five numbers of a reaction."""
    return tuple(Button(str(score), f"react:{touchpoint}:{score}") for score in range(1, 6))


def reflection(facts: Facts) -> Rows:
    """Under a reflection's prompt; with the reaction's numbers while that is open."""
    rows: Rows = (wait_row(facts["touchpoint"]),)
    return (reaction_row(facts["reaction"]), *rows) if facts.get("reaction") else rows


def reaction(facts: Facts) -> Rows:
    """Under a reaction that stands alone."""
    return (reaction_row(facts["touchpoint"]), (why(facts["touchpoint"]),))


def commitment(facts: Facts) -> Rows:
    """Under a commitment that begins: the seven values; whoever writes first gives the cue by that."""
    return (*_values(facts), wait_row(facts["touchpoint"]))


def commitment_value(facts: Facts) -> Rows:
    """Under a commitment whose words are there and whose value is not: only a tap is missing."""
    return (*_values(facts), (why(facts["touchpoint"]),))


def _values(facts: Facts) -> Rows:
    names = [Button(value["name"], f"value:{facts['touchpoint']}:{value['id']}") for value in facts["values"]]
    return tuple(tuple(names[i : i + 2]) for i in range(0, len(names), 2))


def commitment_next(facts: Facts) -> Rows:
    """Under the question for the cue or the action."""
    return (wait_row(facts["touchpoint"]),)


def commitment_readback(facts: Facts) -> Rows:
    """Under the commitment read back as one sentence."""
    touchpoint = facts["touchpoint"]
    return ((Button("Ya", f"promise:{touchpoint}"), Button("Ubah", f"rewrite:{touchpoint}")),)


def followup_status(facts: Facts) -> Rows:
    """Under the question what became of the plan, when the person has already written about it."""
    return followup(facts)[:1]


def followup(facts: Facts) -> Rows:
    """Under the question whether the plan was kept."""
    touchpoint = facts["touchpoint"]
    return (
        (
            Button("Sudah", f"kept:{touchpoint}"),
            Button("Belum", f"notyet:{touchpoint}"),
            Button("Berubah", f"changed:{touchpoint}"),
        ),
        wait_row(touchpoint),
    )


def selfcheck(facts: Facts) -> Rows:
    """Under each of the seven questions of the self-check."""
    touchpoint, value = facts["touchpoint"], facts["value_id"]
    levels = tuple(
        Button(label, f"level:{touchpoint}:{value}:{level}") for level, label in enumerate(SELFCHECK_LEVELS, 1)
    )
    return (levels, (why(touchpoint),)) if facts.get("first") else (levels,)


def quiz(facts: Facts) -> Rows:
    """Under a quiz's poll: it is answered by voting, not in words."""
    touchpoint = facts["touchpoint"]
    return ((Button("Nanti", f"later:{touchpoint}"), why(touchpoint)),)


def later(facts: Facts) -> Rows:
    """When a person wants it later: in an hour, this evening, tomorrow."""
    touchpoint = facts["touchpoint"]
    return (
        (Button("Satu jam lagi", f"in1h:{touchpoint}"), Button(EVENING_LABEL, f"eve:{touchpoint}")),
        (Button("Besok", f"tomorrow:{touchpoint}"),),
    )


def catch_up(facts: Facts) -> Rows:
    """On the card after a leave: each step that waits can be shown."""
    return tuple((Button(entry["label"], f"show:{entry['touchpoint']}"),) for entry in facts["waiting"])


# Messages under which the offer to slow down may stand; a poll has no room for it.
RIDING = frozenset({"reaction", "reflection", "commitment", "followup", "selfcheck"})
SLOW_OFFER: Rows = (
    (Button("Lebih jarang", "pace:slow"), Button("Tetap seperti ini", "pace:keep")),
    (Button("Jeda dulu", "pace:pause"),),
)
USUAL_PACE: Rows = ((Button("Kembali seperti biasa", "pace:usual"),),)


def settings(facts: Facts) -> Rows:
    """Under the settings: the way back from the slow pace."""
    return USUAL_PACE if facts.get("slow") else ()


def stored(facts: Facts) -> Rows:
    """Under the word that an answer is kept."""
    if not facts.get("question"):
        return ()
    rows: Rows = ((Button("Ubah", f"change:{facts['question']}"),),)
    return (*rows, (Button("Bagikan ke koordinator", f"share:{facts['share']}"),)) if facts.get("share") else rows


def share_confirm(facts: Facts) -> Rows:
    """Under the question whether a reflection shall be shared."""
    return ((Button("Ya", f"shareyes:{facts['question']}"), Button("Batal", "shareno")),)


def reminder(facts: Facts) -> Rows:
    """Under the reminder of a session; the preview of one that an admin sends by hand has none."""
    return ((why(facts["touchpoint"]),),) if facts.get("touchpoint") else ()


def _rows(*rows: tuple[tuple[str, str], ...]) -> Callable[[Facts], Rows]:
    made = tuple(tuple(Button(label, data) for label, data in row) for row in rows)
    return lambda _facts: made


def _notice(facts: Facts) -> Rows:
    # What was read is what is agreed to, whatever the settings say by then.
    naming = ":names" if facts["names_unanswered"] else ""
    return ((Button("Setuju", f"agree:{facts['payload']}{naming}"), Button("Tidak", "refuse")),)


def _history(facts: Facts) -> Rows:
    row = []
    if facts["page"] > 1:
        row.append(Button("‹ Lebih baru", f"history:{facts['page'] - 1}"))
    if facts["page"] < facts["pages"]:
        row.append(Button("Lebih lama ›", f"history:{facts['page'] + 1}"))
    return (tuple(row),) if row else ()


# Which keyboard goes under which template. A template that is not named here has none.
KEYBOARDS: dict[str, Callable[[Facts], Rows]] = {
    "notice": _notice,
    "confirm_person": _rows((("Ya", "itsme"), ("Tidak", "notme"))),
    "reflection": reflection,
    "reaction": reaction,
    "commitment": commitment,
    "commitment_value": commitment_value,
    "commitment_cue": commitment_next,
    "commitment_action": commitment_next,
    "commitment_readback": commitment_readback,
    "followup": followup,
    "followup_status": followup_status,
    "followup_obstacle": commitment_next,
    "followup_plan": commitment_next,
    "selfcheck": selfcheck,
    "later": later,
    "catch_up": catch_up,
    "settings": settings,
    "pace_slow": lambda _facts: USUAL_PACE,
    "stored": stored,
    "share_confirm": share_confirm,
    "reminder": reminder,
    "plan_in_words": commitment_next,
    "history": _history,
    "erase_confirm": _rows((("Ya", "erase"), ("Batal", "keep"))),
    "withdrawn": _rows((("Hapus", "eraseask"),)),
}
