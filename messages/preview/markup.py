"""Telegram's HTML as a page's: what Telegram shows is kept, whatever else a template holds is shown, not obeyed."""

from html import escape
from html.parser import HTMLParser

# What stands in the page for each tag that Telegram knows.
_TAGS = {
    "b": "b", "strong": "b", "i": "i", "em": "i", "u": "u", "ins": "u", "s": "s", "strike": "s", "del": "s",
    "code": "code", "pre": "code", "blockquote": "q", "tg-spoiler": "span", "a": "u",
}  # fmt: skip


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.parts.append(escape(self.get_starttag_text() or ""))
            return
        self.open.append(tag)
        self.parts.append(f"<{_TAGS[tag]}>")

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.open:
            self.parts.append("" if tag in _TAGS else escape(f"</{tag}>"))
            return
        while self.open:
            last = self.open.pop()
            self.parts.append(f"</{_TAGS[last]}>")
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        self.parts.append(escape(data))

    def handle_comment(self, data: str) -> None:
        self.parts.append(escape(f"<!--{data}-->"))

    def handle_decl(self, decl: str) -> None:
        self.parts.append(escape(f"<!{decl}>"))

    def unknown_decl(self, data: str) -> None:
        self.parts.append(escape(f"<![{data}]>"))

    def handle_pi(self, data: str) -> None:
        self.parts.append(escape(f"<?{data}>"))


def page_html(text: str) -> str:
    """Return a message's text as HTML that closes what it opens and holds no tag but a few harmless ones."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.parts += [f"</{_TAGS[tag]}>" for tag in reversed(reader.open)]
    return "".join(reader.parts)
