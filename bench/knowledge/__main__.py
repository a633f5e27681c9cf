"""`python -m bench.knowledge`: what is found, what the threshold keeps out, and how the time of a search grows."""

from __future__ import annotations

import argparse
import asyncio
import tempfile

from bench.knowledge.growth import SIZES, growth
from bench.knowledge.house import House, opened
from bench.knowledge.quality import MOST, qualities, rates
from bench.knowledge.sets import LANGUAGES, folder, questions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=SIZES[-1], help="how far to grow")
    parser.add_argument("--database", help="a URL; default: SQLite in a folder that is removed")
    parser.add_argument("--growth-only", action="store_true")
    asyncio.run(_run(parser.parse_args()))


async def _run(asked: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as place:
        async with opened(asked.database or f"sqlite:///{place}/bench.sqlite") as house:
            if not asked.growth_only:
                for language in LANGUAGES:
                    await _tell_quality(house, language)
            await _tell_growth(house, asked.chunks)


async def _tell_quality(house: House, language: str) -> None:
    await house.add(folder(language), language)
    every = questions(language)
    print(f"\n{language}: {len(list(folder(language).iterdir()))} documents")
    print(f"{'asked':<8} {'ranked by':<14} {'questions':>9} {f'recall@{MOST}':>9} {f'nDCG@{MOST}':>8} {'ms':>7}")
    for kind in ("words", "name"):
        some = [one for one in every if one.kind == kind]
        for one in await qualities(house, some, language):
            print(f"{kind:<8} {one.way:<14} {len(some):>9} {one.recall:>9.3f} {one.ndcg:>8.3f} {one.ms:>7.1f}")
    for rate in await rates(house, every, language):
        print(
            f"threshold, {rate.half}: {rate.lost:.0%} of what is found is kept out, {rate.let_in:.0%} without answer get some"
        )


async def _tell_growth(house: House, most: int) -> None:
    print(f"\n{'chunks':>8} {'first, s':>9} {'median ms':>10} {'slowest ms':>11} {'CPU ms':>7}", flush=True)
    async for one in growth(house, [size for size in SIZES if size <= most]):
        print(f"{one.chunks:>8,} {one.open_s:>9.2f} {one.ms:>10.1f} {one.slowest_ms:>11.1f} {one.cpu_ms:>7.1f}", flush=True)


if __name__ == "__main__":
    main()
