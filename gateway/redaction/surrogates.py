"""Surrogates: made-up values that read like real ones.

Seeded by a keyed hash of the value, so that a person keeps the same surrogate over turns and processes of a tenant without
anything being stored. Numbers, mails and addresses come from ranges reserved for documentation (RFC 2606, RFC 5737, RFC 3849,
and the fictional 555-01xx block), so that no surrogate reaches a real person.
"""

from __future__ import annotations

import hashlib
import hmac
import random
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from gateway.redaction.taken import Taken

if TYPE_CHECKING:
    from faker import Faker

SURROGATE_ENTITIES = frozenset({"PERSON", "LOCATION", "ORGANIZATION", "EMAIL_ADDRESS", "PHONE_NUMBER", "IP_ADDRESS"})
"""Entity types that have a generator; policy refuses `surrogate` for any other."""

_HAN = re.compile(r"[\u4e00-\u9fff]")
_CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}$")
_ATTEMPTS = 50


class SurrogateMaker:
    """Makes surrogates under a tenant's key. Large bodies are worked on in threads, and a seeded generator is one's own."""

    def __init__(self) -> None:
        self._one_at_a_time = Lock()

    def surrogate(self, entity: str, value: str, *, key: bytes, taken: Taken) -> str | None:
        """A surrogate that is not taken by the texts of the exchange, or None when none could be found.

        A surrogate that the client's own text contains would be "restored" where nobody replaced it.
        """
        make = self._makers.get(entity)
        if make is None:
            return None
        for attempt in range(_ATTEMPTS):
            with self._one_at_a_time:
                candidate = make(value, _seed(key, entity, value, attempt))
            if candidate != value and not taken.holds(candidate):
                return candidate
        return None

    @cached_property
    def _makers(self) -> Mapping[str, Callable[[str, int], str]]:
        return {
            "PERSON": self._person,
            "LOCATION": lambda value, seed: self._fake(value, seed).city(),
            "ORGANIZATION": lambda value, seed: self._fake(value, seed).company(),
            "EMAIL_ADDRESS": self._mail,
            "PHONE_NUMBER": _phone,
            "IP_ADDRESS": _ip,
        }

    def _person(self, value: str, seed: int) -> str:
        fake = self._fake(value, seed)
        given, family = fake.first_name(), fake.last_name()
        if _HAN.search(value):
            return f"{family}{given}"
        return f"{given} {family}"  # never one word alone: April, Will and Jordan are words and places as well

    def _mail(self, _value: str, seed: int) -> str:
        return f"{self._english(seed).user_name()}@example.com"

    def _fake(self, value: str, seed: int) -> Faker:
        return self._chinese(seed) if _HAN.search(value) else self._english(seed)

    def _english(self, seed: int) -> Faker:
        self._locales[0].seed_instance(seed)
        return self._locales[0]

    def _chinese(self, seed: int) -> Faker:
        self._locales[1].seed_instance(seed)
        return self._locales[1]

    @cached_property
    def _locales(self) -> tuple[Faker, Faker]:
        from faker import Faker  # loading its word lists takes a moment: only where a policy uses surrogates

        return Faker("en_US"), Faker("zh_CN")


def _seed(key: bytes, entity: str, value: str, attempt: int) -> int:
    return int.from_bytes(hmac.new(key, f"{entity}\0{value}\0{attempt}".encode(), hashlib.sha256).digest()[:8])


def _ip(value: str, seed: int) -> str:
    if ":" in value:
        return f"2001:db8::{seed >> 16 & 0xFFFF:x}:{seed & 0xFFFF:x}"
    network = ("192.0.2", "198.51.100", "203.0.113")[seed // 254 % 3]
    return f"{network}.{seed % 254 + 1}"


def _phone(value: str, seed: int) -> str:
    """The value's own punctuation around a number that nobody has: of the fictional block 555-0100..555-0199 (North America),
    or, for a Chinese mobile, with a prefix (100) that no carrier may assign."""
    digits = [at for at, char in enumerate(value) if char.isdecimal()]
    chosen = random.Random(seed)  # noqa: S311 - not a secret: it only has to be repeatable
    written = "".join(value[at] for at in digits)
    if _CHINESE_MOBILE.search(written):
        number = written[:-11] + "100" + f"{chosen.randrange(10**8):08d}"
    else:
        area = "".join(str(chosen.randrange(10)) for _ in range(max(0, len(digits) - 7)))
        number = f"{area}55501{chosen.randrange(100):02d}"[-len(digits) :]
    replaced = list(value)
    for at, digit in zip(digits, number, strict=True):
        replaced[at] = digit
    return "".join(replaced)
