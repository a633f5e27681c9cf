"""Trains the taggers: `python -m training [latin] [han]`. Everything random follows from one seed.

The tagger for Chinese first gets peers, trained with other seeds. It is their heir: smaller, it begins where one of them
ended, and learns from what they and LAC think together; then twice more, with its own opinion among theirs. What is shipped
of it is in eight bits; who wants to train on from there keeps the floats.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path
from shutil import copyfile

from training import han, latin, latin_on
from training.eight_bits import in_eight_bits

_WEIGHTS = Path(__file__).parents[1] / "gateway" / "detection" / "taggers" / "weights"
_TAGGERS = ("latin", "han")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("taggers", nargs="*", default=_TAGGERS, help="latin, han (default: both)")
    parser.add_argument("--out", type=Path, default=_WEIGHTS, help="folder for the weights (default: the package's own)")
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--pool", type=int, default=6, help="sets of variations, used in turn")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--begin", type=Path, help="a tagger of words that is there already, instead of a first one of our texts"
    )
    parser.add_argument("--peers", type=int, default=2, help="how many peers the Chinese one gets first")
    parser.add_argument("--peer", type=Path, action="append", help="a tagger that is there already, instead of new peers")
    parser.add_argument("--rounds", type=int, default=2, help="how often an heir of theirs learns on")
    parser.add_argument("--heir", type=Path, help="an heir that is there already, instead of a first one of theirs")
    parser.add_argument("--floats", type=Path, help="where the Chinese one is kept as it was trained: to be a peer or heir")
    chosen = parser.parse_args()
    if unknown := set(chosen.taggers) - set(_TAGGERS):
        parser.error(f"unknown tagger: {', '.join(sorted(unknown))}")
    how = {"epochs": chosen.epochs, "pool": chosen.pool, "threads": chosen.threads}
    if "latin" in chosen.taggers:
        _latin(chosen.out / "latin.npz", chosen.begin, how | {"seed": chosen.seed})
    if "han" in chosen.taggers:
        with tempfile.TemporaryDirectory() as folder:
            peers = chosen.peer or [Path(folder) / f"{n}.npz" for n in range(chosen.peers)]
            for n, peer in enumerate(() if chosen.peer else peers, 1):
                han.main(peer, seed=chosen.seed + n, **how)
            heir = chosen.heir or Path(folder) / "heir.npz"
            if not chosen.heir:
                han.main(heir, seed=chosen.seed, peers=peers, **how)
            for n in range(chosen.rounds):
                peers, before, heir = [*peers, heir], heir, Path(folder) / f"round{n}.npz"
                han.main(heir, seed=chosen.seed + len(peers), peers=peers, heir=before, **how)
            if chosen.floats:
                copyfile(heir, chosen.floats)
            in_eight_bits(heir, chosen.out / "han.npz", han.examples(heir))


def _latin(out: Path, begin: Path | None, how: Mapping[str, int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = begin or Path(folder) / "latin.npz"
        if not begin:
            latin.main(first, **how)
        latin_on.main(out, first, **how)


if __name__ == "__main__":
    main()
