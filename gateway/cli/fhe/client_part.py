"""`gateway fhe client-part`: the file that a client needs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.fhe.session import Activation, Layers, Model, Weight, fail, need_extra, widths_of


def client_part(
    model: Model,
    output: Annotated[Path, typer.Option(help="The file to write: a GGUF without the model's matrices.")],
    weight_bits: Weight = 11,
    activation_bits: Activation = 13,
    layer_bits: Layers = None,
) -> None:
    """Write the file that a client needs: embedding, norms, tokenizer, and how the matrices are cut and scaled."""
    need_extra()
    from gateway.fhe.model.blueprint import drawn
    from gateway.fhe.model.client_part import write_client_part
    from gateway.fhe.model.gguf_file import ModelFile, UnreadableModel
    from gateway.fhe.model.quantise import UnusableBits
    from gateway.fhe.plan import NoPlan

    try:
        file = ModelFile(model)
        blueprint, scales = drawn(file, lambda *_: None, bits=widths_of(weight_bits, activation_bits, layer_bits))
        write_client_part(file, blueprint, scales, output)
        with output.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
    except (UnreadableModel, UnusableBits, NoPlan) as error:
        fail(str(error))
    except OSError:
        fail("the output cannot be written")
    typer.echo(f"{output}: {output.stat().st_size / 1e6:.0f} MB, fingerprint {blueprint.fingerprint.hex()}")
    typer.echo(f"SHA-256 of the file: {digest}")
