"""Trains a tagger for text in Latin letters on texts of ours; `training.latin_on` goes on from there."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from gateway.detection.taggers.latin.reader import LatinReader
from training import teachers
from training.english import EnglishEntities
from training.export import save
from training.forms import Forms
from training.lexicons import as_bytes, latin_lexicon, vocabulary
from training.library import frequent_words, library_texts
from training.marks import Labelled, Part, lines
from training.network import Convolutions, Plan, Shape, train
from training.samples import Epochs, sample
from training.tags import LABELS
from training.tell import tell
from training.vary import Cut, Disturb, Exchange, Parts, RunTogether

_HERE = Path(__file__).parent
_EMBEDDING = 64
_TECHNICAL = 6_000
_FREQUENT = 20_000
_FRAMES = (
    "{}",
    "{}",
    "What is {}?",
    "I use {} every day.",
    "About {}: see below.",
    "the {} and the rest",
    "{} - overview",
    "- {}",
)
JOINTS = (" ", "\n", "\n\n", " ", "  ")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_PUNCTUATION = tuple("""!"#$%&'()*+,-./:;<=>?@[]^_`{|}~’“”–—…•€£°\n""")


def main(out: Path, *, epochs: int, pool: int, threads: int, seed: int) -> None:
    """Train on texts of ours, and write an archive to begin with."""
    chance = random.Random(seed)
    entities = EnglishEntities(_HERE / "lists" / "en", chance)
    texts = own_texts(entities, chance)
    rampart = teachers.Rampart()
    words = _words(texts, rampart)
    reader = LatinReader(words, latin_lexicon(entities, _ordinary(texts, entities)))
    samples = _samples(reader, rampart, entities, texts, chance, pool)
    tell(f"{len(texts)} texts in {pool} variations, {len(words)} words")
    trained = train(new_network(reader, rampart, words), samples, Plan(epochs=epochs, threads=threads), seed=seed, tell=tell)
    save(out, trained, {"vocabulary": as_bytes("\0".join(words)), "lexicon": reader.lexicon.slots})


def _samples(
    reader: LatinReader,
    rampart: teachers.Rampart,
    entities: EnglishEntities,
    texts: Sequence[Parts],
    chance: random.Random,
    pool: int,
) -> Epochs:
    ways = (Exchange(entities, chance), RunTogether(chance, texts, 0.2, JOINTS), Cut(chance, 0.1), Disturb(chance))
    return Epochs(
        reader,
        texts,
        ways,
        fixed=[sample(reader.read(text), Labelled(text, ()), weight=0.5) for text in library_texts(chance, _TECHNICAL)],
        pool=pool,
        forms=Forms(entities, chance, entities.listed("not_names")),
        taught=2,
        grammar=rampart.told,
        opinion=lambda _, __: None,
    )


def new_network(reader: LatinReader, rampart: teachers.Rampart, words: Sequence[str]) -> Convolutions:
    """A network that begins with what Rampart knows of words."""
    network = Convolutions(
        Shape(
            sizes=reader.sizes,
            tags=4 * len(LABELS) + 1,
            grammar=teachers.RAMPART_LABELS,
            embedding=_EMBEDDING,
            width=96,
            dilations=(1, 2, 4),
            forget=(0.15, 0.05, 0.05, 0.05, 0.02, 0.15),
            spread=0.15,
        )
    )
    known = rampart.embeddings(words, _EMBEDDING)
    with torch.no_grad():
        network.table.weight[1 : len(words) + 1] = torch.from_numpy(0.35 * known / known.std())
    return network


def _words(texts: Sequence[Parts], rampart: teachers.Rampart) -> tuple[str, ...]:
    """Words with an id of their own: marks, what our texts use three times, and what Rampart knows."""
    return tuple(dict.fromkeys((*_PUNCTUATION, *vocabulary(counted(texts), 3), *rampart.words())))


def counted(texts: Sequence[Parts]) -> Counter[str]:
    """How often each word stands there, in small letters."""
    return Counter(word.lower() for text in texts for part in text for word in _WORD.findall(part.text))


def _ordinary(texts: Sequence[Parts], entities: EnglishEntities) -> Sequence[str]:
    """Words that are no names: frequent ones, and those that our texts write small outside of names."""
    plain = Counter(word for text in texts for part in text if not part.kind for word in _WORD.findall(part.text))
    small = (word for word, count in plain.items() if word.islower() and count > 1)
    people = {name.lower() for names in entities.names for name in (*names.given, *names.family)}
    return tuple(dict.fromkeys((*(word for word in frequent_words(_FREQUENT) if word not in people), *small)))


def own_texts(entities: EnglishEntities, chance: random.Random) -> list[Parts]:
    """Those written for this, and what is no name."""
    return [*lines(_HERE / "corpus" / "en"), *_framed(entities.listed("not_names"), chance)]


def _framed(plain: Sequence[str], chance: random.Random) -> Iterator[Parts]:
    """What is easily taken for a name and is none, in a few words."""
    for name in plain:
        yield from ((Part(frame.format(name)),) for frame in chance.sample(_FRAMES, 2))
