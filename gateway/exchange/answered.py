"""Who answered an exchange, and in place of whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One call to one deployment. `result` is `answered`, `abandoned` (another was quicker), or the code of what went wrong."""

    deployment: str
    result: str
    started_ms: float
    ended_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a deployment serves, as policy pins it: the backend's name of the model, its version, the digest of its weights."""

    model: str | None = None
    version: str | None = None
    digest: str | None = None
    external: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How alike two answers are, in 0..1: `length` by characters, `overlap` by words. Whether they are `equal`, and how much
    they overlap, is told only where policy keeps what they say.
    """

    length: float
    equal: bool | None = None
    overlap: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """Ciphertexts that passed through an exchange whose caller holds the key: frames and bytes towards the server (`up`) and
    back. `degree` and `modulus_bits` are the encryption's parameters, `model` is the SHA-256 of what is served, in hex.
    """

    degree: int
    modulus_bits: int
    model: str
    frames_up: int = 0
    frames_down: int = 0
    bytes_up: int = 0
    bytes_down: int = 0


COPY = ".shadow"
"""How the call id of a copy ends, behind that of its original."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadowed:
    """What makes an exchange a copy `of` another call, for comparison. `likeness` is there when both answers are."""

    of: str
    likeness: Likeness | None = None


class CacheState(StrEnum):
    """What the cache had to do with an answer: `stale` where what it held was too old, `none` where nobody asked it."""

    HIT = "hit"
    MISS = "miss"
    BYPASS = "bypass"
    STALE = "stale"
    NONE = "none"
