"""What admins do: the roster, broadcasts, sessions, coordinators, and looking after the bot."""

from bot.domain.access import Right
from handlers.admin import (
    coordinators,
    correcting,
    drafting,
    following,
    impact,
    importing,
    insight,
    rectifying,
    sending,
    session_attendance,
    session_cards,
    session_changing,
    session_creating,
    summaries,
    trial,
)
from handlers.door import Doing

COMMANDS: dict[str, tuple[Right, Doing]] = (
    importing.COMMANDS
    | drafting.COMMANDS
    | session_cards.COMMANDS
    | coordinators.COMMANDS
    | insight.COMMANDS
    | summaries.COMMANDS
    | trial.COMMANDS
)
BUTTONS: dict[str, tuple[Right, Doing]] = (
    importing.BUTTONS
    | drafting.BUTTONS
    | sending.BUTTONS
    | following.BUTTONS
    | correcting.BUTTONS
    | session_cards.BUTTONS
    | session_creating.BUTTONS
    | session_changing.BUTTONS
    | session_attendance.BUTTONS
    | impact.BUTTONS
    | coordinators.BUTTONS
    | trial.BUTTONS
    | insight.BUTTONS
    | rectifying.BUTTONS
)
CONVERSATIONS: dict[str, Doing] = (
    {drafting.KIND: sending.said, correcting.KIND: correcting.said}
    | session_creating.CONVERSATIONS
    | session_changing.CONVERSATIONS
    | session_attendance.CONVERSATIONS
    | rectifying.CONVERSATIONS
)
