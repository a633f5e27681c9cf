"""Entities for Chinese texts."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from training.english import EnglishEntities
from training.lexicons import jieba_words
from training.marks import listed

_HAN_NAME = ("小", "老", "阿", "大")
_PROVINCES = tuple(
    "北京市 天津市 上海市 重庆市 河北省 山西省 内蒙古 辽宁省 吉林省 黑龙江省 江苏省 浙江省 安徽省 福建省 江西省 山东省 河南省 湖北省 "
    "湖南省 广东省 广西 海南省 四川省 贵州省 云南省 西藏 陕西省 甘肃省 青海省 宁夏 新疆 香港 澳门 台湾".split()
)
_LISTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "C": ("countries",),
        "G": ("landmarks", "landmarks", "estates", "roads"),
        "U": ("institutions",),
        "M": ("bodies",),
        "T": ("teams",),
        "E": ("media",),
        "N": ("nationalities",),
    }
)
_LATIN: Mapping[str, float] = MappingProxyType(
    {"P": 0.05, "O": 0.1, "E": 0.1, "T": 0.06, "M": 0.03, "U": 0.02, "G": 0.02, "L": 0.01}
)
"""How many of the names of each kind are written in Latin letters instead."""
_NUMERALS = "一二三四五六七八九十"
_SHORT_COUNTRIES = "中中中美美日日俄英法德韩朝印巴以伊澳加越泰意埃"


class ChineseEntities:
    """Draws entities of each kind; `chance` decides. Latin names in Chinese text come from `english`."""

    def __init__(self, lists: Path, chance: random.Random, english: EnglishEntities) -> None:
        self._lists = lists
        self._chance = chance
        self._english = english

    @cached_property
    def surnames(self) -> tuple[str, ...]:
        return self._listed("surnames")

    @cached_property
    def given(self) -> str:
        faked = "".join(
            name
            for locale in ("zh_CN", "zh_TW")
            for names in (import_module(f"faker.providers.person.{locale}").Provider.first_names,)
            for name in names
        )
        return faked + "".join(self._listed("given_chars"))

    def like(self, kind: str, old: str) -> str:
        """Another entity of the same kind, written like the old one."""
        if old.isascii():
            return self._latin(kind, old)
        if kind == "C" and len(old) == 1:
            return old if old == "华" else self._chance.choice(_SHORT_COUNTRIES)
        if self._chance.random() < _LATIN.get(kind, 0):
            return self.latin(kind)
        makers = {"P": self._person, "A": self._address, "O": self._company}
        return makers[kind](old) if kind in makers else self._town() if kind == "L" else self._draw(*_LISTS[kind])

    def latin(self, kind: str) -> str:
        """A name of that kind in Latin letters, often run together or in small ones, as scraped pages have them."""
        name = self._latin(kind, self._chance.choice(("Ann Lee", "Ann Lee", "Ann")))
        name = name.replace(" ", "") if self._chance.random() < 0.6 else name
        return name.lower() if self._chance.random() < 0.25 else name

    def _latin(self, kind: str, old: str) -> str:
        return self._english.like(kind, old) if kind in _LATIN else old

    def _listed(self, name: str) -> tuple[str, ...]:
        if name in ("provinces", "cities"):
            return _PROVINCES if name == "provinces" else _cities()
        return listed(self._lists, name)

    def _draw(self, *names: str) -> str:
        return self._chance.choice(self._listed(self._chance.choice(names)))

    def _surname(self) -> str:
        """Frequent ones oftener: they are listed first."""
        at = int(len(self.surnames) * self._chance.random() ** 2.2)
        return self.surnames[at]

    def _full_name(self, length: int) -> str:
        surname = self._surname()
        size = max(1, length - len(surname)) if self._chance.random() < 0.7 else self._chance.choice((1, 2, 2))
        return surname + "".join(self._chance.choice(self.given) for _ in range(min(size, 2)))

    def _person(self, old: str) -> str:
        chance = self._chance
        if len(old) == 1:
            return self._surname()[0]
        if old[0] in _HAN_NAME and len(old) == 2:
            return old[0] + self._surname()[0] if chance.random() < 0.6 else self._draw("nicknames")
        if "·" in old or (old[0] not in self._single and len(old) > 2):
            return self._draw("foreign_names")
        if old[0] not in self._single:
            return self._draw("nicknames", "foreign_names")
        return self._full_name(len(old)) if chance.random() < 0.93 else self._draw("foreign_names")

    @cached_property
    def _single(self) -> frozenset[str]:
        return frozenset(name[0] for name in self.surnames)

    def _town(self) -> str:
        name = self._draw("districts", "districts", "foreign_places", "cities", "cities", "provinces")
        return name[:-1] if len(name) > 2 and name[-1] in "市省县" and self._chance.random() < 0.4 else name

    def _company(self, old: str) -> str:
        chance = self._chance
        if len(old) < 7:
            return self._draw("companies") if chance.random() < 0.7 else self._draw("company_words")
        if chance.random() < 0.3:
            return self._draw("companies")
        place = self._draw("cities", "provinces", "districts")
        place = chance.choice((place, place.rstrip("市省区县"), f"（{place.rstrip('市省')}）", ""))
        word, trade, suffix = self._draw("company_words"), self._draw("company_trades"), self._draw("company_suffixes")
        return f"{word}{place}{trade}{suffix}" if place.startswith("（") else f"{place}{word}{trade}{suffix}"

    def _address(self, old: str) -> str:
        chance = self._chance
        if chance.random() < 0.35:
            return old
        province, city, district = self._draw("provinces"), self._draw("cities"), self._draw("districts")
        road, estate = self._draw("roads"), self._draw("estates")
        number = chance.choice((f"{chance.randrange(1, 999)}号", f"{chance.randrange(1, 99)}弄{chance.randrange(1, 60)}号", ""))
        building = chance.choice(
            ("", "", f"{chance.randrange(1, 30)}栋", f"{chance.choice('ABCD')}座", f"{chance.randrange(1, 30)}号楼")
        )
        unit = chance.choice(("", f"{chance.randrange(1, 6)}单元")) if building else ""
        room = chance.choice(("", f"{chance.randrange(1, 30)}{chance.randrange(1, 20):02}室", f"{chance.randrange(1, 30)}层",
                              f"{chance.randrange(101, 3300)}"))  # fmt: skip
        village = self._village() if chance.random() < 0.15 else ""
        head = chance.choice(("", city, province + city, city + district, district, province + city + district))
        body = village or chance.choice((road + number, road + number + estate, estate))
        tail = building + unit + room if body else ""
        return head + body + tail

    def _village(self) -> str:
        chance = self._chance
        return f"{self._draw('districts').rstrip('市区县')}{chance.choice('镇乡')}{self._surname()}家{chance.choice('村庄屯')}{chance.choice(_NUMERALS)}组"


@cache
def _cities() -> tuple[str, ...]:
    """The cities and counties that jieba lists as places."""
    return tuple(w for w, frequency, kind in jieba_words() if kind == "ns" and w[-1] in "市县" and 2 < len(w) < 6)
