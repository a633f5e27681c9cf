"""Passwords on command lines, in SQL, and in sentences with words between the password and what it is."""

from __future__ import annotations

import re

from presidio_analyzer import EntityRecognizer

from gateway.detection.expressions import Places
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer
from gateway.detection.recognizers.shapes import CERTAIN, STRONG

_QUOTE, _WORD = "[\"']", r"[^\s\"']{3,256}"
_END = r"(?=[\s\"']|\Z)"
_QUOTED = r"(?<=\")(?![ ,.;:)])[^\"\n]{3,256}(?<! )(?=\")|(?<=')(?![ ,.;:)])[^'\n]{3,256}(?<! )(?=')"
_VALUE = rf"(?:{_QUOTED}|(?<![\"']){_WORD}{_END})"
"""Between quotation marks with the spaces in it; what stands behind those that end a command is none."""
_STRING = r"(?:[^'\\\n]|\\[^\n]|''){3,256}+(?=')"
_USER = (
    r"(?<![A-Za-z0-9_-])(?:curl|wget|https?|xh|aria2c)[ ][^\n]{0,256}?(?<=[ ])(?:-u|--user|--proxy-user|-a|--auth)[ =]?"
    rf"{_QUOTE}?(?P<start>)(?:(?<=\")[^\s\":/]{{1,64}}:[^\"\n]{{3,256}}(?=\")|(?<=')[^\s':/]{{1,64}}:[^'\n]{{3,256}}(?=')|"
    rf"(?<![\"'])[^\s:\"'/]{{1,64}}:{_WORD}{_END})"
)
"""The user's name is a part of the secret, as in a URL."""
_SHORT = (
    r"(?<![A-Za-z0-9_-])(?:(?:mysql|mariadb)(?:dump|admin|import)?[ ](?:[^\n]{0,256}?[ ])?-p|sshpass[ ]-p[ ]?|"
    r"redis-cli[ ](?:[^\n]{0,256}?[ ])?-a[ ])"
    rf"{_QUOTE}?(?P<start>){_VALUE}"
)
_LONG = (
    r"(?<![A-Za-z0-9_-])--?(?ai:(?:[a-z]{1,12}-)?(?:password|passwd|passphrase|pass))(?:[ ]{1,2}|=(?=[\"']))"
    rf"{_QUOTE}?(?P<start>)(?![A-Za-z-]+(?:[\"']|\Z))(?:(?<=[\"'])|(?![A-Za-z-]+\s)){_VALUE}"
)
_SQL = (
    r"(?ai:(?<![a-z_])(?:identified[ ](?:with[ ][a-z0-9_'\"]{1,40}[ ])?by(?:[ ]password)?|with[ ](?:encrypted[ ])?password))"
    rf"[ ]?'(?P<start>){_STRING}"
)
_SQL_CALL = rf"(?ai:(?<![a-z_])password)[ ]?\(?[ ]?'(?P<start>){_WORD}(?=')"
_LABEL = "(?:pass ?(?:word|code|phrase)|passwd|pwd)"
_OF = r"[ ](?:for|to|of|on|at|in|into)(?:[ ][A-Za-z0-9@'’._/-]{1,40}){1,6}?(?:[ ](?:is|was)(?:[ ]now)?:?|:)[ ]"
_TOLD = (
    rf"(?ai:(?<![a-z]){_LABEL}){_OF}[\"'`]?(?P<start>)(?=[^\s\"'`]{{6}})(?=[^\s\"'`]{{0,63}}[A-Za-z])"
    r"(?=[A-Za-z.-]{0,63}[0-9!@#$%^&*?+=_])[^\s\"'`]{6,64}(?<![,;.:!?])(?=[\"'`,;.:!?]{0,3}(?:\s|\Z))"
)
"""Behind so many words only what looks like a password: with a digit or a sign in it."""
_GATE = (
    r"(?i) -[uap]|-user|-auth|-pass|pass ?(?:word|code|phrase)(?:[ ](?:for|to|of|on|at|in)|[ ]?\(?[ ]?')|"
    r"(?:passwd|pwd)[ ](?:for|to|of|on|at|in)|identified[ ](?:by|with)"
)
"""Of both: each expression costs every text something."""
_NONE = re.compile(
    r"(?i)[<\[({$%*].*|-.*|[0-9]{1,6}:[0-9]{1,6}|user(?:name)?:pass(?:word|wd)?|(?:your|my)[_-].*|\$\{?[A-Z_]+\}?:.*|.*:[$<{*].*|"
    r"name|key|x{3,}|null|none|true|false|.*[(].*[)]|[0-9]+[+-]?(?:characters?|chars?|digits?)?|.*@[a-z0-9.-]+\.[a-z]{2,}"
)
"""What a template has there, a group and a user by number, another option, or a mail address."""


def command_secret_recognizers() -> tuple[EntityRecognizer, ...]:
    """One for command lines and SQL, one for sentences; the entity is SECRET."""
    return (
        CheckedPatternRecognizer(
            "SECRET",
            [(_USER, CERTAIN), (_SHORT, STRONG), (_LONG, STRONG), (_SQL, STRONG), (_SQL_CALL, STRONG)],
            name="CommandSecret",
            gate=[_GATE],
            check=_is_a_value,
        ),
        CheckedPatternRecognizer(
            "SECRET",
            [(_TOLD, STRONG)],
            name="ToldSecret",
            gate=[_GATE],
            check=_is_a_value,
            starts=Places(rf"(?i){_LABEL}[ ](?:for|to|of|on|at|in)"),
        ),
    )


def _is_a_value(value: str) -> bool | None:
    return False if _NONE.fullmatch(value) else None
