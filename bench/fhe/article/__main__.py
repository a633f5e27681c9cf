"""The article's experiment on our model: one head under Concrete, and accuracy against bits. `make bench-fhe-article`.

Zama's "Towards Encrypted Large Language Models with FHE" encrypts one attention head of GPT-2 over six tokens. Here it is the
first head of SmolLM2's first layer, over windows of six tokens, quantised to 2 to 8 bits; beside it all matrices of the model,
quantised to as many bits, as our endpoint multiplies by them. What is told is how often the next word is that of the model in
float32.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.fhe.article.head import calibrated
from bench.fhe.article.model import Reader, head_weights
from bench.fhe.texts import TEXTS
from gateway.cli.demo import model_file
from gateway.fhe.model.agreement import agreements
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.quantise import Bits
from gateway.fhe.model.widths import Widths

_LEAST_ACTIVATION = 3


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench-fhe-article")
    parser.add_argument("--model", type=Path, default=None)
    parser.add_argument("--bits", nargs="*", type=int, default=list(range(2, 9)), help="bits to compare")
    parser.add_argument("--concrete", type=Path, default=None, help="a Python that has it; without it no head is encrypted")
    parser.add_argument("--head-bits", type=int, default=4, help="bits of the encrypted head")
    parser.add_argument("--read-bits", type=int, default=6, help="bits of a sum that a table reads there")
    given = parser.parse_args(arguments)
    model, console = ModelFile(given.model or model_file()), Console(width=140)
    reader = Reader(model, TEXTS)
    if given.concrete:
        console.print(_encrypted(model, reader, given))
    if given.bits:
        console.print(_accuracy_table(model, reader, given.bits))


def _encrypted(model: ModelFile, reader: Reader, given: argparse.Namespace) -> Table:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "head.npz"
        numbers = {"bits": given.head_bits, "read_bits": given.read_bits}
        np.savez(file, windows=reader.read()[1], weights=head_weights(model), **numbers)
        command = [str(given.concrete), "-m", "bench.fhe.article.under_encryption", str(file)]
        lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    found = {name: value for line in lines for name, value in json.loads(line).items()}
    table = Table("one head, six tokens", f"{given.head_bits} bits")
    for name, value in (
        ("look-ups (PBS)", f"{found['pbs']:,}"),
        ("widest number, bits", f"{found['bits']}"),
        ("evaluation keys, MB", f"{found['key_mb']:,.0f}"),
        ("input and output, MB", f"{found['input_mb']:.0f} and {found['output_mb']:.0f}"),
        ("to compile, CPU-s", f"{found['compile_s']:,.0f}"),
        ("to make keys, CPU-s", f"{found['keys_s']:,.0f}"),
        ("to run, CPU-s (and seconds)", f"{found['run_s']:,.0f} ({found['wall_s']:,.0f})"),
        ("away from the same in clear", f"{100 * found['away']:.1f} %"),
        ("  simulated, of 20 texts", f"{100 * found['simulated_away']:.1f} %"),
        ("  by reading the highest bits alone", f"{100 * found['read_away']:.1f} %"),
    ):
        table.add_row(name, value)
    return table


def _accuracy_table(model: ModelFile, reader: Reader, widths: list[int]) -> Table:
    table = Table("bits", "the head alone", "all weights, activations of 13", "all weights and activations")
    wanted, windows = reader.read()
    weights = head_weights(model)
    settings = [Widths(Bits(bits, activation)) for bits in widths for activation in (13, max(bits, _LEAST_ACTIVATION))]
    whole = [found.same / found.positions for found in agreements(model, TEXTS, settings)]
    for bits, with_13, with_as_many in zip(widths, whole[::2], whole[1::2], strict=True):
        said, _ = reader.read(calibrated(bits, windows, weights))
        head = sum(a == b for a, b in zip(wanted, said, strict=True)) / len(wanted)
        table.add_row(str(bits), *(f"{100 * share:.1f} %" for share in (head, with_13, with_as_many)))
    return table


if __name__ == "__main__":
    main(sys.argv[1:])
