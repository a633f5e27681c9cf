"""What an English question asks, without what makes no difference to its answer. Pure.

Nothing is left out that does not stand in one of the tables here: a word that nobody thought of counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from gateway.caching.semantic.english_tables import FRAMES, PHRASES, SAME
from gateway.caching.semantic.numbers import english_number
from gateway.caching.semantic.tokens import Kind, Token

_SHORT: Mapping[str, str] = {"'m": "am", "'re": "are", "'ve": "have", "'ll": "will"}
_IS_SHORT = frozenset("what how where when who why that there it he she here let which".split())
_NOT_SHORT = {"can't": "can not", "won't": "will not", "shan't": "shall not", "cannot": "can not"}

_ASKED_OF_YOU = (
    "explain|tell|show|give|write|summarize|summarise|translate|list|describe|help|provide|compare|suggest|recommend|convert|"
    "calculate|compute|find|check|create|draft|generate|rewrite|rephrase|reword|paraphrase|compose|proofread|correct|sum|name|"
    "outline|classify|enumerate|define|clarify"
)
_QUESTION = r"(?=(?:what|how|why|when|where|which|who|whether|if) )"

_GREETING = "hi|hello|hey|hi there|hello there|ok|okay|so|well|excuse me|good morning|sorry|quick question|i have a question"

_COURTESIES: Sequence[tuple[str, str]] = (
    (r"(?:please|kindly) ", ""),
    (rf"(?:{_GREETING})(?: [,!.]| (?=(?:what|how|why|when|where|can|could) )) ?", ""),
    (rf"(?:can|could|will|would) you (?:please |kindly )?(?:help me (?:to )?)?(?=(?:{_ASKED_OF_YOU}) )", ""),
    (rf"(?:i want|i would like|i need) you to (?=(?:{_ASKED_OF_YOU}) )", ""),
    (rf"(?:i would like to|i want to|i need to) (?:know|understand|learn|find out) {_QUESTION}", ""),
    (rf"(?:i wonder|i am wondering|i was wondering|do you know|does anyone know|may i ask|can i ask|any idea) {_QUESTION}", ""),
    (rf"(?:tell me|let me know|please advise|help me understand|i am curious|remind me) {_QUESTION}", ""),
    (r"(?:show|teach) me how to ", "how to "),
    (r"explain (?:to me )?how to ", "how to "),
    (r"help me (?:to )?(?=(?:summarize|translate|write|compare|convert|calculate) )", ""),
)

_ENDINGS = re.compile(r" [,.?!] (?:please|thanks|thank you|thanks in advance|thank you very much|thanks a lot|thx) $")
"""Only after a stop: `how do I say thank you` asks for something else."""
_FOR_ME = re.compile(rf"^((?:{_ASKED_OF_YOU}) .+) for me $")


_MADE_ONE: Mapping[str, str] = {word: group.split()[0] for group in SAME for word in group.split()[1:]}

_ASKING = frozenset("is are was were do does did can could should will would".split())
_IMPERATIVE = re.compile(rf"(?:{_ASKED_OF_YOU}) ")
_BEING = frozenset({"is", "are", "am"})
_NOTHING = frozenset("the a an is are am do does".split())
_UNKNOWN = frozenset({"", "?"})
"""Questions whose form nobody here knows, in English or any other language with these letters: nearly every word counts."""

_MINE = frozenset({"how to", "can", "may", "must", "should", "how should"})
"""Questions about the asker, where `my` says no more than `the`."""

_INDIRECT = re.compile(r"(what|where|who|when) (.+) (is|are|was|were)")
"""As in `tell me what the capital of France is`."""

_FRONTED = re.compile(r"((?:in|on|with|for|at|using|under|from|during) [^,]{2,60}) , (.+)")
_OWNED = re.compile(r" ([\w-]+)'s ([\w-]+) (?=$|[?.,]|of |in |on |for )")

Reading = tuple[str, tuple[str, ...]]
"""What kind of question it is, and the words that count, in order."""


def english(tokens: Sequence[Token]) -> Reading:
    said = f" {' '.join(_spelled_out(tokens))} "
    open_end = said.endswith(" ? ")
    said = _OWNED.sub(r" \2 of \1 ", _courteous_no_more(said))
    for phrase, word in PHRASES:
        said = said.replace(f" {phrase} ", f" {word} ")
    kind, rest = _framed(_in_usual_order(said.strip()))
    if not kind and open_end and not _IMPERATIVE.match(rest):
        kind = "?"
    words = rest.split()
    auxiliary = " ".join(sorted({word for word in words if word in _BEING}))  # why is he like that, why does he like that
    return f"{kind} {auxiliary}".strip(), tuple(_counting(words, kind))


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
    said = said.strip() + " "
    before = ""
    while before != said:
        before = said
        for pattern, instead in _COURTESIES:
            said = re.sub(rf"^(?:, |! )?{pattern}", instead, said)
        said = re.sub(r"^[,!.] ", "", said)
        said = _FOR_ME.sub(r"\1 ", re.sub(r"( [.?!,])+ $", " ", _ENDINGS.sub(" ", said)))
    return f" {said}"


def _in_usual_order(said: str) -> str:
    """`on Linux, how do I ...` is `how do I ... on Linux`; `what X is` is `what is X`."""
    found = _FRONTED.fullmatch(said)
    said = f"{found[2]} {found[1]}" if found else said
    found = _INDIRECT.fullmatch(said)
    return f"{found[1]} {found[3]} {found[2]}" if found and found[2].split()[0] not in _ASKING else said


def _framed(said: str) -> tuple[str, str]:
    for pattern, kind, rest in FRAMES:
        found = re.fullmatch(pattern, said)
        if found:
            return kind, found.expand(rest)
    return "", said


def _counting(words: Iterable[str], kind: str) -> Iterable[str]:
    for word in words:
        if word in {"the", ","} or (word in _NOTHING and kind not in _UNKNOWN) or (word == "my" and kind in _MINE):
            continue
        yield english_number(word) or _MADE_ONE.get(word, word)
