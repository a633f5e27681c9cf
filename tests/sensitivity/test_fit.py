from __future__ import annotations

from gateway.sensitivity.fit import fitted, lessons
from gateway.sensitivity.verdict import scores
from gateway.sensitivity.weights import STARTER, read_weights


def test_a_word_of_the_house_is_learnt_on_top_of_what_was_known() -> None:
    start = read_weights(STARTER)
    texts = ["status of zyklotron Bluebird", "Bluebird zyklotron milestones"] * 20 + [
        "status of the garden",
        "train times",
    ] * 20
    labels = [frozenset({"trade_secret"})] * 40 + [frozenset[str]()] * 40
    learnt = fitted(lessons(texts, labels), penalty=1e-3, start=start, rounds=60)
    assert (
        scores(learnt, "zyklotron Bluebird budget")["trade_secret"]
        > 0.5
        > scores(start, "zyklotron Bluebird budget")["trade_secret"]
    )
    ill = "The patient was diagnosed with cancer, chemotherapy starts."
    assert scores(learnt, ill)["health"] >= 0.5
