"""A document from an admin is the roster: fetched and read before the transaction, compared inside it."""

from dataclasses import dataclass

from telegram import Bot, Update
from telegram.error import BadRequest

from bot.domain.roster import Refusal, RosterRow
from bot.roster.errors import FileFault, RosterFileError, file_fault_text
from bot.roster.limits import MAX_BYTES
from bot.roster.reading import read_roster_async
from bot.store import accounts
from handlers.admin import correcting, drafting, importing
from handlers.door import Act, Denied, House


@dataclass(frozen=True)
class ReadFile:
    """What a document held; `fault` is the Indonesian sentence when it is no roster."""

    name: str
    rows: list[RosterRow]
    refused: list[Refusal]
    fault: str | None = None


async def read_document(house: House, bot: Bot, update: Update) -> ReadFile | None:
    """Fetch and read a document; None when it is no admin's, or belongs to a broadcast that is drafted.

    Raises NetworkError when Telegram cannot be reached, so that the update is tried again.
    """
    message, user = update.effective_message, update.effective_user
    document = message.document if message else None
    if document is None or user is None or user.id not in house.config.access.admins:
        return None
    conversation = await house.store.read(lambda db: accounts.conversation(db, user.id))
    if conversation is not None and conversation[0] in (drafting.KIND, correcting.KIND):
        return None
    name = document.file_name or "berkas"
    try:
        data = await _fetch(bot, document.file_id, document.file_size)
        today = house.clock.now().astimezone(house.config.schedule.zone).date()
        rows, refused = await read_roster_async(data, today)
    except RosterFileError as error:
        return ReadFile(name, [], [], error.text)
    except BadRequest:
        # Telegram hands a bot no file beyond 20 MB, and says so with this.
        return ReadFile(name, [], [], file_fault_text(FileFault.TOO_LARGE))
    return ReadFile(name, rows, refused)


def on_document(act: Act, read: ReadFile) -> None:
    """Answer with the dry run."""
    if not act.roles.admin:
        raise Denied
    if read.fault is not None:
        act.reply("admin_import_fault", fault=read.fault)
        return
    importing.dry_run(act, read.name, read.rows, read.refused)


async def _fetch(bot: Bot, file_id: str, size: int | None) -> bytes:
    if size is not None and size > MAX_BYTES:
        raise RosterFileError(FileFault.TOO_LARGE)
    file = await bot.get_file(file_id)
    return bytes(await file.download_as_bytearray())
