"""Makes a pattern that runs too long a failure.

Presidio logs a warning and skips a pattern that times out, which would let personal data through. Its timeout is also one
process-wide environment setting of 60 seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import regex  # type: ignore[import-untyped]
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer

from gateway.detection.recognizers.patterns import CheckedPatternRecognizer


class PatternTimeoutError(Exception):
    """A pattern exceeded its time; deliberately no builtin TimeoutError, which Presidio would swallow."""


class GuardedRegex:
    """Stands in for a compiled pattern inside Presidio; raises PatternTimeoutError after `timeout_s` seconds."""

    def __init__(self, pattern: str, flags: int, timeout_s: float) -> None:
        self._compiled = regex.compile(pattern, flags=flags)
        self._timeout_s = timeout_s

    def finditer(self, text: str, timeout: float | None = None) -> Iterator[Any]:  # noqa: ARG002
        """Presidio's call; its own `timeout` is ignored for ours."""
        try:
            yield from self._compiled.finditer(text, timeout=self._timeout_s)
        except TimeoutError:
            raise PatternTimeoutError from None


def guard(recognizer: EntityRecognizer, timeout_s: float) -> None:
    """Give a pattern recognizer its own, guarded copies of its patterns: Presidio shares them between instances.

    The gateway's own take linear time, and do not use Presidio's way to match.
    """
    if isinstance(recognizer, PatternRecognizer) and not isinstance(recognizer, CheckedPatternRecognizer):
        untyped: Any = recognizer
        untyped.patterns = [_guarded(p, recognizer.global_regex_flags or 0, timeout_s) for p in untyped.patterns]


def _guarded(pattern: Pattern, flags: int, timeout_s: float) -> Pattern:
    copy: Any = Pattern(pattern.name, pattern.regex, pattern.score)
    copy.compiled_regex = GuardedRegex(pattern.regex, flags, timeout_s)
    copy.compiled_with_flags = flags
    return cast("Pattern", copy)
