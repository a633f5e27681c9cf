"""What is to be done with each value of an exchange, decided once for all places where it stands.

A recognizer may know a value in one place and miss it in another, or call it a person here and a place there. The value is
the same, so it is treated the same everywhere: by the strictest operator that any of its types has.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from gateway.detection.literals import Literals
from gateway.exchange import Finding, FindingCount
from gateway.obligations import EntityRules, OperatorKind
from gateway.redaction.operators import STRICTEST_FIRST
from gateway.redaction.passages import Passage

_HAN = re.compile(r"[\u3400-\u9fff]")
_SHORTEST = 2
_BETWEEN = "\x1e"  # the record separator of ASCII
_FREE = re.compile(rb"\x00+")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The type that a value counts as, and its operator."""

    entity: str
    operator: OperatorKind


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with what is to be done to it."""

    finding: Finding
    verdict: Verdict


def judge(found: Sequence[Passage], findings: Sequence[Sequence[Finding]], rules: EntityRules) -> list[list[Judged]]:
    """For each passage its findings with a verdict, and those that other passages taught us; none overlap."""
    verdicts, sources = _verdicts(found, findings, rules)
    known = {value: finding for value, finding in sources.items() if verdicts[value].operator is not OperatorKind.KEEP}
    anywhere = Literals(value for value in known if _is_distinctive(value))
    has_fields = not all(passage.is_prose for passage in found)
    in_fields = Literals(value for value in known if len(value) >= _SHORTEST) if has_fields else anywhere
    again = _stand(found, anywhere, in_fields)
    return [
        _without_overlap(passage.text, [*own, *_elsewhere(passage.text, own, spans, known)], verdicts) if own or spans else []
        for passage, own, spans in zip(found, findings, again, strict=True)
    ]


def counts(judged: Iterable[Sequence[Judged]]) -> tuple[FindingCount, ...]:
    """What the record says about findings: types and numbers, no text."""
    groups: dict[tuple[str, OperatorKind, str], list[float]] = defaultdict(list)
    for one in (one for passage in judged for one in passage):
        groups[one.verdict.entity, one.verdict.operator, one.finding.recognizer].append(one.finding.score)
    return tuple(
        FindingCount(entity=entity, operator=op, recognizer=recognizer, count=len(scores), max_score=max(scores))
        for (entity, op, recognizer), scores in sorted(groups.items())
    )


def _stand(found: Sequence[Passage], anywhere: Literals, in_fields: Literals) -> list[list[tuple[int, int]]]:
    """Where known values stand in each passage."""
    spans: list[list[tuple[int, int]]] = [[] for _ in found]
    apart = any(_BETWEEN in passage.text for passage in found)
    for literals, prose in ((anywhere, True), (in_fields, False)):
        places = [at for at, passage in enumerate(found) if passage.is_prose is prose]
        if places:
            texts = [found[at].text for at in places]
            for at, start, end in _one_by_one(texts, literals) if apart else _at_once(texts, literals):
                spans[places[at]].append((start, end))
    return spans


def _one_by_one(texts: Sequence[str], literals: Literals) -> Iterator[tuple[int, int, int]]:
    """Where literals stand: the text, and the place in it."""
    return ((at, start, end) for at, text in enumerate(texts) for start, end in literals.find(text))


def _at_once(texts: Sequence[str], literals: Literals) -> Iterator[tuple[int, int, int]]:
    """The same where a sign can stand between that is in no text, and so in no literal: a long chat is many short texts, and
    to begin anew costs more than to go on.
    """
    offsets = list(accumulate((len(text) + 1 for text in texts), initial=0))
    at = 0
    for start, end in literals.find(_BETWEEN.join(texts)):
        while start >= offsets[at + 1]:
            at += 1
        yield at, start - offsets[at], end - offsets[at]


def _elsewhere(
    text: str, own: Sequence[Finding], spans: Sequence[tuple[int, int]], known: Mapping[str, Finding]
) -> Iterator[Finding]:
    """What is known from elsewhere and stands here, but for what would say the same as a finding of the passage's own."""
    if spans:
        told = {(finding.start, finding.end) for finding in own}
        yield from (replace(known[text[start:end]], start=start, end=end) for start, end in spans if (start, end) not in told)


def _verdicts(
    found: Sequence[Passage], findings: Sequence[Sequence[Finding]], rules: EntityRules
) -> tuple[Mapping[str, Verdict], Mapping[str, Finding]]:
    by_entity: dict[str, Verdict] = {}
    verdicts: dict[str, Verdict] = {}
    sources: dict[str, Finding] = {}
    for passage, own in zip(found, findings, strict=True):
        for finding in own:
            value = passage.text[finding.start : finding.end]
            verdict = by_entity.get(finding.entity)
            if verdict is None:
                verdict = by_entity[finding.entity] = Verdict(finding.entity, rules.operator(finding.entity))
            known = verdicts.get(value)
            if known is None or (known is not verdict and _strictness(verdict) < _strictness(known)):
                verdicts[value], sources[value] = verdict, finding
    for value in [value for value in sources if value.endswith(".")]:  # `Smith Ltd.` stands elsewhere without its full stop
        verdicts.setdefault(value[:-1], verdicts[value])
        sources.setdefault(value[:-1], sources[value])
    return verdicts, sources


def _strictness(verdict: Verdict) -> int:
    return STRICTEST_FIRST.index(verdict.operator)


def _without_overlap(text: str, findings: Iterable[Finding], verdicts: Mapping[str, Verdict]) -> list[Judged]:
    """The longer first, and of a shorter one what is left.

    Blocked ones before all others, which must not hide them; kept ones last: they give way to what must not be let out.
    """
    judged = [Judged(finding, verdicts[text[finding.start : finding.end]]) for finding in findings]
    in_order = sorted(judged, key=_start)
    if all(one.finding.end <= following.finding.start for one, following in pairwise(in_order)):
        return in_order
    judged.sort(key=_order)
    taken = bytearray(len(text))
    settled: list[Judged] = []
    for one in judged:
        settled.extend(_remainders(text, one, taken))
        taken[one.finding.start : one.finding.end] = b"\1" * (one.finding.end - one.finding.start)
    return sorted(settled, key=_start)


def _start(judged: Judged) -> int:
    return judged.finding.start


def _order(judged: Judged) -> tuple[bool, bool, int]:
    operator, finding = judged.verdict.operator, judged.finding
    return operator is not OperatorKind.BLOCK, operator is OperatorKind.KEEP, finding.start - finding.end


def _remainders(text: str, judged: Judged, taken: bytearray) -> Iterator[Judged]:
    """The parts of a finding that nobody has taken yet, where they say anything."""
    start, end = judged.finding.start, judged.finding.end
    if taken.find(1, start, end) < 0:
        yield judged
        return
    for free in _FREE.finditer(taken, start, end):
        if any(char.isalnum() for char in text[free.start() : free.end()]):
            yield replace(judged, finding=replace(judged.finding, start=free.start(), end=free.end()))


def _is_distinctive(value: str) -> bool:
    """Whether a value means the same wherever it stands: `Will` may be a verb, `Will Smith` and `will@x.org` are not."""
    return len(value) >= _SHORTEST and (not value.isalpha() or bool(_HAN.search(value)))
