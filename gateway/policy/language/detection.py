"""How a tenant's texts are read: the `detection` part of a tenant, and the rules that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import re2
from pydantic import AfterValidator, Field, StrictBool, StrictInt, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from gateway.policy.language.part import Part, refuse
from gateway.rules.detection import Checksum, DetectionRules, PatternRules, PluginRules, RecognizerRules, WordRules, alike

_LONGEST = 200
"""Characters of a name."""
_LARGEST_PROGRAM = 50_000
"""Instructions of RE2; at worst, with a greedy tail, a pattern takes some 43 microseconds for each character of a piece."""
_MEMORY = 2 * 2**20
"""Bytes of a compiled pattern: enough for the largest program, and what is larger is given up soon."""
_PATTERN_SCORE, _WORD_SCORE = 0.6, 1.0
_BELONGS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "patterns": frozenset({"score", "context", "checksum"}),
        "words": frozenset({"score", "ignore_case"}),
        "plugin": frozenset(),
    }
)
"""The fields of each kind of recognizer."""
_Number = TypeVar("_Number", int, float)


def _between(least: _Number, most: _Number) -> Callable[[_Number], _Number]:
    def check(number: _Number) -> _Number:
        if not least <= number <= most:
            raise refuse("out of range", f"write a number from {least} to {most}")
        return number

    return check


def _re2_pattern(pattern: str) -> str:
    if "\b" in pattern:
        fix = r"write the pattern in single quotes: in double quotes YAML reads \b as a backspace, and it would match nothing"
        raise refuse("a backspace in a pattern", fix)
    regex = _compiled(pattern)
    if regex.programsize > _LARGEST_PROGRAM:
        raise _too_large()
    if any(match.start() == match.end() for probe in ("", "aa") for match in regex.finditer(probe)):
        raise refuse("a pattern that matches the empty string", "let it match at least one character: + instead of *")
    return pattern


def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    fix = "write RE2 syntax, which has no look-around and no back-references: https://github.com/google/re2/wiki/Syntax"
    try:
        return re2.compile(pattern, options)
    except UnicodeEncodeError:
        raise refuse("not a pattern: not UTF-8 text", fix) from None
    except re2.error as error:
        told = error.args[0] if error.args else b""
        reason = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
        if "too large" in reason:
            raise _too_large() from None
        raise refuse(f"not a pattern: {reason.partition(':')[0]}", fix) from None


def _too_large() -> PydanticCustomError:
    return refuse("too large a pattern", "repeat classes of Unicode letters fewer times, or list names under words")


def _text(least: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        plain = " ".join(text.replace("_", " ").split())
        if len(plain) < least or not any(map(str.isalnum, plain)) or len(text) > _LONGEST or not text.isprintable():
            many = "1 character" if least == 1 else f"{least} characters"
            raise refuse(
                f"shorter than {many}, longer than {_LONGEST}, or no text",
                f"write {least} to {_LONGEST} characters on one line, with a letter or digit among them",
            )
        return text

    return check


EntityName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
PluginName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
Re2Pattern: TypeAlias = Annotated[str, AfterValidator(_re2_pattern)]
Name: TypeAlias = Annotated[str, AfterValidator(_text(2))]
Value: TypeAlias = Annotated[str, AfterValidator(_text(1))]
Score: TypeAlias = Annotated[
    float, Field(strict=True, json_schema_extra={"minimum": 0.4, "maximum": 1}), AfterValidator(_between(0.4, 1.0))
]
Characters: TypeAlias = Annotated[
    StrictInt, Field(json_schema_extra={"minimum": 1, "maximum": 100_000_000}), AfterValidator(_between(1, 100_000_000))
]


class Recognizer(Part):
    """A recognizer of the tenant's own: patterns, a list of names, or one that an installed package offers."""

    entity: EntityName | None = Field(
        default=None,
        description="The type it finds, in capitals, digits and '_'; a new one may then be named under entities.",
    )
    patterns: tuple[Re2Pattern, ...] | None = Field(
        default=None, min_length=1, max_length=100, description="RE2 patterns, matched as written; \\b is a border of ASCII."
    )
    words: tuple[Name, ...] | None = Field(
        default=None, min_length=1, description="Names: whole words in Latin letters, anywhere in other scripts."
    )
    plugin: PluginName | None = Field(
        default=None, description="An entry point of the group privacy_gateway.recognizers; it knows its own types."
    )
    score: Score | None = Field(
        default=None, description="Of what is found, from 0.4 to 1; default: 0.6 for patterns, 1 for words and checksums."
    )
    context: tuple[Value, ...] | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Patterns count only within 48 characters of one of these words.",
    )
    checksum: Checksum | None = Field(default=None, description="Patterns count only where these check digits are right.")
    ignore_case: StrictBool | None = Field(default=None, description="true: words are found in any case. Default: as written.")

    @model_validator(mode="after")
    def _one_kind(self) -> Recognizer:
        kinds = [kind for kind in _BELONGS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            raise refuse("not one kind of recognizer", "write one of patterns, words, plugin; for two, write two recognizers")
        if (self.entity is None) != (kinds[0] == "plugin"):
            what, fix = (
                ("no entity", "add 'entity: NAME'") if self.entity is None else ("entity beside plugin", "remove entity")
            )
            raise refuse(what, f"{fix}: a plugin knows its own types, patterns and words do not")
        strange = self.model_fields_set - _BELONGS[kinds[0]] - {"entity", *kinds}
        if strange:
            raise refuse(f"{', '.join(sorted(strange))} beside {kinds[0]}", f"remove it: it has no meaning for {kinds[0]}")
        return self

    @property
    def rules(self) -> RecognizerRules:
        """The same as a value of the exchange."""
        if self.plugin is not None:
            return PluginRules(plugin=self.plugin)
        entity = self.entity or ""
        if self.words is not None:
            score, words = _WORD_SCORE if self.score is None else self.score, frozenset(self.words)
            return WordRules(entity=entity, words=words, score=score, ignore_case=self.ignore_case is True)
        default = _PATTERN_SCORE if self.checksum is None else 1.0
        score, context = default if self.score is None else self.score, frozenset(self.context or ())
        return PatternRules(entity=entity, patterns=self.patterns or (), score=score, context=context, checksum=self.checksum)


class Detection(Part):
    """How this tenant's texts are read."""

    profile: Literal["standard", "high_recall"] = Field(
        default="standard", description="high_recall reads with spaCy and LAC as well: more is found, at many times the cost."
    )
    max_characters: Characters = Field(
        default=2_000_000, description="Characters that all texts of one request may have together; more are refused."
    )
    allow: tuple[Value, ...] = Field(
        default=(), description="Values that are no personal data here, whole and in any case; a SECRET is one nevertheless."
    )
    recognizers: tuple[Recognizer, ...] = Field(default=(), description="Recognizers beside the built-in ones.")

    def rules(self, tenant: str) -> DetectionRules:
        """The same as a value of the exchange."""
        return DetectionRules(
            tenant=tenant,
            high_recall=self.profile == "high_recall",
            recognizers=tuple(recognizer.rules for recognizer in self.recognizers),
            allow=frozenset(map(alike, self.allow)),
            max_characters=self.max_characters,
        )
