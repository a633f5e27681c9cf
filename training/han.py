"""Trains the tagger for Chinese."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from opencc import OpenCC

from gateway.detection.taggers.han.reader import HanReader, characters_by_use
from gateway.detection.taggers.tokens import Ids
from training import teachers
from training.chinese import ChineseEntities
from training.english import EnglishEntities
from training.export import save
from training.forms import Forms
from training.inherit import inherit, recall
from training.lexicons import as_bytes, han_lexicon, jieba_words, simpler_characters
from training.marks import Part, lines, listed
from training.network import Convolutions, Plan, Shape, train
from training.panel import Panel
from training.samples import Epochs
from training.sources.annotated import annotated
from training.sources.pseudo import SOURCE, Trigrams
from training.sources.written import written
from training.tags import LABELS
from training.tell import tell
from training.unlabelled import Unlabelled
from training.vary import Cut, Exchange, Gloss, Parts, RunTogether

_HERE = Path(__file__).parent
_EMBEDDING = 64
_REVIEWS = 20_000
_DRAWN = 90_000
_RECALL = 0.3
"""How much less likely, in logits, the tag O is made at the end: the least that is best on bench/gold."""
_BACK = 0.25
"""How far back to where an heir began its second round. On bench/gold as good as not at all, and better than half."""
_PEER, _HEIR, _DEEPER = (1, 2, 4, 8, 1), (2, 4, 8), (2, 4, 8, 16, 1)
"""How far the residual layers look: of a peer, of an heir, and of one that learns on."""
_STRIDE = 8
_FOUND = Path(".venv-train")
"""What was downloaded."""
_FRAMES = ("{}", "我喜欢{}。", "关于{}的说明", "什么是{}？", "这是{}，不是别的", "{}怎么样", "今天说说{}", "和{}有关的事")
_JOINTS = ("", "", " ", "，", "。", "\n", "；")


def main(
    out: Path, *, epochs: int, pool: int, threads: int, seed: int, peers: Sequence[Path] = (), heir: Path | None = None
) -> None:
    """Train, and write the archive that the gateway loads.

    `peers` are taggers trained before, with other seeds: what they and LAC think together is worth more than each alone.
    An heir of theirs needs a third of the epochs. An `heir` that is there already, then one of the peers, learns on; what comes
    out lies between it and where that ends (Wortsman et al. 2022), which keeps more of what it knew.
    """
    chance = random.Random(seed)
    plain = listed(_HERE / "lists" / "zh", "not_names")
    corpus = list(lines(_HERE / "corpus" / "zh"))
    texts = [*corpus, *_framed(plain, chance)]
    english = EnglishEntities(_HERE / "lists" / "en", chance)
    texts += _framed(english.listed("not_names"), chance, 1)
    characters, simpler = _known(heir) if heir else _characters(corpus, plain), simpler_characters()
    lexicon = han_lexicon(_HERE / "lists" / "zh", english)
    reader, lac = HanReader(characters, simpler, lexicon), teachers.Lac()
    unlabelled = Unlabelled(reader, lac, Panel(peers, lac))
    samples = _samples(unlabelled, texts, plain, ChineseEntities(_HERE / "lists" / "zh", chance, english), chance, pool)
    tell(f"{len(texts)} texts in {pool} variations, {len(peers)} peers")
    shorter = Plan(epochs=max(epochs // 3, 1), tokens=6000, rate=1.5e-3, threads=threads)
    plan = shorter if peers else Plan(epochs=epochs, threads=threads)
    start = _network(reader, lac, characters, [heir] if heir else peers, deeper=heir is not None)
    before = copy.deepcopy(start)
    trained = train(start, samples, plan, seed=seed, tell=tell)
    if heir:
        recall(trained, before, _BACK)
    parts = {"characters": as_bytes(characters), "simpler": as_bytes(simpler), "lexicon": lexicon.slots}
    save(out, _keener(trained) if heir else trained, parts)


def examples(archive: Path) -> Iterator[Ids]:
    """Every eighth text of the corpus, as the reader in `archive` reads it."""
    reader = HanReader.of(archive)
    texts = ("".join(part.text for part in text) for text in lines(_HERE / "corpus" / "zh"))
    return (reader.read(text).ids for text in islice(texts, None, None, _STRIDE))


def _samples(
    unlabelled: Unlabelled,
    texts: Sequence[Parts],
    plain: Sequence[str],
    entities: ChineseEntities,
    chance: random.Random,
    pool: int,
) -> Epochs:
    exchange = Exchange(entities, chance, 0.4)
    drawn = unlabelled.drawn(Trigrams(_FOUND / SOURCE), exchange, chance, _DRAWN)
    real = unlabelled.written(written(_FOUND, chance), exchange, chance)
    marked = unlabelled.annotated(annotated(_FOUND, chance), exchange)
    lac = unlabelled.lac
    return Epochs(
        unlabelled.reader,
        texts,
        (
            Exchange(entities, chance),
            Gloss(entities.latin, chance, 0.03),
            RunTogether(chance, texts, 0.3, _JOINTS),
            Cut(chance, 0.15),
        ),
        fixed=[*unlabelled.reviews(chance, _REVIEWS), *drawn, *real],
        always=list(marked),
        pool=pool,
        forms=Forms(entities, chance, plain, chinese=True),
        taught=2,
        grammar=lambda tokens, text: teachers.for_tokens(tokens, lac.told(text)),
        opinion=unlabelled.panel.told,
        share=2.0,
    )


def _network(reader: HanReader, lac: teachers.Lac, characters: str, peers: Sequence[Path], *, deeper: bool) -> Convolutions:
    """A network that begins with what LAC knows of characters, or, with other layers, where the first of `peers` ended."""
    network = Convolutions(
        Shape(
            sizes=reader.sizes,
            tags=4 * len(LABELS) + 1,
            grammar=teachers.GRAMMAR,
            embedding=_EMBEDDING,
            width=80,
            dilations=_DEEPER if deeper else _HEIR if peers else _PEER,
            dropout=0.08 if peers else 0.2,
            forget=(0.03, 0.35, 0.2, 0.2),
            spread=0.1,
        )
    )
    if peers:
        inherit(network, peers[0], characters)
        return network
    known = lac.embeddings(characters, _EMBEDDING)
    with torch.no_grad():
        network.table.weight[1 : len(characters) + 1] = torch.from_numpy(0.35 * known / known.std())
    return network


def _keener(trained: Convolutions) -> Convolutions:
    """The same network, which finds a little more."""
    with torch.no_grad():
        trained.last.bias[0] -= _RECALL
    return trained


def _framed(plain: Sequence[str], chance: random.Random, frames: int = 2) -> Iterator[Parts]:
    """What is easily taken for a name and is none, in a few words."""
    for name in plain:
        yield from ((Part(frame.format(name)),) for frame in chance.sample(_FRAMES, frames))


def _known(archive: Path) -> str:
    """The characters that the tagger in `archive` knows, in its own order, whatever was added to our lists since."""
    with np.load(archive, allow_pickle=False) as parts:
        return bytes(parts["characters"]).decode()


def _characters(corpus: Sequence[Parts], plain: Sequence[str]) -> str:
    """Those of our texts, then those of frequent words: the same ones, in the same order, whatever the seed."""
    words = (word for word, frequency, _ in jieba_words() if frequency >= 20)
    simple = OpenCC("t2s").convert
    ours = [*("".join(part.text for part in text) for text in corpus), *plain]
    return characters_by_use(ours * 20 + [simple(w) for w in words], 5500)
