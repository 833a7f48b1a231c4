"""The impact report as a picture for the phone (PNG) and as two pages for a desk (PDF, A4).

Synchronous and some tenths of a second: call it off the event loop. Equal data gives equal bytes.
"""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.gain import Gain
from bot.reports.impact import words
from bot.reports.impact.figures import Impact, MissedItem
from bot.reports.typesetting import drawable, page, picture
from bot.reports.words import share, share_words
from messages import formats

# How much there is room for; the workbook has all.
_ITEMS_IN_PICTURE, _ITEMS_ON_PAGE, _UNITS_ON_PAGE = 1, 3, 5
# A longer question is cut on paper, so that all stands on two pages; Telegram's own limit is 300.
_QUESTION_IN_PICTURE, _QUESTION_ON_PAGE = 320, 200
_OF_FIVE, _OF_FOUR = 5, 4


def impact_png(impact: Impact, zone: ZoneInfo) -> bytes:
    """Draw the report for a phone."""
    return picture(
        "impact", {**_common(impact, zone), "missed": _missed(impact, _ITEMS_IN_PICTURE, _QUESTION_IN_PICTURE)}
    )


def impact_pdf(impact: Impact, zone: ZoneInfo) -> bytes:
    """Set the report on two pages of A4."""
    return page("impact_pages", page_data(impact, zone))


def page_data(impact: Impact, zone: ZoneInfo) -> dict[str, Any]:
    """Return all that the two pages say."""
    return {
        **_common(impact, zone),
        "place": drawable(impact.place, 160),
        "when": formats.span(impact.start, impact.end, zone),
        "missed": _missed(impact, _ITEMS_ON_PAGE, _QUESTION_ON_PAGE),
        "units": _units(impact),
        "halves": words.halves_words(impact.halves) if impact.halves else "",
        "limits": words.limits(impact),
        "made": f"Sinar ASN – BKPSDM Kota Mojokerto. Dibuat {formats.moment(impact.as_of, zone)}.",
    }


def _common(impact: Impact, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "title": drawable(impact.title, 240),
        "day": formats.day(impact.start, zone),
        "as-of": words.results_until(impact),
        "gain": _gain(impact.gain, impact),
        "funnel": _funnel(impact),
        "guests": f"Tamu dihitung terpisah: {formats.number(impact.guests)} orang.",
        "hidden-note": words.hidden_note(impact),
        "reaction": _reaction(impact),
        "values": [
            {
                "short": drawable(value.short, 23),
                "words": "–" if value.mean is None else formats.decimal(value.mean),
                "share": 0.0 if value.mean is None else (value.mean - 1) / (_OF_FOUR - 1),
                "n": "" if value.n is None else f"n = {formats.number(value.n)}",
            }
            for value in impact.values
        ]
        if any(value.n for value in impact.values)
        else [],
        "note": words.NOT_A_RANKING,
    }


def _gain(gain: Gain | None, impact: Impact) -> dict[str, Any]:
    if gain is None:
        return {"verdict": "none", "headline": "Perubahan pengetahuan", "words": words.gain_missing(impact)}
    return {
        "verdict": gain.verdict,
        "headline": words.gain_headline(gain),
        "words": words.gain_words(gain),
        "before": formats.decimal(gain.before),
        "after": formats.decimal(gain.after),
        "of": f"dari {gain.items} butir benar",
        # Places on a line from -items to +items, 0 to 1.
        "low": _place(gain.low, gain.items),
        "high": _place(gain.high, gain.items),
        "mean": _place(gain.mean, gain.items),
        "ends": [f"−{gain.items}", f"+{gain.items}"],
    }


def _place(value: float, items: int) -> float:
    return (value + items) / (2 * items)


def _funnel(impact: Impact) -> list[dict[str, Any]]:
    rows: list[tuple[str, int | None]] = [
        ("Diundang", impact.invited),
        ("Hadir", impact.attended),
        ("Bergabung", impact.joined),
        ("Merefleksikan", impact.reflected),
        ("Mengerjakan kuis", impact.quizzed),
        ("Berkomitmen", impact.committed),
        ("Menepati", impact.kept),
    ]
    return [
        {
            "label": label,
            "number": words.count_words(impact, count),
            "percent": "" if count is None else share_words(count, impact.invited),
            "share": 0.0 if count is None else share(count, impact.invited),
            "hidden": count is None,
        }
        for label, count in rows
    ]


def _reaction(impact: Impact) -> dict[str, Any] | None:
    found = impact.reaction
    if found is None:
        return None
    most = max(found.counts) if found.counts else 1
    return {
        "mean": formats.decimal(found.mean),
        "n": f"n = {formats.number(found.n)}",
        "counts": [
            {"score": str(score), "number": formats.number(count), "share": count / most}
            for score, count in enumerate(found.counts, 1)
        ]
        if found.counts
        else [],
        "hidden": words.spread_hidden(impact),
    }


def _missed(impact: Impact, most: int, length: int) -> list[dict[str, str]]:
    return [_item(item, length) for item in impact.missed if item.wrong is not None][:most]


def _item(item: MissedItem, length: int) -> dict[str, str]:
    return {
        "text": drawable(item.question, length),
        "value": drawable(item.value, 40),
        "words": f"{share_words(item.wrong or 0, item.people)} keliru pada jawaban pertama"
        f" (n\u00a0=\u00a0{formats.number(item.people)})",
    }


def _units(impact: Impact) -> dict[str, Any]:
    if not impact.by_unit:
        return {"rows": [], "words": words.units_missing(impact) if impact.gain_from else ""}
    open_first = sorted(impact.units, key=lambda unit: (unit.gain is None, unit.unit))
    rows: Sequence[Any] = [
        {
            "unit": drawable(unit.unit, 90),
            "n": words.few(impact) if unit.gain is None else formats.number(unit.gain.n),
            "mean": words.HIDDEN if unit.gain is None else _signed(unit.gain.mean),
            "range": ""
            if unit.gain is None
            else f"{words.signed(unit.gain.low)} sampai {words.signed(unit.gain.high)}",
        }
        for unit in open_first[:_UNITS_ON_PAGE]
    ]
    rest = len(impact.units) - len(rows)
    return {"rows": rows, "words": f"dan {formats.number(rest)} perangkat daerah lain (lihat XLSX)" if rest > 0 else ""}


def _signed(value: float) -> str:
    text = words.signed(value)
    return text if text == "0" or text.startswith("−") else f"+{text}"
