"""Trains the tagger for text in Latin letters on, with real texts beside ours."""

from __future__ import annotations

import copy
import random
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from gateway.detection.taggers.latin.reader import LatinReader
from gateway.detection.taggers.lexicon import Lexicon
from gateway.detection.taggers.network import FloatNetwork
from training import inherit, teachers
from training.english import EnglishEntities
from training.export import save
from training.foreign import small_words, surely_no_names
from training.forms import Forms
from training.latin import JOINTS, counted, new_network, own_texts
from training.lexicons import as_bytes, vocabulary
from training.library import library_texts, package_texts
from training.marks import Labelled, Part, labelled, lines, parts
from training.network import Plan, Sample, train
from training.samples import Epochs, sample
from training.second_opinion import joined
from training.sources import real_english
from training.sources.commands import COMMANDS
from training.spacy_names import spacy_names
from training.tags import tagged
from training.tell import tell
from training.vary import Cut, Disturb, Exchange, Parts, RunTogether

_HERE = Path(__file__).parent
_CODE = (9_000, 6_000)
"""How many texts of the standard library and of other packages, for the second round."""
_FOREIGN = 1_500
"""So many of each language."""
_SPOKEN = (8_000, 4_000)
"""How many texts read aloud in which somebody sees a name, and in which nobody does."""
_AMONG_CHARACTERS = 4_000
_ALSO_LATIN, _OTHERS_IN_LATIN = frozenset("LOU"), 0.3
_DROPOUT = 0.15
_RECALL = 0.65
"""How much less likely, in logits, the tag O is made at the end."""
_FOUND = Path(".venv-train")
"""What was downloaded."""


@dataclass(frozen=True, slots=True)
class Round:
    """How often an epoch has our texts, and real ones; how fast it learns, which part of the epochs it gets, and how far
    what comes out lies back to where it began.
    """

    ours: int
    real: int
    rate: float
    part: int
    back: float = 0.0


_ROUNDS = (
    Round(3, 2, 1.5e-3, part=4),
    Round(4, 1, 1e-3, part=8),
    Round(2, 1, 6e-4, part=12, back=0.25),
    Round(2, 1, 1e-3, part=3),
)
"""At the end more of ours, which have what the real ones have not: addresses, forms, names from everywhere."""


