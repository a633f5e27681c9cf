"""What a network for Chinese half believes: the character more at the end of a name, and firms whose last characters say so.

Of a rare name (`吴清炜`) a network often leaves out a character to which it gives a tenth. Beside what it is sure of that is
enough; away from it, it also takes the ending of an organisation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import groupby
from math import exp

import numpy as np

from gateway.detection.taggers.decode import Scores, Span
from gateway.detection.taggers.han.endings import ASIDE, begins_an_ending
from gateway.detection.taggers.han.reader import is_a_word
from gateway.detection.taggers.han.titled import SURNAMES
from gateway.detection.taggers.han.transliterated import is_foreign
from gateway.detection.taggers.tokens import Tokens

_SHARE = 0.08
"""Of a token's probability: what the entity beside it must have of it."""
_ODDS = float(np.log(0.08 / 0.92))
"""Of an organisation's best tag to none, in the network's units (nats)."""
_PLACES = {"PERSON": 0, "LOCATION": 1, "ORGANIZATION": 2, "NRP": 3}
_ORGANISATION = range(9, 13)
"""The tags of its label."""
_ALONE = 0.2
"""The same where a place or an organisation would take a single character: mostly a verb or an adverb beside it."""
_LAST_OF_A_PLACE = frozenset(
    "省市区县州盟旗镇乡村寨屯庄堡里弄巷街路道桥港湾岛洲山岭峰谷江河湖海泉畔园楼塔寺庙宫门站场馆线城址宅院坊桥东西南北"
)
"""With one of these a place may well end: as before."""
_MOST_OF_A_PERSON, _MOST = 1, 6
"""Tokens by which a name may grow on either side."""
_DOUBT = 0.6
"""The probability that one of two characters is no name's: an ordinary word is then no organisation (`烧开`)."""
_SURNAMES = SURNAMES | frozenset("何高谢于任易常赖兰安芦季岳管祝牟卜成阳覃隋景单包丘古晋苑全冀谈连佟栗宗应巫谌伏胥逄厉濮帅")
_WHOLE_PERSON = 2
"""Characters: a longer name is a whole one, if it is Chinese."""
_HAN = re.compile(rf"(?![{ASIDE}])[\u3400-\u9fff·]")
_TITLE = re.compile("先生|女士|小姐|太太|夫人|老师|教授|医生|同志|总")
_ENDING = re.compile(
    r".+(?:公司|集团|银行|大学|学院|医院|中心|工作室|传媒|影视|俱乐部|[战车乐]队|乐团|艺术团|剧[团院]|协会|学会|研究[院所]|"
    r"委员会|基金会?|出版社|报社|电视台|杂志|网站|法院|检察院|公安局|派出所|[支分]行|[局厅署网队厂社店])"
)


def reached(text: str, tokens: Tokens, scores: Scores, spans: Sequence[Span]) -> list[Span]:
    """`spans`, in order, as far as they reach, and such organisations beside them. `scores` has shape (tokens, tags)."""
    reach = _Reach(text, tokens, scores, spans)
    whole = list(spans)
    for at, step in _open_edges(scores, spans):
        whole[at] = reach.grown(whole[at], step)
    added = list(reach.organisations())
    return sorted([*whole, *added], key=_first) if added else whole


def without_words(text: str, tokens: Tokens, scores: Scores, spans: Sequence[Span]) -> list[Span]:
    """`spans`, of tokens that a HanReader has read, without organisations that are an ordinary word and in doubt.

    What stands right beside another name, or before what such a name ends with, may be a part of it.
    """
    beside = {span.last + 1 for span in spans} | {span.first - 2 for span in spans}
    return [span for span in spans if span.first in beside or not _is_a_doubtful_word(text, tokens, scores, span)]


def _is_a_doubtful_word(text: str, tokens: Tokens, scores: Scores, span: Span) -> bool:
    if span.label != "ORGANIZATION" or span.last - span.first != 1 or not is_a_word(tokens.ids, span.first):
        return False
    if begins_an_ending(text, tokens.ends[span.last], span.label):
        return False
    return any(exp(row[0]) > _DOUBT * sum(map(exp, row)) for row in scores[span.first : span.last + 1].tolist())


