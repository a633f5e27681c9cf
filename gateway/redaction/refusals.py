"""What policy does not let through, whatever is done with the rest of a request. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.errors import EntityBlocked, TextTooLong, UninspectableContent
from gateway.obligations import OperatorKind
from gateway.protocol.opaque import dotted, opaque_content
from gateway.protocol.wire import ContentKind, JsonObject, Path
from gateway.redaction.verdict import Judged

_OPAQUE = "This content ({}) cannot be inspected, and policy does not let it through. Send text instead."
_UNREADABLE = {
    ContentKind.STORED: "This names something that a backend keeps (stored), nobody here knows whose, and policy does not let "
    "it through. Send its text instead."
}
_STORED_CALL = (
    "This item ({}), a call of an earlier answer, names something that a backend keeps (stored), nobody here knows whose, and "
    "policy does not let it through. Leave the item out."
)
_UNGRANTED = (
    "No rule gives you documents to answer from (knowledge.collections); stores that a backend keeps are not let through "
    "either."
)


def refuse_opaque(body: JsonObject, allowed: frozenset[ContentKind], *, documents: bool = False) -> None:
    """Raises UninspectableContent for the first content that nobody can read and policy does not let through. `documents`:
    whether policy grants the caller some to answer from.
    """
    for kind, path in opaque_content(body):
        if kind not in allowed:
            raise UninspectableContent(_why_not(body, kind, path, documents), param=dotted(path))


def _why_not(body: JsonObject, kind: ContentKind, path: Path, documents: bool) -> str:
    if kind is ContentKind.STORED and path[:1] == ("tools",) and not documents and _is_search(body["tools"][path[1]]):
        return _UNGRANTED
    if kind is ContentKind.STORED and path[:1] == ("input",) and len(path) == 3 and _is_call(body["input"][path[1]]):
        return _STORED_CALL.format(dotted(path[:2]))
    return _UNREADABLE.get(kind, _OPAQUE.format(kind.value))


def _is_search(tool: JsonObject) -> bool:
    return tool.get("type") == "file_search"


def _is_call(item: JsonObject) -> bool:
    """Of a tool; a message has no such type. `code_interpreter_call` names the container that it ran in."""
    return str(item.get("type")).endswith("_call")


def refuse_too_long(texts: Iterable[str], limit: int) -> None:
    """Raises TextTooLong where the texts together have more than `limit` code points."""
    if sum(map(len, texts)) > limit:
        raise TextTooLong(f"The texts of this request are too long: policy allows {limit} characters in all.")


def refuse_blocked(judged: Iterable[Sequence[Judged]]) -> None:
    """Raises EntityBlocked."""
    verdicts = {one.verdict for passage in judged for one in passage}
    blocked = sorted({verdict.entity for verdict in verdicts if verdict.operator is OperatorKind.BLOCK})
    if blocked:
        raise EntityBlocked(f"Policy blocks what contains {', '.join(blocked)}.")
