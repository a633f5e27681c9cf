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
from bench.fhe.article.tables import accuracy_table, encrypted_table, same, settings_of
from bench.fhe.texts import TEXTS
from gateway.cli.demo.model import model_file
from gateway.fhe.model.agreement import agreements
from gateway.fhe.model.gguf_file import ModelFile


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
        console.print(_accuracy(model, reader, given.bits))


def _encrypted(model: ModelFile, reader: Reader, given: argparse.Namespace) -> Table:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "head.npz"
        numbers = {"bits": given.head_bits, "read_bits": given.read_bits}
        np.savez(file, windows=reader.read()[1], weights=head_weights(model), **numbers)
        command = [str(given.concrete), "-m", "bench.fhe.article.under_encryption", str(file)]
        lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    found = {name: value for line in lines for name, value in json.loads(line).items()}
    return encrypted_table(found, given.head_bits)


def _accuracy(model: ModelFile, reader: Reader, bits: list[int]) -> Table:
    wanted, windows = reader.read()
    weights = head_weights(model)
    heads = [same(wanted, reader.read(calibrated(each, windows, weights))[0]) for each in bits]
    whole = [found.same / found.positions for found in agreements(model, TEXTS, settings_of(bits))]
    return accuracy_table(bits, heads, whole)


if __name__ == "__main__":
    main(sys.argv[1:])
