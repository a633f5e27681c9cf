"""Chinese names in Latin letters, and English words that are spelled like them."""

from __future__ import annotations

import pytest

from gateway.detection.taggers.latin.pinyin_names import pinyin_names
from gateway.detection.taggers.name_rules import NameRules
from gateway.detection.taggers.small import latin_tagger

_LISTED = {
    **dict.fromkeys(("can", "min"), 9),
    **dict.fromkeys(("human", "computers", "po", "bin", "men", "long", "song", "wan", "pan", "tan"), 8),
    **dict.fromkeys(("beijing", "kong", "dong"), 4),
    "xinyi": 4,
    "xiaoming": 1,
}
_RULES = NameRules(pinyin_names(lambda word: _LISTED.get(word, 0)))


def _found(text: str) -> list[str]:
    return [text[tag.start : tag.end] for tag in _RULES.tags(text)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ask Zhang Wei today.", "Zhang Wei"),
        ("Zhang Wei's desk", "Zhang Wei"),
        ("Is Xiaoming Li in?", "Xiaoming Li"),
        ("Wei Zhang is late", "Wei Zhang"),
        ("Feedback for He Dandan: late", "He Dandan"),
        ("Explain to Song Jun why", "Song Jun"),
        ("the tasks of Sun Guiying", "Sun Guiying"),
        ("with Ouyang Nana", "Ouyang Nana"),
        ("Chen Xinyi is ill", "Chen Xinyi"),
        ("Chen Jia-hao called", "Chen Jia-hao"),
        ("Chen Jia-Hao called", "Chen Jia-Hao"),
        ("Jia-hao Chen called", "Jia-hao Chen"),
        ("Li Xi'an and Li Xi’an’s son", "Li Xi'an|Li Xi’an"),
        ("author: LI Xiaoming", "LI Xiaoming"),
        ("author: HE Xiaoming", "HE Xiaoming"),
        ("Name: ZHANG WEI", "ZHANG WEI"),
        ("Reviewer: Li, Xiaoming", "Li, Xiaoming"),
        ("Lü Qing and Qing Lü", "Lü Qing|Qing Lü"),
        ("Li Xiao Hong fell", "Li Xiao Hong"),
        ("Chen Min, Wang Fang and Li Na", "Chen Min|Wang Fang|Li Na"),
        ("Chen Min Wang Fang", "Chen Min|Wang Fang"),
        ("Wang, Li Na", "Li Na"),
        ("Can Li Wei come?", "Li Wei"),
        ("Dear Gao Rui,", "Gao Rui"),
        ("请找Zhang Wei谈", "Zhang Wei"),
        ("Leung Ka-fai and Ka-fai Leung", "Leung Ka-fai|Ka-fai Leung"),
        ("Tsai Mei-hua smiled", "Tsai Mei-hua"),
        ("Chan Siu Ming paid", "Chan Siu Ming"),
        ("hi wang fang, how are you", "wang fang"),
        ("Thanks zhao lei!", "zhao lei"),
        ("dear wu min\n", "wu min"),
    ],
)
def test_names(text: str, name: str) -> None:
    assert _found(text) == name.split("|")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Can Do",
            "Long Men",
            "Song Sung",
            "He Was",
            "He Ran",
            "An Apple",
            "Hang On",
            "Bing Ads",
            "Wang Computers",
            "Sun Human",
        ),
        *("Hong Kong", "Xi An", "Hua Wei", "Feng Shui", "Lin, Beijing", "Sun Beijing", "He Kong", "Hang Seng", "Ma Po"),
        *(
            "Zhang Wei Road",
            "Ping An Insurance",
            "Hu Bin Hospital",
            "Hai Di Lao",
            "Yuan Ming Yuan",
            "Tian An Men",
            "Pu Pu",
            "Le Du",
        ),
        *("zhang.Wei", "/Zhang Wei", "Zhang Wei-based", "Zhang Wei_1", "aZhang Wei", "Zhang Wei.py", "D'Zhang Wei"),
        *("Su Log-in", "Pang Co-op", "Lee Re-run", "HE Juan", "LI AN", "WAN PAN", "Jia AI", "He, she", "Xiao, Mi"),
        *("hi wang can you", "hey li is late", "the wang fang file", "hi man long,", "thanks song min,"),
    ],
)
def test_none(text: str) -> None:
    assert _found(text) == []


def test_the_tagger_believes_it_rather_than_its_network() -> None:
    text = "Give it to He Ruoshan, who knows."
    assert [text[one.start : one.end] for one in latin_tagger().find(text) if one.score == 1] == ["He Ruoshan"]
