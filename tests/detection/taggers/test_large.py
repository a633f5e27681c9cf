"""The real taggers."""

from collections.abc import Callable

import pytest

from gateway.detection.taggers.han.lac import LacTagger
from gateway.detection.taggers.latin.spacy import SpacyTagger
from gateway.detection.taggers.tagging import TAGGED_ENTITIES, Tagger

Tagged = Callable[[str], set[tuple[str, str]]]


def _tagged(tagger: Tagger) -> Tagged:
    def run(text: str) -> set[tuple[str, str]]:
        return {(text[r.start : r.end], r.entity_type) for r in tagger.analyze(text, list(TAGGED_ENTITIES))}

    return run


@pytest.fixture(scope="module")
def latin_tagger() -> SpacyTagger:
    return SpacyTagger()


@pytest.fixture(scope="module")
def latin(latin_tagger: SpacyTagger) -> Tagged:
    return _tagged(latin_tagger)


@pytest.fixture(scope="module")
def han() -> Tagged:
    return _tagged(LacTagger())


def test_english_names(latin: Tagged) -> None:
    assert latin("My name is Sarah Connor and I live in Berlin.") == {("Sarah Connor", "PERSON"), ("Berlin", "LOCATION")}


def test_english_names_inside_chinese(latin: Tagged) -> None:
    assert latin("我叫John Smith，住在Berlin。") == {("John Smith", "PERSON"), ("Berlin", "LOCATION")}


@pytest.mark.parametrize(
    "text",
    [
        "SSN of the API is in JSON. Reply: Hello.",
        "raise ValueError(OSError, json.dumps(x))  # Frame",
        "def foo(x: IntEnum) -> TypeError: return sha256(x)",
        "我用Python写API",
        "今天天气很好",
    ],
)
def test_ordinary_words_are_no_names(latin: Tagged, text: str) -> None:
    assert latin(text) == set()


def test_a_quoted_name_in_code_is_found(latin: Tagged) -> None:
    assert ("John Smith", "PERSON") in latin('customer = find(name="John Smith")')


def test_the_model_forgets_the_words_of_a_text(latin_tagger: SpacyTagger) -> None:
    latin_tagger.analyze("My friend Xyzzyqwertz lives here", list(TAGGED_ENTITIES))
    assert "Xyzzyqwertz" not in latin_tagger._nlp.vocab.strings


def test_chinese_names(han: Tagged) -> None:
    assert han("张三在北京市工作，王小明去了华为公司。") == {
        ("张三", "PERSON"),
        ("北京市", "LOCATION"),
        ("王小明", "PERSON"),
        ("华为公司", "ORGANIZATION"),
    }


def test_an_address_is_one_place(han: Tagged) -> None:
    text = "张三住在北京市海淀区中关村大街1号院2号楼301室。"
    assert ("北京市海淀区中关村大街1号院2号楼301室", "LOCATION") in han(text)


def test_a_foreign_name_is_one_person(han: Tagged) -> None:
    assert ("卡洛斯·阿马特", "PERSON") in han("部长卡洛斯·阿马特表示欢迎。")


def test_latin_text_is_none_of_its_business(han: Tagged) -> None:
    assert han("John Smith lives in Berlin") == set()


@pytest.mark.parametrize("filler", ["他说今天很好，", "你好。"])
def test_no_name_is_lost_between_pieces(han: Tagged, filler: str) -> None:
    text = "".join(f"{filler}王小明在上海。" if n % 7 == 0 else filler for n in range(400))
    assert len(text) > 1500
    found = _spans(LacTagger(), text)
    assert sum(1 for value in found if "王小明" in value) >= text.count("王小明") - 2


def test_no_name_is_lost_between_pieces_of_english(latin_tagger: SpacyTagger) -> None:
    text = " and then ".join(f"we met Sarah Connor in Berlin on day {n}" for n in range(120))
    results = latin_tagger.analyze(text, list(TAGGED_ENTITIES))
    covered = {n for r in results for n in range(r.start, r.end)}
    starts = [n for n in range(len(text)) if text.startswith("Sarah Connor", n)]
    whole = [n for n in starts if set(range(n, n + 12)) <= covered]
    assert len(whole) >= len(starts) - 2


def _spans(tagger: Tagger, text: str) -> list[str]:
    seen = {(r.start, r.end) for r in tagger.analyze(text, list(TAGGED_ENTITIES))}
    return [text[start:end] for start, end in seen]
