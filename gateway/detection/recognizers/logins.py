"""Names by which machines know people: on command lines, in paths of homes, in prompts, in fields for who did something."""

from __future__ import annotations

from presidio_analyzer import EntityRecognizer

from gateway.detection.recognizers.patterns import CheckedPatternRecognizer
from gateway.detection.recognizers.shapes import STRONG
from gateway.detection.recognizers.usernames import is_somebodys_name

_NAME = "(?P<start>)[A-Za-z_][A-Za-z0-9_.-]{1,31}"
_COPIERS = "ssh|scp|sftp|rsync|mosh|ssh-copy-id"
_SHELL = rf"(?<![A-Za-z0-9_-])(?:{_COPIERS})[ ](?:[^\n@]{{0,120}}?[ \"'])?{_NAME}(?=@[A-Za-z0-9\[])"
_GRANTED = rf"(?ai:(?<![a-z])(?:user|role|to|for|grant|definer)[ =]{{1,3}})[`']{_NAME}(?=[`']@[`'])"
_AT_AN_ADDRESS = rf"(?<![A-Za-z0-9@._%+/:-]){_NAME}(?=@(?:[0-9]{{1,3}}\.){{3}}[0-9]{{1,3}}(?![0-9.]))"
_NO_HOME = (
    "(?!(?ai:public|default|all users|shared|runner|vagrant|jovyan|circleci|app|node|git|pi|vscode|coder|user)(?![A-Za-z0-9_]))"
)
_FOLDER = r"(?P<start>)[^\W\d][\w.-]{1,31}"
_HOME = rf"(?<![A-Za-z0-9._:-])/(?:home|Users)/{_NO_HOME}{_FOLDER}(?=/)"
_PROFILE = (
    rf"(?:[A-Za-z]:|\\[A-Za-z0-9.$-]{{1,40}})\\{{1,2}}[Uu]sers\\{{1,2}}{_NO_HOME}{_FOLDER}"
    r"(?:(?: [^\W\d][\w.-]{0,24}){1,3}(?=\\)|(?: [A-Z][A-Za-z-]{1,24})?)(?=[\\\s\"']|\Z)"
)
"""Homes on Unix and Windows: paths in what programs print name whoever ran them."""
_PROMPT = rf"(?:(?<=\n)|(?<![\s\S]))[\[(]?{_NAME}(?=@[A-Za-z0-9.-]{{1,40}}(?::|[ ])[^\n$#%@]{{0,80}}[$#%][ ])"
_WHOAMI = rf"(?<![A-Za-z])whoami\r?\n{_NAME}(?=[ \t]*(?:\r?\n|\Z))"
_ROLE = (
    "(?:opened|assigned|created|updated|modified|changed|closed|requested|reported|approved|submitted|reviewed|uploaded|deleted|"
    "merged)[_ ]?(?:by|to)|assignee|reporter|requester|submitter|reviewer|committer|logged[_ ]in[_ ]as"
)
_NO_TEAM = (
    "(?!(?ai:unassigned|support|teams?|sales|engineering|backend|frontend|devops|ops|security|platform|billing|finance|legal|cron|"
    "bot|automation|scheduler|migration|daemon|service|queue|group|function|process|user|member|date|time|status)(?![A-Za-z]))"
)
_SET = r"[\"'`*]{0,3}[ \t]{0,2}[:=][ \t]{0,2}[\"'`*]{0,3}"
_DID = (
    rf"(?<![A-Za-z])(?!(?<=-)reporter)(?ai:{_ROLE}){_SET}{_NO_TEAM}(?P<start>)[a-z][a-z0-9_.-]{{1,30}}[a-z0-9_]"
    r"(?![\w(\[@/:]|[.-]\w|[ ][A-Za-z])"
)
"""In small letters, and all of the field: others are names, which the taggers know. `--reporter=` is an option of tests."""
_GATE = (
    rf"@[0-9]{{1,3}}\.[0-9]{{1,3}}\.[0-9]|/home/|/Users/|[Uu]sers\\|(?:{_COPIERS}) [^\n@]{{0,160}}@|[`']@[`']|"
    rf"(?i:(?:{_ROLE})[\"'`*]{{0,3}}[ \t]{{0,2}}[:=]|whoami\r?\n|@[a-z0-9.-]+[: ][^\n$#%@]{{0,80}}[$#%] )"
)
"""Of both: each expression costs every text something."""


def login_recognizers() -> tuple[EntityRecognizer, ...]:
    """One where a machine's address or a path stands beside the name, and one for prompts and fields."""
    return (
        CheckedPatternRecognizer(
            "USERNAME",
            [(form, STRONG) for form in (_SHELL, _GRANTED, _AT_AN_ADDRESS, _HOME, _PROFILE)],
            name="LoginName",
            gate=[_GATE],
            check=is_somebodys_name,
        ),
        CheckedPatternRecognizer(
            "USERNAME",
            [(form, STRONG) for form in (_PROMPT, _WHOAMI, _DID)],
            name="Doer",
            gate=[_GATE],
            check=is_somebodys_name,
        ),
    )
