"""The head under encryption by Concrete, in an environment of its own: `python -m bench.fhe.article.under_encryption FILE`.

Concrete multiplies two ciphertexts by two table look-ups, and each look-up is a programmable bootstrapping (PBS). Tables read
the highest bits of a sum: for whole ones of 12 bits Concrete finds no parameters.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import numpy as np

from bench.fhe.article.counting import away, widths_read
from bench.fhe.article.head import Floats, Function, Head, Integers, Tabulate, calibrated, in_clear

sys.modules.setdefault("torch", MagicMock())  # only the reference of convolutions needs it, which the head does not have
from concrete import fhe  # type: ignore[import-not-found,unused-ignore]  # noqa: E402

_P_ERROR = 1e-4
"""Chance that a look-up reads a neighbour's place."""
_SIMULATED = 20
"""Texts that are simulated."""


def main(file: Path) -> None:
    given = np.load(file)
    windows, head = given["windows"], calibrated(int(given["bits"]), given["windows"], given["weights"])
    read_bits = int(given["read_bits"])
    compiler = fhe.Compiler(lambda states: head.attended(states, _tables(head, windows, read_bits)), {"states": "encrypted"})
    texts = [head.integers(each) for each in windows]
    compile_s, circuit = _timed(lambda: compiler.compile(texts, fhe.Configuration(p_error=_P_ERROR, fhe_simulation=True)))
    print(json.dumps({"compile_s": compile_s} | _described(circuit)), flush=True)
    print(json.dumps(_simulated(circuit, head, texts[:_SIMULATED])), flush=True)
    print(json.dumps(_measured(circuit, head, texts[0])), flush=True)


def _described(circuit: Any) -> dict[str, float]:
    statistics = circuit.statistics
    return {
        "pbs": statistics["programmable_bootstrap_count"],
        "bits": circuit.graph.maximum_integer_bit_width(),
        "key_mb": (statistics["size_of_bootstrap_keys"] + statistics["size_of_keyswitch_keys"]) / 1e6,
        "input_mb": statistics["size_of_inputs"] / 1e6,
        "output_mb": statistics["size_of_outputs"] / 1e6,
    }


def _measured(circuit: Any, head: Head, states: Integers) -> dict[str, float]:
    keys_s, _ = _timed(circuit.keygen)
    encrypted = circuit.encrypt(states)
    start = time.perf_counter()
    run_s, product = _timed(lambda: circuit.run(encrypted))
    wall_s = time.perf_counter() - start
    wanted = head.attended(states, in_clear)
    return {"keys_s": keys_s, "run_s": run_s, "wall_s": wall_s, "away": away(circuit.decrypt(product), wanted)}


def _simulated(circuit: Any, head: Head, texts: list[Integers]) -> dict[str, float]:
    """Without encryption: what reading the highest bits alone does, and what noise does beside it, on average of texts."""
    pairs = [(head.attended(each, in_clear), each) for each in texts]
    return {
        "read_away": float(np.mean([away(circuit.graph(each), wanted) for wanted, each in pairs])),
        "simulated_away": float(np.mean([away(circuit.simulate(each), wanted) for wanted, each in pairs])),
    }


def _tables(head: Head, windows: Floats, read_bits: int) -> Tabulate:
    """Tables as Concrete knows them, in the order in which the head asks for them."""
    widths: Iterator[int] = iter(widths_read(head, windows))

    def tabulate(function: Function) -> Callable[[Any], Any]:
        dropped = max(0, next(widths) - read_bits)

        def table(numbers: Any) -> Any:
            if dropped:
                numbers = fhe.round_bit_pattern(numbers, lsbs_to_remove=dropped, exactness=fhe.Exactness.APPROXIMATE)
            return fhe.univariate(function)(numbers)

        return table

    return tabulate


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU-seconds of all threads, and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


if __name__ == "__main__":
    main(Path(sys.argv[1]))
