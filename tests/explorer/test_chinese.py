"""The Chinese of the pages and of the documents of evidence: one word for one thing, and one way to set it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.assurance import evidence
from gateway.explorer.languages import Catalogue, Language, load_catalogues

PAGES, DOCUMENTS = load_catalogues(), load_catalogues(Path(evidence.__file__).parent / "words")

ONE_WORD = {
    r"exchanges?": "交互",
    r"findings?": "检出",
    r"recall": "检出率",
    r"principals?": "调用方",
    r"callers?": "调用方",
    r"personal data": "个人信息",
    r"people concerned|person concerned": "个人信息主体",
    r"purposes?": "处理目的",
    r"lawful bas[ei]s": "合法性基础",
    r"placeholders?": "占位符",
    r"surrogates?": "仿真值",
    r"stand-ins?": "替代值",
    r"originals?": "原值",
    r"break-glass": "紧急授权",
    r"tenants?": "租户",
    r"privacy officers?": "隐私官",
    r"conversations?": "对话",
    r"input tokens|tokens in|million tokens": "词元",
    r"signed checkpoint": "签名检查点",
    r"leaf|leaves": "叶节点",
    r"proofs?": "证明",
    r"entry|entries": "条目",
    r"cached?": "缓存",
    r"surface": "接口",
    r"explorer": "追踪浏览器",
    r"sealed": "加密",
    r"erased|erasing|erasures?": "删除",
}
"""What English says, as a pattern of whole words, and the one word that Chinese has for it."""

REJECTED = (
    r"交换",
    r"(?<!个人信息)主体",  # GB/T 35273 has 个人信息主体 for whom data is about; a principal is a 调用方
    r"个人数据",  # PIPL has 个人信息
    r"泄漏",  # PIPL has 泄露
    r"保留期限",  # PIPL has 保存期限; 保留 is the operator `keep`
    r"密封",
    r"分值|得分",
    r"替身|替代内容",
    r"叶(?!节点)",
    r"入档",
    r"答复|回复",
    r"应急查看|紧急查看",
)
"""Synonyms, as patterns, that stand nowhere: one of their meanings has another word here, or they are none."""


@pytest.fixture(params=[PAGES, DOCUMENTS], ids=["pages", "documents"])
def words(request: pytest.FixtureRequest) -> Mapping[Language, Catalogue]:
    both: Mapping[Language, Catalogue] = request.param
    return both


@pytest.mark.parametrize(("english", "chinese"), ONE_WORD.items(), ids=list(ONE_WORD))
def test_one_word_for_one_thing(words: Mapping[Language, Catalogue], english: str, chinese: str) -> None:
    """But for remedies, which quote settings of the policy."""
    pattern = re.compile(rf"(?i)(?<![\w.])(?:{english})(?!\w)")
    said = {key for key, text in words[Language.ENGLISH].sentences.items() if pattern.search(text) and ".remedy" not in key}
    told = words[Language.CHINESE].sentences
    assert {key: told[key] for key in said if chinese not in told[key]} == {}


def test_no_rejected_synonym(words: Mapping[Language, Catalogue]) -> None:
    rejected = re.compile("|".join(REJECTED))
    assert {key: text for key, text in words[Language.CHINESE].sentences.items() if rejected.search(text)} == {}


def test_chinese_is_set_as_chinese(words: Mapping[Language, Catalogue]) -> None:
    """Marks are full-width, with no space beside them; between Han and Latin letters or figures there is one."""
    han, mark = r"[\u4e00-\u9fff]", r"[，。；：、！？（）“”《》]"
    wrong = re.compile(rf"{han}[A-Za-z0-9]|[A-Za-z0-9]{han}|{han} +{han}|{han} ?[,;:!?()]|[,;!?()] ?{han}|{mark} | {mark}|  ")
    assert {key: text for key, text in words[Language.CHINESE].sentences.items() if wrong.search(text)} == {}
