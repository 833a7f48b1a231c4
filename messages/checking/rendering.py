"""Telegram's limits after rendering: every template of the folder with the longest names, every keyboard, every poll.

Lengths are UTF-16 units without the tags, as Telegram counts them: a message 4,096, a caption 1,024, a question 300,
an option 100, an explanation 200, a button's label 64 (what a phone shows), its data 64 bytes, a command's
description 256. Options and explanations are measured as the files are read (messages/library.py).
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import TemplateError

from messages import menus
from messages.checking.finding import Finding
from messages.checking.passages import item_places, place
from messages.checking.samples import CAPTIONS, TOUCH_FACTS, TOUCHES, Alternatives, Facts, samples, usual
from messages.checking.structure import last_template
from messages.composing import ALL_KEYBOARDS
from messages.fitting import shown_length
from messages.library import SHIPPED, Library, units16
from messages.outgoing import Rows
from messages.texts import CAPTION_LIMIT, TEXT_LIMIT, Texts

QUESTION_LIMIT = 300
# The bot writes "10/10 " before each question.
COUNTER = len("10/10 ")
EXPLANATION_LINES = 2
LABEL_LIMIT = 64
DATA_LIMIT = 64
DESCRIPTION_LIMIT = 256
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\u2b00-\u2bff]")
_TAGS = frozenset(
    {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "blockquote", "tg-spoiler", "a"}
)

# What a template may raise that uses a fact as what it is not.
_CANNOT = (TemplateError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError)


def findings(library: Library, zone: ZoneInfo) -> Iterator[Finding]:
    """Give what does not fit into Telegram, and what cannot be rendered at all."""
    texts, shipped = Texts(library.folder, zone), Texts(SHIPPED, zone)
    for path in sorted((library.folder / "templates").glob("*.j2")):
        yield from _template(library, texts, shipped, path)
    for template in sorted(ALL_KEYBOARDS):
        yield from _keyboard(library, template)
    yield from _polls(library)
    yield from _commands()


def _template(library: Library, texts: Texts, shipped: Texts, path: Path) -> Iterator[Finding]:
    file, name = str(path), path.stem
    if not (SHIPPED / "templates" / path.name).is_file():
        yield Finding(
            file, "", "no message has this name", "name it as a shipped template, or take it away", advice=True
        )
        return
    facts = samples(library, name)
    try:
        asked = texts.asks_for(name)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        yield Finding(
            file, f"line {line}" if line else "", str(error.message), "write a filter or a file that there is"
        )
        return
    given = _given(name, shipped) & facts.keys()
    foreign = sorted(asked - given)
    for fact in foreign:
        close = get_close_matches(fact, sorted(given), 1)
        remedy = f"did you mean {{{{ {close[0]} }}}}?" if close else "take it out"
        yield Finding(file, _line_of(path, fact), f"this message gets no fact {fact}", remedy)
    if not foreign and not name.startswith("_"):
        yield from _rendered(file, name, texts, {fact: facts[fact] for fact in sorted(asked)})


def _line_of(path: Path, fact: str) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, 1) if re.search(rf"\b{re.escape(fact)}\b", line)]
    return f"line {found[0]}" if found else "an included file"


def _given(template: str, shipped: Texts) -> frozenset[str]:
    """Return the facts that a message gets: those that the shipped template asks for, and all of a touch."""
    asked = shipped.asks_for(template)
    return asked | TOUCH_FACTS if template in TOUCHES else asked


def _rendered(file: str, name: str, texts: Texts, facts: dict[str, Alternatives]) -> Iterator[Finding]:
    try:
        variants = set(_variants(name, texts, facts))
    except _CANNOT as error:
        _file, line = last_template(error, file)
        yield Finding(file, line, f"cannot be rendered: {error}", "compare it with the shipped template of that name")
        return
    limit, what = (CAPTION_LIMIT, "caption") if name in CAPTIONS else (TEXT_LIMIT, "message")
    longest = max(map(shown_length, variants))
    if longest > limit:
        wrong = f"{longest} characters with the longest names, Telegram takes {limit} in a {what}"
        yield Finding(
            file, "length", wrong, f"shorten it by {longest - limit}, or clip a fact: {{{{ fact | clip(60) }}}}"
        )
    if any(len(EMOJI.findall(variant)) > 1 for variant in variants):
        yield Finding(file, "emoji", "more than one emoji in a message", "keep one as a signpost, at most")
    faults = {fault for variant in variants if (fault := _markup_fault(variant))}
    for fault in sorted(faults):
        yield Finding(
            file, "markup", fault, "open and close Telegram's tags in pairs, such as <b>…</b>; write &lt; for <"
        )


def _variants(name: str, texts: Texts, facts: dict[str, Alternatives]) -> list[str]:
    """Render with each alternative of each fact, going on from the longest text, then from the barest."""
    rendered: list[str] = []
    longest = dict(usual(facts))
    for _round in range(2):
        for fact, options in facts.items():
            tried = [(texts.render(name, longest | {fact: option}), option) for option in options]
            rendered += [text for text, _option in tried]
            longest[fact] = max(tried, key=lambda one: len(one[0]))[1]
    barest: Facts = {fact: options[-1] for fact, options in facts.items()}
    rendered.append(texts.render(name, barest))
    for fact, options in facts.items():
        rendered += [texts.render(name, barest | {fact: option}) for option in options[:-1]]
    return rendered


class _Markup(HTMLParser):
    """Notes the first tag that Telegram does not know, or that is not closed in its turn."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.fault: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        spoiler = tag == "span" and attrs == [("class", "tg-spoiler")]
        if tag not in _TAGS and not spoiler:
            self.fault = self.fault or f"Telegram knows no <{tag}>"
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.fault = self.fault or f"</{tag}> closes nothing"


