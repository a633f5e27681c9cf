"""By which weights a tenant's requests are judged: values that policy writes and the judging stage follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ClassifierRef:
    """Weights by their digest (`sha256:` and hex), and the file that holds them; None: those that the gateway ships."""

    digest: str
    file: Path | None = field(default=None, repr=False)

    @property
    def short(self) -> str:
        """What the record calls it."""
        return self.digest.removeprefix("sha256:")[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentTerms:
    """`classifier` decides. `trial` is another one, whose verdict is recorded beside it, and which decides in its place for
    `percent` of the callers: 0 is a shadow, 100 is everybody.
    """

    classifier: ClassifierRef
    trial: ClassifierRef | None = None
    percent: float = 0.0

    def deciding(self, tenant: str, principal: str) -> ClassifierRef:
        """Always the same one for a caller: asking again never asks another classifier."""
        if self.trial is None:
            return self.classifier
        drawn = int.from_bytes(sha256(f"{self.trial.digest}\0{tenant}\0{principal}".encode()).digest()[:8], "big")
        return self.trial if drawn < self.percent / 100 * 2**64 else self.classifier
