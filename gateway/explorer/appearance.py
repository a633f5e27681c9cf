"""How somebody wants the pages: language and theme, each kept in a cookie that holds one word and no secret."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from starlette.requests import Request

from gateway.explorer.languages import Language, preferred

LANGUAGE_COOKIE = "explorer_language"
THEME_COOKIE = "explorer_theme"

_Word = TypeVar("_Word", bound=StrEnum)


class Theme(StrEnum):
    """`auto` follows the browser."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Appearance:
    language: Language = Language.ENGLISH
    theme: Theme = Theme.AUTO


def appearance_of(request: Request) -> Appearance:
    """What the cookies say; the language else as the browser asks."""
    language = _among(Language, request.cookies.get(LANGUAGE_COOKIE))
    theme = _among(Theme, request.cookies.get(THEME_COOKIE))
    return Appearance(language or preferred(request.headers.get("accept-language", "")), theme or Theme.AUTO)


def _among(words: type[_Word], given: str | None) -> _Word | None:
    return next((word for word in words if word.value == given), None)
