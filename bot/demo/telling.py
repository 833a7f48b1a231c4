"""What the demo prints while it runs and at its end. The frame is English, the chats are as people read them."""

import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TextIO

from bot.demo.figures import LEDGER, Figures
from bot.demo.stage import DATABASE, SETTINGS, Stage
from bot.demo.story import Plan
from bot.reports.figures import WeeklyFigures
from bot.sandbox.limits import is_send

WIDTH = 100
_AT_MOST_FAULTS = 20


class Progress:
    """Says how far the simulated time has come: one line that changes on a terminal, else a line a day."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live = out.isatty()
        self._day: date | None = None
        self._begun = time.monotonic()

    def tell(self, stage: Stage) -> None:
        """Say it when a day has begun."""
        if stage.now.date() == self._day:
            return
        self._day = stage.now.date()
        sent = sum(is_send(call.method) for call in stage.box.world.calls)
        line = f"{stage.now:%a %d %b %Y}   {sent:>6,} messages sent   {time.monotonic() - self._begun:5.1f} s"
        print(f"\r{line}" if self._live else line, end="" if self._live else "\n", file=self._out, flush=True)

    def end(self) -> None:
        """Leave the line that changes."""
        if self._live:
            print(file=self._out)


def opening(plan: Plan, folder: Path) -> list[str]:
    """What is about to be shown."""
    return [
        "Sinar: a month in a minute. Everybody in it is made up; no token, no network.",
        f"{plan.people} people of one agency, one session on {plan.session:%A %d %B %Y}, until {plan.last:%d %B %Y}.",
        f"The real bot runs against a local stand-in for Telegram; its database is {folder / DATABASE}.",
        "",
    ]


def page_told(address: str | None, trouble: str | None) -> list[str]:
    """Where the chat page is, or why it is not."""
    if address is None:
        return [f"The chat page is not there: {trouble}"]
    return [f"Chat page: {address}  (open it in a browser on this machine: be any of the people; Ctrl+C ends it)"]


def page_ending(address: str | None, trouble: str | None) -> list[str]:
    """The last lines while the page stays."""
    return [*heading("The chat page"), *page_told(address, trouble)]


def heading(text: str) -> list[str]:
    """A line that parts what follows from what stood before."""
    return ["", f"== {text} ".ljust(WIDTH, "="), ""]


def figures_told(figures: Figures, seconds: float) -> list[str]:
    """All figures, for people."""
    return [
        *heading("Figures"),
        *_session(figures),
        "",
        *_funnel(figures),
        "",
        *_weeks(figures.weeks),
        "",
        f"requests to Telegram   {figures.requests:,}, of these refused because the person had blocked the bot: "
        f"{figures.blocked}; refused otherwise: {sum('sandbox refused' in fault for fault in figures.faults)}",
        f"messages sent          {figures.messages:,}",
        f"real time              {seconds:.0f} s",
    ]


def ending(folder: Path, faults: Sequence[str], nip: str) -> list[str]:
    """How it went, and what to try next, with the NIP of the person whose chat was shown."""
    settings = folder / SETTINGS
    if faults:
        shown = [f"  {fault}" for fault in faults[:_AT_MOST_FAULTS]]
        more = len(faults) - len(shown)
        return [*heading("NOT AS IT SHOULD BE"), *shown, *([f"  and {more} more"] if more > 0 else [])]
    return [
        *heading("What to try next"),
        f"The chats are in {folder}/chat-*.txt, the pictures in {folder / 'pictures'}.",
        "Ask the demo's database yourself:",
        f"  python -m bot session show 1 --config {settings}",
        f"  python -m bot summary --week 2025-W48 --config {settings}",
        f"  python -m bot trace {nip} --config {settings}",
        "Look at all texts on one page, or check them after you have changed one:",
        f"  python -m bot content preview --out {folder / 'texts.html'} --config {settings}",
        f"  python -m bot content check --config {settings}",
        "Run it for your own people: put a token from @BotFather into SINAR_BOT_TOKEN, edit config.toml, then",
        "  python -m bot check",
        "  python -m bot run",
    ]


def _session(figures: Figures) -> list[str]:
    session, counts = figures.session, figures.counts
    tally = figures.ledger
    rows = "   ".join(f"{state} {tally[state]}" for state in LEDGER)
    sums = f"sum {sum(tally[state] for state in LEDGER)} = {figures.steps} (every participant x step)"
    return [
        f"session                {session.title}, {session.place}: {figures.state}",
        "people                 " + "   ".join(f"{name} {count}" for name, count in counts.items()),
        f"touchpoints            {rows}",
        f"                       {sums}",
        f"of those sent          answered {tally['answered']} (late {tally['late']})   skipped {tally['skipped']}",
    ]


def _funnel(figures: Figures) -> list[str]:
    steps = {name: figures.counts[name] for name in ("invited", "attended", "joined")} | figures.funnel
    most = max(1, *steps.values())
    return [f"{name:<10} {count:>4}  {'#' * round(40 * count / most)}" for name, count in steps.items()]


def _weeks(weeks: Sequence[WeeklyFigures]) -> list[str]:
    lines = ["week       joined/invited   answered/sent   quiz average   commitments made/kept"]
    for week in weeks:
        cells = (
            f"{week.joined}/{week.invited}",
            f"{_shown(week.answered)}/{week.sent}",
            _shown(week.quiz_average),
            f"{_shown(week.commitments_made)}/{_shown(week.commitments_kept)}",
        )
        lines.append(f"{week.week:<10} {cells[0]:>14}   {cells[1]:>13}   {cells[2]:>12}   {cells[3]:>21}")
    return [*lines, "(-: hidden, because fewer than five people stand behind it)"]


def _shown(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:g}"
