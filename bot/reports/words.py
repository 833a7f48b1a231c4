"""The phrases of the pictures, and each picture in words: for captions, and for whoever hears, not sees.

Plain text, at most 1,024 UTF-16 units (a caption of Telegram); whoever sends it escapes it.
"""

from dataclasses import dataclass
from typing import Literal

from bot.reports.figures import ProgressCard, RecapCard, SummaryPicture, WeeklyFigures
from bot.reports.typesetting import shorten
from messages import formats

CITY = "Kota Mojokerto"
HIDDEN = "tidak ditampilkan"
NOT_SHOWN = f"belum ada, atau {HIDDEN}"
OF_FOUR = 4
CAPTION_UNITS = 1024

STATES = {
    "draft": "Belum selesai ditulis",
    "made": "Sedang dijalankan",
    "kept": "Sudah dilakukan",
    "not_yet": "Belum dilakukan",
    "changed": "Rencana diubah",
}

NUMBERS = ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh"]
NOTHING_SENT = "Belum ada pertanyaan terkirim minggu ini"
NOBODY_INVITED = "Belum ada yang diundang"


@dataclass(frozen=True, slots=True)
class Change:
    """A figure against the week before."""

    direction: Literal["up", "down", "same"]
    words: str


def state_words(state: str) -> str:
    """Name the state of a commitment; a state that is not known is shown as it is."""
    return STATES.get(state, state)


def hidden_words(minimum_group: int) -> str:
    """Say why a figure is not there: of few people itself, or one that would give such a figure away."""
    return f"{NOT_SHOWN} untuk melindungi kelompok di bawah {group_words(minimum_group)} orang"


def group_words(minimum_group: int) -> str:
    """The size of the smallest group that is shown, in words where there is one."""
    return NUMBERS[minimum_group] if minimum_group < len(NUMBERS) else formats.number(minimum_group)


def share(part: int, whole: int) -> float:
    """Part of a whole, 0 to 1; nothing of nothing is 0."""
    return within(part / whole) if whole > 0 else 0.0


def share_words(part: int, whole: int) -> str:
    """The same in whole per cent, "" where there is no whole. All and none are said of all and none alone."""
    if whole <= 0:
        return ""
    rounded = int(share(part, whole) * 100 + 0.5)
    if 0 < part < whole:
        rounded = max(1, min(99, rounded))
    return formats.percent(rounded)


def joined_change(now: WeeklyFigures, before: WeeklyFigures | None) -> Change | None:
    """More people joined, or fewer (after a leave or a withdrawal)."""
    if before is None:
        return None
    more = now.joined - before.joined
    if more == 0:
        return Change("same", "sama seperti minggu lalu")
    if more > 0:
        return Change("up", f"naik {formats.number(more)} orang dari minggu lalu")
    return Change("down", f"turun {formats.number(-more)} orang dari minggu lalu")


def answered_change(now: WeeklyFigures, before: WeeklyFigures | None) -> Change | None:
    """Shares are compared: weeks ask unequally much. None where one is hidden or nothing was asked."""
    if before is None or now.answered is None or before.answered is None or not (now.sent and before.sent):
        return None
    a, b = share_words(before.answered, before.sent), share_words(now.answered, now.sent)
    return _from_to(share(before.answered, before.sent), share(now.answered, now.sent), a, a == b)


def quiz_change(now: WeeklyFigures, before: WeeklyFigures | None) -> Change | None:
    """The quiz average against last week's. None where either is hidden."""
    if before is None or now.quiz_average is None or before.quiz_average is None:
        return None
    a, b = formats.decimal(before.quiz_average), formats.decimal(now.quiz_average)
    return _from_to(before.quiz_average, now.quiz_average, a, a == b)


def _from_to(before: float, now: float, before_words: str, looks_same: bool) -> Change:
    # What reads the same is called the same, whatever the decimals behind it.
    if looks_same:
        return Change("same", "sama seperti minggu lalu")
    if now > before:
        return Change("up", f"naik dari {before_words} minggu lalu")
    return Change("down", f"turun dari {before_words} minggu lalu")


