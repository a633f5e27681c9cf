"""The taggers that we ship find what they were made for. Texts of our own, which training never saw."""

from __future__ import annotations

import numpy as np
import pytest

from gateway.detection.taggers.small import LABELS, WEIGHTS, SmallTagger, han_tagger, latin_tagger


@pytest.fixture(scope="module")
def latin() -> SmallTagger:
    return latin_tagger()


@pytest.fixture(scope="module")
def han() -> SmallTagger:
    return han_tagger()


def found(tagger: SmallTagger, text: str) -> set[tuple[str, str]]:
    results = tagger.analyze(text, tagger.get_supported_entities())
    return {(text[r.start : r.end], r.entity_type) for r in results}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Please call Margaret Holloway about the lease in Bristol.",
            {("Margaret Holloway", "PERSON"), ("Bristol", "LOCATION")},
        ),
        ("my colleague is called rajesh and he lives in mumbai", {("rajesh", "PERSON"), ("mumbai", "LOCATION")}),
        (
            "Ms Wójcik joined Siemens in Munich last May.",
            {("Wójcik", "PERSON"), ("Siemens", "ORGANIZATION"), ("Munich", "LOCATION")},
        ),
        ("Send the parcel to 221 Baker Street, London NW1 6XE.", {("221 Baker Street, London NW1 6XE", "LOCATION")}),
    ],
)
def test_english(latin: SmallTagger, text: str, expected: set[tuple[str, str]]) -> None:
    assert expected <= found(latin, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请联系王建国，他住在杭州市。", {("王建国", "PERSON"), ("杭州市", "LOCATION")}),
        ("李晓燕在华为技术有限公司工作。", {("李晓燕", "PERSON"), ("华为技术有限公司", "ORGANIZATION")}),
        ("陳志明先生昨天從台北飛往東京。", {("陳志明", "PERSON"), ("台北", "LOCATION"), ("東京", "LOCATION")}),
    ],
)
def test_chinese(han: SmallTagger, text: str, expected: set[tuple[str, str]]) -> None:
    assert expected <= found(han, text)


@pytest.mark.parametrize(
    "text",
    [
        "Please rewrite this paragraph in a friendlier tone and keep it under a hundred words.",
        "The Quarterly Report template has three sections: Summary, Risks and Next Steps.",
        "def parse(line: str) -> dict[str, int]:\n    return {key: int(value) for key, value in pairs(line)}",
        "",
        " \n\t ",
        "12345 67.89 %%%",
    ],
)
def test_nothing_in_plain_english(latin: SmallTagger, text: str) -> None:
    assert found(latin, text) == set()


@pytest.mark.parametrize(
    "text", ["请把下面这段话改写得更正式一些，不要超过一百字。", "今天天气不错，我们下午去散步吧。", "……！！？", ""]
)
def test_nothing_in_plain_chinese(han: SmallTagger, text: str) -> None:
    assert found(han, text) == set()


@pytest.mark.parametrize("text", ["其实很羡慕的(ಡωಡ)", "好吧 (•́ω•̀) 就这样", "笑死 (꒪Д꒪)ノ 算了", "黑人(ヾﾉ•᷅ ༬•᷄ )噗!"])
def test_faces_are_nobody(han: SmallTagger, text: str) -> None:
    assert found(han, text) == set()


def test_offsets_are_code_points(han: SmallTagger, latin: SmallTagger) -> None:
    assert ("王建国", "PERSON") in found(han, "🙂🙂e\u0301 请联系王建国。")
    assert ("Margaret Holloway", "PERSON") in found(latin, "🙂🙂\r\nPlease call Margaret Holloway now.")


def test_a_text_in_the_other_script_is_not_read(han: SmallTagger, latin: SmallTagger) -> None:
    assert found(han, "Please call Margaret Holloway.") == set()
    assert found(latin, "请联系王建国。") == set()


def test_characters_are_left_to_the_tagger_that_reads_them(latin: SmallTagger) -> None:
    text = "2024-03-11 用户 wanghua_1988 登录成功 ip=203.0.113.77 设备=HUAWEI Mate60"
    assert all(value.isascii() for value, _ in found(latin, text))


def test_characters_behind_a_latin_name_are_no_part_of_it(latin: SmallTagger) -> None:
    text = "各位，Tommy今天最后一天，Grace Chen接手。"
    assert {text[tag.start : tag.end] for tag in latin.tag(text)} == {"Tommy", "Grace Chen"}


def test_english_words_around_a_chinese_name_are_left_to_the_tagger_that_reads_them(han: SmallTagger) -> None:
    assert found(han, "I am alice@corp-example.org. Alice Johnson knows 张伟.") == {("张伟", "PERSON")}


def test_english_prose_with_a_chinese_name_is_left_to_that_tagger_from_its_first_word_on(han: SmallTagger) -> None:
    text = "Write: a cover letter that says why 王小明 would like to work with us in the new office.\n\nSubject: samples\n\nHenrik,"
    assert found(han, text) == {("王小明", "PERSON")}


def test_names_without_a_phrase_are_read_by_this_one(latin: SmallTagger, han: SmallTagger) -> None:
    text = "参加：Alice，Margaret，Robert，Jennifer，Michael，Elizabeth，William，Patricia，Richard，Susan"
    assert found(latin, text) == set()
    assert len(found(han, text)) > 4


def test_names_of_fields_are_nobody(han: SmallTagger) -> None:
    page = "name: mail .\ndescription: 某地登录 .\na .\nb .\nx .\n账户 .\nname: look_up .\na .\nb .\n"
    assert found(han, page) == set()
    assert found(han, "答复A先生：您好，B女士昨天来过。") == {("A", "PERSON"), ("B", "PERSON")}


def test_what_the_networks_half_believe(latin: SmallTagger, han: SmallTagger) -> None:
    assert ("Wulan", "PERSON") in found(latin, "Congratulations Wulan!")
    assert ("中村", "PERSON") in found(han, "他转告中村首相，会谈推迟")


def test_scores_are_probabilities(latin: SmallTagger) -> None:
    results = latin.analyze("Margaret Holloway met Tom in Bristol.", latin.get_supported_entities())
    assert results
    assert all(0 < r.score <= 1 for r in results)


@pytest.mark.parametrize("name", ["latin", "han"])
def test_weights_hold_numbers_only(name: str) -> None:
    """A pickle could run code when it is loaded."""
    path = WEIGHTS / f"{name}.npz"
    with np.load(path, allow_pickle=False) as parts:
        assert all(parts[key].dtype.kind in "iuf" for key in parts.files)
    assert path.stat().st_size < 6_000_000
    assert (WEIGHTS / "MODEL_CARD.md").is_file()


def test_labels_are_those_of_the_training() -> None:
    assert LABELS == ("PERSON", "LOCATION", "ORGANIZATION", "NRP", "ADDRESS")
