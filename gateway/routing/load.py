"""How busy a deployment is at this moment, as the choice among deployments sees it.

A value, not the thing that counts: the choice stays a pure function of what it is told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """One deployment's load. Tokens are estimates (input plus the most output asked for), not what a tokenizer would say."""

    outstanding_tokens: int = 0
    open: int = 0  # calls begun and not ended
    capacity: int | None = None  # the most calls at once; None: the policy names no bound
    fit: bool = True  # False while its breaker is open, it is ejected, its health probes fail or it asked to be left alone

    @property
    def free(self) -> bool:
        """Whether one call more fits under the capacity; says nothing of fitness."""
        return self.capacity is None or self.open < self.capacity
