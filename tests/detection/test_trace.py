from __future__ import annotations

import pytest

from gateway.detection.readings.reading import ReadingKind
from gateway.detection.recognizers.registry import pattern_recognizers
from gateway.detection.trace import Explanation, Tracer


@pytest.fixture(scope="module")
def tracer() -> Tracer:
    return Tracer(pattern_recognizers())


def _only(tracer: Tracer, text: str) -> Explanation:
    (explanation,) = tracer.trace(text, tracer.analyze(text)).explanations
    return explanation


def test_the_word_and_the_check_that_decided_are_named(tracer: Tracer) -> None:
    (vote,) = _only(tracer, "The hotel's routing number 021000021 is right.").votes
    assert (vote.finding.recognizer, vote.lost) == ("AbaRouting", False)
    assert vote.reason == "form, its check passed, after the word 'routing'"


def test_a_word_inside_a_longer_one_did_not_decide(tracer: Tracer) -> None:
    votes = _only(tracer, "Phone of the hotel: 7946 0321").votes
    assert any("after the word 'Phone'" in vote.reason for vote in votes)
    assert not any("'tel'" in vote.reason for vote in votes)


def test_what_was_lost_in_resolution_is_told(tracer: Tracer) -> None:
    text = "护照 E12345678"
    explanation = _only(tracer, text)
    assert [(v.finding.entity, v.lost) for v in explanation.votes if not v.lost] == [(explanation.finding.entity, False)]
    assert {vote.finding.entity for vote in explanation.votes} == {"CN_PASSPORT", "PASSPORT_NUMBER"}


def test_the_normalised_reading_is_told(tracer: Tracer) -> None:
    explanation = _only(tracer, "card ４５３９\u200b148803436467 please")
    assert explanation.reading == "4539148803436467"
    assert any("its check passed" in vote.reason for vote in explanation.votes)
    assert _only(tracer, "card 4539148803436467 please").reading is None


@pytest.mark.parametrize(
    ("text", "value", "how"),
    [
        ("mail jane%40example.com", "jane@example.com", "read decoded"),
        ("mail amFuZS5yb2VAZXhhbXBsZS5jb20=", "jane.roe@example.com", "read decoded"),
        ("card 4.5.3.9.1.4.8.8.0.3.4.3.6.4.6.7", "4539148803436467", "read joined"),
        ("card 4539\u200b148803436467", "4539148803436467", "read in plain characters"),
    ],
)
def test_the_reading_that_a_finding_comes_from_is_told(tracer: Tracer, text: str, value: str, how: str) -> None:
    explanation = _only(tracer, text)
    assert explanation.reading == value
    (vote,) = [vote for vote in explanation.votes if not vote.lost]
    assert vote.reason.endswith(how)
    assert str(vote.reading) in how


def test_what_every_reading_says_is_told_of_the_text_as_it_is(tracer: Tracer) -> None:
    votes = _only(tracer, "１ mail jane@example.com").votes
    assert [(vote.reading, vote.value) for vote in votes] == [(ReadingKind.AS_IT_IS, "jane@example.com")]


def test_votes_on_what_is_no_finding_are_dropped_ones(tracer: Tracer) -> None:
    """As where policy allows the value."""
    trace = tracer.trace("mail jane@example.com", ())
    assert trace.explanations == ()
    assert [vote.finding.entity for vote in trace.dropped] == ["EMAIL_ADDRESS"]


def test_blank_text(tracer: Tracer) -> None:
    assert tracer.trace(" \n", ()).explanations == ()


def test_no_value_in_a_repr(tracer: Tracer) -> None:
    assert "４５" not in repr(_only(tracer, "card ４５３９148803436467 please"))
    assert "45391" not in repr(_only(tracer, "card ４５３９148803436467 please"))
