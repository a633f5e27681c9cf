"""The language of conditions: CEL (https://cel.dev) over the caller, the request, what was found in it and what it is
about. No I/O.

Every name is declared with its type, so a misspelt name or a comparison of a number with a text is an error of the file and
not of some request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cel_expr_python import cel

from gateway.sensitivity.labels import LABELS

TOTAL = "total"
FINDINGS = "findings."
CONTENT = "content."
_TEXT, _WHOLE, _SHARE, _FLAG = cel.Type.STRING, cel.Type.INT, cel.Type.DOUBLE, cel.Type.BOOL
_NAMES: Mapping[str, Any] = {
    "principal.tenant": _TEXT,
    "principal.team": _TEXT,
    "principal.id": _TEXT,
    "principal.roles": cel.Type.List(_TEXT),
    "request.model": _TEXT,
    "request.surface": _TEXT,
    "request.stream": _FLAG,
    "request.purpose": _TEXT,
    "request.consent": _FLAG,
    "request.messages": _WHOLE,
    "request.tools": _WHOLE,
    "request.bytes": _WHOLE,
    "request.max_tokens": _WHOLE,
    **{CONTENT + label: _SHARE for label in LABELS},
}
_ASIDE = re.compile(
    r"(//[^\n]*)|\"\"\"(?:[^\\]|\\[\s\S])*?\"\"\"|'''(?:[^\\]|\\[\s\S])*?'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
)
_NAMED = re.compile(r"\b(principal|request|findings|content)\s*\.\s*`?([A-Za-z0-9_]+)")
_SOUGHT = re.compile(r"\bfindings\s*\.\s*`?([A-Za-z0-9_]+)")
_JUDGED = re.compile(r"\bcontent\s*\.\s*`?([A-Za-z0-9_]+)")
_LOOP = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter|transformList|transformMap)\s*\(")
_MATCHES = re.compile(r"\.\s*matches\s*\(\s*(r?(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'))\s*\)")
_WRITTEN = r"(?:\"([^\"\\\n]*)\"|'([^'\\\n]*)')"
_ITEM = re.compile(rf"(?:^|,)\s*{_WRITTEN}\s*(?=,|$)")
_MOST_LOOPS = 2
_BACKSPACE = "\b"
_FAULT = re.compile(r"ERROR: [^\n]*?:(\d+):(\d+): ([^\n]*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_NOISE = re.compile(r" \(in container ''\)| expecting \{.*| \[[A-Z_]+\]$")


class ConditionError(ValueError):
    """A condition that cannot be used: what is wrong with it, and where in it, lines and columns from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column

    @property
    def unknown(self) -> str | None:
        """The name that nothing stands for, where that is what is wrong."""
        found = _UNDECLARED.fullmatch(self.message)
        return found and found[1]


def names() -> tuple[str, ...]:
    """What a condition may name beside `findings.<TYPE>` and `findings.total`."""
    return tuple(_NAMES)


def sought_in(condition: str) -> frozenset[str]:
    """The entity types whose findings a condition counts; with `total` among them if it counts all."""
    return frozenset(_SOUGHT.findall(_bare(condition)))


def judged_in(condition: str) -> frozenset[str]:
    """The labels of content whose scores a condition asks for."""
    return frozenset(_JUDGED.findall(_bare(condition)))


def waits_for_text(condition: str) -> bool:
    """Whether it can be answered only when somebody has read the request."""
    return bool(sought_in(condition) or judged_in(condition))


def named_in(condition: str) -> frozenset[str]:
    """The names that a condition uses."""
    return frozenset(f"{of}.{name}" for of, name in _NAMED.findall(_bare(condition)))


def compared_in(condition: str, name: str) -> frozenset[str]:
    """The texts that a condition compares this name with by == or !=, or looks for it among by `in`; not such as are put
    together with others, or made into others.
    """
    escaped, said = re.escape(name), _ASIDE.sub(lambda aside: " " if aside[1] else aside[0], condition)
    listed = re.findall(rf"\b{escaped}\s+in\s*\[([^\]]*)\]", said)
    found = re.findall(rf"\b{escaped}\s*[!=]=\s*{_WRITTEN}(?!\s*[.+])", said)
    found += re.findall(rf"(?<!\+)(?<!\+ ){_WRITTEN}\s*[!=]=\s*{escaped}\b(?!\s*[.+])", said)
    found += (texts for one in listed for texts in _ITEM.findall(one))
    return frozenset(one for texts in found for one in texts if one)


@dataclass(frozen=True, slots=True)
class Language:
    """The names that conditions may use where these entity types are known."""

    environment: Any = field(repr=False)
    known: tuple[str, ...] = field(repr=False)

    @classmethod
    def over(cls, entities: Iterable[str]) -> Language:
        findings = {FINDINGS + entity: _WHOLE for entity in (*entities, TOTAL)}
        declared = {**_NAMES, **findings}
        return cls(cel.NewEnv(variables=declared), tuple(declared))

    def check(self, condition: str) -> None:
        """Raises ConditionError for what is no condition."""
        if _BACKSPACE in condition:
            raise ConditionError(r"a backspace, as which YAML reads \b in double quotes: write conditions in single quotes")
        if len(_LOOP.findall(_bare(condition))) > _MOST_LOOPS:
            raise ConditionError(f"more than {_MOST_LOOPS} loops (all, exists, map, filter)")
        if self._compiled(condition).return_type() != _FLAG:
            raise ConditionError("this is no condition: it is neither true nor false")
        self._check_patterns(condition)
        try:
            self.together([condition])
        except ConditionError:
            raise ConditionError("nested too deep") from None

    def _check_patterns(self, condition: str) -> None:
        """A pattern that is written out is tried now: at a request it could only fail, and a condition that fails denies."""
        aside = [said.span() for said in _ASIDE.finditer(condition)]
        for found in _MATCHES.finditer(condition):
            if any(start <= found.start() < end for start, end in aside):
                continue
            if self._compiled(f"''.matches({found[1]})").eval(data={}).type() != _FLAG:
                before = condition[: found.start(1)]
                column = len(before) - before.rfind("\n")
                raise ConditionError("this is no regular expression (RE2)", before.count("\n") + 1, column)

    def together(self, conditions: Sequence[str]) -> Any:
        """One expression for a list of conditions. Raises ConditionError where one is none, or all are too long together."""
        return self._compiled("[" + ",\n".join(f"({condition}\n)" for condition in conditions) + "]")

    def _compiled(self, text: str) -> Any:
        try:
            return self.environment.compile(text)
        except (RuntimeError, ValueError) as error:
            raise _located(str(error)) from None


def _bare(condition: str) -> str:
    """Without what comments and strings say."""
    return _ASIDE.sub(lambda aside: " " if aside[1] else '""', condition)


def _located(told: str) -> ConditionError:
    found = _FAULT.search(told)
    if found is not None:
        return ConditionError(_NOISE.sub("", found[3]), int(found[1]), int(found[2]))
    return ConditionError("nested too deep" if "recursion limit" in told else "this is no condition in CEL")
