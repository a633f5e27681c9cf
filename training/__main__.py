"""Trains the taggers: `python -m training [latin] [han]`. Everything random follows from one seed."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

from training import han, latin

_WEIGHTS = Path(__file__).parents[1] / "gateway" / "redaction" / "taggers" / "weights"
_TAGGERS: MappingProxyType[str, Callable[..., None]] = MappingProxyType({"latin": latin.main, "han": han.main})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("taggers", nargs="*", choices=list(_TAGGERS), default=list(_TAGGERS))
    parser.add_argument("--out", type=Path, default=_WEIGHTS, help="folder for the weights (default: the package's own)")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--pool", type=int, default=8, help="sets of variations, used in turn")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    for name in chosen.taggers:
        _TAGGERS[name](
            chosen.out / f"{name}.npz", epochs=chosen.epochs, pool=chosen.pool, threads=chosen.threads, seed=chosen.seed
        )


if __name__ == "__main__":
    main()
