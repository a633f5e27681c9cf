"""HTML: the text that a reader of the page sees, and bookmarks as browsers export them.

Scripts, styles and what is marked as hidden are left out: text that only a machine would see has no reason to be found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from gateway.knowledge.formats.document import Block, Document, Refusal, Refused, document
from gateway.knowledge.formats.text import decoded

_SILENT = frozenset("script style noscript template svg math iframe object head title select".split())
_BREAKS = frozenset(
    "p div section article header footer main aside nav ul ol li dl dt dd table tr pre blockquote br hr figure figcaption "
    "form fieldset address caption details summary body html".split()
)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HEADING = re.compile(r"h([1-6])")
_DEEPEST = 2_000
_BOOKMARKS = re.compile(rb"\s*<!DOCTYPE\s+NETSCAPE-Bookmark-file", re.IGNORECASE)

Attributes = Sequence[tuple[str, str | None]]


def read_html(data: bytes) -> Document:
    """A page, or a list of bookmarks."""
    if _BOOKMARKS.match(data.removeprefix(b"\xef\xbb\xbf")):
        return document("Bookmarks", _Bookmarks.read(decoded(data)))
    page = _Page()
    page.feed(decoded(data))
    page.close()
    page.flush()
    return document(page.title, page.blocks)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.blocks: list[Block] = []
        self._said: list[str] = []
        self._silent: list[str] = []
        """Open elements, from the outermost that is not shown."""
        self._level = 0
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        heading = _HEADING.fullmatch(tag)
        if self._silent[:1] == ["head"] and (tag == "body" or (len(self._silent) == 1 and (tag in _BREAKS or heading))):
            self._silent.clear()  # a head may be left open
        if tag == "title" and not self.title and self._silent in ([], ["head"]):  # a drawing's is seen by nobody
            self._in_title = True
        elif self._silent or tag in _SILENT or _is_hidden(attrs):
            self._hide(tag)
        elif heading:
            self.flush()
            self._level = int(heading[1])
        elif tag in _BREAKS:
            self.flush()
        elif tag in ("td", "th"):
            self._said.append(" | " if self._said else "")

    def handle_endtag(self, tag: str) -> None:
        if self._in_title and tag == "title":
            self._in_title = False
        elif self._silent:
            if tag in self._silent:
                del self._silent[len(self._silent) - 1 - self._silent[::-1].index(tag) :]
        elif tag in _BREAKS or _HEADING.fullmatch(tag):
            self.flush()

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif not self._silent:
            self._said.append(data)

    def flush(self) -> None:
        """What was said since the last break is a block."""
        text = " ".join("".join(self._said).split())
        if text:
            self.blocks.append(Block(text, level=self._level))
        self._said.clear()
        self._level = 0

    def _hide(self, tag: str) -> None:
        if tag not in _VOID:
            self._silent.append(tag)
        if len(self._silent) > _DEEPEST:
            raise Refused(Refusal.BROKEN)


class _Bookmarks(HTMLParser):
    """The Netscape format: DL for folders, H3 for their names, DT and A for bookmarks, DD for what somebody noted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._folders: list[str] = []
        self._named: str | None = None
        self._found: list[tuple[tuple[str, ...], str, list[str], list[str]]] = []
        self._into: list[str] | None = None
        """Where text goes that is read now."""

    @classmethod
    def read(cls, text: str) -> Iterator[Block]:
        parser = cls()
        parser.feed(text)
        parser.close()
        for folders, address, title, note in parser._found:
            lines = ("".join(title).strip(), address, " / ".join(folders), "".join(note).strip())
            yield Block("\n".join(line for line in lines if line), alone=True)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        self._into = None
        if tag == "a":
            address = dict(attrs).get("href") or ""
            self._into = []
            self._found.append((tuple(name for name in self._folders if name), address, self._into, []))
        elif tag == "dd" and self._found:
            self._into = self._found[-1][3]
        elif tag == "h3":
            self._named = ""
        elif tag == "dl":
            self._folders.append(self._named or "")
            self._named = None

    def handle_endtag(self, tag: str) -> None:
        self._into = None
        if tag == "dl" and self._folders:
            self._folders.pop()

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)
        elif self._named is not None:
            self._named += data.strip()


def _is_hidden(attrs: Attributes) -> bool:
    given = dict(attrs)
    return "hidden" in given or given.get("aria-hidden") == "true" or bool(_HIDDEN.search(given.get("style") or ""))
