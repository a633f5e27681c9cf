"""What policy does not let through, whatever is done with the rest of a request. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.errors import EntityBlocked, TextTooLong, UninspectableContent
from gateway.obligations import OperatorKind
from gateway.protocol.opaque import dotted, opaque_content
from gateway.protocol.wire import ContentKind, JsonObject
from gateway.redaction.verdict import Judged


def refuse_opaque(body: JsonObject, allowed: frozenset[ContentKind]) -> None:
    """Raises UninspectableContent for the first content that nobody can read and policy does not let through."""
    for kind, path in opaque_content(body):
        if kind not in allowed:
            raise UninspectableContent(
                f"This content ({kind.value}) cannot be inspected, and policy does not let it through. Send text instead.",
                param=dotted(path),
            )


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
