"""Markdown (CommonMark): headings and blocks, as they are written."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt

from gateway.knowledge.formats.document import Block, Document, document
from gateway.knowledge.formats.text import decoded


def read_markdown(data: bytes) -> Document:
    blocks = list(_blocks(decoded(data)))
    title = next((block.text for block in blocks if block.level == 1), "")
    return document(title, blocks)


def _blocks(text: str) -> Iterator[Block]:
    lines = text.split("\n")
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for at, token in enumerate(tokens):
        if token.level == 0 and token.map is not None and token.nesting >= 0:
            if token.type == "heading_open":
                yield Block(tokens[at + 1].content, level=int(token.tag[1]))
            else:
                yield Block("\n".join(lines[token.map[0] : token.map[1]]).strip())
