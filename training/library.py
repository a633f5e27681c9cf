"""English that is on every machine that trains: hard negatives, and which words are frequent."""

from __future__ import annotations

import ast
import gzip
import json
import random
import re
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

import spellchecker

_NAMES_SOMEBODY = re.compile(r"(?i)copyright|author|guido|\bby [A-Z]|@|\bet al|https?:|\b(?:19|20)[0-9]{2}\b")
_PACKAGES = (
    *("numpy/lib", "numpy/polynomial", "numpy/ma", "onnx"),
    *("torch/nn/modules", "torch/optim", "torch/utils/data", "torch/distributions"),
)
"""Folders with classes, whose names are written like firms': NumPy, PyTorch (BSD-3-Clause), ONNX (Apache-2.0)."""
_LINES = 6
_LONGEST = 400
_SHORTEST = 30


def frequent_words(most: int) -> list[str]:
    """The most frequent English words (pyspellchecker, MIT), oftenest first."""
    path = Path(spellchecker.__file__).parent / "resources" / "en.json.gz"
    counts: dict[str, int] = json.loads(gzip.decompress(path.read_bytes()))
    return sorted(counts, key=lambda word: (-counts[word], word))[:most]


def library_texts(chance: random.Random, most: int) -> list[str]:
    """Prose and code of Python's standard library (PSF licence), without the pieces that name somebody."""
    return _pieces(sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")), chance, most)


def package_texts(chance: random.Random, most: int) -> list[str]:
    """The same of what training needs besides."""
    site = Path(sysconfig.get_path("purelib"))
    return _pieces([path for folder in _PACKAGES for path in sorted((site / folder).glob("*.py"))], chance, most)


def _pieces(paths: Iterable[Path], chance: random.Random, most: int) -> list[str]:
    sources = (path.read_text("utf-8", "ignore") for path in paths)
    pieces = [piece for source in sources for piece in (*_code(source), *_prose(source))]
    chosen = [piece[:_LONGEST] for piece in pieces if piece.strip() and not _NAMES_SOMEBODY.search(piece)]
    return chance.sample(chosen, min(most, len(chosen)))


def _code(source: str) -> Iterator[str]:
    lines = source.splitlines()
    yield from ("\n".join(lines[at : at + _LINES]) for at in range(0, len(lines), _LINES))


def _prose(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and (text := ast.get_docstring(node)):
            yield from (paragraph for paragraph in text.split("\n\n") if len(paragraph) > _SHORTEST)
