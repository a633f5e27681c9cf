"""Trains the tagger for text in Latin letters."""

from __future__ import annotations

import ast
import gzip
import json
import random
import re
import sysconfig
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import spellchecker
import torch

from gateway.redaction.taggers.latin import LatinReader
from training import teachers
from training.english import EnglishEntities
from training.export import save
from training.lexicons import as_bytes, latin_lexicon, vocabulary
from training.forms import Forms
from training.marks import Labelled, Part, lines
from training.network import Convolutions, Plan, Sample, Shape, train
from training.samples import Epochs, sample
from training.tell import tell as _tell
from training.tags import LABELS
from training.vary import Cut, Disturb, Exchange, Parts, RunTogether

HERE = Path(__file__).parent
SHAPE = {"embedding": 64, "width": 96, "dilations": (1, 2, 4)}
_FRAMES = ("{}", "{}", "What is {}?", "I use {} every day.", "About {}: see below.", "the {} and the rest", "{} - overview", "- {}")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_PUNCTUATION = tuple("""!"#$%&'()*+,-./:;<=>?@[]^_`{|}~’“”–—…•€£°\n""")


def main(
    out: Path, *, epochs: int, pool: int, threads: int, seed: int, tell: Callable[[str], None] = _tell
) -> None:
    """Train, and write the archive that the gateway loads."""
    chance = random.Random(seed)
    entities = EnglishEntities(HERE / "lists" / "en", chance)
    texts = list(lines(HERE / "corpus" / "en"))
    texts += [(Part(frame.format(name)),) for name in entities.listed("not_names") for frame in chance.sample(_FRAMES, 2)]
    technical = list(_library(chance, 6000))
    counts = Counter(word.lower() for text in texts for part in text if not part.kind for word in _WORD.findall(part.text))
    names = Counter(w.lower() for text in texts for part in text if part.kind for w in _WORD.findall(part.text))
    small = dict.fromkeys(w for text in texts for part in text if not part.kind for w in _WORD.findall(part.text) if w.islower())
    rampart = teachers.Rampart()
    frequent = vocabulary({w: n + counts.get(w, 0) for w, n in {**names, **counts}.items()}, 3)
    words = tuple(dict.fromkeys((*_PUNCTUATION, *frequent, *rampart.words())))
    reader = LatinReader(words, latin_lexicon(entities, dict.fromkeys((*_frequent(20000, entities), *(w for w in small if counts[w] > 1)))))
    ways = (
        Exchange(entities, chance),
        RunTogether(chance, texts, 0.2, (" ", "\n", "\n\n", " ", "  ")),
        Cut(chance, 0.1),
        Disturb(chance),
    )
    fixed = [sample(reader, Labelled(text, ()), weight=0.5) for text in technical]
    tell(f"{len(texts)} texts, {len(words)} words, {len(fixed)} technical texts")
    forms = Forms(entities, chance, entities.listed("not_names"))
    samples = Epochs(reader, texts, ways, fixed=fixed, pool=pool, forms=forms, grammar=rampart.told)
    tell("varied")
    shape = Shape(
        sizes=reader.sizes,
        tags=4 * len(LABELS) + 1,
        grammar=teachers.RAMPART_LABELS,
        forget=(0.15, 0.05, 0.05, 0.05, 0.02, 0.15),
        spread=0.15,
        **SHAPE,
    )
    network = Convolutions(shape)
    known = rampart.embeddings(words, SHAPE["embedding"])
    with torch.no_grad():
        network.table.weight[1 : len(words) + 1] = torch.from_numpy(0.35 * known / known.std())
    trained = train(network, samples, Plan(epochs=epochs, threads=threads), seed=seed, tell=tell)
    save(out, trained, vocabulary=as_bytes("\0".join(words)), lexicon=reader.lexicon.slots)


def _frequent(most: int, entities: EnglishEntities) -> Iterator[str]:
    """The most frequent English words (pyspellchecker, MIT) that are nobody's name."""
    path = Path(spellchecker.__file__).parent / "resources" / "en.json.gz"
    counts: dict[str, int] = json.loads(gzip.decompress(path.read_bytes()))
    people = {name.lower() for names in entities.names for name in (*names.given, *names.family)}
    yield from (w for w in sorted(counts, key=lambda w: -counts[w])[:most] if w not in people)


def _library(chance: random.Random, most: int) -> Iterator[str]:
    """Prose and code of Python's standard library (PSF licence): hard negatives."""
    pieces: list[str] = []
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        source = path.read_text("utf-8", "ignore")
        code = source.splitlines()
        pieces += ["\n".join(code[at : at + 6]) for at in range(0, len(code), 6)]
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and (text := ast.get_docstring(node)):
                pieces += [p for p in text.split("\n\n") if len(p) > 30]
    chosen = [p[:400] for p in pieces if p.strip() and not re.search(r"(?i)copyright|author|guido|\bby [A-Z]|@", p)]
    yield from chance.sample(chosen, min(most, len(chosen)))

