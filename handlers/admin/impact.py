"""[Laporan dampak] under a session's card, and its [Unduh XLSX] and [Unduh PDF]."""

from bot.clock import to_text
from bot.domain.access import Right
from bot.store import facts, sessions
from bot.store.sessions import Session
from handlers.coordinator.own_units import actor
from handlers.door import Act, BadButton, Doing


def report(act: Act) -> None:
    """[Laporan dampak]: the picture with its words; before the session is over, from when there will be one."""
    session = _session(act)
    if session.cancelled or act.now < session.end:
        act.reply("impact_too_early", title=session.title, cancelled=session.cancelled, end=to_text(session.end))
        return
    _give(act, session, "impact")


def workbook(act: Act) -> None:
    """[Unduh XLSX]"""
    _give(act, _over(act), "impact_xlsx")


def pages(act: Act) -> None:
    """[Unduh PDF]: two pages for a desk."""
    _give(act, _over(act), "impact_pdf")


def _give(act: Act, session: Session, template: str) -> None:
    facts.audit(act.db, act.now, actor(act), template, f"session:{session.id}")
    act.reply(template, session_id=session.id)


def _over(act: Act) -> Session:
    session = _session(act)
    if session.cancelled or act.now < session.end:
        raise BadButton
    return session


def _session(act: Act) -> Session:
    try:
        return sessions.get(act.db, act.arg(0))
    except LookupError:
        raise BadButton from None


BUTTONS: dict[str, tuple[Right, Doing]] = {
    "impact": (Right.ADMIN, report),
    "impactx": (Right.ADMIN, workbook),
    "impactp": (Right.ADMIN, pages),
}
