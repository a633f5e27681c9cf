from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.kept import Kept, Standing, standing
from gateway.obligations import EntityRules, OperatorKind

ENTITIES = ["PERSON", "URL", "EMAIL_ADDRESS"]
ALL = [*ENTITIES, "UNHEARD_OF"]
rules = st.builds(
    EntityRules, st.sampled_from(OperatorKind), st.dictionaries(st.sampled_from(ENTITIES), st.sampled_from(OperatorKind))
)


STANDINGS = {OperatorKind.KEEP: Standing.KEPT, OperatorKind.BLOCK: Standing.BLOCKED}


@given(rules)
def test_it_says_what_the_rules_say(one: EntityRules) -> None:
    kept = Kept.by(one)
    assert [entity in kept for entity in ALL] == [one.operator(entity) is OperatorKind.KEEP for entity in ALL]
    stand = [STANDINGS.get(one.operator(entity), Standing.TREATED) for entity in ALL]
    assert [standing(entity, kept) for entity in ALL] == stand


def test_a_plain_container_blocks_nothing() -> None:
    assert [standing(entity, {"URL"}) for entity in ("URL", "PERSON")] == [Standing.KEPT, Standing.TREATED]


@given(rules, rules)
def test_equal_means_the_same_and_different_means_something(one: EntityRules, other: EntityRules) -> None:
    said = ([STANDINGS.get(rules.operator(e), Standing.TREATED) for e in ALL] for rules in (one, other))
    same = next(said) == next(said)
    assert (Kept.by(one) == Kept.by(other)) is same
    if same:
        assert hash(Kept.by(one)) == hash(Kept.by(other))
