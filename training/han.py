"""Trains the tagger for Chinese."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from opencc import OpenCC

from gateway.redaction.taggers.han import HanReader, characters_by_use
from training import teachers
from training.chinese import ChineseEntities
from training.english import EnglishEntities
from training.export import save
from training.lexicons import as_bytes, han_lexicon, jieba_words, simpler_characters
from training.forms import Forms
from training.marks import Labelled, Part, lines, listed
from training.network import Convolutions, Plan, Sample, Shape, train
from training.samples import Epochs, sample
from training.tell import tell as _tell
from training.tags import LABELS
from training.vary import Cut, Exchange, Parts, RunTogether

_FRAMES = ("{}", "我喜欢{}。", "关于{}的说明", "什么是{}？", "这是{}，不是别的", "{}怎么样", "今天说说{}", "和{}有关的事")
HERE = Path(__file__).parent
SHAPE = {"embedding": 80, "width": 72, "dilations": (1, 2, 4, 8, 1)}


def main(
    out: Path, *, epochs: int, pool: int, threads: int, seed: int, tell: Callable[[str], None] = _tell
) -> None:
    """Train, and write the archive that the gateway loads."""
    chance = random.Random(seed)
    english = EnglishEntities(HERE / "lists" / "en", chance)
    entities = ChineseEntities(HERE / "lists" / "zh", chance, english)
    texts = list(lines(HERE / "corpus" / "zh"))
    texts += [(Part(frame.format(name)),) for name in listed(HERE / "lists" / "zh", "not_names") for frame in chance.sample(_FRAMES, 2)]
    lexicon = han_lexicon(HERE / "lists" / "zh")
    characters = _characters(texts)
    simpler = simpler_characters()
    reader = HanReader(characters, simpler, lexicon)
    lac = teachers.Lac()
    ways = (
        Exchange(entities, chance),
        RunTogether(chance, texts, 0.3, ("", "", " ", "，", "。", "\n", "；")),
        Cut(chance, 0.15),
    )
    fixed = list(_reviews(reader, lac, chance, 30000))
    tell(f"{len(texts)} texts, {len(fixed)} reviews, {len(characters)} characters")
    forms = Forms(entities, chance, listed(HERE / "lists" / "zh", "not_names"), chinese=True)
    samples = Epochs(
        reader, texts, ways, fixed=fixed, pool=pool, forms=forms, taught=4, grammar=lambda tokens, text: teachers.for_tokens(tokens, lac.told(text))
    )
    tell("varied")
    network = Convolutions(
        Shape(
            sizes=reader.sizes, tags=4 * len(LABELS) + 1, grammar=teachers.GRAMMAR, forget=(0.03, 0.5, 0.3, 0.3), spread=0.1, dropout=0.3, fixed=len(characters) + 1, **SHAPE
        )
    )
    known = lac.embeddings(characters, SHAPE["embedding"])
    with torch.no_grad():
        network.table.weight[1 : len(characters) + 1] = torch.from_numpy(0.35 * known / known.std())
    trained = train(network, samples, Plan(epochs=epochs, threads=threads, grammar=0.6), seed=seed, tell=tell)
    save(out, trained, characters=as_bytes(characters), simpler=as_bytes(simpler), lexicon=lexicon.slots)


def _reviews(reader: HanReader, lac: teachers.Lac, chance: random.Random, most: int) -> Iterator[Sample]:
    """LAC's names in reviews count less than ours; its grammar counts in full."""
    texts = list(teachers.reviews())
    for text in chance.sample(texts, min(most, len(texts))):
        told = lac.told(text)
        named = Labelled(text, teachers.entities(lac.words(text, told)))
        yield sample(reader, named, lambda tokens, _, told=told: teachers.for_tokens(tokens, told), 0.4)


def _characters(texts: Sequence[Parts]) -> str:
    """Those of our texts, then those of frequent words."""
    words = (word for word, frequency, _ in jieba_words() if frequency >= 20)
    simple = OpenCC("t2s").convert
    return characters_by_use(["".join(part.text for part in text) for text in texts] * 20 + [simple(w) for w in words], 5500)

