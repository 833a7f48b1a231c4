"""A document from an admin: the roster, or a session's attendance list while that is taken.

It is fetched and read before the transaction; a roster is compared before it as well, for its dry run.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from telegram import Bot, Update
from telegram.error import BadRequest

from bot.domain.attendance import Listed
from bot.domain.roster import Refusal
from bot.roster.errors import FileFault, RosterFileError, file_fault_text
from bot.roster.limits import MAX_BYTES
from bot.roster.reading import read_list_async, read_roster_async
from bot.store import accounts
from handlers.admin import correcting, drafting, importing, session_attendance, session_changing, session_draft
from handlers.admin.importing import DryRun
from handlers.door import Act, Denied, House

# In these a document is a message like any other.
NOT_A_ROSTER = frozenset(
    {drafting.KIND, correcting.KIND, session_draft.KIND, session_changing.MOVING, session_changing.CANCELLING}
)


@dataclass(frozen=True)
class ReadFile:
    """What a document held; `fault` is the Indonesian sentence when it cannot be read."""

    name: str
    dry_run: DryRun | None = None
    refused: Sequence[Refusal] = ()
    listed: Sequence[Listed] | None = None
    fault: str | None = None


async def read_document(house: House, bot: Bot, update: Update) -> ReadFile | None:
    """Fetch and read a document; None when it is no admin's, or belongs to another conversation.

    Raises NetworkError when Telegram cannot be reached, so that the update is tried again.
    """
    message, user = update.effective_message, update.effective_user
    document = message.document if message else None
    if document is None or user is None or user.id not in house.config.access.admins:
        return None
    conversation = await house.store.read(lambda db: accounts.conversation(db, user.id))
    kind = conversation[0] if conversation is not None else None
    if kind in NOT_A_ROSTER:
        return None
    name = document.file_name or "berkas"
    try:
        data = await _fetch(bot, document.file_id, document.file_size)
        today = house.clock.now().astimezone(house.config.schedule.zone).date()
        if kind == session_attendance.KIND:
            listed, left_out = await read_list_async(data, today)
            return ReadFile(name, refused=left_out, listed=listed)
        dry_run = await importing.compare(house, *await read_roster_async(data, today))
    except RosterFileError as error:
        return ReadFile(name, fault=error.text)
    except BadRequest:
        # Telegram hands a bot no file beyond 20 MB, and says so with this.
        return ReadFile(name, fault=file_fault_text(FileFault.TOO_LARGE))
    return ReadFile(name, dry_run)


def on_document(act: Act, read: ReadFile) -> None:
    """Answer with the dry run."""
    if not act.roles.admin:
        raise Denied
    if read.fault is not None:
        act.reply("admin_import_fault", fault=read.fault)
    elif read.listed is not None:
        _attendance(act, read, read.listed)
    elif read.dry_run is not None:
        importing.dry_run(act, read.name, read.dry_run)


def _attendance(act: Act, read: ReadFile, listed: Sequence[Listed]) -> None:
    """The conversation may have ended while the file was read; then nothing awaits the list."""
    found = accounts.conversation(act.db, act.telegram_id)
    if found is None or found[0] != session_attendance.KIND:
        act.reply("admin_session_unchanged")
        return
    session_attendance.dry_run(act, read.name, listed, read.refused)


async def _fetch(bot: Bot, file_id: str, size: int | None) -> bytes:
    if size is not None and size > MAX_BYTES:
        raise RosterFileError(FileFault.TOO_LARGE)
    file = await bot.get_file(file_id)
    return bytes(await file.download_as_bytearray())
