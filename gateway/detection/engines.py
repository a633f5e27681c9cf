"""One engine for each way in which a policy lets texts be read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Container, Sequence
from dataclasses import dataclass, field
from itertools import count

from presidio_analyzer import EntityRecognizer

from gateway.detection.detect import Analyzer, PresidioDetector
from gateway.detection.recognizers.custom import custom_recognizer
from gateway.detection.recognizers.plugins import Plugins
from gateway.detection.recognizers.registry import default_recognizers
from gateway.errors import DetectionUnavailable
from gateway.exchange import Finding
from gateway.rules.detection import DetectionRules, PluginRules, RecognizerRules, alike

NEVER_ALLOWED = frozenset({"SECRET"})
"""Types that no allow list lets through: a credential in a policy file is a mistake twice over."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What of a tenant's rules makes an engine another one."""

    high_recall: bool
    recognizers: tuple[RecognizerRules, ...]

    @classmethod
    def of(cls, rules: DetectionRules) -> Recipe:
        return cls(rules.high_recall, rules.recognizers)

    @property
    def is_plugged(self) -> bool:
        """Whether code of somebody else's is in it."""
        return any(isinstance(rules, PluginRules) for rules in self.recognizers)


@dataclass(slots=True)
class _Made:
    """An engine, and by the count of all uses when it was used last."""

    engine: Analyzer = field(repr=False)
    used: int


def large_taggers() -> Sequence[EntityRecognizer]:
    """spaCy's English model and LAC, imported late: they are an extra. Raises DetectionUnavailable where they are missing."""
    try:
        from gateway.detection.taggers.han.lac import LacTagger
        from gateway.detection.taggers.latin.spacy import SpacyTagger
    except ModuleNotFoundError:
        raise DetectionUnavailable("the large taggers take an extra: pip install -e '.[high-recall]'") from None

    return SpacyTagger(), LacTagger()


class Engines:
    """An `Analyzer` that finds, by value, the engine that rules ask for.

    All engines share the recognizers that `standard` gives, and those of high recall the `large` ones; these are made once.
    An engine is made when a text first needs it. Those that no rules `in_force` need are forgotten after a reload; until the
    next one there are at most `most` of them, of which the least recently used goes first. `inline_characters` is what the
    standard engine vouches for, see `InlineAnalyzer`.
    """

    def __init__(
        self,
        in_force: Callable[[], Collection[DetectionRules]] = tuple,
        *,
        standard: Callable[[], Sequence[EntityRecognizer]] = default_recognizers,
        large: Callable[[], Sequence[EntityRecognizer]] = large_taggers,
        plugin: Callable[[str], EntityRecognizer] | None = None,
        inline_characters: int = 0,
        most: int = 100,
    ) -> None:
        self._in_force = in_force
        self._standard = tuple(standard())
        self._make_large = large
        self._large: tuple[EntityRecognizer, ...] | None = None
        self._plugin = plugin or Plugins().recognizer
        self._inline_characters = inline_characters
        self._most = most
        self._lock = threading.Lock()
        self._seen: Collection[DetectionRules] = ()
        self._needed: Collection[Recipe] = frozenset()
        self._uses = count()
        self._plain = PresidioDetector(self._standard)
        self._made: dict[Recipe, _Made] = {}

    def analyze(
        self, text: str, *, rules: DetectionRules, kept: Container[str], check: Callable[[], None]
    ) -> tuple[Finding, ...]:
        """As `Analyzer.analyze`, without what the rules allow. Raises DetectionUnavailable."""
        self._forget()
        found = self._engine(Recipe.of(rules)).analyze(text, rules=rules, kept=kept, check=check)
        return tuple(one for one in found if not _is_allowed(text, one, rules.allow)) if rules.allow else found

    @property
    def held(self) -> int:
        """Engines beside the standard one that are in memory."""
        return len(self._made)

    def inline_characters(self, rules: DetectionRules) -> int:
        """None but for an engine that is made already, without large taggers and without code of somebody else's."""
        recipe = Recipe.of(rules)
        quick = not recipe.high_recall and not recipe.is_plugged
        return self._inline_characters if quick and self._known(recipe) is not None else 0

    def _known(self, recipe: Recipe) -> Analyzer | None:
        if not recipe.high_recall and not recipe.recognizers:
            return self._plain
        made = self._made.get(recipe)
        if made is None:
            return None
        made.used = next(self._uses)
        return made.engine

    def _engine(self, recipe: Recipe) -> Analyzer:
        known = self._known(recipe)
        if known is not None:
            return known
        with self._lock:
            known = self._known(recipe)
            return self._add(recipe) if known is None else known

    def _add(self, recipe: Recipe) -> Analyzer:
        try:
            engine = PresidioDetector(self._recognizers(recipe))
        except Exception:  # noqa: BLE001 - models and plugged-in code fail in their own ways
            raise DetectionUnavailable("a recognizer could not be made, so nothing was forwarded") from None
        self._made[recipe] = _Made(engine, next(self._uses))
        spare = [recipe for recipe in self._made if recipe not in self._needed]
        if len(spare) > self._most:
            del self._made[min(spare, key=lambda one: self._made[one].used)]
        return engine

    def _recognizers(self, recipe: Recipe) -> list[EntityRecognizer]:
        own = [self._plugin(r.plugin) if isinstance(r, PluginRules) else custom_recognizer(r) for r in recipe.recognizers]
        if recipe.high_recall and self._large is None:
            self._large = tuple(self._make_large())
        return [*self._standard, *(self._large or () if recipe.high_recall else ()), *own]

    def _forget(self) -> None:
        """Drop what a new policy no longer needs; whoever makes an engine right now will be followed by another text."""
        wanted = self._in_force()
        if wanted is self._seen or not self._lock.acquire(blocking=False):
            return
        try:
            self._needed = frozenset(Recipe.of(rules) for rules in wanted)
            self._made = {recipe: made for recipe, made in self._made.items() if recipe in self._needed}
            self._seen = wanted
        finally:
            self._lock.release()


def _is_allowed(text: str, finding: Finding, allow: Container[str]) -> bool:
    return finding.entity not in NEVER_ALLOWED and alike(text[finding.start : finding.end]) in allow
