"""The gate opens for every recognizer that would find something, and for hardly anything else."""

import re
import string
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer

from gateway.detection.gate import Gate, Gated
from gateway.detection.recognizers.context import context_gate
from gateway.detection.recognizers.patterns import CheckedPatternRecognizer, ContextPatternRecognizer, Form
from gateway.detection.recognizers.registry import pattern_recognizers

PACK = pattern_recognizers()
GATE = Gate(PACK)
NOTHING: Any = None
FORMS = [(r, form) for r in PACK if isinstance(r, CheckedPatternRecognizer) for form in r.forms]
LABELS = sorted(
    {"phone", "tel", "电话", "passport", "护照", "account", "账号", "身份证", "通行证", "ssn", "itin", "medicare", "npi", "nhs"}
    | {"aba", "driver license", "mrn", "hkid", "card", "zip", "postcode", "abn", "tfn", "aadhaar", "pesel", "imei", "serial"}
    | {"member id", "license no", "plate", "dea", "bsn", "personnummer", "tc kimlik", "thai id", "id number", "nin", "sin"}
)


def _name(recognizer: EntityRecognizer) -> str:
    return str(recognizer.to_dict()["name"])


def _unseen(text: str, recognizers: list[EntityRecognizer]) -> list[str]:
    """Who finds something in `text` although its gate stays shut."""
    opened = GATE.open(text)
    return [_name(r) for r in recognizers if r not in opened and r.analyze(text, r.supported_entities, NOTHING)]


def _without_checks(recognizer: CheckedPatternRecognizer, form: Form, text: str) -> bool:
    """Whether the form matches, in context or not and checksum or not."""
    places = None if recognizer.starts is None else [place.start() for place in recognizer.starts.finditer(text)]
    return any(form.matches(text, places))


def _spans(matches: Iterable[re.Match[str]]) -> list[tuple[int, int]]:
    return [match.span() for match in matches]


def test_every_recognizer_of_the_pack_has_a_gate() -> None:
    assert [_name(r) for r in PACK if not (isinstance(r, Gated) and r.gate)] == []


@pytest.mark.parametrize(("recognizer", "form"), FORMS, ids=lambda one: getattr(one, "name", ""))
def test_whatever_a_pattern_matches_its_gate_fires(recognizer: CheckedPatternRecognizer, form: Form) -> None:
    """Of a recognizer that wants a word near by, the number's part of the gate is tried here, without the word's."""
    wanted = recognizer.gate[:-1] if isinstance(recognizer, ContextPatternRecognizer) else recognizer.gate
    shapes = Gate([_Only(wanted)])

    @settings(max_examples=4, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(form.regex))
    def fires(text: str) -> None:
        for candidate in (before + text for before in ("", " ", "x", "号", "Tel: ")):
            if _without_checks(recognizer, form, candidate):
                assert shapes.open(candidate)

    fires()


class _Only(CheckedPatternRecognizer):
    """A gate and nothing behind it."""

    def __init__(self, gate: Sequence[str]) -> None:
        super().__init__("X", [("x", 0.5)], name="Only", gate=gate)


PARTS = st.one_of(
    st.sampled_from(
        [*LABELS, "@", "://", "www.", "password: ", "QQ", "微信", "-----BEGIN PRIVATE KEY-----", ".eyJ", "sk-", "+", "年3月5日"]
    ),
    st.sampled_from(
        ["4111111111111111", "219-09-9999", "(212) 555-0198", "13812345678", "11010519491231002X", "DE89370400440532013000"]
    ),
    st.text(alphabet=string.digits + " -./():" + "ABXabx京Ａ１@", max_size=14),
    st.text(max_size=4),
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PARTS, max_size=8), st.sampled_from(["", " ", "\n", "："]))
def test_nobody_finds_what_the_gate_kept_from_it(parts: list[str], joint: str) -> None:
    assert _unseen(joint.join(parts), list(PACK)) == []


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PARTS, max_size=8), st.sampled_from(["", " ", "-", "."]))
def test_looking_only_where_a_match_can_begin_loses_none(parts: list[str], joint: str) -> None:
    text = joint.join(parts)
    for recognizer, form in FORMS:
        if recognizer.starts is not None:
            places = [place.start() for place in recognizer.starts.finditer(text)]
            assert _spans(form.matches(text, places)) == _spans(form.matches(text, None)), _name(recognizer)


@given(st.sampled_from(["tax file", "Aadhaar", "a/c", "身份证", "p. iva"]), st.data())
def test_the_gate_of_words_fires_in_either_case(word: str, data: st.DataObject) -> None:
    spelled = "".join(data.draw(st.sampled_from([c.lower(), c.upper()])) for c in word)
    assert Gate([_Only([context_gate([word])])]).open(f"x{spelled}x")


@pytest.mark.parametrize(
    "text",
    [
        "The committee met on several occasions during the winter of 2019 and agreed that 12 of its 30 members should stay.",
        "委员会在2019年的冬天里开了12次会，并一致认为该计划虽然昂贵，但值得再看一遍。",
        "def total(items):\n    return sum(item.price * 3 for item in items if item.stock > 100)\n",
    ],
)
def test_clean_text_opens_nothing(text: str) -> None:
    assert len(GATE.open(text)) == 0


def test_a_recognizer_without_a_gate_always_looks() -> None:
    own = PatternRecognizer("TICKET", patterns=[Pattern("ticket", "TCK-[0-9]{4}", 0.6)])
    gated = _Only(["x"])
    gate = Gate([own, gated])
    assert list(gate.open("")) == list(gate.open("plain")) == [own]
    assert list(gate.open("x")) == [own, gated]


def test_all_expressions_of_a_gate_must_fire() -> None:
    gate = Gate([_Only(["[0-9]{3}", "(?i)word"])])
    assert not gate.open("123")
    assert not gate.open("WORD")
    assert gate.open("123 WORD")


def test_however_many_words_there_are_only_their_own_recognizers_look() -> None:
    shaped = [_Only(["[0-9]{3}", f"(?i)word{n}x|单词{n}号"]) for n in range(40)]
    plain = [_Only([f"(?i)name{n}x"]) for n in range(40)]
    other = _Only(["[0-9]{3}", "x[0-9]y"])
    gate = Gate([*shaped, other, *plain])
    assert list(gate.open("123 WORD7x")) == [shaped[7]]
    assert list(gate.open("NAME3X 123 单词39号 x5y")) == [shaped[39], other, plain[3]]
    assert not gate.open("WORD7x x5y")


@pytest.mark.parametrize("regex", ["[0-9]?x", "[0-9]*x", "[0-9]{0,2}x", "x|[0-9]", "(?:[0-9])?x", r"[\][0-9]+", r"\[[0-9]?"])
def test_a_digit_that_may_be_missing_is_not_waited_for(regex: str) -> None:
    assert Gate([_Only([regex])]).open("x[")


@pytest.mark.parametrize("regex", ["[0-9]{2}", "(?i)box [0-9]", "[A-Z]{2} ?[1-9][0-9]"])
def test_an_expression_that_begins_with_something_else_may_need_a_digit(regex: str) -> None:
    gate = Gate([_Only([regex])])
    assert not gate.open("BOX XX")
    assert gate.open("BOX 12 XX 12")


def test_a_lone_surrogate_is_looked_at() -> None:
    assert "Email" in {_name(r) for r in GATE.open("\ud800 bob@example.com")}


def test_gates_speak_re2() -> None:
    assert not any(re.search(r"\(\?[=!<]", g) for r in PACK if isinstance(r, Gated) for g in r.gate)
