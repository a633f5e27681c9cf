"""How to reach somebody: mail addresses, telephone numbers outside China, URLs. None of it touches the network."""

from __future__ import annotations

import re

import tldextract
from phonenumbers import Leniency
from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import PhoneRecognizer

from gateway.redaction.recognizers.patterns import (
    CERTAIN,
    STRONG,
    WEAK,
    CheckedPatternRecognizer,
    ContextPatternRecognizer,
    context_regex,
    digits,
    near,
    number,
)

_LETTER = "A-Za-z0-9\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff"
_LOCAL = rf"[{_LETTER}._%+'\-]{{1,64}}"
_TOP = r"(?:[A-Za-z\u0400-\u04ff]{2,24}|xn--[A-Za-z0-9-]{2,59})(?![A-Za-z0-9])"
_MAIL = rf"{_LOCAL}@(?:[{_LETTER}\-]{{1,63}}\.){{1,8}}{_TOP}"
_MAIL_GLUED = rf"{_LOCAL}@(?:[A-Za-z0-9\-]{{1,63}}\.){{1,4}}(?:com|cn|net|org|edu|hk|tw)(?=[A-Z0-9])"
_MAIL_HAN = rf"{_LOCAL}@[\u4e00-\u9fff0-9A-Za-z\-]{{1,63}}\.(?:中国|中國|公司|网络|網絡|网址|集团)"
_PRIVATE_SUFFIXES = frozenset({"corp", "example", "home", "internal", "intranet", "invalid", "lan", "local", "localhost",
                               "private", "test"})  # fmt: skip
_URL_BODY = r"[^\s<>\"'`|\\^{}\[\]，。；！？、（）《》【】“”‘’\u4e00-\u9fff]"
_URL_START = r"(?<![A-Za-z0-9])(?:(?:https?|ftps?|wss?)://|www\.(?=[a-z0-9-]{1,63}\.[a-z]))"
_URL = rf"{_URL_START}(?!localhost|127\.|0\.0\.0\.0|\[::1?\]){_URL_BODY}{{2,2000}}(?<![.,;:!?)\]*_])"
PHONE_WORDS = (
    *("phone", "telephone", "tel", "mobile", "cell", "cellphone", "call", "fax", "whatsapp", "sms", "text me", "reach"),
    *("contact number", "dial", "handy", "hotline", "电话", "電話", "手机", "手機", "致电", "热线", "传真", "拨打", "座机"),
    *("联系", "聯繫", "聯系", "联络", "聯絡", "邀约", "洽", "预约", "咨询"),
)
_LOOSE_PHONE = r"(?:\+|00|\()?[0-9](?:[ .\-/]{0,1}[()]?[ ]?[0-9]){6,15}(?:[ ]?(?:x|ext\.?|#)[ ]?[0-9]{1,6})?"
_NANP = r"(?:\+?1[-. ]|001[-. ])?(?:\([0-9]{3}\)[ ]?|[0-9]{3}[-.])[0-9]{3}[-.][0-9]{4}(?:[ ]?(?:x|ext\.?)[ ]?[0-9]{1,6})?"
_E164 = r"(?<![A-Za-z0-9)])\+[1-9][0-9]{9,14}(?![0-9])"
_DIGIT_RUN = re.compile(r"(?:[0-9][^0-9A-Za-z\n]{0,3}){6}[0-9]")


def contact_recognizers() -> tuple[EntityRecognizer, ...]:
    """Mail, telephone, URL."""
    return (
        CheckedPatternRecognizer(
            "EMAIL_ADDRESS",
            [(_MAIL, STRONG), (_MAIL_GLUED, STRONG), (_MAIL_HAN, STRONG)],
            name="Email",
            check=MailDomain(),
            gate="@",
        ),
        InternationalPhone(),
        CheckedPatternRecognizer("PHONE_NUMBER", [(number(_NANP), STRONG), (_E164, STRONG)], name="PhoneByForm"),
        ContextPatternRecognizer(
            "PHONE_NUMBER",
            [(number(_LOOSE_PHONE), WEAK)],
            words=PHONE_WORDS,
            name="PhoneInContext",
            check=_phone_like,
            before=28,
        ),
        CheckedPatternRecognizer("URL", [(_URL, CERTAIN)], name="Url", flags=re.IGNORECASE),
    )


class MailDomain:
    """Whether what follows the @ can be a mail domain, by the public-suffix list that tldextract brings along.

    Presidio asks `tldextract.extract`, which downloads the list. Names that only a company's own network resolves count
    too: their mail addresses are as personal.
    """

    def __init__(self) -> None:
        self._extract = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())

    def __call__(self, address: str) -> bool:
        local, _, domain = address.rpartition("@")
        if local == "git":  # git@host:path is a clone URL
            return False
        suffix = domain.rpartition(".")[2].lower()
        return suffix in _PRIVATE_SUFFIXES or bool(self._extract(domain).suffix)


class InternationalPhone(PhoneRecognizer):
    """Presidio's (Google's libphonenumber), where a number says of itself that it is one.

    By digits alone it takes order numbers for telephones, so a number counts that starts with `+`, or that is written in
    three groups, or that has a word for telephone close by.
    """

    REGIONS = ("US", "GB", "DE", "FR", "IN")
    PIECE = 10_000
    """Code points that the detector hands over at once; many digits are half a second of work."""

    def __init__(self) -> None:
        self._words = context_regex(PHONE_WORDS)
        super().__init__(supported_regions=self.REGIONS, leniency=Leniency.VALID, name="InternationalPhone")

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None) -> list[RecognizerResult]:
        """Presidio's call, with at most `PIECE` code points: libphonenumber gives up silently after 65,535 candidates."""
        if _DIGIT_RUN.search(text) is None:
            return []
        results = super().analyze(text, entities, nlp_artifacts)  # type: ignore[arg-type]
        return [_strong(result) for result in results if self._is_evident(text, result)]

    def _is_evident(self, text: str, result: RecognizerResult) -> bool:
        value = text[result.start : result.end]
        if "/" in value:  # prices and ratios
            return False
        grouped = re.fullmatch(r"\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}.*", value, re.DOTALL) is not None
        return value.startswith("+") or grouped or near(text, result.start, result.end, self._words)


def _strong(result: RecognizerResult) -> RecognizerResult:
    result.score = STRONG
    return result


def _phone_like(text: str) -> bool | None:
    """7 to 15 digits (ITU-T E.164), an extension aside, and not the shape of a date."""
    body = re.split(r"x|ext|#", text)[0]
    if re.fullmatch(r"[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([-/.])[0-9]{1,2}\2[0-9]{4}", body.strip()):
        return False
    return None if 7 <= len(digits(body)) <= 15 else False
