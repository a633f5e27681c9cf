"""The synchronous core: resolution over recognizers, offsets, normalisation, and failing closed."""

import logging
import socket
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult

from gateway.detection.detect import PresidioDetector
from gateway.detection.kept import Kept
from gateway.detection.recognizers.hosts import public_suffixes
from gateway.detection.recognizers.registry import default_recognizers, pattern_recognizers
from gateway.detection.taggers.sieve import Tag
from gateway.detection.taggers.tagging import Tagger
from gateway.errors import DetectionUnavailable
from gateway.exchange import Finding
from gateway.obligations import EntityRules, OperatorKind


class Answering(EntityRecognizer):
    """A recognizer of a user's own that says what it is told to."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        super().__init__(supported_entities=["TICKET"])

    def load(self) -> None: ...

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any) -> Any:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.fixture(scope="module")
def patterns() -> PresidioDetector:
    return PresidioDetector(pattern_recognizers())


@pytest.fixture(scope="module")
def everything() -> PresidioDetector:
    return PresidioDetector()


def _values(text: str, findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(text[f.start : f.end], f.entity) for f in findings]


def test_nothing_in_nothing(patterns: PresidioDetector) -> None:
    assert patterns.analyze("") == patterns.analyze(" \r\n\t") == ()


def test_english_and_chinese_in_one_message(everything: PresidioDetector) -> None:
    text = "My name is Sarah Connor. 王小明的手机是13812345678, mail him at wang@163.com. 他住在上海市。"
    assert _values(text, everything.analyze(text)) == [
        ("Sarah Connor", "PERSON"),
        ("王小明", "PERSON"),
        ("13812345678", "PHONE_NUMBER"),
        ("wang@163.com", "EMAIL_ADDRESS"),
        ("上海市", "LOCATION"),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("👩‍👩‍👧 13812345678", "13812345678"),
        ("e\u0301e\u0301 13812345678 e\u0301", "13812345678"),
        ("a\r\nb\r\n13812345678\r\n", "13812345678"),
        ("𝒳𝓎 𠮷野家 13812345678", "13812345678"),
        ("１３８１２３４５６７８", "１３８１２３４５６７８"),
        ("电话１３８-１２３４-５６７８。", "１３８-１２３４-５６７８"),
        ("138\u200b1234\u200d5678", "138\u200b1234\u200d5678"),
        ("138\u20111234\u20115678", "138\u20111234\u20115678"),
        ("138\u00a01234\u00a05678", "138\u00a01234\u00a05678"),
        ("٠ 13812345678", "13812345678"),
    ],
)
def test_offsets_are_code_points_of_the_text_as_it_came(patterns: PresidioDetector, text: str, value: str) -> None:
    assert (value, "PHONE_NUMBER") in _values(text, patterns.analyze(text))


def test_an_invisible_separator_does_not_hide_what_it_separates(patterns: PresidioDetector) -> None:
    text = "13812345678\u200b13912345678"
    assert [f.end - f.start for f in patterns.analyze(text)] == [11, 11]


def test_full_width_mail_and_name(everything: PresidioDetector) -> None:
    text = "联系ｂｏｂ＠ｅｘａｍｐｌｅ．ｃｏｍ谢谢"
    assert ("ｂｏｂ＠ｅｘａｍｐｌｅ．ｃｏｍ", "EMAIL_ADDRESS") in _values(text, everything.analyze(text))


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="a1@. -:/张手机😀１\u200b\u0301\r\n8", max_size=120))
def test_findings_are_sorted_disjoint_and_inside_the_text(text: str) -> None:
    found = _CORE.analyze(text)
    assert all(0 <= f.start < f.end <= len(text) and 0 <= f.score <= 1 for f in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


_CORE = PresidioDetector(pattern_recognizers())


def test_a_users_own_recognizer_plugs_in() -> None:
    own = PatternRecognizer("TICKET", patterns=[Pattern("ticket", r"TCK-[0-9]{4}", 0.6)], name="Own")
    text = "see TCK-1234"
    assert PresidioDetector([own]).analyze(text) == (Finding(4, 12, "TICKET", 0.6, "Own"),)


def test_context_words_lift_a_users_weak_pattern() -> None:
    own = PatternRecognizer("TICKET", patterns=[Pattern("ticket", r"[0-9]{4}", 0.1)], context=["ticket", "工单"])
    core = PresidioDetector([own])
    assert core.analyze("in 1234") == ()
    assert len(core.analyze("ticket 1234")) == len(core.analyze("工单1234")) == 1


@pytest.mark.parametrize(
    ("text", "kept", "value"),
    [
        ("password: alice@corp-example.org", "SECRET", ("alice@corp-example.org", "EMAIL_ADDRESS")),
        ("see https://x.org/?q=Sarah Connor&phone=+4915112345678", "URL", ("+4915112345678", "PHONE_NUMBER")),
    ],
)
def test_a_kept_type_hides_no_other(patterns: PresidioDetector, text: str, kept: str, value: tuple[str, str]) -> None:
    assert value in _values(text, patterns.analyze(text, kept=frozenset({kept})))


BLOCKING = Kept.by(EntityRules(OperatorKind.PLACEHOLDER, dict.fromkeys(("CREDIT_CARD", "US_SSN"), OperatorKind.BLOCK)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("My card is 4111111111111111\n12 items", ("4111111111111111", "CREDIT_CARD")),
        ("password is 4111111111111111", ("4111111111111111", "CREDIT_CARD")),
        ("Deliver to 12 Main Street, SSN 536221234, Springfield, IL 62704", ("536221234", "US_SSN")),
    ],
)
def test_a_blocked_type_is_hidden_by_no_other(everything: PresidioDetector, text: str, value: tuple[str, str]) -> None:
    assert value in _values(text, everything.analyze(text, kept=BLOCKING))


def test_a_certain_value_is_not_joined_with_what_follows(patterns: PresidioDetector) -> None:
    """Of a card number and a number below, one in thirty or so passes for a company's code; the next for nothing."""
    for last in range(100):
        text = f"My card is 4111111111111111\n{last:02} items"
        assert _values(text, patterns.analyze(text)) == [("4111111111111111", "CREDIT_CARD")]


