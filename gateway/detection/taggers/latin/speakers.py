"""Who speaks in a chat log: `<thuy> hello`, `[10:02] huong: hello`. Names there are in small letters, often rare or made up.

One such line may be anything, an element of HTML or a point of an agenda. So there must be two, and whoever no list knows as a
given name counts where he speaks twice or somebody speaks whom a list knows. What lists call an ordinary word speaks never.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from gateway.detection.taggers.latin.introduced import ClassOf
from gateway.detection.taggers.name_rules import NameRule
from gateway.detection.taggers.sieve import Tag, is_uncommon

_GIVEN, _ORDINARY = 1, 8
_CLOCK = r"[\[(]?[0-9]{1,2}:[0-9]{2}"
_SECONDS = "(?::[0-9]{2})?"
_REST = r"(?: ?[AaPp][Mm])?[\])]?,?[ \t]{1,2}(?:[-–][ \t])?"
_TIME = f"{_CLOCK}{_REST}"
"""Logs of programs have seconds, and what stands before their colon is a program."""
_NAME = r"[A-Za-z\u00c0-\u1eff][\w.^|`-]{1,23}"
_LINE = re.compile(
    rf"^(?:(?:{_CLOCK}{_SECONDS}{_REST})?<[@+%~ ]?(?P<nick>{_NAME})>[ \t]+(?=\S)|{_TIME}(?P<speaker>{_NAME}):[ \t]+(?=\S))",
    re.MULTILINE,
)
_ELEMENTS = frozenset(
    """
    address article aside audio body br button canvas caption cite code col dd del details dfn div dl dt em embed
    fieldset figure footer form frame h1 h2 h3 h4 h5 h6 head header hr html iframe img ins kbd label legend li link main
    map meta nav object ol option param pre progress samp script section select small source span strong style sub sup
    svg table tbody td textarea tfoot th thead time title tr track tt ul var video think thinking system user assistant
    """.split()
)
_FEWEST = 2
_SCORE = 0.8


def speakers(class_of: ClassOf) -> NameRule:
    """The rule. `class_of` is what lists say of a word in small letters, see `introduced`."""

    def find(text: str) -> Iterator[Tag]:
        lines = [(line, line[line.lastgroup or 0].lower()) for line in _LINE.finditer(text)]
        lines = [(line, name) for line, name in lines if _may_speak(name, class_of)]
        if len(lines) < _FEWEST:
            return
        times, is_known = Counter(name for _, name in lines), any(class_of(name) & _GIVEN for _, name in lines)
        for line, name in lines:
            if is_known or times[name] > 1 or line["nick"]:
                yield Tag(*line.span(line.lastgroup or 0), "PERSON", _SCORE)

    return NameRule((rf"(?m)^(?:{_CLOCK}{_SECONDS}{_REST})?(?:<[@+%~ ]?\p{{L}}[^\s<>]*>|\p{{L}}[^\s:]*:)[ \t]",), find)


def _may_speak(name: str, class_of: ClassOf) -> bool:
    listed = class_of(name)
    return name not in _ELEMENTS and is_uncommon(name) and bool(listed & _GIVEN or not listed & _ORDINARY)
