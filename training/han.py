"""Trains the tagger for Chinese."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from opencc import OpenCC

from gateway.detection.taggers.han_reader import HanReader, characters_by_use
from training import teachers
from training.chinese import ChineseEntities
from training.english import EnglishEntities
from training.export import save
from training.forms import Forms
from training.lexicons import as_bytes, han_lexicon, jieba_words, simpler_characters
from training.marks import Labelled, Part, lines, listed
from training.network import Convolutions, Plan, Sample, Shape, train
from training.pseudo import SOURCE, Trigrams
from training.samples import Epochs, sample
from training.tags import LABELS
from training.tell import tell
from training.vary import Cut, Exchange, Parts, RunTogether

_HERE = Path(__file__).parent
_EMBEDDING = 64
_REVIEWS = 20_000
_PSEUDO = 45_000
_TRIGRAMS = Path(".venv-train") / SOURCE
_FRAMES = ("{}", "我喜欢{}。", "关于{}的说明", "什么是{}？", "这是{}，不是别的", "{}怎么样", "今天说说{}", "和{}有关的事")
_JOINTS = ("", "", " ", "，", "。", "\n", "；")


def main(out: Path, *, epochs: int, pool: int, threads: int, seed: int, peers: Sequence[Path] = ()) -> None:
    """Train, and write the archive that the gateway loads.

    `peers` are taggers trained before, with other seeds: their mean opinion is worth more than each alone (Hinton et al. 2015).
    """
    chance = random.Random(seed)
    plain = listed(_HERE / "lists" / "zh", "not_names")
    texts = [*lines(_HERE / "corpus" / "zh"), *_framed(plain, chance)]
    characters, simpler, lexicon = _characters(texts), simpler_characters(), han_lexicon(_HERE / "lists" / "zh")
    reader, lac = HanReader(characters, simpler, lexicon), teachers.Lac()
    samples = _samples(reader, lac, teachers.Peers(peers), texts, plain, chance, pool)
    tell(f"{len(texts)} texts in {pool} variations, {len(peers)} peers")
    trained = train(_network(reader, lac, characters), samples, Plan(epochs=epochs, threads=threads), seed=seed, tell=tell)
    parts = {"characters": as_bytes(characters), "simpler": as_bytes(simpler), "lexicon": lexicon.slots}
    save(out, trained, parts)


def _samples(
    reader: HanReader,
    lac: teachers.Lac,
    peers: teachers.Peers,
    texts: Sequence[Parts],
    plain: Sequence[str],
    chance: random.Random,
    pool: int,
) -> Epochs:
    english = EnglishEntities(_HERE / "lists" / "en", chance)
    entities = ChineseEntities(_HERE / "lists" / "zh", chance, english)
    return Epochs(
        reader,
        texts,
        (Exchange(entities, chance), RunTogether(chance, texts, 0.3, _JOINTS), Cut(chance, 0.15)),
        fixed=list(_unlabelled(reader, lac, peers, chance)),
        pool=pool,
        forms=Forms(entities, chance, plain, chinese=True),
        taught=2,
        grammar=lambda tokens, text: teachers.for_tokens(tokens, lac.told(text)),
        opinion=peers.told,
        share=1.0,
    )


def _network(reader: HanReader, lac: teachers.Lac, characters: str) -> Convolutions:
    """A network that begins with what LAC knows of characters."""
    network = Convolutions(
        Shape(
            sizes=reader.sizes,
            tags=4 * len(LABELS) + 1,
            grammar=teachers.GRAMMAR,
            embedding=_EMBEDDING,
            width=80,
            dilations=(1, 2, 4, 8, 1),
            dropout=0.2,
            forget=(0.03, 0.35, 0.2, 0.2),
            spread=0.1,
        )
    )
    known = lac.embeddings(characters, _EMBEDDING)
    with torch.no_grad():
        network.table.weight[1 : len(characters) + 1] = torch.from_numpy(0.35 * known / known.std())
    return network


def _unlabelled(reader: HanReader, lac: teachers.Lac, peers: teachers.Peers, chance: random.Random) -> Iterator[Sample]:
    """LAC's names in texts that are not ours count less than ours; its grammar counts in full."""
    reviews = list(teachers.reviews())
    for text in chance.sample(reviews, min(_REVIEWS, len(reviews))):
        told = lac.told(text)
        tokens = reader.read(text)
        yield sample(tokens, _named(lac, text, told), teachers.for_tokens(tokens, told), peers.told(tokens, text), weight=0.2)
    drawn = Trigrams(_TRIGRAMS)
    for _ in range(_PSEUDO):
        text = drawn.text(chance)
        told = lac.told(text)
        tokens = reader.read(text)
        yield sample(tokens, _named(lac, text, told), teachers.for_tokens(tokens, told), weight=0.4)


def _named(lac: teachers.Lac, text: str, told: NDArray[np.float16]) -> Labelled:
    return Labelled(text, teachers.entities(lac.words(told)))


def _framed(plain: Sequence[str], chance: random.Random) -> Iterator[Parts]:
    """What is easily taken for a name and is none, in a few words."""
    for name in plain:
        yield from ((Part(frame.format(name)),) for frame in chance.sample(_FRAMES, 2))


def _characters(texts: Sequence[Parts]) -> str:
    """Those of our texts, then those of frequent words."""
    words = (word for word, frequency, _ in jieba_words() if frequency >= 20)
    simple = OpenCC("t2s").convert
    return characters_by_use(["".join(part.text for part in text) for text in texts] * 20 + [simple(w) for w in words], 5500)
