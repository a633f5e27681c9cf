"""What a network is told about a text: a row of feature ids for each token."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ids: TypeAlias = NDArray[np.int32]


class Places(Protocol):
    """A place in the text for each token: an array, or worked out where asked for."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[int]: ...

    def __getitem__(self, at: int, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text. `ids` has shape (tokens, features); token `i` is `text[starts[i]:ends[i]]`, in code points."""

    ids: Ids = field(repr=False)
    starts: Places = field(repr=False)
    ends: Places = field(repr=False)


class Reader(Protocol):
    """Turns text into tokens; the same one in training and at work."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many ids each feature has: the rows of the network's embedding tables."""

    def read(self, text: str) -> Tokens: ...
