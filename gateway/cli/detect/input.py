"""What `gateway detect` reads: a text, or JSON lines. Everything is read and checked before any work begins."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from gateway.cli.common.files import unreadable
from gateway.detection.evaluation import Gold, Range, Span

_T = TypeVar("_T")
STDIN = Path("-")


class InputError(Exception):
    """What was given cannot be read. The message names file and line, and quotes nothing."""


def read_bytes(path: Path) -> bytes:
    """A file, or standard input for `-`. Raises InputError."""
    try:
        return sys.stdin.buffer.read() if path == STDIN else path.read_bytes()
    except OSError as error:
        raise InputError(unreadable(path, error)) from None


def read_text(path: Path) -> str:
    """UTF-8, without a byte-order mark; line ends as they are. Raises InputError."""
    return _decoded(read_bytes(path), _name(path))


def checked(text: str) -> str:
    """A text from the command line. Raises InputError for bytes that were no UTF-8."""
    if text.isascii():
        return text
    return _decoded(text.encode("utf-8", "surrogateescape"), "the text")


def texts(path: Path) -> list[str]:
    """Of lines `{"text": …}` the texts. Raises InputError."""
    return _lines(path, _text)


def golds(path: Path) -> list[Gold]:
    """Of lines `{"text": …, "spans": [[start, end, label]], "ignore": [[start, end]]}`. Raises InputError."""
    return _lines(path, _gold)


def predictions(path: Path) -> list[list[Span]]:
    """Of lines `{"spans": [[start, end, label]]}`. Raises InputError."""
    return _lines(path, _spans)


def _name(path: Path) -> str:
    return "standard input" if path == STDIN else str(path)


def _decoded(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 (byte {error.start + 1})") from None


def _lines(path: Path, parse: Callable[[dict[str, Any]], _T]) -> list[_T]:
    name = _name(path)
    whole = _decoded(read_bytes(path), name).rstrip(" \t\r\n")
    return [_parsed(line, f"{name}, line {at}", parse) for at, line in enumerate(whole.split("\n"), 1)] if whole else []


def _parsed(line: str, where: str, parse: Callable[[dict[str, Any]], _T]) -> _T:
    try:
        tree = json.loads(line)
        if not isinstance(tree, dict):
            raise TypeError("no object")
        return parse(tree)
    except RecursionError:
        raise InputError(f"{where}: nested too deep") from None
    except KeyError as error:
        raise InputError(f"{where}: no {error}") from None
    except json.JSONDecodeError:
        raise InputError(f"{where}: not JSON") from None
    except (TypeError, ValueError) as error:
        raise InputError(f"{where}: {error}") from None


def _text(tree: dict[str, Any]) -> str:
    text = tree["text"]
    if not isinstance(text, str):
        raise TypeError("'text' is no string")
    return text


def _gold(tree: dict[str, Any]) -> Gold:
    gold = Gold(_text(tree), _spans(tree), [_range(item, "ignore") for item in _list(tree.get("ignore", []), "ignore")])
    ends = [*(end for _, end, _ in gold.spans), *(end for _, end in gold.ignore)]
    if max(ends, default=0) > len(gold.text):
        raise ValueError("a span ends behind the text")
    return gold


def _spans(tree: dict[str, Any]) -> list[Span]:
    return [(*_range(item, "spans"), _label(item)) for item in _list(tree["spans"], "spans")]


def _list(value: object, name: str) -> Iterable[object]:
    if not isinstance(value, list):
        raise TypeError(f"'{name}' is no list")
    return value


def _range(item: object, name: str) -> Range:
    match item:
        case [int(start), int(end), *_] if 0 <= start <= end:
            return start, end
    raise ValueError(f"'{name}' has an item that is no span")


def _label(item: object) -> str:
    match item:
        case [_, _, str(label)]:
            return label
    raise ValueError("'spans' has an item without a label")
