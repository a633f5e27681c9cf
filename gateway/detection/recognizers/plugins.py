"""Recognizers that installed packages offer: Presidio `EntityRecognizer`s under the entry-point group of this module.

A policy names an entry point and not an import path, so that it can choose among what was installed as a recognizer, and can
run nothing else.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from operator import index

from presidio_analyzer import EntityRecognizer, LocalRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from gateway.detection.recognizers.guard import guard
from gateway.rules.detection import PluginOffer

GROUP = "privacy_gateway.recognizers"
_ENTITY = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_TIMEOUT_S = 5.0
"""Seconds that one pattern of a Presidio `PatternRecognizer` may take on one text."""


class PluginError(Exception):
    """An installed recognizer that cannot be used. Raised when one is loaded, never with a text at hand."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message, self.fix = message, fix


class PluggedIn(LocalRecognizer):
    """A recognizer of somebody else's: whatever it answers is looked at before it is believed."""

    def __init__(self, name: str, inner: EntityRecognizer) -> None:
        guard(inner, _TIMEOUT_S)
        self._inner = inner
        super().__init__(supported_entities=list(inner.supported_entities), name=f"plugin {name}", context=inner.context)

    def load(self) -> None:
        """Presidio's hook; the recognizer has loaded what it needs."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        """Presidio's call. Raises RuntimeError where the recognizer raises, TypeError or ValueError for a senseless answer."""
        try:
            results = self._inner.analyze(text, list(entities), nlp_artifacts)
        except (Exception, SystemExit):  # noqa: BLE001 - `sys.exit` must not end the gateway; what it says may quote the text
            raise RuntimeError("a plugged-in recognizer raised") from None
        if not isinstance(results, list):
            raise TypeError("a plugged-in recognizer gave no list")
        return [self._checked(result) for result in results]

    def _checked(self, result: RecognizerResult) -> RecognizerResult:
        """In Python's own numbers, whatever the model's are. The offsets are compared with the text by whoever asked."""
        score = float(result.score)
        if result.entity_type not in self.supported_entities or not 0 <= score <= 1:
            raise ValueError("a plugged-in recognizer gave a type or score that it cannot have")
        return RecognizerResult(result.entity_type, index(result.start), index(result.end), score)


class Plugins:
    """Each recognizer is loaded once, when it is first named, and shared by all tenants that name it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: dict[str, EntityRecognizer] = {}

    def recognizer(self, name: str) -> EntityRecognizer:
        """Raises PluginError. What failed is tried again the next time."""
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = PluggedIn(name, _made(_entry_point(name)))
            return self._loaded[name]

    def offer(self, name: str) -> PluginOffer:
        """What the recognizer of this name finds. Never raises."""
        try:
            return PluginOffer(entities=frozenset(self.recognizer(name).supported_entities))
        except PluginError as error:
            return PluginOffer(problem=error.message, fix=error.fix)


def _entry_point(name: str) -> EntryPoint:
    offered = entry_points(group=GROUP)
    found = [entry for entry in offered if entry.name == name]
    if not found:
        installed = ", ".join(sorted({entry.name for entry in offered})) or "none"
        fix = f"install the package that offers it under {GROUP} for this very Python; installed: {installed}"
        raise PluginError("no installed package offers this recognizer", fix)
    if len({entry.value for entry in found}) > 1:
        raise PluginError("more than one installed package offers this recognizer", "uninstall all but one of them")
    return found[0]


def _made(entry: EntryPoint) -> EntityRecognizer:
    try:
        made = entry.load()()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - somebody else's code, which may also call `sys.exit`
        by_hand = f"{entry.module}; {entry.module}.{entry.attr}()" if entry.attr else entry.module
        fix = f"see why: python -c 'import {by_hand}'"
        raise PluginError(f"this recognizer could not be made ({type(error).__name__})", fix) from None
    if not isinstance(made, EntityRecognizer):
        raise PluginError("this is no recognizer", "let it subclass presidio_analyzer.EntityRecognizer")
    _refuse_types(made.supported_entities)
    return made


def _refuse_types(entities: Sequence[str]) -> None:
    if not entities or not all(isinstance(one, str) and _ENTITY.fullmatch(one) for one in entities):
        fix = "let its supported_entities be names of capitals, digits and underscores"
        raise PluginError("this recognizer does not say which entity types it finds", fix)
