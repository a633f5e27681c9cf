"""What the documents of `gateway assurance` share on the command line: their language, their form, their words."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.assurance import evidence
from gateway.assurance.evidence.document import Document
from gateway.assurance.evidence.rendering import as_json, markdown
from gateway.explorer.languages import Catalogue, Language, load_catalogues

_WORDS = Path(evidence.__file__).parent / "words"


class Tongue(StrEnum):
    """A language of the documents."""

    ENGLISH = "en"
    CHINESE = "zh"


InLanguage = Annotated[Tongue, typer.Option("--language", help="Of the document.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object instead of Markdown.")]


def catalogue(tongue: Tongue) -> Catalogue:
    """The documents' own words, and the explorer's, which say the same things of an exchange."""
    language = Language.ENGLISH if tongue is Tongue.ENGLISH else Language.CHINESE
    own, pages = load_catalogues(_WORDS)[language], load_catalogues()[language]
    return Catalogue(language, {**pages.sentences, **own.sentences})


def show(document: Document, tongue: Tongue, *, machine: bool) -> None:
    render = as_json if machine else markdown
    typer.echo(render(document, catalogue(tongue)), nl=False)