def _markup_fault(text: str) -> str | None:
    if re.search(r"<(?![/a-zA-Z])", text):
        return "a bare < is no tag"
    markup = _Markup()
    markup.feed(text)
    markup.close()
    return markup.fault or (f"<{markup.open[-1]}> is not closed" if markup.open else None)


def _keyboard(library: Library, template: str) -> Iterator[Finding]:
    rows = ALL_KEYBOARDS[template](usual(samples(library, template)))
    yield from _buttons(f"buttons of {template}", place(library, "values.toml"), rows)


def _buttons(key: str, file: str, rows: Rows) -> Iterator[Finding]:
    for button in (button for row in rows for button in row):
        data = len((button.data or "").encode())
        if data > DATA_LIMIT:
            wrong = f'"{button.label}" carries {data} bytes, Telegram takes {DATA_LIMIT}'
            yield Finding(file, key, wrong, "shorten the id of the value")
        if not 0 < units16(button.label) <= LABEL_LIMIT:
            wrong = f'"{button.label}" has {units16(button.label)} characters, a button shows {LABEL_LIMIT}'
            yield Finding(file, key, wrong, "shorten the name of the value")


def _polls(library: Library) -> Iterator[Finding]:
    for file, item in item_places(library):
        length = units16(item.question) + COUNTER
        if length > QUESTION_LIMIT:
            wrong = f'{length} characters with the "10/10 " before it, Telegram takes {QUESTION_LIMIT}'
            yield Finding(file, f"{item.id}.question", wrong, f"shorten it by {length - QUESTION_LIMIT}")
        for number, option in enumerate(item.options):
            if not option.strip():
                yield Finding(file, f"{item.id}.options[{number}]", "is empty", "write an option, or take it out")
        if item.explanation.count("\n") > EXPLANATION_LINES:
            wrong = f"more than {EXPLANATION_LINES} line breaks"
            yield Finding(file, f"{item.id}.explanation", wrong, "write it as one paragraph")


def _commands() -> Iterator[Finding]:
    for menu in (menus.PARTICIPANT_MENU, menus.COORDINATOR_MENU, menus.ADMIN_MENU):
        for command, description in menu.items():
            if not 0 < units16(description) <= DESCRIPTION_LIMIT:
                wrong = f"{units16(description)} characters, Telegram takes {DESCRIPTION_LIMIT}"
                yield Finding(menus.__file__, f"/{command}", wrong, "shorten its description")
