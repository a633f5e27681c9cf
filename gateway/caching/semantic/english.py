"""What an English question asks, without what makes no difference to its answer. Pure.

Nothing is left out that does not stand in one of the tables here: a word that nobody thought of counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from gateway.caching.semantic.english_tables import ABOUT_WORDS, FRAMES, PHRASES, SAME
from gateway.caching.semantic.numbers import english_number
from gateway.caching.semantic.tokens import Kind, Token

_SHORT: Mapping[str, str] = {"'m": "am", "'re": "are", "'ve": "have", "'ll": "will"}
_IS_SHORT = frozenset("what how where when who why that there it he she here let which".split())
_NOT_SHORT = {"can't": "can not", "won't": "will not", "shan't": "shall not", "cannot": "can not"}

_REQUEST = (
    "explain|tell|show|give|write|summarize|summarise|translate|list|describe|provide|compare|suggest|recommend|convert|"
    "calculate|compute|find|check|create|draft|generate|rewrite|rephrase|reword|paraphrase|compose|proofread|correct|name|"
    "outline|classify|enumerate|define|clarify"
)
_PLAIN_REQUEST = (
    "explain|tell me|show me|give me|summarize|summarise|translate|describe|rewrite|rephrase|reword|paraphrase|proofread|"
    "recommend a|suggest a"
)
"""`Can you write a will without a lawyer?` asks whether one can."""
_ASKING = "what|how|why|where|which|who|whether"
_QUESTION = rf"(?=(?:{_ASKING}|when) )"
_GREETING = "hi|hello|hey|hi there|hello there|ok|okay|so|well|excuse me|good morning|sorry|quick question"
_INDIRECTLY = "\x01 "
"""Stands before what followed `do you know`: only there `where the office is` asks where it is."""

_COURTESIES: Sequence[tuple[str, str]] = (
    (rf"(?:please|kindly) (?=(?:{_REQUEST}|make|{_ASKING}|can|could) )", ""),
    (rf"(?:{_GREETING}) [,!.] (?=(?:please|i|is|are|do|does|can|could|when|{_ASKING}|{_REQUEST}) )", ""),
    (rf"(?:hi|hello|hey) (?=(?:can|could|when|{_ASKING}) )", ""),
    (rf"(?:can|could|will|would) you (?:please|kindly) (?=(?:{_REQUEST}) )", ""),
    (rf"(?:can|could|will|would) you (?=(?:{_PLAIN_REQUEST}) )", ""),
    (rf"(?:i want|i would like|i need) you to (?=(?:{_REQUEST}) )", ""),
    (rf"(?:i would like to|i want to|i need to) (?:know|understand) {_QUESTION}", _INDIRECTLY),
    (rf"(?:i wonder|i am wondering|i was wondering|do you know|does anyone know|any idea) {_QUESTION}", _INDIRECTLY),
    (r"(?:i wonder|i am wondering|i was wondering|do you know|does anyone know) if ", f"{_INDIRECTLY}whether "),
    (rf"tell me (?=(?:{_ASKING}) )", _INDIRECTLY),
    (r"(?:show|teach) me how to ", "how to "),
    (r"explain (?:to me )?how to ", "how to "),
    (r"explain (?:to me )?(?=why )", _INDIRECTLY),
)
"""`Tell me when it ends` may ask for a call at that time, and so may `let me know` and `remind me`."""

_ENDINGS = re.compile(r" [,.?!] (?:please|thanks|thank you|thanks in advance|thank you very much|thanks a lot|thx) $")
"""Only after a stop: `how do I say thank you` asks for something else."""

_MADE_ONE: Mapping[str, str] = {word: group.split()[0] for group in SAME for word in group.split()[1:]}
_IMPERATIVE = re.compile(rf"(?:{_REQUEST}) ")
_BEING = frozenset({"is", "are", "was", "were"})
_ASKING_FIRST = frozenset("is are was were do does did can could should will would".split())
_COURTEOUS = [(re.compile(f"^{pattern}"), instead) for pattern, instead in _COURTESIES]
_FRAMES = [(re.compile(pattern), kind, rest) for pattern, kind, rest in FRAMES]

_INDIRECT = re.compile(r"(what|where|who|when) (.+) (is|are|was|were)")
"""As in `tell me what the capital of France is`."""

_WHY = re.compile(r"(?:how come|why is it that|what is the reason why|what is the reason that) (.+)")
_FRAMED_YES_NO = re.compile(r"is (?:it|there a way) ")
_FRONTED = re.compile(r"((?:in|on|using) [^,]{2,60}) , (how (?:do i|can i|to) .+)")
_OWNED = re.compile(r" ([\w-]+)'s ([\w-]+) (?=$|[?.,]|of |in |on |for )")

Reading = tuple[str, tuple[str, ...]]
"""What kind of question it is, and the words that count, in order."""


def english(tokens: Sequence[Token]) -> Reading:
    said = f" {' '.join(_spelled_out(tokens))} "
    open_end = said.endswith(" ? ")
    said = _OWNED.sub(r" the \2 of \1 ", f" {_courteous_no_more(said)} ")
    about_words = not ABOUT_WORDS.isdisjoint(said.split())
    for phrase, word in () if about_words else PHRASES:
        said = said.replace(f" {phrase} ", f" {word} ")
    kind, words = _read(said.strip())
    if not kind and open_end and not _IMPERATIVE.match(said.strip()):
        kind = "?"
    return kind, tuple(words if about_words else map(_in_one_form, words))


def _spelled_out(tokens: Sequence[Token]) -> Iterable[str]:
    """Spaces within a literal are not ours to split at."""
    for token in tokens:
        match token.kind:
            case Kind.LITERAL:
                yield token.text.replace(" ", "\x00")
            case Kind.NUMBER:
                yield token.text
            case Kind.WORD:
                yield from _long_form(token.text)
            case _:
                yield token.text


def _long_form(word: str) -> list[str]:
    if word in _NOT_SHORT:
        return _NOT_SHORT[word].split()
    if word.endswith("n't"):
        return [word[:-3], "not"]
    stem, quote, _ = word.partition("'")
    if quote and word.endswith("'s") and stem in _IS_SHORT:
        return [stem, "is"]
    ending = _SHORT.get(word[len(stem) :])
    return [stem, ending] if ending else [word]


def _courteous_no_more(said: str) -> str:
    said, before = said.strip() + " ", ""
    while before != said:
        before = said
        for pattern, instead in _COURTEOUS:
            said = pattern.sub(instead, said)
        said = _without_stops(_ENDINGS.sub(" ", said))
    return said.strip()


def _without_stops(said: str) -> str:
    """Before and after it."""
    while said.startswith(("! ", ". ", ", ")):
        said = said[2:]
    while said.endswith((" . ", " ? ", " ! ", " , ")):
        said = said[:-2]
    return said


def _read(said: str) -> tuple[str, Sequence[str]]:
    indirect = said.startswith(_INDIRECTLY)
    said = _in_usual_order(said.removeprefix(_INDIRECTLY), indirect=indirect)
    return _turned(said, indirect=indirect) or _framed(said) or ("indirect" if indirect else "", said.split())


def _turned(said: str, *, indirect: bool) -> tuple[str, Sequence[str]] | None:
    """Questions in which a verb has two places, as in `is coffee bad` and `whether coffee is bad`."""
    first, _, rest = said.partition(" ")
    why = _WHY.fullmatch(said)
    if why or (rest and (first == "whether" or (indirect and first in {"why", "when"}))):
        return _as_told("why", why[1].split()) if why else _as_told(first, rest.split())
    if rest and first in {"why", "when"}:
        return _as_asked(first, rest.split())
    if rest and first in {"is", "are"} and not _FRAMED_YES_NO.match(said) and not indirect:
        return _as_asked("whether", said.split())
    return None


def _framed(said: str) -> tuple[str, Sequence[str]] | None:
    for pattern, kind, rest in _FRAMES:
        found = pattern.fullmatch(said)
        if found:
            return kind, found.expand(rest).split()
    return None


def _in_usual_order(said: str, *, indirect: bool) -> str:
    """`on Linux, how do I ...` is `how do I ... on Linux`; `tell me what X is` is `what is X`."""
    found = _FRONTED.fullmatch(said)
    said = f"{found[2]} {found[1]}" if found else said
    found = _INDIRECT.fullmatch(said) if indirect else None
    return f"{found[1]} {found[3]} {found[2]}" if found and found[2].split()[0] not in _ASKING_FIRST else said


def _as_asked(kind: str, words: Sequence[str]) -> tuple[str, Sequence[str]] | None:
    """`is the sky blue`, `do cats purr`. Of `when it rains` nobody knows what it asks."""
    first, rest = words[0], words[1:]
    if (first in _BEING and _BEING.isdisjoint(rest)) or (kind == "why" and first == "do"):
        return f"{kind} {first}", rest
    return None if kind == "when" else (kind, words)


def _as_told(kind: str, words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """`the sky is blue`, `cats purr`. One `is` may stand in two places; of two nobody knows which is meant."""
    being = [word for word in words if word in _BEING]
    if len(being) == 1:
        return f"{kind} {being[0]}", [word for word in words if word not in _BEING]
    return f"{kind} told" if being or kind != "why" else "why do", words


def _in_one_form(word: str) -> str:
    return english_number(word) or _MADE_ONE.get(word, word)
