"""The door for updates: one transaction for what a handler changes, says, and for marking the update done.

A handler is a plain function of an `Act`. It runs whole in the writer's thread: what it changes, the
answers it queues and the note that the update is done are committed together or not at all.
"""

import logging
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from telegram import Bot, BotCommand, BotCommandScopeChat, Message, Update
from telegram.error import TelegramError
from telegram.ext import CallbackContext

from bot import logs
from bot.clock import Clock
from bot.config import Config
from bot.domain.access import Right, Roles, may, may_see_unit
from bot.domain.links import deep_link
from bot.intake.handling import DONE_ROW, UPDATE_ROW
from bot.reports.weekly import Weekly
from bot.store import accounts, incoming, ledger, outbox, planning
from bot.store.accounts import Account
from bot.store.database import Store
from bot.store.outbox import Lane
from bot.store.planning import Rules
from messages import toasts
from messages.library import Library

log = logging.getLogger(__name__)
LARGEST_ID = 2**63  # SQLite's integers end there


@dataclass(frozen=True)
class House:
    """What handlers may use."""

    store: Store
    clock: Clock
    config: Config
    rules: Rules
    library: Library
    weekly: Weekly
    bot_username: Callable[[], str | None]
    # Whether the city's workbook of these units, up to a week, is there already; a trial has none.
    city_book_ready: Callable[[str, list[tuple[int, str]]], bool] = lambda _week, _units: False


@dataclass
class Act:
    """One person's act, inside the transaction.

    `args` are a command's words or a button's parts; `row` is the stored update; `prepared` is what was read and
    worked out before the transaction. What is put into `after` is done once the transaction is committed; a crash
    may come before it, so it must be found again elsewhere.
    """

    house: House
    db: sqlite3.Connection
    now: datetime
    update: Update
    args: list[str]
    row: int
    prepared: Any = None
    toast: str | None = None
    menu: Mapping[str, str] | None = None
    after: list[Callable[[], Awaitable[object]]] = field(default_factory=list)
    _replies: int = field(default=0)

    @property
    def telegram_id(self) -> int:
        """The user's id, which in a private chat is the chat's."""
        user = self.update.effective_user
        if user is None:
            raise LookupError("an update without a user")
        return user.id

    @property
    def message(self) -> Message | None:
        """The message that was sent, edited, or whose button was pressed; None where its number is none: the library
        reads whatever stands there, and what is to edit it would be refused."""
        found = self.update.effective_message
        return found if isinstance(found, Message) and type(found.message_id) is int else None

    @property
    def text(self) -> str:
        """The text that was sent, or ''."""
        return (self.message.text or "") if self.message else ""

    @property
    def account(self) -> Account | None:
        """The account as it stands, or None before consent."""
        return accounts.account(self.db, self.telegram_id)

    @property
    def roles(self) -> Roles:
        """The rights as they stand in this transaction."""
        return roles_of(self.db, self.house.config, self.telegram_id)

    def arg(self, index: int) -> int:
        """Return a part of the button's data as a number; raises BadButton when it is none."""
        try:
            number = int(self.args[index])
        except (IndexError, ValueError):
            raise BadButton from None
        if not 0 <= number < LARGEST_ID:
            raise BadButton
        return number

    def choice(self, index: int) -> str:
        """Return a part of the button's data as text; raises BadButton when it is missing."""
        try:
            return self.args[index]
        except IndexError:
            raise BadButton from None

    def require_unit(self, unit_id: int | None) -> None:
        """Raise Denied unless this unit (None: the city) is the user's to see."""
        if not may_see_unit(self.roles, unit_id):
            raise Denied

    def link(self, payload: str) -> str | None:
        """Return the link of a payload, or None while the bot's name is not known."""
        return deep_link(self.house.bot_username(), payload)

    def reply(self, template: str, *, to: int | None = None, lane: Lane = Lane.PEOPLE, **facts: Any) -> None:
        """Queue an answer; it is sent as soon as this transaction is committed."""
        self._replies += 1
        outbox.put(
            self.db,
            self.now,
            to or self.telegram_id,
            template,
            facts,
            key=outbox.reply_key(logs.of_update(self.row), self._replies),
            lane=lane,
        )


