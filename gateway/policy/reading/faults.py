"""pydantic's complaints, told the way a person who wrote the file can use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from gateway.policy.reading.grammar import Grammar
from gateway.policy.reading.problems import one_of, quoted
from gateway.policy.reading.yaml_tree import TreePath, value_at

_KEY_STEP = "[key]"
_NAMES = "ids hold letters, digits, '.', '_', '@' and '-'; regions and labels only small letters; model names no spaces"
_MAPPING = ("not a mapping", "write 'name: value' lines below it, or {} for nothing")
_RANGE = ("out of range", "write seconds above 0 and at most 86400")

_PLAIN: Mapping[str, tuple[str, str]] = {
    "string_type": ("not text", "write text, in quotes if it looks like a number, a date or yes/no"),
    "path_type": ("not a path", "write the path as text"),
    "bool_type": ("neither true nor false", "write true or false"),
    "float_type": ("not a number", "write a number"),
    "int_type": ("not a whole number", "write it in digits, without a point"),
    "greater_than": _RANGE,
    "less_than_equal": _RANGE,
    "finite_number": _RANGE,
    "model_type": _MAPPING,
    "dict_type": _MAPPING,
    "tuple_type": ("not a list", "write [one, two]"),
    "too_long": ("too long a list", "shorten it, or divide it in two"),
    "too_short": ("an empty list", "name at least one, or remove the line"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a path of the file, not yet with its line. `inside` is a line and column in the text there, from 1."""

    path: TreePath
    message: str
    fix: str
    on_key: bool = False
    inside: tuple[int, int] | None = None


def faults_of(error: ValidationError, data: object) -> Iterator[Fault]:
    """One fault for each complaint. Only names of the file's own grammar are quoted, and none near a key."""
    grammar = Grammar.of_policy()
    for detail in error.errors(include_url=False, include_input=False):
        kind, loc = detail["type"], detail["loc"]
        if kind == "too_short" and value_at(data, loc):
            continue  # the list has items; each of them has its own complaint
        if kind == "extra_forbidden":
            yield _unknown_field(grammar, loc)
        elif kind in ("enum", "literal_error"):
            yield _unknown_value(grammar, loc, value_at(data, loc))
        elif kind == "missing":
            yield Fault(loc, f"'{loc[-1]}' is missing", f"add '{loc[-1]}': {grammar.description(loc)}")
        elif kind == "string_pattern_mismatch":
            yield _bad_characters(grammar, loc)
        else:
            yield Fault(loc, *_plain(kind, detail["msg"], detail.get("ctx", {})))


def _unknown_field(grammar: Grammar, path: TreePath) -> Fault:
    name = str(path[-1])
    return Fault(path, f"unknown field{_named(path, name)}", one_of(grammar.fields(path[:-1]), name), on_key=True)


def _unknown_value(grammar: Grammar, path: TreePath, written: object) -> Fault:
    what = "operator" if "entities" in path else "value"
    name = written if isinstance(written, str) else ""
    return Fault(path, f"unknown {what}{_named(path, name)}", one_of(grammar.values(path), name))


def _bad_characters(grammar: Grammar, loc: TreePath) -> Fault:
    on_key = loc[-1] == _KEY_STEP
    path = loc[:-1] if on_key else loc
    fix = None if on_key else grammar.description(path)
    return Fault(path, "characters that are not allowed here", fix or _NAMES, on_key)


def _plain(kind: str, msg: str, ctx: Mapping[str, Any]) -> tuple[str, str]:
    """pydantic's own text is the last resort: it names limits and types, never the input."""
    if "fix" in ctx:
        return str(ctx["message"]), str(ctx["fix"])
    return _PLAIN.get(kind, (msg, "compare with policies/policy.schema.json"))


def _named(path: TreePath, name: str) -> str:
    """The name for a message, except near `api_key`: there it may be the key itself, pasted in the wrong place."""
    return f" {quoted(name)}" if name and "api_key" not in path else ""
