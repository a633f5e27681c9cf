"""A sieve for what taggers say too easily.

Ordinary words masked as names are what makes people switch a gateway off, so a span must look like what it is said to be.
The rules know shapes and neighbours; the one list is of words that no name is made of.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

_EDGES = " \t\r\n\"'`“”‘’「」『』<>＜＞()（）,，.。:：;；、*_|-•"
_OPENS = {")": "(", "）": "（"}
_CLOSES = frozenset(_OPENS)
"""A bracket that was opened within a name belongs to it."""
_CODE_CHARACTERS = re.compile(r"[_={}<>\\@#$%^*|~`\[\]/]|\w\(|\w\.\w{2}|::|->")
_CODE_LINE = re.compile(
    r"^\s*(?:def |class |import |from \S+ import|return\b|raise |except\b|elif |async |await |const |let |var |public |"
    r"func |fn |SELECT |INSERT |>>> |\$ |@\w)|\w\(.*\)|[=!<>+-]=|^\s*[\w.\[\]]+\s*(?::\s*\w+\s*)?=|"
    r"[{};]\s*$|->|=>|::|self\.|__\w"
)
_QUOTES = "\"'`“‘「"
_FULL_DATE = re.compile(
    r"(?i)(?=.*(?:1[89]|20)[0-9]{2})(?=.*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"
    r"(?=.*(?<![0-9])[0-9]{1,2}(?![0-9]))|.*[0-9〇零一二三四五六七八九]{2}年.*月.*[日号]"
)
_GREETING = re.compile(r"(?:Dear|Hi|Hello|Hey|Thanks|Sincerely|Regards)[ ,]+")
_ABBREVIATION = re.compile(r"(?<![A-Za-z])(?i:Inc|Ltd|Corp|Co|Bros|Jr|Sr)\Z")
"""Its full stop is a part of it, also where it ends a sentence: with and without it a firm would be two."""
_DOTTED = re.compile(r"\.[A-Za-z]\Z")
_INITIAL = re.compile(r" [A-Z]\Z")
_LONGEST = 4
_ACRONYM = re.compile(r"(?:the )?[A-Z0-9/&.+-]{1,5}s?")
_INNER_CAPITAL = re.compile(r"(?!(?:Mc|Mac|De|Di|Du|La|Le|Van|Fitz|O'|D')[A-Z][a-z]+$)\S*[a-z][A-Z]\S*")
_WORD = re.compile(r"[A-Za-z]+")
_WINDOW = 200
"""Code points of its line that are looked at on either side of a span."""
_IDENTIFIERS = frozenset(name.lower() for name in (*dir(builtins), *keyword.kwlist))
_COMMON = frozenset(
    # Words that taggers take for names: forms of address to a machine, acronyms, products, formats, weekdays.
    """
    accept account add address admin agent ai alexa amen anonymous api apis app april arg args asap ascii assistant
    attn august auth aws backend bearer bio blog bool bot btw bug bye cached cc cd ceo cfo chat chatgpt chinese
    chrome ci cli click client cloud code config const copy cpu create credit cron crud css csv cto ctrl curl
    customer cv data date db dear debug december def default delete demo dev dict django dns dob doc docker docs
    docx domain dto email emails english enum env error etl excel export faq fastapi fax february fetch field file
    firefox flask fn fork format forward french friday from frontend ftp function fwd fyi gdpr german get git github
    gitlab gmail go golang google gpt gpu graphql grep groupby gui guid hello helm hey hi hipaa hr html http https
    iban ich id ide ids import index info init input insert int invoice ios ip ipv4 ipv6 isbn iso issue it itin january
    japanese java javascript jira join jpeg jpg jquery json jsonl july june jwt k8s kafka key korean kubectl
    kubernetes lambda lang latex lgtm linux list llm llms local log login logs loop mac mail main manager mandarin
    map march markdown max may md merge min ml monday mongodb mr mrn mrs ms mysql name nan ner next nginx nhs nino
    nlp node none note november npm null numpy oauth oauth2 object october ok okay onnx ops order os otp output
    pandas param params password patch pdf phone php pii pin pip png po post postgres postgresql powerpoint pr print
    prompt ps put pwd py pytest python pytorch qa qps query queue rag ram re react readme redis ref refactor regex
    reply repo request response rest return roi root row rows rsvp rust saas saturday schema script sdk seo
    september server session set sftp shell siri sla slack sms smtp spanish spring sql sqlite ssh ssl ssn sso stderr
    stdin stdout step str string subject submit sudo sum sunday swift switch syntax system table tag task tcp tel
    temp tensorflow terraform test text thanks thread thursday ticket tin tls todo token tokenizer total true try
    tsv tuesday txt type typescript udp ui unicode unix update upload uri url urls usb user username users utc utf
    utf-8 uuid ux value var vat vba vm void vpc vpn vue warning web webhook wechat wednesday wifi windows word www
    xlsx xml xss yaml yes yml zip
    """.split()
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A span that a tagger believes in; `score` (0..1) where it can say how much."""

    start: int
    end: int
    entity: str
    score: float | None = None