def main(out: Path, begin: Path, *, epochs: int, pool: int, threads: int, seed: int) -> None:
    """Train the tagger in `begin` on in rounds, and write the archive that the gateway loads."""
    with tempfile.TemporaryDirectory() as folder:
        for n, one in enumerate(_ROUNDS):
            begin, before = Path(folder) / f"{n}.npz", begin
            plan = Plan(epochs=max(epochs // one.part, 1), tokens=6000, rate=one.rate, threads=threads)
            learn_on(begin, before, one, plan, pool=pool, seed=seed + n)
        keener(begin, out)


def learn_on(out: Path, begin: Path, one: Round, plan: Plan, *, pool: int, seed: int) -> None:
    """Train the tagger in `begin` on with real texts beside ours. What nobody labelled, it goes on to see as it did."""
    chance = random.Random(seed)
    entities = EnglishEntities(_HERE / "lists" / "en", chance)
    texts = own_texts(entities, chance)
    real = [parts(text) for text in real_english.texts(_FOUND, chance, (*real_english.MARKED, COMMANDS))]
    rampart = teachers.Rampart()
    before = Peer.of(begin)
    words = tuple(dict.fromkeys((*before.words, *vocabulary(counted(real), 3))))
    reader = LatinReader(words, before.reader.lexicon)
    network = new_network(reader, rampart, words)
    inherit.learn_on(network, begin)
    network.drop.p = _DROPOUT
    everything = [text for text in texts for _ in range(one.ours)] + [text for text in real for _ in range(one.real)]
    samples = _samples(reader, before, entities, everything, frozenset(real), chance, pool)
    tell(f"{len(texts)} texts and {len(real)} real ones in {pool} variations, {len(words)} words")
    start = copy.deepcopy(network)
    trained = train(network, samples, plan, seed=seed, tell=tell)
    inherit.recall(trained, start, one.back)
    save(out, trained, {"vocabulary": as_bytes("\0".join(words)), "lexicon": reader.lexicon.slots})


def _samples(
    reader: LatinReader,
    before: Peer,
    entities: EnglishEntities,
    everything: Sequence[Parts],
    real: Collection[Parts],
    chance: random.Random,
    pool: int,
) -> Epochs:
    """Each text in fresh variations, real ones with fewer names exchanged; a part of what has no names or is not English."""
    ours, others = Exchange(entities, chance), Exchange(entities, chance, 0.35)
    ways = (
        lambda text: others(text) if text in real else ours(text),
        RunTogether(chance, everything, 0.2, JOINTS),
        Cut(chance, 0.1),
        Disturb(chance),
    )
    return Epochs(
        reader,
        everything,
        ways,
        fixed=list(_fixed(reader, before, chance)),
        always=list(_among_characters(reader, entities, chance)),
        pool=pool,
        forms=Forms(entities, chance, entities.listed("not_names")),
        taught=0,
        grammar=lambda _, __: None,
        opinion=lambda _, __: None,
        share=0.45,
    )


def keener(archive: Path, out: Path) -> None:
    """The same tagger, which finds a little more."""
    with np.load(archive, allow_pickle=False) as stored:
        everything = dict(stored)
    graph = onnx.load_from_string(everything["graph"].tobytes())
    bias = next(one for one in graph.graph.initializer if one.name == "last.bias")
    values = numpy_helper.to_array(bias).copy()
    values[0] -= _RECALL
    bias.CopyFrom(numpy_helper.from_array(values, bias.name))
    everything["graph"] = np.frombuffer(graph.SerializeToString(), np.uint8)
    out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out, **everything)


def _among_characters(reader: LatinReader, entities: EnglishEntities, chance: random.Random) -> Iterator[Sample]:
    """Chinese texts of ours with names in Latin letters in the place of theirs: only these are marked."""
    texts = [text for text in lines(_HERE / "corpus" / "zh") if any(part.kind == "P" for part in text)]
    for text in chance.sample(texts, min(_AMONG_CHARACTERS, len(texts))):
        named = tuple(_in_latin(part, entities, chance) for part in text)
        marked = labelled(named)
        yield sample(reader.read(marked.text), marked)


def _in_latin(part: Part, entities: EnglishEntities, chance: random.Random) -> Part:
    if part.kind == "P":
        return Part(entities.like("P", chance.choice(("Ann Lee", "Ann Lee", "Ann Lee", "Ann"))), "P")
    if part.kind in _ALSO_LATIN and chance.random() < _OTHERS_IN_LATIN:
        return Part(entities.like(part.kind, "Acme"), part.kind)
    return Part(part.text)


def _fixed(reader: LatinReader, before: Peer, chance: random.Random) -> Iterator[Sample]:
    for text in (*library_texts(chance, _CODE[0]), *package_texts(chance, _CODE[1])):
        yield sample(reader.read(text), Labelled(text, ()))
    for path in real_english.FOREIGN.files:
        language = list(real_english.texts(_FOUND, chance, [real_english.only(real_english.FOREIGN, path)]))
        small = small_words(language)
        for text in chance.sample(language, min(_FOREIGN, len(language))):
            tokens = reader.read(text)
            yield Sample(tokens.ids, surely_no_names(tokens, text, small), weight=0.5)
    yield from _spoken(reader, before, chance)


def _spoken(reader: LatinReader, before: Peer, chance: random.Random) -> Iterator[Sample]:
    """Texts that nobody labelled, with what the tagger from before and another model think of them together."""
    texts = list(real_english.texts(_FOUND, chance, [real_english.SPOKEN]))
    chance.shuffle(texts)
    named, plain = _SPOKEN
    for text, names in zip(texts, spacy_names(texts), strict=True):
        if not (named if names else plain):
            continue
        named, plain = named - bool(names), plain - (not names)
        tokens = reader.read(text)
        told = joined(before.told(text), tagged(tokens, names))
        yield sample(tokens, Labelled(text, ()), told=told, weight=0.0)


@dataclass(frozen=True, slots=True)
class Peer:
    """A tagger of words that is there already."""

    words: tuple[str, ...] = field(repr=False)
    reader: LatinReader
    network: FloatNetwork

    @classmethod
    def of(cls, archive: Path) -> Peer:
        with np.load(archive, allow_pickle=False) as stored:
            words = tuple(bytes(stored["vocabulary"]).decode().split("\0"))
            return cls(words, LatinReader(words, Lexicon(stored["lexicon"])), FloatNetwork(stored["graph"].tobytes()))

    def told(self, text: str) -> NDArray[np.float16]:
        """Its score of each tag for each token, the best one 0."""
        scores = self.network.scores(self.reader.read(text).ids)
        told: NDArray[np.float16] = (scores - scores.max(1, keepdims=True)).astype(np.float16)
        return told
