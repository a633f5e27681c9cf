"""Prompts in which nobody is named reach the model as they are, whatever they speak of."""

from __future__ import annotations

import pytest

from gateway.detection.detect import PresidioDetector


@pytest.fixture(scope="module")
def core() -> PresidioDetector:
    return PresidioDetector()


@pytest.mark.parametrize(
    "text",
    [
        "Is it safe to take Metoprolol with Warfarin, or should I ask for Bisoprolol?",
        "Does Wellbutrin go with Sertraline 50 mg?",
        "My father has Parkinson's and needs care. Is Alzheimer's hereditary too?",
        "Is Metformin safe with Lisinopril? What about Parkinson's or Alzheimer's medication?",
        "Solve it by the quadratic formula, not by Newton's method.",
        "How do I put Gunicorn behind Nginx on Debian?",
        "Diagnosed with Psoriasis and Chlamydia; is Pancreatitis or Hemophilia next?",
        "My son has dyslexia, and a Nephrostomy was done.",
        "What does ATP do, and where is NADH made?",
        "How do I make Kimchi and Tiramisu at home?",
        "阿托伐他汀和美托洛尔能一起吃吗？",
        "我爸得了帕金森，怎么办？",
        "解释一下拉普拉斯变换和贝叶斯公式。",
        "Metformin能和酒一起吃吗？",
        "小孩一天吃了5个苹果，要紧吗？",
    ],
)
def test_nothing_is_found(core: PresidioDetector, text: str) -> None:
    assert [(text[f.start : f.end], f.entity) for f in core.analyze(text)] == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ask Maria Jensen whether she takes Metoprolol", ["Maria Jensen"]),
        ("Parkinson's report on Alzheimer's is due", ["Parkinson"]),
        ("王小明每天吃美托洛尔", ["王小明"]),
    ],
)
def test_people_among_them_are_found(core: PresidioDetector, text: str, names: list[str]) -> None:
    assert [text[f.start : f.end] for f in core.analyze(text)] == names
