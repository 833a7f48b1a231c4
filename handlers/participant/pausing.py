"""Leave and pace: /jeda, /lanjut, the card after a leave, and how often a person wants to hear."""

from datetime import datetime, time, timedelta

from bot.clock import from_text, to_text
from bot.domain.access import Right
from bot.domain.calendar import WorkCalendar
from bot.domain.spoken_time import spoken_day
from bot.store import accounts, leaves, ledger, pace, people, planning, touches
from bot.store.accounts import Account
from bot.store.planning import preferred_time
from handlers.door import Act, BadButton, Doing
from handlers.participant.answering import words_sent
from messages import toasts

LONGEST_PAUSE = timedelta(days=90)
MOST_DIGITS_OF_DAYS = 3
KIND = "pause"
# For this long a text may be the answer to "until when?".
STILL_ASKED = timedelta(minutes=15)


def pause(act: Act) -> None:
    """/jeda 7 (days), /jeda 24-11-2026, /jeda sampai 24 Nov: nothing comes until then, and the journey shifts."""
    _pause(act, " ".join(act.args))


def pause_said(act: Act) -> None:
    """A text after the question until when: the day, if it names one; else it is an answer like any other."""
    _, data = accounts.conversation(act.db, act.telegram_id) or (KIND, {})
    accounts.end_conversation(act.db, act.telegram_id)
    fresh = act.now - from_text(data["at"]) <= STILL_ASKED
    if act.roles.participant and fresh and act.text and not isinstance(_pause_end(act, act.text), str):
        _pause(act, act.text)
    elif act.roles.participant:
        words_sent(act)


def _pause(act: Act, text: str) -> None:
    account = act.account
    midnight = _pause_end(act, text)
    if account is None or account.person_id is None:
        return
    if isinstance(midnight, str):
        _ask_until(act, midnight)
        return
    calendar = _calendar(act, account)
    # Whoever returns is written to at the own hour, on the first working day.
    back = calendar.hour(calendar.workday_from(calendar.local_day(midnight)), preferred_time(account))
    leaves.begin(act.db, act.now, account, back, calendar)
    planning.plan_around_leave(act.db, act.now, act.house.rules, account.person_id)
    act.reply("paused", until=to_text(midnight))


def resume(act: Act) -> None:
    """/lanjut: ends a leave with the card of what waits; else shows again what waits, on a card if it is several."""
    account = act.account
    if account is None or account.person_id is None:
        return
    if account.paused_until is None:
        waiting = touches.open_of(act.db, account.person_id)
        if not waiting:
            act.reply("nothing_waits")
        elif len(waiting) == 1:
            act.reply("touch", touchpoints=[waiting[0]["id"]], mode="again")
        else:
            act.reply("catch_up", waiting=[row["id"] for row in waiting], back=False)
        return
    calendar = _calendar(act, account)
    leaves.end(act.db, act.now, account, calendar)
    planning.plan_around_leave(act.db, act.now, act.house.rules, account.person_id)
    found = [row["id"] for row in leaves.waiting(act.db, act.now, account.person_id)]
    if not found:
        act.reply("resumed")
        return
    day = calendar.local_day(act.now)
    counts = touches.on_day(act.db, account.person_id, day) < act.house.rules.cap
    touches.begin(act.db, act.now, account.person_id, day, "journey", counts=counts)
    act.reply("catch_up", waiting=found)


def show(act: Act) -> None:
    """A button of the card: what is open is shown again, what was put off comes at the next look."""
    row = ledger.own_touchpoint(act.db, act.arg(0), act.telegram_id)
    if row is None:
        raise BadButton
    if row["answered_at"] is not None or row["skipped_at"] is not None:
        act.toast = toasts.QUESTION_OVER
    elif row["state"] == "sent":
        act.reply("touch", touchpoints=[row["id"], *leaves.beside(act.db, row)], mode="again")
    elif row["state"] == "deferred":
        leaves.show_now(act.db, act.now, row["id"])
        act.toast = toasts.SENT_SOON
    else:
        act.toast = toasts.QUESTION_NOT_WAITING


def set_pace(act: Act) -> None:
    """[Lebih jarang], [Tetap seperti ini], [Jeda dulu], [Kembali seperti biasa]"""
    account, wish = act.account, act.choice(0)
    if account is None or account.person_id is None or wish not in ("slow", "keep", "pause", "usual"):
        raise BadButton
    if wish == "pause":
        _ask_until(act)
        return
    pace.choose(act.db, act.now, account.person_id, slow=wish == "slow")
    if wish != "slow":
        pace.judge_the_rested(act.db, act.now, account.person_id)
    act.reply("pace_slow" if wish == "slow" else "pace_usual")


def _calendar(act: Act, account: Account) -> WorkCalendar:
    person = people.person(act.db, account.person_id or 0)
    return act.house.rules.calendars.of(person.unit)


def _ask_until(act: Act, fault: str = "") -> None:
    """Ask until when; the next words may be the day."""
    accounts.set_conversation(act.db, act.now, act.telegram_id, KIND, {"at": to_text(act.now)})
    act.reply("pause_ask", example=to_text(act.now + timedelta(days=7)), fault=fault)


def _pause_end(act: Act, words: str) -> datetime | str:
    """Return the local midnight until which to pause, or what is wrong with the words ("" when there are none)."""
    calendar = act.house.rules.calendars.city
    today = calendar.local_day(act.now)
    text = words.casefold().strip().removeprefix("sampai").removeprefix("hingga").strip()
    days = text.removesuffix("hari").strip()
    if days.isascii() and days.isdigit() and len(days) <= MOST_DIGITS_OF_DAYS:
        day = today + timedelta(days=int(days))
    else:
        named = spoken_day(text, today)
        if named is None:
            return "unread" if text else ""
        day = named
    if day <= today:
        return "past"
    return "far" if day - today > LONGEST_PAUSE else calendar.at(day, time())


COMMANDS: dict[str, tuple[Right, Doing]] = {
    "jeda": (Right.PARTICIPANT, pause),
    "lanjut": (Right.PARTICIPANT, resume),
}
BUTTONS: dict[str, tuple[Right, Doing]] = {
    "show": (Right.PARTICIPANT, show),
    "pace": (Right.PARTICIPANT, set_pace),
}
CONVERSATIONS: dict[str, Doing] = {KIND: pause_said}
