"""Which handler answers which update: one list, read from top to bottom."""

import logging
from functools import partial
from typing import Any

from telegram import Bot, ChatMember, Update
from telegram.ext import (
    CallbackContext,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
    PollAnswerHandler,
    filters,
)

from bot.clock import to_text
from bot.domain.access import Right, may
from bot.intake.handling import App
from bot.store import accounts, ledger, outbox
from handlers import admin, coordinator
from handlers.admin import documents, drafting, importing
from handlers.door import Act, BadButton, Denied, Doing, House, guarded, run
from handlers.participant import answering, identifying, joining, moving, own, pausing, sharing, supporting, tapping

log = logging.getLogger(__name__)
Table = dict[str, tuple[Right, Doing]]
BUTTONS: Table = (
    joining.BUTTONS
    | identifying.BUTTONS
    | answering.BUTTONS
    | tapping.BUTTONS
    | own.BUTTONS
    | pausing.BUTTONS
    | moving.BUTTONS
    | supporting.BUTTONS
    | sharing.BUTTONS
    | coordinator.BUTTONS
    | admin.BUTTONS
)
CONVERSATIONS: dict[str, Doing] = identifying.CONVERSATIONS | pausing.CONVERSATIONS | admin.CONVERSATIONS
PRIVATE = filters.ChatType.PRIVATE
Context = CallbackContext[Any, Any, Any, Any]
# These belong to a conversation and do not end it.
CONVERSATION_COMMANDS = frozenset({"bantuan", "help"})


def commands() -> Table:
    """Return every command; one that two roles share asks for the role inside."""
    table: Table = {}
    for module in (joining.COMMANDS, own.COMMANDS, pausing.COMMANDS, coordinator.COMMANDS, admin.COMMANDS):
        for name, (right, doing) in module.items():
            table[name] = (
                (Right.ANYONE, partial(_by_role, (right, doing), table[name]))
                if name in table
                else (
                    right,
                    doing,
                )
            )
    return table


def install(app: App, house: House, bot: Bot) -> None:
    """Put every handler into the application, in the order in which they are asked."""
    for name, (right, doing) in commands().items():
        callback = guarded(house, right, _ends_conversation(doing, name), _command_words)
        app.add_handler(CommandHandler(name, callback, filters=PRIVATE & filters.UpdateType.MESSAGE))
    app.add_handler(CallbackQueryHandler(guarded(house, Right.ANYONE, _press, _button_parts, importing.prepare)))
    app.add_handler(PollAnswerHandler(partial(_voted, house)))
    app.add_handler(ChatMemberHandler(partial(_membership, house), ChatMemberHandler.MY_CHAT_MEMBER))
    edited = guarded(house, Right.ANYONE, _edited, _no_words)
    app.add_handler(MessageHandler(PRIVATE & filters.UpdateType.EDITED_MESSAGE, edited))
    app.add_handler(MessageHandler(PRIVATE & filters.Document.ALL, partial(_document, house, bot)))
    app.add_handler(
        MessageHandler(PRIVATE & filters.UpdateType.MESSAGE, guarded(house, Right.ANYONE, _said, _no_words))
    )


def _by_role(later: tuple[Right, Doing], earlier: tuple[Right, Doing], act: Act) -> None:
    """A command that two roles share: whoever has the later one's right gets the later one."""
    for right, doing in (later, earlier):
        if may(act.roles, right):
            doing(act)
            return
    raise Denied


def _ends_conversation(doing: Doing, name: str) -> Doing:
    """A command ends the conversation that was under way, so that nobody is caught in one."""

    def command(act: Act) -> None:
        if name not in CONVERSATION_COMMANDS:
            found = accounts.conversation(act.db, act.telegram_id)
            accounts.end_conversation(act.db, act.telegram_id)
            if found is not None and act.roles.admin and drafting.holds_draft(*found):
                # Whoever believes that a draft still waits would believe that it was sent.
                act.reply("broadcast_cancelled")
        doing(act)

    return command


def _press(act: Act) -> None:
    """A button: the verb chooses the handler, whose right is asked now, whatever it was before."""
    verb = act.args.pop(0) if act.args else ""
    if verb not in BUTTONS:
        raise BadButton
    right, doing = BUTTONS[verb]
    if not may(act.roles, right):
        raise Denied
    doing(act)


def _said(act: Act) -> None:
    """Any other message: to the conversation under way, else an answer, else a word of welcome."""
    if act.message is not None and act.message.contact is not None:
        identifying.contact_shared(act)
        return
    found = accounts.conversation(act.db, act.telegram_id)
    if found is not None and found[0] in admin.CONVERSATIONS and not act.roles.admin:
        # Begun while the user was an admin; what is typed goes on in it no longer.
        accounts.end_conversation(act.db, act.telegram_id)
        found = None
    if found is not None and found[0] in CONVERSATIONS:
        CONVERSATIONS[found[0]](act)
    elif act.text.startswith("/"):
        act.reply("unknown_command")
    elif act.roles.participant:
        answering.words_sent(act)
    elif act.roles.admin or act.roles.units:
        joining.show_help(act)
    else:
        act.reply("stranger", greet=to_text(act.now))


def _edited(act: Act) -> None:
    """An edited message: a NIP put right while it is awaited, else the answer that it was."""
    found = accounts.conversation(act.db, act.telegram_id)
    if found is not None and found[0] in identifying.CONVERSATIONS:
        identifying.CONVERSATIONS[found[0]](act)
    elif act.roles.participant:
        answering.words_edited(act)


async def _voted(house: House, update: Update, _context: Context) -> None:
    # A channel can vote as itself; the bot's quizzes go to persons alone.
    if update.effective_user is not None:
        await run(house, update, [], Right.ANYONE, tapping.vote)


async def _membership(house: House, update: Update, _context: Context) -> None:
    change = update.my_chat_member
    if change is not None and change.chat.type == "private" and change.new_chat_member.status == ChatMember.BANNED:
        await run(house, update, [], Right.ANYONE, _blocked)


def _blocked(act: Act) -> None:
    account = act.account
    accounts.set_reachable(act.db, act.telegram_id, False)
    outbox.cancel_for(act.db, act.telegram_id, act.now, "blocked")
    if account is not None and account.person_id is not None:
        ledger.cancel_unsent_of(act.db, act.now, "blocked", person_id=account.person_id)


async def _document(house: House, bot: Bot, update: Update, _context: Context) -> None:
    """A document: an admin's roster is read before the transaction; anybody else's is no answer."""
    reading = await documents.read_document(house, bot, update)
    doing = partial(documents.on_document, read=reading) if reading is not None else _said
    await run(house, update, [], Right.ANYONE, doing)


def _command_words(update: Update) -> list[str]:
    text = update.effective_message.text if update.effective_message else None
    return (text or "").split()[1:]


def _button_parts(update: Update) -> list[str]:
    data = update.callback_query.data if update.callback_query else None
    return data.split(":") if isinstance(data, str) else []


def _no_words(_update: Update) -> list[str]:
    return []
