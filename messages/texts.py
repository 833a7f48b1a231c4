"""Templates: from facts to the text that people read. Autoescaped for Telegram's HTML."""

import contextlib
import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateError, meta

from bot.clock import from_text
from messages import formats
from messages.library import SHIPPED, units16

_MANY_BLANK_LINES = re.compile(r"\n{3,}")
TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
# What each template's text asks for and includes: the same text asks for the same, in whichever folder.
_ASKED: dict[str, tuple[frozenset[str], tuple[str | None, ...]]] = {}


class Texts:
    """Renders the content folder's templates; one that is missing there is taken from the shipped ones."""

    def __init__(self, folder: Path, zone: ZoneInfo) -> None:
        self._zone = zone
        self._loader = ChoiceLoader([FileSystemLoader(folder / "templates"), FileSystemLoader(SHIPPED / "templates")])
        self._environment = Environment(
            loader=self._loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=400,
        )
        self._environment.filters.update(
            day=self._moment(formats.day),
            day_short=self._moment(formats.day_short),
            clock=self._moment(formats.clock_time),
            moment=self._moment(formats.moment),
            greeting=self._moment(formats.greeting),
            number=formats.number,
            decimal=formats.decimal,
            percent=formats.percent,
            week=formats.week_label,
            clip=clip,
            stop=stop,
        )
        self._environment.globals["span"] = self._span

    def render(self, template: str, facts: dict[str, Any]) -> str:
        """Return the text of `<template>.j2` for these facts.

        Raises jinja2.TemplateError for a template that is missing or asks for a fact that is not given.
        """
        text = self._environment.get_template(f"{template}.j2").render(facts)
        return _MANY_BLANK_LINES.sub("\n\n", text).strip()

    def compile_all(self) -> None:
        """Compile every template, which else is done as each is first said; takes some tenths of a second.

        A template that cannot be compiled is left to whoever says it.
        """
        for name in self._loader.list_templates():
            with contextlib.suppress(TemplateError):
                self._environment.get_template(name)

    def asks_for(self, template: str) -> frozenset[str]:
        """Return the names of the facts that a template asks for, with those of what it includes.

        Raises jinja2.TemplateError for one that is missing or cannot be read.
        """
        text, _name, _fresh = self._loader.get_source(self._environment, f"{template}.j2")
        if text not in _ASKED:
            parsed = self._environment.parse(text)
            names = frozenset(meta.find_undeclared_variables(parsed)) - frozenset(self._environment.globals)
            _ASKED[text] = names, tuple(meta.find_referenced_templates(parsed))
        names, included = _ASKED[text]
        return names.union(*(self.asks_for((other or "").removesuffix(".j2")) for other in included))

    def _moment(self, form: Callable[..., str]) -> Callable[[str | datetime | date], str]:
        def filtered(value: str | datetime | date) -> str:
            moment = from_text(value) if isinstance(value, str) else value
            return form(moment, self._zone) if isinstance(moment, datetime) else form(moment)

        return filtered

    def _span(self, start: str, end: str) -> str:
        return formats.span(from_text(start), from_text(end), self._zone)


def clip(text: str, limit: int) -> str:
    """Shorten to `limit` UTF-16 units, at a word if possible, with an ellipsis."""
    if units16(text) <= limit:
        return text
    # No character is less than one unit.
    text = text[: max(0, limit - 1)]
    while text and units16(text) > limit - 1:
        text = text[:-1]
    cut = text.rsplit(" ", 1)[0] if " " in text[-40:] else text
    return cut.rstrip(" ,.;:") + "…"


def stop(text: str) -> str:
    """End a sentence with one full stop, also after a title such as "S.K.M."."""
    return text if text.endswith(".") else text + "."
