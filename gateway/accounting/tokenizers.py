"""The tokenizers that policy names, read when they are first needed. Hugging Face's library reads them; nothing is fetched.

A `tokenizer.json` lies beside the weights of nearly every open model. Without the extra `[tokenizers]`, or where a file cannot
be read, tokens are estimated, and the record says so: a count that is missing is no reason to refuse an answer.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_log = logging.getLogger(__name__)


class TokenizerUnavailable(Exception):
    """The message says why; it names no more than the policy does."""


class Tokenizers:
    """Keeps what it read, by path; also that it could not. Safe to use from several threads."""

    def __init__(self) -> None:
        self._read: dict[Path, Counter | None] = {}
        self._reading = threading.Lock()

    def known(self, path: Path) -> Counter | None:
        """The tokenizer of this file, if it was read before."""
        return self._read.get(path)

    def of(self, path: Path) -> Counter | None:
        """Reads the file at the first time, which may take a second. None where it cannot be used; the log says why, once."""
        with self._reading:
            if path not in self._read:
                self._read[path] = _read_or_tell(path)
            return self._read[path]


class Counter:
    """Counts tokens of texts with one tokenizer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def count(self, texts: Iterable[str]) -> int:
        """Without the tokens that stand for the beginning or the end of something."""
        return sum(self._length(text) for text in texts if text)

    def _length(self, text: str) -> int:
        (encoding,) = self._tokenizer.encode_batch_fast([text], add_special_tokens=False)
        return len(encoding)


def read_tokenizer(path: Path) -> Counter:
    """Raises TokenizerUnavailable."""
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise TokenizerUnavailable("the extra [tokenizers] is not installed") from None
    if not path.is_file():
        raise TokenizerUnavailable("there is no such file")
    try:
        return Counter(Tokenizer.from_file(str(path)))
    except Exception:  # noqa: BLE001  (the library raises nothing more precise)
        raise TokenizerUnavailable("it is not a tokenizer.json") from None


def _read_or_tell(path: Path) -> Counter | None:
    try:
        return read_tokenizer(path)
    except TokenizerUnavailable as problem:
        _log.warning("tokens are estimated, because the tokenizer %s cannot be used: %s", path, problem)
        return None
