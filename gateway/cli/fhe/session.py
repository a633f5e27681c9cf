"""What the commands of `gateway fhe` share: bits, files with a secret, the extra that they need, and how they end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from gateway.fhe.model.widths import Widths


Model = Annotated[Path, typer.Option(help="The model: a GGUF of Llama's architecture.", exists=True, dir_okay=False)]
Weight = Annotated[int, typer.Option(help="Bits of a weight, sign included.", min=2, max=15)]
Activation = Annotated[int, typer.Option(help="Bits of an activation, sign included.", min=3, max=20)]
Layers = Annotated[
    list[str] | None,
    typer.Option(help="Other bits for some: 0-3=12,13 or 29/down=12,14 or, for all layers, down=11,14; several times."),
]


def widths_of(weight: int, activation: int, layers: list[str] | None) -> Widths:
    """Raises UnusableBits."""
    from gateway.fhe.model.quantise import Bits
    from gateway.fhe.model.widths import Override, Widths

    return Widths(Bits(weight, activation), tuple(Override.read(each) for each in layers or ()))


def need_extra() -> None:
    """Ends the command where the libraries are not installed."""
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in ("seal", "numba", "gguf", "tokenizers", "websockets")):
        fail("this needs the extra `fhe`: pip install -e '.[fhe]'")


def line_of(file: Path, option: str) -> str:
    """The one line of a file with a secret, less the blanks around it: it is never shown, nor is none taken for one."""
    try:
        line = file.read_text(encoding="utf-8").strip()
    except OSError:
        fail(f"{option}: the file cannot be read")
    except ValueError:
        fail(f"{option}: the file is not UTF-8 text")
    if not line or not line.isprintable():
        fail(f"{option}: the file does not hold one line of text")
    return line


def fail(message: str) -> NoReturn:
    """Ends the command with status 1."""
    typer.echo(message, err=True)
    raise typer.Exit(1)
