"""The picture and the two pages: of the right size, the same on repeat, whole whatever things are called."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from bot.domain.gain import Between
from bot.reports import typesetting
from bot.reports.impact import pages
from bot.reports.impact.figures import Impact
from tests.impact import samples
from tests.reports import raster
from tests.reports.samples import HOSTILE

WIB = ZoneInfo("Asia/Jakarta")
REPORTS = {"ordinary": samples.IMPACT, "early": samples.EARLY, "longest": samples.LONGEST}
# Telegram makes photos smaller when a side is over 2,560 pixels; a little over still reads well.
TALLEST = 3400


def sheets(impact: Impact) -> list[bytes]:
    """The pages as small pictures."""
    inputs = {"data": json.dumps(pages.page_data(impact, WIB))}
    made = typesetting._compiler("impact_pages").compile(format="png", ppi=36.0, sys_inputs=inputs, timestamp=0)
    return made if isinstance(made, list) else [made]  # type: ignore[list-item]


@pytest.mark.parametrize("impact", REPORTS.values(), ids=REPORTS.keys())
def test_the_picture_is_a_photo_for_a_phone_and_the_same_on_repeat(impact: Impact) -> None:
    png = pages.impact_png(impact, WIB)
    width, height = raster.size(png)
    assert width == 1080
    assert 1000 < height < TALLEST
    assert pages.impact_png(impact, WIB) == png


@pytest.mark.parametrize("impact", REPORTS.values(), ids=REPORTS.keys())
def test_the_pdf_has_two_pages_of_a4_and_is_the_same_on_repeat(impact: Impact) -> None:
    pdf = pages.impact_pdf(impact, WIB)
    assert pdf.startswith(b"%PDF-")
    assert re.search(rb"/Count 2\b", pdf)
    assert re.search(rb"/MediaBox ?\[0 0 595\.\d+ 841\.\d+\]", pdf)
    assert pages.impact_pdf(impact, WIB) == pdf


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_any_text_is_drawn_as_text_on_two_pages(text: str) -> None:
    impact = samples.hostile(text)
    width, height = raster.size(pages.impact_png(impact, WIB))
    assert width + height <= 10_000
    assert len(sheets(impact)) == 2


@pytest.mark.parametrize("impact", [samples.LONGEST, samples.hostile("A" * 200)], ids=["longest", "one word"])
def test_nothing_runs_off_the_pages(impact: Impact) -> None:
    for sheet in sheets(impact):
        image = raster.read(sheet)
        edges = [*range(20), *range(image.width - 20, image.width)]
        assert all(image.rgb(x, y) == (255, 255, 255) for y in range(0, image.height, 2) for x in edges)


def test_what_is_hidden_leaves_no_trace() -> None:
    drawn: Callable[[Impact], str] = lambda impact: json.dumps(pages.page_data(impact, WIB))  # noqa: E731
    data = json.loads(drawn(replace(samples.IMPACT, kept=None)))
    kept = data["funnel"][-1]
    assert (kept["number"], kept["percent"], kept["share"]) == ("<5", "", 0.0)
    assert all(row["mean"] == "tidak ditampilkan" for row in data["units"]["rows"] if row["n"] == "<5")
    assert data["missed"][-1]["value"] == "Adaptif"


def test_the_two_halves_are_named_on_the_two_pages() -> None:
    impact = replace(samples.LONGEST, halves=Between(48, 45, 5, 0.4, 0.1, 0.7))
    assert "0,4 butir lebih banyak pada yang tidak menunggu" in pages.page_data(impact, WIB)["halves"]
    assert len(sheets(impact)) == 2
