"""What an exchange was given of documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.exchange.content import Hit
from gateway.exchange.finding import Finding
from gateway.obligations import GroundingTerms
from gateway.protocol.wire import Path


@dataclass(frozen=True, slots=True)
class Laid:
    """A string of the request that the gateway put together. `findings` are personal data for certain. Each of `parts`, which
    are ranges of code points, is a text of its own to recognizers; what lies between them is the gateway's own words.
    """

    findings: tuple[Finding, ...] = ()
    parts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounding:
    """What an exchange was given of documents, under which terms. `laid` are the strings that hold passages, by path."""

    terms: GroundingTerms
    hits: tuple[Hit, ...] = ()
    laid: Mapping[Path, Laid] = field(default_factory=dict, repr=False)