def trimmed(text: str, tag: Tag) -> Tag:
    """Without white space, quotation marks and brackets at its edges, and without a greeting; `Inc.` keeps its full stop."""
    value = text[tag.start : tag.end]
    greeting = _GREETING.match(value)
    start, end = tag.start, tag.end
    if greeting is None and value == value.strip(_EDGES):
        if text[end : end + 1] != ".":
            return tag
    else:
        start += greeting.end() if greeting else len(value) - len(value.lstrip(_EDGES))
        end = max(start, end - (len(value) - len(value.rstrip(_EDGES))))
    if text[end : end + 1] in _CLOSES and text[start:end].count(_OPENS[text[end]]) > text[start:end].count(text[end]):
        end += 1
    if text[end : end + 1] == "." and _is_abbreviated(text, tag.entity, max(start, end - _LONGEST), end):
        end += 1
    return tag if end == tag.end and start == tag.start else replace(tag, start=start, end=end)


def _is_abbreviated(text: str, entity: str, start: int, end: int) -> bool:
    """Whether what ends here has a full stop: `Inc`, `S.A`, a person's initial; `CO` is also a state."""
    forms = [_DOTTED, *([_ABBREVIATION] if entity != "LOCATION" else []), *([_INITIAL] if entity == "PERSON" else [])]
    return any(form.search(text, start, end) is not None for form in forms)


def covered(text: str, tags: Iterable[Tag]) -> bytearray:
    """A byte for each code point, 1 where a tag lies."""
    taken = bytearray(len(text))
    for tag in tags:
        taken[tag.start : tag.end] = b"\1" * (tag.end - tag.start)
    return taken


def stands_in_code(text: str, tag: Tag) -> bool:
    """Whether the line that a span stands in looks like one of a program."""
    return _CODE_LINE.search(_line_around(text, tag)) is not None


class Sieve:
    """The sieve for one text: what takes reading all of it is read once, so that the work grows with the text alone."""

    def __init__(self, text: str) -> None:
        self._text = text

    def is_plausible(self, tag: Tag) -> bool:
        """Whether the span looks like what it is said to be, where it stands."""
        value = self._text[tag.start : tag.end]
        if tag.entity == "DATE_TIME":
            return len(value) <= 40 and _FULL_DATE.match(value) is not None
        if not any(c.isalpha() for c in value) or _CODE_CHARACTERS.search(value):
            return False
        return not value.isascii() or (_is_name_like(value, tag.entity) and self._stands_like_a_name(tag, value))

    def _stands_like_a_name(self, tag: Tag, value: str) -> bool:
        """Not a word that the text also writes small, not the name of a field, and in a line of code only what is quoted."""
        one_word = " " not in value
        if stands_in_code(self._text, tag):
            return self._text[tag.start - 1 : tag.start] in _QUOTES if one_word else value[0].isupper()
        if tag.entity == "PERSON" or not one_word:
            return True
        return not _is_label(self._text, tag) and (value.islower() or value.lower() not in self._words)

    @cached_property
    def _words(self) -> frozenset[str]:
        """Every word as it is spelled: runs of letters, and what stands between spaces (`next-door`)."""
        return frozenset(_WORD.findall(self._text)).union(word.strip(_EDGES) for word in self._text.split())


def _is_name_like(value: str, entity: str) -> bool:
    words = value.split()
    if len(words) == 1 and (_INNER_CAPITAL.fullmatch(value) or any(c.isdigit() for c in value)):
        return False
    if entity == "PERSON" and any(c.isdigit() for c in value):
        return False
    if entity == "ORGANIZATION" and (_ACRONYM.fullmatch(value) or (len(words) == 1 and value.islower())):
        return False
    return any(is_uncommon(word.lower().strip(".,'-")) for word in words)


def is_uncommon(word: str) -> bool:
    """Whether a word in small letters is none of those that taggers take for names."""
    return len(word) > 1 and word not in _COMMON and word not in _IDENTIFIERS


def _line_around(text: str, tag: Tag) -> str:
    """The line that a span stands in, or what of a long one is close by, with an ellipsis where it goes on."""
    left, right = max(tag.start - _WINDOW, 0), min(tag.end + _WINDOW, len(text))
    start, end = text.rfind("\n", left, tag.start) + 1, text.find("\n", tag.end, right)
    before = text[start : tag.start] if start or not left else "…" + text[left : tag.start]
    after = text[tag.end : end] if end >= 0 else text[tag.end : right] + ("…" if right < len(text) else "")
    return before + text[tag.start : tag.end] + after


def _is_label(text: str, tag: Tag) -> bool:
    """`Home-Page:` at the start of a line."""
    if text[tag.end : tag.end + 1] != ":":
        return False
    left = max(tag.start - _WINDOW, 0)
    start = text.rfind("\n", left, tag.start) + 1
    return (start > 0 or left == 0) and text[start : tag.start].strip(_EDGES) == ""
