"""How to reach somebody on the Internet: mail addresses and URLs, and with `phones` by telephone. Nobody is asked for it."""

from __future__ import annotations

import re

from presidio_analyzer import EntityRecognizer

from gateway.detection.expressions import Places
from gateway.detection.recognizers.forms import NotAfter
from gateway.detection.recognizers.hosts import URL_BODY, URL_END, host_recognizers, public_suffixes
from gateway.detection.recognizers.patterns import LONG, CheckedPatternRecognizer
from gateway.detection.recognizers.phones import phone_recognizers
from gateway.detection.recognizers.shapes import CERTAIN, STRONG

_LETTER = "A-Za-z0-9\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff"
_LOCAL = rf"(?<![{_LETTER}._%+'\-])[.%+'\-]*+(?P<start>)[{_LETTER}._%+'\-]++"
"""Begins where a run of its characters does, and takes all of it: trying each place in the run would take quadratic time."""
_BEFORE_AT = r"[A-Za-z0-9\x{c0}-\x{24f}\x{370}-\x{3ff}\x{400}-\x{4ff}._%+'\-]+@"
_TOP = r"(?:[A-Za-z\u0400-\u04ff]{2,24}|xn--[A-Za-z0-9-]{2,59})(?![A-Za-z0-9])"
_MAIL = rf"{_LOCAL}@(?:[{_LETTER}\-]{{1,63}}\.){{1,8}}{_TOP}"
_MAIL_GLUED = rf"{_LOCAL}@(?:[A-Za-z0-9\-]{{1,63}}\.){{1,4}}(?:com|cn|net|org|edu|hk|tw)(?=[A-Z0-9])"
_MAIL_HAN = rf"{_LOCAL}@[\u4e00-\u9fff0-9A-Za-z\-]{{1,63}}\.(?:中国|中國|公司|网络|網絡|网址|集团)"
_PASSWORD = NotAfter(re.compile(r"(?<=[A-Za-z][A-Za-z0-9+.\-]://)[^\s:/@<>\"']{0,64}:[^\s/@<>\"']{0,256}\Z"), 352)
"""`scheme://user:` makes a password, which is a credential, of what stands before the @."""
_PRIVATE_SUFFIXES = frozenset({"corp", "example", "home", "internal", "intranet", "invalid", "lan", "local", "localhost",
                               "private", "test"})  # fmt: skip
_URL_START = r"(?<![A-Za-z0-9])(?ai:(?:https?|ftps?|wss?)://|www\.(?=[a-z0-9-]{1,63}\.[a-z]))"
_URL = rf"{_URL_START}(?!(?ai:localhost)|127\.|0\.0\.0\.0|\[::1?\]){URL_BODY}{{2,}}{URL_END}"


def contact_recognizers() -> tuple[EntityRecognizer, ...]:
    """Mail, telephone, URL."""
    return (
        CheckedPatternRecognizer(
            "EMAIL_ADDRESS",
            [(_MAIL, STRONG), (_MAIL_GLUED, STRONG), (_MAIL_HAN, STRONG)],
            name="Email",
            gate=["@"],
            check=MailDomain(),
            starts=Places(_BEFORE_AT),
            not_after=_PASSWORD,
        ),
        *phone_recognizers(),
        CheckedPatternRecognizer("URL", [(_URL, CERTAIN)], name="Url", gate=[r"(?i)(?:tp|ps|s)://|www\."], reach=LONG),
        *host_recognizers(),
    )


class MailDomain:
    """Whether what follows the @ can be a mail domain, by the public-suffix list that tldextract brings along.

    Presidio asks `tldextract.extract`, which downloads the list. Names that only a company's own network resolves count
    too: their mail addresses are as personal.
    """

    def __init__(self) -> None:
        self._suffixes = public_suffixes()
        self._ends = self._suffixes.tops | _PRIVATE_SUFFIXES

    def __call__(self, address: str) -> bool:
        local, _, domain = address.rpartition("@")
        if local == "git":  # git@host:path is a clone URL
            return False
        suffix = domain.rpartition(".")[2].lower()
        return suffix in self._ends or (suffix.startswith("xn--") and bool(self._suffixes.of(domain)))
