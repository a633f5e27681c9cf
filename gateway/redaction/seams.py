"""Values that were cut: the beginning ends one text of a conversation, and the rest begins the next.

Content parts reach a model one behind the other, and two messages nearly so; each half alone is nobody's number. Where two
texts look as if they had been one, the words around the border are read once more as such. Only what lies over the border is
taken from there, and nothing that is sent is put together.
"""

from __future__ import annotations

import string
from collections.abc import Container, Iterator, Sequence
from itertools import pairwise

from gateway.protocol.segments import Quoting
from gateway.redaction.passages import Page, Passage

_REACH = 100
"""Characters on either side that are read: as far as a word explains a number."""
_NEAR = 24
_DIGITS = 7
"""On both sides together: fewer are no number that a recognizer knows."""
_IN_A_VALUE = frozenset(string.ascii_letters + string.digits + "@._+-")


def seams(found: Sequence[Passage], apart: Container[int] = ()) -> Iterator[Page]:
    """Pages that join the end of one passage and the beginning of the next. `apart` are those that are several texts."""
    for at, (left, right) in enumerate(pairwise(found)):
        if _are_neighbours(left, right) and not (at in apart or at + 1 in apart) and _is_cut(left.text, right.text):
            end, begin = left.text[-_REACH:], right.text[:_REACH]
            yield Page(end + begin, [(at, len(end) - len(left.text)), (at + 1, len(end))], seam=len(end))


def _are_neighbours(left: Passage, right: Passage) -> bool:
    """Whether they are said in one conversation, in one message or in two that follow each other."""
    if not (_is_said(left) and _is_said(right)) or left.slot == right.slot or len(left.group) < 2 or len(right.group) < 2:
        return False
    (field, first), (other, second) = left.group[:2], right.group[:2]
    return field == other and isinstance(first, int) and isinstance(second, int) and 0 <= second - first <= 1


def _is_said(passage: Passage) -> bool:
    return not passage.label and passage.segment.quoting is Quoting.PLAIN


def _is_cut(left: str, right: str) -> bool:
    if left[-1] not in _IN_A_VALUE or right[0] not in _IN_A_VALUE:
        return False
    around = left[-_NEAR:] + right[:_NEAR]
    return "@" in around or sum(map(str.isdecimal, around)) >= _DIGITS
