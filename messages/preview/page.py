"""The preview's page: self-contained HTML without a script, light or dark as the reader's machine is."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape
from zoneinfo import ZoneInfo

from messages import formats
from messages.outgoing import Outgoing, Rows
from messages.preview.chat import Aside, Part, Said
from messages.preview.markup import page_html
from messages.preview.style import STYLE


@dataclass(frozen=True)
class Touch:
    """What comes at one instant (aware, UTC)."""

    at: datetime
    title: str
    note: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Chapter:
    """One journey, or what stands beside them all; touches in time order."""

    title: str
    about: str
    touches: tuple[Touch, ...]


def page(about: str, chapters: Sequence[Chapter], zone: ZoneInfo) -> str:
    """Return the whole page: one chapter is shown at a time, chosen at the top."""
    choices = "\n".join(_choice(number, chapter) for number, chapter in enumerate(chapters, 1))
    sections = "\n".join(_chapter(number, chapter, zone) for number, chapter in enumerate(chapters, 1))
    return f"""<!doctype html>
<html lang="id">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>Pratinjau alur Sinar ASN</title>
<style>{STYLE}{_shown_when_chosen(len(chapters))}</style>
</head>
<body>
<header>
<h1>Pratinjau alur</h1>
<p>{escape(about)}</p>
<p>Nama orang, jawaban, dan angka adalah contoh. Pertanyaan yang dipilih berbeda bagi setiap orang.</p>
<fieldset>
<legend>Yang ditampilkan</legend>
{choices}
</fieldset>
</header>
<main>
{sections}
</main>
</body>
</html>
"""


def _choice(number: int, chapter: Chapter) -> str:
    checked = " checked" if number == 1 else ""
    return (
        f'<label><input type="radio" name="alur" id="pilih-{number}"{checked}>'
        f"<span>{escape(chapter.title)}</span></label>"
    )


def _shown_when_chosen(count: int) -> str:
    # A browser that does not know :has() shows all chapters, one under the other.
    return "".join(
        f"body:has(#pilih-{n}:checked) section:not(#alur-{n}) {{ display: none; }}\n" for n in range(1, count + 1)
    )


def _chapter(number: int, chapter: Chapter, zone: ZoneInfo) -> str:
    entries, touches = [], []
    for place, touch in enumerate(chapter.touches, 1):
        anchor = f"t{number}-{place}"
        entries.append(
            f'<li><a href="#{anchor}"><span class="when">{escape(formats.day_short(touch.at, zone))}</span> '
            f"{escape(touch.title)}</a></li>"
        )
        touches.append(_touch(anchor, touch, zone))
    return (
        f'<section id="alur-{number}" aria-labelledby="judul-{number}">\n<h2 id="judul-{number}">'
        f'{escape(chapter.title)}</h2>\n<p class="about">{escape(chapter.about)}</p>\n'
        f'<nav id="isi-{number}" aria-label="Isi: {escape(chapter.title)}"><ol>\n{_lines(entries)}\n</ol></nav>\n'
        f'<ol class="touches">\n{_lines(touches)}\n</ol>\n'
        f'<p class="up"><a href="#isi-{number}">Kembali ke isi</a></p>\n</section>'
    )


def _touch(anchor: str, touch: Touch, zone: ZoneInfo) -> str:
    local = touch.at.astimezone(zone)
    return (
        f'<li id="{anchor}" class="touch">\n<h3><time datetime="{local.isoformat(timespec="minutes")}">'
        f"{escape(formats.moment(touch.at, zone))}</time> {escape(touch.title)}</h3>\n"
        f'<p class="note">{escape(touch.note)}</p>\n<div class="chat">\n{_parts(touch.parts)}\n</div>\n</li>'
    )


def _parts(parts: Sequence[Part]) -> str:
    return _lines([_part(part) for part in parts])


def _part(part: Part) -> str:
    if isinstance(part, Said):
        doing = "Yang diketuk: " if part.tapped else "Yang ditulis: "
        how = " tapped" if part.tapped else ""
        return f'<p class="said{how}"><span class="unseen">{doing}</span>{escape(part.text)}</p>'
    if isinstance(part, Aside):
        return f"<details><summary>{escape(part.label)}</summary>\n{_parts(part.parts)}\n</details>"
    return _message(part.out)


def _message(out: Outgoing) -> str:
    body = _poll(out) if out.how == "poll" else _picture(out) + _text(out.text)
    return f'<div class="message"><div class="bubble">{body}</div>{_buttons(out.rows)}</div>'


def _text(text: str) -> str:
    return f'<div class="text">{page_html(text)}</div>' if text else ""


def _picture(out: Outgoing) -> str:
    if out.how != "photo" or out.file is None:
        return ""
    # The caption says in words what the picture shows; its first line names it.
    named = unescape(out.text).strip().partition("\n")[0]
    source = "data:image/png;base64," + b64encode(out.file).decode()
    return f'<img src="{source}" alt="Gambar. {escape(named)}">'


def _poll(out: Outgoing) -> str:
    options = [
        f'<li class="right"><b>{escape(option)}</b><span class="unseen"> (jawaban yang benar)</span></li>'
        if place == out.correct
        else f"<li>{escape(option)}</li>"
        for place, option in enumerate(out.options)
    ]
    return (
        f'{_text(out.description)}<div class="poll"><p class="question">{escape(out.text)}</p>'
        f'<p class="kind">Kuis</p>\n'
        f'<ul class="options">\n{_lines(options)}\n</ul>\n<p class="why">{escape(out.explanation)}</p></div>'
    )


def _buttons(rows: Rows) -> str:
    if not rows:
        return ""
    lines = [
        "<li>" + "".join(f'<span class="button">{escape(button.label)}</span> ' for button in row) + "</li>"
        for row in rows
    ]
    return f'<ul class="buttons" aria-label="Tombol">{"".join(lines)}</ul>'


def _lines(parts: Sequence[str]) -> str:
    return "\n".join(parts)