def summary_words(picture: SummaryPicture) -> str:
    """The weekly summary as short lines."""
    now, before = picture.figures, picture.before
    hidden = hidden_words(picture.minimum_group)
    lines = [f"{_said(picture.title, 160)}, {formats.week_label(now.week)}."]
    if now.invited == 0 and now.joined == 0:
        lines.append(f"{NOBODY_INVITED}.")
    else:
        of = f"Bergabung {formats.number(now.joined)} dari {formats.number(now.invited)} orang"
        lines.append(_with_change(of, joined_change(now, before)))
    if now.sent == 0:
        lines.append(f"{NOTHING_SENT}.")
    elif now.answered is None:
        lines.append(f"Menjawab: {hidden} (terkirim {formats.number(now.sent)} pertanyaan).")
    else:
        of = f"Menjawab {formats.number(now.answered)} dari {formats.number(now.sent)} pertanyaan"
        lines.append(_with_change(of, answered_change(now, before)))
    if now.quiz_average is None:
        lines.append(f"Rata-rata kuis: {hidden}.")
    else:
        average = f"Rata-rata kuis {formats.decimal(now.quiz_average)} dari 100"
        lines.append(_with_change(average, quiz_change(now, before)))
    if picture.hardest_text:
        about = f" ({_said(now.hardest_value, 60)})" if now.hardest_value else ""
        lines.append(f"Paling sering keliru{about}: {_said(picture.hardest_text, 320)}")
    lines.append(f"Komitmen: {commitment_counts(now, hidden)}.")
    return _caption(lines)


def commitment_counts(figures: WeeklyFigures, hidden: str) -> str:
    """ "dibuat 28, ditepati 21", with a word in the place of what is hidden."""
    made, kept = figures.commitments_made, figures.commitments_kept
    if made is None and kept is None:
        return hidden
    return f"dibuat {count_words(made)}, ditepati {count_words(kept)}"


def count_words(count: int | None) -> str:
    """A count, or the word for a hidden one."""
    return HIDDEN if count is None else formats.number(count)


def progress_words(card: ProgressCard) -> str:
    """A person's progress as short lines."""
    lines = [
        f"Progres {_said(card.name, 80)}, {_said(card.session_title, 120)}, per {formats.day(card.as_of)}.",
        f"Langkah selesai: {formats.number(card.steps_done)} dari {formats.number(card.steps_total)}.",
    ]
    for value in card.values:
        level = "" if value.level is None else f", kuis {level_words(value.level)} benar"
        lines.append(f"{_said(value.short, 30)}: {touched_words(value.touched)}{level}.")
    for sentence, state in card.commitments[:1]:
        lines.append(f"Komitmen: {_said(sentence, 200).rstrip('.')} ({state_words(_said(state, 30)).lower()}).")
    others = len(card.commitments[1:]) + card.more_commitments
    if others:
        lines.append(f"Komitmen lain: {formats.number(others)}.")
    return _caption(lines)


def touched_words(times: int) -> str:
    """How often a value came up."""
    return f"{formats.number(times)} kali dilatih" if times else "belum dilatih"


def level_words(level: float) -> str:
    """A share of 0 to 1 as whole per cent."""
    return formats.percent(within(level) * 100, 0)


def within(level: float | None) -> float:
    """Hold a share between 0 and 1; None counts as nothing."""
    return max(0.0, min(1.0, level or 0.0))


def recap_words(card: RecapCard) -> str:
    """A person's recap as short lines."""
    days = formats.day_range(card.first_day, card.last_day)
    lines = [
        f"Rekap {_said(card.name, 80)}, {_said(card.session_title, 120)}, {days}.",
        f"Refleksi: {formats.number(card.reflections)}.",
    ]
    if card.quiz_asked:
        right, asked = formats.number(card.quiz_right), formats.number(card.quiz_asked)
        lines.append(f"Kuis: {right} dari {asked} jawaban benar.")
    if card.commitment:
        state = f" ({state_words(_said(card.commitment_state, 30)).lower()})" if card.commitment_state else ""
        lines.append(f"Komitmen: {_said(card.commitment, 240).rstrip('.')}{state}.")
    rated = [f"{_said(v.short, 30)} {v.level}" for v in card.selfcheck if v.level is not None]
    if rated:
        lines.append(f"Cermin diri (1 sampai {OF_FOUR}): {', '.join(rated)}.")
    return _caption(lines)


def qr_words(link: str, caption: str) -> str:
    """The QR picture: what it is for, and the link itself."""
    return _caption([f"Kode QR untuk {_said(caption, 300)}. Tautannya: {link}"])


def poster_words(title: str, place: str, when_text: str, link: str) -> str:
    """The poster: the event, and the link itself."""
    event = f"{_said(title, 200)}, {_said(when_text, 120)}, {_said(place, 160)}"
    return _caption([f"Poster untuk dicetak: {event}. Peserta bergabung lewat kode QR atau tautan {link}"])


def _said(text: str, limit: int) -> str:
    return shorten(" ".join(text.split()), limit)


def _caption(lines: list[str]) -> str:
    units = "\n".join(lines).encode("utf-16-le", "replace")
    if len(units) <= CAPTION_UNITS * 2:
        return units.decode("utf-16-le")
    return units[: (CAPTION_UNITS - 1) * 2].decode("utf-16-le", "ignore") + "…"


def _with_change(sentence: str, change: Change | None) -> str:
    return f"{sentence}, {change.words}." if change else f"{sentence}."
