"""Words on which an answer turns, in the text as it was written: a second reading that trusts none of the tables. Pure.

Should a table take a phrase for harmless that is not, this one still tells `only` from nothing, `before` from `after`, and a
negation from a question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.caching.semantic.tokens import Kind, Token

_ENGLISH = frozenset(
    "not no never without none nobody nothing neither nor nowhere hardly barely "  # negation
    "only except besides but unless instead solely merely apart excluding including "  # limits
    "before after since until while earlier later first last next previous prior then than "  # order
    "all every each any some most few both half several fewer more less least enough "  # quantity
    "best worst better worse higher highest lowest longer shorter older younger maximum minimum "  # degree
    "should might shall did yesterday today tomorrow ago "  # modality and time
    "he she his her they their we our my".split()  # persons
)
_HAN = re.compile("[不没无非别未勿莫只仅除唯前后先每都全各半更最左右昨今明你您他她它]")
_HARMLESS = re.compile(
    r"([是能可好])不\1|是否|能不能够|可不可以|有没有|([会要该用])不\2|需不需要|目前|当前|删除|更改|变更|更新|[区差特级性分辨个]别|"
    r"有什么不同|有何不同|的不同是什么|(?:你|您)好|在吗|(?:告诉|帮|麻烦|请|谢谢|能|可以|能不能|能否)(?:你|您)|^(?:你|您)(?=知道|能|可)"
)


def marks_of(tokens: Sequence[Token]) -> tuple[str, ...]:
    """In no order, because `wording` has that already; numbers and names as often as they stand there."""
    found: list[str] = []
    for token in tokens:
        if token.kind is Kind.HAN:
            found.extend(_HAN.findall(_HARMLESS.sub("", token.text)))
        elif token.kind is Kind.WORD:
            found.extend(_in_word(token.text))
        elif token.kind in {Kind.LITERAL, Kind.NAME}:
            found.append(token.text.removesuffix("'s"))
    return tuple(sorted(found))


def _in_word(word: str) -> list[str]:
    if word.endswith("n't") or word == "cannot":
        return ["not"]
    return [word] if word in _ENGLISH else []
