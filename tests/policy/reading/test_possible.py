from __future__ import annotations

import pytest

from tests.support.policy_files import LEVELS, Load, Refuse


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        ("app: {}", "app: {route: {regions: [eu]}}", "{regions", "no deployment of model 'small' meets: region eu"),
        (
            "app: {}",
            "app: {route: {labels: [gpu, audited]}}",
            "{labels",
            "no deployment of model 'small' meets: label audited or gpu",
        ),
        ("clerk: {}", "clerk: {route: {kinds: [fhe]}}", "{kinds", "no deployment of model 'chat' meets: kind fhe"),
        (
            "clerk: {}",
            "clerk: {route: {regions: [eu], labels: [other]}}",
            "{regions",
            "no deployment of model 'chat' meets: region eu; label other",
        ),
    ],
)
def test_a_model_that_no_deployment_can_serve(refuse: Refuse, old: str, new: str, at: str, message: str) -> None:
    text = LEVELS.replace(old, new)
    problem = refuse(text)[0]
    assert text.splitlines()[problem.line - 1][problem.column - 1 :].startswith(at)
    assert (problem.message, problem.fix) == (message, "remove the model here, or demand less")


def test_a_demand_of_the_organisation_is_told_where_the_model_is_granted(refuse: Refuse, load: Load) -> None:
    text = LEVELS.replace("organisation:\n", "organisation:\n  route: {regions: [eu]}\n")
    (problem,) = refuse(text)
    assert text.splitlines()[problem.line - 1][problem.column - 1 :] == "[chat, small]"
    load(text.replace("[chat, small]", "[chat]"))


def test_spending_can_be_limited_where_prices_are_known(refuse: Refuse, load: Load) -> None:
    text = LEVELS.replace("clerk: {}", "clerk: {limits: {spend: 5/day}}")
    (problem,) = refuse(text)
    assert text.splitlines()[problem.line - 1][problem.column - 1 :].startswith("5/day")
    assert problem.message == "model 'chat' has no price"
    load(text.replace("[berlin, harbin]}", "[berlin, harbin], price: {output: 0.5}}"))


def test_a_model_whose_spending_is_limited_needs_a_price(refuse: Refuse) -> None:
    text = LEVELS.replace("[berlin, harbin]}", "[berlin, harbin], limits: {spend: 5/day}}")
    (problem,) = refuse(text)
    assert text.splitlines()[problem.line - 1][problem.column - 1 :].startswith("5/day")
    assert (problem.message, problem.fix) == ("this model has no price", "add 'price: {input: ..., output: ...}' to it")


def test_a_model_does_not_say_who_is_counted_by_one_process_alone(refuse: Refuse, load: Load) -> None:
    text = LEVELS.replace("[berlin, harbin]}", "[berlin, harbin], limits: {when_unavailable: count_locally}}")
    (problem,) = refuse(text)
    assert text.splitlines()[problem.line - 1][problem.column - 1 :].startswith("count_locally")
    assert problem.message == "a model can only refuse"
    load(text.replace("count_locally", "refuse"))
