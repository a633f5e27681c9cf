"""What the encrypted endpoint costs, and how often its next word is that of the model in float32. `make bench-fhe`.

Method. The server is a process of its own, `gateway fhe serve`, with one thread; the client is this process, with keys,
encryption and decryption by SEAL. Times are CPU time of both. A prompt is read in shared ciphertexts, then tokens are generated
greedily; of these the cheapest counts, since other work on the machine can only add. Bytes are those of whole frames. What
seeded ciphertexts would save is worked out, not measured: SEAL's Python binding does not make them. Agreement is
teacher-forced, in clear integers, which are those that come out of the encrypted products: `make proof-fhe` shows that.

The kernels are compared with SEAL's evaluator in one process, by turns. What the client's encryptions and decryptions take is
SEAL's and that of our transforms; "of these, transforms" is one for each ciphertext that goes up, and for each that comes back
one and the part of one that its results need.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from rich.console import Console
from rich.table import Table

from bench.fhe.cost import Cost, answer_costs, together
from bench.fhe.kernels import PARTS, beside_seal, one_pass
from bench.fhe.setting import Setting, running
from bench.fhe.texts import TEXTS
from gateway.cli.demo.model import model_file
from gateway.fhe.model.agreement import agreements
from gateway.fhe.model.gguf_file import ModelFile
from gateway.fhe.model.widths import Widths
from gateway.fhe.parameters import Parameters

_MB = 1e6
_SETTINGS = ["8,8", "8,13", "10,13", "11,13", "11,14"]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench-fhe")
    parser.add_argument("--model", type=Path, default=None)
    parser.add_argument("--settings", nargs="*", default=_SETTINGS, help="bits, as `gateway fhe agreement` takes them")
    parser.add_argument("--prompts", nargs="*", type=int, default=[32, 128], help="tokens of a prompt")
    parser.add_argument("--tokens", type=int, default=3, help="tokens to generate")
    parser.add_argument("--layers", type=int, default=6, help="layers to multiply by for several clients at once")
    given = parser.parse_args(arguments)
    model, console = given.model or model_file(), Console(width=140)
    for number, each in enumerate(given.settings):
        bits = Widths.read(each)
        with running(model, bits) as setting:
            console.print(_cost_table(setting, bits, given.prompts, given.tokens))
            if number == len(given.settings) - 1:
                console.print(_clients_table(setting, given.tokens))
        (found,) = agreements(ModelFile(model), TEXTS, [bits])
        share = f"{100 * found.same / found.positions:.1f} %"
        console.print(f"{bits}: the same next word as float32 at {found.same} of {found.positions} positions, {share}\n")
    console.print(_kernel_table(ModelFile(model)))
    console.print(_pass_table(ModelFile(model), given.layers))


def _cost_table(setting: Setting, bits: Widths, prompts: list[int], tokens: int) -> Table:
    table = Table(
        str(bits),
        "client CPU-s",
        "server CPU-s",
        "CPU-s",
        "MB up",
        "MB down",
        "MB",
        "MB if seeded",
        "server GB",
        title="of one",
    )
    text = setting.generator.pieces.encode_marked("\n".join(TEXTS))
    for count in prompts:
        read, said = answer_costs(setting, tuple(text[:count]), tokens)
        table.add_row(f"token of a prompt of {count}", *_cells(read, setting))
    table.add_row("generated token", *_cells(said, setting), f"{setting.server_memory() / 1e9:.2f}")
    return table


def _cells(cost: Cost, setting: Setting) -> list[str]:
    """Half of a fresh ciphertext can be grown from a seed."""
    parameters: Parameters = setting.generator.part.blueprint.parameters
    both = parameters.degree * 2 * parameters.bits / 8
    seeded = cost.up - cost.up / both * (both / 2 - 32) + cost.down
    times = [f"{each:.2f}" for each in (cost.client_s, cost.server_s, cost.cpu_s)]
    return [*times, *(f"{each / _MB:.1f}" for each in (cost.up, cost.down, cost.up + cost.down, seeded))]


def _clients_table(setting: Setting, tokens: int) -> Table:
    table = Table("clients at once", "server CPU-s a token", "seconds a token of each", title="one server of one thread")
    for clients in (1, 2):
        server_s, wall_s = together(setting, clients, tokens)
        table.add_row(str(clients), f"{server_s:.2f}", f"{wall_s:.2f}")
    return table


def _kernel_table(model: ModelFile) -> Table:
    found = beside_seal(model)
    table = Table("of a generated token", "CPU-s", title=f"products {'are' if found.same else 'ARE NOT'} SEAL's, bit for bit")
    for name, seconds in zip(PARTS, found.seconds, strict=True):
        table.add_row(name, f"{seconds:.2f}")
    return table


def _pass_table(model: ModelFile, layers: int) -> Table:
    table = Table("clients in one pass", "server CPU-s a token", title="one pass over the weights for several clients")
    for clients, seconds in one_pass(model, (1, 2, 4), layers):
        table.add_row(str(clients), f"{seconds:.2f}")
    return table


if __name__ == "__main__":
    main(sys.argv[1:])