def test_the_work_on_a_long_text_can_be_broken_off_at_many_places(everything: PresidioDetector) -> None:
    class Stop(Exception):
        pass

    def steps(text: str) -> int:
        calls = 0

        def check() -> None:
            nonlocal calls
            calls += 1

        everything.analyze(text, check=check)
        return calls

    def stop() -> None:
        raise Stop

    text = "a b " * 10_000
    assert steps(text) >= steps("a b") + 2 * (len(text) // 10_000 - 1)
    with pytest.raises(Stop):
        everything.analyze(text, check=stop)


def test_findings_beyond_the_first_piece_lie_where_they_say(everything: PresidioDetector) -> None:
    text = "Nothing here at all. " * 1000 + "I met Sarah Connor. Call +49 1511 2345678."
    assert {("Sarah Connor", "PERSON"), ("+49 1511 2345678", "PHONE_NUMBER")} <= set(_values(text, everything.analyze(text)))


@pytest.mark.parametrize(
    "answer",
    [
        ValueError("quotes the secret text"),
        None,
        [None],
        [RecognizerResult("TICKET", 3, 99, 0.9)],
        [RecognizerResult("TICKET", -1, 2, 0.9)],
        [RecognizerResult("TICKET", 2, 2, 0.9)],
    ],
)
def test_a_recognizer_that_fails_or_answers_nonsense_is_never_skipped(answer: object) -> None:
    with pytest.raises(DetectionUnavailable) as caught:
        PresidioDetector([Answering(answer)]).analyze("secret text")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


class _Says(Tagger):
    """A tagger that says the same of every text."""

    def __init__(self, tag: Tag) -> None:
        super().__init__("Says")
        self.said = tag

    def tag(self, text: str) -> list[Tag]:
        return [self.said]


@pytest.mark.parametrize("tag", [Tag(0, 99, "PERSON"), Tag(0, 99, "PERSON", 0.1)])
def test_a_tagger_that_answers_nonsense_is_never_skipped(tag: Tag) -> None:
    with pytest.raises(DetectionUnavailable) as refused:
        PresidioDetector([_Says(tag)]).analyze("Ann was here")
    assert "Ann" not in str(refused.value)


@pytest.mark.parametrize("tag", [Tag(0, 3, "PERSON", 0.1), Tag(0, 3, "PLANET")])
def test_a_tagger_is_not_heard_where_it_is_unsure_or_speaks_of_what_it_does_not_find(tag: Tag) -> None:
    assert PresidioDetector([_Says(tag)]).analyze("Ann was here") == ()


def test_a_pattern_that_runs_too_long_is_a_failure_and_not_skipped(caplog: pytest.LogCaptureFixture) -> None:
    slow = PatternRecognizer("TICKET", patterns=[Pattern("slow", r"(?:a|aa|aaa)+c", 0.9)])
    with pytest.raises(DetectionUnavailable):
        PresidioDetector([slow], pattern_timeout_s=0.2).analyze("a" * 5000)
    assert "aaa" not in caplog.text


def test_recognizers_share_no_patterns_with_presidio() -> None:
    from presidio_analyzer.predefined_recognizers import UsPassportRecognizer

    PresidioDetector([UsPassportRecognizer()])
    assert all(type(p.compiled_regex).__name__ != "GuardedRegex" for p in UsPassportRecognizer.PATTERNS)


def test_libraries_log_no_text(everything: PresidioDetector, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        everything.analyze(
            "Sarah Connor, 王小明 13812345678, wang@163.com, IBAN DE89370400440532013000, DE00370400440532013000"
        )
    for value in ("Sarah", "王小明", "13812345678", "wang@163.com", "DE89", "DE00"):
        assert value not in caplog.text


def test_every_default_recognizer_is_a_presidio_recognizer_with_a_name_of_its_own() -> None:
    recognizers = default_recognizers()
    assert all(isinstance(r, EntityRecognizer) for r in recognizers)
    names = [str(r.to_dict()["name"]) for r in recognizers]
    assert len(set(names)) == len(names)


def test_detection_contacts_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Presidio's mail recognizer would, for the list of public suffixes; here that is read afresh."""

    def refuse(*_: object) -> None:
        pytest.fail("detection uses the network")

    for name in ("getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    public_suffixes.cache_clear()
    found = PresidioDetector().analyze("mail bob@example.co.uk or li@nosuch.zzz, 王小明在北京, see https://example.com/")
    assert {f.entity for f in found} == {"EMAIL_ADDRESS", "LOCATION", "PERSON", "URL"}
