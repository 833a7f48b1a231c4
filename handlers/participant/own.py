"""A person's own commands: progress, history, pause, hour, privacy, data, correction, leaving, erasing."""

from bot.clock import to_text
from bot.domain import rights
from bot.domain.access import Right
from bot.domain.spoken_time import spoken_hour
from bot.store import (
    accounts,
    answers,
    facts,
    incoming,
    ledger,
    outbox,
    pace,
    people,
    planning,
    rectifications,
    supporters,
    tombstones,
)
from bot.store.outbox import Lane
from handlers.door import Act, Doing
from handlers.participant.joining import BACKUP_DAYS_A_COPY
from messages import toasts
from messages.words import QUESTIONS, voice_named

PAGE = 5


def progress(act: Act) -> None:
    """/progres: a picture, made as it is sent."""
    act.reply("progress", person_id=_person(act))


def history(act: Act) -> None:
    """/riwayat: the own answers, newest first, paged."""
    page = max(1, act.arg(0)) if act.args and act.args[0].isdigit() else 1
    person_id = _person(act)
    pages = max(1, -(-answers.count(act.db, person_id) // PAGE))
    page = min(page, pages)
    rows = answers.history(act.db, person_id, PAGE, (page - 1) * PAGE)
    entries = [
        {
            "at": row["created_at"],
            "about": _about(row["asks"], row["session"]),
            "text": row["text"] if row["kind"] == "text" else voice_named(row["duration_seconds"] or 0),
        }
        for row in rows
    ]
    act.reply("history", entries=entries, page=page, pages=pages)
    for row in rows:
        if row["kind"] == "voice":
            act.reply("voice_again", file_id=row["file_id"])


def settings(act: Act) -> None:
    """/pengaturan, /pengaturan 15.30: the hour at which messages come."""
    account = act.account
    person = people.person(act.db, _person(act))
    calendar = act.house.rules.calendars.of(person.unit)
    if account is None:
        return
    if not act.args:
        hour = account.preferred_time or calendar.default_time.strftime("%H:%M")
        act.reply("settings", hour=hour.replace(":", "."), slow=pace.of_person(act.db, person.id).slow)
        return
    wanted = spoken_hour(" ".join(act.args))
    if wanted is None or not calendar.send_from <= wanted <= calendar.send_until:
        opens, closes = (moment.strftime("%H.%M") for moment in (calendar.send_from, calendar.send_until))
        act.reply("settings_fault", opens=opens, closes=closes, unread=wanted is None)
        return
    accounts.set_preferred_time(act.db, account.id, wanted.strftime("%H:%M"))
    planning.plan_again(act.db, act.now, act.house.rules, person.id)
    act.reply("settings_kept", hour=wanted.strftime("%H.%M"))


def privacy(act: Act) -> None:
    """/privasi"""
    shown = act.house.config.privacy
    act.reply(
        "privacy",
        minimum_group=shown.minimum_group,
        named=shown.names_unanswered and act.account is not None and act.account.may_be_named,
        retention_days=shown.retention_days,
        backup_days=_backup_days(act),
    )


def own_data(act: Act) -> None:
    """/dataku: all that is stored on the person, as JSON and as a readable document."""
    act.reply("data_ready")
    act.reply("dataku_json")
    act.reply("dataku_readable")


def correction(act: Act) -> None:
    """/perbaiki ...: a dated task for the admins, to be done within 3 x 24 hours."""
    wish = " ".join(act.args).strip()
    account = act.account
    if not wish or account is None or account.person_id is None:
        act.reply("correction_ask")
        return
    calendar, due = act.house.rules.calendars.city, rights.due(act.now)
    remind = rights.reminder(act.now, 0, calendar)
    task = rectifications.add(act.db, act.now, account.person_id, act.telegram_id, wish, due, remind)
    for admin in act.house.config.access.admins:
        outbox.put(
            act.db,
            act.now,
            admin,
            "correction_task",
            {"task": task, "reminder": False},
            key=f"rectify:{task}:asked:{admin}",
            lane=Lane.NOTICE,
            not_before=calendar.notice_open(act.now),
        )
    act.reply("correction_kept", due=to_text(due))


def withdraw(act: Act) -> None:
    """/berhenti: nothing more comes or is evaluated."""
    account = act.account
    if account is None or account.person_id is None:
        return
    accounts.withdraw(act.db, act.now, account.id)
    ledger.cancel_unsent_of(act.db, act.now, "withdrawn", person_id=account.person_id)
    outbox.cancel_for(act.db, act.telegram_id, act.now, "withdrawn")
    act.reply("withdrawn")


def erase_ask(act: Act) -> None:
    """/hapus: says what goes and what stays, and asks."""
    if act.account is None and not supporters.supports(act.db, act.telegram_id):
        act.reply("stranger", greet=to_text(act.now))
        return
    act.reply("erase_confirm", backup_days=_backup_days(act))


def erase_now(act: Act) -> None:
    """[Ya] under that question: done at once."""
    if act.account is None and not supporters.supports(act.db, act.telegram_id):
        act.toast = toasts.DATA_ERASED
        return
    tombstones.erase(act.db, act.now, act.house.store.path, act.telegram_id)
    incoming.forget_whose(act.db, act.row)
    # The log may still hold old pages: it is emptied at once, and at the next look should that fail.
    facts.set_fact(act.db, tombstones.LOG_TO_EMPTY, to_text(act.now), act.now)
    act.after.append(act.house.store.checkpoint)
    act.reply("erased")


def keep(act: Act) -> None:
    """[Batal] under that question."""
    act.reply("kept")


def _person(act: Act) -> int:
    account = act.account
    if account is None or account.person_id is None:
        raise LookupError("a participant without a person")
    return account.person_id


def _about(asks: str | None, session: str | None) -> str:
    if asks is None:
        return "catatan"
    return f"{QUESTIONS.get(asks, asks)}, {session}" if session else QUESTIONS.get(asks, asks)


def _backup_days(act: Act) -> int:
    return act.house.config.storage.backups_kept * BACKUP_DAYS_A_COPY


COMMANDS: dict[str, tuple[Right, Doing]] = {
    "progres": (Right.PARTICIPANT, progress),
    "riwayat": (Right.PARTICIPANT, history),
    "pengaturan": (Right.PARTICIPANT, settings),
    "privasi": (Right.ANYONE, privacy),
    "dataku": (Right.ANYONE, own_data),
    "perbaiki": (Right.PARTICIPANT, correction),
    "berhenti": (Right.PARTICIPANT, withdraw),
    "hapus": (Right.ANYONE, erase_ask),
}
BUTTONS: dict[str, tuple[Right, Doing]] = {
    "history": (Right.PARTICIPANT, history),
    "erase": (Right.ANYONE, erase_now),
    "eraseask": (Right.ANYONE, erase_ask),
    "keep": (Right.ANYONE, keep),
}
