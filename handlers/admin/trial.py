"""Coba sebagai peserta: an admin walks a journey in the own chat, a day as a minute. See bot/trial.py."""

from bot.domain.access import Right
from bot.store import facts, trials
from handlers.door import Act, BadButton, Doing
from messages import toasts


def command(act: Act) -> None:
    """/coba: offers the journeys, or stops the one that runs."""
    if trials.is_running(act.db, act.telegram_id):
        stop(act)
        return
    choices = [{"id": journey.id, "label": journey.title} for journey in act.house.library.journeys.values()]
    act.reply("trial_choose", choices=choices)


def begin(act: Act) -> None:
    """A journey was chosen."""
    journey = act.house.library.journeys.get(act.choice(0))
    if journey is None:
        raise BadButton
    if trials.is_running(act.db, act.telegram_id):
        act.reply("trial_running")
        return
    trials.begin(act.db, act.now, act.telegram_id, journey.id)
    facts.audit(act.db, act.now, f"telegram:{act.telegram_id}", "trial_begin", f"journey:{journey.id}")
    act.reply("trial_begun", title=journey.title)


def stop(act: Act) -> None:
    """[Hentikan], or /coba again."""
    if trials.end(act.db, act.telegram_id):
        facts.audit(act.db, act.now, f"telegram:{act.telegram_id}", "trial_stop", "journey")
        act.reply("trial_stopped")
    else:
        act.toast = toasts.TRIAL_OVER


COMMANDS: dict[str, tuple[Right, Doing]] = {"coba": (Right.ADMIN, command)}
BUTTONS: dict[str, tuple[Right, Doing]] = {
    "trymenu": (Right.ADMIN, command),
    "try": (Right.ADMIN, begin),
    "tryend": (Right.ADMIN, stop),
}
