"""The shipped classifier: what it says, and that it says why."""

from __future__ import annotations

import pytest

from gateway.sensitivity.labels import LABELS
from gateway.sensitivity.verdict import explained, scores
from gateway.sensitivity.weights import STARTER, Weights, read_weights

ILL = "The biopsy showed a tumour, the oncologist wants to start chemotherapy on Monday."


@pytest.fixture(scope="module")
def weights() -> Weights:
    return read_weights(STARTER)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (ILL, "health"),
        ("患者确诊糖尿病，医生建议住院治疗", "health"),
        ("The landlord sues us, our attorney advises a settlement before the court hearing.", "legal"),
        ("律师说被告违约，我们要向法院起诉", "legal"),
        ("Her salary and the bonus: the performance review ends in a written warning.", "hr"),
        ("员工绩效考核不合格，准备辞退，补偿金怎么算", "hr"),
        ("Strictly confidential trade secret: our formula and the unit cost must not reach competitors.", "trade_secret"),
        ("商业秘密，严格保密：配方和工艺参数不得外传", "trade_secret"),
    ],
)
def test_plain_cases(weights: Weights, text: str, label: str) -> None:
    told = scores(weights, text)
    assert max(told, key=lambda one: told[one]) == label
    assert told[label] >= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Add a health check to the server.",
        "Is castling a legal move in chess?",
        "Plot HR and pace from my watch.",
        "Ideas for our Secret Santa",
        "给服务器加健康检查",
        "国际象棋里哪些走法合法？",
    ],
)
def test_words_that_only_look_like_it(weights: Weights, text: str) -> None:
    assert max(scores(weights, text).values()) < 0.5


def test_a_long_document_does_not_hide_a_paragraph(weights: Weights) -> None:
    dull = "The ferry leaves at nine and the bakery opens early. " * 60
    assert scores(weights, dull)["health"] < 0.1
    assert scores(weights, dull + ILL + dull)["health"] >= 0.5


def test_the_words_that_made_a_score_come_from_the_text(weights: Weights) -> None:
    told = {one.label: one for one in explained(weights, ILL)}
    assert tuple(told) == LABELS
    health = told[LABELS[0]]
    assert {"biopsy", "tumour", "oncologist"} <= {word.text for word in health.words}
    assert all(word.text in ILL.lower() for one in told.values() for word in one.words)
    assert [word.moved for word in health.words] == sorted((word.moved for word in health.words), reverse=True)
    assert {one.label.value: one.score for one in told.values()} == scores(weights, ILL)
