"""Wording in documents that reads like instructions to a model. Pure.

A flag for people, and a note to the model; no proof of anything. Whoever wants to can say the same in other words, so nothing
rests on this: what protects is that passages are quoted as data, and that they give nobody a right (Greshake et al. 2023,
arXiv:2302.12173).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_PATTERNS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "overrides": re.compile(
            r"\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}\b(?:instruction|rule|prompt|guideline|direction|above|previous)"
            r"|(?:忽略|无视|忘记|不要理会|不要遵守)[^。\n]{0,20}(?:指令|指示|规则|提示|要求|以上|之前|上述)",
            re.IGNORECASE,
        ),
        "extracts": re.compile(
            r"\b(?:print|reveal|show|repeat|output|leak|disclose)\b[^.\n]{0,40}"
            r"\b(?:system prompt|instructions|hidden|secret|password)"
            r"|(?:输出|打印|显示|透露|泄露|重复)[^。\n]{0,20}(?:系统提示|提示词|指令|密码|秘密)",
            re.IGNORECASE,
        ),
        "role": re.compile(
            r"\byou are now\b|\bact as (?:an?|the)\b|\bpretend (?:to be|you)|\bfrom now on,? you\b"
            r"|(?:你现在是|从现在起你|从现在开始你|假装你|扮演)",
            re.IGNORECASE,
        ),
        "markup": re.compile(
            r"<\|[a-z_]{2,30}\|>|\[/?INST\]|</?(?:system|assistant|user)>|^\W{0,3}(?:system|assistant)\s*[:：]"
            r"|^\W{0,3}(?:系统|助手)\s*[:：]|^\W{0,3}end of the passages|^\W{0,3}段落结束",
            re.IGNORECASE | re.MULTILINE,
        ),
    }
)


def flags(text: str) -> tuple[str, ...]:
    """The kinds of such wording: `overrides`, `extracts`, `role`, `markup`."""
    return tuple(kind for kind, pattern in _PATTERNS.items() if pattern.search(text))
