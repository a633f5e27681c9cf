from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.rule_places import path_of, place_of
from tests.support.policy_files import Load
from tests.support.policy_suites import POLICY


def test_a_rule_has_a_place_in_its_file(load: Load) -> None:
    loaded = load(POLICY)
    lines = POLICY.splitlines()
    for rule, text in (
        ("tenants.demo.models", "models: [small]"),
        ("tenants.demo.rules.crowds", "crowds:"),
        ("purposes.letters.consent", "letters: {"),
        ("models.small.surfaces", "small: {"),
    ):
        line, column = place_of(loaded, rule) or (0, 0)
        assert lines[line - 1][column - 1 :].startswith(text), rule
    assert place_of(loaded, "default-deny") is None


def test_names_with_dots_are_read_in_every_way() -> None:
    data = {"models": {"gpt-4.1": {"surfaces": []}, "gpt-4": {}}, "tenants": {"a.b": {"rules": {"c.d": {}}}, "a": {"b": {}}}}
    assert path_of(data, "models.gpt-4.1.surfaces") == ("models", "gpt-4.1", "surfaces")
    assert path_of(data, "tenants.a.b.rules.c.d") == ("tenants", "a.b", "rules", "c.d")
    assert path_of(data, "tenants.a.b") in {("tenants", "a.b"), ("tenants", "a", "b")}
    assert path_of(data, "elsewhere") == ()


@given(st.lists(st.sampled_from(["a", "b", "a.b", "b.c", "c"]), min_size=1, max_size=4))
def test_every_path_is_found_again(path: list[str]) -> None:
    data: object = {}
    for step in reversed(path):
        data = {step: data}
    assert list(path_of(data, ".".join(path))) == path
