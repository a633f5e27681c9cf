"""Turns what a page shows into HTML. Templates escape everything; none of them may switch that off."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from gateway.explorer.appearance import Appearance, Theme
from gateway.explorer.languages import NAMES, Catalogue, Language, load_catalogues
from gateway.explorer.wording import bytes_in_words, figure, milliseconds, moment, money, number, percent, score

PREFIX = "/explorer"
STATIC = Path(__file__).parent / "static"
_TEMPLATES = Path(__file__).parent / "templates"


class Renderer:
    """Templates compiled, and words read, when it is made: a page that is broken is broken at start."""

    def __init__(self) -> None:
        self.catalogues: Mapping[Language, Catalogue] = load_catalogues()
        environment = Environment(
            autoescape=True,
            undefined=StrictUndefined,
            loader=FileSystemLoader(_TEMPLATES),
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters |= {"ms": milliseconds, "moment": moment, "number": number, "score": score}
        environment.filters |= {"bytes": bytes_in_words, "money": money, "figure": figure, "percent": percent}
        environment.globals |= {"prefix": PREFIX, "static": _static_addresses(), "themes": tuple(Theme), "languages": NAMES}
        self._pages: Mapping[str, Template] = MappingProxyType(
            {name: environment.get_template(name) for name in environment.list_templates(extensions=["html"])}
        )

    def page(self, template: str, appearance: Appearance, /, **values: Any) -> str:
        """The page `template`.html in somebody's language; `t` gives sentences to it."""
        words = self.catalogues[appearance.language]
        return self._pages[f"{template}.html"].render(t=words, appearance=appearance, **values)


@cache
def compiled_renderer() -> Renderer:
    """One for the process: nothing in it depends on the gateway it serves, and to compile the pages takes half a second."""
    return Renderer()


def _static_addresses() -> Mapping[str, str]:
    """Each static file's address with a digest of its content: it may be kept for good, and a new one has a new address."""
    files = (path for path in STATIC.iterdir() if path.is_file())
    return MappingProxyType({path.name: f"{PREFIX}/static/{path.name}?v={_digest(path)}" for path in files})


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
