"""Reads a preview's page as a browser would, and complains of what a browser would only guess at."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "input", "img"})


@dataclass
class Touch:
    """One touch as it stands in the page."""

    at: str
    words: str = ""
    texts: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    polls: list[list[str]] = field(default_factory=list)


class Page(HTMLParser):
    """The page's chapters by their titles; tags must close in the order in which they were opened."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.chapters: dict[str, list[Touch]] = {}
        self._touches: list[Touch] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        found = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in found.items()]
        kind = found.get("class", "")
        if tag not in VOID:
            self.open.append((tag, kind))
        if tag == "section":
            self._touches = []
        elif tag == "h2":
            self.chapters[""] = self._touches
        elif tag == "time":
            self._touches.append(Touch(found["datetime"]))
        elif kind == "text":
            self._touches[-1].texts.append("")
        elif kind == "button":
            self._touches[-1].buttons.append("")
        elif kind == "poll":
            self._touches[-1].polls.append([])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][0] == "h2":
            self.chapters[data] = self.chapters.pop("")
        if not self._touches:
            return
        touch, classes = self._touches[-1], [kind for _, kind in self.open]
        touch.words += data
        if "text" in classes:
            touch.texts[-1] += data
        if "button" in classes:
            touch.buttons[-1] += data
        if "poll" in classes and data.strip():
            touch.polls[-1].append(data.strip())

    def values(self, name: str) -> list[str]:
        """Return all values of an attribute."""
        return [value for _, attribute, value in self.attributes if attribute == name]
