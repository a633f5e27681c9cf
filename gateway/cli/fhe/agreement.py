"""`gateway fhe agreement`: what quantising does to a model's words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gateway.cli.fhe.session import Model, fail, need_extra


def agreement(
    model: Model,
    text: Annotated[list[Path], typer.Option(help="A text to compare on; may be given several times.", exists=True)],
    bits: Annotated[
        list[str] | None,
        typer.Option(help="weight,activation, and others for some layers ('11,13 0-3=12,13'); several times. Default: 11,13."),
    ] = None,
) -> None:
    """How often the quantised model would say the same next word as the model in its file."""
    need_extra()
    from gateway.fhe.model.agreement import agreements
    from gateway.fhe.model.gguf_file import ModelFile, UnreadableModel
    from gateway.fhe.model.quantise import UnusableBits
    from gateway.fhe.model.widths import Widths

    try:
        settings = [Widths.read(each) for each in bits or ["11,13"]]
        texts = [file.read_text(encoding="utf-8") for file in text]
        table = Table("bits", "positions", "same next word")
        for found in agreements(ModelFile(model), texts, settings):
            table.add_row(str(found.bits), str(found.positions), f"{100 * found.same / found.positions:.1f} %")
    except (UnreadableModel, UnusableBits) as error:
        fail(str(error))
    except UnicodeDecodeError:
        fail("texts must be UTF-8")
    Console().print(table)
