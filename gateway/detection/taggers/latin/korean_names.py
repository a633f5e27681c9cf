"""Korean names in Latin letters: `Lim Bo-ra`, `Jun-ho Park`. A hyphen before a small letter ends most other names.

A family name and a given name of two syllables, as the Revised Romanization or older habits spell them, or such a given
name alone. Family names that are more often other words (`In`, `So`, `No`, `Do`) are left to the network, and so are given
names that repeat a syllable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detection.taggers.name_rules import NameRule
from gateway.detection.taggers.sieve import Tag

_SURNAME = (
    "Kim|Lee|Yi|Rhee|Park|Pak|Choi|Choe|Jung|Jeong|Chung|Kang|Cho|Jo|Yoon|Yun|Jang|Chang|Lim|Rim|Im|Han|Oh|Seo|Suh|Shin|Sin|Kwon|"
    "Hwang|Ahn|Song|Yoo|Yu|Ryu|Hong|Jeon|Jun|Chun|Koh?|Moon|Mun|Yang|Sohn|Bae|Pae|Baek|Paik|Heo|Hur|Nam|Sim|Shim|Noh|Roh|Kwak|"
    "Sung|Seong|Cha|Joo|Ju|Woo|Koo|Gu|Min|Jin|Ji|Um|Eom|Chae|Bang|Kong|Gong|Hyun|Ham|Byun|Yeom|Yeo|Choo|Seok|Seol|Pyo|Myung|Ki|"
    "Maeng|Tak|Kook"
)
_ONSET = "kk|tt|pp|ss|jj|ch|[bcdghjklmnprstwy]"
_NUCLEUS = "yae|yeo|ae|eo|eu|oe|oo|ee|ou|ui|wa|we|wi|wo|ya|ye|yo|yu|[aeiou]"
_SYLLABLE = rf"(?:{_ONSET})?(?:{_NUCLEUS})(?:ng|[kgnlmptbhr])?"
_NO_SYLLABLE = (
    "in|on|up|an|at|to|or|of|by|he|we|be|me|go|do|no|so|us|it|man|men|run|ran|bot|set|net|top|pop|gen|pen|ban|fan|pro|not|hit|"
    "cut|put|sin|win|out|off|old"
)
"""English words that stand behind hyphens: `a Kim So-in firm`."""
_GIVEN = rf"(?=[A-Z])(?i:{_SYLLABLE})-(?!(?:{_NO_SYLLABLE})(?![a-z])){_SYLLABLE}(?![A-Za-z0-9_-])"
_PREFIX = "No|Re|Non|Un|Per|Pre|Sub|Mem|Git|Pro|So|Go|Do|Be|Up|In|On|Hip|Ping|Ding|Tip|Tai"
"""What stands before a hyphen in English (`Re-map`, `No-op`, `Hip-hop`)."""
_ALONE = rf"(?!(?:{_PREFIX})-)(?=[A-Za-z]{{2,6}}-[a-z]{{2}}){_GIVEN}"
_NAME = re.compile(rf"(?<![A-Za-z0-9_.-])(?:(?:{_SURNAME}),? {_GIVEN}|{_GIVEN} (?:{_SURNAME})(?![A-Za-z0-9_-])|{_ALONE})")
_REPEATS = re.compile(r"(?i)(?<![a-z])([a-z]+)-\1(?![a-z])")
_SCORE = 0.95


def korean_names(text: str) -> Iterator[Tag]:
    """A tag for each such name."""
    for found in _NAME.finditer(text):
        if _REPEATS.search(found.group()) is None:
            yield Tag(*found.span(), "PERSON", _SCORE)


KOREAN_NAMES = NameRule(("[a-z]-[a-z]", r"[A-Z][A-Za-z\x{17f}\x{212a}]{0,6}-[a-z]"), korean_names)
"""In either case `ſ` and the Kelvin sign are letters as well."""
