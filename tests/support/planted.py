"""Personal data planted in requests, every number and address once, in many spellings; and how to find it again in bytes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import count
from random import Random
from typing import Any
from urllib.parse import quote

_NAMES = ("Alice Johnson", "Robert Miller", "Margaret Thompson", "David Anderson", "Jennifer Wilson", "Michael Brown")
_NAMES_ZH = ("张伟", "王秀英", "李建国", "刘晓明", "陈志强", "赵丽华")
_DOMAIN = "planted-corp.org"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""Of the check digit of a Chinese identity number (GB 11643)."""
_TRACES = re.compile(
    rb"walker\.no\d+@planted-corp\.org|(?<!\d)(?:1388\d{7}|4539578\d{9}|1101051988\d{7}[\dX])(?!\d)|"
    + b"|".join(re.escape(base64.b64encode(b"x" * pad + b"@planted-corp")[pad and 4 : -4]) for pad in range(3))
    + rb"|(?i:%40planted-corp)"
)


class Planter:
    """Fills leaves: `planted` holds every value that was given out."""

    def __init__(self, rng: Random, numbers: Iterator[int]) -> None:
        self._rng = rng
        self._numbers = numbers
        self.planted: set[str] = set()

    def plain(self, tp: Any, names: tuple[str, ...]) -> Any:
        """A bare value for every string."""
        if tp is str:
            return self.value()
        return {"deep": [self.value()]} if tp is object else _SETTINGS[tp]

    def dressed(self, tp: Any, names: tuple[str, ...]) -> Any:
        """Values in sentences, in JSON, encoded, and now and then as a number."""
        if tp is str:
            return self.text()
        if tp is object:
            return self._free(0)
        return self.number() if tp is int and self._rng.random() < 0.1 else _SETTINGS[tp]

    def value(self) -> str:
        number = next(self._numbers)
        made = (_mail, _phone, _card, _identity)[number % 4](number)
        self.planted.add(made)
        return made

    def number(self) -> int:
        made = _phone(next(self._numbers))
        self.planted.add(made)
        return int(made)

    def text(self) -> str:
        value = self.value()
        choice = self._rng.randrange(len(_DRESSES) + 4)
        if choice < len(_DRESSES):
            return _DRESSES[choice](value)
        match choice - len(_DRESSES):
            case 0:
                return f"Hello, my name is {self._named(_NAMES)} and you can reach me at {value} today."
            case 1:
                return f"你好，我叫{self._named(_NAMES_ZH)}，联系方式是{value}，请尽快回复。"
            case _:
                return value

    def add_unknown(self, body: Any) -> None:
        """Here and there a field that no type has, a key that is a value, a type or role that nobody knows."""
        inner = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
        for one in list(inner):
            self.add_unknown(one)
        if isinstance(body, dict):
            self._add_to(body)

    def _add_to(self, holder: dict[str, Any]) -> None:
        if self._rng.random() < 0.05:
            holder["x_vendor"] = [{"deep": self.text(), "number": self.number()}]
        if self._rng.random() < 0.02:
            holder[self.value()] = "x"
        for word in ("type", "role"):
            if word in holder and self._rng.random() < 0.02:
                holder[word] = self.text()

    def _free(self, depth: int) -> Any:
        match self._rng.randrange(4) if depth < 3 else 0:
            case 0:
                return self.text()
            case 1:
                return [self._free(depth + 1), self._free(depth + 1)]
            case 2:
                return {"properties": {self.value(): {"const": self.number(), "default": self._free(depth + 1)}}}
            case _:
                return {self._rng.choice(("enum", "description", "note", "name", "image_url")): self._free(depth + 1)}

    def _named(self, names: tuple[str, ...]) -> str:
        name = self._rng.choice(names)
        self.planted.add(name)
        return name


def planters(seed: int) -> Iterator[Planter]:
    """Planters of which no two give out the same number or address."""
    rng, numbers = Random(seed), count(1)
    while True:
        yield Planter(Random(rng.random()), numbers)


def seen_in(raw: bytes, values: Iterable[str]) -> list[str]:
    """Which of the values stand in these bytes: as they are, or as JSON, URLs and base64 write them."""
    return [value for value in values if any(form in raw for form in _forms(value))]


def traces_in(raw: bytes, values: Collection[str]) -> list[str]:
    """The same for very many bytes and values, names left out. Numbers are looked up: times and ids have their digits too."""
    found = {trace.decode() for trace in _TRACES.findall(raw)}
    return [trace for trace in found if trace in values or not trace[:-1].isdigit()]


def _forms(value: str) -> Iterator[bytes]:
    once = json.dumps(value)[1:-1]
    for form in (value, once, json.dumps(once)[1:-1], _escaped(value), quote(value, safe=""), quote(value, safe="").lower()):
        yield form.encode()
    for pad in range(3):  # what stands before it in a text decides how it looks
        whole = base64.b64encode(b"x" * pad + value.encode())
        yield whole[pad and 4 : -4]


def _escaped(value: str) -> str:
    return "".join(f"\\u{ord(character):04x}" for character in value)


def _mail(number: int) -> str:
    return f"walker.no{number}@{_DOMAIN}"


def _phone(number: int) -> str:
    return f"1388{number:07d}"


def _card(number: int) -> str:
    """With the check digit of ISO/IEC 7812."""
    digits = f"4539578{number:08d}"
    doubled = [int(digit) * (2 - at % 2) for at, digit in enumerate(reversed(digits))]
    return f"{digits}{-sum(each - 9 * (each > 9) for each in doubled) % 10}"


def _identity(number: int) -> str:
    digits = f"1101051988{number % 12 + 1:02d}{number % 28 + 1:02d}{number % 999 + 1:03d}"
    return digits + "10X98765432"[sum(int(one) * weight for one, weight in zip(digits, _WEIGHTS, strict=True)) % 11]


_SETTINGS: dict[Any, Any] = {int: 1, float: 0.5, bool: False}
_DRESSES: tuple[Callable[[str], str], ...] = (
    lambda value: json.dumps({"who": value, "all": [value, {"note": f"a\n{value}\n"}]}),
    lambda value: json.dumps(json.dumps({"note": f"line\n{value}"})),
    lambda value: f"https://example.org/find?q={quote(value, safe='')}&page=2",
    lambda value: base64.b64encode(f"the contact is {value} for this matter".encode()).decode(),
    lambda value: f"see {_escaped(value)} there",
    lambda value: f"- **{value}**\n- <b>{value}</b>\n| {value} | x |",
)