class Denied(Exception):
    """The user has not the right; nothing is changed and nothing told but that."""


class BadButton(Exception):
    """The callback data is not one that this bot ever made."""


Doing = Callable[[Act], None]
# Works something out before the transaction, so that nobody's write waits for it; asks for the right itself.
Preparing = Callable[["House", Update, list[str]], Awaitable[Any]]


def roles_of(db: sqlite3.Connection, config: Config, telegram_id: int) -> Roles:
    """Return what a Telegram user is now."""
    account = accounts.account(db, telegram_id)
    return Roles(
        admin=telegram_id in config.access.admins,
        participant=account is not None and account.active,
        units=frozenset(unit for unit, _ in accounts.coordinated_units(db, telegram_id)),
    )


def guarded(
    house: House,
    right: Right,
    doing: Doing,
    arguments: Callable[[Update], list[str]],
    prepare: Preparing | None = None,
) -> Any:
    """Make a python-telegram-bot callback of a handler, with its right asked first, in one transaction."""

    async def callback(update: Update, _context: CallbackContext[Any, Any, Any, Any]) -> None:
        if update.effective_user is None or update.effective_chat is None or update.effective_chat.type != "private":
            return
        args = arguments(update)
        prepared = await prepare(house, update, args) if prepare is not None else None
        act = await run(house, update, args, right, doing, prepared)
        await answer_query(update, act.toast)
        if act.menu is not None:
            await show_menu(update.get_bot(), act.telegram_id, act.menu)

    return callback


async def show_menu(bot: Bot, telegram_id: int, menu: Mapping[str, str]) -> None:
    """Show a user's own menu of commands; Telegram knows the chat, for the user has just written."""
    commands = [BotCommand(command, description) for command, description in menu.items()]
    try:
        await bot.set_my_commands(commands, scope=BotCommandScopeChat(telegram_id))
    except TelegramError as error:
        log.warning("menu not set reason=%s", error.message)


async def run(
    house: House, update: Update, args: list[str], right: Right, doing: Doing, prepared: object = None
) -> Act:
    """Carry out a handler in one transaction that also marks the update done; returns the act."""

    # Read here: the writer's thread has no context of its own.
    row = UPDATE_ROW.get()
    trace = logs.of_update(row)

    def work(db: sqlite3.Connection) -> Act:
        act = Act(house, db, house.clock.now(), update, list(args), row, prepared)
        if not incoming.is_waiting(db, row):
            return act
        newest = outbox.newest(db)
        _welcome_back(act)
        db.execute("SAVEPOINT doing")
        try:
            with logs.following(trace):
                if not may(act.roles, right):
                    raise Denied
                doing(act)
        except Denied:
            db.execute("ROLLBACK TO doing")
            with logs.following(trace):
                log.warning("denied right=%s user=%d", right.value, act.telegram_id)
            act.reply("not_for_you")
        except BadButton:
            db.execute("ROLLBACK TO doing")
            act.toast = toasts.BUTTON_OVER
        db.execute("RELEASE doing")
        incoming.done(db, row, act.now)
        outbox.note_cause(db, newest, trace)
        return act

    act = await house.store.write(work)
    DONE_ROW.set(row)
    log.info("update handled kind=%s", _kind(update))
    for follow in act.after:
        await follow()
    return act


def _kind(update: Update) -> str:
    return next((kind for kind in Update.ALL_TYPES if getattr(update, kind, None) is not None), "unknown")


async def answer_query(update: Update, toast: str | None) -> None:
    """Let the pressed button stop turning; a tap that Telegram no longer waits for does no harm."""
    if update.callback_query is not None:
        try:
            await update.callback_query.answer(toast)
        except TelegramError as error:
            log.info("tap not answered reason=%s", error.message)


def _welcome_back(act: Act) -> None:
    """Any act lifts the mark of an account that could not be reached, and plans what is not past."""
    if accounts.set_reachable(act.db, act.telegram_id, True):
        account = act.account
        if account is not None and account.person_id is not None and account.active:
            ledger.revive(act.db, act.now, account.person_id)
            planning.plan_again(act.db, act.now, act.house.rules, account.person_id)
