from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.kept import Kept
from gateway.exchange import EntityRules, OperatorKind

ENTITIES = ["PERSON", "URL", "EMAIL_ADDRESS"]
ALL = [*ENTITIES, "UNHEARD_OF"]
rules = st.builds(
    EntityRules, st.sampled_from(OperatorKind), st.dictionaries(st.sampled_from(ENTITIES), st.sampled_from(OperatorKind))
)


@given(rules)
def test_it_says_what_the_rules_say(one: EntityRules) -> None:
    kept = Kept.by(one)
    assert [entity in kept for entity in ALL] == [one.operator(entity) is OperatorKind.KEEP for entity in ALL]


@given(rules, rules)
def test_equal_means_the_same_and_different_means_something(one: EntityRules, other: EntityRules) -> None:
    same = all((one.operator(e) is OperatorKind.KEEP) is (other.operator(e) is OperatorKind.KEEP) for e in ALL)
    assert (Kept.by(one) == Kept.by(other)) is same
    if same:
        assert hash(Kept.by(one)) == hash(Kept.by(other))
