"""From everything that was found to findings that do not overlap, without uncovering anything.

A loser is not thrown away: what of it the winners leave uncovered stays a finding, so no found character leaks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise

from gateway.detection.kept import Standing, standing
from gateway.exchange import Finding

_SEPARATORS = " \t\r\n,，、;；:：()（）[]【】{}<>《》「」|/\"'“”‘’"
_WEAK = 0.6
"""A pattern's score below which a name around it is believed rather than the pattern."""
_NAMES = frozenset({"LOCATION", "PERSON", "ORGANIZATION"})
_HOLDERS = frozenset({"LOCATION", "PERSON"})
"""Those that have numbers in them: of houses and roads, postcodes, ordinals of kings."""


class Rank(IntEnum):
    """Who wins where two overlap; between equals the longer, then the higher score, then the earlier."""

    TAGGER = 0
    CONTAINER = 1  # a URL: what lies inside it (a mail, a key) has a policy of its own
    PATTERN = 2
    SECRET = 3  # `user:password@host` looks like a mail address


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding before resolution."""

    finding: Finding
    rank: Rank


def resolve(text: str, candidates: Iterable[Candidate], kept: Container[str] = ()) -> tuple[Finding, ...]:
    """Findings sorted by start and free of overlap that together cover all that the candidates cover.

    Left uncovered are only remainders without a letter or digit, and separators at the edges of remainders. Types that are
    `kept` come last, whatever their rank: what policy lets out must not hide what it does not. Types that it blocks (see
    `Kept.blocked`) come first: no other finding may hide that one of them is there.
    """
    found: list[Finding] = []
    for cluster in _clusters(candidates):
        if len(cluster) > 1:
            found += _resolved(text, list(dict.fromkeys(cluster)), kept)
        elif cluster[0].finding.end > cluster[0].finding.start:
            found.append(cluster[0].finding)
    return tuple(found)


def _clusters(candidates: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    """Candidates that overlap, directly or by way of others; what is done to one cluster cannot touch another."""
    cluster: list[Candidate] = []
    end = 0
    for candidate in sorted(candidates, key=lambda one: one.finding.start):
        found = candidate.finding
        if cluster and found.start >= end:
            yield cluster
            cluster = []
        cluster.append(candidate)
        end = max(end, found.end)
    if cluster:
        yield cluster


def _resolved(text: str, cluster: list[Candidate], kept: Container[str]) -> list[Finding]:
    taken: list[Finding] = []
    for candidate in sorted(_strong(cluster, kept), key=lambda one: (standing(one.finding.entity, kept), _precedence(one))):
        for piece in _remainders(text, candidate.finding, taken):
            taken.insert(bisect_left(taken, piece.start, key=_start), piece)
    return taken


def _strong(cluster: list[Candidate], kept: Container[str]) -> list[Candidate]:
    """Without patterns that lie wholly inside a longer name, if they say the same or, in a person's or a place's, are weak."""
    names = [c.finding for c in cluster if c.rank is Rank.TAGGER and c.finding.entity in _NAMES]
    names = [name for name in names if name.entity not in kept]
    return [c for c in cluster if not any(_gives_way(c, name, kept) for name in names)] if names else cluster


def _gives_way(candidate: Candidate, name: Finding, kept: Container[str]) -> bool:
    found = candidate.finding
    if found.entity != name.entity and standing(found.entity, kept) is Standing.BLOCKED:
        return False
    if candidate.rank is not Rank.PATTERN:
        return False
    if found.entity != name.entity and (found.score >= _WEAK or name.entity not in _HOLDERS):
        return False
    return name.start <= found.start and found.end <= name.end and name.end - name.start > found.end - found.start


def _precedence(candidate: Candidate) -> tuple[int, int, float, int, str]:
    found = candidate.finding
    return (-candidate.rank, found.start - found.end, -found.score, found.start, found.entity)


def _start(finding: Finding) -> int:
    return finding.start


def _remainders(text: str, finding: Finding, taken: list[Finding]) -> list[Finding]:
    first = max(bisect_left(taken, finding.start, key=_start) - 1, 0)
    last = bisect_left(taken, finding.end, key=_start)
    overlapping = [t for t in taken[first:last] if t.end > finding.start]
    if not overlapping:
        return [finding] if finding.end > finding.start else []
    edges = [finding.start, *(edge for t in overlapping for edge in (t.start, t.end)), finding.end]
    gaps = (_trimmed(text, finding, start, end) for start, end in list(pairwise(edges))[::2])
    return [gap for gap in gaps if gap is not None]


def _trimmed(text: str, finding: Finding, start: int, end: int) -> Finding | None:
    piece = text[start:end]
    if not any(c.isalnum() for c in piece):
        return None
    start += len(piece) - len(piece.lstrip(_SEPARATORS))
    end -= len(piece) - len(piece.rstrip(_SEPARATORS))
    return replace(finding, start=start, end=end)
