"""URLs without a scheme: a host that the public-suffix list knows, with a path or under a suffix that hardly means else.

Code and prose are full of dots: `main.py`, `os.path`, `end.The`, `com.example.Foo`, `self.net`. So a host alone counts only
under a few suffixes, in lower case, and where nothing goes on that goes on in code.
"""

from __future__ import annotations

from functools import cache

import tldextract
from presidio_analyzer import EntityRecognizer

from gateway.detection.expressions import Places
from gateway.detection.recognizers.patterns import LONG, CheckedPatternRecognizer
from gateway.detection.recognizers.shapes import STRONG

URL_BODY = r"[^\s<>\"'`|\\^{}\[\]，。；！？、（）《》【】“”‘’\u4e00-\u9fff]"
URL_END = r"(?<![.,;:!?)\]*_])"
_SECOND = "(?:com|co|org|net|edu|ac|gov)"
_PLAIN = rf"(?:{_SECOND}\.[a-z]{{2}}|com|org|net|edu|gov|mil|cn|eu)"
"""Suffixes under which a host counts without a path; `co.uk` and its like too."""
_LABELS = r"(?<![A-Za-z0-9.@_/\\$%&+~-])(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,5}"
_NOT_CODE = r"(?![A-Za-z0-9_@(\[-]|\.[A-Za-z0-9]|[ ]?=|:[:0-9])"
_PATH = rf"(?::[0-9]{{2,5}})?/(?:{URL_BODY}+{URL_END})?"
_HOST = rf"{_LABELS}{_PLAIN}(?::[0-9]{{2,5}}(?![0-9.]))?{_NOT_CODE}"
_TOP = "(?:[a-z]{2,24}|xn--[a-z0-9-]{2,59})"
_HOST_AND_PATH = rf"{_LABELS}{_TOP}{_PATH}"
_RUN = rf"[A-Za-z0-9][A-Za-z0-9.-]*\.(?:{_PLAIN}|{_TOP}(?::[0-9]{{2,5}})?/)"
"""Where a match can begin; it begins where a run of a host's characters does."""
_GATE = rf"[A-Za-z0-9-]\.(?:{_PLAIN}|{_TOP}(?::[0-9]{{2,5}})?/)"
_FILE_ENDS = frozenset({"cc", "md", "mov", "pl", "ps", "py", "rs", "sh", "zip"})
"""Suffixes that are more often the end of a file's name."""
_PACKAGES = frozenset({"com", "org", "net", "edu", "io", "java", "javax", "kotlin", "sun", "self", "this", "cls", "super"})
"""What a host does not begin with, but names in code do: `com.example.net`, `self.net`."""
_VOCABULARIES = ("k8s.io", "kubernetes.io")
"""Names in configuration that look like a host with a path: `networking.k8s.io/v1`."""


class Suffixes:
    """The public-suffix list that tldextract brings along; nothing is downloaded and no cache is written."""

    def __init__(self) -> None:
        self._extract = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
        self.tops = frozenset(suffix.rpartition(".")[2] for suffix in self._extract.tlds)

    def of(self, host: str) -> str:
        """The suffix of a host below one; empty where the list knows none, or where `host` is one itself."""
        found = self._extract(host)
        return found.suffix if found.domain else ""


@cache
def public_suffixes() -> Suffixes:
    """One for the process: it never changes, and takes a tenth of a second to read."""
    return Suffixes()


def host_recognizers() -> tuple[EntityRecognizer, ...]:
    """Hosts with and without a path."""
    return (
        CheckedPatternRecognizer(
            "URL",
            [(_HOST_AND_PATH, STRONG), (_HOST, STRONG)],
            name="BareUrl",
            gate=[_GATE],
            check=KnownHost(public_suffixes()),
            starts=Places(_RUN),
            reach=LONG,
        ),
    )


class KnownHost:
    """Whether a URL without a scheme names a host that can exist, and is not a file's, a package's or an attribute's name."""

    def __init__(self, suffixes: Suffixes) -> None:
        self._suffixes = suffixes

    def __call__(self, url: str) -> bool | None:
        host = url.partition("/")[0].partition(":")[0].lower()
        labels = host.split(".")
        if labels[-1] in _FILE_ENDS or labels[0] in _PACKAGES or host.endswith(_VOCABULARIES):
            return False
        suffix = self._suffixes.of(host)
        name = host.removesuffix(f".{suffix}").rpartition(".")[2] if suffix else ""
        return None if any(character.isalpha() for character in name) else False
