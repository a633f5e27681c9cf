"""A package with a recognizer, installed for the length of a block: a module and a dist-info on `sys.path`, as pip leaves them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.detection.recognizers.plugins import GROUP

BADGES = """
import re
from presidio_analyzer import EntityRecognizer, RecognizerResult

class Badges(EntityRecognizer):
    made = 0

    def __init__(self):
        type(self).made += 1
        super().__init__(supported_entities=["ACME_BADGE"])

    def load(self):
        pass

    def analyze(self, text, entities, nlp_artifacts):
        found = re.finditer("ACME/[0-9A-Z]{3}", text)
        return [RecognizerResult("ACME_BADGE", m.start(), m.end(), 0.9) for m in found]
"""
"""Finds `ACME/7Q2`."""


@contextmanager
def installed(folder: Path, source: str = BADGES, *, name: str = "acme-badges", attr: str = "Badges") -> Iterator[None]:
    """Offer `attr` of a module with this `source` as the recognizer `name`."""
    module = f"plugin_{abs(hash((str(folder), name)))}"
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / f"{module}.py").write_text(source, encoding="utf-8")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {module}:{attr}\n", encoding="utf-8")
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop(module, None)
