"""What admins do: the roster, broadcasts, sessions, coordinators, and looking after the bot."""

from bot.domain.access import Right
from handlers.admin import coordinators, drafting, impact, importing, insight, sending, session_cards, summaries, trial
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
    | session_cards.BUTTONS
    | impact.BUTTONS
    | coordinators.BUTTONS
    | trial.BUTTONS
)
CONVERSATIONS: dict[str, Doing] = {drafting.KIND: sending.said}
