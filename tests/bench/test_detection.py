from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.detection.cost import fastest
from bench.detection.report import chat_table, scores_table, table
from bench.detection.run import Result, Turn
from bench.detection.samples import SHIPPED, SIZES, cuts, language_of, read
from bench.texts_clean import clean_texts
from gateway.detection.evaluation import Gold, score


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4), st.integers(1, 60), st.integers(1, 5))
def test_cuts_have_the_size_and_follow_the_texts(texts: list[str], size: int, count: int) -> None:
    pieces = cuts(texts, size, count)
    assert [len(piece) for piece in pieces] == [size] * count
    once = "".join(f"{text}\n" for text in texts)
    assert (once * (size * count // len(once) + 1)).startswith("".join(pieces))


def test_languages() -> None:
    assert language_of(["Hello 世界, how are you?"]) == "en"
    assert language_of(["用 pip install 安装这个库，然后重启服务"]) == "zh"


def test_the_least_of_all_rounds_and_who_begins_rotates() -> None:
    order = list[str]()
    times = {"a": iter([3.0, 1.0, 2.0]), "b": iter([5.0, 6.0, 4.0])}

    def job(name: str) -> float:
        order.append(name)
        return next(times[name])

    assert fastest({"a": lambda: job("a"), "b": lambda: job("b")}, rounds=3) == {"a": 1.0, "b": 4.0}
    assert "".join(order) == "abbaab"


def test_a_peer_is_followed_by_its_ratio() -> None:
    scores = score([Gold("Ann", [(0, 3, "PERSON")])], [[(0, 3, "PERSON")]])
    ours, peer = (
        Result(file="f", system=name, scores=scores, ms_per_1000=ms, us_by_size=dict.fromkeys(SIZES, ms * 10))
        for name, ms in (("gateway", 0.5), ("peer", 15.0))
    )
    lines = scores_table([ours, peer]).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert lines[2].startswith("| f | gateway | 1.000 | 1.000 | 0.000 | 0.0000 | 0.50 |")
    assert lines[4].split("|")[2].strip() == "peer : gateway"
    assert lines[4].count("30.0 x") == 5


def test_tables() -> None:
    assert table(["a", "b"], [["x", "1"]], text_columns=1) == "| a | b |\n| :-- | --: |\n| x | 1 |"
    assert "| 20.0 |" in chat_table([Turn(file="f", full_scan=100.0, remembered=5.0)])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_shipped_sample_is_well_formed(path: object) -> None:
    """Spans do not overlap, hold no white space at their ends, and lie as labelled."""
    sample = read(path, None)  # type: ignore[arg-type]
    assert sample.language == sample.name.partition(".")[0]
    assert len(set(sample.texts)) == len(sample.texts) >= 149
    assert sum(not gold.spans for gold in sample.golds) >= 30
    for gold in sample.golds:
        ends = [0, *(end for _, end, _ in sorted(gold.spans))]
        for (start, end, _), before in zip(sorted(gold.spans), ends, strict=False):
            assert before <= start < end
            assert gold.text[start:end].strip() == gold.text[start:end]


def test_clean_text_is_there_and_bounded() -> None:
    kinds = clean_texts(3_000)
    assert {name: 3_000 <= sum(map(len, texts)) < 12_000 for name, texts in kinds.items() if name != "Chinese prose"} == {
        "English prose": True,
        "code": True,
    }
    assert "\u4e00" <= kinds["Chinese prose"][0][0] <= "\u9fff"
    assert not any("@" in text and ".com" in text for texts in kinds.values() for text in texts)
