"""`content preview`: one page, all journeys, the bot's own words and dates, nothing from the network."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.calendars import Calendars
from bot.config import Config
from bot.domain.journey import Journey
from messages.composing import poll, poll_facts
from messages.library import SHIPPED, load_library
from messages.preview import dates
from messages.preview.sample import sample_session
from messages.preview.writing import write
from messages.texts import Texts
from tests.cli.conftest import UNIT, Office, spoil
from tests.cli.preview_reading import Page
from tests.conftest import wib

CALENDAR = Calendars(Config()).city
LIBRARY = load_library()
TEXTS = Texts(SHIPPED, CALENDAR.zone)
SAMPLE = sample_session(datetime(2025, 11, 13, 3, tzinfo=UTC), CALENDAR)
HOSTILE = """<script>alert(1)</script> & "kutip" 'satu' <b>tebal <img src=x onerror=alert(1)>"""


def source(folder: Path = SHIPPED, **session: object) -> str:
    texts = Texts(folder, CALENDAR.zone)
    return write(load_library(folder), texts, CALENDAR, replace(SAMPLE, **session))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(source())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped content, to be spoiled."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "content"))


@pytest.mark.parametrize("journey", LIBRARY.journeys.values(), ids=LIBRARY.journeys)
def test_every_step_stands_in_order_of_time_with_its_real_date(page: Page, journey: Journey) -> None:
    touches = page.chapters[journey.title]
    assert [touch.at for touch in touches] == sorted(touch.at for touch in touches)
    for step in journey.steps:
        assert sum(f"{step.id} ({step.kind.value})" in touch.words for touch in touches) == 1
    assert touches[0].at == "2025-11-14T13:15+07:00"
    assert "Jumat, 14 November 2025 pukul 13.15 WIB" in touches[0].words
    after = next(touch for touch in touches if "refleksi-pertama (" in touch.words)
    assert (after.at, after.buttons[:5]) == ("2025-11-17T13:00+07:00", list("12345"))
    last = "2025-11-24T12:15+07:00" if journey.id == "singkat" else "2025-12-18T12:15+07:00"
    assert next(touch for touch in touches if "kartu-ringkas (recap)" in touch.words).at == last
    labels = {label for touch in touches for label in touch.buttons}
    assert {"Lewati", "Nanti", "Mengapa?", "Sudah", "Ya", "Ubah", "Akuntabel", "Selalu"} <= labels


def test_the_dates_keep_days_off_and_hours() -> None:
    christmas = dates.moments(LIBRARY.journeys["singkat"], wib("2025-12-23 13:00"), wib("2025-12-23 16:00"), CALENDAR)
    days = [CALENDAR.local_day(moment.at) for moment in christmas]
    assert not [day for day in days if CALENDAR.day_off(day)]
    # Two hours after the end is after hours: it goes the next day, and the commitment the day after that.
    first = next(m for m in christmas if any(step.id == "refleksi-pertama" for step in m.steps))
    assert (first.at, first.rule) == (wib("2025-12-24 12:15"), "hours")
    touched = [CALENDAR.local_day(moment.at) for moment in christmas if moment.counts]
    assert len(touched) == len(set(touched))


def test_a_reminder_stands_on_its_day_and_says_for_whom(page: Page) -> None:
    touches = page.chapters[LIBRARY.journeys["default"].title]
    alone = next(touch for touch in touches if touch.at == "2025-11-19T12:15+07:00")
    assert "Hanya bila belum dijawab: komitmen." in alone.words
    assert "masih menunggu" in alone.texts[0]
    under = next(touch for touch in touches if "komitmen (commitment)" in touch.words)
    assert any("Masih menunggu jawaban Anda: refleksi." in text for text in under.texts)


def test_a_quiz_is_a_poll_with_its_right_answer_and_reasons(page: Page) -> None:
    items = LIBRARY.choose_items("pre", {}, 1)
    touch = next(t for t in page.chapters["Alur baku 31 hari"] if "kuis-awal (prequiz)" in t.words)
    assert len(touch.polls) == len(items)
    for number, (item, shown) in enumerate(zip(items, touch.polls, strict=True), 1):
        sent = poll(TEXTS, {"touchpoint": 1} | poll_facts(item, number, len(items)))
        right = shown.index("(jawaban yang benar)")
        assert shown.pop(right)
        assert shown[right - 1] == item.options[item.correct]
        assert shown == [sent.text, "Kuis", *sent.options, sent.explanation]
        assert all(any(reason in text for text in touch.texts) for reason in item.reasons)


def test_nothing_comes_from_the_network_and_nothing_runs() -> None:
    whole = source()
    page = Page(whole)
    assert not page.tags & {"script", "link", "iframe", "object", "form", "base", "svg", "video"}
    assert not [name for _, name, _ in page.attributes if name.startswith("on") or name in ("style", "action")]
    assert all(value.startswith("data:image/png;base64,") for value in page.values("src"))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    targets = page.values("href")
    assert targets
    assert all(target.startswith("#") and target[1:] in ids for target in targets)
    assert "://" not in whole
    assert "url(" not in whole
    assert ("html", "lang", "id") in page.attributes
    assert "prefers-color-scheme: dark" in whole
    assert {"h1", "h2", "h3", "nav", "main", "fieldset", "legend"} <= page.tags


@pytest.mark.parametrize("field", ["title", "place", "name", "quotes", "cue", "action", "coach_cue"])
def test_what_people_typed_is_shown_and_not_obeyed(page: Page, field: str) -> None:
    hostile = Page(source(**{field: (HOSTILE,) if field == "quotes" else HOSTILE}))
    assert hostile.tags == page.tags - {"img"}
    assert any(HOSTILE in touch.words for touches in hostile.chapters.values() for touch in touches)


def test_templates_cannot_put_more_into_the_page_than_telegram_shows(folder: Path) -> None:
    spoil(folder / "templates/reaction_kept.j2", "Terima", "<b>Terima")
    spoil(folder / "templates/stored.j2", "Terima kasih, jawaban", '</i><a href="tg:x">Terima</a><img src=x>, jawaban')
    spoil(folder / "templates/reflection.j2", "{{ prompt }}", "<script>alert(1)</script> <u>{{ prompt }}</u> <b>x")
    spoil(folder / "journeys/singkat.toml", "Alur singkat 7 hari", "<h2>Alur</h2> & lain")
    whole = source(folder)
    page = Page(whole)
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert "&lt;script&gt;alert(1)" in whole
    assert "<u>" in whole
    assert "<h2>Alur</h2> & lain" in page.chapters


async def test_a_page_is_written(office: Office) -> None:
    out = office.folder / "page.html"
    done = await office.json("content", "preview", "--out", str(out))
    steps = sum(len(journey.steps) for journey in LIBRARY.journeys.values())
    assert done == {"file": str(out), "journeys": 3, "steps": steps}
    page = Page(out.read_text(encoding="utf-8"))
    pictures = page.values("src")
    # A recap card for each journey, and the coordinator's summary; each says in words what it shows.
    assert len(pictures) == len(LIBRARY.journeys) + 1
    assert all(len(words) > 20 for words in page.values("alt"))
    assert len(page.values("alt")) == len(pictures)
    coordinators = page.chapters["Di luar alur"]
    assert any("Ingatkan semua" in touch.buttons for touch in coordinators)
    assert "cannot be written" in await office.refused("content", "preview", "--out", str(office.folder))


async def test_a_folder_needs_no_settings(office: Office, folder: Path) -> None:
    office.config.unlink()
    out = office.folder / "page.html"
    await office.json("content", "preview", str(folder), "--out", str(out))
    assert set(Page(out.read_text(encoding="utf-8")).chapters) == {
        *(journey.title for journey in LIBRARY.journeys.values()), "Di luar alur",
    }  # fmt: skip


async def test_the_dates_are_those_of_the_session(office: Office) -> None:
    await office.import_sample()
    made = await office.add_session("--journey", "singkat", "--message", "Senyum <b>dulu</b>.")
    out = office.folder / "page.html"
    await office.json("content", "preview", "--session", str(made["id"]), "--out", str(out))
    page = Page(out.read_text(encoding="utf-8"))
    assert next(iter(page.chapters)) == "Alur singkat 7 hari"
    touches = page.chapters["Alur singkat 7 hari"]
    first = next(touch for touch in touches if "refleksi-pertama (" in touch.words)
    assert first.at == "2030-11-18T13:00+07:00"
    assert "“Senyum <b>dulu</b>.”" in first.texts[0]
    assert any(UNIT in touch.words for touch in page.chapters["Di luar alur"])

    given = ("--start", "2025-12-01T08:00", "--end", "2025-12-01T10:00")
    await office.json("content", "preview", *given, "--out", str(out))
    page = Page(out.read_text(encoding="utf-8"))
    assert any(touch.at == "2025-12-01T12:00+07:00" for touch in page.chapters["Alur baku 31 hari"])


async def test_dates_that_cannot_be(office: Office) -> None:
    out = ("--out", str(office.folder / "p.html"))
    assert "no session has the id" in await office.refused("content", "preview", "--session", "7", *out)
    wrong = ("--start", "2025-12-01T08:00", "--end", "2025-12-01T07:00")
    assert "give an --end after" in await office.refused("content", "preview", *wrong, *out)
    assert "together" in await office.usage("content", "preview", "--start", "2025-12-01T08:00", *out)
    both = ("--session", "1", "--start", "2025-12-01T08:00", "--end", "2025-12-01T09:00")
    assert "not both" in await office.usage("content", "preview", *both, *out)
