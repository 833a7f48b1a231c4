"""Every number that an output says about a week, read back from the output itself."""

import io
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from python_calamine import CalamineWorkbook

from bot.reports.caption import ToDo, summary_caption
from bot.reports.figures import SummaryPicture, WeeklyFigures
from bot.reports.impact.figures import Impact
from bot.reports.impact.pages import page_data
from bot.reports.impact.words import caption_lines
from bot.reports.impact.workbook import impact_workbook
from bot.reports.pictures import summary_data
from bot.reports.weekly import as_contract
from bot.reports.words import HIDDEN
from bot.reports.workbooks import aggregates_workbook, summary_workbook
from messages.library import SHIPPED
from messages.texts import Texts
from tests.figures.cities import WIB

TEXTS = Texts(SHIPPED, WIB)
Cell = tuple[str, str | None, str]
"""Week, unit (None: the city), measure."""
_CAPTION = {
    "answered": re.compile(r"Menjawab(?: ([\d.]+) dari [\d.]+ pertanyaan|: belum ada)"),
    "quiz": re.compile(r"Rata-rata kuis(?: ([\d.,]+) dari 100|: belum ada)"),
    "made": re.compile(r"Komitmen: (?:dibuat (?:([\d.]+)|tidak ditampilkan)|belum ada)"),
    "kept": re.compile(r"Komitmen: (?:.*ditepati (?:([\d.]+)|tidak ditampilkan)|belum ada)"),
    "waiting": re.compile(r"Belum menjawab:</b> (?:([\d.]+) orang|jumlahnya tidak ditampilkan)"),
}
_COLUMNS = {
    "Dijawab": "answered",
    "Rata-rata kuis": "quiz",
    "Komitmen dibuat": "made",
    "Komitmen ditepati": "kept",
}
RESULTS = ("reflected", "quizzed", "committed", "kept")
_ALL_UNITS = "Semua perangkat daerah"


@dataclass
class Said:
    """What was said of each cell, wherever it was said; None: that it is hidden."""

    of: dict[Cell, set[float | None]] = field(default_factory=lambda: defaultdict(set))
    count: int = 0

    def note(self, week: str, unit: str | None, measure: str, value: float | None) -> None:
        """One output says one thing."""
        self.of[week, unit, measure].add(value)
        self.count += 1


def read_all(
    said: Said,
    rows: Sequence[WeeklyFigures],
    before: dict[tuple[str, str | None], WeeklyFigures],
    book_of: str | None,
) -> None:
    """Read the contract's JSON, the caption and the picture's data of these unit-weeks; with a unit's name
    also the city's workbook and that unit's."""
    for figures in rows:
        week, unit = figures.week, figures.unit
        document = as_contract(figures)
        for measure, value in (
            ("answered", document["answered"]),
            ("quiz", document["quiz_average"]),
            ("made", document["commitments"]["made"]),
            ("kept", document["commitments"]["kept"]),
        ):
            said.note(week, unit, measure, value)
        picture = SummaryPicture(figures, before.get((week, unit)), None, unit or "Kota Mojokerto")
        for measure, value in _caption(summary_caption(TEXTS, picture, ToDo(0))):
            said.note(week, unit, measure, value)
        for measure, value in _picture(summary_data(picture)):
            said.note(week, unit, measure, value)
    if book_of is not None:
        _workbook(said, aggregates_workbook(rows), None)
        own = [figures for figures in rows if figures.unit == book_of]
        _workbook(said, summary_workbook(own, [], book_of, book_of), book_of)


def read_impact(said: Said, report: Impact) -> None:
    """Read the funnel, and who reacted, from a session's caption, pages and workbook."""
    name = f"{report.session_id}"
    line = next(line for line in caption_lines(report) if line.startswith("Hasil"))
    numbers = re.findall(r"(?:merefleksikan|kuis|berkomitmen|menepati) (<5|[\d.]+)", line)
    data = page_data(report, WIB)
    book = CalamineWorkbook.from_filelike(io.BytesIO(impact_workbook(report, WIB)))
    funnel = book.get_sheet_by_name("Corong").to_python()[7:11]
    for measure, number, row, cells in zip(RESULTS, numbers, data["funnel"][3:], funnel, strict=True):
        said.note("impact", name, measure, None if number == "<5" else _number(number))
        said.note("impact", name, measure, None if row["number"] == "<5" else _number(row["number"]))
        assert row["number"] != "<5" or (row["percent"], row["share"]) == ("", 0.0)
        said.note("impact", name, measure, None if cells[1] == "<5" else float(str(cells[1])))
        assert cells[1] != "<5" or cells[2] == cells[3] == "<5"
    reacted = book.get_sheet_by_name("Kesan dan perilaku").to_python()[9][1]
    said.note("impact", name, "reaction", None if reacted == "<5" else float(str(reacted)))
    printed = data["reaction"]["n"].removeprefix("n = ") if data["reaction"] else None
    said.note("impact", name, "reaction", _number(printed))


def _caption(text: str) -> Iterator[tuple[str, float | None]]:
    for measure, pattern in _CAPTION.items():
        if found := pattern.search(text):
            yield measure, _number(found[1])
        else:
            # Nothing was sent, or all of it was answered: then there is no such line.
            assert measure in ("answered", "waiting"), (measure, text)
    for change in re.findall(r"(Menjawab|Rata-rata kuis)[^\n]*minggu lalu", text):
        assert re.search(rf"{change} \d", text), "a change against last week is said of what is hidden"


def _picture(data: dict[str, object]) -> Iterator[tuple[str, float | None]]:
    answered, quiz, commitments = data["answered"], data["quiz"], data["commitments"]
    assert isinstance(answered, dict)
    assert isinstance(quiz, dict)
    assert isinstance(commitments, dict)
    if answered["part"] is None:
        assert set(answered) == {"part", "words"}
        if HIDDEN in answered["words"]:
            yield "answered", None
    else:
        yield "answered", _number(answered["part"])
    yield "quiz", _number(quiz["average"])
    assert quiz["average"] is not None or quiz["change"] is None
    for measure, row in zip(("made", "kept"), commitments["rows"], strict=True):
        yield measure, _number(row["number"] if row["number"] != HIDDEN else None)


def _workbook(said: Said, book: bytes, unit: str | None) -> None:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    head = next(index for index, row in enumerate(rows) if "Minggu" in row)
    names = [str(name) for name in rows[head]]
    for row in rows[head + 1 :]:
        cells = dict(zip(names, row, strict=True))
        about = unit or str(cells["Perangkat daerah"])
        who = None if about == _ALL_UNITS else about
        for column, measure in _COLUMNS.items():
            value = cells[column]
            said.note(str(cells["Minggu"]), who, measure, None if value == HIDDEN else float(str(value)))
        assert (cells["Dijawab (%)"] == HIDDEN) == (cells["Dijawab"] == HIDDEN)
        if cells["Rata-rata kuis"] == HIDDEN:
            assert not cells["Soal tersulit"]
            assert not cells["Nilai pada soal tersulit"]


def _number(text: str | None) -> float | None:
    return None if text is None else float(text.replace(".", "").replace(",", "."))
