"""The other end of the connection, as the socket knows it: what no header can claim."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """`address` is the IP address of the socket's other end; None where there is none (a Unix socket).

    `header` gives every value of a header that was sent, by its name, in order: duplicates are seen as duplicates.
    """

    address: str | None
    header: Callable[[str], Sequence[str]] = field(repr=False)
