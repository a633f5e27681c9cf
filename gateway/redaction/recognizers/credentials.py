"""Secrets: keys of clouds and model vendors, private keys, tokens, connection strings and written-out passwords.

Prefixes are those that the vendors document for secret scanning; a key without a prefix is only found behind its label.
"""

from __future__ import annotations

import re

from presidio_analyzer import EntityRecognizer

from gateway.redaction.recognizers.patterns import CERTAIN, STRONG, CheckedPatternRecognizer

_EDGE = r"(?<![A-Za-z0-9])"
_KEYS = (
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",  # AWS access key id
    r"gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{22,255}",
    r"glpat-[A-Za-z0-9_\-]{20,64}",
    r"sk-(?:ant|proj|svcacct|admin|or-v1)-[A-Za-z0-9_\-]{16,256}|sk-[A-Za-z0-9]{20,128}",  # Anthropic, OpenAI, DeepSeek, ...
    r"AIza[A-Za-z0-9_\-]{35}|ya29\.[A-Za-z0-9_\-]{20,512}|GOCSPX-[A-Za-z0-9_\-]{20,40}",
    r"xox[abeprs]-[A-Za-z0-9\-]{10,250}|xapp-[A-Za-z0-9\-]{10,250}|hooks\.slack\.com/services/[A-Za-z0-9/]{20,80}",
    r"(?:sk|rk|whsec)_(?:live|test)_[A-Za-z0-9]{16,128}|whsec_[A-Za-z0-9+/=]{24,64}",
    r"hf_[A-Za-z0-9]{30,64}|gsk_[A-Za-z0-9]{40,64}|pplx-[A-Za-z0-9]{40,64}|xai-[A-Za-z0-9]{40,128}|r8_[A-Za-z0-9]{37}",
    r"npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_\-]{50,512}|dop_v1_[a-f0-9]{64}|SG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{16,64}",
    r"LTAI[A-Za-z0-9]{12,26}|AKID[A-Za-z0-9]{13,40}",  # Alibaba Cloud, Tencent Cloud
    r"(?:AC|SK)[0-9a-f]{32}|key-[0-9a-f]{32}",  # Twilio, Mailgun
    r"pgw_[A-Za-z0-9_\-]{20,128}",
)
_JWT = r"eyJ[A-Za-z0-9_\-]{8,4096}\.eyJ[A-Za-z0-9_\-]{8,8192}\.[A-Za-z0-9_\-]{0,2048}"
_PEM_NAME = "(?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
_PEM = rf"-----BEGIN {_PEM_NAME}(?:(?:(?!-----)[\s\S]){{1,16384}}-----END {_PEM_NAME}|[A-Za-z0-9+/=\s\\]{{16,16384}})"
_USERINFO = r"[a-z][a-z0-9+.\-]{1,20}://\K[^\s:/@<>\"']{0,64}:[^\s/<>\"']{1,256}(?=@[A-Za-z0-9\[])"
_BEARER = r"(?i:authorization[\"']?[ ]?[:=][ ]?[\"']?(?:bearer|basic|token)|(?<![a-z])bearer)[ ]\K[A-Za-z0-9_\-.+/=]{16,4096}"
_LABEL = (r"(?i:(?<![a-z])(?:[a-z0-9]{1,20}[_-]){0,3}(?:password|passwd|passphrase|passcode|pwd|secret|token|apikey|"
          r"api[_ -]?key|access[_ -]?key(?:[_ -]?id)?|secret[_ -]?key|private[_ -]?key|client[_ -]?secret|credentials?)"
          r"(?![a-z]))")  # fmt: skip
_LABEL_HAN = "(?:密码|密碼|口令|密钥|密鑰|令牌|验证码|驗證碼)"
_IS = r"[\"'`*]{0,3}[ \t]{0,4}(?:[:=：＝]|:=|=>|(?i:is|was)(?=[ ])|是|为|為)[ \t]{0,4}"
_VALUE = r"[^\s\"'`，。；、！？（）<>{}\u4e00-\u9fff]{4,256}"
_BARE = rf"{_LABEL}{_IS}\*{{0,2}}\K{_VALUE}"
_QUOTED = rf"(?:{_LABEL}|{_LABEL_HAN}){_IS}[\"'`]\K{_VALUE}(?=[\"'`])"
_BARE_HAN = rf"{_LABEL_HAN}{_IS}\K{_VALUE}"
_NOT_A_VALUE = re.compile(
    r"(?i:none|null|true|false|str|string|bytes|int|bool|any|object|optional|required\S*|undefined|redacted|example|"
    r"your\S*|xxx+\S*|changeme|placeholder|password.?|secret.?|token.?)[,;.)]*|[*•.\-_x]+|[$%#(\[]\S*|"
    r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*[(\[]\S*|"
    r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+[,;)]*"
)


def credential_recognizers() -> tuple[EntityRecognizer, ...]:
    """Everything that opens a door; one entity, SECRET."""
    known = [(f"{_EDGE}(?:{key})", CERTAIN) for key in _KEYS]
    shapes = [(f"{_EDGE}{_JWT}", CERTAIN), (_PEM, CERTAIN), (_USERINFO, CERTAIN), (_BEARER, CERTAIN)]
    return (
        CheckedPatternRecognizer("SECRET", known, name="ApiKey"),
        CheckedPatternRecognizer("SECRET", shapes, name="Credential"),
        CheckedPatternRecognizer("SECRET", [(_BARE, STRONG)], name="AssignedSecret", check=_looks_secret),
        CheckedPatternRecognizer("SECRET", [(_QUOTED, STRONG), (_BARE_HAN, STRONG)], name="StatedSecret", check=_is_a_value),
    )


def _is_a_value(value: str) -> bool | None:
    """Not a type, a call, an attribute or a stand-in."""
    return False if _NOT_A_VALUE.fullmatch(value) else None


def _looks_secret(value: str) -> bool | None:
    """Without quotes a plain word is prose or the name of a variable."""
    plain = re.sub(r"[-_]", "", value.rstrip(",;.)"))
    is_word = plain.isalpha() and (plain.islower() or plain.isupper() or plain.istitle())
    return False if is_word else _is_a_value(value)
