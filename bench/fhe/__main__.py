"""What the encrypted endpoint costs, and how often its next word is that of the model in float32. `make bench-fhe`.

Method. The server is a process of its own, `gateway fhe serve`, with one thread; the client is this process, with keys,
encryption and decryption by SEAL. Times are CPU time of both. A prompt is read in shared ciphertexts (32 positions), then
tokens are generated greedily; of these the cheapest counts, since other work on the machine can only add. Bytes are those of
whole frames. What seeded ciphertexts would save is worked out, not measured: SEAL's Python binding does not make them.
Agreement is teacher-forced, in clear integers, which are those that come out of the encrypted products: `make proof-fhe`
shows that.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from rich.console import Console
from rich.table import Table

from bench.fhe.cost import Cost, answer_costs
from bench.fhe.setting import running
from bench.fhe.texts import TEXTS
from gateway.cli.demo import model_file
from gateway.fhe.model.agreement import agreements
from gateway.fhe.model.blueprint import Blueprint
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.quantise import Bits

_MB = 1e6


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench-fhe")
    parser.add_argument("--model", type=Path, default=None)
    parser.add_argument("--cost", nargs="*", default=["11,13"], help="settings to measure the cost of")
    parser.add_argument("--agreement", nargs="*", default=["8,8", "8,13", "10,13", "11,13"], help="settings to compare")
    parser.add_argument("--prompt", type=int, default=32, help="tokens of the prompt")
    parser.add_argument("--tokens", type=int, default=3, help="tokens to generate")
    given = parser.parse_args(arguments)
    model, console = given.model or model_file(), Console(width=140)
    if given.cost:
        console.print(_cost_table(model, [_bits(each) for each in given.cost], given.prompt, given.tokens))
    if given.agreement:
        console.print(_agreement_table(model, [_bits(each) for each in given.agreement]))


def _bits(text: str) -> Bits:
    return Bits(*map(int, text.split(",")))


def _cost_table(model: Path, settings: list[Bits], prompt: int, tokens: int) -> Table:
    table = Table(
        "bits", "of one", "client CPU-s", "server CPU-s", "CPU-s", "MB up", "MB down", "MB", "MB if seeded", "server GB"
    )
    for bits in settings:
        with running(model, bits) as setting:
            pieces = setting.generator.pieces
            words = tuple(pieces.encode_marked("\n".join(TEXTS))[:prompt])
            read, said = answer_costs(setting, words, tokens)
            blueprint, memory = setting.generator.part.blueprint, setting.server_memory() / 1e9
        for name, cost in (("prompt token", read), ("generated token", said)):
            table.add_row(str(bits), name, *_cells(cost, blueprint), f"{memory:.2f}")
    return table


def _cells(cost: Cost, blueprint: Blueprint) -> list[str]:
    """Half of a fresh ciphertext can be grown from a seed."""
    parameters = blueprint.parameters
    both = parameters.degree * 2 * parameters.bits / 8
    ciphertexts = cost.up / both
    seeded = cost.up - ciphertexts * (both / 2 - 32) + cost.down
    times = [f"{each:.2f}" for each in (cost.client_s, cost.server_s, cost.cpu_s)]
    return [*times, *(f"{each / _MB:.1f}" for each in (cost.up, cost.down, cost.up + cost.down, seeded))]


def _agreement_table(model: Path, settings: list[Bits]) -> Table:
    table = Table("bits", "positions", "same next word as float32")
    for found in agreements(ModelFile(model), TEXTS, settings):
        table.add_row(str(found.bits), str(found.positions), f"{100 * found.same / found.positions:.1f} %")
    return table


if __name__ == "__main__":
    main(sys.argv[1:])
