"""What admins do: the roster, broadcasts, sessions, coordinators, and looking after the bot."""

from bot.domain.access import Right
from handlers.admin import (
    coordinators,
    correcting,
    drafting,
    following,
    importing,
    insight,
    sending,
    session_cards,
    summaries,
)
from handlers.door import Doing

COMMANDS: dict[str, tuple[Right, Doing]] = (
    importing.COMMANDS
    | drafting.COMMANDS
    | session_cards.COMMANDS
    | coordinators.COMMANDS
    | insight.COMMANDS
    | summaries.COMMANDS
)
BUTTONS: dict[str, tuple[Right, Doing]] = (
    importing.BUTTONS
    | drafting.BUTTONS
    | sending.BUTTONS
    | following.BUTTONS
    | correcting.BUTTONS
    | session_cards.BUTTONS
    | coordinators.BUTTONS
)
CONVERSATIONS: dict[str, Doing] = {drafting.KIND: sending.said, correcting.KIND: correcting.said}