class _Reach:
    """One text, and which of its tokens no name has taken yet: those before and behind the text are nobody's to take."""

    def __init__(self, text: str, tokens: Tokens, scores: Scores, spans: Sequence[Span]) -> None:
        self._text, self._tokens, self._scores = text, tokens, scores
        self._free = bytearray(b"\1" * len(scores)) + b"\0"  # the last one is also the one before the first
        for span in spans:
            self._free[span.first : span.last + 1] = bytes(span.last + 1 - span.first)

    def grown(self, span: Span, step: int) -> Span:
        """The span with what it reaches to the right (`step` 1) or left (-1)."""
        at = edge = span.last if step > 0 else span.first
        if span.label == "PERSON" and not self._may_lack(span, step):
            return span
        for _ in range(_MOST_OF_A_PERSON if span.label == "PERSON" else _MOST):
            if not self._goes_on(at + step, span.label):
                break
            at += step
            self._free[at] = 0
        if abs(at - edge) == 1 and span.label != "PERSON" and not self._is_likely(at, span.label, step):
            self._free[at] = 1
            at = edge
        if at == edge:
            return span
        return Span(span.first, at, span.label, span.score) if step > 0 else Span(at, span.last, span.label, span.score)

    def organisations(self) -> Iterator[Span]:
        """Runs of tokens that may be one and end like one."""
        free = np.frombuffer(self._free, np.bool_)[:-1]
        best = reduce(np.maximum, (self._scores[:, tag] for tag in _ORGANISATION))
        likely = np.flatnonzero(free & (best > self._scores[:, 0] + _ODDS))
        han = [at for at in likely.tolist() if self._is_han(at)]
        for _, run in groupby(enumerate(han), key=_run):
            places = [at for _, at in run]
            start, end = self._tokens.starts[places[0]], self._tokens.ends[places[-1]]
            if end - start > 2 and _ENDING.fullmatch(self._text, start, end):
                yield Span(places[0], places[-1], "ORGANIZATION", 0.5)

    def _may_lack(self, person: Span, step: int) -> bool:
        """Whether a person's name may want one character more: its surname, or, if it has one, its last."""
        beside = person.last + 1 if step > 0 else person.first - 1
        if not self._free[beside]:
            return False
        if 0 <= beside + step < len(self._scores) and not self._free[beside + step]:
            return True  # between two names a single character is one's or the other's
        start, end = self._tokens.starts[person.first], self._tokens.ends[person.last]
        more = self._text[self._tokens.starts[beside]]
        if end - start > _WHOLE_PERSON:
            return step > 0 and is_foreign(self._text, start, end) and is_foreign(more, 0, 1)
        return step > 0 or (more in _SURNAMES and self._text[start] not in SURNAMES)

    def _is_likely(self, at: int, label: str, step: int) -> bool:
        if label == "LOCATION" and step > 0 and self._text[self._tokens.starts[at]] in _LAST_OF_A_PLACE:
            return True
        return _share(self._scores[at].tolist(), label) >= _ALONE

    def _goes_on(self, at: int, label: str) -> bool:
        if not self._free[at] or not self._is_han(at) or _share(self._scores[at].tolist(), label) < _SHARE:
            return False
        start = self._tokens.starts[at]
        return _TITLE.match(self._text, start) is None if label == "PERSON" else not begins_an_ending(self._text, start, label)

    def _is_han(self, at: int) -> bool:
        return _HAN.fullmatch(self._text, self._tokens.starts[at], self._tokens.ends[at]) is not None


def _open_edges(scores: Scores, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """The spans, by their places, that may reach further, and to which side: what lies there has a share of their entity."""
    sides = [(at, 1) for at, span in enumerate(spans) if span.last + 1 < len(scores)]
    sides += [(at, -1) for at, span in enumerate(spans) if span.first > 0]
    if not sides:
        return []
    beside = [spans[at].last + 1 if step > 0 else spans[at].first - 1 for at, step in sides]
    shares = _shares(scores.take(beside, 0))[range(len(sides)), [_PLACES[spans[at].label] for at, _ in sides]]
    return [sides[at] for at in np.flatnonzero(shares >= _SHARE).tolist()]


def _shares(scores: Scores) -> Scores:
    """The probability of each entity, in the order of `_PLACES`, shape (tokens, entities)."""
    odds = np.exp(scores - scores.max(1, keepdims=True))
    shares: Scores = odds[:, 1:].reshape(len(odds), -1, 4).sum(2) / odds.sum(1, keepdims=True)
    shares[:, 1] += shares[:, 4]  # addresses are locations
    return shares


def _share(row: Sequence[float], label: str) -> float:
    """The same of one token and one entity: for one, arrays do not pay."""
    first = 4 * _PLACES[label] + 1
    tags = (*row[first : first + 4], *(row[17:] if label == "LOCATION" else ()))
    return sum(map(exp, tags)) / sum(map(exp, row))


def _run(numbered: tuple[int, int]) -> int:
    """The same for neighbours."""
    return numbered[1] - numbered[0]


def _first(span: Span) -> int:
    return span.first
